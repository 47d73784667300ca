//! Names, and strings that must be fixed.

use super::report::quoted;
use super::{Parsed, Parser};
use crate::read::bicep::ast::{Expr, ExprKind, Name};
use crate::read::bicep::token::{Token, TokenKind};

impl Parser<'_> {
    /// A name; keywords are names too.
    pub(super) fn name(&mut self, what: &str) -> Parsed<Name> {
        let token = self.expect(TokenKind::Identifier, what)?;
        Ok(self.name_of(token))
    }

    pub(super) fn name_of(&self, token: Token) -> Name {
        Name { text: self.text_of(token).into(), span: self.span_of(token) }
    }

    /// The keyword, if it stands here.
    pub(super) fn word(&mut self, word: &str) -> Option<Token> {
        self.at_word(word).then(|| self.bump())
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Parsed<Token> {
        match self.word(word) {
            Some(token) => Ok(token),
            None => Err(self.expected(&quoted(word))),
        }
    }

    pub(super) fn at_string(&self) -> bool {
        matches!(self.kind(), TokenKind::StringComplete | TokenKind::StringLeft)
    }

    /// A string that the compiler must know: none where it has holes, which is a problem but no reason to give up.
    pub(super) fn fixed_string(&mut self, what: &str) -> Parsed<Option<Name>> {
        if !self.at_string() {
            return Err(self.expected(what));
        }
        let Expr { span, kind } = self.string()?;
        if let ExprKind::String(text) = kind {
            return Ok(Some(Name { text, span }));
        }
        self.wrong(span, format!("{what} must not hold an interpolation"));
        Ok(None)
    }
}
