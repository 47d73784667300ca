//! Scalars in quotes: escapes and line folding.

use std::borrow::Cow;

use super::cursor::Breaks;
use super::parser::{Parser, Scalar, Step};
use super::scalar::Typing;
use crate::tree::Style;

impl<'s> Parser<'s> {
    /// Reads a scalar in single or double quotes, from its first quote to its last.
    pub(super) fn quoted(&mut self) -> Step<Scalar<'s>> {
        let start = self.at.pos;
        let quote = self.at.peek();
        let style = if quote == b'"' { Style::Double } else { Style::Single };
        self.at.pos += 1;
        // Most have neither escapes nor line breaks.
        let rest = self.at.bytes.get(self.at.pos..).unwrap_or_default();
        let wide = self.at.wide;
        let special = |b: &u8| {
            *b == quote
                || matches!(b, b'\n' | b'\r')
                || *b == b'\\' && quote == b'"'
                || wide && matches!(b, 0xC2 | 0xE2)
        };
        let plain_length = rest.iter().position(special).unwrap_or(rest.len());
        let first = self.at.slice(self.at.pos, self.at.pos + plain_length);
        self.at.pos += plain_length;
        let ends = self.at.peek() == quote && !(quote == b'\'' && self.at.peek_at(1) == b'\'');
        let text = if ends {
            self.at.pos += 1;
            Cow::Borrowed(first)
        } else {
            let broken = self.at.is_break();
            let first = if broken { first.trim_end_matches([' ', '\t']) } else { first };
            Cow::Owned(self.quoted_rest(start, quote, first.to_owned())?)
        };
        self.at.token_line = self.at.line_start;
        self.at.key_allowed = false;
        Ok(Scalar { text, style, start, end: self.at.pos })
    }

    fn quoted_rest(&mut self, start: usize, quote: u8, mut text: String) -> Step<String> {
        let wide = self.at.wide;
        loop {
            let Some(byte) = self.at.bytes.get(self.at.pos) else {
                return self.unclosed(start, "the text ends inside of quotes");
            };
            match byte {
                b'\'' if quote == b'\'' && self.at.peek_at(1) == b'\'' => {
                    text.push('\'');
                    self.at.pos += 2;
                }
                b if *b == quote => {
                    self.at.pos += 1;
                    return Ok(text);
                }
                b'\\' if quote == b'"' => {
                    if self.at.break_at(self.at.pos + 1) {
                        // The break goes, and the blanks before the next line's text with it.
                        self.at.pos += 1;
                        self.at.newline();
                        self.quoted_breaks(start)?.keep(&mut text);
                    } else {
                        self.escape(&mut text)?;
                    }
                }
                b' ' | b'\t' => {
                    let from = self.at.pos;
                    self.at.blanks();
                    if !self.at.is_break() {
                        text.push_str(self.at.slice(from, self.at.pos));
                    }
                }
                _ if self.at.is_break() => self.quoted_breaks(start)?.fold(&mut text),
                _ => {
                    let rest = self.at.bytes.get(self.at.pos..).unwrap_or_default();
                    let stop = |b: &u8| {
                        matches!(b, b'\'' | b'"' | b'\\' | b' ' | b'\t' | b'\n' | b'\r')
                            || wide && matches!(b, 0xC2 | 0xE2)
                    };
                    let length = match rest.iter().position(stop) {
                        Some(0) => self.at.text_at(self.at.pos).chars().next().map_or(1, char::len_utf8),
                        Some(length) => length,
                        None => rest.len(),
                    };
                    text.push_str(self.at.slice(self.at.pos, self.at.pos + length));
                    self.at.pos += length;
                }
            }
        }
    }

    /// Goes over line breaks and the blanks around them.
    fn quoted_breaks(&mut self, start: usize) -> Step<Breaks> {
        let mut breaks = Breaks::default();
        loop {
            match self.at.peek() {
                b' ' | b'\t' => self.at.pos += 1,
                _ if self.at.is_break() => breaks.push(self.at.newline()),
                _ => break,
            }
        }
        if self.at.pos == self.at.line_start && self.at.marker_at(self.at.pos) {
            return self.unclosed(start, "the document ends inside of quotes");
        }
        Ok(breaks)
    }

    fn unclosed<T>(&mut self, start: usize, detail: &str) -> Step<T> {
        let end = self.at.pos;
        let span = self.at.span(end, end);
        self.stop_with(start, start + 1, format!("{detail} that begin here"), &[(span, "it ends here")])
    }

    fn escape(&mut self, text: &mut String) -> Step {
        let start = self.at.pos;
        let letter = self.at.text_at(start + 1).chars().next();
        let decoded = match letter {
            Some('0') => '\0',
            Some('a') => '\x07',
            Some('b') => '\x08',
            Some('t' | '\t') => '\t',
            Some('n') => '\n',
            Some('v') => '\x0B',
            Some('f') => '\x0C',
            Some('r') => '\r',
            Some('e') => '\x1B',
            Some(' ') => ' ',
            Some('"') => '"',
            Some('\'') => '\'',
            Some('\\') => '\\',
            Some('/') if self.typing == Typing::Core => '/',
            Some('N') => '\u{85}',
            Some('_') => '\u{A0}',
            Some('L') => '\u{2028}',
            Some('P') => '\u{2029}',
            Some('x') => return self.hex(text, 2),
            Some('u') => return self.hex(text, 4),
            Some('U') => return self.hex(text, 8),
            other => {
                let length = 1 + other.map_or(0, char::len_utf8);
                let shown = self.at.slice(start, start + length);
                let detail = format!(
                    "`{}` is no escape that YAML knows",
                    shown.escape_debug().to_string().replace("\\\\", "\\")
                );
                return self.stop(start, start + length, detail);
            }
        };
        text.push(decoded);
        self.at.pos = start + 1 + letter.map_or(0, char::len_utf8);
        Ok(())
    }

    fn hex(&mut self, text: &mut String, digits: usize) -> Step {
        let start = self.at.pos;
        let end = start + 2 + digits;
        let code = |from: usize| {
            let digits = self.at.text.get(from..from + digits)?;
            let all = digits.bytes().all(|b| b.is_ascii_hexdigit());
            if all { u32::from_str_radix(digits, 16).ok() } else { None }
        };
        let Some(value) = code(start + 2) else {
            return self.stop(start, start + 2, format!("{digits} hexadecimal digits must follow"));
        };
        if let Some(c) = char::from_u32(value) {
            text.push(c);
            self.at.pos = end;
            return Ok(());
        }
        // JSON writes characters beyond 16 bits as two escapes. Kubernetes' library does not know that.
        let low = code(end + 2).filter(|_| self.at.slice(end, end + 2) == "\\u");
        if let (Typing::Core, 0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) = (self.typing, value, low) {
            let joined = 0x1_0000 + ((value - 0xD800) << 10) + (low - 0xDC00);
            text.extend(char::from_u32(joined));
            self.at.pos = end + 6;
            return Ok(());
        }
        self.stop(start, end, format!("`{}` is no character", self.at.slice(start, end)))
    }
}
