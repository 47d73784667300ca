//! `schema-violation`: fields that the catalogue relies on have the type that the API gives them, so that no rule passes
//! because it could not read.

use std::sync::Arc;

use super::schema::{AZURE, CONTAINER, OPERATORS, POD, POD_SELECTORS, SELECTORS, Type, is_for, is_text, rows};
use super::template::unrendered;
use crate::model::image::Reference;
use crate::model::{Resource, kubernetes};
use crate::resolve::template::is_placeholder;
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Case, Kind, Path, Value};

/// Judges one resource.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let resource = cx.resource;
    if resource.is_kubernetes() {
        for (pattern, ty) in rows(resource) {
            judge(resource, &resource.body, &Path::root(), pattern, ty, Case::Exact, out);
        }
        for (_, _, pattern) in SELECTORS.iter().filter(|(group, kind, _)| is_for(group, kind, resource)) {
            for (path, selector) in resource.body.select(pattern, Case::Exact) {
                label_selector(resource, selector, &path, out);
            }
        }
        for (path, block) in resource.body.select("spec.ingress[].from[].ipBlock", Case::Exact) {
            if resource.kind() == "NetworkPolicy" && block.as_map().is_some() && absent(block.get("cidr")) {
                missing(resource, path, "cidr", "`ipBlock`", out);
            }
        }
        for pod in kubernetes::pods(resource) {
            let spec = pod.path.join("spec");
            for pattern in POD_SELECTORS {
                for (path, selector) in pod.spec.select(pattern, Case::Exact) {
                    label_selector(resource, selector, &spec.extend(&path), out);
                }
            }
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
                image_malformed(resource, &container, out);
            }
        }
    } else {
        let ty = resource.azure_type();
        for (_, pattern, wanted) in AZURE.iter().filter(|(t, _, _)| ty.eq_ignore_ascii_case(t)) {
            judge(resource, &resource.body, &Path::root(), pattern, *wanted, Case::Ignore, out);
        }
    }
}

/// A label selector: the API refuses it as a whole for one bad expression, and nothing is selected.
fn label_selector(resource: &Arc<Resource>, selector: &Value, path: &Path, out: &mut Findings) {
    if selector.as_map().is_none() {
        return report(resource, selector, path.clone(), Type::Map, out);
    }
    for (below, labels) in selector.select("matchLabels", Case::Exact) {
        report(resource, labels, path.extend(&below), Type::Labels, out);
    }
    for (below, list) in selector.select("matchExpressions", Case::Exact) {
        report(resource, list, path.extend(&below), Type::List, out);
    }
    for (below, expression) in selector.select("matchExpressions[]", Case::Exact) {
        let path = path.extend(&below);
        if expression.as_map().is_none() {
            report(resource, expression, path, Type::Map, out);
            continue;
        }
        for key in ["key", "operator"] {
            if absent(expression.get(key)) {
                missing(resource, path.clone(), key, "the selector's expression", out);
            }
        }
        let Some(operator) = expression.get("operator").filter(|o| !o.is_null()) else {
            continue;
        };
        report(resource, operator, path.join("operator"), Type::OneOf(OPERATORS), out);
        let values = expression.get("values").filter(|v| !v.is_null());
        let none = values.is_none_or(|v| v.as_list().is_some_and(|l| l.is_empty()));
        match (operator.as_str(), values) {
            (Some("In" | "NotIn"), _) if none => missing(resource, path, "values", "the selector's expression", out),
            (Some("Exists" | "DoesNotExist"), Some(_)) if !none => {
                let message = format!("`values` of {} stand beside an operator that takes none", resource.noun());
                out.push(Finding::at(resource, path.join("values"), message).label("the operator takes none"));
            }
            (_, Some(values)) => report(resource, values, path.join("values"), Type::List, out),
            _ => {}
        }
    }
}

fn absent(value: Option<&Value>) -> bool {
    value.is_none_or(Value::is_null)
}

fn missing(resource: &Arc<Resource>, path: Path, key: &str, of: &str, out: &mut Findings) {
    let message = format!("{of} of {} has no `{key}`", resource.noun());
    out.push(Finding::at(resource, path.join(key), message).label(format!("no `{key}`")));
}

fn judge(resource: &Arc<Resource>, root: &Value, base: &Path, pattern: &str, ty: Type, case: Case, out: &mut Findings) {
    for (path, value) in root.select(pattern, case) {
        report(resource, value, base.extend(&path), ty, out);
    }
}

fn report(resource: &Arc<Resource>, value: &Value, path: Path, ty: Type, out: &mut Findings) {
    // A template that was not rendered is another rule's, and what Flux puts in is nobody's.
    if ty.takes(value) || (ty.is_closed() && resource.is_kubernetes() && unrendered(value, false).is_some()) {
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
        // `2` and "2" look the same in backticks.
        Kind::String(text) if ty.is_no_text() => format!("the string `{text}`"),
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
    if absent && !filled_in && (container.value.as_map().is_some() || container.value.is_null()) {
        let message = format!("{} of {} has no `image`", container.noun(), resource.noun());
        out.push(Finding::at(resource, container.path.join("image"), message).label("no `image`"));
    }
}

/// An image that no container engine takes. What a template was to put in is another rule's.
fn image_malformed(resource: &Arc<Resource>, container: &kubernetes::Container<'_>, out: &mut Findings) {
    let image = container.value.get("image").and_then(Value::as_str).filter(|i| !i.is_empty());
    // `ko` builds and pushes what stands behind its scheme when it applies the manifest.
    let filled_in = |image: &&str| {
        image.starts_with("ko://")
            || is_placeholder(image)
            || image.starts_with("__")
            || ["${", "{{", "$(", "#{", "<"].iter().any(|o| image.contains(o))
    };
    let Some(image) = image.filter(|image| !filled_in(image)) else {
        return;
    };
    if Reference::parse(image).is_err() {
        let message = format!("{} of {} names `{image}`, which is no image", container.noun(), resource.noun());
        let help = "write `registry/repository:tag` or `registry/repository@sha256:…`, the repository in lower case";
        out.push(Finding::at(resource, container.path.join("image"), message).label("no image reference").help(help));
    }
}
