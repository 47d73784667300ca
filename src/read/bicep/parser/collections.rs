//! Objects and arrays: members on lines of their own or parted by commas, one of which may be lost without the rest.

use super::recovery::Open;
use super::{Fail, Parsed, Parser};
use crate::read::bicep::ast::{ArrayItem, Expr, ExprKind, For, Key, Loop, Member, Object, Property};
use crate::read::bicep::token::TokenKind;

impl Parser<'_> {
    /// An object; in a resource's body resources may be declared.
    pub(super) fn object(&mut self, resources: bool) -> Parsed<Object> {
        if self.kind() != TokenKind::LeftBrace {
            return Err(self.expected("`{`"));
        }
        let next = self.ahead(1);
        if next.kind == TokenKind::LeftBrace && next.start == self.token.end {
            // No object begins so: this is the delimiter of a text template, and no value is known here at all.
            return Err(self.expected("an object"));
        }
        let start = self.token.start;
        let first = self.open_members.len();
        let mut height = 0;
        let parsed = self.members(TokenKind::RightBrace, "`}`", |p, open| {
            p.member(resources, open)?;
            height = height.max(p.height);
            Ok(())
        });
        let members = self.open_members.drain(first..).collect();
        parsed?;
        self.grow(height)?;
        Ok(Object { span: self.span_from(start), members })
    }

    /// Adds one member. It is written straight to its place: this is where nesting costs stack.
    #[inline(never)]
    fn member(&mut self, resources: bool, open: Open) -> Parsed<()> {
        let start = self.at;
        let from = self.token.start;
        if resources && self.starts_nested_resource() {
            return self.resource_member(open);
        }
        if self.kind() == TokenKind::Ellipsis {
            let dots = self.bump();
            let value = self.item_value(open, start, from)?;
            self.open_members.push(Member::Spread(self.span_of(dots), value));
            return Ok(());
        }
        let key = match self.key() {
            Ok(key) if self.kind() == TokenKind::Colon => key,
            key => {
                if key.is_ok() {
                    self.expected("`:`");
                }
                self.skip_item(open, start)?;
                self.height = 1;
                self.open_members.push(Member::Broken(self.span_from(from)));
                return Ok(());
            }
        };
        self.bump();
        let from = self.token.start;
        let value = self.item_value(open, start, from)?;
        self.open_members.push(Member::Property(Property { key, value }));
        Ok(())
    }

    #[inline(never)]
    fn resource_member(&mut self, open: Open) -> Parsed<()> {
        let declaration = Box::new(self.nested(|p| p.nested_resource(open))?);
        self.height = 1;
        self.open_members.push(Member::Resource(declaration));
        Ok(())
    }

    fn starts_nested_resource(&self) -> bool {
        match self.kind() {
            TokenKind::At => true,
            TokenKind::Identifier => self.at_word("resource") && self.ahead(1).kind == TokenKind::Identifier,
            _ => false,
        }
    }

    pub(super) fn key(&mut self) -> Parsed<Key> {
        match self.kind() {
            TokenKind::Identifier => {
                let token = self.bump();
                Ok(Key::Fixed(self.name_of(token)))
            }
            TokenKind::StringComplete | TokenKind::StringLeft => {
                let Expr { span, kind } = self.string()?;
                Ok(match kind {
                    ExprKind::String(text) => Key::Fixed(crate::read::bicep::ast::Name { text, span }),
                    kind => Key::Computed(Expr { span, kind }),
                })
            }
            _ => Err(self.expected("the name of a property")),
        }
    }

    /// A value that may be lost without the rest. `start` is the token at which its item begins.
    fn item_value(&mut self, open: Open, start: usize, from: u32) -> Parsed<Expr> {
        match self.nested(Self::expression) {
            Ok(value) if self.ends_item() => Ok(value),
            Ok(_) => {
                self.expected("a line end or `,`");
                self.lost_item(open, start, from)
            }
            Err(Fail) => self.lost_item(open, start, from),
        }
    }

    fn ends_item(&self) -> bool {
        matches!(
            self.kind(),
            TokenKind::NewLine | TokenKind::Comma | TokenKind::RightBrace | TokenKind::RightSquare | TokenKind::End
        )
    }

    #[cold]
    fn lost_item(&mut self, open: Open, start: usize, from: u32) -> Parsed<Expr> {
        self.skip_item(open, start)?;
        self.height = 1;
        Ok(Expr { span: self.span_from(from), kind: ExprKind::Broken })
    }

    /// What stands between the current bracket and the one that closes it.
    pub(super) fn members(
        &mut self,
        close: TokenKind,
        what: &str,
        mut member: impl FnMut(&mut Self, Open) -> Parsed<()>,
    ) -> Parsed<()> {
        let open = Open(self.at);
        let bracket = self.bump();
        self.skip_lines();
        while self.kind() != close {
            if self.kind() == TokenKind::End || self.cut_off() {
                return Err(self.expected_close(what, bracket));
            }
            member(self, open)?;
            match self.kind() {
                TokenKind::NewLine => self.skip_lines(),
                TokenKind::Comma => {
                    self.bump();
                    if self.kind() == TokenKind::NewLine {
                        let span = self.span(self.taken - 1, self.taken);
                        self.wrong(span, "no `,` is allowed at the end of a line");
                        self.skip_lines();
                    }
                }
                kind if kind == close => {}
                _ => {
                    return Err(self.expected_close(&format!("{what}, `,` or a line end"), bracket));
                }
            }
        }
        self.bump();
        Ok(())
    }

    #[inline(never)]
    pub(super) fn array_or_for(&mut self) -> Parsed<Expr> {
        let start = self.token.start;
        let next = self.ahead(1);
        let is_for = if next.kind == TokenKind::NewLine {
            let lines = self.tokens.get(self.at + 1..).unwrap_or_default();
            let first = lines.iter().find(|t| t.kind != TokenKind::NewLine);
            first.is_some_and(|t| self.is_word(*t, "for"))
        } else {
            self.is_word(next, "for")
        };
        let kind = if is_for { self.for_items()? } else { ExprKind::Array(self.array_items()?) };
        Ok(Expr { span: self.span_from(start), kind })
    }

    #[inline(never)]
    fn for_items(&mut self) -> Parsed<ExprKind> {
        let start = self.token.start;
        let each = self.for_head()?;
        let height = self.height;
        let body = self.nested(Self::expression)?;
        self.for_close(start)?;
        self.grow(height.max(self.height))?;
        Ok(ExprKind::For(Box::new(For { each, body })))
    }

    #[inline(never)]
    fn array_items(&mut self) -> Parsed<Vec<ArrayItem>> {
        let first = self.open_items.len();
        let mut height = 0;
        let parsed = self.members(TokenKind::RightSquare, "`]`", |p, open| {
            let start = p.at;
            let from = p.token.start;
            let spread = (p.kind() == TokenKind::Ellipsis).then(|| p.bump());
            let value = p.item_value(open, start, from)?;
            height = height.max(p.height);
            p.open_items.push(ArrayItem { spread: spread.map(|dots| p.span_of(dots)), value });
            Ok(())
        });
        let items = self.open_items.drain(first..).collect();
        parsed?;
        self.grow(height)?;
        Ok(items)
    }

    /// `[for x in list:`; the current token is the bracket.
    pub(super) fn for_head(&mut self) -> Parsed<Loop> {
        self.bump();
        self.skip_lines();
        let word = self.expect_word("for")?;
        let (item, index) = if self.eat(TokenKind::LeftParen) {
            let item = self.name("a name for the loop's item")?;
            self.expect(TokenKind::Comma, "`,` and a name for the loop's index")?;
            let index = self.name("a name for the loop's index")?;
            self.expect(TokenKind::RightParen, "`)`")?;
            (item, Some(index))
        } else {
            (self.name("a name for the loop's item, or `(`")?, None)
        };
        self.expect_word("in")?;
        let list = self.nested(Self::expression)?;
        let span = self.span_from(word.start);
        self.expect(TokenKind::Colon, "`:` before the loop's body")?;
        Ok(Loop { span, item, index, list })
    }

    /// The bracket that closes a loop.
    pub(super) fn for_close(&mut self, start: u32) -> Parsed<()> {
        self.skip_lines();
        if self.eat(TokenKind::RightSquare) {
            return Ok(());
        }
        let before = self.problems.len();
        let fail = self.expected("`]` of the loop");
        let opened = self.span(start, start + 1);
        if let Some(problem) = self.problems.get_mut(before) {
            problem.related.push((opened, "opened here".to_owned()));
        }
        Err(fail)
    }
}
