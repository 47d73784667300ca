//! `labels`, `commonLabels`, `commonAnnotations`: pairs that go into maps.

use super::fail::{Failure, Outcome};
use super::fields::{Create, each};
use super::resource::Resource;
use super::spec::FieldSpec;
use super::texts::{self, Texts};
use crate::source::Span;
use crate::tree::{Input, StepKind, Text, Value};

/// A pair with its places.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub key: Text,
    pub key_span: Span,
    pub value: Text,
    pub span: Span,
}

impl Pair {
    /// The pairs of a map of strings, sorted by key.
    pub fn all(map: Option<&Value>, texts: &Texts) -> Vec<Self> {
        let entries = map.map(Value::entries).unwrap_or_default();
        let mut pairs: Vec<Self> = entries
            .iter()
            .map(|e| Self { key: e.key.clone(), key_span: e.key_span, value: texts.raw(&e.value), span: e.value.span })
            .collect();
        pairs.sort_by(|a, b| a.key.cmp(&b.key));
        pairs
    }
}

/// Puts pairs into every map that the specs name.
pub(super) fn put(resources: &mut [Resource], pairs: &[Pair], specs: &[FieldSpec], texts: &Texts) -> Outcome {
    if pairs.is_empty() {
        return Ok(());
    }
    for resource in resources.iter_mut().filter(|r| !r.is_empty()) {
        let gvk = resource.gvk(texts);
        // What is put into one resource where nothing was is one value in several places, and stays so: see `shared`.
        let new: Vec<Value> = pairs.iter().map(|pair| made(pair, None)).collect();
        for spec in specs {
            each(&mut resource.value, &gvk, spec, Create::Map, &mut |map| {
                pairs.iter().zip(&new).try_for_each(|(pair, value)| put_one(map, pair, value))
            })?;
        }
    }
    Ok(())
}

fn put_one(map: &mut Value, pair: &Pair, new: &Value) -> Outcome {
    if map.is_null() {
        *map = Value::map(Vec::new(), map.span);
    }
    if map.as_map().is_none() {
        return Err(Failure::new(
            map.span,
            format!("a {} stands where `{}` goes into a map", map.type_name(), pair.key),
        ));
    }
    let value = match map.get(&pair.key) {
        Some(old) => made(pair, Some(old)),
        None => new.clone(),
    };
    texts::set(map, &pair.key, pair.key_span, value);
    Ok(())
}

fn made(pair: &Pair, old: Option<&Value>) -> Value {
    let inputs = old.map(|old| Input { span: old.span, origin: old.origin.clone() }).into_iter().collect();
    let value = texts::string(pair.value.clone(), pair.span);
    let origin = value.origin.push(StepKind::Overlay, pair.span, None, inputs);
    value.with_origin(origin)
}
