//! From offsets in a scalar's decoded text back to its file, so that what is written inside of a string (TOML or YAML in
//! a `ConfigMap`, snippets of nginx) has places too. A map is made on demand, for the few scalars that are looked into.

use crate::source::{Source, Span};
use crate::tree::{Style, Value};

/// Where each byte of a decoded text stands in its file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DecodeMap {
    whole: Span,
    pieces: Vec<Piece>,
}

/// A stretch of decoded text. Where both lengths are equal it stands in the file as it is, byte for byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Piece {
    decoded: usize,
    decoded_length: usize,
    source: usize,
    source_length: usize,
}

impl DecodeMap {
    /// The map of a string's text. A string whose text cannot be traced (it was computed, or is not from this source)
    /// has a map that gives the whole string's span for everything.
    #[must_use]
    pub fn of(value: &Value, source: &Source) -> Self {
        let whole = value.span;
        let coarse = Self { whole, pieces: Vec::new() };
        let Some(text) = value.as_str() else {
            return coarse;
        };
        if whole.source != source.id() {
            return coarse;
        }
        let raw = source.slice(whole);
        let start = whole.range().start;
        let decoded = match value.style {
            Style::Plain => folded_lines(raw, start, Quote::None),
            Style::Single => folded_lines(inner(raw), start + 1, Quote::Single),
            Style::Double => folded_lines(inner(raw), start + 1, Quote::Double),
            Style::Literal => literal(raw, start, text),
            Style::Folded => folded_block(raw, start, text),
        };
        let mut candidates = vec![decoded];
        if value.style == Style::Double {
            candidates.push(json_string(inner(raw), start + 1));
        }
        candidates
            .into_iter()
            .find(|writer| writer.text == text)
            .map_or(coarse, |writer| Self { whole, pieces: writer.pieces })
    }

    /// The map of a file onto itself.
    #[must_use]
    pub fn whole(source: &Source) -> Self {
        let length = source.text().len();
        Self {
            whole: source.span(0, length),
            pieces: vec![Piece { decoded: 0, decoded_length: length, source: 0, source_length: length }],
        }
    }

    /// The span in the file of a range of the decoded text.
    #[must_use]
    pub fn span(&self, range: std::ops::Range<usize>) -> Span {
        let end = if range.end > range.start { self.end_of(range.end - 1) } else { self.start_of(range.start) };
        match (self.start_of(range.start), end) {
            (Some(start), Some(end)) => Span::new(self.whole.source, start, end),
            _ => self.whole,
        }
    }

    fn piece(&self, offset: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|p| p.decoded <= offset);
        self.pieces.get(after.checked_sub(1)?)
    }

    fn start_of(&self, offset: usize) -> Option<usize> {
        let piece = self.piece(offset)?;
        let within = offset - piece.decoded;
        Some(if within >= piece.decoded_length {
            piece.source + piece.source_length
        } else if piece.decoded_length == piece.source_length {
            piece.source + within
        } else {
            piece.source
        })
    }

    /// Where the byte at `offset` ends.
    fn end_of(&self, offset: usize) -> Option<usize> {
        let piece = self.piece(offset)?;
        let within = offset - piece.decoded;
        Some(if piece.decoded_length == piece.source_length {
            piece.source + (within + 1).min(piece.source_length)
        } else {
            piece.source + piece.source_length
        })
    }
}

fn inner(raw: &str) -> &str {
    raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()
}

/// Decoded text together with where it came from.
#[derive(Default)]
struct Writer {
    text: String,
    pieces: Vec<Piece>,
}

impl Writer {
    /// Text that stands in the file as it is.
    fn copy(&mut self, text: &str, source: usize) {
        if text.is_empty() {
            return;
        }
        let decoded = self.text.len();
        self.text.push_str(text);
        if let Some(last) = self.pieces.last_mut()
            && last.decoded_length == last.source_length
            && last.source + last.source_length == source
        {
            last.decoded_length += text.len();
            last.source_length += text.len();
            return;
        }
        self.pieces.push(Piece { decoded, decoded_length: text.len(), source, source_length: text.len() });
    }

    /// Text that is written otherwise in the file.
    fn replace(&mut self, text: &str, source: usize, length: usize) {
        if text.is_empty() {
            return;
        }
        if text.len() == length {
            // Equal lengths mean byte for byte; a lone character is as good as that.
            self.copy(text, source);
            return;
        }
        let decoded = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece { decoded, decoded_length: text.len(), source, source_length: length });
    }
}

/// A line with its offset and the length of its break (0 at the end of the text).
struct RawLine<'t> {
    text: &'t str,
    at: usize,
    line_break: usize,
}

fn lines(raw: &str, start: usize) -> Vec<RawLine<'_>> {
    let mut found = Vec::new();
    let mut rest = raw;
    let mut at = start;
    loop {
        let Some(end) = rest.find(['\n', '\r']) else {
            found.push(RawLine { text: rest, at, line_break: 0 });
            return found;
        };
        let (text, tail) = rest.split_at(end);
        let line_break = if tail.starts_with("\r\n") { 2 } else { 1 };
        found.push(RawLine { text, at, line_break });
        at += end + line_break;
        rest = tail.get(line_break..).unwrap_or_default();
    }
}

/// A literal block: each line stands as it is, behind its indentation.
fn literal(raw: &str, start: usize, text: &str) -> Writer {
    let mut writer = Writer::default();
    let wanted: Vec<&str> = text.split('\n').collect();
    let lines = lines(raw, start);
    let mut body = lines.iter().skip(1);
    for (index, want) in wanted.iter().enumerate() {
        let last = index + 1 == wanted.len();
        let Some(line) = body.next() else {
            // The last line break, which a span leaves out.
            if !last || !want.is_empty() {
                writer.replace("\n", start + raw.len(), 0);
            }
            continue;
        };
        let from = line.at + line.text.len().saturating_sub(want.len());
        writer.copy(want, from);
        if !last {
            writer.replace("\n", line.at + line.text.len(), line.line_break);
        }
    }
    writer
}

/// A folded block: a break between two lines of text becomes a blank; breaks beside empty or more indented lines stay.
fn folded_block(raw: &str, start: usize, text: &str) -> Writer {
    let mut writer = Writer::default();
    let leading = |t: &str| t.len() - t.trim_start_matches(' ').len();
    let is_empty = |t: &str| t.trim_matches(' ').is_empty();
    let all = lines(raw, start);
    let body = all.get(1..).unwrap_or_default();
    let first = |t: &str| leading(t);
    let indent = body
        .iter()
        .find(|l| !is_empty(l.text))
        .map_or(0, |l| first(l.text))
        .saturating_sub(text.split('\n').find(|l| !is_empty(l)).map_or(0, first));
    let trailing = text.len() - text.trim_end_matches('\n').len();
    // Breaks that wait for the next line of text: how many, and where the first one stands.
    let mut breaks = 0;
    let mut break_at = (start, 0);
    let mut before_is_plain = false;
    let mut begun = false;
    for line in body {
        let skipped = leading(line.text).min(indent);
        let content = line.text.get(skipped..).unwrap_or_default();
        if is_empty(line.text) && content.is_empty() {
            breaks += 1;
            continue;
        }
        let plain = !content.starts_with([' ', '\t']);
        let (at, length) = break_at;
        if !begun {
            writer.replace(&"\n".repeat(breaks), at, length);
        } else if before_is_plain && plain && breaks == 1 {
            writer.replace(" ", at, length);
        } else if before_is_plain && plain {
            writer.replace(&"\n".repeat(breaks - 1), at, length);
        } else {
            writer.replace(&"\n".repeat(breaks), at, length);
        }
        writer.copy(content, line.at + skipped);
        begun = true;
        before_is_plain = plain;
        breaks = 1;
        break_at = (line.at + line.text.len(), line.line_break);
    }
    let (at, length) = if begun { break_at } else { (start + raw.len(), 0) };
    if trailing > 0 {
        writer.replace(&"\n".repeat(trailing), at, length);
    }
    writer
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

/// Plain and quoted scalars: blanks around line breaks go, one break becomes a blank, more become one break less.
fn folded_lines(raw: &str, start: usize, quote: Quote) -> Writer {
    let mut writer = Writer::default();
    let all = lines(raw, start);
    let count = all.len();
    let mut pending: Option<(usize, usize, usize)> = None;
    let mut joined = false;
    for (index, line) in all.iter().enumerate() {
        let (first, last) = (index == 0, index + 1 == count);
        let mut text = line.text;
        let mut at = line.at;
        if !first {
            let trimmed = text.trim_start_matches([' ', '\t']);
            at += text.len() - trimmed.len();
            text = trimmed;
        }
        let escaped_break = quote == Quote::Double && !last && ends_with_escape(text);
        if !last {
            text = if escaped_break {
                text.get(..text.len() - 1).unwrap_or_default()
            } else {
                trim_end_unescaped(text, quote)
            };
        }
        let empty = text.is_empty() && !first && !last && !escaped_break;
        if empty {
            if let Some((_, _, breaks)) = &mut pending {
                *breaks += 1;
            } else if joined {
                pending = Some((line.at, line.line_break, 1));
            }
            continue;
        }
        if let Some((break_at, length, breaks)) = pending.take() {
            if breaks == 0 {
                writer.replace(" ", break_at, length);
            } else {
                let text = "\n".repeat(breaks);
                writer.replace(&text, break_at, at.saturating_sub(break_at).max(text.len() + 1));
            }
        }
        unescape(&mut writer, text, at, quote);
        joined = escaped_break;
        if !last && !escaped_break {
            pending = Some((line.at + line.text.len(), line.line_break, 0));
        }
    }
    writer
}

/// Whether a line ends with a backslash that is not itself escaped.
fn ends_with_escape(text: &str) -> bool {
    text.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1
}

/// The line without its trailing blanks, but for one that is escaped.
fn trim_end_unescaped(text: &str, quote: Quote) -> &str {
    let trimmed = text.trim_end_matches([' ', '\t']);
    if quote == Quote::Double && trimmed.len() < text.len() && ends_with_escape(trimmed) {
        return text.get(..trimmed.len() + 1).unwrap_or(text);
    }
    trimmed
}

fn unescape(writer: &mut Writer, text: &str, start: usize, quote: Quote) {
    let stop = match quote {
        Quote::None => {
            writer.copy(text, start);
            return;
        }
        Quote::Single => '\'',
        Quote::Double => '\\',
    };
    let mut rest = text;
    let mut at = start;
    while let Some(found) = rest.find(stop) {
        let (before, tail) = rest.split_at(found);
        writer.copy(before, at);
        let (decoded, length) = match quote {
            Quote::Double => escape(tail),
            _ => (Some('\''), 2),
        };
        let length = length.min(tail.len());
        if let Some(c) = decoded {
            writer.replace(c.encode_utf8(&mut [0; 4]), at + found, length);
        }
        at += found + length;
        rest = tail.get(length..).unwrap_or_default();
    }
    writer.copy(rest, at);
}

/// The character of an escape sequence and its length in the source. Covers YAML's and JSON's.
fn escape(text: &str) -> (Option<char>, usize) {
    let Some(letter) = text.chars().nth(1) else {
        return (None, 1);
    };
    let hex = |from: usize, digits: usize| text.get(from..from + digits).and_then(|h| u32::from_str_radix(h, 16).ok());
    let simple = match letter {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\x0B',
        'f' => '\x0C',
        'r' => '\r',
        'e' => '\x1B',
        'N' => '\u{85}',
        '_' => '\u{A0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' => return (hex(2, 2).and_then(char::from_u32), 4),
        'U' => return (hex(2, 8).and_then(char::from_u32), 10),
        'u' => {
            let Some(high) = hex(2, 4) else {
                return (None, 6);
            };
            if (0xD800..0xDC00).contains(&high)
                && text.get(6..8) == Some("\\u")
                && let Some(low) = hex(8, 4)
                && (0xDC00..0xE000).contains(&low)
            {
                let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return (char::from_u32(code), 12);
            }
            return (char::from_u32(high), 6);
        }
        other => other,
    };
    (Some(simple), 1 + letter.len_utf8())
}

/// A string of JSON: escapes only, line breaks stand as they are.
fn json_string(raw: &str, start: usize) -> Writer {
    let mut writer = Writer::default();
    unescape(&mut writer, raw, start, Quote::Double);
    writer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    /// The source text of a part of the decoded text.
    fn traced(yaml: &str, part: &str) -> String {
        let source = Sources::new().add("a.yaml", yaml);
        let stream = yaml::parse(&source);
        assert_eq!(stream.problems, [], "{yaml}");
        let value = stream.documents[0].root.get("a").unwrap();
        let map = DecodeMap::of(value, &source);
        assert!(!map.pieces.is_empty(), "no map for {yaml:?}");
        let at = value.as_str().unwrap().find(part).unwrap();
        source.slice(map.span(at..at + part.len())).to_owned()
    }

    #[test]
    fn parts_of_scalars_are_found_in_their_file() {
        let cases = [
            ("a: |\n  x = 1\n\n  y = 2\n", "y = 2", "y = 2"),
            ("a: |+2\n     x\n   y\n\n\nb: 1\n", "y\n\n", "y\n\n"),
            ("a: |-\r\n  x\r\n  y\r\n", "y", "y"),
            ("a: >\n  one\n  two\n\n  three\n    four\n  five\n", "two\nthree", "two\n\n  three"),
            ("a: >-\n\n  one\n  two\n", "one two", "one\n  two"),
            ("a: >\n  one\n  two\n\n  three\n    four\n  five\n", "four", "four"),
            ("a: 'it''s here'\n", "here", "here"),
            ("a: 'it''s here'\n", "'s", "''s"),
            ("a: \"tab\\there \\u00e4 \\U0001f600 end\"\n", "end", "end"),
            ("a: \"tab\\there \\u00e4 \\U0001f600 end\"\n", "ä", "\\u00e4"),
            ("a: \"one\n  two\n\n  three \\\n  four\"\n", "four", "four"),
            ("a: \"one\n  two\n\n  three \\\n  four\"\n", "two\nth", "two\n\n  th"),
            ("a: one\n  two\n\n  three\n", "three", "three"),
            ("a: plain # c\n", "lai", "lai"),
        ];
        for (yaml, part, expected) in cases {
            assert_eq!(traced(yaml, part), expected, "{yaml}");
        }
    }

    #[test]
    fn a_computed_string_is_its_own_place() {
        let source = Sources::new().add("a.yaml", "a: xyz\n");
        let mut value = yaml::parse(&source).documents[0].root.get("a").unwrap().clone();
        value.kind = crate::tree::Kind::String("other".into());
        assert_eq!(DecodeMap::of(&value, &source).span(1..2), value.span);
    }
}
