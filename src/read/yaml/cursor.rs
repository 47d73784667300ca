//! Where the reader stands in the text, and the way to the next token.

use crate::read::Comment;
use crate::source::{SourceId, Span};

/// A place in the text that moves forward only.
pub(super) struct Cursor<'s> {
    pub(super) text: &'s str,
    pub(super) bytes: &'s [u8],
    pub(super) source: SourceId,
    /// The next byte.
    pub(super) pos: usize,
    /// Where the line of `pos` begins.
    pub(super) line_start: usize,
    /// Where the line began on which the last token ended.
    pub(super) token_line: usize,
    /// How many flow collections are open.
    pub(super) flow: usize,
    /// Whether a key without `?` may begin here: at the start of a line or after an indicator, not after a value.
    pub(super) key_allowed: bool,
    pub(super) comments: Vec<Comment>,
}

impl<'s> Cursor<'s> {
    pub(super) fn new(text: &'s str, source: SourceId) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            source,
            pos: 0,
            line_start: 0,
            token_line: usize::MAX,
            flow: 0,
            key_allowed: true,
            comments: Vec::new(),
        }
    }

    /// The byte `ahead` of the next one; 0 past the end.
    #[inline]
    pub(super) fn peek_at(&self, ahead: usize) -> u8 {
        self.bytes.get(self.pos + ahead).copied().unwrap_or(0)
    }

    /// The next byte; 0 at the end.
    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    pub(super) fn is_eof(&self) -> bool {
        self.pos >= self.bytes.len()
    }

    /// The zero-based column of the next byte, in bytes. Only ASCII stands before what columns are compared of.
    #[inline]
    pub(super) fn column(&self) -> isize {
        isize::try_from(self.pos - self.line_start).unwrap_or(isize::MAX)
    }

    /// Whether a blank, a line break or the end stands at an offset.
    #[inline]
    pub(super) fn blank_at(&self, offset: usize) -> bool {
        matches!(self.bytes.get(offset), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
    }

    /// Whether the next byte is this indicator, with a blank behind it.
    #[inline]
    pub(super) fn is_indicator(&self, byte: u8) -> bool {
        self.peek() == byte && !self.is_eof() && self.blank_at(self.pos + 1)
    }

    /// Whether the line ends here, comments aside.
    pub(super) fn is_line_end(&self) -> bool {
        matches!(self.bytes.get(self.pos), None | Some(b'\n' | b'\r' | b'#'))
    }

    /// Whether the last token stands on an earlier line.
    #[inline]
    pub(super) fn is_fresh(&self) -> bool {
        self.line_start != self.token_line
    }

    /// Whether `---` or `...` begins at an offset that is the start of a line.
    pub(super) fn marker_at(&self, offset: usize) -> bool {
        let rest = self.bytes.get(offset..).unwrap_or_default();
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && self.blank_at(offset + 3)
    }

    /// Whether the document ends here: at its end or the next one's start, at a directive, at the end of the text.
    pub(super) fn is_document_end(&self) -> bool {
        self.is_eof() || self.pos == self.line_start && (self.peek() == b'%' || self.marker_at(self.pos))
    }

    /// Steps over a line break.
    #[inline]
    pub(super) fn newline(&mut self) {
        self.pos += if self.peek() == b'\r' && self.peek_at(1) == b'\n' { 2 } else { 1 };
        self.line_start = self.pos;
    }

    /// Steps over blanks of this line.
    pub(super) fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t') {
            self.pos += 1;
        }
    }

    /// Goes to the next token, over blanks, line breaks and comments. A tab is no indentation: where a key may begin it
    /// is left for the reader to stumble over.
    pub(super) fn skip(&mut self) {
        loop {
            match self.peek() {
                b' ' => self.pos += 1,
                b'\t' if self.flow > 0 || !self.key_allowed => self.pos += 1,
                b'#' => self.comment(),
                b'\n' | b'\r' => {
                    self.newline();
                    self.key_allowed |= self.flow == 0;
                }
                0xEF if self.pos == self.line_start && self.text_at(self.pos).starts_with('\u{FEFF}') => {
                    self.pos += 3;
                    self.line_start = self.pos;
                }
                _ => return,
            }
        }
    }

    /// Steps over a comment and keeps its place.
    pub(super) fn comment(&mut self) {
        let start = self.pos;
        self.pos = self.line_end();
        self.comments.push(Comment { span: self.span(start, self.pos) });
    }

    /// Where the line of the next byte ends, its break left out.
    pub(super) fn line_end(&self) -> usize {
        let rest = self.bytes.get(self.pos..).unwrap_or_default();
        self.pos + rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len())
    }

    /// The text from an offset on; empty where no character begins.
    pub(super) fn text_at(&self, offset: usize) -> &'s str {
        self.text.get(offset..).unwrap_or_default()
    }

    /// The text between two offsets.
    #[inline]
    pub(super) fn slice(&self, start: usize, end: usize) -> &'s str {
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }
}
