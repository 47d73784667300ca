//! Equality, order and logic.

use std::cmp::Ordering;

use super::call::{Call, Outcome, Stop, unknown_of, unknown_within};
use super::limits;
use crate::tree::{Kind, Part, Value};

/// Whether two values are equal as `equals` compares them: types count, the case of strings counts, the order of keys
/// does not. `None` when that hangs on something unknown.
#[must_use]
pub fn equal(a: &Value, b: &Value) -> Option<bool> {
    equal_below(a, b, limits::DEPTH)
}

fn equal_below(a: &Value, b: &Value, depth: usize) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    match (&a.kind, &b.kind) {
        (Kind::Unknown(_), _) | (_, Kind::Unknown(_)) => None,
        (Kind::Null, Kind::Null) => Some(true),
        (Kind::Bool(a), Kind::Bool(b)) => Some(a == b),
        (Kind::Number(a), Kind::Number(b)) => Some(match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            _ => a.as_f64() == b.as_f64(),
        }),
        (Kind::String(a), Kind::String(b)) => Some(a == b),
        (Kind::Parts(parts), Kind::String(text)) | (Kind::String(text), Kind::Parts(parts)) => {
            (!may_be(parts, text)).then_some(false)
        }
        (Kind::Parts(a), Kind::Parts(b)) => (!heads_and_tails_agree(a, b)).then_some(false),
        (Kind::List(a), Kind::List(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            all(a.iter().zip(b.iter()).map(|(a, b)| equal_below(a, b, depth)))
        }
        (Kind::Map(a), Kind::Map(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            all(a.iter().map(|entry| match b.get(&entry.key) {
                Some(other) => equal_below(&entry.value, other, depth),
                None => Some(false),
            }))
        }
        _ => Some(false),
    }
}

/// One difference decides; otherwise one unknown leaves it open.
fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut whole = Some(true);
    for answer in answers {
        match answer {
            Some(true) => {}
            Some(false) => return Some(false),
            None => whole = None,
        }
    }
    whole
}

/// Whether the known pieces stand in a text in their order, the first one at its start and the last one at its end.
fn may_be(parts: &[Part], text: &str) -> bool {
    let mut rest = text;
    for (i, part) in parts.iter().enumerate() {
        let Part::Text(piece) = part else { continue };
        if i + 1 == parts.len() {
            return rest.ends_with(piece.as_str());
        }
        let at = if i == 0 { rest.starts_with(piece.as_str()).then_some(0) } else { rest.find(piece.as_str()) };
        match at.and_then(|at| rest.get(at + piece.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

fn heads_and_tails_agree(a: &[Part], b: &[Part]) -> bool {
    let heads = match (a.first(), b.first()) {
        (Some(Part::Text(a)), Some(Part::Text(b))) => a.starts_with(b.as_str()) || b.starts_with(a.as_str()),
        _ => true,
    };
    let tails = match (a.last(), b.last()) {
        (Some(Part::Text(a)), Some(Part::Text(b))) => a.ends_with(b.as_str()) || b.ends_with(a.as_str()),
        _ => true,
    };
    heads && tails
}

pub fn equals(call: &Call<'_>) -> Outcome {
    match equal(call.arg(0), call.arg(1)) {
        Some(answer) => Ok(call.bool(answer)),
        None => Err(unknown_within(call.arg(0))
            .or_else(|| unknown_within(call.arg(1)))
            .unwrap_or_else(|| call.limit("meets values that are too deep"))),
    }
}

pub fn not(call: &Call<'_>) -> Outcome {
    Ok(call.bool(!call.truth(0)?))
}

pub fn yes(call: &Call<'_>) -> Outcome {
    Ok(call.bool(true))
}

pub fn no(call: &Call<'_>) -> Outcome {
    Ok(call.bool(false))
}

pub fn null(call: &Call<'_>) -> Outcome {
    Ok(call.make(Kind::Null))
}

pub fn less(call: &Call<'_>) -> Outcome {
    Ok(call.bool(order(call)? == Ordering::Less))
}

pub fn less_or_equals(call: &Call<'_>) -> Outcome {
    Ok(call.bool(order(call)? != Ordering::Greater))
}

pub fn greater(call: &Call<'_>) -> Outcome {
    Ok(call.bool(order(call)? == Ordering::Greater))
}

pub fn greater_or_equals(call: &Call<'_>) -> Outcome {
    Ok(call.bool(order(call)? != Ordering::Less))
}

/// The order of two numbers or two strings.
fn order(call: &Call<'_>) -> Result<Ordering, Stop> {
    let (a, b) = (call.arg(0), call.arg(1));
    if let Some(stop) = unknown_of(a).or_else(|| unknown_of(b)) {
        return Err(stop);
    }
    match (&a.kind, &b.kind) {
        (Kind::Number(a), Kind::Number(b)) => Ok(match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_f64().total_cmp(&b.as_f64()),
        }),
        (Kind::String(_) | Kind::Null, Kind::String(_) | Kind::Null) => Ok(collate(call.text(0)?, call.text(1)?)),
        (Kind::Number(_), _) => Err(call.mismatch(b, "a number")),
        (Kind::String(_), _) => Err(call.mismatch(b, "a string")),
        _ => Err(call.mismatch(a, "two numbers or two strings")),
    }
}

/// The order of strings in .NET's invariant culture, as far as ASCII goes: punctuation, digits, then letters without
/// regard to case; only where nothing else differs lower case goes first. Other letters follow by code point.
fn collate(a: &str, b: &str) -> Ordering {
    const MARKS: &str = "\t\n\u{b}\u{c}\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";
    let weight = |c: char| match c {
        '0'..='9' => (1, u32::from(c)),
        'a'..='z' | 'A'..='Z' => (2, u32::from(c.to_ascii_lowercase())),
        _ => match MARKS.find(c) {
            Some(at) => (0, u32::try_from(at).unwrap_or(u32::MAX)),
            None => (3, u32::from(c)),
        },
    };
    a.chars()
        .map(weight)
        .cmp(b.chars().map(weight))
        // In ASCII lower case has the greater code points.
        .then_with(|| b.cmp(a))
}
