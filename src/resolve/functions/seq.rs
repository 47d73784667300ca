//! What works on lists and strings alike (`first`, `take`, `indexOf`, …) and on objects too (`contains`, `length`,
//! `empty`). Items that pass through keep their own places.

use super::call::{Call, Outcome, unknown_of, unknown_within};
use super::partial::Partial;
use super::{compare, limits, text, utf16};
use crate::tree::{Kind, Value};

fn count(call: &Call<'_>, n: usize) -> Value {
    call.number(i64::try_from(n).unwrap_or(i64::MAX))
}

fn position(call: &Call<'_>, at: Option<usize>) -> Value {
    at.map_or_else(|| call.number(-1), |at| count(call, at))
}

/// The argument that says how many; less than zero counts as zero.
fn how_many(call: &Call<'_>, index: usize) -> Result<usize, super::call::Stop> {
    Ok(usize::try_from(call.int(index)?.max(0)).unwrap_or(usize::MAX))
}

pub fn empty(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    Ok(call.bool(match &value.kind {
        Kind::Null => true,
        Kind::List(list) => list.is_empty(),
        Kind::Map(map) => map.is_empty(),
        Kind::Bool(_) | Kind::Number(_) => {
            return Err(call.mismatch(value, "a string, a list or an object"));
        }
        _ => {
            let text = Partial::of(call, value)?;
            match (text.texts().all(str::is_empty), text.gap()) {
                (true, Some(gap)) => return Err(gap),
                (empty, _) => empty,
            }
        }
    }))
}

pub fn length(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    let n = match &value.kind {
        Kind::Null => 0,
        Kind::List(list) => list.len(),
        Kind::Map(map) => map.len(),
        Kind::String(text) => utf16::len(text),
        _ => return Err(call.mismatch(value, "a string, a list or an object")),
    };
    Ok(count(call, n))
}

pub fn first(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    match &value.kind {
        Kind::Null => Ok(call.make(Kind::Null)),
        Kind::List(list) => Ok(list.first().cloned().unwrap_or_else(|| call.make(Kind::Null))),
        _ => {
            let text = Partial::of(call, value)?;
            match (text.head(), text.gap()) {
                ("", Some(gap)) => Err(gap),
                (head, _) => Ok(call.string(utf16::slice(head, 0, 1))),
            }
        }
    }
}

pub fn last(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    match &value.kind {
        Kind::Null => Ok(call.make(Kind::Null)),
        Kind::List(list) => Ok(list.last().cloned().unwrap_or_else(|| call.make(Kind::Null))),
        _ => {
            let text = Partial::of(call, value)?;
            match (text.tail(), text.gap()) {
                ("", Some(gap)) => Err(gap),
                (tail, _) => {
                    let end = utf16::len(tail);
                    Ok(call.string(utf16::slice(tail, end.saturating_sub(1), end)))
                }
            }
        }
    }
}

pub fn take(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    let n = how_many(call, 1)?;
    match &value.kind {
        Kind::Null => Ok(call.make(Kind::Null)),
        Kind::List(list) => call.items(list.iter().take(n).cloned().collect()),
        _ => {
            let text = Partial::of(call, value)?;
            let head = text.head();
            match text {
                Partial::Some(parts) if utf16::len(head) < n => {
                    // The head stays; what follows it is a gap, since nobody knows how much of the rest is taken.
                    let mut out = super::partial::Builder::default();
                    out.text(call, head)?;
                    if let Some(unknown) = parts.iter().find_map(|part| match part {
                        crate::tree::Part::Unknown(unknown) => Some(unknown),
                        crate::tree::Part::Text(_) => None,
                    }) {
                        out.unknown(unknown);
                    }
                    Ok(call.make(out.kind()))
                }
                // It may be a list as well.
                Partial::None(unknown) => Err(super::call::Stop::Unknown(unknown.clone())),
                _ => Ok(call.string(utf16::slice(head, 0, n))),
            }
        }
    }
}

pub fn skip(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    let n = how_many(call, 1)?;
    match &value.kind {
        Kind::Null => Ok(call.make(Kind::Null)),
        Kind::List(list) => call.items(list.iter().skip(n).cloned().collect()),
        _ => match Partial::of(call, value)? {
            Partial::Known(text) => Ok(call.string(utf16::slice(text, n, usize::MAX))),
            Partial::Some(parts) if n <= utf16::len(Partial::Some(parts).head()) => text::skip_head(call, parts, n),
            text => Err(text.gap().unwrap_or_else(|| call.fail("met text with a gap"))),
        },
    }
}

pub fn index_of(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    match &value.kind {
        Kind::Null => Ok(call.number(-1)),
        Kind::List(list) => Ok(position(call, place_in(call, list.iter().enumerate())?)),
        _ => {
            let text = Partial::of(call, value)?;
            let at = utf16::find(text.head(), call.text(1)?);
            match (at, text.gap()) {
                (None, Some(gap)) => Err(gap),
                (at, _) => Ok(position(call, at)),
            }
        }
    }
}

pub fn last_index_of(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    match &value.kind {
        Kind::Null => Ok(call.number(-1)),
        Kind::List(list) => Ok(position(call, place_in(call, list.iter().enumerate().rev())?)),
        _ => {
            let text = Partial::of(call, value)?;
            match text.gap() {
                Some(gap) => Err(gap),
                None => Ok(position(call, utf16::rfind(text.head(), call.text(1)?))),
            }
        }
    }
}

/// Where an equal item stands. An item that might be equal leaves it open.
fn place_in<'v>(
    call: &Call<'_>,
    items: impl Iterator<Item = (usize, &'v Value)>,
) -> Result<Option<usize>, super::call::Stop> {
    let wanted = call.arg(1);
    for (i, item) in items {
        match compare::equal(item, wanted) {
            Some(true) => return Ok(Some(i)),
            Some(false) => {}
            None => return Err(open(call, item, wanted)),
        }
    }
    Ok(None)
}

fn open(call: &Call<'_>, a: &Value, b: &Value) -> super::call::Stop {
    unknown_within(a).or_else(|| unknown_within(b)).unwrap_or_else(|| call.limit("meets values that are too deep"))
}

/// `contains(container, item)`: keys without regard to case, items and parts of strings with it.
pub fn contains(call: &Call<'_>) -> Outcome {
    let (value, wanted) = (call.arg(0), call.arg(1));
    match &value.kind {
        Kind::Map(map) => {
            let key = match &wanted.kind {
                Kind::Number(n) => n.to_string(),
                _ => call.text(1)?.to_owned(),
            };
            Ok(call.bool(map.entry_ci(&key).is_some()))
        }
        Kind::List(list) => {
            let mut maybe = None;
            for item in list.iter() {
                match compare::equal(item, wanted) {
                    Some(true) => return Ok(call.bool(true)),
                    Some(false) => {}
                    None => maybe = maybe.or_else(|| Some(open(call, item, wanted))),
                }
            }
            match maybe {
                Some(stop) => Err(stop),
                None => Ok(call.bool(false)),
            }
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => Err(call.mismatch(value, "a string, a list or an object")),
        // It may turn out to be a list, in which anything may be looked for.
        Kind::Unknown(unknown) => Err(super::call::Stop::Unknown(unknown.clone())),
        _ => {
            let text = Partial::of(call, value)?;
            let shown = match wanted.kind {
                Kind::Number(n) => n.to_string(),
                _ => call.text(1)?.to_owned(),
            };
            match (text.texts().any(|piece| piece.contains(&shown)), text.gap()) {
                (false, Some(gap)) => Err(gap),
                (found, _) => Ok(call.bool(found)),
            }
        }
    }
}

/// `range(start, count)`.
pub fn range(call: &Call<'_>) -> Outcome {
    let (start, n) = (call.int(0)?, call.int(1)?);
    if n < 0 {
        return Err(call.fail("wants a count of zero or more"));
    }
    if n > limits::RANGE {
        return Err(call.limit(format_args!("makes {n} items; Azure allows {}", limits::RANGE)));
    }
    if start.saturating_add(n - 1) > i64::from(i32::MAX) || start < i64::from(i32::MIN) {
        return Err(call.fail("leaves the range of 32-bit numbers"));
    }
    call.items((start..start + n).map(|i| call.number(i)).collect())
}

/// Takes one level of nesting away.
pub fn flatten(call: &Call<'_>) -> Outcome {
    let mut items = Vec::new();
    for inner in call.list(0)? {
        match inner.as_list() {
            Some(list) => items.extend_from_slice(list),
            None => {
                return Err(unknown_of(inner).unwrap_or_else(|| {
                    call.fail(format_args!("expects a list of lists, not of a {}", inner.type_name()))
                }));
            }
        }
        if items.len() > limits::ITEMS {
            break;
        }
    }
    call.items(items)
}
