//! Builtins on strings.

use regorus::Value;

use super::{or_undefined, string};
use crate::rule::rego::project;

pub(super) fn re_match(arguments: &[Value]) -> Value {
    let (Some(pattern), Some(text)) = (string(arguments, 0), string(arguments, 1)) else {
        return Value::Undefined;
    };
    or_undefined(pattern_of(pattern).map(|p| p.is_match(text)))
}

/// A pattern that this thread has compiled already.
fn pattern_of(pattern: &str) -> Option<regex::Regex> {
    use std::cell::RefCell;
    use std::collections::HashMap;
    /// Policies hold few patterns; one that makes them from its input must not keep them all.
    const KEPT: usize = 256;
    thread_local! {
        static COMPILED: RefCell<HashMap<String, Option<regex::Regex>>> = RefCell::new(HashMap::new());
    }
    COMPILED.with_borrow_mut(|held| {
        if let Some(known) = held.get(pattern) {
            return known.clone();
        }
        let compiled = regex::Regex::new(pattern).ok();
        if held.len() < KEPT {
            held.insert(pattern.to_owned(), compiled.clone());
        }
        compiled
    })
}

pub(super) fn split_n(arguments: &[Value]) -> Value {
    let (Some(text), Some(separator), Some(Ok(count))) =
        (string(arguments, 0), string(arguments, 1), arguments.get(2).map(Value::as_i64))
    else {
        return Value::Undefined;
    };
    let parts: Vec<Value> = match separator {
        "" => text.chars().map(|c| Value::from(c.to_string())).collect(),
        separator => text.split(separator).map(Value::from).collect(),
    };
    // The first so many, or, below zero, the last.
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX).min(parts.len());
    let from = if count < 0 { parts.len() - wanted } else { 0 };
    Value::from(parts.into_iter().skip(from).take(wanted).collect::<Vec<_>>())
}

/// conftest's own, in tests: a text read as a format, the formats being YAML and JSON here.
pub(super) fn parse_config(arguments: &[Value]) -> Value {
    let (Some("yaml" | "json"), Some(text)) = (string(arguments, 0), string(arguments, 1)) else {
        return Value::Undefined;
    };
    let sources = crate::source::Sources::new();
    let stream = crate::read::yaml::parse(&sources.add("config", text));
    let mut documents: Vec<Value> = stream.documents.iter().map(|d| project(&d.root).value).collect();
    match (stream.problems.is_empty(), documents.len()) {
        (true, 1) => documents.pop().unwrap_or(Value::Undefined),
        (true, _) => Value::from(documents),
        (false, _) => Value::Undefined,
    }
}

/// What OPA makes of a template string: texts as they are, of each set its one member.
pub(super) fn template_string(arguments: &[Value]) -> Value {
    let Some(Value::Array(parts)) = arguments.first() else {
        return Value::Undefined;
    };
    let mut out = String::new();
    for part in parts.iter() {
        match part {
            Value::String(text) => out.push_str(text),
            Value::Set(values) => match (values.len(), values.iter().next()) {
                (1, Some(Value::String(text))) => out.push_str(text),
                (1, Some(value)) => out.push_str(&super::format::written(value)),
                (0, _) => out.push_str("<undefined>"),
                _ => return Value::Undefined,
            },
            _ => return Value::Undefined,
        }
    }
    Value::from(out)
}

/// JSON as Go writes it: what a browser could take for markup is escaped.
pub(super) fn json_marshal(arguments: &[Value]) -> Value {
    let Some(json) = arguments.first().map(Value::to_string) else {
        return Value::Undefined;
    };
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    Value::from(out)
}

/// How often a text holds another; of the empty one, once at each place.
pub(super) fn count(arguments: &[Value]) -> Value {
    match (string(arguments, 0), string(arguments, 1)) {
        (Some(text), Some("")) => Value::from(text.chars().count() as u64 + 1),
        (Some(text), Some(piece)) => Value::from(text.matches(piece).count() as u64),
        _ => Value::Undefined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_opas() {
        let json = |text: &str| Value::from_json_str(text).unwrap();
        let call = |f: fn(&[Value]) -> Value, args: &str| f(&json(args).as_array().unwrap().to_vec());
        assert_eq!(call(re_match, r#"["^a.c$", "abc"]"#), Value::Bool(true));
        assert_eq!(call(re_match, r#"["(", "abc"]"#), Value::Undefined);
        assert_eq!(call(split_n, r#"["a,b,c", ",", 2]"#), json(r#"["a","b"]"#));
        assert_eq!(call(split_n, r#"["a,b,c", ",", -1]"#), json(r#"["c"]"#));
    }
}
