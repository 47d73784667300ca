//! Strings.

use super::call::{Call, Outcome, Stop};
use super::failure::Failure;
use super::partial::{Builder, Partial};
use crate::resolve::context::Context;
use crate::source::Span;
use crate::tree::{Kind, Value};

pub fn concat(call: &Call<'_>) -> Outcome {
    if call.args.iter().any(|a| a.as_list().is_some()) {
        let mut items = Vec::new();
        for index in 0..call.args.len() {
            items.extend_from_slice(call.list(index)?);
        }
        return call.items(items);
    }
    let mut out = Builder::default();
    for value in call.args {
        match &value.kind {
            Kind::String(text) => out.text(call, text)?,
            Kind::Parts(parts) => out.parts(call, parts)?,
            Kind::Unknown(unknown) => out.unknown(unknown),
            Kind::Bool(value) => out.text(call, if *value { "True" } else { "False" })?,
            Kind::Number(number) => out.text(call, &number.to_string())?,
            _ => return Err(call.mismatch(value, "strings or lists")),
        }
    }
    Ok(call.make(out.kind()))
}

pub fn to_lower(call: &Call<'_>) -> Outcome {
    Partial::of(call, call.arg(0))?.map(call, str::to_lowercase)
}

pub fn to_upper(call: &Call<'_>) -> Outcome {
    Partial::of(call, call.arg(0))?.map(call, str::to_uppercase)
}

pub fn starts_with(call: &Call<'_>) -> Outcome {
    let text = Partial::of(call, call.arg(0))?;
    let head = text.head().to_lowercase();
    let wanted = call.text(1)?.to_lowercase();
    if head.starts_with(&wanted) {
        return Ok(call.bool(true));
    }
    match text.gap() {
        Some(gap) if wanted.starts_with(&head) => Err(gap),
        _ => Ok(call.bool(false)),
    }
}

pub fn ends_with(call: &Call<'_>) -> Outcome {
    let text = Partial::of(call, call.arg(0))?;
    let tail = text.tail().to_lowercase();
    let wanted = call.text(1)?.to_lowercase();
    if tail.ends_with(&wanted) {
        return Ok(call.bool(true));
    }
    match text.gap() {
        Some(gap) if wanted.ends_with(&tail) => Err(gap),
        _ => Ok(call.bool(false)),
    }
}

/// An interpolated string: the pieces, literal text and values alike, in their order. A value shows as `format` shows
/// it; what is unknown leaves a gap.
///
/// # Errors
/// A [`Failure`] when the text gets too long.
pub fn interpolate(pieces: &[Value], site: Span, cx: &Context) -> Result<Value, Failure> {
    let call = Call { name: "format", args: pieces, site, cx };
    super::settle(shown(&call), pieces, site)
}

fn shown(call: &Call<'_>) -> Outcome {
    let mut out = Builder::default();
    for value in call.args {
        show(call, value, &mut out)?;
    }
    Ok(call.make(out.kind()))
}

/// Appends a value as `format` shows it.
fn show(call: &Call<'_>, value: &Value, out: &mut Builder) -> Result<(), Stop> {
    match &value.kind {
        Kind::Null => Ok(()),
        Kind::String(text) => out.text(call, text),
        Kind::Parts(parts) => out.parts(call, parts),
        Kind::Unknown(unknown) => {
            out.unknown(unknown);
            Ok(())
        }
        Kind::Bool(value) => out.text(call, if *value { "True" } else { "False" }),
        Kind::Number(number) => out.text(call, &number.to_string()),
        _ => Err(call.mismatch(value, "strings")),
    }
}
