//! Text to tokens. Comments and directives are put aside with their spans; white space is dropped; line ends are
//! tokens, since they end declarations and part items. It knows strings with holes and nothing else of the grammar.

mod strings;
mod trivia;

use super::token::{StringForm, Token, TokenKind};

/// What a file's text holds.
#[derive(Clone, Debug, Default)]
pub struct Lexed {
    /// All tokens, the last one is [`TokenKind::End`].
    pub tokens: Vec<Token>,
    /// Comments: first byte and one past the last.
    pub comments: Vec<(u32, u32)>,
    /// Directives.
    pub directives: Vec<RawDirective>,
    /// What is wrong outside tokens.
    pub faults: Vec<Fault>,
}

/// A directive.
#[derive(Clone, Debug)]
pub struct RawDirective {
    /// Its `#`.
    pub start: u32,
    /// One past the word that names it.
    pub word_end: u32,
    /// The codes after it: first byte and one past the last.
    pub codes: Vec<(u32, u32)>,
}

/// Something wrong that is no token's business.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What is wrong.
    pub detail: &'static str,
}

/// A hole of a string, or a brace inside one, that is still open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Brace,
    Line,
    Multiline(u8),
}

struct Lexer<'t> {
    bytes: &'t [u8],
    at: usize,
    open: Vec<Open>,
    out: Lexed,
}

const LONGEST_NAME: usize = 255;

const START: u8 = 1;
const DIGIT: u8 = 2;
const BLANK: u8 = 4;

const CLASS: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut b = 0usize;
    while b < 256 {
        let class = match b as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => START,
            b'0'..=b'9' => DIGIT,
            b' ' | b'\t' => BLANK,
            _ => 0,
        };
        #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        {
            table[b] = class;
        }
        b += 1;
    }
    table
};

fn class(byte: u8) -> u8 {
    CLASS.get(byte as usize).copied().unwrap_or(0)
}

/// Splits text into tokens. The text is shorter than 4 GiB; what lies beyond is not read.
#[must_use]
pub fn lex(text: &str) -> Lexed {
    let bytes = text.as_bytes();
    let bytes = bytes.get(..u32::MAX as usize - 1).unwrap_or(bytes);
    let mut lexer = Lexer {
        bytes,
        at: 0,
        open: Vec::new(),
        out: Lexed { tokens: Vec::with_capacity(bytes.len() / 5 + 1), ..Lexed::default() },
    };
    lexer.run();
    lexer.out
}

impl Lexer<'_> {
    /// The byte `ahead` of the current one; 0 past the end.
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn skip_class(&mut self, mask: u8) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|b| class(*b) & mask == 0).unwrap_or(rest.len());
    }

    fn run(&mut self) {
        loop {
            self.trivia();
            let start = self.at;
            if self.at_end() {
                self.push(TokenKind::End, start, StringForm::default());
                return;
            }
            self.token(start);
        }
    }

    fn push(&mut self, kind: TokenKind, start: usize, form: StringForm) {
        self.out.tokens.push(Token { kind, form, start: start as u32, end: self.at as u32 });
    }

    fn token(&mut self, start: usize) {
        let first = self.byte(0);
        let first_class = class(first);
        if first_class & START != 0 {
            self.skip_class(START | DIGIT);
            if self.at - start > LONGEST_NAME {
                self.out.faults.push(Fault {
                    start: start as u32,
                    end: self.at as u32,
                    detail: "names have at most 255 characters",
                });
            }
            let kind = match self.bytes.get(start..self.at).unwrap_or_default() {
                b"true" => TokenKind::True,
                b"false" => TokenKind::False,
                b"null" => TokenKind::Null,
                _ => TokenKind::Identifier,
            };
            self.push(kind, start, StringForm::default());
            return;
        }
        if first_class & DIGIT != 0 {
            self.skip_class(DIGIT);
            self.push(TokenKind::Integer, start, StringForm::default());
            return;
        }
        match first {
            b'\'' if self.byte(1) == b'\'' && self.byte(2) == b'\'' => {
                self.at += 3;
                self.multiline(start, true, 0);
            }
            b'\'' => {
                self.at += 1;
                self.line_string(start, true);
            }
            b'$' => self.dollar(start),
            b'\n' | b'\r' => self.new_line(start),
            b'{' => {
                if !self.open.is_empty() {
                    self.open.push(Open::Brace);
                }
                self.single(TokenKind::LeftBrace);
            }
            b'}' => self.right_brace(start),
            _ => self.punctuation(first, start),
        }
    }

    fn single(&mut self, kind: TokenKind) {
        let start = self.at;
        self.at += 1;
        self.push(kind, start, StringForm::default());
    }

    fn right_brace(&mut self, start: usize) {
        match self.open.last() {
            None => self.single(TokenKind::RightBrace),
            Some(Open::Brace) => {
                self.open.pop();
                self.single(TokenKind::RightBrace);
            }
            Some(Open::Line) => {
                self.at += 1;
                self.line_string(start, false);
            }
            Some(&Open::Multiline(dollars)) => {
                self.at += 1;
                self.multiline(start, false, dollars);
            }
        }
    }

    fn new_line(&mut self, start: usize) {
        if !self.open.is_empty() {
            // A hole ends with its line, and so does the string: go on as if it had been closed here.
            self.open.clear();
            let form = StringForm { unterminated: true, ..StringForm::default() };
            self.push(TokenKind::StringRight, start, form);
        }
        while matches!(self.byte(0), b'\n' | b'\r') {
            self.at += 1;
        }
        self.push(TokenKind::NewLine, start, StringForm::default());
    }

    fn punctuation(&mut self, first: u8, start: usize) {
        use TokenKind as T;
        let (kind, length) = match (first, self.byte(1), self.byte(2)) {
            (b':', b':', _) => (T::DoubleColon, 2),
            (b':', ..) => (T::Colon, 1),
            (b'.', b'.', b'.') => (T::Ellipsis, 3),
            (b'.', ..) => (T::Dot, 1),
            (b'=', b'=', _) => (T::Equal, 2),
            (b'=', b'~', _) => (T::EqualIgnoringCase, 2),
            (b'=', b'>', _) => (T::Arrow, 2),
            (b'=', ..) => (T::Assignment, 1),
            (b'(', ..) => (T::LeftParen, 1),
            (b')', ..) => (T::RightParen, 1),
            (b'[', ..) => (T::LeftSquare, 1),
            (b']', ..) => (T::RightSquare, 1),
            (b',', ..) => (T::Comma, 1),
            (b'@', ..) => (T::At, 1),
            (b'?', b'?', _) => (T::DoubleQuestion, 2),
            (b'?', ..) => (T::Question, 1),
            (b'!', b'=', _) => (T::NotEqual, 2),
            (b'!', b'~', _) => (T::NotEqualIgnoringCase, 2),
            (b'!', ..) => (T::Exclamation, 1),
            (b'<', b'=', _) => (T::LessOrEqual, 2),
            (b'<', ..) => (T::Less, 1),
            (b'>', b'=', _) => (T::GreaterOrEqual, 2),
            (b'>', ..) => (T::Greater, 1),
            (b'&', b'&', _) => (T::And, 2),
            (b'|', b'|', _) => (T::Or, 2),
            (b'|', ..) => (T::Pipe, 1),
            (b'+', ..) => (T::Plus, 1),
            (b'-', ..) => (T::Minus, 1),
            (b'*', ..) => (T::Asterisk, 1),
            (b'/', ..) => (T::Slash, 1),
            (b'%', ..) => (T::Percent, 1),
            (b'^', ..) => (T::Hat, 1),
            (b';', ..) => (T::Semicolon, 1),
            (0xF0.., ..) => (T::Unrecognized, 4),
            (0xE0.., ..) => (T::Unrecognized, 3),
            (0xC0.., ..) => (T::Unrecognized, 2),
            _ => (T::Unrecognized, 1),
        };
        self.at = (self.at + length).min(self.bytes.len());
        self.push(kind, start, StringForm::default());
    }
}

#[cfg(test)]
mod tests;
