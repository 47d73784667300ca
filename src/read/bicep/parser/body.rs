//! Bodies of resources and modules: an object, perhaps under a condition, perhaps in a loop.

use super::{Parsed, Parser};
use crate::read::bicep::ast::{Body, Expr, Loop, Member, Object};
use crate::read::bicep::token::TokenKind;

impl Parser<'_> {
    /// From `=` on. What does not parse leaves a broken body.
    pub(super) fn assigned_body(&mut self, resources: bool) -> Body {
        let before = self.token.start;
        let mut head = Head::default();
        let object = if self.lost { None } else { self.body_parts(resources, &mut head).ok() };
        let object = object.unwrap_or_else(|| {
            self.lost = true;
            let start = head.start.unwrap_or(before);
            let span = self.span(start, start);
            Object { span, members: vec![Member::Broken(span)] }
        });
        let span = match head.start {
            Some(start) if !self.lost => self.span_from(start),
            _ => object.span,
        };
        Body { span, each: head.each, condition: head.condition, object }
    }

    fn body_parts(&mut self, resources: bool, head: &mut Head) -> Parsed<Object> {
        self.expect(TokenKind::Assignment, "`=`")?;
        if self.kind() == TokenKind::NewLine {
            let next = self.past_lines();
            if self.is_word(next, "if") {
                self.skip_lines();
            }
        }
        let start = self.token.start;
        head.start = Some(start);
        match self.kind() {
            TokenKind::LeftSquare => {
                head.each = Some(self.for_head()?);
                let object = match self.kind() {
                    TokenKind::LeftBrace => self.nested(|p| p.object(resources))?,
                    TokenKind::Identifier if self.at_word("if") => self.conditional(resources, head)?,
                    _ => return Err(self.expected("`{` or `if`")),
                };
                self.for_close(start)?;
                Ok(object)
            }
            TokenKind::LeftBrace => self.nested(|p| p.object(resources)),
            TokenKind::Identifier if self.at_word("if") => self.conditional(resources, head),
            _ => Err(self.expected("`{`, `if` or `[for`")),
        }
    }

    fn conditional(&mut self, resources: bool, head: &mut Head) -> Parsed<Object> {
        self.bump();
        let open = self.expect(TokenKind::LeftParen, "`(` around the condition")?;
        self.skip_lines();
        head.condition = Some(self.nested(Self::expression)?);
        self.skip_lines();
        if self.kind() != TokenKind::RightParen {
            return Err(self.expected_close("`)`", open));
        }
        self.bump();
        self.nested(|p| p.object(resources))
    }
}

#[derive(Default)]
struct Head {
    start: Option<u32>,
    each: Option<Loop>,
    condition: Option<Expr>,
}
