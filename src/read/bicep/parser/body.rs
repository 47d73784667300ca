//! Bodies of resources and modules: an object, perhaps under a condition, perhaps in a loop.

use super::{Parsed, Parser};
use crate::read::bicep::ast::{Body, Expr, ExprKind, Loop, Member, Name, Object};
use crate::read::bicep::token::TokenKind;
use crate::source::Span;

impl Parser<'_> {
    /// From `=` on. What does not parse leaves a broken body.
    pub(super) fn assigned_body(&mut self, resources: bool) -> Body {
        let before = self.here();
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
        let start = self.here();
        head.start = Some(start);
        match self.kind() {
            TokenKind::LeftSquare => {
                // Until more is known of it: a loop all the same, over nobody knows what.
                let nothing = self.span(start, start);
                let item = Name { text: Default::default(), span: nothing };
                head.each = Some(Loop { span: nothing, item, index: None, list: broken(nothing) });
                head.each = Some(self.for_head()?);
                let object = match self.kind() {
                    TokenKind::LeftBrace => self.nested(|p| p.object(resources))?,
                    TokenKind::Identifier if self.at_word("if") => self.conditional(resources, head)?,
                    _ => return Err(self.expected("`{` or `if`")),
                };
                if self.for_close(start).is_err() {
                    self.lost = true;
                }
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
        head.condition = Some(broken(self.span(self.taken, self.taken)));
        self.skip_lines();
        let condition = self.nested(Self::expression)?;
        self.skip_lines();
        if self.kind() != TokenKind::RightParen {
            return Err(self.expected_close("`)`", open));
        }
        self.bump();
        head.condition = Some(condition);
        self.nested(|p| p.object(resources))
    }
}

fn broken(span: Span) -> Expr {
    Expr { span, kind: ExprKind::Broken }
}

#[derive(Default)]
struct Head {
    start: Option<u32>,
    each: Option<Loop>,
    condition: Option<Expr>,
}
