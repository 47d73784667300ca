//! Values as JSON, in the order of their source. What is not known is written so that it cannot pass for a value.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{Kind, Number, Part, Unknown, Value, WaitsFor};

/// A value on its way to JSON: unknowns become `{"$unknown": {"reason", "from"}}`, partly known strings
/// `{"$parts": ["text", {"$unknown": …}]}`. Whole floats are written without a point, as Go and ARM write them; what
/// JSON has no number for is null.
#[derive(Clone, Copy, Debug)]
pub struct Json<'v>(pub &'v Value);

impl Value {
    /// The value for a serializer.
    #[must_use]
    pub fn json(&self) -> Json<'_> {
        Json(self)
    }

    /// The value as a tree of `serde_json`, which sorts keys.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self.json()).unwrap_or_default()
    }
}

impl std::fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = if f.alternate() { serde_json::to_string_pretty(self) } else { serde_json::to_string(self) };
        f.write_str(&text.map_err(|_| std::fmt::Error)?)
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.kind {
            Kind::Null => serializer.serialize_unit(),
            Kind::Bool(value) => serializer.serialize_bool(*value),
            Kind::Number(number) => match (number.as_i64(), number) {
                (Some(n), _) => serializer.serialize_i64(n),
                (None, Number::UInt(n)) => serializer.serialize_u64(*n),
                (None, number) => serializer.serialize_f64(number.as_f64()),
            },
            Kind::String(text) => serializer.serialize_str(text),
            Kind::List(list) => {
                let mut items = serializer.serialize_seq(Some(list.len()))?;
                for item in list.iter() {
                    items.serialize_element(&Json(item))?;
                }
                items.end()
            }
            Kind::Map(map) => {
                let mut entries = serializer.serialize_map(Some(map.len()))?;
                for entry in map.iter() {
                    entries.serialize_entry(entry.key.as_str(), &Json(&entry.value))?;
                }
                entries.end()
            }
            Kind::Parts(parts) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("$parts", &Parts(parts))?;
                map.end()
            }
            Kind::Unknown(unknown) => UnknownJson(unknown).serialize(serializer),
        }
    }
}

struct Parts<'v>(&'v [Part]);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(self.0.len()))?;
        for part in self.0 {
            match part {
                Part::Text(text) => items.serialize_element(text.as_str())?,
                Part::Unknown(unknown) => items.serialize_element(&UnknownJson(unknown))?,
            }
        }
        items.end()
    }
}

struct UnknownJson<'v>(&'v Unknown);

impl Serialize for UnknownJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("$unknown", &Reason(self.0))?;
        map.end()
    }
}

struct Reason<'v>(&'v Unknown);

impl Serialize for Reason<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("reason", self.0.reason.id())?;
        match &self.0.from {
            WaitsFor::Nothing => {}
            WaitsFor::Resource { id, path } if path.is_empty() => {
                map.serialize_entry("from", id.as_str())?;
            }
            WaitsFor::Resource { id, path } => map.serialize_entry("from", &format!("{id}.{path}"))?,
            WaitsFor::Parameter(name) | WaitsFor::Context(name) | WaitsFor::Text(name) => {
                map.serialize_entry("from", name.as_str())?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::Span;
    use crate::tree::{Entry, Reason};

    #[test]
    fn unknowns_say_what_they_wait_for() {
        let unknown = Unknown::new(Reason::MissingParameter, WaitsFor::Parameter("name".into()));
        let parts = [Part::Text("a-".into()), Part::Unknown(Arc::new(unknown.clone()))];
        let entry = |key: &str, value| Entry::new(key, Span::NONE, value);
        let value = Value::map(
            vec![
                entry("z", Value::unknown(unknown, Span::NONE)),
                entry("a", Value::new(Kind::Parts(Arc::new(parts)), Span::NONE)),
                entry("f", Value::new(Kind::Number(Number::Float(2.0)), Span::NONE)),
            ],
            Span::NONE,
        );
        assert_eq!(
            value.json().to_string(),
            r#"{"z":{"$unknown":{"reason":"missing-parameter","from":"name"}},"a":{"$parts":["a-",{"$unknown":{"reason":"missing-parameter","from":"name"}}]},"f":2}"#
        );
    }
}
