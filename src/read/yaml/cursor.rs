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
    /// The text holds line breaks that only YAML 1.1 knows: U+0085, U+2028, U+2029. Hardly any does.
    pub(super) wide: bool,
}

/// The line breaks between two lines with text.
#[derive(Default)]
pub(super) struct Breaks {
    /// The break that ends the first line.
    pub(super) first: Option<char>,
    /// The breaks of the empty lines after it.
    pub(super) rest: String,
}

impl Breaks {
    pub(super) fn push(&mut self, line_break: char) {
        match self.first {
            None => self.first = Some(line_break),
            Some(_) => self.rest.push(line_break),
        }
    }

    /// Joins the two lines: an ordinary break becomes a blank, or goes where empty lines follow.
    pub(super) fn fold(&self, text: &mut String) {
        match self.first {
            Some('\n') if self.rest.is_empty() => text.push(' '),
            Some('\n') | None => text.push_str(&self.rest),
            Some(other) => {
                text.push(other);
                text.push_str(&self.rest);
            }
        }
    }

    /// All of them, as they are.
    pub(super) fn keep(&self, text: &mut String) {
        text.extend(self.first);
        text.push_str(&self.rest);
    }
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
            wide: !text.is_ascii() && text.contains(['\u{85}', '\u{2028}', '\u{2029}']),
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
        matches!(self.bytes.get(offset), None | Some(b' ' | b'\t')) || self.break_at(offset)
    }

    /// Whether a line break begins at an offset.
    #[inline]
    pub(super) fn break_at(&self, offset: usize) -> bool {
        match self.bytes.get(offset) {
            Some(b'\n' | b'\r') => true,
            Some(0xC2 | 0xE2) if self.wide => self.text_at(offset).starts_with(['\u{85}', '\u{2028}', '\u{2029}']),
            _ => false,
        }
    }

    /// Whether a line break comes next.
    #[inline]
    pub(super) fn is_break(&self) -> bool {
        self.break_at(self.pos)
    }

    /// Whether the next byte is this indicator, with a blank behind it.
    #[inline]
    pub(super) fn is_indicator(&self, byte: u8) -> bool {
        self.peek() == byte && !self.is_eof() && self.blank_at(self.pos + 1)
    }

    /// Whether the line ends here, comments aside.
    pub(super) fn is_line_end(&self) -> bool {
        self.is_eof() || self.peek() == b'#' || self.is_break()
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

    /// Steps over a line break, and gives it as it stands in a value.
    #[inline]
    pub(super) fn newline(&mut self) -> char {
        let (length, line_break) = match self.peek() {
            b'\r' if self.peek_at(1) == b'\n' => (2, '\n'),
            b'\n' | b'\r' => (1, '\n'),
            0xC2 => (2, '\n'),
            _ => (3, self.text_at(self.pos).chars().next().unwrap_or('\n')),
        };
        self.pos = (self.pos + length).min(self.bytes.len());
        self.line_start = self.pos;
        line_break
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
                0xEF if self.pos == 0 && self.text.starts_with('\u{FEFF}') => {
                    self.pos = 3;
                    self.line_start = 3;
                }
                _ if self.is_break() => {
                    self.newline();
                    self.key_allowed |= self.flow == 0;
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
        let rest = self.text_at(self.pos);
        let length = if self.wide {
            rest.find(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
        } else {
            rest.bytes().position(|b| matches!(b, b'\n' | b'\r'))
        };
        self.pos + length.unwrap_or(rest.len())
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
