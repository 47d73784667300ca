//! Scalars without quotes: where they end, and how their lines fold.

use std::borrow::Cow;

use super::cursor::Breaks;
use super::parser::{Parser, Scalar, Step};
use crate::tree::Style;

/// How many characters a key without `?` may have, its blanks up to the colon included.
pub(super) const KEY_LIMIT: usize = 1024;

impl<'s> Parser<'s> {
    /// Reads a plain scalar. `indent` is the column of the block collection around it: lines that go on must stand
    /// deeper.
    pub(super) fn plain(&mut self, indent: isize) -> Step<Scalar<'s>> {
        let start = self.at.pos;
        self.at.key_allowed = false;
        let mut end = self.plain_line();
        self.at.token_line = self.at.line_start;
        let mut folded: Option<String> = None;
        while self.at.is_break() {
            let breaks = self.plain_breaks(start, indent)?;
            self.at.key_allowed = true;
            let outside = self.at.flow == 0 && self.at.column() <= indent;
            let marker = self.at.pos == self.at.line_start && self.at.marker_at(self.at.pos);
            if outside || marker || self.at.is_eof() || self.at.peek() == b'#' {
                break;
            }
            let line = self.at.pos;
            let line_end = self.plain_line();
            if line_end == line {
                break;
            }
            let text = folded.get_or_insert_with(|| self.at.slice(start, end).to_owned());
            breaks.fold(text);
            text.push_str(self.at.slice(line, line_end));
            end = line_end;
            self.at.token_line = self.at.line_start;
            self.at.key_allowed = false;
        }
        let text = match folded {
            Some(text) => Cow::Owned(text),
            None => Cow::Borrowed(self.at.slice(start, end)),
        };
        Ok(Scalar { text, style: Style::Plain, start, end })
    }

    /// Goes over the scalar's part of this line, to what ends it. Gives the offset behind its last character.
    fn plain_line(&mut self) -> usize {
        let at = &mut self.at;
        let in_flow = at.flow > 0;
        let mut end = at.pos;
        while let Some(byte) = at.bytes.get(at.pos) {
            match byte {
                b'\n' | b'\r' => break,
                0xC2 | 0xE2 if at.is_break() => break,
                b':' if at.blank_at(at.pos + 1) => break,
                b',' | b'?' | b'[' | b']' | b'{' | b'}' if in_flow => break,
                b' ' | b'\t' => {
                    at.blanks();
                    if at.peek() == b'#' {
                        break;
                    }
                    continue;
                }
                _ => {}
            }
            at.pos += 1;
            end = at.pos;
        }
        end
    }

    /// Goes over line breaks and the blanks around them.
    fn plain_breaks(&mut self, start: usize, indent: isize) -> Step<Breaks> {
        let mut breaks = Breaks::default();
        loop {
            match self.at.peek() {
                b'\t' if self.at.column() <= indent => {
                    let detail = "a tab cannot indent: use blanks";
                    let span = self.at.span(start, start);
                    return self.stop_with(self.at.pos, self.at.pos + 1, detail, &[(span, "this value goes on here")]);
                }
                b' ' | b'\t' => self.at.pos += 1,
                _ if self.at.is_break() => breaks.push(self.at.newline()),
                _ => return Ok(breaks),
            }
        }
    }
}
