//! OPA's operators by the names that they have as functions.

use regorus::Value;

fn two(arguments: &[Value]) -> Option<(&Value, &Value)> {
    match arguments {
        [a, b] => Some((a, b)),
        _ => None,
    }
}

fn compare(arguments: &[Value], test: fn(&Value, &Value) -> bool) -> Value {
    two(arguments).map_or(Value::Undefined, |(a, b)| Value::Bool(test(a, b)))
}

pub(super) fn equal(arguments: &[Value]) -> Value {
    compare(arguments, |a, b| a == b)
}

pub(super) fn neq(arguments: &[Value]) -> Value {
    compare(arguments, |a, b| a != b)
}

pub(super) fn lt(arguments: &[Value]) -> Value {
    compare(arguments, |a, b| a < b)
}

pub(super) fn lte(arguments: &[Value]) -> Value {
    compare(arguments, |a, b| a <= b)
}

pub(super) fn gt(arguments: &[Value]) -> Value {
    compare(arguments, |a, b| a > b)
}

pub(super) fn gte(arguments: &[Value]) -> Value {
    compare(arguments, |a, b| a >= b)
}

fn sets(arguments: &[Value], keeps: fn(&Value, &Value, &Value) -> bool) -> Value {
    let Some((a @ Value::Set(left), b @ Value::Set(right))) = two(arguments) else {
        return Value::Undefined;
    };
    let kept = left.iter().chain(right.iter()).filter(|item| keeps(item, a, b)).cloned();
    Value::from(kept.collect::<std::collections::BTreeSet<_>>())
}

fn holds(set: &Value, item: &Value) -> bool {
    set.as_set().is_ok_and(|set| set.contains(item))
}

pub(super) fn and(arguments: &[Value]) -> Value {
    sets(arguments, |item, a, b| holds(a, item) && holds(b, item))
}

pub(super) fn or(arguments: &[Value]) -> Value {
    sets(arguments, |_, _, _| true)
}

fn calculate(arguments: &[Value], whole: fn(i64, i64) -> Option<i64>, other: fn(f64, f64) -> Option<f64>) -> Value {
    let Some((a @ Value::Number(_), b @ Value::Number(_))) = two(arguments) else {
        return Value::Undefined;
    };
    if let (Ok(a), Ok(b)) = (a.as_i64(), b.as_i64())
        && let Some(result) = whole(a, b)
    {
        return Value::from(result);
    }
    match (a.as_f64(), b.as_f64()) {
        (Ok(a), Ok(b)) => super::or_undefined(other(a, b)),
        _ => Value::Undefined,
    }
}

pub(super) fn plus(arguments: &[Value]) -> Value {
    calculate(arguments, i64::checked_add, |a, b| Some(a + b))
}

pub(super) fn minus(arguments: &[Value]) -> Value {
    match arguments {
        [Value::Set(_), Value::Set(_)] => super::legacy::set_diff(arguments),
        _ => calculate(arguments, i64::checked_sub, |a, b| Some(a - b)),
    }
}

pub(super) fn mul(arguments: &[Value]) -> Value {
    calculate(arguments, i64::checked_mul, |a, b| Some(a * b))
}

pub(super) fn div(arguments: &[Value]) -> Value {
    let whole = |a: i64, b: i64| if a.checked_rem(b) == Some(0) { a.checked_div(b) } else { None };
    calculate(arguments, whole, |a, b| (b != 0.0).then(|| a / b))
}

pub(super) fn rem(arguments: &[Value]) -> Value {
    calculate(arguments, i64::checked_rem, |_, _| None)
}
