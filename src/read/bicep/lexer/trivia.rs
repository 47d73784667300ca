//! What stands between tokens: blanks, comments, directives.

use super::{BLANK, DIGIT, Fault, Lexer, RawDirective, START, class};

const DIRECTIVES: [&[u8]; 3] = [b"#disable-next-line", b"#disable-diagnostics", b"#restore-diagnostics"];

impl Lexer<'_> {
    pub(super) fn trivia(&mut self) {
        loop {
            match self.byte(0) {
                b' ' | b'\t' => self.skip_class(BLANK),
                b'/' if self.byte(1) == b'/' => self.line_comment(),
                b'/' if self.byte(1) == b'*' => self.block_comment(),
                b'#' if self.directive() => {}
                _ => return,
            }
        }
    }

    fn line_comment(&mut self) {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length = rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
        self.at += length;
        self.out.comments.push((start as u32, self.at as u32));
    }

    fn block_comment(&mut self) {
        let start = self.at;
        self.at += 2;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            match rest.iter().position(|b| *b == b'*') {
                Some(step) => self.at += step + 1,
                None => {
                    self.at = self.bytes.len();
                    self.out.faults.push(Fault {
                        start: start as u32,
                        end: (start + 2) as u32,
                        detail: "this comment is not closed, expected `*/`",
                    });
                    break;
                }
            }
            if self.byte(0) == b'/' {
                self.at += 1;
                break;
            }
        }
        self.out.comments.push((start as u32, self.at as u32));
    }

    /// Reads a directive, if one begins here: it must be the first thing on its line.
    fn directive(&mut self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(word) = DIRECTIVES.iter().find(|word| rest.starts_with(word)) else {
            return false;
        };
        let before = self.bytes.get(..self.at).unwrap_or_default();
        let first_on_line =
            before.iter().rev().find(|b| class(**b) & BLANK == 0).is_none_or(|b| matches!(b, b'\n' | b'\r'));
        if !first_on_line {
            return false;
        }
        let start = self.at as u32;
        self.at += word.len();
        let word_end = self.at as u32;
        let mut codes = Vec::new();
        let mut end = self.at;
        loop {
            self.skip_class(BLANK);
            let code = self.at;
            while class(self.byte(0)) & (START | DIGIT) != 0 || self.byte(0) == b'-' {
                self.at += 1;
            }
            if self.at == code {
                break;
            }
            codes.push((code as u32, self.at as u32));
            end = self.at;
        }
        self.at = end;
        if codes.is_empty() {
            self.out.faults.push(Fault {
                start,
                end: word_end,
                detail: "expected the code of a diagnostic after this directive",
            });
        }
        self.out.directives.push(RawDirective { start, word_end, codes });
        true
    }
}
