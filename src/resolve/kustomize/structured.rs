//! Replacements that lead into a scalar which holds a document of its own: JSON or YAML in a `ConfigMap`'s data.

use super::fail::Outcome;
use super::hash;
use super::inline;
use super::texts::{self, Texts};
use super::yaml_path::{self, Make};
use crate::read::yaml::Typing;
use crate::resolve::emit;
use crate::source::Span;
use crate::tree::{Kind, Text, Value};

/// Puts a value into the document that a scalar on the path holds. Answers whether there is one with such a field;
/// otherwise nothing was changed.
pub(super) fn put(
    object: &mut Value,
    steps: &[Text],
    value: &Value,
    at: Span,
    set: &mut dyn FnMut(&mut Value, &Value) -> Outcome,
    create: bool,
    texts: &Texts,
) -> bool {
    for depth in 1..steps.len() {
        let (outer, inner) = steps.split_at(depth);
        let Ok(Some(scalar)) = yaml_path::look(object, outer, texts) else {
            continue;
        };
        if !texts::is_scalar(scalar) {
            continue;
        }
        let Some(new) = changed(scalar, inner, value, set, create, texts) else {
            return false;
        };
        let mut done = false;
        let replaced = yaml_path::each(object, &escaped(outer), Make::Nothing, texts, &mut |field| {
            if !done {
                let mut made = texts::string(new.clone(), field.span);
                made.origin = field.origin.push(
                    crate::tree::StepKind::Overlay,
                    at,
                    None,
                    Box::new([crate::tree::Input { span: value.span, origin: value.origin.clone() }]),
                );
                *field = made;
                done = true;
            }
            Ok(())
        });
        return replaced.is_ok() && done;
    }
    false
}

/// Selectors of a path as patterns that match their own text only.
fn escaped(steps: &[Text]) -> Vec<Text> {
    steps
        .iter()
        .map(|step| match step.strip_prefix('[').and_then(|s| s.split_once('=')) {
            Some((key, value)) => {
                let value = value.strip_suffix(']').unwrap_or(value);
                compact_str::format_compact!("[{key}=^{}$]", regex::escape(value))
            }
            None => step.clone(),
        })
        .collect()
}

/// The scalar's document with the value in it, as text.
fn changed(
    scalar: &Value,
    steps: &[Text],
    value: &Value,
    set: &mut dyn FnMut(&mut Value, &Value) -> Outcome,
    create: bool,
    texts: &Texts,
) -> Option<String> {
    let text = scalar.as_str()?;
    let parsed = inline::parse(scalar, texts, Typing::Kustomize);
    if parsed.broken {
        return None;
    }
    let mut document = parsed.documents.into_iter().next()?;
    let make = match (&value.kind, create) {
        (_, false) => Make::Nothing,
        (Kind::Map(_), true) => Make::Map,
        (Kind::List(_), true) => Make::List,
        (_, true) => Make::Scalar,
    };
    let count = yaml_path::each(&mut document, steps, make, texts, &mut |field| set(field, value));
    if !count.is_ok_and(|c| c > 0) {
        return None;
    }
    Some(match text.trim_start().chars().next() {
        Some('{' | '[') => {
            let mut out = String::new();
            if text.contains('\n') && text.contains("  ") {
                hash::write_indented(&document, 0, &mut out);
            } else {
                hash::write_json(&document, &mut out);
            }
            out
        }
        _ => emit::yaml(&document).trim().to_owned(),
    })
}
