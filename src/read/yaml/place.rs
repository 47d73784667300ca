//! Where values stand, for what events do not say to the byte: block scalars, and values that are not there.

use crate::tree::Entry;

/// From the header of a block scalar (`|`, `>`) to the end of its text. `from` is where the token before it ended,
/// `start` and `end` what the parser calls its text: from its first character to the next token.
pub(super) fn block(text: &str, from: usize, start: usize, end: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let header = indicator(bytes, from, start.max(from), |b| matches!(b, b'|' | b'>'));
    let indicators = bytes.get(header..).unwrap_or_default();
    let length = 1 + indicators.iter().skip(1).take_while(|b| matches!(b, b'+' | b'-' | b'0'..=b'9')).count();
    let keeps = indicators.iter().take(length).any(|b| *b == b'+');
    let body = text.get(start..end).unwrap_or_default();
    let trimmed = if keeps {
        // Trailing blank lines count, but for the indentation of the next token and one line break.
        let body = body.trim_end_matches(' ');
        let body = body.strip_suffix('\n').unwrap_or(body);
        body.strip_suffix('\r').unwrap_or(body)
    } else {
        body.trim_end_matches([' ', '\t', '\n', '\r'])
    };
    let text_end = if trimmed.is_empty() { 0 } else { start + trimmed.len() };
    (header, text_end.max(header + length))
}

/// The value of a block scalar without its last line break, where the file ends without one.
pub(super) fn unbroken<'v>(text: &str, value: &'v str, end: usize) -> &'v str {
    let Some(shorter) = value.strip_suffix('\n') else {
        return value;
    };
    let last_line = text.rsplit(['\n', '\r']).next().unwrap_or_default();
    let begun = !last_line.trim_matches(' ').is_empty() || !last_line.is_empty() && shorter.ends_with(' ');
    if end >= text.len() && begun { shorter } else { value }
}

/// The first dash of a list below a key that ends at `from`. A list that is indented no deeper than its key is
/// reported at its first item instead.
pub(super) fn dash(text: &str, from: usize, at: usize) -> usize {
    indicator(text.as_bytes(), from, at, |b| b == b'-')
}

/// The wanted indicator after `from`, past colons, anchors, tags and comments; `until` if there is none before.
fn indicator(bytes: &[u8], from: usize, until: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let mut at = from;
    while at < until {
        match bytes.get(at) {
            Some(b) if wanted(*b) => return at,
            Some(b'#') => at = line_end(bytes, at),
            Some(b'&' | b'!') => {
                at += bytes.get(at..).unwrap_or_default().iter().take_while(|b| !b.is_ascii_whitespace()).count();
            }
            Some(_) => at += 1,
            None => break,
        }
    }
    until
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len())
}

/// The place of a value that is not there: right after the colon, dash or property before it.
pub(super) fn empty(text: &str, from: usize, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut offset = at.max(from);
    let blanks = bytes.get(offset..).unwrap_or_default().iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    if matches!(bytes.get(offset + blanks), Some(b':')) {
        offset += blanks + 1;
    }
    offset
}

/// The head of a text, for messages.
pub(in crate::read) fn short(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(60) {
        Some((end, _)) => line.get(..end).unwrap_or(line),
        None => line,
    }
}

/// Below this many keys comparing all is cheaper than a set.
const FEW: usize = 16;

/// Calls `found` with the positions of each key that was there before: its first place and this one.
pub(in crate::read) fn repeats(entries: &[Entry], mut found: impl FnMut(usize, usize)) {
    if entries.len() <= FEW {
        for (again, entry) in entries.iter().enumerate().skip(1) {
            let before = entries.iter().take(again);
            if let Some(first) = before.enumerate().find(|(_, e)| e.key == entry.key) {
                found(first.0, again);
            }
        }
        return;
    }
    let mut seen = std::collections::HashMap::with_capacity(entries.len());
    for (again, entry) in entries.iter().enumerate() {
        match seen.entry(entry.key.as_str()) {
            std::collections::hash_map::Entry::Occupied(first) => found(*first.get(), again),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(again);
            }
        }
    }
}
