//! Numbers and conversions. Azure computes with 64-bit whole numbers and refuses what leaves them.

use super::call::{Call, Outcome, Stop, unknown_of};
use crate::tree::{Kind, Number, Value};

fn checked(call: &Call<'_>, compute: fn(i64, i64) -> Option<i64>) -> Outcome {
    match compute(call.int(0)?, call.int(1)?) {
        Some(n) => Ok(call.number(n)),
        None => Err(call.fail("leaves the range of 64-bit numbers")),
    }
}

pub fn add(call: &Call<'_>) -> Outcome {
    checked(call, i64::checked_add)
}

pub fn sub(call: &Call<'_>) -> Outcome {
    checked(call, i64::checked_sub)
}

pub fn mul(call: &Call<'_>) -> Outcome {
    checked(call, i64::checked_mul)
}

pub fn div(call: &Call<'_>) -> Outcome {
    if call.int(1)? == 0 {
        return Err(call.fail("divides by zero"));
    }
    checked(call, i64::checked_div)
}

/// The remainder has the sign of the dividend.
pub fn rem(call: &Call<'_>) -> Outcome {
    if call.int(1)? == 0 {
        return Err(call.fail("divides by zero"));
    }
    checked(call, i64::checked_rem)
}

pub fn min(call: &Call<'_>) -> Outcome {
    extreme(call, |new, old| new < old)
}

pub fn max(call: &Call<'_>) -> Outcome {
    extreme(call, |new, old| new > old)
}

/// The extreme of the arguments, or of the one list among them. The number keeps its place.
fn extreme(call: &Call<'_>, beats: fn(f64, f64) -> bool) -> Outcome {
    let numbers = match call.args {
        [only] if only.as_list().is_some() => only.items(),
        args => args,
    };
    let mut best: Option<(&Value, Number)> = None;
    for value in numbers {
        let Kind::Number(number) = value.kind else {
            return Err(unknown_of(value).unwrap_or_else(|| call.mismatch(value, "numbers")));
        };
        let wins = best.is_none_or(|(_, old)| match (number.as_i64(), old.as_i64()) {
            (Some(new), Some(old)) => {
                // Compared exactly: a float cannot tell all of them apart.
                if beats(1.0, 0.0) { new > old } else { new < old }
            }
            _ => beats(number.as_f64(), old.as_f64()),
        });
        if wins {
            best = Some((value, number));
        }
    }
    match best {
        Some((value, _)) => Ok(value.clone()),
        None => Err(call.fail("has no numbers to choose from")),
    }
}

/// `int(value)`: of a whole number or of text that shows one.
pub fn int(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    match &value.kind {
        Kind::Number(number) => match number.as_i64() {
            Some(_) => Ok(value.clone()),
            None => Err(call.fail(format_args!("cannot convert `{number}` to a whole number"))),
        },
        Kind::String(text) => match text.trim().parse::<i64>() {
            Ok(n) => Ok(call.number(n)),
            Err(_) => Err(call.fail("cannot convert this text to a whole number")),
        },
        _ => Err(call.mismatch(value, "a whole number or a string")),
    }
}

pub fn float(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    match &value.kind {
        Kind::Number(_) => Ok(value.clone()),
        Kind::String(text) => match text.trim().parse::<f64>() {
            Ok(n) if n.is_finite() => Ok(call.make(Kind::Number(Number::Float(n)))),
            _ => Err(call.fail("cannot convert this text to a number")),
        },
        _ => Err(call.mismatch(value, "a number or a string")),
    }
}

/// `bool(value)`: of `true` and `false` in any case, and of numbers, of which only zero is false.
pub fn boolean(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    match &value.kind {
        Kind::Bool(_) => Ok(value.clone()),
        Kind::Number(number) => Ok(call.bool(number.as_f64() != 0.0)),
        Kind::String(text) => {
            truth(text.trim()).map(|t| call.bool(t)).ok_or_else(|| call.fail("cannot convert this text to a boolean"))
        }
        _ => Err(call.mismatch(value, "a boolean, a number or a string")),
    }
}

fn truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") || text == "1" {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") || text == "0" {
        Some(false)
    } else {
        None
    }
}

/// `any(value)`: the value itself.
pub fn any(call: &Call<'_>) -> Outcome {
    Ok(call.arg(0).clone())
}

/// `fail(message)`.
pub fn fail(call: &Call<'_>) -> Outcome {
    let shown = match super::partial::Partial::of(call, call.arg(0))? {
        super::partial::Partial::Known(text) => text.to_owned(),
        partial => partial.texts().collect::<Vec<_>>().join("…"),
    };
    Err(Stop::Failed(super::Failure::new(
        super::FailureKind::Raised,
        format!("the template fails on purpose: {shown}"),
    )))
}
