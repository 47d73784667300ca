//! `sprintf` as Go formats: an argument that is missing, left over or of the wrong type is marked in the text, where
//! the engine's own would have no result at all.

use std::fmt::Write as _;

use regorus::Value;

/// Wider fields than this are no message.
const WIDEST: usize = 1000;

pub(super) fn sprintf(arguments: &[Value]) -> Value {
    match arguments {
        [Value::String(format), Value::Array(values)] => {
            let values: Vec<&Value> = values.iter().collect();
            Value::from(text(format, &values))
        }
        _ => Value::Undefined,
    }
}

#[derive(Default)]
struct Spec {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

fn text(format: &str, values: &[&Value]) -> String {
    let mut out = String::with_capacity(format.len() + 16 * values.len());
    let mut chars = format.chars().peekable();
    let mut next = 0;
    let mut reordered = false;
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = Spec::default();
        while let Some(flag) = chars.next_if(|c| matches!(c, '+' | '-' | '#' | ' ' | '0')) {
            match flag {
                '+' => spec.plus = true,
                '-' => spec.minus = true,
                '#' => spec.sharp = true,
                ' ' => spec.space = true,
                _ => spec.zero = true,
            }
        }
        let mut bad = index(&mut chars, &mut next, &mut reordered, values.len());
        match chars.next_if_eq(&'*') {
            Some(_) => {
                let width = values.get(next).and_then(|v| v.as_i64().ok());
                spec.minus |= width.is_some_and(|w| w < 0);
                spec.width = width.map(|w| usize::try_from(w.unsigned_abs()).unwrap_or(WIDEST).min(WIDEST));
                next += 1;
            }
            None => spec.width = digits(&mut chars),
        }
        if chars.next_if_eq(&'.').is_some() {
            bad |= index(&mut chars, &mut next, &mut reordered, values.len());
            spec.precision = match chars.next_if_eq(&'*') {
                Some(_) => {
                    next += 1;
                    let given = values.get(next - 1).and_then(|v| v.as_u64().ok());
                    given.map(|p| usize::try_from(p).unwrap_or(WIDEST).min(WIDEST))
                }
                None => Some(digits(&mut chars).unwrap_or(0)),
            };
        }
        bad |= index(&mut chars, &mut next, &mut reordered, values.len());
        let Some(verb) = chars.next() else {
            out.push_str("%!(NOVERB)");
            break;
        };
        if verb == '%' {
            out.push('%');
            continue;
        }
        match values.get(next) {
            _ if bad => {
                let _ = write!(out, "%!{verb}(BADINDEX)");
            }
            Some(value) => one(&mut out, &spec, verb, value),
            None => {
                let _ = write!(out, "%!{verb}(MISSING)");
            }
        }
        next += 1;
    }
    if next < values.len() && !reordered {
        let extra: Vec<String> = values.iter().skip(next).map(|v| typed(v)).collect();
        let _ = write!(out, "%!(EXTRA {})", extra.join(", "));
    }
    out
}

/// `[2]` before a verb: the argument to go on with, from one. Whether it names one that is not there.
fn index(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    next: &mut usize,
    reordered: &mut bool,
    count: usize,
) -> bool {
    if chars.next_if_eq(&'[').is_none() {
        return false;
    }
    *reordered = true;
    let number = digits(chars);
    let closed = chars.next_if_eq(&']').is_some();
    match number {
        Some(number @ 1..) if closed && number <= count => {
            *next = number - 1;
            false
        }
        _ => true,
    }
}

fn digits(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<usize> {
    let mut number = None;
    while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
        chars.next();
        number = Some((number.unwrap_or(0) * 10 + digit as usize).min(WIDEST));
    }
    number
}

/// What an argument is to Go: OPA hands on whole numbers, other numbers, and the text of everything else.
enum Argument {
    Int(i64),
    Float(f64),
    /// A whole number beyond 64 bits.
    Big(String),
    Text(String),
}

fn argument(value: &Value) -> Argument {
    match value {
        Value::Number(_) => match (value.as_i64(), value.as_f64()) {
            (Ok(n), _) => Argument::Int(n),
            (_, Ok(n)) if n.fract() != 0.0 || n.abs() < 1e15 => Argument::Float(n),
            _ => match written(value) {
                digits if digits.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit()) => Argument::Big(digits),
                other => Argument::Text(other),
            },
        },
        Value::String(text) => Argument::Text(text.to_string()),
        other => Argument::Text(written(other)),
    }
}

fn typed(value: &Value) -> String {
    match argument(value) {
        Argument::Int(n) => format!("int64={n}"),
        Argument::Float(n) => format!("float64={}", general(n)),
        Argument::Text(text) | Argument::Big(text) => format!("string={text}"),
    }
}

fn one(out: &mut String, spec: &Spec, verb: char, value: &Value) {
    // With `%v` a sign and a number sign mean another way to write structures, of which a policy has none.
    let plain = Spec { plus: false, sharp: false, ..*spec };
    let spec = if verb == 'v' && (spec.plus || spec.sharp) { &plain } else { spec };
    let formatted = match (verb, argument(value)) {
        ('v' | 'd', Argument::Int(n)) => number(spec, n < 0, n.unsigned_abs().to_string()),
        ('v' | 'd', Argument::Big(digits)) => {
            number(spec, digits.starts_with('-'), digits.trim_start_matches('-').to_owned())
        }
        ('b', Argument::Int(n)) => number(spec, n < 0, format!("{:b}", n.unsigned_abs())),
        ('o', Argument::Int(n)) => number(spec, n < 0, format!("{:o}", n.unsigned_abs())),
        ('O', Argument::Int(n)) => number(spec, n < 0, format!("0o{:o}", n.unsigned_abs())),
        ('x', Argument::Int(n)) => {
            let prefix = if spec.sharp { "0x" } else { "" };
            number(spec, n < 0, format!("{prefix}{:x}", n.unsigned_abs()))
        }
        ('X', Argument::Int(n)) => {
            let prefix = if spec.sharp { "0X" } else { "" };
            number(spec, n < 0, format!("{prefix}{:X}", n.unsigned_abs()))
        }
        ('c', Argument::Int(n)) => {
            u32::try_from(n).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER).to_string()
        }
        ('U', Argument::Int(n)) => format!("U+{n:04X}"),
        ('v' | 'g' | 'G', Argument::Float(n)) => number(spec, n < 0.0, general(n.abs())),
        ('f' | 'F', Argument::Float(n)) => {
            number(spec, n < 0.0, format!("{:.*}", spec.precision.unwrap_or(6), n.abs()))
        }
        ('e' | 'E', Argument::Float(n)) => {
            let text = exponent(&format!("{:.*e}", spec.precision.unwrap_or(6), n.abs()));
            number(spec, n < 0.0, if verb == 'E' { text.to_uppercase() } else { text })
        }
        ('v' | 's', Argument::Text(text)) => match spec.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text,
        },
        ('q', Argument::Text(text)) => quoted(&text),
        ('q', Argument::Int(n)) => {
            let c = u32::try_from(n).ok().and_then(char::from_u32);
            format!("'{}'", c.unwrap_or(char::REPLACEMENT_CHARACTER))
        }
        ('x', Argument::Text(text)) => text.bytes().map(|b| format!("{b:02x}")).collect(),
        ('X', Argument::Text(text)) => text.bytes().map(|b| format!("{b:02X}")).collect(),
        ('T', Argument::Int(_)) => "int64".to_owned(),
        ('T', Argument::Float(_)) => "float64".to_owned(),
        ('T', Argument::Text(_) | Argument::Big(_)) => "string".to_owned(),
        _ => format!("%!{verb}({})", typed(value)),
    };
    pad(out, spec, verb, &formatted);
}

fn number(spec: &Spec, negative: bool, digits: String) -> String {
    let sign = match (negative, spec.plus, spec.space) {
        (true, _, _) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    };
    let missing = match spec.width {
        Some(width) if spec.zero && !spec.minus => width.saturating_sub(digits.len() + sign.len()),
        _ => 0,
    };
    format!("{sign}{}{digits}", "0".repeat(missing))
}

fn pad(out: &mut String, spec: &Spec, verb: char, text: &str) {
    let missing = spec.width.unwrap_or(0).saturating_sub(text.chars().count());
    // Go pads strings with zeros too, when it is told to.
    let fill = if spec.zero && !spec.minus && matches!(verb, 's' | 'v' | 'q') { "0" } else { " " };
    if spec.minus {
        out.push_str(text);
        out.push_str(&" ".repeat(missing));
    } else {
        out.push_str(&fill.repeat(missing));
        out.push_str(text);
    }
}

/// `%v` of a float: the shortest digits that read back, with an exponent where it is very large or small.
fn general(n: f64) -> String {
    // Whole numbers are integers to OPA as far as they go; of the others Go writes a million with an exponent.
    let plain = if n.fract() == 0.0 { 1e21 } else { 1e6 };
    if n != 0.0 && !(1e-4..plain).contains(&n.abs()) {
        return exponent(&format!("{n:e}"));
    }
    n.to_string()
}

/// Rust writes `1e5`, Go `1e+05`.
fn exponent(text: &str) -> String {
    let Some((digits, power)) = text.split_once('e') else {
        return text.to_owned();
    };
    let (sign, power) = match power.strip_prefix('-') {
        Some(power) => ('-', power),
        None => ('+', power),
    };
    format!("{digits}e{sign}{power:0>2}")
}

fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A value as OPA writes it: `["a", 1]`, `{"k": "v"}`, sets in braces.
pub(super) fn written(value: &Value) -> String {
    let join = |items: Vec<String>| items.join(", ");
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::String(text) => serde_json::to_string(&**text).unwrap_or_else(|_| quoted(text)),
        Value::Array(items) => format!("[{}]", join(items.iter().map(written).collect())),
        Value::Set(items) if items.is_empty() => "set()".to_owned(),
        Value::Set(items) => format!("{{{}}}", join(items.iter_sorted().map(written).collect())),
        Value::Object(entries) => {
            let entries = entries.iter_sorted();
            let entries = entries.map(|(k, v)| format!("{}: {}", written(k), written(v)));
            format!("{{{}}}", join(entries.collect()))
        }
        Value::Undefined => String::new(),
        Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(format: &str, json: &str) -> String {
        let values = Value::from_json_str(json).unwrap();
        sprintf(&[Value::from(format), values]).as_string().unwrap().to_string()
    }

    #[test]
    fn formats_as_go_does() {
        // Each expectation was printed by OPA 1.22.
        let cases = [
            ("%s is %d", r#"["a", 5]"#, "a is 5"),
            ("%v %v %v", r#"[["a", 1], {"k": "v"}, null]"#, r#"["a", 1] {"k": "v"} null"#),
            ("%s", "[5]", "%!s(int64=5)"),
            ("%d", r#"["x"]"#, "%!d(string=x)"),
            ("%d%%", "[5]", "5%"),
            ("%s %s", r#"["a"]"#, "a %!s(MISSING)"),
            ("a", r#"["b", 1]"#, "a%!(EXTRA string=b, int64=1)"),
            ("%", "[]", "%!(NOVERB)"),
            ("%5d|%-5d|%05d|%+d", "[1, 2, 3, 4]", "    1|2    |00003|+4"),
            ("%.2f", "[1.005]", "1.00"),
            ("%q", r#"["a\"b"]"#, r#""a\"b""#),
            ("%v", "[1.5]", "1.5"),
            ("%x", "[255]", "ff"),
            ("%t", "[true]", "%!t(string=true)"),
            ("%f", "[2]", "%!f(int64=2)"),
            ("%5s|%-5s|", r#"["a", "b"]"#, "    a|b    |"),
            ("%v", "[1e30]", "1e+30"),
            ("%[2]s %[1]s", r#"["a", "b"]"#, "b a"),
            ("%[1]s %[1]s", r#"["a"]"#, "a a"),
            ("%[1]d %d", "[1, 2]", "1 2"),
            ("%[3]d", "[1]", "%!d(BADINDEX)"),
            ("%*d|%-*d|", "[5, 1, 3, 2]", "    1|2  |"),
            ("%.*f", "[2, 3.14159]", "3.14"),
            ("%d", "[12345678901234567890]", "12345678901234567890"),
            ("%v", "[123456789.123]", "1.23456789123e+08"),
            ("%v", "[100000000000]", "100000000000"),
            ("%+v", "[5]", "5"),
        ];
        for (format, values, expected) in cases {
            assert_eq!(formatted(format, values), expected, "{format} {values}");
        }
    }

    #[test]
    fn widths_are_bounded() {
        assert!(formatted("%999999999d", "[1]").len() <= WIDEST);
    }
}
