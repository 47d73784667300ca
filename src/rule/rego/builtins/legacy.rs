//! Builtins that OPA keeps for older policies, and two on collections.

use std::collections::BTreeSet;

use regorus::Value;

/// More numbers than this are no range that a policy about a manifest asks for; the memory would go first.
const LONGEST_RANGE: u64 = 1_000_000;

fn items(value: Option<&Value>) -> Option<Vec<&Value>> {
    match value? {
        Value::Array(items) => Some(items.iter().collect()),
        Value::Set(items) => Some(items.iter_sorted().collect()),
        _ => None,
    }
}

fn set(items: impl IntoIterator<Item = Value>) -> Value {
    Value::from(items.into_iter().collect::<BTreeSet<_>>())
}

pub(super) fn all(arguments: &[Value]) -> Value {
    match items(arguments.first()) {
        Some(items) => Value::Bool(items.iter().all(|i| **i == Value::Bool(true))),
        None => Value::Undefined,
    }
}

pub(super) fn any(arguments: &[Value]) -> Value {
    match items(arguments.first()) {
        Some(items) => Value::Bool(items.iter().any(|i| **i == Value::Bool(true))),
        None => Value::Undefined,
    }
}

pub(super) fn array_flatten(arguments: &[Value]) -> Value {
    let Some(Value::Array(items)) = arguments.first() else {
        return Value::Undefined;
    };
    let mut flat = Vec::new();
    for item in items.iter() {
        match item {
            Value::Array(inner) => flat.extend(inner.iter().cloned()),
            other => flat.push(other.clone()),
        }
    }
    Value::from(flat)
}

pub(super) fn cast_array(arguments: &[Value]) -> Value {
    match items(arguments.first()) {
        Some(items) => Value::from(items.into_iter().cloned().collect::<Vec<_>>()),
        None => Value::Undefined,
    }
}

pub(super) fn cast_set(arguments: &[Value]) -> Value {
    match items(arguments.first()) {
        Some(items) => set(items.into_iter().cloned()),
        None => Value::Undefined,
    }
}

/// The argument itself, if it is of the wanted kind.
fn only(arguments: &[Value], wanted: fn(&Value) -> bool) -> Value {
    arguments.first().filter(|v| wanted(v)).cloned().unwrap_or(Value::Undefined)
}

pub(super) fn cast_boolean(arguments: &[Value]) -> Value {
    only(arguments, |v| matches!(v, Value::Bool(_)))
}

pub(super) fn cast_null(arguments: &[Value]) -> Value {
    only(arguments, |v| matches!(v, Value::Null))
}

pub(super) fn cast_object(arguments: &[Value]) -> Value {
    only(arguments, |v| matches!(v, Value::Object(_)))
}

pub(super) fn cast_string(arguments: &[Value]) -> Value {
    only(arguments, |v| matches!(v, Value::String(_)))
}

pub(super) fn set_diff(arguments: &[Value]) -> Value {
    match arguments {
        [Value::Set(a), Value::Set(b)] => set(a.iter().filter(|v| !b.contains(v)).cloned()),
        _ => Value::Undefined,
    }
}

pub(super) fn numbers_range(arguments: &[Value]) -> Value {
    let (Some(Ok(from)), Some(Ok(to))) = (arguments.first().map(Value::as_i64), arguments.get(1).map(Value::as_i64))
    else {
        return Value::Undefined;
    };
    if from.abs_diff(to) > LONGEST_RANGE {
        return Value::Undefined;
    }
    let numbers: Vec<Value> =
        if from <= to { (from..=to).map(Value::from).collect() } else { (to..=from).rev().map(Value::from).collect() };
    Value::from(numbers)
}
