//! Objects as YAML text, in the style of Kubernetes' own tools: keys sorted, two spaces a level, lists not indented.

use std::fmt::Write;

use crate::read::yaml::{Typing, typed};
use crate::tree::{Kind, Number, Part, Value};

/// The text of one document, with a line break at its end.
#[must_use]
pub fn yaml(value: &Value) -> String {
    let mut out = String::new();
    match &value.kind {
        Kind::Map(map) if !map.is_empty() => entries(value, 0, &mut out),
        Kind::List(list) if !list.is_empty() => items(value, 0, &mut out),
        _ => {
            scalar(value, 0, &mut out);
            out.push('\n');
        }
    }
    out
}

fn entries(value: &Value, depth: usize, out: &mut String) {
    let mut sorted: Vec<_> = value.entries().iter().collect();
    sorted.sort_by(|a, b| a.key.cmp(&b.key));
    for (i, entry) in sorted.into_iter().enumerate() {
        // The first entry of a list item stands behind its dash.
        if i > 0 || !out.ends_with("- ") {
            indent(depth, out);
        }
        quoted(&entry.key, depth, out);
        out.push(':');
        below(&entry.value, depth, out);
    }
}

/// A value behind its key's colon.
fn below(value: &Value, depth: usize, out: &mut String) {
    match &value.kind {
        Kind::Map(map) if !map.is_empty() => {
            out.push('\n');
            entries(value, depth + 1, out);
        }
        Kind::List(list) if !list.is_empty() => {
            out.push('\n');
            items(value, depth, out);
        }
        _ => {
            out.push(' ');
            scalar(value, depth + 1, out);
            out.push('\n');
        }
    }
}

fn items(value: &Value, depth: usize, out: &mut String) {
    for item in value.items() {
        if !out.ends_with("- ") {
            indent(depth, out);
        }
        out.push_str("- ");
        match &item.kind {
            Kind::Map(map) if !map.is_empty() => entries(item, depth + 1, out),
            Kind::List(list) if !list.is_empty() => items(item, depth + 1, out),
            _ => {
                scalar(item, depth + 1, out);
                out.push('\n');
            }
        }
    }
}

fn indent(depth: usize, out: &mut String) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn scalar(value: &Value, depth: usize, out: &mut String) {
    match &value.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::Number(Number::Float(f)) if f.is_finite() && f.fract() == 0.0 && f.abs() < 1e21 => {
            let _ = write!(out, "{f:.0}");
        }
        Kind::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Kind::String(text) => quoted(text, depth, out),
        Kind::Parts(parts) => {
            let mut text = String::new();
            for part in parts.iter() {
                match part {
                    Part::Text(known) => text.push_str(known),
                    Part::Unknown(_) => text.push('…'),
                }
            }
            quoted(&text, depth, out);
        }
        Kind::Unknown(unknown) => {
            let _ = write!(out, "null # {unknown}");
        }
        Kind::List(_) => out.push_str("[]"),
        Kind::Map(_) => out.push_str("{}"),
    }
}

/// A string: plain where that reads back as the same string, a block where it has lines, else in quotes.
fn quoted(text: &str, depth: usize, out: &mut String) {
    let control =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{feff}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    if text.chars().any(control) {
        return double(text, out);
    }
    if text.contains('\n') {
        return block(text, depth, out);
    }
    // Other readers take a plain date for a point in time.
    let date = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('-');
    if !matches!(typed(text, Typing::Kubernetes), Kind::String(_)) || text.is_empty() || date {
        return double(text, out);
    }
    if is_plain(text) {
        out.push_str(text);
    } else {
        out.push('\'');
        out.push_str(&text.replace('\'', "''"));
        out.push('\'');
    }
}

fn is_plain(text: &str) -> bool {
    let first = text.chars().next();
    let last = text.chars().next_back();
    let special = |c: char| {
        matches!(c, ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`')
    };
    let lone = |c: char| matches!(c, '-' | '?' | ':');
    let next_is_space = text.chars().nth(1).is_none_or(|c| c == ' ');
    !(first.is_some_and(|c| special(c) || c == ' ' || (lone(c) && next_is_space))
        || last.is_some_and(|c| c == ' ' || c == ':')
        || text.contains(": ")
        || text.contains(" #")
        || text.starts_with("---")
        || text.starts_with("...")
        || text == "="
        || text == "<<")
}

fn block(text: &str, depth: usize, out: &mut String) {
    // A block cannot say that its first line begins with a blank without a number, nor keep blanks before a line's end.
    if text.starts_with([' ', '\n']) || text.contains(" \n") || text.ends_with(' ') {
        return double(text, out);
    }
    out.push('|');
    if !text.ends_with('\n') {
        out.push('-');
    } else if text.ends_with("\n\n") {
        out.push('+');
    }
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            indent(depth.max(1), out);
            out.push_str(line);
        }
    }
}

fn double(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}') => {
                let code = c as u32;
                let _ = if code < 0x100 { write!(out, "\\x{code:02X}") } else { write!(out, "\\u{code:04X}") };
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml::parse;
    use crate::source::Sources;

    #[test]
    fn what_is_written_reads_back_the_same() {
        for text in [
            "a: 1\nb:\n- x\n- y: 2\n  z: [1, {k: v}]\nc: {}\nd: []\ne: null\n",
            "s1: 'yes'\ns2: '1'\ns3: 'a: b'\ns4: ' x'\ns5: \"tab\\t\"\ns6: ''\ns7: '- x'\ns8: 'it''s'\n",
            "t: |\n  one\n  two\nu: |-\n  one\n\n  two\nv: \"\\n x\"\nw: |+\n  a\n\n",
            "- - a\n  - b\n- {}\n",
            "f: 1.5\ng: 1e3\nh: '0x10'\ni: '2020-01-01'\nj: '~'\n",
        ] {
            let read = |text: &str| {
                let source = Sources::new().add("a.yaml", text);
                parse(&source).documents.remove(0).root
            };
            let value = read(text);
            let written = yaml(&value);
            assert_eq!(read(&written).content_hash(), value.content_hash(), "{written}");
        }
    }
}
