//! Defaults that a template's schema gives to a constraint's parameters, as the API server fills them in.

use crate::tree::{Entry, Value};

/// Deeper schemas than this are left alone.
const DEEPEST: usize = 64;

/// The value with what its schema gives by default.
#[must_use]
pub(super) fn with_defaults(value: &Value, schema: &Value) -> Value {
    fill(value, schema, 0)
}

fn fill(value: &Value, schema: &Value, depth: usize) -> Value {
    if depth > DEEPEST {
        return value.clone();
    }
    if let Some(map) = value.as_map() {
        let mut entries: Vec<Entry> = Vec::with_capacity(map.len());
        let properties = schema.get("properties").map(Value::entries).unwrap_or_default();
        let additional = schema.get("additionalProperties").filter(|a| a.as_map().is_some());
        for entry in map.iter() {
            let own = properties.iter().find(|p| p.key == entry.key).map(|p| &p.value).or(additional);
            // An explicit null takes the default where null is not allowed.
            let default = own.and_then(|s| s.get("default"));
            let nullable = own.and_then(|s| s.get("nullable")).and_then(Value::as_bool) == Some(true);
            let given = match default {
                Some(default) if entry.value.is_null() && !nullable => default,
                _ => &entry.value,
            };
            let filled = own.map_or_else(|| given.clone(), |schema| fill(given, schema, depth + 1));
            entries.push(Entry::new(entry.key.clone(), entry.key_span, filled));
        }
        for property in properties {
            if let Some(default) = property.value.get("default")
                && map.get(&property.key).is_none()
            {
                let filled = fill(default, &property.value, depth + 1);
                entries.push(Entry::new(property.key.clone(), property.key_span, filled));
            }
        }
        return Value::map(entries, value.span);
    }
    if let (Some(list), Some(items)) = (value.as_list(), schema.get("items")) {
        let filled = list.iter().map(|item| fill(item, items, depth + 1)).collect();
        return Value::list(filled, value.span);
    }
    value.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::rule::rego::project;
    use crate::source::Sources;

    #[test]
    fn absent_parameters_take_their_default() {
        let sources = Sources::new();
        let parsed = |text: &str| yaml::parse(&sources.add("a.yaml", text)).documents[0].root.clone();
        let schema = parsed(
            "properties: {a: {default: 1}, b: {properties: {c: {default: x}}}, d: {items: {properties: {e: {default: true}}}}, f: {default: {}, properties: {g: {default: 2}}}}",
        );
        let value = parsed("{b: {}, d: [{}, {e: false}], a: null}");
        assert_eq!(
            project(&with_defaults(&value, &schema)).value.to_string(),
            r#"{"a":1,"b":{"c":"x"},"d":[{"e":true},{"e":false}],"f":{"g":2}}"#
        );
    }
}
