//! Block scalars, `|` and `>`: header, indentation, folding and chomping.

use super::parser::{Parser, Scalar, Step};
use crate::tree::Style;

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    /// `-`: none stays.
    Strip,
    /// One stays.
    Clip,
    /// `+`: all stay.
    Keep,
}

impl<'s> Parser<'s> {
    /// Reads a block scalar, from its indicator to the end of its text. `indent` is the column of the block collection
    /// around it.
    pub(super) fn block_scalar(&mut self, indent: isize) -> Step<Scalar<'s>> {
        let start = self.at.pos;
        let is_literal = self.at.peek() == b'|';
        self.at.pos += 1;
        let (chomping, increment) = self.block_header(start)?;
        let mut end = self.at.pos;
        self.at.blanks();
        if self.at.peek() == b'#' {
            self.at.comment();
        }
        if !self.at.is_line_end() {
            let at = self.at.pos;
            return self.stop(at, self.at.line_end(), "the text of a block scalar begins on the next line");
        }
        if !self.at.is_eof() {
            self.at.newline();
        }
        let mut column = increment.map(|n| if indent >= 0 { indent + n } else { n });
        let mut text = String::new();
        // Line breaks that wait for the next line: the one after text, and those of the empty lines that follow.
        let mut broken: Option<char> = None;
        let mut empty = self.block_breaks(start, indent, &mut column)?;
        let mut after_blank = false;
        while Some(self.at.column()) == column && !self.at.is_eof() {
            let line = self.at.pos;
            let blank = matches!(self.at.peek(), b' ' | b'\t');
            match broken {
                Some('\n') if !is_literal && !after_blank && !blank => {
                    if empty.is_empty() {
                        text.push(' ');
                    }
                }
                line_break => text.extend(line_break),
            }
            text.push_str(&empty);
            let line_end = self.at.line_end();
            text.push_str(self.at.slice(line, line_end));
            after_blank = blank;
            end = line_end;
            self.at.pos = line_end;
            broken = (!self.at.is_eof()).then(|| self.at.newline());
            empty = self.block_breaks(start, indent, &mut column)?;
        }
        if chomping != Chomping::Strip {
            text.extend(broken);
        }
        if chomping == Chomping::Keep {
            text.push_str(&empty);
            end = self.kept_end(end);
        }
        // The next token stands on a line of its own.
        self.at.token_line = usize::MAX;
        self.at.key_allowed = true;
        let style = if is_literal { Style::Literal } else { Style::Folded };
        Ok(Scalar { text: text.into(), style, start, end })
    }

    /// Chomping and indentation, in either order.
    fn block_header(&mut self, start: usize) -> Step<(Chomping, Option<isize>)> {
        let mut chomping = None;
        let mut increment = None;
        loop {
            match self.at.peek() {
                b'+' if chomping.is_none() => chomping = Some(Chomping::Keep),
                b'-' if chomping.is_none() => chomping = Some(Chomping::Strip),
                b'0' => return self.stop(start, self.at.pos + 1, "the indentation of a block scalar is 1 to 9"),
                digit @ b'1'..=b'9' if increment.is_none() => increment = Some(isize::from(digit - b'0')),
                _ => return Ok((chomping.unwrap_or(Chomping::Clip), increment)),
            }
            self.at.pos += 1;
        }
    }

    /// Goes over empty lines and the indentation of the next line with text. Where the column of the text is not known
    /// yet, it is found here.
    fn block_breaks(&mut self, start: usize, indent: isize, column: &mut Option<isize>) -> Step<String> {
        let mut breaks = String::new();
        let mut deepest = 0;
        loop {
            while self.at.peek() == b' ' && column.is_none_or(|c| self.at.column() < c) {
                self.at.pos += 1;
            }
            deepest = deepest.max(self.at.column());
            if self.at.peek() == b'\t' && column.is_none_or(|c| self.at.column() < c) {
                let span = self.at.span(start, start + 1);
                let at = self.at.pos;
                return self.stop_with(
                    at,
                    at + 1,
                    "a tab cannot indent: use blanks",
                    &[(span, "in this block scalar")],
                );
            }
            if !self.at.is_break() {
                break;
            }
            breaks.push(self.at.newline());
        }
        column.get_or_insert(deepest.max(indent + 1).max(1));
        Ok(breaks)
    }

    /// The end of a text whose last line breaks count: all but one of them belong to its span.
    fn kept_end(&self, end: usize) -> usize {
        let tail = self.at.slice(end, self.at.line_start);
        let tail = tail.strip_suffix('\n').unwrap_or(tail);
        end + tail.strip_suffix('\r').unwrap_or(tail).len()
    }
}
