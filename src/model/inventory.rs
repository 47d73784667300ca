//! The resources of a stamp, found by kind or type without a walk.

use std::collections::HashMap;
use std::sync::Arc;

use xxhash_rust::xxh3::Xxh3;

use super::Resource;

/// All resources that a stamp consists of, its own and those that it shares, in the order of its files.
#[derive(Debug, Default)]
pub struct Inventory {
    all: Vec<Arc<Resource>>,
    by_kind: HashMap<String, Vec<usize>>,
    kubernetes_key: u128,
    azure_key: u128,
}

impl Inventory {
    /// Indexes resources.
    #[must_use]
    pub fn new(all: Vec<Arc<Resource>>) -> Self {
        let mut by_kind: HashMap<String, Vec<usize>> = HashMap::new();
        let (mut kubernetes, mut azure) = (Xxh3::new(), Xxh3::new());
        for (i, resource) in all.iter().enumerate() {
            // Sharing is by pointer: stamps that hold the same objects have the same key, and are judged once.
            let pointer = (Arc::as_ptr(resource) as usize).to_le_bytes();
            if resource.is_kubernetes() {
                kubernetes.update(&pointer);
                by_kind.entry(resource.kind().to_owned()).or_default().push(i);
            } else {
                azure.update(&pointer);
                by_kind.entry(resource.azure_type().to_ascii_lowercase()).or_default().push(i);
            }
        }
        Self { all, by_kind, kubernetes_key: kubernetes.digest128(), azure_key: azure.digest128() }
    }

    /// Every resource.
    #[must_use]
    pub fn all(&self) -> &[Arc<Resource>] {
        &self.all
    }

    /// Kubernetes objects of a kind, of any API group.
    pub fn kind<'i>(&'i self, kind: &str) -> impl Iterator<Item = &'i Arc<Resource>> + use<'i> {
        self.indexed(kind)
    }

    /// Azure resources of a type, without regard to case.
    pub fn azure<'i>(&'i self, ty: &str) -> impl Iterator<Item = &'i Arc<Resource>> + use<'i> {
        self.indexed(&ty.to_ascii_lowercase())
    }

    fn indexed<'i>(&'i self, key: &str) -> impl Iterator<Item = &'i Arc<Resource>> + use<'i> {
        self.by_kind.get(key).map(Vec::as_slice).unwrap_or_default().iter().filter_map(|i| self.all.get(*i))
    }

    /// Equal for stamps that hold the very same Kubernetes objects.
    #[must_use]
    pub fn kubernetes_key(&self) -> u128 {
        self.kubernetes_key
    }

    /// Equal for stamps that hold the very same Azure resources.
    #[must_use]
    pub fn azure_key(&self) -> u128 {
        self.azure_key
    }
}
