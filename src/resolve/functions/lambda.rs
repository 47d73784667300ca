//! The functions that take lambdas: `map`, `filter`, `reduce`, `sort`, `toObject`, `groupBy`, `mapValues`.
//!
//! The evaluator runs the lambdas; it is asked with the lambda's position (0, or 1 for the second lambda of `toObject`
//! and `groupBy`) and with all the arguments that the lambda may take, and binds as many as the lambda names.

use std::cmp::Ordering;

use super::call::{Call, Outcome, Stop, unknown_of};
use super::failure::Failure;
use crate::tree::{Entry, Text, Value};

/// Runs the lambda at a position with arguments.
pub type Apply<'f> = dyn FnMut(usize, &[Value]) -> Result<Value, Failure> + 'f;

fn index(call: &Call<'_>, i: usize) -> Value {
    Value::int(i64::try_from(i).unwrap_or(i64::MAX), call.site)
}

/// `map(list, (item, index) => value)`.
pub fn map(call: &Call<'_>, _: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut items = Vec::new();
    for (i, item) in call.list(0)?.iter().enumerate() {
        items.push(apply(0, &[item.clone(), index(call, i)])?);
    }
    call.items(items)
}

/// `filter(list, (item, index) => keep)`. Without an answer for one item the whole list is unknown, since its length
/// and every later index hang on it.
pub fn filter(call: &Call<'_>, _: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut items = Vec::new();
    for (i, item) in call.list(0)?.iter().enumerate() {
        if truth(call, &apply(0, &[item.clone(), index(call, i)])?)? {
            items.push(item.clone());
        }
    }
    call.items(items)
}

/// `reduce(list, first, (so far, item, index) => value)`.
pub fn reduce(call: &Call<'_>, _: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut so_far = call.arg(1).clone();
    for (i, item) in call.list(0)?.iter().enumerate() {
        so_far = apply(0, &[so_far, item.clone(), index(call, i)])?;
    }
    Ok(so_far)
}

/// `sort(list, (a, b) => a goes first)`. Equal items keep their order.
pub fn sort(call: &Call<'_>, _: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut items = call.list(0)?.to_vec();
    let mut stop = None;
    // A predicate that is no order must not make the sort panic or loop: merge by hand.
    merge_sort(&mut items, &mut |a, b| {
        if stop.is_some() {
            return Ordering::Equal;
        }
        let answer = apply(0, &[b.clone(), a.clone()]).map_err(Stop::from).and_then(|v| truth(call, &v));
        match answer {
            Ok(true) => Ordering::Greater,
            Ok(false) => Ordering::Equal,
            Err(why) => {
                stop = Some(why);
                Ordering::Equal
            }
        }
    });
    match stop {
        Some(stop) => Err(stop),
        None => call.items(items),
    }
}

/// Sorts with no demand on the comparison but that it answers.
fn merge_sort(items: &mut Vec<Value>, compare: &mut dyn FnMut(&Value, &Value) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let mut right = items.split_off(items.len() / 2);
    merge_sort(items, compare);
    merge_sort(&mut right, compare);
    let mut merged = Vec::with_capacity(items.len() + right.len());
    let mut left = std::mem::take(items).into_iter().peekable();
    let mut right = right.into_iter().peekable();
    while let (Some(l), Some(r)) = (left.peek(), right.peek()) {
        let next = if compare(l, r) == Ordering::Greater { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    *items = merged;
}

/// `toObject(list, item => key, item => value)`; of equal keys the last one counts.
pub fn to_object(call: &Call<'_>, lambdas: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut entries = Vec::new();
    for item in call.list(0)? {
        let key = apply(0, std::slice::from_ref(item))?;
        let name = key_text(call, &key)?;
        let value = if lambdas > 1 { apply(1, std::slice::from_ref(item))? } else { item.clone() };
        entries.push(Entry::new(name, key.span, value));
    }
    call.entries(entries)
}

/// `groupBy(list, item => key, item => value)`: an object of lists, in the order in which the keys turn up.
pub fn group_by(call: &Call<'_>, lambdas: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut groups: indexmap::IndexMap<Text, (Value, Vec<Value>)> = indexmap::IndexMap::new();
    for item in call.list(0)? {
        let key = apply(0, std::slice::from_ref(item))?;
        let name = key_text(call, &key)?;
        let value = if lambdas > 1 { apply(1, std::slice::from_ref(item))? } else { item.clone() };
        groups.entry(name).or_insert_with(|| (key, Vec::new())).1.push(value);
    }
    let mut entries = Vec::with_capacity(groups.len());
    for (name, (key, items)) in groups {
        entries.push(Entry::new(name, key.span, call.items(items)?));
    }
    call.entries(entries)
}

/// `mapValues(object, value => value)`.
pub fn map_values(call: &Call<'_>, _: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut entries = Vec::new();
    for entry in call.map(0)?.iter() {
        let value = apply(0, std::slice::from_ref(&entry.value))?;
        entries.push(Entry::new(entry.key.clone(), entry.key_span, value));
    }
    call.entries(entries)
}

fn truth(call: &Call<'_>, answer: &Value) -> Result<bool, Stop> {
    answer.as_bool().ok_or_else(|| {
        unknown_of(answer).unwrap_or_else(|| {
            call.fail(format_args!("wants a lambda that gives a boolean, not a {}", answer.type_name()))
        })
    })
}

fn key_text(call: &Call<'_>, key: &Value) -> Result<Text, Stop> {
    key.as_str().map(Text::from).ok_or_else(|| {
        unknown_of(key).unwrap_or_else(|| {
            call.fail(format_args!("wants a lambda that gives a string as key, not a {}", key.type_name()))
        })
    })
}
