//! Declarations. What is known of one when a problem is met is kept: a parameter whose default does not parse is
//! still a parameter, so that no use of its name is taken for a mistake.

use super::recovery::Open;
use super::report::quoted;
use super::{Dialect, Fail, Parsed, Parser};
use crate::read::bicep::ast::{
    Binding, Declaration, Decorator, Expr, ExprKind, Func, Item, Module, Output, Param, Resource, TypeDecl, TypeExpr,
    TypeKind, TypedName, Var,
};
use crate::read::bicep::token::{Token, TokenKind};

const TEMPLATE_WORDS: [&str; 14] = [
    "targetScope",
    "metadata",
    "param",
    "var",
    "type",
    "func",
    "resource",
    "module",
    "output",
    "import",
    "extension",
    "provider",
    "assert",
    "test",
];

const PARAMETER_WORDS: [&str; 8] =
    ["using", "extends", "param", "var", "type", "import", "extension", "extensionConfig"];

impl Parser<'_> {
    pub(super) fn declarations(&mut self) -> Vec<Declaration> {
        let mut all: Vec<Declaration> = Vec::new();
        loop {
            self.skip_lines();
            if self.kind() == TokenKind::End {
                return all;
            }
            let start = self.at;
            let problems = self.problems.len();
            let known = self.at_declaration();
            let declaration = self.declaration();
            if !known
                && let Some(last) = all.last_mut()
                && matches!(last.item, Item::Broken)
                && last.keyword.start == last.keyword.end
            {
                // Lines that are no declarations in a row are one piece of foreign text: one problem is enough.
                self.problems.truncate(problems);
                last.span = last.span.to(declaration.span);
            } else {
                all.push(declaration);
            }
            if self.at == start {
                self.bump();
            }
        }
    }

    /// A declaration at the top of the file, to the end of its line.
    fn declaration(&mut self) -> Declaration {
        let from = self.token.start;
        let decorators = self.decorators();
        let start = self.at;
        self.lost = false;
        let (keyword, item) = self.item_or_broken();
        if !self.lost && !matches!(self.kind(), TokenKind::NewLine | TokenKind::End) {
            self.expected("the end of the line");
            self.lost = true;
        }
        if self.lost {
            self.skip_declaration(start);
        }
        let span = self.span_from(from);
        Declaration { span, keyword: self.keyword_span(keyword, &item), decorators, item }
    }

    /// A resource that is declared in the body of another.
    pub(super) fn nested_resource(&mut self, open: Open) -> Parsed<Declaration> {
        let from = self.token.start;
        let around = std::mem::replace(&mut self.lost, false);
        let decorators = self.decorators();
        let start = self.at;
        let (keyword, item) = if self.at_word("resource") {
            self.item_or_broken()
        } else {
            self.lost = true;
            self.expected("`resource` after the decorators");
            (self.token, Item::Broken)
        };
        if self.lost {
            self.skip_item(open, start)?;
        }
        self.lost = around;
        Ok(Declaration { span: self.span_from(from), keyword: self.keyword_span(keyword, &item), decorators, item })
    }

    fn item_or_broken(&mut self) -> (Token, Item) {
        let keyword = self.token;
        let item = self.nested(Self::item).unwrap_or_else(|Fail| {
            self.lost = true;
            Item::Broken
        });
        (keyword, item)
    }

    fn keyword_span(&self, keyword: Token, item: &Item) -> crate::source::Span {
        let words =
            keyword.kind == TokenKind::Identifier && (!matches!(item, Item::Broken) || self.is_keyword(keyword));
        if words { self.span_of(keyword) } else { self.span(keyword.start, keyword.start) }
    }

    fn at_declaration(&self) -> bool {
        self.kind() == TokenKind::At || self.is_keyword(self.token)
    }

    fn is_keyword(&self, token: Token) -> bool {
        token.kind == TokenKind::Identifier && self.words().contains(&self.text_of(token))
    }

    fn words(&self) -> &'static [&'static str] {
        match self.dialect {
            Dialect::Template => &TEMPLATE_WORDS,
            Dialect::Parameters => &PARAMETER_WORDS,
        }
    }

    #[inline(never)]
    fn item(&mut self) -> Parsed<Item> {
        let token = self.token;
        if !self.is_keyword(token) {
            return Err(self.no_declaration());
        }
        self.bump();
        match (self.text_of(token), self.dialect) {
            ("targetScope", _) => Ok(Item::TargetScope(self.assigned())),
            ("metadata", _) => Ok(Item::Metadata(self.binding("a name for the metadata")?)),
            ("assert", _) => Ok(Item::Assert(self.binding("a name for the assertion")?)),
            ("param", Dialect::Template) => self.param(),
            ("param", Dialect::Parameters) => Ok(Item::Assign(self.binding("the name of a parameter")?)),
            ("var", _) => self.var(),
            ("type", _) => self.type_declaration(),
            ("func", _) => self.func(),
            ("resource", _) => self.resource(),
            ("module", _) => Ok(Item::Module(Box::new(self.module("module")?))),
            ("test", _) => Ok(Item::Test(Box::new(self.module("test")?))),
            ("output", _) => self.output(),
            ("import", dialect) => self.import(dialect),
            ("extension" | "provider", _) => self.extension(),
            ("extensionConfig", _) => self.extension_config(),
            ("using", _) => self.using(),
            (_, _) => self.extends(),
        }
    }

    #[cold]
    fn no_declaration(&mut self) -> Fail {
        let text = self.text_of(self.token);
        let (other, place) = match self.dialect {
            Dialect::Template => (&PARAMETER_WORDS[..], "in a parameter file, `.bicepparam`"),
            Dialect::Parameters => (&TEMPLATE_WORDS[..], "in a template, `.bicep`"),
        };
        let word = self.kind() == TokenKind::Identifier;
        let help = if word && other.contains(&text) {
            Some(format!("{} belongs {place}", quoted(text)))
        } else if word {
            let near = |w: &&&str| strsim::osa_distance(w, text) <= 2 && text.len() > 2;
            let near = self.words().iter().find(near);
            near.map(|w| format!("did you mean `{w}`?"))
        } else {
            None
        };
        let before = self.problems.len();
        let fail = self.expected(match self.dialect {
            Dialect::Template => "a declaration such as `param`, `var` or `resource`",
            Dialect::Parameters => "a declaration such as `using`, `param` or `var`",
        });
        if let Some(problem) = self.problems.get_mut(before)
            && problem.help.is_none()
        {
            problem.help = help;
        }
        fail
    }

    /// `= value`
    fn assigned(&mut self) -> Expr {
        let start = self.here();
        if !self.lost {
            let value = self.expect(TokenKind::Assignment, "`=`");
            if let Ok(value) = value.and_then(|_| self.nested(Self::expression)) {
                return value;
            }
            self.lost = true;
        }
        Expr { span: self.span(start, start), kind: ExprKind::Broken }
    }

    /// A type where a declaration gives one.
    fn declared_type(&mut self) -> TypeExpr {
        let start = self.here();
        if !self.lost {
            if let Ok(ty) = self.nested(Self::type_or_resource) {
                return ty;
            }
            self.lost = true;
        }
        TypeExpr { span: self.span(start, start), kind: TypeKind::Broken }
    }

    fn binding(&mut self, what: &str) -> Parsed<Binding> {
        let name = self.name(what)?;
        let value = self.assigned();
        Ok(Binding { name, value })
    }

    fn param(&mut self) -> Parsed<Item> {
        let name = self.name("a name for the parameter")?;
        let ty = self.declared_type();
        let ends = matches!(self.kind(), TokenKind::NewLine | TokenKind::End);
        let default = if !self.lost && ends {
            None
        } else if !self.lost && self.kind() != TokenKind::Assignment {
            self.expected("`=` or the end of the line");
            self.lost = true;
            Some(self.assigned())
        } else {
            Some(self.assigned())
        };
        Ok(Item::Param(Param { name, ty, default }))
    }

    fn var(&mut self) -> Parsed<Item> {
        let name = self.name("a name for the variable")?;
        let untyped = matches!(self.kind(), TokenKind::Assignment | TokenKind::NewLine | TokenKind::End);
        let ty = (!untyped).then(|| self.declared_type());
        let value = self.assigned();
        Ok(Item::Var(Var { name, ty, value }))
    }

    fn type_declaration(&mut self) -> Parsed<Item> {
        let name = self.name("a name for the type")?;
        if self.expect(TokenKind::Assignment, "`=`").is_err() {
            self.lost = true;
        }
        let ty = self.declared_type();
        Ok(Item::Type(TypeDecl { name, ty }))
    }

    fn func(&mut self) -> Parsed<Item> {
        let name = self.name("a name for the function")?;
        let params = self.func_params().unwrap_or_else(|Fail| {
            self.lost = true;
            Vec::new()
        });
        let result = self.declared_type();
        let body = self.func_body();
        let func = Func { name, params, result, body };
        Ok(Item::Func(Box::new(func)))
    }

    fn func_params(&mut self) -> Parsed<Vec<TypedName>> {
        let open = self.expect(TokenKind::LeftParen, "`(`")?;
        let mut params = Vec::new();
        self.skip_lines();
        while self.kind() != TokenKind::RightParen {
            let name = self.name("a name for the function's parameter")?;
            let ty = self.nested(Self::type_or_resource)?;
            params.push(TypedName { name, ty });
            self.skip_lines();
            if !self.eat(TokenKind::Comma) {
                break;
            }
            self.skip_lines();
        }
        if self.kind() != TokenKind::RightParen {
            return Err(self.expected_close("`,` or `)`", open));
        }
        self.bump();
        Ok(params)
    }

    fn func_body(&mut self) -> Expr {
        let start = self.here();
        if !self.lost {
            let arrow = self.expect(TokenKind::Arrow, "`=>`");
            let body = arrow.and_then(|_| {
                self.lines_before_body();
                self.nested(Self::expression)
            });
            if let Ok(body) = body {
                return body;
            }
            self.lost = true;
        }
        Expr { span: self.span(start, start), kind: ExprKind::Broken }
    }

    fn resource(&mut self) -> Parsed<Item> {
        let name = self.name("a name for the resource")?;
        let ty = self.declared_string("the resource's type and version in quotes");
        let existing = self.word("existing").map(|word| self.span_of(word));
        let body = self.assigned_body(true);
        let resource = Resource { name, ty, existing, body };
        Ok(Item::Resource(Box::new(resource)))
    }

    fn module(&mut self, what: &str) -> Parsed<Module> {
        let name = self.name(&format!("a name for the {what}"))?;
        let path = self.declared_string("the module's path in quotes");
        let body = self.assigned_body(false);
        Ok(Module { name, path, body })
    }

    fn declared_string(&mut self, what: &str) -> Option<crate::read::bicep::ast::Name> {
        self.fixed_string(what).unwrap_or_else(|Fail| {
            self.lost = true;
            None
        })
    }

    fn output(&mut self) -> Parsed<Item> {
        let name = self.name("a name for the output")?;
        let ty = self.declared_type();
        let value = self.assigned();
        Ok(Item::Output(Output { name, ty, value }))
    }

    /// The decorators before a declaration, each on lines of its own. One that does not parse is left out.
    pub(super) fn decorators(&mut self) -> Vec<Decorator> {
        let mut all = Vec::new();
        while self.kind() == TokenKind::At {
            let start = self.at;
            match self.nested(Self::decorator) {
                Ok(decorator) => {
                    all.push(decorator);
                    if !matches!(self.kind(), TokenKind::NewLine | TokenKind::End) {
                        self.expected("the end of the line after the decorator");
                        if !self.at_declaration() {
                            self.skip_declaration(start);
                        }
                    }
                }
                Err(Fail) => self.skip_declaration(start),
            }
            self.skip_lines();
        }
        all
    }

    fn decorator(&mut self) -> Parsed<Decorator> {
        let at = self.bump();
        let mut name = self.name("the name of a decorator")?;
        let mut namespace = None;
        if self.eat(TokenKind::Dot) {
            namespace = Some(name);
            name = self.name("the name of a decorator")?;
        }
        let args = if self.kind() == TokenKind::LeftParen {
            self.arguments()?
        } else {
            return Err(self.expected("`(` after the decorator's name"));
        };
        Ok(Decorator { span: self.span_from(at.start), namespace, name, args })
    }
}
