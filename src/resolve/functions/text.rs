//! Strings. Comparisons of parts of a string (`startsWith`, `endsWith`, `indexOf`) disregard case, `contains`,
//! `replace` and `split` do not, as Azure has it.

use super::call::{Call, Outcome, Stop};
use super::partial::{Builder, Partial};
use super::{limits, show, utf16};
use crate::tree::{Kind, Part, Reason, Value};

pub fn concat(call: &Call<'_>) -> Outcome {
    if call.args.iter().any(|a| a.as_list().is_some()) {
        let mut items = Vec::new();
        for index in 0..call.args.len() {
            items.extend_from_slice(call.list(index)?);
            if items.len() > limits::ITEMS {
                break;
            }
        }
        return call.items(items);
    }
    let mut out = Builder::default();
    for value in call.args {
        if value.as_map().is_some() {
            return Err(call.mismatch(value, "strings or lists"));
        }
        show::display(call, value, &mut out)?;
    }
    Ok(call.make(out.kind()))
}

pub fn to_lower(call: &Call<'_>) -> Outcome {
    Partial::of(call, call.arg(0))?.map(call, utf16::lower)
}

pub fn to_upper(call: &Call<'_>) -> Outcome {
    Partial::of(call, call.arg(0))?.map(call, utf16::upper)
}

pub fn starts_with(call: &Call<'_>) -> Outcome {
    let (text, wanted) = (Partial::of(call, call.arg(0))?, Partial::of(call, call.arg(1))?);
    let (head, start) = (utf16::lower(text.head()), utf16::lower(wanted.head()));
    if !head.starts_with(&start) && (text.gap().is_none() || !start.starts_with(&head)) {
        return Ok(call.bool(false));
    }
    match (wanted.gap(), text.gap()) {
        (Some(gap), _) => Err(gap),
        (None, _) if head.starts_with(&start) => Ok(call.bool(true)),
        (None, Some(gap)) => Err(gap),
        (None, None) => Ok(call.bool(false)),
    }
}

pub fn ends_with(call: &Call<'_>) -> Outcome {
    let (text, wanted) = (Partial::of(call, call.arg(0))?, Partial::of(call, call.arg(1))?);
    let (tail, end) = (utf16::lower(text.tail()), utf16::lower(wanted.tail()));
    if !tail.ends_with(&end) && (text.gap().is_none() || !end.ends_with(&tail)) {
        return Ok(call.bool(false));
    }
    match (wanted.gap(), text.gap()) {
        (Some(gap), _) => Err(gap),
        (None, _) if tail.ends_with(&end) => Ok(call.bool(true)),
        (None, Some(gap)) => Err(gap),
        (None, None) => Ok(call.bool(false)),
    }
}

pub fn trim(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    let Kind::Parts(parts) = &value.kind else {
        return Partial::of(call, value)?.map(call, |text| text.trim().to_owned());
    };
    let mut out = Builder::default();
    for (i, part) in parts.iter().enumerate() {
        match part {
            Part::Unknown(unknown) => out.unknown(unknown),
            Part::Text(text) if i == 0 => out.text(call, text.trim_start())?,
            Part::Text(text) if i + 1 == parts.len() => out.text(call, text.trim_end())?,
            Part::Text(text) => out.text(call, text)?,
        }
    }
    Ok(call.make(out.kind()))
}

pub fn replace(call: &Call<'_>) -> Outcome {
    let text = Partial::of(call, call.arg(0))?;
    let old = call.text(1)?;
    if old.is_empty() {
        return Err(call.fail("cannot replace an empty string"));
    }
    let new = Partial::of(call, call.arg(2))?;
    let mut out = Builder::default();
    let parts = match text {
        Partial::Known(text) => {
            replace_in(call, text, old, new, &mut out)?;
            return Ok(call.make(out.kind()));
        }
        Partial::None(unknown) => return Err(Stop::Unknown(unknown.clone())),
        Partial::Some(parts) => parts,
    };
    for (i, part) in parts.iter().enumerate() {
        match part {
            Part::Unknown(unknown) => out.unknown(unknown),
            Part::Text(piece) => {
                // A match might lie across the border to a gap: then nothing certain is left.
                let gap_before = i > 0;
                let gap_after = i + 1 < parts.len();
                let across = (1..old.len()).filter(|at| old.is_char_boundary(*at)).any(|at| {
                    let (start, end) = old.split_at(at);
                    (gap_after && piece.ends_with(start)) || (gap_before && piece.starts_with(end))
                });
                if across {
                    return Err(text.gap().unwrap_or_else(|| call.fail("met text with a gap")));
                }
                replace_in(call, piece, old, new, &mut out)?;
            }
        }
    }
    Ok(call.make(out.kind()))
}

fn replace_in(call: &Call<'_>, text: &str, old: &str, new: Partial<'_>, out: &mut Builder) -> Result<(), Stop> {
    for (i, piece) in text.split(old).enumerate() {
        if i > 0 {
            out.partial(call, new)?;
        }
        out.text(call, piece)?;
    }
    Ok(())
}

pub fn split(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    if value.is_null() {
        return call.items(Vec::new());
    }
    let text = Partial::of(call, value)?;
    let delimiters = delimiters(call)?;
    let mut out = Vec::new();
    let mut open = Builder::default();
    let mut push = |part: Builder| {
        out.push(call.make(part.kind()));
        if out.len() > limits::ITEMS {
            return Err(call.limit("makes a list of too many items"));
        }
        Ok(())
    };
    let mut cut = |text: &str, open: &mut Builder| -> Result<(), Stop> {
        for (i, piece) in pieces(text, &delimiters).into_iter().enumerate() {
            if i > 0 {
                push(std::mem::take(open))?;
            }
            open.text(call, piece)?;
        }
        Ok(())
    };
    match text {
        Partial::Known(text) => cut(text, &mut open)?,
        Partial::None(unknown) => return Err(Stop::Unknown(unknown.clone())),
        Partial::Some(parts) => {
            for part in parts {
                match part {
                    Part::Text(text) => cut(text, &mut open)?,
                    // A part of the context is one segment of an id: it has no slash in it. Of any other gap nobody
                    // knows how many items it makes.
                    Part::Unknown(unknown) if unknown.reason == Reason::Context && delimiters == ["/"] => {
                        open.unknown(unknown);
                    }
                    Part::Unknown(unknown) => return Err(Stop::Unknown(unknown.clone())),
                }
            }
        }
    }
    push(open)?;
    call.items(out)
}

fn delimiters<'a>(call: &Call<'a>) -> Result<Vec<&'a str>, Stop> {
    let value = call.arg(1);
    let all: Vec<&str> = match &value.kind {
        Kind::Null => Vec::new(),
        Kind::List(list) => list
            .iter()
            .map(|item| item.as_str().ok_or_else(|| call.mismatch(item, "strings as delimiters")))
            .collect::<Result<_, _>>()?,
        _ => vec![call.text(1)?],
    };
    Ok(all.into_iter().filter(|d| !d.is_empty()).collect())
}

/// The pieces between delimiters; where several fit at one place, the first of the list counts.
fn pieces<'t>(text: &'t str, delimiters: &[&str]) -> Vec<&'t str> {
    if let [one] = delimiters {
        return text.split(one).collect();
    }
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        match delimiters.iter().find(|d| rest.starts_with(**d)) {
            Some(delimiter) => {
                pieces.extend(text.get(start..at));
                at += delimiter.len();
                start = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    pieces.extend(text.get(start..));
    pieces
}

pub fn join(call: &Call<'_>) -> Outcome {
    let items = call.list(0)?;
    let delimiter = Partial::of(call, call.arg(1))?;
    let mut out = Builder::default();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.partial(call, delimiter)?;
        }
        if item.as_map().is_some() || item.as_list().is_some() {
            return Err(call.mismatch(item, "a list of strings"));
        }
        show::display(call, item, &mut out)?;
    }
    Ok(call.make(out.kind()))
}

pub fn substring(call: &Call<'_>) -> Outcome {
    let text = Partial::of(call, call.arg(0))?;
    let start = call.int(1)?;
    let length = match call.optional(2) {
        None => None,
        Some(_) => Some(call.int(2)?),
    };
    let (Ok(start), Ok(length)) = (usize::try_from(start), length.map(usize::try_from).transpose()) else {
        return Err(call.fail("wants a start and a length of zero or more"));
    };
    let head = text.head();
    let known = utf16::len(head);
    let end = length.map(|n| start.saturating_add(n));
    if let Some(end) = end.filter(|end| *end <= known) {
        return Ok(call.string(utf16::slice(head, start, end)));
    }
    if let Some(gap) = text.gap() {
        return match (end, text) {
            (None, Partial::Some(parts)) if start <= known => skip_head(call, parts, start),
            _ => Err(gap),
        };
    }
    if start > known || end.is_some() {
        return Err(call.fail(format_args!("reads past the end of a string of {known} characters")));
    }
    Ok(call.string(utf16::slice(head, start, known)))
}

/// Partly known text without the first units of its known head.
pub fn skip_head(call: &Call<'_>, parts: &[Part], units: usize) -> Outcome {
    let mut out = Builder::default();
    for (i, part) in parts.iter().enumerate() {
        match part {
            Part::Text(text) if i == 0 => {
                out.text(call, &utf16::slice(text, units, usize::MAX))?;
            }
            Part::Text(text) => out.text(call, text)?,
            Part::Unknown(unknown) => out.unknown(unknown),
        }
    }
    Ok(call.make(out.kind()))
}

pub fn pad_left(call: &Call<'_>) -> Outcome {
    let mut shown = Builder::default();
    let value = call.arg(0);
    if !matches!(value.kind, Kind::Null | Kind::String(_) | Kind::Number(_) | Kind::Parts(_) | Kind::Unknown(_)) {
        return Err(call.mismatch(value, "a string or a whole number"));
    }
    show::display(call, value, &mut shown)?;
    let total = usize::try_from(call.int(1)?).map_err(|_| call.fail("wants a length of zero or more"))?;
    if total > limits::TEXT {
        return Err(call.limit("makes a string that is too long"));
    }
    let pad = call.optional_text(2)?.unwrap_or(" ");
    if utf16::len(pad) != 1 {
        return Err(call.fail("pads with exactly one character"));
    }
    let kind = shown.kind();
    let (known, gap) = match &kind {
        Kind::String(text) => (utf16::len(text), None),
        Kind::Parts(parts) => (
            parts.iter().fold(0, |sum, part| match part {
                Part::Text(text) => sum + utf16::len(text),
                Part::Unknown(_) => sum,
            }),
            super::call::unknown_of(value),
        ),
        _ => (0, super::call::unknown_of(value)),
    };
    if known >= total {
        return Ok(call.make(kind));
    }
    match (gap, kind) {
        (None, Kind::String(text)) => Ok(call.string(format!("{}{text}", pad.repeat(total - known)))),
        (Some(gap), _) => Err(gap),
        (None, _) => Err(call.fail("cannot pad this value")),
    }
}

/// `string(value)`.
pub fn string(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    if matches!(value.kind, Kind::String(_)) {
        return Ok(value.clone());
    }
    let mut out = Builder::default();
    match value.kind {
        Kind::List(_) | Kind::Map(_) => show::json(call, value, &mut out)?,
        _ => show::display(call, value, &mut out)?,
    }
    Ok(call.make(out.kind()))
}

/// An interpolated string: the pieces, literal text and values alike, in their order. A value shows as `format` shows
/// it; what is unknown leaves a gap.
///
/// # Errors
/// A failure when the text gets too long.
pub fn interpolate(
    pieces: &[Value],
    site: crate::source::Span,
    cx: &crate::resolve::context::Context,
) -> Result<Value, super::Failure> {
    let call = Call::new("format", pieces, site, cx);
    let mut out = Builder::default();
    let shown = pieces.iter().try_for_each(|piece| show::display(&call, piece, &mut out));
    super::settle(shown.map(|()| call.make(out.kind())), pieces, site)
}
