//! `data.inventory`: the other objects, in Gatekeeper's shape.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use regorus::Value as Rego;

use super::matching::Namespace;
use super::object::{gvk, metadata};
use crate::rule::rego::project;
use crate::tree::Value;

/// All objects that a constraint may look at. The engine's value of them is made when the first policy asks.
#[derive(Debug, Default)]
pub struct Inventory<'t> {
    objects: Vec<&'t Value>,
    namespaces: HashMap<&'t str, &'t Value>,
    value: OnceLock<Rego>,
}

impl<'t> Inventory<'t> {
    /// From objects; of those with one name the last counts.
    #[must_use]
    pub fn new(objects: impl IntoIterator<Item = &'t Value>) -> Self {
        let objects: Vec<&Value> = objects.into_iter().collect();
        let namespaces = objects
            .iter()
            .filter(|o| matches!(gvk(o), ("", _, "Namespace")))
            .map(|o| (metadata(o, "name"), *o))
            .collect();
        Self { objects, namespaces, value: OnceLock::new() }
    }

    /// The object of a namespace.
    #[must_use]
    pub fn namespace(&self, name: &str) -> Namespace<'t> {
        match self.namespaces.get(name) {
            Some(found) => Namespace::Known(found),
            None => Namespace::Absent,
        }
    }

    /// `{"inventory": {"cluster": …, "namespace": …}}`.
    pub fn value(&self) -> &Rego {
        self.value.get_or_init(|| self.made(None))
    }

    /// The same with objects of some kinds only; of all kinds where `None`. A policy that looks up one kind pays for no
    /// other.
    #[must_use]
    pub fn of_kinds(&self, kinds: Option<&BTreeSet<String>>) -> Rego {
        match kinds {
            None => self.value().clone(),
            some => self.made(some),
        }
    }

    fn made(&self, kinds: Option<&BTreeSet<String>>) -> Rego {
        {
            let mut root = Tree::default();
            for object in &self.objects {
                let (group, version, kind) = gvk(object);
                if kinds.is_some_and(|kinds| !kinds.contains(kind)) {
                    continue;
                }
                let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
                let (namespace, name) = (metadata(object, "namespace"), metadata(object, "name"));
                let tail = [api_version.as_str(), kind, name];
                let body = project(object).value;
                if namespace.is_empty() {
                    root.put(["inventory", "cluster"].into_iter().chain(tail), body);
                } else {
                    root.put(["inventory", "namespace", namespace].into_iter().chain(tail), body);
                }
            }
            if root.below.is_empty() {
                root.put(["inventory"].into_iter(), Rego::new_object());
            }
            root.into_value()
        }
    }
}

#[derive(Default)]
struct Tree {
    below: BTreeMap<String, Tree>,
    leaf: Option<Rego>,
}

impl Tree {
    fn put<'k>(&mut self, keys: impl Iterator<Item = &'k str>, leaf: Rego) {
        let mut at = self;
        for key in keys {
            at = at.below.entry(key.to_owned()).or_default();
        }
        at.leaf = Some(leaf);
    }

    fn into_value(self) -> Rego {
        match self.leaf {
            Some(leaf) => leaf,
            None => {
                let entries = self.below.into_iter().map(|(k, v)| (Rego::from(k), v.into_value()));
                Rego::from(entries.collect::<BTreeMap<_, _>>())
            }
        }
    }
}
