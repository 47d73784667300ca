//! Expressions from the outside in: ternary, binary by rank, unary, then what a name or literal begins.

use super::{Parsed, Parser};
use crate::read::bicep::ast::{Binary, BinaryOp, Expr, ExprKind, Lambda, Name, Ternary, Unary, UnaryOp};
use crate::read::bicep::token::{Token, TokenKind};

impl Parser<'_> {
    /// Any expression. The caller counts the nesting.
    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        let condition = self.binary(0)?;
        match self.kind() {
            TokenKind::Question => {}
            TokenKind::NewLine if self.past_lines().kind == TokenKind::Question => {
                self.skip_lines();
            }
            _ => return Ok(condition),
        }
        self.ternary(condition)
    }

    #[inline(never)]
    fn ternary(&mut self, condition: Expr) -> Parsed<Expr> {
        let mut height = self.height;
        self.bump();
        let yes = self.nested(Self::expression)?;
        height = height.max(self.height);
        if self.past_lines().kind == TokenKind::Colon {
            self.skip_lines();
        }
        self.expect(TokenKind::Colon, "`:` of the ternary operator")?;
        let no = self.nested(Self::expression)?;
        self.grow(height.max(self.height))?;
        Ok(Expr { span: condition.span.to(no.span), kind: ExprKind::Ternary(Box::new(Ternary { condition, yes, no })) })
    }

    /// Operators that bind tighter than `rank`.
    fn binary(&mut self, rank: u8) -> Parsed<Expr> {
        let mut left = self.unary()?;
        loop {
            let Some((op, op_rank)) = operator(self.kind()) else {
                return Ok(left);
            };
            if op_rank <= rank {
                return Ok(left);
            }
            let height = self.height;
            let op_span = self.span_of(self.token);
            self.bump();
            let right = self.nested(|p| p.binary(op_rank))?;
            self.grow(height.max(self.height))?;
            left = Expr {
                span: left.span.to(right.span),
                kind: ExprKind::Binary(Box::new(Binary { op, op_span, left, right })),
            };
        }
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let op = match self.kind() {
            TokenKind::Exclamation => UnaryOp::Not,
            TokenKind::Minus => UnaryOp::Minus,
            TokenKind::Plus => UnaryOp::Plus,
            _ => return self.access(),
        };
        let token = self.bump();
        let operand = self.nested(Self::unary)?;
        self.grow(self.height)?;
        Ok(Expr { span: self.span_of(token).to(operand.span), kind: ExprKind::Unary(Box::new(Unary { op, operand })) })
    }

    /// A literal, a name or a bracket.
    pub(super) fn primary(&mut self) -> Parsed<Expr> {
        self.height = 1;
        let kind = match self.kind() {
            TokenKind::Identifier => return self.name_or_call(),
            TokenKind::StringComplete | TokenKind::StringLeft => return self.string(),
            TokenKind::LeftBrace => {
                let start = self.token.start;
                let object = self.object(false)?;
                return Ok(Expr { span: self.span_from(start), kind: ExprKind::Object(Box::new(object)) });
            }
            TokenKind::LeftSquare => return self.array_or_for(),
            TokenKind::LeftParen => return self.paren_or_lambda(),
            TokenKind::Integer => ExprKind::Int(self.integer()?),
            TokenKind::True => ExprKind::Bool(true),
            TokenKind::False => ExprKind::Bool(false),
            TokenKind::Null => ExprKind::Null,
            _ => return Err(self.expected("an expression")),
        };
        let token = self.bump();
        Ok(Expr { span: self.span_of(token), kind })
    }

    /// The value of the current token, which is a number.
    pub(super) fn integer(&mut self) -> Parsed<u64> {
        let token = self.token;
        match self.text_of(token).parse() {
            Ok(value) => Ok(value),
            Err(_) => Err(self.wrong(self.span_of(token), "this number is too large")),
        }
    }

    fn name_or_call(&mut self) -> Parsed<Expr> {
        let token = self.bump();
        match self.kind() {
            TokenKind::LeftParen => {
                let name = self.name_of(token);
                self.call(None, name, token.start)
            }
            TokenKind::Arrow => {
                let param = self.name_of(token);
                self.lambda(vec![param], token.start)
            }
            _ => Ok(Expr { span: self.span_of(token), kind: ExprKind::Name(self.text_of(token).into()) }),
        }
    }

    /// From `=>` on.
    #[inline(never)]
    fn lambda(&mut self, params: Vec<Name>, start: u32) -> Parsed<Expr> {
        self.bump();
        self.lines_before_body();
        let body = self.nested(Self::expression)?;
        self.grow(self.height)?;
        Ok(Expr { span: self.span_from(start), kind: ExprKind::Lambda(Box::new(Lambda { params, body })) })
    }

    /// The value behind `=>` may stand on a later line, unless that is already the next declaration.
    pub(super) fn lines_before_body(&mut self) {
        let next = self.past_lines();
        let declares = next.kind == TokenKind::Identifier
            && matches!(
                self.text_of(next),
                "assert" | "import" | "metadata" | "param" | "var" | "resource" | "output" | "module" | "type"
            );
        if !declares {
            self.skip_lines();
        }
    }

    #[inline(never)]
    fn paren_or_lambda(&mut self) -> Parsed<Expr> {
        let open = self.bump();
        let mut items = Vec::new();
        let mut height = 0;
        self.skip_lines();
        while self.kind() != TokenKind::RightParen {
            items.push(self.nested(Self::expression)?);
            height = height.max(self.height);
            self.skip_lines();
            if !self.eat(TokenKind::Comma) {
                break;
            }
            self.skip_lines();
        }
        if self.kind() != TokenKind::RightParen {
            return Err(self.expected_close("`)`", open));
        }
        self.bump();
        if self.kind() == TokenKind::Arrow {
            let params = self.lambda_params(items)?;
            return self.lambda(params, open.start);
        }
        self.parenthesised(open, items, height)
    }

    fn parenthesised(&mut self, open: Token, items: Vec<Expr>, height: u32) -> Parsed<Expr> {
        let span = self.span_from(open.start);
        let mut items = items.into_iter();
        match (items.next(), items.next()) {
            (Some(inner), None) => {
                self.grow(height)?;
                Ok(Expr { span, kind: ExprKind::Paren(Box::new(inner)) })
            }
            _ => Err(self.wrong(span, "expected exactly one expression in the parentheses")),
        }
    }

    fn lambda_params(&mut self, items: Vec<Expr>) -> Parsed<Vec<Name>> {
        let mut params = Vec::with_capacity(items.len());
        for Expr { span, kind } in items {
            match kind {
                ExprKind::Name(text) => params.push(Name { text, span }),
                _ => return Err(self.wrong(span, "expected a name for the lambda's parameter")),
            }
        }
        Ok(params)
    }
}

/// The operator of a token and its rank: higher binds tighter.
fn operator(kind: TokenKind) -> Option<(BinaryOp, u8)> {
    Some(match kind {
        TokenKind::Asterisk => (BinaryOp::Multiply, 7),
        TokenKind::Slash => (BinaryOp::Divide, 7),
        TokenKind::Percent => (BinaryOp::Modulo, 7),
        TokenKind::Plus => (BinaryOp::Add, 6),
        TokenKind::Minus => (BinaryOp::Subtract, 6),
        TokenKind::Less => (BinaryOp::Less, 5),
        TokenKind::LessOrEqual => (BinaryOp::LessOrEqual, 5),
        TokenKind::Greater => (BinaryOp::Greater, 5),
        TokenKind::GreaterOrEqual => (BinaryOp::GreaterOrEqual, 5),
        TokenKind::Equal => (BinaryOp::Equal, 4),
        TokenKind::NotEqual => (BinaryOp::NotEqual, 4),
        TokenKind::EqualIgnoringCase => (BinaryOp::EqualIgnoringCase, 4),
        TokenKind::NotEqualIgnoringCase => (BinaryOp::NotEqualIgnoringCase, 4),
        TokenKind::And => (BinaryOp::And, 3),
        TokenKind::Or => (BinaryOp::Or, 2),
        TokenKind::DoubleQuestion => (BinaryOp::Coalesce, 1),
        _ => return None,
    })
}
