//! Resolved values as JSON: what is not known says why, what is partly known comes in parts.

use serde_json::{Map, Value as Json, json};

use crate::tree::{Kind, Number, Part, Unknown, Value, WaitsFor};

/// A value.
#[must_use]
pub fn of(value: &Value) -> Json {
    match &value.kind {
        Kind::Null => Json::Null,
        Kind::Bool(b) => (*b).into(),
        Kind::Number(Number::Int(n)) => (*n).into(),
        Kind::Number(Number::UInt(n)) => (*n).into(),
        Kind::Number(Number::Float(f)) => (*f).into(),
        Kind::String(text) => text.as_str().into(),
        Kind::List(list) => list.iter().map(of).collect(),
        Kind::Map(map) => {
            let mut object = Map::new();
            for entry in map.iter() {
                object.insert(entry.key.to_string(), of(&entry.value));
            }
            Json::Object(object)
        }
        Kind::Parts(parts) => {
            let parts: Vec<Json> = parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => text.as_str().into(),
                    Part::Unknown(unknown) => not_known(unknown),
                })
                .collect();
            json!({ "$parts": parts })
        }
        Kind::Unknown(unknown) => not_known(unknown),
    }
}

fn not_known(unknown: &Unknown) -> Json {
    let from: Json = match &unknown.from {
        WaitsFor::Nothing => Json::Null,
        WaitsFor::Resource { id, path } => json!({"resource": id.as_str(), "path": path.as_str()}),
        WaitsFor::Parameter(name) => json!({"parameter": name.as_str()}),
        WaitsFor::Context(name) => json!({"context": name.as_str()}),
        WaitsFor::Text(text) => text.as_str().into(),
    };
    json!({"$unknown": {"reason": unknown.reason.id(), "from": from}})
}
