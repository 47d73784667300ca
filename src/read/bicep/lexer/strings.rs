//! Strings and their pieces between holes.

use super::{Lexer, Open};
use crate::read::bicep::token::{StringForm, TokenKind};

impl Lexer<'_> {
    /// The rest of a piece of `'…'`, after its quote or the brace that closes a hole.
    pub(super) fn line_string(&mut self, start: usize, first: bool) {
        let mut form = StringForm::default();
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(step) = rest.iter().position(|b| matches!(b, b'\'' | b'\\' | b'$' | b'\n' | b'\r')) else {
                self.at = self.bytes.len();
                form.unterminated = true;
                return self.close(start, first, form);
            };
            self.at += step;
            match self.byte(0) {
                b'\'' => {
                    self.at += 1;
                    return self.close(start, first, form);
                }
                b'\\' => {
                    form.escaped = true;
                    self.at += 1;
                    self.escape();
                }
                b'$' if self.byte(1) == b'{' => {
                    self.at += 2;
                    return self.hole(start, first, form, Open::Line);
                }
                b'$' => self.at += 1,
                _ => {
                    form.unterminated = true;
                    return self.close(start, first, form);
                }
            }
        }
    }

    /// Steps over what a backslash protects, so that `\'` does not end the string and `\${` opens no hole.
    fn escape(&mut self) {
        match self.byte(0) {
            b'$' if self.byte(1) == b'{' => self.at += 2,
            b'\n' | b'\r' | 0 => {}
            // A character of several bytes holds none that means anything here.
            _ => self.at += 1,
        }
    }

    /// `$` outside strings: it may announce a multi-line string with holes.
    pub(super) fn dollar(&mut self, start: usize) {
        while self.byte(0) == b'$' {
            self.at += 1;
        }
        let dollars = u8::try_from(self.at - start).unwrap_or(u8::MAX);
        if self.byte(0) == b'\'' && self.byte(1) == b'\'' && self.byte(2) == b'\'' {
            self.at += 3;
            self.multiline(start, true, dollars);
        } else {
            self.push(TokenKind::Unrecognized, start, StringForm::default());
        }
    }

    /// The rest of a piece of `'''…'''`.
    pub(super) fn multiline(&mut self, start: usize, first: bool, dollars: u8) {
        let mut form = StringForm { multiline: true, dollars, ..StringForm::default() };
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(step) = rest.iter().position(|b| *b == b'\'' || (*b == b'$' && dollars > 0)) else {
                self.at = self.bytes.len();
                form.unterminated = true;
                return self.close(start, first, form);
            };
            self.at += step;
            let mark = self.byte(0);
            let run_start = self.at;
            while self.byte(0) == mark {
                self.at += 1;
            }
            let run = self.at - run_start;
            if mark == b'\'' && run >= 3 {
                return self.close(start, first, form);
            }
            if mark == b'$' && run >= usize::from(dollars) && self.byte(0) == b'{' {
                self.at += 1;
                return self.hole(start, first, form, Open::Multiline(dollars));
            }
        }
    }

    fn close(&mut self, start: usize, first: bool, form: StringForm) {
        let kind = if first {
            TokenKind::StringComplete
        } else {
            self.open.pop();
            TokenKind::StringRight
        };
        self.push(kind, start, form);
    }

    fn hole(&mut self, start: usize, first: bool, form: StringForm, open: Open) {
        let kind = if first {
            self.open.push(open);
            TokenKind::StringLeft
        } else {
            TokenKind::StringMiddle
        };
        self.push(kind, start, form);
    }
}
