//! What a scalar is: the rules by which Kubernetes' YAML library reads a plain word, which are those of YAML 1.1 with
//! Go's number syntax. It knows no events and no spans.

use crate::tree::{Kind, Number, Text};

/// By which rules plain scalars get their type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Typing {
    /// As `kubectl`, helm and every Kubernetes controller: `yes` and `on` are true, `0644` is octal.
    #[default]
    Kubernetes,
    /// YAML 1.2's core schema, as workflows of GitHub and Azure DevOps are read: `on` is a word.
    Core,
    /// As kustomize, whose library is a newer one than that of Kubernetes: `yes` and `on` are words, and what it
    /// renders says so in quotes.
    Kustomize,
}

/// What a plain scalar without a tag is.
#[must_use]
pub fn plain(text: &str, typing: Typing) -> Kind {
    let Some(first) = text.bytes().next() else {
        return Kind::Null;
    };
    let known = match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text, typing),
        b'.' => special(text).or_else(|| fraction(text)),
        b'+' | b'-' | b'0'..=b'9' => special(text).or_else(|| number(text, typing)),
        _ => None,
    };
    known.unwrap_or_else(|| Kind::String(Text::from(text)))
}

fn word(text: &str, typing: Typing) -> Option<Kind> {
    Some(match text {
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        "null" | "Null" | "NULL" | "~" => Kind::Null,
        _ if typing != Typing::Kubernetes => return None,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Kind::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Kind::Bool(false),
        _ => return None,
    })
}

fn special(text: &str) -> Option<Kind> {
    let value = match text {
        ".nan" | ".NaN" | ".NAN" => f64::NAN,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => f64::INFINITY,
        "-.inf" | "-.Inf" | "-.INF" => f64::NEG_INFINITY,
        _ => return None,
    };
    Some(Kind::Number(Number::Float(value)))
}

/// A number that begins with its point. Go reads it without taking underscores out first, but allows them between digits.
fn fraction(text: &str) -> Option<Kind> {
    let mut before = b'.';
    for b in text.bytes() {
        if (b == b'_' && !before.is_ascii_digit()) || (before == b'_' && !b.is_ascii_digit()) {
            return None;
        }
        before = b;
    }
    if before == b'_' {
        return None;
    }
    float(&text.replace('_', ""))
}

fn number(text: &str, typing: Typing) -> Option<Kind> {
    let without;
    let digits = if typing != Typing::Core && text.contains('_') {
        without = text.replace('_', "");
        &without
    } else {
        text
    };
    integer(digits, typing).or_else(|| float(digits))
}

/// `strconv.ParseInt` and `ParseUint` with base 0, then the binary forms that the library adds.
fn integer(text: &str, typing: Typing) -> Option<Kind> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let signed = unsigned.len() < text.len();
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, unsigned.get(2..)?),
        [b'0', b'o' | b'O', _, ..] => (8, unsigned.get(2..)?),
        [b'0', b'b' | b'B', _, ..] if typing != Typing::Core => (2, unsigned.get(2..)?),
        [b'0', _, ..] if typing != Typing::Core => (8, unsigned.get(1..)?),
        _ => (10, unsigned),
    };
    if !digits.bytes().next()?.is_ascii_alphanumeric() {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    let number = match (negative, i64::try_from(magnitude)) {
        (false, Ok(n)) => Number::Int(n),
        (true, Ok(n)) => Number::Int(-n),
        (true, Err(_)) if magnitude == i64::MIN.unsigned_abs() => Number::Int(i64::MIN),
        // Go parses unsigned numbers without any sign.
        (false, Err(_)) if !signed => Number::UInt(magnitude),
        _ => return None,
    };
    Some(Kind::Number(number))
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, within the range of a double.
fn float(text: &str) -> Option<Kind> {
    let mut rest = text.as_bytes();
    if let [b'+' | b'-', after @ ..] = rest {
        rest = after;
    }
    let whole = take_digits(&mut rest);
    if let [b'.', after @ ..] = rest {
        rest = after;
        if take_digits(&mut rest) == 0 && whole == 0 {
            return None;
        }
    } else if whole == 0 {
        return None;
    }
    if let [b'e' | b'E', after @ ..] = rest {
        rest = after;
        if let [b'+' | b'-', after @ ..] = rest {
            rest = after;
        }
        if take_digits(&mut rest) == 0 {
            return None;
        }
    }
    if !rest.is_empty() {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    value.is_finite().then_some(Kind::Number(Number::Float(value)))
}

fn take_digits(rest: &mut &[u8]) -> usize {
    let count = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    *rest = rest.get(count..).unwrap_or_default();
    count
}

/// A key as the JSON conversion writes it: booleans and numbers become words, nothing else may be one.
pub(super) fn key(kind: &Kind) -> Option<Text> {
    Some(match kind {
        Kind::String(text) => text.clone(),
        Kind::Bool(true) => Text::const_new("true"),
        Kind::Bool(false) => Text::const_new("false"),
        Kind::Number(Number::Int(n)) => compact_str::ToCompactString::to_compact_string(n),
        Kind::Number(Number::Float(f)) => float_key(*f),
        _ => return None,
    })
}

/// Go's shortest form of a 32 bit float: `%g` with an exponent for seven digits and more, or below 1e-4.
fn float_key(value: f64) -> Text {
    #[expect(clippy::cast_possible_truncation, reason = "the library rounds keys to 32 bits")]
    let single = value as f32;
    if single.is_nan() {
        return Text::const_new(".nan");
    }
    if single.is_infinite() {
        return Text::const_new(if single > 0.0 { ".inf" } else { "-.inf" });
    }
    let scientific = format!("{single:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return compact_str::format_compact!("{single}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    compact_str::format_compact!("{digits}e{sign}{:02}", exponent.abs())
}
