//! The versions of Kubernetes that Azure offers, from a dated table.

use std::sync::OnceLock;

#[derive(serde::Deserialize)]
struct Versions {
    minors: Vec<String>,
}

/// The minor versions that are generally available, the newest first: `1.35`.
#[must_use]
pub fn kubernetes_minors() -> &'static [String] {
    static TABLE: OnceLock<Vec<String>> = OnceLock::new();
    TABLE.get_or_init(|| {
        serde_json::from_str::<Versions>(include_str!("../../data/kubernetes-versions.json"))
            .map(|t| t.minors)
            .unwrap_or_default()
    })
}
