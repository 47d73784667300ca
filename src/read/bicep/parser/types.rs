//! Types.

use super::{Parsed, Parser};
use crate::read::bicep::ast::{Expr, ExprKind, GenericType, TupleItem, TypeExpr, TypeKind, TypeProperty, UnaryOp};
use crate::read::bicep::token::TokenKind;

impl Parser<'_> {
    /// A type where also `resource 'type@version'` may stand. The caller counts the nesting.
    pub(super) fn type_or_resource(&mut self) -> Parsed<TypeExpr> {
        if !self.at_word("resource") {
            return self.type_expression();
        }
        let next = self.ahead(1).kind;
        if !matches!(
            next,
            TokenKind::StringComplete | TokenKind::StringLeft | TokenKind::Assignment | TokenKind::NewLine
        ) {
            return self.type_expression();
        }
        let word = self.bump();
        let ty = if self.at_string() { self.fixed_string("a resource type")? } else { None };
        self.height = 1;
        Ok(TypeExpr { span: self.span_from(word.start), kind: TypeKind::Resource(ty.map(Box::new)) })
    }

    /// Any type. The caller counts the nesting.
    pub(super) fn type_expression(&mut self) -> Parsed<TypeExpr> {
        let start = self.past_lines().start;
        let leading = self.take_pipe();
        let start = if leading { start } else { self.token.start };
        let first = self.type_with_suffixes()?;
        if !leading && !self.at_pipe() {
            return Ok(first);
        }
        let mut height = self.height;
        let mut members = vec![first];
        while self.take_pipe() {
            members.push(self.type_with_suffixes()?);
            height = height.max(self.height);
        }
        self.grow(height)?;
        Ok(TypeExpr { span: self.span_from(start), kind: TypeKind::Union(members) })
    }

    /// Whether a `|` follows, here or first on a later line.
    fn at_pipe(&mut self) -> bool {
        match self.kind() {
            TokenKind::Pipe => true,
            TokenKind::NewLine => self.past_lines().kind == TokenKind::Pipe,
            _ => false,
        }
    }

    fn take_pipe(&mut self) -> bool {
        let found = self.at_pipe();
        if found {
            self.skip_lines();
            self.bump();
        }
        found
    }

    fn type_with_suffixes(&mut self) -> Parsed<TypeExpr> {
        let start = self.token.start;
        let op = match self.kind() {
            TokenKind::Minus => Some(UnaryOp::Minus),
            TokenKind::Exclamation => Some(UnaryOp::Not),
            TokenKind::Plus => Some(UnaryOp::Plus),
            _ => None,
        };
        if op.is_some() {
            self.bump();
        }
        let primary = self.type_primary()?;
        let mut ty = self.type_access(primary)?;
        if let Some(op) = op {
            ty = self.wrap(start, ty, |ty| TypeKind::Unary(op, ty))?;
        }
        loop {
            ty = match self.kind() {
                TokenKind::Question => {
                    self.bump();
                    self.wrap(start, ty, TypeKind::Nullable)?
                }
                TokenKind::Exclamation => {
                    self.bump();
                    self.wrap(start, ty, TypeKind::NonNull)?
                }
                TokenKind::LeftSquare | TokenKind::Dot => self.type_access(ty)?,
                _ => return Ok(ty),
            };
        }
    }

    fn wrap(&mut self, start: u32, inner: TypeExpr, kind: impl FnOnce(Box<TypeExpr>) -> TypeKind) -> Parsed<TypeExpr> {
        self.grow(self.height)?;
        Ok(TypeExpr { span: self.span_from(start), kind: kind(Box::new(inner)) })
    }

    /// `[]`, `[0]`, `[*]`, `.name`, `.*` behind a type.
    #[inline(never)]
    fn type_access(&mut self, mut ty: TypeExpr) -> Parsed<TypeExpr> {
        loop {
            let start = ty.span.start;
            ty = match self.kind() {
                TokenKind::LeftSquare => self.type_index(ty)?,
                TokenKind::Dot => {
                    self.bump();
                    if self.eat(TokenKind::Asterisk) {
                        self.wrap(start, ty, TypeKind::AdditionalProperties)?
                    } else {
                        let name = self.name("the name of a type or property")?;
                        if self.kind() == TokenKind::Less {
                            let height = self.height;
                            let args = self.type_arguments()?;
                            self.grow(height.max(self.height))?;
                            TypeExpr {
                                span: self.span_from(start),
                                kind: TypeKind::Generic(Box::new(GenericType { target: Some(ty), name, args })),
                            }
                        } else {
                            self.wrap(start, ty, |ty| TypeKind::Property(ty, Box::new(name)))?
                        }
                    }
                }
                _ => return Ok(ty),
            };
        }
    }

    #[inline(never)]
    fn type_index(&mut self, ty: TypeExpr) -> Parsed<TypeExpr> {
        let start = ty.span.start;
        let open = self.bump();
        match self.kind() {
            TokenKind::RightSquare => {
                self.bump();
                self.wrap(start, ty, TypeKind::Array)
            }
            TokenKind::Asterisk => {
                self.bump();
                self.expect(TokenKind::RightSquare, "`]`")?;
                self.wrap(start, ty, TypeKind::Items)
            }
            _ => {
                let height = self.height;
                let index = self.nested(Self::expression)?;
                self.height = self.height.max(height);
                if self.kind() != TokenKind::RightSquare {
                    return Err(self.expected_close("`]`", open));
                }
                self.bump();
                self.wrap(start, ty, |ty| TypeKind::Index(ty, Box::new(index)))
            }
        }
    }

    #[inline(never)]
    fn type_primary(&mut self) -> Parsed<TypeExpr> {
        self.height = 1;
        let start = self.token.start;
        let kind = match self.kind() {
            TokenKind::Identifier => {
                let token = self.bump();
                if self.kind() == TokenKind::Less {
                    let name = self.name_of(token);
                    let args = self.type_arguments()?;
                    self.grow(self.height)?;
                    TypeKind::Generic(Box::new(GenericType { target: None, name, args }))
                } else {
                    TypeKind::Name(self.text_of(token).into())
                }
            }
            TokenKind::StringComplete | TokenKind::StringLeft => {
                let Expr { span, kind } = self.string()?;
                match kind {
                    ExprKind::String(text) => TypeKind::String(text),
                    ExprKind::Interpolated(pieces) => TypeKind::Interpolated(pieces),
                    _ => return Err(self.wrong(span, "expected a type")),
                }
            }
            TokenKind::LeftBrace => self.object_type()?,
            TokenKind::LeftSquare => self.tuple_type()?,
            TokenKind::LeftParen => {
                let open = self.bump();
                self.skip_lines();
                let inner = self.nested(Self::type_expression)?;
                self.skip_lines();
                if self.kind() != TokenKind::RightParen {
                    return Err(self.expected_close("`)`", open));
                }
                self.bump();
                self.grow(self.height)?;
                TypeKind::Paren(Box::new(inner))
            }
            TokenKind::Integer => {
                let value = self.integer()?;
                self.bump();
                TypeKind::Int(value)
            }
            TokenKind::True | TokenKind::False => TypeKind::Bool(self.bump().kind == TokenKind::True),
            TokenKind::Null => {
                self.bump();
                TypeKind::Null
            }
            _ => return Err(self.expected("a type")),
        };
        Ok(TypeExpr { span: self.span_from(start), kind })
    }

    /// `<a, b>`
    #[inline(never)]
    fn type_arguments(&mut self) -> Parsed<Vec<TypeExpr>> {
        let open = self.bump();
        let mut args = Vec::new();
        let mut height = 1;
        self.skip_lines();
        while self.kind() != TokenKind::Greater {
            args.push(self.nested(Self::type_expression)?);
            height = height.max(self.height);
            self.skip_lines();
            if !self.eat(TokenKind::Comma) {
                break;
            }
            self.skip_lines();
        }
        if self.kind() != TokenKind::Greater {
            return Err(self.expected_close("`>`", open));
        }
        self.bump();
        self.height = height;
        Ok(args)
    }

    #[inline(never)]
    fn object_type(&mut self) -> Parsed<TypeKind> {
        let mut properties = Vec::new();
        let mut height = 0;
        self.members(TokenKind::RightBrace, "`}`", |p, _| {
            let start = p.token.start;
            let decorators = p.decorators();
            let key = if p.eat(TokenKind::Asterisk) { None } else { Some(p.key()?) };
            p.expect(TokenKind::Colon, "`:`")?;
            let ty = p.nested(Self::type_expression)?;
            height = height.max(p.height);
            properties.push(TypeProperty { span: p.span_from(start), decorators, key, ty });
            Ok(())
        })?;
        self.grow(height)?;
        Ok(TypeKind::Object(properties))
    }

    #[inline(never)]
    fn tuple_type(&mut self) -> Parsed<TypeKind> {
        let mut items = Vec::new();
        let mut height = 0;
        self.members(TokenKind::RightSquare, "`]`", |p, _| {
            let start = p.token.start;
            let decorators = p.decorators();
            let ty = p.nested(Self::type_expression)?;
            height = height.max(p.height);
            items.push(TupleItem { span: p.span_from(start), decorators, ty });
            Ok(())
        })?;
        self.grow(height)?;
        Ok(TypeKind::Tuple(items))
    }
}
