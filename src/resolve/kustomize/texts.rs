//! What scalars look like in their source. kustomize compares and joins the text as written: `1.0` is not `1`.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use super::fail::Failure;
use crate::read::yaml::{Typing, typed};
use crate::source::{Source, SourceId, Span};
use crate::tree::{Entry, Input, Kind, Origin, StepKind, Style, Text, Value};

/// The sources that a build read, by id.
#[derive(Debug, Default)]
pub(super) struct Texts {
    held: RwLock<HashMap<SourceId, Arc<Source>>>,
}

impl Texts {
    pub fn add(&self, source: &Arc<Source>) {
        self.held.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(source.id(), Arc::clone(source));
    }

    pub fn get(&self, id: SourceId) -> Option<Arc<Source>> {
        self.held.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(&id).cloned()
    }

    /// A scalar's text: a string's own, anything else as its source writes it. Empty for lists and maps.
    pub fn raw(&self, value: &Value) -> Text {
        match &value.kind {
            Kind::String(text) => text.clone(),
            _ => self.written(value).unwrap_or_else(|| canonical(value)),
        }
    }

    /// Whether a scalar was in quotes or a block when it was first written. What replaces it since then keeps that, and
    /// so is a string, whatever it looks like.
    pub fn quoted(&self, value: &Value) -> bool {
        let before = |origin: &Origin| -> Option<Input> {
            let mut steps = origin.steps().filter(|step| step.kind == StepKind::Overlay);
            steps.find_map(|step| step.inputs.first().cloned())
        };
        let mut first = before(&value.origin);
        while let Some(earlier) = first.as_ref().and_then(|input| before(&input.origin)) {
            first = Some(earlier);
        }
        let Some(first) = first else { return is_quoted(value) };
        let source = self.get(first.span.source);
        source.is_some_and(|s| s.slice(first.span).starts_with(['"', '\'', '|', '>']))
    }

    /// The source's text of a plain scalar, where it still says what the value is.
    fn written(&self, value: &Value) -> Option<Text> {
        if value.span.is_none() || value.style != Style::Plain {
            return None;
        }
        let source = self.get(value.span.source)?;
        let text = source.slice(value.span);
        same(&typed(text, Typing::Kustomize), &value.kind).then(|| text.into())
    }
}

/// A scalar's text as JSON has it: an object that went through a JSON patch has lost how it was written.
pub(super) fn canonical(value: &Value) -> Text {
    match &value.kind {
        Kind::String(text) => text.clone(),
        Kind::Bool(true) => Text::const_new("true"),
        Kind::Bool(false) => Text::const_new("false"),
        Kind::Number(number) => general(number.as_f64()).into(),
        _ => Text::default(),
    }
}

/// Go's `%g` in its shortest form.
fn general(number: f64) -> String {
    let scientific = format!("{number:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn same(one: &Kind, other: &Kind) -> bool {
    match (one, other) {
        (Kind::Null, Kind::Null) => true,
        (Kind::Bool(a), Kind::Bool(b)) => a == b,
        (Kind::Number(a), Kind::Number(b)) => a == b,
        _ => false,
    }
}

/// Whether a scalar is in quotes or a block.
pub(super) fn is_quoted(value: &Value) -> bool {
    value.style != Style::Plain
}

/// Whether it is a scalar.
pub(super) fn is_scalar(value: &Value) -> bool {
    !matches!(value.kind, Kind::List(_) | Kind::Map(_))
}

/// A string that stays one, whatever it looks like: in quotes where it needs them.
pub(super) fn string(text: impl Into<Text>, span: Span) -> Value {
    let mut value = Value::string(text, span);
    value.style = style_of(value.as_str().unwrap_or_default());
    value
}

fn style_of(text: &str) -> Style {
    if text.contains('\n') {
        Style::Literal
    } else if !matches!(typed(text, Typing::Kubernetes), Kind::String(_)) || looks_like_time(text) {
        Style::Double
    } else {
        Style::Plain
    }
}

/// Whether a plain scalar may be read as a date: `2020-…`.
pub(super) fn looks_like_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().take(4).all(u8::is_ascii_digit) && bytes.get(4) == Some(&b'-')
}

/// Makes every string in it one that stays a string.
pub(super) fn settle_strings(value: &mut Value) {
    match &value.kind {
        Kind::String(text) => value.style = style_of(text),
        Kind::List(_) => value.items_mut().into_iter().flatten().for_each(settle_strings),
        Kind::Map(_) => {
            value.entries_mut().into_iter().flatten().for_each(|e| settle_strings(&mut e.value));
        }
        _ => {}
    }
}

/// The value that text becomes in the place of `old`: typed anew where that was plain.
pub(super) fn retyped(text: &str, old: &Value) -> Kind {
    if is_quoted(old) { Kind::String(text.into()) } else { typed(text, Typing::Kustomize) }
}

/// The value at a path of keys, of maps only.
pub(super) fn at<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v Value> {
    keys.iter().try_fold(value, |value, key| value.get(key))
}

/// The map below a key, made where there is none or null.
///
/// # Errors
/// When something else stands there.
pub(super) fn map_at<'v>(value: &'v mut Value, key: &str) -> Result<&'v mut Value, Failure> {
    let span = value.span;
    if !matches!(value.kind, Kind::Map(_)) {
        return Err(Failure::new(span, format!("a {} stands where a map is needed for `{key}`", value.type_name())));
    }
    match value.get(key) {
        Some(held) if held.as_map().is_some() => {}
        Some(held) if held.is_null() => set(value, key, Span::NONE, Value::map(vec![], held_span(held))),
        Some(held) => {
            return Err(Failure::new(held.span, format!("`{key}` is a {}, not a map", held.type_name())));
        }
        None => set(value, key, Span::NONE, Value::map(vec![], Span::NONE)),
    }
    value.get_mut(key).ok_or_else(|| Failure::new(span, format!("`{key}` is not there")))
}

fn held_span(value: &Value) -> Span {
    value.span
}

/// Sets a key of a map; an entry that is there keeps its key's place. Does nothing to what is no map.
pub(super) fn set(map: &mut Value, key: &str, key_span: Span, value: Value) {
    let Some(entries) = map.entries_mut() else {
        return;
    };
    match entries.iter_mut().find(|e| e.key == key) {
        Some(entry) => {
            if !key_span.is_none() {
                entry.key_span = key_span;
            }
            entry.value = value;
        }
        None => entries.push(Entry::new(key, key_span, value)),
    }
}

/// Takes a key out of a map.
pub(super) fn remove(map: &mut Value, key: &str) -> Option<Value> {
    map.get(key)?;
    let entries = map.entries_mut()?;
    let at = entries.iter().position(|e| e.key == key)?;
    Some(entries.remove(at).value)
}

/// Whether it is null, an empty list or an empty map.
pub(super) fn is_empty(value: &Value) -> bool {
    match &value.kind {
        Kind::Null => true,
        Kind::List(list) => list.is_empty(),
        Kind::Map(map) => map.is_empty(),
        _ => false,
    }
}
