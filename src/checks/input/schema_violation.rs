//! `schema-violation`: fields that the catalogue relies on have the type that the API gives them, so that no rule passes
//! because it could not read.

use std::sync::Arc;

use super::schema::{AZURE, CONTAINER, KUBERNETES, POD, Type, is_text};
use crate::model::{Resource, kubernetes};
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Case, Kind, Path, Value};

/// Judges one resource.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let resource = cx.resource;
    if resource.is_kubernetes() {
        let group = resource.group();
        let rows = KUBERNETES.iter().filter(|(g, k, _, _)| fits(g, group) && (*k == "*" || *k == resource.kind()));
        for (_, _, pattern, ty) in rows {
            judge(resource, &resource.body, &Path::root(), pattern, *ty, Case::Exact, out);
        }
        for pod in kubernetes::pods(resource) {
            let spec = pod.path.join("spec");
            for (pattern, ty) in POD {
                judge(resource, pod.spec, &spec, pattern, *ty, Case::Exact, out);
            }
            if let Some(labels) = pod.metadata.and_then(|m| m.get("labels")) {
                report(resource, labels, pod.path.join("metadata").join("labels"), Type::Labels, out);
            }
            for container in kubernetes::containers(&pod) {
                for (pattern, ty) in CONTAINER {
                    judge(resource, container.value, &container.path, pattern, *ty, Case::Exact, out);
                }
                image_missing(resource, &container, out);
            }
        }
    } else {
        let ty = resource.azure_type();
        for (_, pattern, wanted) in AZURE.iter().filter(|(t, _, _)| ty.eq_ignore_ascii_case(t)) {
            judge(resource, &resource.body, &Path::root(), pattern, *wanted, Case::Ignore, out);
        }
    }
}

fn fits(row: &str, group: &str) -> bool {
    row == "*" || row == group || (row == "projectcalico.org" && group == "crd.projectcalico.org")
}

fn judge(resource: &Arc<Resource>, root: &Value, base: &Path, pattern: &str, ty: Type, case: Case, out: &mut Findings) {
    for (path, value) in root.select(pattern, case) {
        report(resource, value, base.extend(&path), ty, out);
    }
}

fn report(resource: &Arc<Resource>, value: &Value, path: Path, ty: Type, out: &mut Findings) {
    if ty.takes(value) {
        return;
    }
    // Of a map of strings the entry that is none is the place.
    if let (Type::Labels, Kind::Map(map)) = (ty, &value.kind) {
        for entry in map.iter().filter(|e| !is_text(&e.value)) {
            push(resource, path.join(&entry.key), &entry.key, &entry.value, Type::Text, out);
        }
        return;
    }
    let name = path.0.iter().rev().find_map(|s| match s {
        crate::tree::Segment::Key(key) => Some(key.to_string()),
        _ => None,
    });
    push(resource, path, &name.unwrap_or_default(), value, ty, out);
}

fn push(resource: &Arc<Resource>, path: Path, name: &str, value: &Value, ty: Type, out: &mut Findings) {
    let said = match &value.kind {
        Kind::String(text) => format!("`{text}`"),
        Kind::Number(n) => format!("the number `{n}`"),
        Kind::Bool(b) => format!("the boolean `{b}`"),
        _ => format!("a {}", value.type_name()),
    };
    let message = format!("`{name}` of {} is {said}, the API takes {}", resource.noun(), ty.words());
    out.push(Finding::at(resource, path, message).label(format!("takes {}", ty.words())));
}

/// A container without an image. Kinds that put their own image in are not asked.
fn image_missing(resource: &Arc<Resource>, container: &kubernetes::Container<'_>, out: &mut Findings) {
    let filled_in = !matches!(resource.group(), "" | "apps" | "batch");
    let absent = container.value.get("image").is_none_or(|v| v.is_null() || v.as_str() == Some(""));
    if absent && !filled_in && container.value.as_map().is_some() {
        let name = container.value.get("name").and_then(Value::as_str).unwrap_or("?");
        let message = format!("container `{name}` of {} has no `image`", resource.noun());
        out.push(Finding::at(resource, container.path.join("image"), message).label("no `image`"));
    }
}
