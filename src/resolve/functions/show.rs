//! Values as text: as `format` and interpolation show them, and as JSON.

use super::call::{Call, Stop};
use super::limits;
use super::partial::Builder;
use crate::tree::{Kind, Number, Value};

/// Appends a value as `format('{0}', value)` shows it: `True` and `False`, nothing for null, and lists and objects as
/// JSON on one line in single quotes.
pub fn display(call: &Call<'_>, value: &Value, out: &mut Builder) -> Result<(), Stop> {
    match &value.kind {
        Kind::Null => Ok(()),
        Kind::Bool(value) => out.text(call, if *value { "True" } else { "False" }),
        Kind::Number(number) => out.text(call, &digits(*number)),
        Kind::String(text) => out.text(call, text),
        Kind::Parts(parts) => out.parts(call, parts),
        Kind::Unknown(unknown) => {
            out.unknown(unknown);
            Ok(())
        }
        Kind::List(_) | Kind::Map(_) => write(call, value, out, true, limits::DEPTH),
    }
}

/// Appends a value as JSON on one line.
pub fn json(call: &Call<'_>, value: &Value, out: &mut Builder) -> Result<(), Stop> {
    write(call, value, out, false, limits::DEPTH)
}

/// A number as .NET's invariant culture shows it.
pub fn digits(number: Number) -> String {
    match number {
        Number::Float(f) if f != 0.0 && (f.abs() >= 1e15 || f.abs() < 1e-4) => {
            let text = format!("{f:E}");
            match text.split_once('E') {
                Some((digits, exponent)) => {
                    let (sign, exponent) = match exponent.strip_prefix('-') {
                        Some(rest) => ('-', rest),
                        None => ('+', exponent),
                    };
                    format!("{digits}E{sign}{exponent:0>2}")
                }
                None => text,
            }
        }
        _ => number.to_string(),
    }
}

/// `single` puts single quotes in the place of double ones, as Azure does for lists and objects inside text.
fn write(call: &Call<'_>, value: &Value, out: &mut Builder, single: bool, depth: usize) -> Result<(), Stop> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(call.limit("meets a value that is too deep"));
    };
    match &value.kind {
        Kind::Null => out.text(call, "null"),
        Kind::Bool(value) => out.text(call, if *value { "true" } else { "false" }),
        Kind::Number(Number::Float(f)) if f.fract() == 0.0 && f.abs() < 1e15 => out.text(call, &format!("{f:.1}")),
        Kind::Number(number) => out.text(call, &digits(*number)),
        Kind::String(text) => out.text(call, &quoted(text, single)),
        Kind::Unknown(unknown) => {
            out.unknown(unknown);
            Ok(())
        }
        Kind::Parts(parts) => {
            let quote = if single { "'" } else { "\"" };
            out.text(call, quote)?;
            for part in parts.iter() {
                match part {
                    crate::tree::Part::Text(text) => out.text(call, &escaped(text, single))?,
                    crate::tree::Part::Unknown(unknown) => out.unknown(unknown),
                }
            }
            out.text(call, quote)
        }
        Kind::List(list) => {
            out.text(call, "[")?;
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.text(call, ",")?;
                }
                write(call, item, out, single, depth)?;
            }
            out.text(call, "]")
        }
        Kind::Map(map) => {
            out.text(call, "{")?;
            for (i, entry) in map.iter().enumerate() {
                if i > 0 {
                    out.text(call, ",")?;
                }
                out.text(call, &quoted(&entry.key, single))?;
                out.text(call, ":")?;
                write(call, &entry.value, out, single, depth)?;
            }
            out.text(call, "}")
        }
    }
}

fn quoted(text: &str, single: bool) -> String {
    let quote = if single { '\'' } else { '"' };
    format!("{quote}{}{quote}", escaped(text, single))
}

fn escaped(text: &str, single: bool) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' if single => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\u{0}'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}
