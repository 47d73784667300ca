//! Strings: escapes, the first line end of multi-line ones, holes.

use super::{Fail, Parsed, Parser};
use crate::read::bicep::ast::{Expr, ExprKind, Name, Piece};
use crate::read::bicep::token::{Token, TokenKind};
use crate::tree::Text;

impl Parser<'_> {
    /// A string of any form. The current token is its first piece.
    pub(super) fn string(&mut self) -> Parsed<Expr> {
        let first = self.bump();
        self.height = 1;
        if first.kind == TokenKind::StringComplete {
            let text = self.piece(first)?.text;
            return Ok(Expr { span: self.span_of(first), kind: ExprKind::String(text) });
        }
        let mut pieces = Vec::new();
        let text = self.piece(first);
        let mut failed = self.push_text(&mut pieces, text);
        let mut height = 1;
        loop {
            let hole = self.nested(Self::expression)?;
            height = height.max(self.height);
            pieces.push(Piece::Hole(hole));
            let token = self.token;
            if !matches!(token.kind, TokenKind::StringMiddle | TokenKind::StringRight) {
                return Err(self.expected("`}` after the interpolated expression"));
            }
            self.bump();
            let text = self.piece(token);
            failed |= self.push_text(&mut pieces, text);
            if token.kind == TokenKind::StringRight {
                break;
            }
        }
        if failed {
            return Err(Fail);
        }
        self.grow(height)?;
        Ok(Expr { span: self.span_from(first.start), kind: ExprKind::Interpolated(pieces.into()) })
    }

    /// Adds a text that is not empty; says whether it did not parse.
    fn push_text(&self, pieces: &mut Vec<Piece>, text: Parsed<Name>) -> bool {
        match text {
            Ok(text) if text.is_empty() => false,
            Ok(text) => {
                pieces.push(Piece::Text(text));
                false
            }
            Err(Fail) => true,
        }
    }

    /// The text of one piece, escapes resolved.
    fn piece(&mut self, token: Token) -> Parsed<Name> {
        if token.form.unterminated {
            return Err(self.unterminated(token));
        }
        let opens = matches!(token.kind, TokenKind::StringComplete | TokenKind::StringLeft);
        let closes = matches!(token.kind, TokenKind::StringComplete | TokenKind::StringRight);
        let dollars = u32::from(token.form.dollars);
        let (before, after) = match (token.form.multiline, opens, closes) {
            (true, true, true) => (dollars + 3, 3),
            (true, true, false) => (dollars + 3, dollars + 1),
            (true, false, true) => (1, 3),
            (true, false, false) => (1, dollars + 1),
            (false, _, true) => (1, 1),
            (false, _, false) => (1, 2),
        };
        let mut start = token.start + before;
        let end = token.end.saturating_sub(after);
        let mut raw = self.text.get(start as usize..end as usize).unwrap_or_default();
        if token.form.multiline && opens {
            let line = raw.strip_prefix('\r').unwrap_or(raw);
            let line = line.strip_prefix('\n').unwrap_or(line);
            start += (raw.len() - line.len()) as u32;
            raw = line;
        }
        let text = if token.form.escaped { self.unescape(raw, start)? } else { raw.into() };
        Ok(Name { text, span: self.span(start, end) })
    }

    #[cold]
    fn unterminated(&mut self, token: Token) -> Fail {
        if token.form.multiline {
            let length = match token.kind {
                TokenKind::StringComplete => 3 + u32::from(token.form.dollars),
                _ => 1,
            };
            let span = self.span(token.start, token.start + length);
            return self.wrong(span, "this string is not closed, expected `'''`");
        }
        let span = self.span_of(token);
        if token.kind == TokenKind::StringRight && token.start == token.end {
            return self.wrong(span, "expected `}` and `'` before the end of the line");
        }
        self.wrong(span, "this string is not closed on its line, expected `'`")
    }

    #[cold]
    fn unescape(&mut self, raw: &str, start: u32) -> Parsed<Text> {
        let mut text = Text::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.find('\\') {
            let (plain, escape) = rest.split_at(at);
            text.push_str(plain);
            let Some((c, length)) = escaped(escape) else {
                let from = start + (raw.len() - escape.len()) as u32;
                let shown: String = escape.chars().take(2).collect();
                let span = self.span(from, from + shown.len() as u32);
                return Err(
                    self.wrong(span, format!("`{shown}` is no escape: those are \\\\ \\' \\n \\r \\t \\u{{…}} \\$"))
                );
            };
            text.push(c);
            rest = escape.get(length..).unwrap_or_default();
        }
        text.push_str(rest);
        Ok(text)
    }
}

/// The character that an escape stands for, and the escape's length.
fn escaped(text: &str) -> Option<(char, usize)> {
    let mut chars = text.chars().skip(1);
    Some(match chars.next()? {
        'n' => ('\n', 2),
        'r' => ('\r', 2),
        't' => ('\t', 2),
        '\\' => ('\\', 2),
        '\'' => ('\'', 2),
        '$' => ('$', 2),
        'u' => {
            let digits = text.get(3..)?.split_once('}')?.0;
            let hex =
                text.get(2..3) == Some("{") && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let code = u32::from_str_radix(digits, 16).ok()?;
            if !hex || code > 0x0010_FFFF {
                return None;
            }
            // Half of a surrogate pair is no character of UTF-8.
            let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            (c, digits.len() + 4)
        }
        _ => return None,
    })
}
