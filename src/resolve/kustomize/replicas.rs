//! `replicas`: counts for workloads by name.

use super::fail::{Failure, Outcome};
use super::fields::{Create, each};
use super::resource::Resource;
use super::spec::FieldSpec;
use super::texts::{self, Texts};
use crate::tree::{Input, Kind, StepKind, Value};

/// Applies one entry.
pub(super) fn apply(resources: &mut [Resource], entry: &Value, specs: &[FieldSpec], texts: &Texts) -> Outcome {
    let name_value = entry.get_ci("name");
    let name = name_value.map(|v| texts.raw(v)).unwrap_or_default();
    let count = entry.get_ci("count");
    let number = count.and_then(Value::as_i64).unwrap_or(0);
    let span = count.map_or(entry.span, |v| v.span);
    let mut found = false;
    for spec in specs {
        for resource in resources.iter_mut().filter(|r| !r.is_empty()) {
            let meant = |id: &super::id::ResId| id.name == name && id.gvk.is_selected_by(&spec.gvk);
            if !resource.any_id(texts, meant) {
                continue;
            }
            found = true;
            let gvk = resource.gvk(texts);
            each(&mut resource.value, &gvk, spec, Create::Scalar, &mut |field| {
                if !texts::is_scalar(field) {
                    return Err(Failure::new(field.span, format!("a {} stands where a count goes", field.type_name())));
                }
                let inputs: Box<[Input]> = if field.span.is_none() {
                    Box::default()
                } else {
                    Box::new([Input { span: field.span, origin: field.origin.clone() }])
                };
                let mut value = Value::int(number, span);
                if texts.quoted(field) {
                    value.kind = Kind::String(number.to_string().into());
                    value.style = field.style;
                }
                value.origin = value.origin.push(StepKind::Overlay, span, None, inputs);
                *field = value;
                Ok(())
            })?;
        }
    }
    if found {
        return Ok(());
    }
    Err(Failure::new(
        name_value.map_or(entry.span, |v| v.span),
        format!("`replicas` matches nothing: there is no workload `{name}`"),
    ))
}
