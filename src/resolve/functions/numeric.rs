//! Numbers in .NET's standard and custom numeric formats, invariant culture.

use crate::tree::Number;

/// More digits than anyone writes: a bound on precision.
const DIGITS: usize = 99;

/// The number in a format; `None` when the format does not fit.
pub fn format(number: Number, format: &str) -> Option<String> {
    let mut chars = format.chars();
    let letter = chars.next()?;
    let digits = chars.as_str();
    if letter.is_ascii_alphabetic() && digits.len() <= 9 && digits.bytes().all(|b| b.is_ascii_digit()) {
        let precision = match digits {
            "" => None,
            _ => Some(digits.parse::<usize>().ok()?),
        };
        return standard(number, letter, precision);
    }
    custom(number, format)
}

fn standard(number: Number, letter: char, precision: Option<usize>) -> Option<String> {
    let precision = match precision {
        Some(p) if p > DIGITS => return None,
        p => p,
    };
    let whole = match number {
        Number::Int(n) => Some(i128::from(n)),
        Number::UInt(n) => Some(i128::from(n)),
        Number::Float(_) => None,
    };
    Some(match letter.to_ascii_uppercase() {
        'D' => {
            let n = whole?;
            let sign = if n < 0 { "-" } else { "" };
            format!("{sign}{:0>1$}", n.unsigned_abs(), precision.unwrap_or(0))
        }
        'X' => {
            let n = number.as_i64()?;
            whole?;
            let width = precision.unwrap_or(0);
            if letter == 'X' { format!("{n:0>width$X}") } else { format!("{n:0>width$x}") }
        }
        'B' => {
            whole?;
            let width = precision.unwrap_or(0);
            format!("{:0>width$b}", number.as_i64()?)
        }
        'F' => fixed(number, precision.unwrap_or(2), false),
        'N' => fixed(number, precision.unwrap_or(2), true),
        'C' => {
            let text = fixed(number, precision.unwrap_or(2), true);
            match text.strip_prefix('-') {
                Some(rest) => format!("(¤{rest})"),
                None => format!("¤{text}"),
            }
        }
        'P' => format!("{} %", fixed(percent(number), precision.unwrap_or(2), true)),
        'E' => exponent(number.as_f64(), precision.unwrap_or(6), letter),
        'G' | 'R' => match precision {
            None | Some(0) => super::show::digits(number),
            Some(p) => general(number.as_f64(), p, letter),
        },
        _ => return None,
    })
}

fn percent(number: Number) -> Number {
    match number {
        Number::Int(n) => n.checked_mul(100).map_or(Number::Float(n as f64 * 100.0), Number::Int),
        other => Number::Float(other.as_f64() * 100.0),
    }
}

/// Digits with a fixed number of decimals.
fn fixed(number: Number, decimals: usize, groups: bool) -> String {
    let (negative, whole, fraction) = digits(number, decimals);
    let whole = if groups { grouped(&whole) } else { whole };
    let sign = if negative { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Sign, whole digits and decimals. What rounds to zero has no sign.
fn digits(number: Number, decimals: usize) -> (bool, String, String) {
    let text = match number {
        Number::Int(n) => format!("{n}.{}", "0".repeat(decimals)),
        Number::UInt(n) => format!("{n}.{}", "0".repeat(decimals)),
        Number::Float(f) => format!("{f:.decimals$}"),
    };
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let zero = text.bytes().all(|b| matches!(b, b'0' | b'.'));
    (sign && !zero, whole.to_owned(), fraction.to_owned())
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn exponent(f: f64, decimals: usize, letter: char) -> String {
    let text = format!("{f:.decimals$e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(rest) => ('-', rest),
                None => ('+', exponent),
            };
            format!("{mantissa}{letter}{sign}{exponent:0>3}")
        }
        None => text,
    }
}

fn general(f: f64, precision: usize, letter: char) -> String {
    let scientific = format!("{f:.*e}", precision.saturating_sub(1));
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let magnitude: i32 = exponent.parse().unwrap_or(0);
    let strip = |text: &str| {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
    };
    let limit = i32::try_from(precision).unwrap_or(i32::MAX);
    if magnitude >= limit || magnitude < -5 {
        let sign = if magnitude < 0 { '-' } else { '+' };
        return format!(
            "{}{}{sign}{:0>2}",
            strip(mantissa),
            if letter == 'g' { 'e' } else { 'E' },
            magnitude.unsigned_abs()
        );
    }
    let decimals = usize::try_from(limit - 1 - magnitude).unwrap_or(0);
    strip(&format!("{f:.decimals$}"))
}

/// A custom format: `0` and `#` for digits, `.`, `,` for groups, `%`, quoted and escaped literals, and up to three
/// sections for positive numbers, negative ones and zero.
fn custom(number: Number, format: &str) -> Option<String> {
    let sections = sections(format);
    let value = number.as_f64();
    let (section, number, sign) = match sections.as_slice() {
        [_, _, zero, ..] if value == 0.0 && !zero.is_empty() => (zero, number, false),
        [_, negative, ..] if value < 0.0 && !negative.is_empty() => (negative, positive(number), false),
        [first, ..] => (first, positive(number), value < 0.0),
        [] => return None,
    };
    let (whole_places, decimals, required_decimals, groups, hundredfold) = shape(section);
    let number = if hundredfold { percent(number) } else { number };
    let (_, mut whole, fraction) = digits(number, decimals);
    if whole == "0" {
        whole.clear();
    }
    let required = whole_places.iter().skip_while(|zero| !**zero).count();
    if whole.len() < required {
        whole = format!("{}{whole}", "0".repeat(required - whole.len()));
    }
    if groups {
        whole = grouped(&whole);
    }
    let kept = fraction.trim_end_matches('0').len().max(required_decimals);
    let fraction = fraction.get(..kept).unwrap_or_default();
    let is_zero = whole.bytes().chain(fraction.bytes()).all(|b| matches!(b, b'0' | b','));
    let mut out = String::new();
    if sign && !is_zero {
        out.push('-');
    }
    let (mut wrote_whole, mut wrote_fraction) = (false, false);
    let mut chars = section.chars();
    while let Some(c) = chars.next() {
        match c {
            '0' | '#' if !wrote_whole => {
                wrote_whole = true;
                out.push_str(&whole);
            }
            '.' if !wrote_fraction => {
                if !wrote_whole {
                    wrote_whole = true;
                    out.push_str(&whole);
                }
                wrote_fraction = true;
                if !fraction.is_empty() {
                    out.push('.');
                    out.push_str(fraction);
                }
            }
            '0' | '#' | '.' | ',' => {}
            '\\' => out.extend(chars.next()),
            '\'' | '"' => out.extend(chars.by_ref().take_while(|end| *end != c)),
            other => out.push(other),
        }
    }
    Some(out)
}

fn positive(number: Number) -> Number {
    match number {
        Number::Int(n) => n.checked_abs().map_or(Number::Float(-(n as f64)), Number::Int),
        Number::Float(f) => Number::Float(f.abs()),
        other => other,
    }
}

/// Sections between semicolons that stand in no literal.
fn sections(format: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let mut quote = None;
    let mut escaped = false;
    for c in format.chars() {
        if c == ';' && quote.is_none() && !escaped {
            sections.push(String::new());
            continue;
        }
        match quote {
            _ if escaped => escaped = false,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\\' => escaped = true,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None => {}
        }
        if let Some(last) = sections.last_mut() {
            last.push(c);
        }
    }
    sections
}

/// Whether each whole place is required, the decimals, those of them that are required, whether groups are
/// separated, and whether the number shows as a percentage.
fn shape(section: &str) -> (Vec<bool>, usize, usize, bool, bool) {
    let mut whole = Vec::new();
    let (mut decimals, mut required, mut point) = (0, 0, false);
    let (mut groups, mut hundredfold) = (false, false);
    let mut chars = section.chars();
    while let Some(c) = chars.next() {
        match c {
            '0' | '#' if point => {
                decimals += 1;
                if c == '0' {
                    required = decimals;
                }
            }
            '0' | '#' => whole.push(c == '0'),
            '.' => point = true,
            ',' => groups = groups || (!whole.is_empty() && !point),
            '%' => hundredfold = true,
            '\\' => {
                chars.next();
            }
            '\'' | '"' => {
                chars.by_ref().take_while(|end| *end != c).for_each(drop);
            }
            _ => {}
        }
    }
    (whole, decimals.min(DIGITS), required.min(DIGITS), groups, hundredfold)
}
