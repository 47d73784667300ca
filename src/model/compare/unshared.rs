//! What stamps do not have in common anyway.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{Resource, Stamp};

/// Each stamp's Kubernetes objects without those that all of the stamps take from the same place: these cannot differ.
#[must_use]
pub fn unshared<'s>(stamps: &[&'s Stamp]) -> Vec<Vec<&'s Arc<Resource>>> {
    let mut keys = stamps.iter().map(|s| s.inventory.kubernetes_key());
    let first = keys.next();
    if keys.all(|k| Some(k) == first) {
        return vec![Vec::new(); stamps.len()];
    }
    let objects = |stamp: &'s Stamp| stamp.inventory.all().iter().filter(|r| r.is_kubernetes());
    // How many stamps hold an object, and the last one that did: one may hold it twice.
    let mut holders: HashMap<*const Resource, (usize, usize)> = HashMap::new();
    for (i, stamp) in stamps.iter().enumerate() {
        for resource in objects(stamp) {
            let held = holders.entry(Arc::as_ptr(resource)).or_insert((0, usize::MAX));
            if held.1 != i {
                *held = (held.0 + 1, i);
            }
        }
    }
    let differs = |r: &&Arc<Resource>| holders.get(&Arc::as_ptr(r)).is_none_or(|(count, _)| *count < stamps.len());
    stamps.iter().map(|stamp| objects(stamp).filter(differs).collect()).collect()
}
