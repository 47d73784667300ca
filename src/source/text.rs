//! One source: its path, its decoded text and its lines.

use std::sync::{Arc, Mutex, OnceLock};

use super::width::{Checkpoints, Width, width};
use super::{Column, Line, Position, SourceId, Span};

/// How the bytes of a file were encoded. Text is held as UTF-8 without a byte order mark, whatever it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-8 with a byte order mark of three bytes.
    Utf8Bom,
    /// UTF-16, little endian.
    Utf16Le,
    /// UTF-16, big endian.
    Utf16Be,
}

/// A file, standard input, or text that was rendered; with its path from the root of the run, slashes forward.
#[derive(Debug)]
pub struct Source {
    id: SourceId,
    path: Arc<str>,
    text: Arc<str>,
    encoding: Encoding,
    lines: OnceLock<Vec<u32>>,
    checkpoints: OnceLock<Checkpoints>,
    redactions: Mutex<Vec<Span>>,
}

impl Source {
    pub(super) fn new(id: SourceId, path: Arc<str>, text: Arc<str>, encoding: Encoding) -> Self {
        let (lines, checkpoints) = (OnceLock::new(), OnceLock::new());
        Self { id, path, text, encoding, lines, checkpoints, redactions: Mutex::new(Vec::new()) }
    }

    /// Its name in spans.
    #[must_use]
    pub fn id(&self) -> SourceId {
        self.id
    }

    /// Path relative to the root of the run, with forward slashes; `<stdin>` for standard input.
    #[must_use]
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The decoded text.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// How the file was encoded.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// A span in this source.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.id, start, end)
    }

    /// The text of a span; empty where the span does not fit.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Byte offsets at which lines begin. A line ends with `\n`, `\r\n` or a lone `\r`.
    pub fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut starts = vec![0];
            for (i, b) in bytes.iter().enumerate() {
                let ends = match b {
                    b'\n' => true,
                    b'\r' => bytes.get(i + 1) != Some(&b'\n'),
                    _ => false,
                };
                if ends {
                    starts.push(u32::try_from(i + 1).unwrap_or(u32::MAX));
                }
            }
            starts
        })
    }

    /// Zero-based index of the line that holds the byte.
    #[must_use]
    pub fn line_index(&self, offset: u32) -> usize {
        self.line_starts().partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The line that holds the byte.
    #[must_use]
    pub fn line(&self, offset: u32) -> Line {
        Line::from_zero_based(self.line_index(offset))
    }

    /// The text of a zero-based line, without its end.
    #[must_use]
    pub fn line_text(&self, index: usize) -> &str {
        let starts = self.line_starts();
        let Some(start) = starts.get(index).map(|s| *s as usize) else {
            return "";
        };
        let end = starts.get(index + 1).map_or(self.text.len(), |s| *s as usize);
        self.text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    /// Line and column, the column counted in UTF-16 units, as SARIF and editors want it.
    #[must_use]
    pub fn position_utf16(&self, offset: u32) -> Position {
        self.position(offset, |width| width.units)
    }

    /// Line and column, the column counted in characters, as a person counts it.
    #[must_use]
    pub fn position_chars(&self, offset: u32) -> Position {
        self.position(offset, |width| width.chars)
    }

    fn position(&self, offset: u32, column: impl Fn(Width) -> usize) -> Position {
        let index = self.line_index(offset);
        let start = self.line_starts().get(index).copied().unwrap_or(0) as usize;
        let checkpoints = || self.checkpoints.get_or_init(|| Checkpoints::new(&self.text));
        let width = width(&self.text, start, offset as usize, checkpoints);
        Position { line: Line::from_zero_based(index), column: Column::from_zero_based(column(width)) }
    }

    /// Marks a span as secret: every renderer masks it.
    pub fn redact(&self, span: Span) {
        if let Ok(mut held) = self.redactions.lock()
            && span.source == self.id
            && !held.contains(&span)
        {
            held.push(span);
        }
    }

    /// The spans that must not be printed, in the order of their start.
    #[must_use]
    pub fn redactions(&self) -> Vec<Span> {
        let mut spans = self.redactions.lock().map(|held| held.clone()).unwrap_or_default();
        spans.sort_unstable();
        spans
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_count_what_their_reader_counts() {
        let sources = crate::source::Sources::new();
        let source = sources.add("f", "a\né𝒳z");
        let at = |offset| (source.position_chars(offset).column.get(), source.position_utf16(offset).column.get());
        assert_eq!([at(2), at(4), at(8)], [(1, 1), (2, 2), (3, 4)]);
    }
}
