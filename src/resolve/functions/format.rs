//! `format`: .NET's composite formatting in its invariant culture, `{index,alignment:format}`.

use super::call::{Call, Outcome, Stop};
use super::partial::{Builder, Partial};
use super::{limits, numeric, show, utf16};
use crate::tree::{Kind, Value};

pub fn format(call: &Call<'_>) -> Outcome {
    let pattern = match Partial::of(call, call.arg(0))? {
        Partial::Known(text) => text,
        partial => {
            return Err(partial.gap().unwrap_or_else(|| call.fail("met a pattern with a gap")));
        }
    };
    let args = call.args.get(1..).unwrap_or_default();
    let mut out = Builder::default();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        let (text, from) = rest.split_at(at);
        out.text(call, text)?;
        let brace = from.get(..1).unwrap_or_default();
        let after = from.get(1..).unwrap_or_default();
        if let Some(after) = after.strip_prefix(brace) {
            out.text(call, brace)?;
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err(malformed(call, pattern));
        }
        let (hole, after) = hole(after).ok_or_else(|| malformed(call, pattern))?;
        let value = args.get(hole.index).ok_or_else(|| {
            call.fail(format_args!("has no argument for `{{{}}}` in `{}`", hole.index, short(pattern)))
        })?;
        fill(call, &hole, value, &mut out)?;
        rest = after;
    }
    out.text(call, rest)?;
    Ok(call.make(out.kind()))
}

fn malformed(call: &Call<'_>, pattern: &str) -> Stop {
    call.fail(format_args!("cannot read `{}` as a pattern: a brace is not closed or not doubled", short(pattern)))
}

fn short(pattern: &str) -> String {
    utf16::slice(pattern, 0, 60)
}

struct Hole<'p> {
    index: usize,
    align: i64,
    format: &'p str,
}

/// What stands after an opening brace, and the rest of the pattern.
fn hole(text: &str) -> Option<(Hole<'_>, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let index = text.get(..digits)?.parse().ok()?;
    let mut rest = text.get(digits..)?.trim_start_matches(' ');
    let mut align = 0;
    if let Some(after) = rest.strip_prefix(',') {
        let after = after.trim_start_matches(' ');
        let end = after.find(|c: char| !(c.is_ascii_digit() || c == '-'))?;
        align = after.get(..end)?.parse().ok()?;
        rest = after.get(end..)?.trim_start_matches(' ');
    }
    let mut format = "";
    if let Some(after) = rest.strip_prefix(':') {
        let end = after.find(['{', '}'])?;
        format = after.get(..end)?;
        rest = after.get(end..)?;
    }
    let rest = rest.strip_prefix('}')?;
    let hole = Hole { index, align, format };
    Some((hole, rest))
}

fn fill(call: &Call<'_>, hole: &Hole<'_>, value: &Value, out: &mut Builder) -> Result<(), Stop> {
    let mut shown = Builder::default();
    match &value.kind {
        Kind::Number(number) if !hole.format.is_empty() => {
            let text = numeric::format(*number, hole.format)
                .ok_or_else(|| call.fail(format_args!("has no numeric format `{}`", short(hole.format))))?;
            shown.text(call, &text)?;
        }
        _ => show::display(call, value, &mut shown)?,
    }
    match shown.kind() {
        Kind::String(text) => {
            let width = usize::try_from(hole.align.unsigned_abs()).unwrap_or(usize::MAX);
            if width > limits::TEXT {
                return Err(call.limit("makes a string that is too long"));
            }
            let pad = " ".repeat(width.saturating_sub(utf16::len(&text)));
            if hole.align > 0 {
                out.text(call, &pad)?;
            }
            out.text(call, &text)?;
            if hole.align < 0 {
                out.text(call, &pad)?;
            }
            Ok(())
        }
        // How much a gap would be padded nobody knows.
        Kind::Parts(parts) => out.parts(call, &parts),
        Kind::Unknown(unknown) => {
            out.unknown(&unknown);
            Ok(())
        }
        _ => Ok(()),
    }
}
