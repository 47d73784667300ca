//! Flux's post-build substitution: `${name}` in what an overlay comes to.
//!
//! What is here: the syntax and the values' places. Which overlay is built by which `Kustomization` is for `app` to find.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::read::yaml::{Typing, typed};
use crate::tree::{Entry, Kind, Part, Reason, StepKind, Style, Text, Unknown, Value, WaitsFor};

/// Deeper parts are left as they are.
const DEPTH: usize = 256;

/// The variables of a substitution.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// By name, with their places.
    pub known: BTreeMap<Text, Value>,
    /// Some come from what is not in the tree: a name that is not known may have a value.
    pub open: bool,
}

/// The object with its variables replaced; the same where it asks to be left alone.
#[must_use]
pub fn apply(object: &Value, variables: &Variables) -> Value {
    let disabled = |field: &str| {
        let value = object.get("metadata").and_then(|m| m.get(field)?.get("kustomize.toolkit.fluxcd.io/substitute"));
        value.and_then(Value::as_str) == Some("disabled")
    };
    if disabled("annotations") || disabled("labels") { object.clone() } else { variables.value(object, 0) }
}

impl Variables {
    fn value(&self, value: &Value, depth: usize) -> Value {
        let kind = match &value.kind {
            _ if depth > DEPTH => return value.clone(),
            Kind::Map(map) => {
                let entry = |e: &Entry| Entry::new(self.key(&e.key), e.key_span, self.value(&e.value, depth + 1));
                Kind::Map(Arc::new(map.iter().map(entry).collect::<Vec<_>>().into()))
            }
            Kind::List(list) => {
                Kind::List(Arc::new(list.iter().map(|v| self.value(v, depth + 1)).collect::<Vec<_>>().into()))
            }
            Kind::String(text) if text.contains("${") => return self.text(value, text),
            _ => return value.clone(),
        };
        Value { kind, ..value.clone() }
    }

    fn key(&self, key: &Text) -> Text {
        if !key.contains("${") {
            return key.clone();
        }
        let parts = self.parts(key);
        let known: Option<String> = parts.iter().map(|p| p.text()).collect();
        known.map_or_else(|| key.clone(), Text::from)
    }

    fn text(&self, value: &Value, text: &str) -> Value {
        let pieces = self.parts(text);
        let mut out = value.clone();
        for name in pieces.iter().filter_map(|p| p.from) {
            out.origin = out.origin.then_named(StepKind::Substitution, name.1.span, name.0.clone());
        }
        // All of it is one variable: that is where a person edits.
        if let [Piece { from: Some((name, from)), .. }] = pieces.as_slice() {
            out.span = from.span;
            out.style = Style::Plain;
            out.origin = from.origin.then_named(StepKind::Substitution, value.span, (*name).clone());
        }
        let known: Option<String> = pieces.iter().map(Piece::text).collect();
        out.kind = match known {
            // The text is read again: what stood without quotes may be a number now.
            Some(text) if value.style == Style::Plain => typed(&text, Typing::Kubernetes),
            Some(text) => Kind::String(text.into()),
            None => Kind::Parts(pieces.into_iter().map(Piece::part).collect()),
        };
        out
    }

    fn parts<'v>(&'v self, text: &str) -> Vec<Piece<'v>> {
        let mut pieces: Vec<Piece<'v>> = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            if let Some(before) = before.strip_suffix('$') {
                // `$${` stands for `${`.
                plain.push_str(before);
                plain.push_str("${");
                rest = from.get(2..).unwrap_or_default();
                continue;
            }
            plain.push_str(before);
            let inner = from.get(2..).unwrap_or_default();
            let Some((inside, after)) = inner.split_once('}').filter(|(inside, _)| name(inside).is_some()) else {
                plain.push_str("${");
                rest = inner;
                continue;
            };
            if !plain.is_empty() {
                pieces.push(Piece { kind: PieceKind::Known(std::mem::take(&mut plain)), from: None });
            }
            pieces.push(self.variable(inside));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() || pieces.is_empty() {
            pieces.push(Piece { kind: PieceKind::Known(plain), from: None });
        }
        pieces
    }

    fn variable<'v>(&'v self, inside: &str) -> Piece<'v> {
        let name = name(inside).unwrap_or_default();
        let rest = inside.get(name.len()..).unwrap_or_default();
        let held = self.known.get_key_value(name);
        let unknown = |reason| {
            let unknown = Unknown::new(reason, WaitsFor::Parameter(name.into()));
            Piece { kind: PieceKind::Unknown(Arc::new(unknown)), from: None }
        };
        let known = |text: &str| Piece { kind: PieceKind::Known(text.to_owned()), from: None };
        let default = [":-", ":=", "-", "="].iter().find_map(|sign| rest.strip_prefix(sign));
        if default.is_none() && !rest.is_empty() {
            return unknown(Reason::Function);
        }
        match held {
            Some((name, value)) => match scalar(value) {
                // Empty counts as unset where the sign has a colon.
                Some(text) if text.is_empty() && rest.starts_with(':') => known(default.unwrap_or_default()),
                Some(text) => Piece { kind: PieceKind::Known(text), from: Some((name, value)) },
                None => unknown(Reason::Secure),
            },
            None if self.open => unknown(Reason::Outside),
            None => known(default.unwrap_or_default()),
        }
    }
}

/// The name at the beginning of what stands in braces.
fn name(inside: &str) -> Option<&str> {
    let end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inside.len());
    inside.get(..end).filter(|n| n.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

fn scalar(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::String(text) => Some(text.to_string()),
        Kind::Number(n) => Some(n.to_string()),
        Kind::Bool(b) => Some(b.to_string()),
        Kind::Null => Some(String::new()),
        _ => None,
    }
}

struct Piece<'v> {
    kind: PieceKind,
    /// The variable that it comes from.
    from: Option<(&'v Text, &'v Value)>,
}

enum PieceKind {
    Known(String),
    Unknown(Arc<Unknown>),
}

impl Piece<'_> {
    fn text(&self) -> Option<&str> {
        match &self.kind {
            PieceKind::Known(text) => Some(text),
            PieceKind::Unknown(_) => None,
        }
    }

    fn part(self) -> Part {
        match self.kind {
            PieceKind::Known(text) => Part::Text(text.into()),
            PieceKind::Unknown(unknown) => Part::Unknown(unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    #[test]
    fn variables_are_replaced_as_flux_replaces_them() {
        let sources = Sources::new();
        let read = |text: &str| yaml::parse(&sources.add("a", text)).documents.remove(0).root;
        let values = read("{num: 3, tag: '1.2', empty: ''}");
        let known = values.entries().iter().map(|e| (e.key.clone(), e.value.clone())).collect();
        let mut variables = Variables { known, open: false };
        for (text, expected) in [
            ("a: ${num}", r#"{"a":3}"#),
            ("a: '${num}'", r#"{"a":"3"}"#),
            ("a: x:${tag}-${none}", r#"{"a":"x:1.2-"}"#),
            ("a: ${none:=d} ${empty:-e} ${tag:-f}", r#"{"a":"d e 1.2"}"#),
            ("a: $${num} ${1} $num ${num", r#"{"a":"${num} ${1} $num ${num"}"#),
            ("k${num}: v", r#"{"k3":"v"}"#),
            (
                "{metadata: {annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}, a: ' ${num}'}",
                r#"{"metadata":{"annotations":{"kustomize.toolkit.fluxcd.io/substitute":"disabled"}},"a":" ${num}"}"#,
            ),
        ] {
            assert_eq!(apply(&read(text), &variables).json().to_string(), expected, "{text}");
        }
        let whole = apply(&read("a: ${tag}"), &variables);
        assert_eq!(sources.text(whole.get("a").unwrap().span), "'1.2'");
        variables.open = true;
        assert!(apply(&read("a: x-${none}"), &variables).has_unknown());
    }
}
