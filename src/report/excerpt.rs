//! The lines that a diagnostic shows: cut around what is marked, secrets masked, nothing in them that a terminal obeys.

use std::ops::Range;

use super::place::MASK;
use crate::source::{Source, Span};

/// Lines wider than this are cut.
const WIDEST: usize = 160;

/// Marked lines of one file, with their real numbers, as a text of their own.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// The file's name as it is shown.
    pub name: String,
    /// The shown lines, each ended by a line feed.
    pub text: String,
    /// Where each mark is in `text`, in the order that they were given.
    pub marks: Vec<Range<usize>>,
    lines: Vec<Shown>,
    columns: Vec<(usize, usize)>,
}

#[derive(Debug)]
struct Shown {
    index: usize,
    range: Range<usize>,
}

/// A part of a shown line: where it was in the source and where it is now.
#[derive(Debug)]
struct Piece {
    from: Range<usize>,
    to: Range<usize>,
    verbatim: bool,
}

impl Excerpt {
    /// Shows the lines on which the spans begin. A span that goes over several lines is marked on its first.
    pub fn new(source: &Source, name: String, spans: &[Span], ellipsis: &str) -> Self {
        let mut marks: Vec<(usize, Range<usize>)> = Vec::with_capacity(spans.len());
        for span in spans {
            let index = source.line_index(span.start);
            let line = line_range(source, index);
            let start = boundary(source.text(), (span.start as usize).clamp(line.start, line.end));
            marks.push((index, start..boundary(source.text(), (span.end as usize).clamp(start, line.end))));
        }
        let secrets: Vec<Range<usize>> = source.redactions().iter().map(|s| s.range()).collect();
        let mut excerpt =
            Self { name, text: String::new(), marks: vec![0..0; spans.len()], lines: Vec::new(), columns: Vec::new() };
        for index in shown_lines(&marks) {
            excerpt.line(source, index, &marks, &secrets, ellipsis);
        }
        excerpt
    }

    fn line(
        &mut self,
        source: &Source,
        index: usize,
        marks: &[(usize, Range<usize>)],
        secrets: &[Range<usize>],
        ellipsis: &str,
    ) {
        let text: &str = source.text();
        let line = line_range(source, index);
        let here: Vec<&Range<usize>> = marks.iter().filter(|(i, _)| *i == index).map(|(_, r)| r).collect();
        let start = self.text.len();
        let mut pieces = Vec::new();
        let mut at = line.start;
        for window in windows(text, &line, &here) {
            self.gap(at..window.start, ellipsis, &mut pieces);
            at = window.end;
            self.window(text, window, secrets, &mut pieces);
        }
        self.gap(at..line.end, ellipsis, &mut pieces);
        let range = start..self.text.len();
        self.text.push('\n');
        for ((i, mark), shown) in marks.iter().zip(&mut self.marks) {
            if *i == index {
                let from = shown_at(&pieces, mark.start, false).unwrap_or(range.end);
                let to = shown_at(&pieces, mark.end, true).unwrap_or(range.end);
                *shown = from..to.max(from);
                let column = source.position_chars(u32::try_from(mark.start).unwrap_or(u32::MAX)).column;
                self.columns.push((from, column.get() as usize));
            }
        }
        self.lines.push(Shown { index, range });
    }

    fn gap(&mut self, from: Range<usize>, ellipsis: &str, pieces: &mut Vec<Piece>) {
        if !from.is_empty() {
            self.piece(from, ellipsis, false, pieces);
        }
    }

    fn piece(&mut self, from: Range<usize>, shown: &str, verbatim: bool, pieces: &mut Vec<Piece>) {
        let start = self.text.len();
        self.text.push_str(shown);
        pieces.push(Piece { from, to: start..self.text.len(), verbatim });
    }

    fn window(&mut self, text: &str, window: Range<usize>, secrets: &[Range<usize>], pieces: &mut Vec<Piece>) {
        let mut at = window.start;
        for secret in secrets {
            let (from, to) = (secret.start.max(at), secret.end.min(window.end));
            if from < to {
                self.plain(text, at..from, pieces);
                self.piece(from..to, MASK, false, pieces);
                at = to;
            }
        }
        self.plain(text, at..window.end, pieces);
    }

    fn plain(&mut self, text: &str, range: Range<usize>, pieces: &mut Vec<Piece>) {
        let mut at = range.start;
        for (i, c) in text.get(range.clone()).unwrap_or_default().char_indices() {
            if obeyed(c) {
                let here = range.start + i;
                self.piece(at..here, text.get(at..here).unwrap_or_default(), true, pieces);
                at = here + c.len_utf8();
                self.piece(here..at, "\u{fffd}", false, pieces);
            }
        }
        self.piece(at..range.end, text.get(at..range.end).unwrap_or_default(), true, pieces);
    }

    /// The zero-based index of the line that holds an offset of `text`; the last one beyond the end.
    pub fn line_index(&self, offset: usize) -> usize {
        let after = self.lines.partition_point(|l| l.range.end < offset);
        self.lines.get(after).or(self.lines.last()).map_or(0, |l| l.index)
    }

    /// Where a line is in `text`.
    pub fn line_range(&self, index: usize) -> Option<Range<usize>> {
        self.lines.iter().find(|l| l.index == index).map(|l| l.range.clone())
    }

    /// The one-based column, in characters of the file, of a mark that begins at an offset of `text`.
    pub fn column(&self, offset: usize) -> Option<usize> {
        self.columns.iter().find(|(at, _)| *at == offset).map(|(_, c)| *c)
    }
}

/// The offset, or the first one before it at which a character begins.
fn boundary(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// The marked lines, and lines that would be a gap of one.
fn shown_lines(marks: &[(usize, Range<usize>)]) -> Vec<usize> {
    let mut lines: Vec<usize> = marks.iter().map(|(i, _)| *i).collect();
    lines.sort_unstable();
    lines.dedup();
    let between: Vec<usize> =
        lines.iter().zip(lines.iter().skip(1)).filter(|(a, b)| **a + 2 == **b).map(|(a, _)| a + 1).collect();
    lines.extend(between);
    lines.sort_unstable();
    lines
}

fn line_range(source: &Source, index: usize) -> Range<usize> {
    let start = source.line_starts().get(index).map_or(0, |s| *s as usize);
    start..start + source.line_text(index).len()
}

/// The parts of a line that are shown: all of it, or what surrounds each mark.
fn windows(text: &str, line: &Range<usize>, marks: &[&Range<usize>]) -> Vec<Range<usize>> {
    let end = forward(text, line.start, line.end, WIDEST);
    if end == line.end {
        return vec![line.clone()];
    }
    if marks.is_empty() {
        return std::iter::once(line.start..end).collect();
    }
    let share = marks.len();
    let (before, inside, after) = ((50 / share).max(8), (70 / share).max(24), (38 / share).max(4));
    let mut windows: Vec<Range<usize>> = marks
        .iter()
        .map(|mark| {
            let start = backward(text, mark.start, line.start, before);
            let shown_end = forward(text, mark.start, mark.end, inside);
            let end = if shown_end < mark.end { shown_end } else { forward(text, mark.end, line.end, after) };
            start..end
        })
        .collect();
    windows.sort_unstable_by_key(|w| (w.start, w.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for window in windows {
        match merged.last_mut() {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => merged.push(window),
        }
    }
    merged
}

/// So many characters on from an offset, at most to `end`.
fn forward(text: &str, from: usize, end: usize, characters: usize) -> usize {
    text.get(from..end).and_then(|t| t.char_indices().nth(characters)).map_or(end, |(i, _)| from + i)
}

/// So many characters back from an offset, at most to `start`.
fn backward(text: &str, from: usize, start: usize, characters: usize) -> usize {
    if characters == 0 {
        return from;
    }
    text.get(start..from).and_then(|t| t.char_indices().rev().nth(characters - 1)).map_or(start, |(i, _)| start + i)
}

/// Where an offset of the source is shown. What was masked or left out is marked whole.
fn shown_at(pieces: &[Piece], offset: usize, end: bool) -> Option<usize> {
    let holds = |p: &&Piece| {
        if end { p.from.start < offset && offset <= p.from.end } else { p.from.start <= offset && offset < p.from.end }
    };
    if let Some(piece) = pieces.iter().find(holds) {
        return Some(match (piece.verbatim, end) {
            (true, _) => piece.to.start + (offset - piece.from.start),
            (false, false) => piece.to.start,
            (false, true) => piece.to.end,
        });
    }
    // At the very start or end of the line.
    let edge = if end { pieces.first() } else { pieces.last() };
    edge.map(|p| if end { p.to.start } else { p.to.end })
}

/// Whether a terminal would obey a character, or a reader be deceived by it, rather than see it.
pub(super) fn obeyed(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text from input, safe to print: what a terminal would obey is replaced. A line feed stays where `lines` says so.
pub(super) fn safe(text: &str) -> std::borrow::Cow<'_, str> {
    if text.chars().any(|c| obeyed(c) || c == '\t') {
        let clean = text.chars().map(|c| match c {
            '\t' | '\n' => ' ',
            c if obeyed(c) => '\u{fffd}',
            c => c,
        });
        std::borrow::Cow::Owned(clean.collect())
    } else {
        std::borrow::Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn shown(text: &str, marked: &str, secret: Option<&str>) -> (String, String, usize) {
        let sources = Sources::new();
        let source = sources.add("f.yaml", text);
        if let Some(secret) = secret {
            let at = text.find(secret).unwrap();
            source.redact(source.span(at, at + secret.len()));
        }
        let at = text.find(marked).unwrap();
        let excerpt = Excerpt::new(&source, "f.yaml".into(), &[source.span(at, at + marked.len())], "…");
        let mark = excerpt.marks[0].clone();
        let column = excerpt.column(mark.start).unwrap();
        (excerpt.text.clone(), excerpt.text[mark].to_owned(), column)
    }

    #[test]
    fn marks_the_very_text() {
        assert_eq!(shown("a: ä\r\nkey: wörd # x\r\n", "wörd", None), ("key: wörd # x\n".into(), "wörd".into(), 6));
    }

    #[test]
    fn cuts_a_long_line_around_the_mark() {
        let text = format!("{{{}\"bad\":1{}}}", "\"x\": 1, ".repeat(3000), ", \"y\": 2".repeat(3000));
        let (line, mark, column) = shown(&text, "\"bad\"", None);
        assert_eq!(mark, "\"bad\"");
        assert_eq!(column, text.find("\"bad\"").unwrap() + 1);
        assert!(line.starts_with('…') && line.ends_with("…\n"), "{line}");
        assert!(line.chars().count() <= WIDEST, "{}", line.chars().count());
    }

    #[test]
    fn a_mark_longer_than_the_line_allows_is_cut_too() {
        let value = "v".repeat(5000);
        let (line, mark, _) = shown(&format!("key: {value}\n"), &value, None);
        assert!(line.chars().count() <= WIDEST);
        assert!(mark.ends_with('…'), "{mark}");
    }

    #[test]
    fn secrets_are_masked_wherever_the_mark_is() {
        let text = "password: hunter2 # no\n";
        assert_eq!(shown(text, "hunter2", Some("hunter2")), ("password: *** # no\n".into(), "***".into(), 11));
        assert_eq!(shown(text, "password", Some("hunter2")).0, "password: *** # no\n");
        assert_eq!(shown(text, "ter", Some("hunter2")).1, "***");
        let (line, ..) = shown(&format!("k: {}\n", "s".repeat(400)), "k", Some(&"s".repeat(400)));
        assert_eq!(line, "k: ***…\n");
    }

    #[test]
    fn nothing_reaches_a_terminal_that_it_would_obey() {
        let (line, mark, column) = shown("a: \u{1b}[31mred\u{202e} b\n", "b\n", None);
        assert_eq!(line, "a: \u{fffd}[31mred\u{fffd} b\n");
        assert_eq!((mark.as_str(), column), ("b", 14));
        assert_eq!(safe("x\n\u{7}y"), "x \u{fffd}y");
    }

    proptest::proptest! {
        /// Whatever the text and wherever the span: the mark lies in the text, on characters, and what is secret is not shown.
        #[test]
        fn any_span_of_any_text_can_be_shown(
            lines in proptest::collection::vec("[ -~äé𝒳\t\u{1b}\u{202e}]{0,400}", 0..6),
            ends in proptest::collection::vec(proptest::sample::select(vec!["\n", "\r\n", "\r"]), 6),
            (start, length, secret, secret_length) in (0u32..2500, 0u32..500, 0u32..2500, 0u32..60),
        ) {
            let text: String = lines.iter().zip(&ends).flat_map(|(line, end)| [line.as_str(), *end]).collect();
            let sources = Sources::new();
            let source = sources.add("f", text.as_str());
            let whole = |at: u32| boundary(&text, (at as usize).min(text.len()));
            let hidden = source.span(whole(secret), whole(secret + secret_length));
            source.redact(hidden);
            let span = source.span(start as usize, (start + length) as usize);
            let excerpt = Excerpt::new(&source, String::new(), &[span], "…");
            let mark = excerpt.marks[0].clone();
            proptest::prop_assert!(excerpt.text.get(mark.clone()).is_some(), "{mark:?} of {:?}", excerpt.text);
            proptest::prop_assert!(excerpt.text.lines().all(|l| l.chars().count() <= WIDEST + 2 * MASK.len()));
            proptest::prop_assert!(excerpt.column(mark.start).is_some());
            let escapes = excerpt.text.chars().any(|c| obeyed(c) && c != '\n');
            proptest::prop_assert!(!escapes);
            let inside = source.slice(hidden);
            if inside.len() > 20 && text.matches(inside).count() == 1 {
                proptest::prop_assert!(!excerpt.text.contains(inside));
            }
        }
    }

    #[test]
    fn an_empty_mark_at_the_end_of_a_line_stays_there() {
        let sources = Sources::new();
        let source = sources.add("f.yaml", "a:\nb: 1\n\nc: 1\n");
        let excerpt = Excerpt::new(&source, String::new(), &[source.span(2, 2), source.span(9, 10)], "…");
        assert_eq!(excerpt.marks[0], 2..2);
        assert_eq!(excerpt.text, "a:\nc: 1\n");
        assert_eq!(excerpt.line_index(excerpt.marks[1].start), 3);
        assert_eq!(excerpt.line_range(3), Some(3..7));
        assert_eq!(excerpt.column(2), Some(3));
    }
}
