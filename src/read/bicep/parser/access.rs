//! What follows a value: `.name`, `[index]`, `::name`, `!`, and the arguments of calls.

use super::{Parsed, Parser};
use crate::read::bicep::ast::{Call, Expr, ExprKind, Index, Name, NestedName, PropertyAccess};
use crate::read::bicep::token::TokenKind;

impl Parser<'_> {
    pub(super) fn access(&mut self) -> Parsed<Expr> {
        let mut value = self.primary()?;
        loop {
            value = match self.kind() {
                TokenKind::Dot => self.property(value)?,
                TokenKind::LeftSquare => self.index(value)?,
                TokenKind::DoubleColon => self.nested_name(value)?,
                TokenKind::Exclamation => {
                    let height = self.height;
                    self.bump();
                    self.grow(height)?;
                    Expr { span: self.span_from(value.span.start), kind: ExprKind::NonNull(Box::new(value)) }
                }
                _ => return Ok(value),
            };
        }
    }

    fn property(&mut self, object: Expr) -> Parsed<Expr> {
        let height = self.height;
        let start = object.span.start;
        self.bump();
        let safe = self.eat(TokenKind::Question);
        let name = self.name("the name of a property or function")?;
        if self.kind() == TokenKind::LeftParen {
            if safe {
                let span = name.span;
                return Err(self.wrong(span, "a function cannot be called with `.?`"));
            }
            return self.call(Some(object), name, start);
        }
        self.grow(height)?;
        Ok(Expr {
            span: self.span_from(start),
            kind: ExprKind::Property(Box::new(PropertyAccess { object, name, safe })),
        })
    }

    fn index(&mut self, object: Expr) -> Parsed<Expr> {
        let height = self.height;
        let open = self.bump();
        let safe = self.eat(TokenKind::Question);
        let from_end = self.eat(TokenKind::Hat);
        let index = self.nested(Self::expression)?;
        if self.kind() != TokenKind::RightSquare {
            return Err(self.expected_close("`]`", open));
        }
        self.bump();
        self.grow(height.max(self.height))?;
        Ok(Expr {
            span: self.span_from(object.span.start),
            kind: ExprKind::Index(Box::new(Index { object, index, safe, from_end })),
        })
    }

    fn nested_name(&mut self, parent: Expr) -> Parsed<Expr> {
        let height = self.height;
        self.bump();
        let name = self.name("the name of a nested resource")?;
        self.grow(height)?;
        Ok(Expr {
            span: self.span_from(parent.span.start),
            kind: ExprKind::Nested(Box::new(NestedName { parent, name })),
        })
    }

    /// A call from its parenthesis on. The height is that of the target, 1 without one.
    pub(super) fn call(&mut self, target: Option<Expr>, name: Name, start: u32) -> Parsed<Expr> {
        let height = self.height;
        let args = self.arguments()?;
        self.grow(height.max(self.height))?;
        Ok(Expr { span: self.span_from(start), kind: ExprKind::Call(Box::new(Call { target, name, args })) })
    }

    /// `(a, b)`; lines may be broken behind the parenthesis, behind commas and before the closing parenthesis.
    pub(super) fn arguments(&mut self) -> Parsed<Vec<Expr>> {
        let open = self.bump();
        let mut args = Vec::new();
        let mut height = 1;
        self.skip_lines();
        if self.kind() != TokenKind::RightParen {
            loop {
                args.push(self.nested(Self::expression)?);
                height = height.max(self.height);
                self.skip_lines();
                if !self.eat(TokenKind::Comma) {
                    break;
                }
                self.skip_lines();
            }
        }
        if self.kind() != TokenKind::RightParen {
            return Err(self.expected_close("`,` or `)`", open));
        }
        self.bump();
        self.height = height;
        Ok(args)
    }
}
