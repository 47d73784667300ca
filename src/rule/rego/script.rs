//! A policy's text and where it was written: in a file of its own, or in a scalar of a YAML document; as it is or
//! after rewriting. Every offset of the text leads back to a place that a person can open.

use std::sync::Arc;

use crate::source::{Source, Span};
use crate::tree;

/// One text of Rego.
#[derive(Clone, Debug)]
pub struct Script {
    /// What the engine calls it: the file's path, with a suffix where one file holds several.
    pub name: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    source: Option<Arc<Source>>,
    marks: Vec<Mark>,
}

/// From `here` on, the text was copied from `there` on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Mark {
    here: usize,
    there: usize,
}

/// One change of a text. Edits do not overlap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Edit {
    /// First byte that goes.
    pub start: usize,
    /// One past the last byte that goes.
    pub end: usize,
    /// What comes in its place.
    pub text: String,
}

impl Edit {
    /// Text put in at an offset.
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { start: at, end: at, text: text.into() }
    }
}

impl Script {
    /// A file of its own.
    #[must_use]
    pub fn file(source: &Arc<Source>) -> Self {
        Self {
            name: Arc::clone(source.path()),
            text: Arc::clone(source.text()),
            source: Some(Arc::clone(source)),
            marks: vec![Mark { here: 0, there: 0 }],
        }
    }

    /// Text that no file contains.
    pub fn text(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into(), source: None, marks: Vec::new() }
    }

    /// The string that a document's scalar holds. `None` when it is no string.
    #[must_use]
    pub fn scalar(name: impl Into<Arc<str>>, source: &Arc<Source>, value: &tree::Value) -> Option<Self> {
        let text = value.as_str()?;
        Some(Self {
            name: name.into(),
            text: text.into(),
            source: Some(Arc::clone(source)),
            marks: align(text, source.slice(value.span), value.span.start as usize),
        })
    }

    /// The text with edits made; places still lead to the original.
    #[must_use]
    pub(super) fn edited(&self, mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|e| (e.start, e.end));
        let mut text = String::with_capacity(self.text.len() + 64 * edits.len());
        let mut marks = Vec::new();
        let mut copied = 0;
        for edit in &edits {
            if edit.start < copied {
                continue;
            }
            self.copy(copied..edit.start, &mut text, &mut marks);
            if let Some(there) = self.original(edit.start) {
                marks.push(Mark { here: text.len(), there });
            }
            text.push_str(&edit.text);
            copied = edit.end;
        }
        self.copy(copied..self.text.len(), &mut text, &mut marks);
        Self { name: Arc::clone(&self.name), text: text.into(), source: self.source.clone(), marks }
    }

    fn copy(&self, range: std::ops::Range<usize>, text: &mut String, marks: &mut Vec<Mark>) {
        let here = text.len();
        text.push_str(self.text.get(range.clone()).unwrap_or_default());
        if let Some(there) = self.original(range.start) {
            marks.push(Mark { here, there });
        }
        for mark in self.marks.iter().filter(|m| range.start < m.here && m.here < range.end) {
            marks.push(Mark { here: here + (mark.here - range.start), there: mark.there });
        }
    }

    fn original(&self, offset: usize) -> Option<usize> {
        let next = self.marks.partition_point(|m| m.here <= offset);
        let mark = self.marks.get(next.checked_sub(1)?)?;
        let there = mark.there + (offset - mark.here);
        // What an edit put in is longer than what it stands for.
        Some(match self.marks.get(next) {
            Some(following) if following.there >= mark.there => there.min(following.there),
            _ => there,
        })
    }

    /// The place of a range of the text; [`Span::NONE`] for text that no file contains.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        match (&self.source, self.original(start), self.original(end)) {
            (Some(source), Some(start), Some(end)) => {
                let end = end.max(start).min(source.text().len());
                source.span(start.min(end), end)
            }
            _ => Span::NONE,
        }
    }

    /// The place of a line and column as the engine counts them: both from one, a tab as four columns.
    #[must_use]
    pub fn at(&self, line: usize, column: usize) -> Span {
        let before: usize = self.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let rest = self.text.get(before..).unwrap_or_default();
        let mut at = 1;
        let mut width = 0;
        for c in rest.chars().take_while(|c| *c != '\n') {
            if at >= column {
                break;
            }
            at += if c == '\t' { 4 } else { 1 };
            width += c.len_utf8();
        }
        let start = before + width;
        let tail = self.text.get(start..).unwrap_or_default();
        let word = tail.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(tail.len());
        let one = tail.chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
        self.span(start, start + word.max(one))
    }

    /// The place of the whole text's first token, for what no line can be told of.
    #[must_use]
    pub fn start(&self) -> Span {
        self.at(1, 1)
    }

    /// A line as its file has it, without what edits put in. `None` for text that no file contains.
    #[must_use]
    pub fn written_line(&self, line: usize) -> Option<String> {
        let source = self.source.as_ref()?;
        let index = self.line_of(line)?;
        source.text().split('\n').nth(index).map(|text| text.trim_end_matches('\r').to_owned())
    }

    /// The zero-based line of the original that an offset lies on, for coverage.
    #[must_use]
    pub fn line_of(&self, line: usize) -> Option<usize> {
        let span = self.at(line, 1);
        self.source.as_ref().map(|s| s.line_index(span.start))
    }
}

/// Finds the lines of a scalar's decoded text in its source. Lines that cannot be found (folded, escaped) share the
/// place of the line before.
fn align(text: &str, written: &str, offset: usize) -> Vec<Mark> {
    let mut marks = Vec::new();
    let (mut here, mut from) = (0, 0);
    for line in text.split_inclusive('\n') {
        let wanted = line.trim_end();
        if let Some(found) = written.get(from..).and_then(|rest| rest.find(wanted))
            && !wanted.is_empty()
        {
            marks.push(Mark { here, there: offset + from + found });
            from += found + wanted.len();
        } else if marks.is_empty() {
            marks.push(Mark { here, there: offset });
        }
        here += line.len();
    }
    if marks.is_empty() {
        marks.push(Mark { here: 0, there: offset });
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn places_survive_edits() {
        let sources = Sources::new();
        let source = sources.add("p.rego", "package a\n\tx := y\n");
        let script = Script::file(&source);
        assert_eq!(source.slice(script.at(2, 5)), "x");
        let edited =
            script.edited(vec![Edit::insert(9, "; import data.b"), Edit { start: 16, end: 17, text: "1 + zz".into() }]);
        assert_eq!(&*edited.text, "package a; import data.b\n\tx := 1 + zz\n");
        assert_eq!(source.slice(edited.at(2, 5)), "x");
        assert_eq!(edited.at(1, 12).start, 9);
        assert_eq!(edited.at(2, 14).start, 17);
        let twice = edited.edited(vec![Edit::insert(0, "## ")]);
        assert_eq!(source.slice(twice.at(2, 5)), "x");
    }

    #[test]
    fn block_scalars_lead_back_to_their_document() {
        let sources = Sources::new();
        let text = "rego: |\n  package a\n\n  deny[x] {\n    x\n  }\n";
        let source = sources.add("t.yaml", text);
        let value = tree::Value::string("package a\n\ndeny[x] {\n  x\n}\n", source.span(6, text.len()));
        let script = Script::scalar("t.yaml#rego", &source, &value).unwrap();
        let span = script.at(4, 3);
        assert_eq!((source.slice(span), source.line(span.start).get()), ("x", 5));
        assert_eq!(source.slice(script.at(1, 9)), "a");
    }

    #[test]
    fn nothing_is_out_of_range() {
        let script = Script::text("x", "é\n");
        for line in 0..5 {
            for column in 0..5 {
                assert_eq!(script.at(line, column), Span::NONE);
            }
        }
    }
}
