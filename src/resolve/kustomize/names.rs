//! `namePrefix`, `nameSuffix`, and the hash that generated objects get.

use super::fail::{Failure, Outcome};
use super::fields::{Create, each};
use super::hash;
use super::id::Gvk;
use super::resource::Resource;
use super::spec::FieldSpec;
use super::texts::{self, Texts};
use crate::source::Span;
use crate::tree::{Input, Kind, StepKind, Value};

/// Before or after the name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Prefix,
    Suffix,
}

/// Adds text to names.
pub(super) fn affix(
    resources: &mut [Resource],
    affix: &Value,
    side: Side,
    specs: &[FieldSpec],
    texts: &Texts,
) -> Outcome {
    let text = affix.as_str().unwrap_or_default();
    for resource in resources.iter_mut().filter(|r| !r.is_empty()) {
        let original = resource.original_id(texts).gvk;
        if keeps_its_name(&original) {
            continue;
        }
        for spec in specs.iter().filter(|s| original.is_selected_by(&s.gvk)) {
            if spec.path == "metadata/name" && !text.is_empty() {
                match side {
                    Side::Prefix => resource.prefixes.push(text.into()),
                    Side::Suffix => resource.suffixes.push(text.into()),
                }
                resource.remember_id(texts);
            }
            let gvk = resource.gvk(texts);
            each(&mut resource.value, &gvk, spec, Create::Scalar, &mut |v| {
                let old = texts.raw(v);
                let new = match side {
                    Side::Prefix => format!("{text}{old}"),
                    Side::Suffix => format!("{old}{text}"),
                };
                rename(v, &new, affix.span)
            })?;
        }
    }
    Ok(())
}

fn keeps_its_name(gvk: &Gvk) -> bool {
    matches!(gvk.kind.as_str(), "CustomResourceDefinition" | "Namespace")
        || (gvk.kind == "APIService" && gvk.group == "apiregistration.k8s.io")
}

/// A name that is put together from the base's and what the overlay says at `span`.
pub(super) fn rename(field: &mut Value, name: &str, span: Span) -> Outcome {
    if !texts::is_scalar(field) {
        return Err(Failure::new(field.span, format!("a {} stands where a name was expected", field.type_name())));
    }
    let input = Input { span: field.span, origin: field.origin.clone() };
    let mut value = Value::new(texts::retyped(name, field), span);
    value.style = field.style;
    value.origin = value.origin.push(StepKind::Overlay, span, None, Box::new([input]));
    *field = value;
    Ok(())
}

/// Adds the hash of their content to the names of generated objects.
pub(super) fn add_hashes(resources: &mut [Resource], texts: &Texts) {
    for resource in resources.iter_mut().filter(|r| r.needs_hash && !r.is_empty()) {
        let hash = hash::of(&resource.value, texts);
        resource.remember_id(texts);
        let name = format!("{}-{hash}", resource.name(texts));
        if let Some(field) = resource.value.get_mut("metadata").and_then(|m| m.get_mut("name"))
            && texts::is_scalar(field)
        {
            // The name is still the one that the generator's entry gives.
            field.kind = Kind::String(name.into());
        }
    }
}
