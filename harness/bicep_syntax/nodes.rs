//! Our tokens and nodes under the names of the compiler's classes.

use stamplint::read::bicep::ast::*;
use stamplint::read::bicep::{TokenKind, lex};
use stamplint::source::{Source, Span};

/// First byte, one past the last, and the kind.
pub type Spans = Vec<(u32, u32, String)>;

/// Kinds of nodes that our tree has no node for: punctuation and clauses that are fields of ours, wrappers that have
/// the span of what they wrap, and what the compiler makes of errors.
pub const SKIPPED: &[&str] = &[
    "Token",
    "ProgramSyntax",
    "SkippedTriviaSyntax",
    "MissingDeclarationSyntax",
    "VariableBlockSyntax",
    "TypedVariableBlockSyntax",
    "TypedLambdaSyntax",
    "ParameterDefaultValueSyntax",
    "IfConditionSyntax",
    "AliasAsClauseSyntax",
    "ExtensionWithClauseSyntax",
    "UsingWithClauseSyntax",
    "CompileTimeImportFromClauseSyntax",
    "ImportedSymbolsListSyntax",
    "WildcardImportSyntax",
];

pub fn tokens(source: &Source) -> Spans {
    let lexed = lex(source.text());
    let name = |kind: TokenKind| match kind {
        TokenKind::End => "EndOfFile",
        TokenKind::True => "TrueKeyword",
        TokenKind::False => "FalseKeyword",
        TokenKind::Null => "NullKeyword",
        TokenKind::StringLeft => "StringLeftPiece",
        TokenKind::StringMiddle => "StringMiddlePiece",
        TokenKind::StringRight => "StringRightPiece",
        TokenKind::Percent => "Modulo",
        TokenKind::Less => "LeftChevron",
        TokenKind::Greater => "RightChevron",
        TokenKind::LessOrEqual => "LessThanOrEqual",
        TokenKind::GreaterOrEqual => "GreaterThanOrEqual",
        TokenKind::Equal => "Equals",
        TokenKind::NotEqual => "NotEquals",
        TokenKind::EqualIgnoringCase => "EqualsInsensitive",
        TokenKind::NotEqualIgnoringCase => "NotEqualsInsensitive",
        TokenKind::And => "LogicalAnd",
        TokenKind::Or => "LogicalOr",
        _ => "",
    };
    let all = lexed.tokens.iter().map(|t| {
        let kind = match name(t.kind) {
            "" => format!("{:?}", t.kind),
            name => name.to_owned(),
        };
        (t.start, t.end, kind)
    });
    all.collect()
}

pub fn nodes(source: &Source, file: &File) -> Spans {
    let mut walk = Walk { source, out: Vec::new() };
    for declaration in &file.declarations {
        let before = walk.out.len();
        walk.declaration(declaration);
        for (start, end, kind) in walk.out.iter().skip(before) {
            if start > end || *start < declaration.span.start || *end > declaration.span.end {
                println!("{}: {kind} {start}..{end} lies outside of {:?}", source.path(), declaration.span);
            }
        }
    }
    walk.out
}

struct Walk<'s> {
    source: &'s Source,
    out: Spans,
}

impl Walk<'_> {
    fn add(&mut self, span: Span, kind: &str) {
        self.out.push((span.start, span.end, kind.to_owned()));
    }

    /// A name or a fixed string.
    fn name(&mut self, name: &Name) {
        let quoted = self.source.slice(name.span).contains('\'');
        let kind = if quoted { "StringSyntax" } else { "IdentifierSyntax" };
        self.add(name.span, kind);
    }

    fn local(&mut self, name: &Name) {
        self.add(name.span, "LocalVariableSyntax");
        self.name(name);
    }

    fn key(&mut self, key: &Key) {
        match key {
            Key::Fixed(name) => self.name(name),
            Key::Computed(expr) => self.expr(expr),
        }
    }

    fn declaration(&mut self, d: &Declaration) {
        for decorator in &d.decorators {
            self.decorator(decorator);
        }
        let kind = match &d.item {
            Item::TargetScope(value) => {
                self.expr(value);
                "TargetScopeSyntax"
            }
            Item::Metadata(x) | Item::Assert(x) | Item::Assign(x) => {
                self.name(&x.name);
                self.expr(&x.value);
                match &d.item {
                    Item::Metadata(_) => "MetadataDeclarationSyntax",
                    Item::Assert(_) => "AssertDeclarationSyntax",
                    _ => "ParameterAssignmentSyntax",
                }
            }
            Item::Param(x) => {
                self.name(&x.name);
                self.ty(&x.ty);
                x.default.iter().for_each(|e| self.expr(e));
                "ParameterDeclarationSyntax"
            }
            Item::Var(x) => {
                self.name(&x.name);
                x.ty.iter().for_each(|t| self.ty(t));
                self.expr(&x.value);
                "VariableDeclarationSyntax"
            }
            Item::Type(x) => {
                self.name(&x.name);
                self.ty(&x.ty);
                "TypeDeclarationSyntax"
            }
            Item::Func(x) => {
                self.name(&x.name);
                for param in &x.params {
                    self.add(param.name.span.to(param.ty.span), "TypedLocalVariableSyntax");
                    self.name(&param.name);
                    self.ty(&param.ty);
                }
                self.ty(&x.result);
                self.expr(&x.body);
                "FunctionDeclarationSyntax"
            }
            Item::Resource(x) => {
                self.name(&x.name);
                x.ty.iter().for_each(|t| self.name(t));
                self.body(&x.body);
                "ResourceDeclarationSyntax"
            }
            Item::Module(x) | Item::Test(x) => {
                self.name(&x.name);
                x.path.iter().for_each(|t| self.name(t));
                self.body(&x.body);
                match &d.item {
                    Item::Module(_) => "ModuleDeclarationSyntax",
                    _ => "TestDeclarationSyntax",
                }
            }
            Item::Output(x) => {
                self.name(&x.name);
                self.ty(&x.ty);
                self.expr(&x.value);
                "OutputDeclarationSyntax"
            }
            Item::Import(x) => {
                match &x.what {
                    Imported::All(alias) => self.name(alias),
                    Imported::Names(items) => items.iter().for_each(|i| self.import_item(i)),
                    Imported::Broken => {}
                }
                x.from.iter().for_each(|t| self.name(t));
                "CompileTimeImportDeclarationSyntax"
            }
            Item::Extension(x) => {
                x.spec.iter().for_each(|t| self.name(t));
                x.with.iter().for_each(|o| self.object(o));
                x.alias.iter().for_each(|t| self.name(t));
                "ExtensionDeclarationSyntax"
            }
            Item::ExtensionConfig(x) => {
                self.name(&x.alias);
                x.with.iter().for_each(|o| self.object(o));
                "ExtensionConfigAssignmentSyntax"
            }
            Item::Using(x) => {
                match &x.target {
                    UsingTarget::Path(path) => self.name(path),
                    UsingTarget::None(span) => self.add(*span, "NoneLiteralSyntax"),
                    UsingTarget::Broken => {}
                }
                x.with.iter().for_each(|o| self.object(o));
                "UsingDeclarationSyntax"
            }
            Item::Extends(path) => {
                path.iter().for_each(|p| self.name(p));
                "ExtendsDeclarationSyntax"
            }
            Item::Broken => return,
        };
        self.add(d.span, kind);
    }

    fn import_item(&mut self, item: &ImportItem) {
        let end = item.alias.as_ref().unwrap_or(&item.name).span;
        self.add(item.name.span.to(end), "ImportedSymbolsListItemSyntax");
        self.name(&item.name);
        item.alias.iter().for_each(|a| self.name(a));
    }

    fn decorator(&mut self, d: &Decorator) {
        self.add(d.span, "DecoratorSyntax");
        match &d.namespace {
            Some(namespace) => {
                self.add(namespace.span, "VariableAccessSyntax");
                self.name(namespace);
                let start = namespace.span.start as usize;
                let span = self.source.span(start, d.span.end as usize);
                self.add(span, "InstanceFunctionCallSyntax");
            }
            None => {
                let span = self.source.span(d.name.span.start as usize, d.span.end as usize);
                self.add(span, "FunctionCallSyntax");
            }
        }
        self.name(&d.name);
        self.arguments(&d.args);
    }

    fn arguments(&mut self, args: &[Expr]) {
        for arg in args {
            self.add(arg.span, "FunctionArgumentSyntax");
            self.expr(arg);
        }
    }

    fn body(&mut self, body: &Body) {
        if let Some(each) = &body.each {
            self.add(body.span, "ForSyntax");
            self.each(each);
        }
        if let Some(condition) = &body.condition
            && !matches!(condition.kind, ExprKind::Broken)
        {
            let text = self.source.text();
            let open = text.get(..condition.span.start as usize).unwrap_or_default().rfind('(');
            let close = text.get(condition.span.end as usize..).unwrap_or_default().find(')');
            if let (Some(open), Some(close)) = (open, close) {
                let close = condition.span.end as usize + close + 1;
                self.add(self.source.span(open, close), "ParenthesizedExpressionSyntax");
            }
            self.expr(condition);
        }
        self.object(&body.object);
    }

    fn each(&mut self, each: &Loop) {
        self.local(&each.item);
        each.index.iter().for_each(|i| self.local(i));
        self.expr(&each.list);
    }

    fn object(&mut self, object: &Object) {
        self.add(object.span, "ObjectSyntax");
        for member in &object.members {
            match member {
                Member::Property(p) => {
                    self.add(p.span(), "ObjectPropertySyntax");
                    self.key(&p.key);
                    self.expr(&p.value);
                }
                Member::Spread(dots, value) => {
                    self.add(dots.to(value.span), "SpreadExpressionSyntax");
                    self.expr(value);
                }
                Member::Resource(d) => self.declaration(d),
                Member::Broken(_) => {}
            }
        }
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            if let Piece::Hole(expr) = piece {
                self.expr(expr);
            }
        }
    }

    fn expr(&mut self, e: &Expr) {
        let kind = match &e.kind {
            ExprKind::Broken => return,
            ExprKind::Null => "NullLiteralSyntax",
            ExprKind::Bool(_) => "BooleanLiteralSyntax",
            ExprKind::Int(_) => "IntegerLiteralSyntax",
            ExprKind::String(_) => "StringSyntax",
            ExprKind::Interpolated(pieces) => {
                self.pieces(pieces);
                "StringSyntax"
            }
            ExprKind::Name(_) => {
                self.add(e.span, "IdentifierSyntax");
                "VariableAccessSyntax"
            }
            ExprKind::Array(items) => {
                for item in items {
                    match item.spread {
                        Some(dots) => self.add(dots.to(item.value.span), "SpreadExpressionSyntax"),
                        None => self.add(item.value.span, "ArrayItemSyntax"),
                    }
                    self.expr(&item.value);
                }
                "ArraySyntax"
            }
            ExprKind::Object(object) => return self.object(object),
            ExprKind::For(x) => {
                self.each(&x.each);
                self.expr(&x.body);
                "ForSyntax"
            }
            ExprKind::Ternary(x) => {
                self.expr(&x.condition);
                self.expr(&x.yes);
                self.expr(&x.no);
                "TernaryOperationSyntax"
            }
            ExprKind::Binary(x) => {
                self.expr(&x.left);
                self.expr(&x.right);
                "BinaryOperationSyntax"
            }
            ExprKind::Unary(x) => {
                self.expr(&x.operand);
                "UnaryOperationSyntax"
            }
            ExprKind::Call(x) => {
                x.target.iter().for_each(|t| self.expr(t));
                self.name(&x.name);
                self.arguments(&x.args);
                match x.target {
                    Some(_) => "InstanceFunctionCallSyntax",
                    None => "FunctionCallSyntax",
                }
            }
            ExprKind::Property(x) => {
                self.expr(&x.object);
                self.name(&x.name);
                "PropertyAccessSyntax"
            }
            ExprKind::Index(x) => {
                self.expr(&x.object);
                self.expr(&x.index);
                "ArrayAccessSyntax"
            }
            ExprKind::Nested(x) => {
                self.expr(&x.parent);
                self.name(&x.name);
                "ResourceAccessSyntax"
            }
            ExprKind::NonNull(x) => {
                self.expr(x);
                "NonNullAssertionSyntax"
            }
            ExprKind::Paren(x) => {
                self.expr(x);
                "ParenthesizedExpressionSyntax"
            }
            ExprKind::Lambda(x) => {
                x.params.iter().for_each(|p| self.local(p));
                self.expr(&x.body);
                "LambdaSyntax"
            }
        };
        self.add(e.span, kind);
    }

    fn ty(&mut self, t: &TypeExpr) {
        let kind = match &t.kind {
            TypeKind::Broken => return,
            TypeKind::Name(_) => {
                self.add(t.span, "IdentifierSyntax");
                "TypeVariableAccessSyntax"
            }
            TypeKind::Resource(ty) => {
                ty.iter().for_each(|ty| self.name(ty));
                "ResourceTypeSyntax"
            }
            TypeKind::Null => "NullTypeLiteralSyntax",
            TypeKind::Bool(_) => "BooleanTypeLiteralSyntax",
            TypeKind::Int(_) => "IntegerTypeLiteralSyntax",
            TypeKind::String(_) => "StringTypeLiteralSyntax",
            TypeKind::Interpolated(pieces) => {
                self.pieces(pieces);
                "StringTypeLiteralSyntax"
            }
            TypeKind::Unary(_, x) => {
                self.ty(x);
                "UnaryTypeOperationSyntax"
            }
            TypeKind::Array(x) => {
                self.add(x.span, "ArrayTypeMemberSyntax");
                self.ty(x);
                "ArrayTypeSyntax"
            }
            TypeKind::Tuple(items) => {
                for item in items {
                    self.add(item.span, "TupleTypeItemSyntax");
                    item.decorators.iter().for_each(|d| self.decorator(d));
                    self.ty(&item.ty);
                }
                "TupleTypeSyntax"
            }
            TypeKind::Object(properties) => {
                for property in properties {
                    property.decorators.iter().for_each(|d| self.decorator(d));
                    match &property.key {
                        Some(key) => {
                            self.add(property.span, "ObjectTypePropertySyntax");
                            self.key(key);
                        }
                        None => self.add(property.span, "ObjectTypeAdditionalPropertiesSyntax"),
                    }
                    self.ty(&property.ty);
                }
                "ObjectTypeSyntax"
            }
            TypeKind::Union(members) => {
                for member in members {
                    self.add(member.span, "UnionTypeMemberSyntax");
                    self.ty(member);
                }
                "UnionTypeSyntax"
            }
            TypeKind::Nullable(x) => {
                self.ty(x);
                "NullableTypeSyntax"
            }
            TypeKind::NonNull(x) => {
                self.ty(x);
                "NonNullableTypeSyntax"
            }
            TypeKind::Paren(x) => {
                self.ty(x);
                "ParenthesizedTypeSyntax"
            }
            TypeKind::Property(x, name) => {
                self.ty(x);
                self.name(name);
                "TypePropertyAccessSyntax"
            }
            TypeKind::AdditionalProperties(x) => {
                self.ty(x);
                "TypeAdditionalPropertiesAccessSyntax"
            }
            TypeKind::Items(x) => {
                self.ty(x);
                "TypeItemsAccessSyntax"
            }
            TypeKind::Index(x, index) => {
                self.ty(x);
                self.expr(index);
                "TypeArrayAccessSyntax"
            }
            TypeKind::Generic(generic) => {
                let GenericType { target, name, args } = &**generic;
                target.iter().for_each(|t| self.ty(t));
                self.name(name);
                for arg in args {
                    self.add(arg.span, "ParameterizedTypeArgumentSyntax");
                    self.ty(arg);
                }
                match target {
                    Some(_) => "InstanceParameterizedTypeInstantiationSyntax",
                    None => "ParameterizedTypeInstantiationSyntax",
                }
            }
        };
        self.add(t.span, kind);
    }
}
