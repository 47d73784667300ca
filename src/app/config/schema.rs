//! The JSON Schema of `stamplint.yaml`, made from the table of keys and the catalogue.

use serde_json::{Map, Value as Json, json};

use super::keys::{CONFIG, Key, Type};
use crate::rule::{Catalogue, Document, Effect, Severity};
use crate::tree::{Kind, Value};

/// The schema, draft 2020-12, as text that ends with a line feed.
#[must_use]
pub fn schema(catalogue: &Catalogue) -> String {
    let mut root = of(&CONFIG);
    if let Some(map) = root.as_object_mut() {
        let mut whole = Map::new();
        whole.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        whole.insert("title".into(), "stamplint.yaml".into());
        whole.append(map);
        whole.insert("$defs".into(), json!({"rules": rules(catalogue)}));
        root = Json::Object(whole);
    }
    // Maps with string keys: serialising cannot fail.
    serde_json::to_string_pretty(&root).unwrap_or_default() + "\n"
}

fn of(ty: &Type) -> Json {
    match ty {
        Type::Text => json!({"type": "string"}),
        Type::Scalar => json!({"type": ["string", "number", "boolean"]}),
        Type::Flag => json!({"type": "boolean"}),
        Type::Count => json!({"type": "integer", "minimum": 0}),
        Type::Date => json!({"type": "string", "format": "date"}),
        Type::Any => json!({}),
        Type::Rule => json!({"type": "string"}),
        Type::Word(words) => json!({"enum": words}),
        Type::List(item) => json!({"type": "array", "items": of(item)}),
        Type::OneOrMore(one) => {
            json!({"anyOf": [of(one), {"type": "array", "items": of(one)}]})
        }
        Type::Map(of_what) => json!({"type": "object", "additionalProperties": of(of_what)}),
        Type::Object(keys) => object(keys),
        Type::Either(types) => json!({"anyOf": types.iter().map(of).collect::<Vec<_>>()}),
        Type::Rules => json!({"$ref": "#/$defs/rules"}),
    }
}

fn object(keys: &[Key]) -> Json {
    let mut properties = Map::new();
    for key in keys {
        let mut property = of(key.ty);
        if !key.required {
            property = nullable(property);
        }
        if let Some(map) = property.as_object_mut() {
            map.insert("description".into(), key.doc.into());
        }
        properties.insert(key.name.into(), property);
    }
    let required: Vec<&str> = keys.iter().filter(|k| k.required).map(|k| k.name).collect();
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty()
        && let Some(map) = schema.as_object_mut()
    {
        map.insert("required".into(), required.into());
    }
    schema
}

/// A key without a value counts as one that is left out.
fn nullable(schema: Json) -> Json {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn rules(catalogue: &Catalogue) -> Json {
    let mut properties = Map::new();
    for family in catalogue.families() {
        let members: Vec<&Document> =
            catalogue.documents().iter().filter(|d| d.family == family).map(AsRef::as_ref).collect();
        let doc = format!("All rules of the family {family}.");
        properties.insert(family.to_string(), rule(&members, &doc));
        for member in members {
            let doc = format!("{}.", member.title);
            properties.insert(member.id.to_string(), rule(&[member], &doc));
        }
    }
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn rule(rules: &[&Document], doc: &str) -> Json {
    let mut properties = Map::new();
    properties.insert("effect".into(), json!({"enum": Effect::WORDS}));
    properties.insert("severity".into(), json!({"enum": Severity::WORDS}));
    for option in rules.iter().flat_map(|r| &r.options) {
        let mut schema = match option.ty.as_str() {
            "string" => json!({"type": "string"}),
            "integer" => json!({"type": "integer"}),
            "boolean" => json!({"type": "boolean"}),
            "list<string>" => json!({"type": "array", "items": {"type": "string"}}),
            "map" => json!({"type": "object"}),
            words if words.contains('|') => {
                json!({"enum": words.split('|').map(str::trim).collect::<Vec<_>>()})
            }
            _ => json!({}),
        };
        if let Some(map) = schema.as_object_mut() {
            map.insert("description".into(), option.doc.as_str().into());
            if let Some(default) = plain(&option.default) {
                map.insert("default".into(), default);
            }
        }
        properties.insert(option.name.to_string(), schema);
    }
    json!({
        "type": "object",
        "description": doc,
        "properties": properties,
        "additionalProperties": false,
    })
}

/// A default as JSON; none for null, which stands for "worked out from the fleet".
fn plain(value: &Value) -> Option<Json> {
    match &value.kind {
        Kind::Bool(b) => Some((*b).into()),
        Kind::String(s) => Some(s.as_str().into()),
        Kind::Number(n) => Some(n.as_i64().map_or_else(|| n.as_f64().into(), Json::from)),
        Kind::List(list) => list.iter().map(plain).collect::<Option<Vec<_>>>().map(Json::from),
        Kind::Map(map) => {
            let mut object = Map::new();
            for entry in map.iter() {
                object.insert(entry.key.to_string(), plain(&entry.value)?);
            }
            Some(Json::Object(object))
        }
        Kind::Null | Kind::Parts(_) | Kind::Unknown(_) => None,
    }
}
