//! The hash suffix of generated `ConfigMap`s and `Secret`s: SHA-256 over the content as canonical JSON, ten characters.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::texts::{self, Texts};
use crate::tree::{Kind, Number, Value};

/// The suffix of an object.
pub(super) fn of(object: &Value, texts: &Texts) -> String {
    let secret = object.get("kind").and_then(Value::as_str) == Some("Secret");
    let mut fields: Vec<(&str, String)> = vec![
        ("data", field(object, "data", texts)),
        ("kind", string(if secret { "Secret" } else { "ConfigMap" })),
        // kustomize looks for the name where none is: it never counts.
        ("name", string("")),
    ];
    if secret {
        fields.push(("type", field(object, "type", texts)));
    }
    let more = if secret { "stringData" } else { "binaryData" };
    if object.get(more).and_then(Value::as_map).is_some() {
        fields.push((more, field(object, more, texts)));
    }
    fields.sort_by_key(|(name, _)| *name);
    let mut json = String::from("{");
    for (i, (name, value)) in fields.iter().enumerate() {
        if i > 0 {
            json.push(',');
        }
        let _ = write!(json, "\"{name}\":{value}");
    }
    json.push('}');
    encode(&json)
}

/// A field as JSON; an empty string where it is not there.
fn field(object: &Value, key: &str, texts: &Texts) -> String {
    match object.get(key) {
        None => "\"\"".to_owned(),
        Some(value) if texts::is_scalar(value) => string(&texts.raw(value)),
        Some(value) => {
            let mut out = String::new();
            write_json(value, &mut out);
            out
        }
    }
}

fn encode(json: &str) -> String {
    let digest = Sha256::digest(json.as_bytes());
    let mut hex = String::with_capacity(10);
    for byte in digest.iter().take(5) {
        let _ = write!(hex, "{byte:02x}");
    }
    // Letters and digits that could spell a word or be misread are others.
    hex.chars()
        .map(|c| match c {
            '0' => 'g',
            '1' => 'h',
            '3' => 'k',
            'a' => 'm',
            'e' => 't',
            other => other,
        })
        .collect()
}

/// JSON with sorted keys and Go's escapes.
pub(super) fn write_json(value: &Value, out: &mut String) {
    match &value.kind {
        Kind::Null | Kind::Parts(_) | Kind::Unknown(_) => out.push_str("null"),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::Number(number) => out.push_str(&go_number(*number)),
        Kind::String(text) => out.push_str(&string(text)),
        Kind::List(list) => {
            out.push('[');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_json(item, out);
            }
            out.push(']');
        }
        Kind::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.key.cmp(&b.key));
            out.push('{');
            for (i, entry) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&string(&entry.key));
                out.push(':');
                write_json(&entry.value, out);
            }
            out.push('}');
        }
    }
}

/// JSON over several lines, two spaces a level.
pub(super) fn write_indented(value: &Value, depth: usize, out: &mut String) {
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    match &value.kind {
        Kind::List(list) if !list.is_empty() => {
            out.push('[');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                write_indented(item, depth + 1, out);
            }
            line(depth, out);
            out.push(']');
        }
        Kind::Map(map) if !map.is_empty() => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.key.cmp(&b.key));
            out.push('{');
            for (i, entry) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                out.push_str(&string(&entry.key));
                out.push_str(": ");
                write_indented(&entry.value, depth + 1, out);
            }
            line(depth, out);
            out.push('}');
        }
        _ => write_json(value, out),
    }
}

/// A number as Go's JSON writes it.
pub(super) fn go_number(number: Number) -> String {
    let f = match number {
        Number::Int(n) => return n.to_string(),
        Number::UInt(n) => return n.to_string(),
        Number::Float(f) => f,
    };
    let size = f.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return format!("{f}");
    }
    let text = format!("{f:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => {
            format!("{digits}e+{exponent}")
        }
        _ => text,
    }
}

/// A JSON string as Go writes it: `<`, `>` and `&` are escaped.
pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml::parse;
    use crate::source::Sources;

    #[test]
    fn hashes_are_kustomizes() {
        // `kustomize build` of a generator of this name with the literal `a=1` gives these.
        let source = Sources::new().add("a.yaml", "kind: ConfigMap\nmetadata: {name: settings}\ndata: {a: '1'}\n");
        let object = parse(&source).documents.remove(0).root;
        assert_eq!(of(&object, &Texts::default()), "h29d89cmmt");
    }

    #[test]
    fn numbers_are_written_as_go_does() {
        assert_eq!(go_number(Number::Float(1e21)), "1e+21");
        assert_eq!(go_number(Number::Float(1.5)), "1.5");
        assert_eq!(go_number(Number::Float(1e-7)), "1e-7");
        assert_eq!(go_number(Number::Float(100_000.0)), "100000");
    }
}
