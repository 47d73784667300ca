//! Scalars without quotes: where they end, and how their lines fold.

use std::borrow::Cow;

use super::cursor::Breaks;
use super::parser::{Parser, Scalar, Step};
use crate::tree::Style;

/// How many characters a key without `?` may have, its blanks up to the colon included.
pub(super) const KEY_LIMIT: usize = 1024;

/// Bytes at which a plain scalar may end, or a blank may end it.
const STOPS: [bool; 256] = stops(b" \t\n\r:,?[]{}\xC2\xE2");
/// The same where no brackets are open and no line break is wider than a byte.
const STOPS_IN_BLOCK: [bool; 256] = stops(b" \t\n\r:");

const fn stops(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        #[expect(clippy::indexing_slicing, reason = "the table has an entry for each byte")]
        {
            table[*byte as usize] = true;
        }
        rest = tail;
    }
    table
}

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
        let stops = if at.flow > 0 || at.wide { &STOPS } else { &STOPS_IN_BLOCK };
        let mut end = at.pos;
        loop {
            let rest = at.bytes.get(at.pos..).unwrap_or_default();
            let ordinary = rest.iter().position(|b| stops.get(usize::from(*b)) == Some(&true)).unwrap_or(rest.len());
            at.pos += ordinary;
            if ordinary > 0 {
                end = at.pos;
            }
            match at.bytes.get(at.pos) {
                None => break,
                Some(b' ' | b'\t') => {
                    at.blanks();
                    if at.peek() == b'#' {
                        break;
                    }
                    continue;
                }
                Some(b':') if !at.blank_at(at.pos + 1) => {}
                Some(b',' | b'?' | b'[' | b']' | b'{' | b'}') if at.flow == 0 => {}
                Some(0xC2 | 0xE2) if !at.is_break() => {}
                Some(_) => break,
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
