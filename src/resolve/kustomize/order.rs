//! `sortOptions`, and the order of output without them.

use std::cmp::Ordering;

use super::id::{self, ResId};
use super::resource::Resource;
use super::texts::Texts;
use crate::tree::Text;

/// How resources are ordered.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// As they were read.
    Fifo,
    /// By kind, then by name.
    Legacy { first: Vec<Text>, last: Vec<Text> },
}

impl Order {
    /// What `kustomize build` does without being told.
    pub fn usual() -> Self {
        let words = |list: &[&str]| list.iter().map(|k| Text::from(*k)).collect();
        Self::Legacy { first: words(id::FIRST), last: words(id::LAST) }
    }

    pub fn apply(&self, resources: &mut Vec<Resource>, texts: &Texts) {
        let Self::Legacy { first, last } = self else {
            return;
        };
        let mut keyed: Vec<(ResId, Resource)> =
            std::mem::take(resources).into_iter().map(|r| (r.id(texts), r)).collect();
        keyed.sort_by(|(a, _), (b, _)| compare(a, b, first, last));
        *resources = keyed.into_iter().map(|(_, r)| r).collect();
    }
}

fn compare(a: &ResId, b: &ResId, first: &[Text], last: &[Text]) -> Ordering {
    if a.gvk == b.gvk {
        return id_text(a).cmp(&id_text(b));
    }
    let place = |id: &ResId| id::order(&id.gvk.kind, first, last);
    place(a).cmp(&place(b)).then_with(|| {
        let by_text = a.gvk.sort_text().cmp(&b.gvk.sort_text());
        let namespaces = a.gvk.kind == "Namespace" && b.gvk.kind == "Namespace";
        // A Namespace of the core group goes before another group's.
        if namespaces && (a.gvk.group.is_empty() || b.gvk.group.is_empty()) { by_text.reverse() } else { by_text }
    })
}

fn id_text(id: &ResId) -> String {
    let or = |text: &Text, none: &str| {
        if text.is_empty() { none.to_owned() } else { text.to_string() }
    };
    format!("{}|{}", or(&id.namespace, "~X"), or(&id.name, "~N"))
}
