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
    let parts: Vec<Value> = match usize::try_from(count) {
        Ok(count) => text.splitn(count, separator).map(Value::from).collect(),
        Err(_) => text.split(separator).map(Value::from).collect(),
    };
    Value::from(parts)
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

/// Templates with plain fields, `{{.a.b}}`; anything else of Go's templates has no result.
pub(super) fn render_template(arguments: &[Value]) -> Value {
    let (Some(template), Some(values)) = (string(arguments, 0), arguments.get(1)) else {
        return Value::Undefined;
    };
    or_undefined(rendered(template, values))
}

fn rendered(template: &str, values: &Value) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (field, after) = after.split_once("}}")?;
        out.push_str(before);
        let mut value = values.clone();
        for name in field.trim().strip_prefix('.')?.split('.').filter(|n| !n.is_empty()) {
            if !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                return None;
            }
            value = value.as_object().ok()?.get(&Value::from(name))?.clone();
        }
        match &value {
            Value::String(text) => out.push_str(text),
            other => out.push_str(&super::format::written(other)),
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
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
        assert_eq!(call(split_n, r#"["a,b,c", ",", 2]"#), json(r#"["a","b,c"]"#));
        assert_eq!(call(render_template, r#"["hi {{.a.b}}!", {"a": {"b": 1}}]"#), Value::from("hi 1!"));
        assert_eq!(call(render_template, r#"["{{range .a}}", {}]"#), Value::Undefined);
    }
}
