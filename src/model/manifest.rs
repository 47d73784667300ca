//! From a document to the Kubernetes objects in it: itself, or the items of a list.

use std::sync::Arc;

use super::{Existence, Identity, Resource};
use crate::source::Span;
use crate::tree::{Text, Value};

/// Lists in lists beyond this are left alone.
const DEPTH: usize = 8;

/// The objects of a document; none where it is no manifest. `rendered_from` is the chart's template that made it.
#[must_use]
pub fn resources(root: &Value, rendered_from: Option<&Text>) -> Vec<Arc<Resource>> {
    let mut found = Vec::new();
    collect(root, rendered_from, None, DEPTH, &mut found);
    found
}

/// The object that an overlay or chart rendered, declared at a place of its own.
#[must_use]
pub fn rendered(root: &Value, declared: Span) -> Vec<Arc<Resource>> {
    let mut found = resources(root, None);
    for resource in found.iter_mut().filter_map(Arc::get_mut) {
        resource.declared = declared;
    }
    found
}

fn collect(
    root: &Value,
    rendered_from: Option<&Text>,
    list: Option<(&str, &str)>,
    depth: usize,
    found: &mut Vec<Arc<Resource>>,
) {
    if let Some(items) = root.as_list()
        && depth == DEPTH
    {
        // A document that is a bare list of objects, as some templates render them.
        for item in items {
            collect(item, rendered_from, None, depth - 1, found);
        }
        return;
    }
    let written = api_version(root).zip(kind(root).and_then(Value::as_str));
    // The items of a typed list (`PodList`) may leave out what the list says already.
    let Some((api_version, kind_word)) = written.or(list.filter(|_| root.as_map().is_some())) else {
        return;
    };
    if let Some(of) = kind_word.strip_suffix("List")
        && let Some(items) = root.get("items").and_then(Value::as_list)
    {
        let of = (!of.is_empty()).then_some((api_version, of));
        for item in items.iter().filter(|_| depth > 0) {
            collect(item, rendered_from, of, depth - 1, found);
        }
        return;
    }
    let declared = match (kind(root), root.entries().first()) {
        (Some(kind), _) => kind.span,
        (None, Some(first)) => first.key_span,
        (None, None) => root.span,
    };
    let meta = |key: &str| root.get("metadata").and_then(|m| m.get(key)).and_then(Value::as_str).map(Text::from);
    found.push(Arc::new(Resource {
        identity: Identity::Kubernetes {
            api_version: api_version.into(),
            kind: kind_word.into(),
            namespace: meta("namespace").filter(|n| !n.is_empty()),
            name: meta("name").or_else(|| meta("generateName")).unwrap_or_default(),
        },
        declared,
        body: root.clone(),
        existence: Existence::Exists,
        existing: false,
        deployment: None,
        rendered_from: rendered_from.cloned(),
        calls: Arc::from([]),
    }));
}

fn api_version(root: &Value) -> Option<&str> {
    root.get("apiVersion")?.as_str().filter(|v| !v.is_empty())
}

fn kind(root: &Value) -> Option<&Value> {
    root.get("kind").filter(|k| k.as_str().is_some_and(|k| !k.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    fn labels(text: &str) -> Vec<String> {
        let source = Sources::new().add("a.yaml", text);
        yaml::parse(&source).documents.iter().flat_map(|d| resources(&d.root, None)).map(|r| r.label()).collect()
    }

    #[test]
    fn lists_fall_apart_into_their_items() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: ns}\n";
        let one = "{apiVersion: v1, kind: Pod, metadata: {generateName: b-}}";
        assert_eq!(labels(pod), ["Pod/ns/a"]);
        assert_eq!(labels(&format!("apiVersion: v1\nkind: List\nitems: [{one}, {one}, {{}}]\n")), ["Pod/b-", "Pod/b-"]);
        assert_eq!(labels(&format!("apiVersion: v1\nkind: PodList\nitems:\n- {one}\n")), ["Pod/b-"]);
        assert_eq!(labels(&format!("- {one}\n- {one}\n")), ["Pod/b-", "Pod/b-"]);
        assert_eq!(labels("apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: a}}]\n"), ["Pod/a"]);
        assert_eq!(labels("apiVersion: example.com/v1\nkind: AllowList\n").len(), 1);
        assert_eq!(labels("image: x\n---\nkind: Pod\n"), Vec::<String>::new());
    }
}
