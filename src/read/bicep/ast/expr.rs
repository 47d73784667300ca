//! Expressions.

use super::Declaration;
use crate::source::Span;
use crate::tree::Text;

/// A name, or a string that stands where only a fixed one may (a path, a resource type), with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name {
    /// The text: of a string its value, escapes resolved.
    pub text: Text,
    /// Where it stands; a string with its quotes.
    pub span: Span,
}

impl std::ops::Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        &self.text
    }
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// All of it, brackets and quotes included.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// Something that does not parse; a problem says why.
    Broken,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number. The sign is a [`Unary`] around it, so `i64::MIN` is written with a magnitude beyond `i64`.
    Int(u64),
    /// A string without interpolation, of one line or many; escapes resolved.
    String(Text),
    /// A string with interpolation: its pieces in order, empty texts left out.
    Interpolated(Box<[Piece]>),
    /// A variable, parameter, resource, module, namespace or whatever else has a name.
    Name(Text),
    /// `[a, ...b]`
    Array(Vec<ArrayItem>),
    /// `{ a: b, ...c }`
    Object(Box<Object>),
    /// `[for item in list: body]`
    For(Box<For>),
    /// `a ? b : c`
    Ternary(Box<Ternary>),
    /// `a + b`
    Binary(Box<Binary>),
    /// `!a`, `-a`
    Unary(Box<Unary>),
    /// `f(a)`, or `ns.f(a)` and `resource.f(a)`
    Call(Box<Call>),
    /// `a.b`, `a.?b`
    Property(Box<PropertyAccess>),
    /// `a[b]`, `a[?b]`, `a[^b]`, `a[?^b]`
    Index(Box<Index>),
    /// `a::b`, a child resource that is declared inside `a`
    Nested(Box<NestedName>),
    /// `a!`: not null, says the author
    NonNull(Box<Expr>),
    /// `(a)`. It matters: safe access stops at it.
    Paren(Box<Expr>),
    /// `x => a`, `(x, y) => a`
    Lambda(Box<Lambda>),
}

/// A piece of an interpolated string.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Text between the holes, escapes resolved. The span is that of the written text, without `'`, `${` and `}`.
    Text(Name),
    /// The expression in a hole.
    Hole(Expr),
}

/// An item of an array.
#[derive(Clone, Debug)]
pub struct ArrayItem {
    /// The `...` before it, if its own items are meant.
    pub spread: Option<Span>,
    /// The value, or what is spread.
    pub value: Expr,
}

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    /// With its braces.
    pub span: Span,
    /// What stands in it, in order. Keys may repeat.
    pub members: Vec<Member>,
}

impl Object {
    /// Its properties, without spreads and nested resources.
    pub fn properties(&self) -> impl Iterator<Item = &Property> {
        self.members.iter().filter_map(|m| match m {
            Member::Property(p) => Some(p),
            _ => None,
        })
    }

    /// The first property whose key is written as this text, exactly.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Property> {
        self.properties().find(|p| p.key.text() == Some(key))
    }

    /// The resources that are declared in it.
    pub fn resources(&self) -> impl Iterator<Item = &Declaration> {
        self.members.iter().filter_map(|m| match m {
            Member::Resource(d) => Some(&**d),
            _ => None,
        })
    }

    /// Whether a member is lost: what is not there may yet have been meant.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.members.iter().any(|m| matches!(m, Member::Broken(_)))
    }
}

/// What stands in an object.
#[derive(Clone, Debug)]
pub enum Member {
    /// `key: value`
    Property(Property),
    /// `...value`
    Spread(Span, Expr),
    /// A resource declared in a resource's body.
    Resource(Box<Declaration>),
    /// Something that does not parse.
    Broken(Span),
}

/// `key: value`
#[derive(Clone, Debug)]
pub struct Property {
    /// The key.
    pub key: Key,
    /// The value; [`ExprKind::Broken`] where only it does not parse.
    pub value: Expr,
}

impl Property {
    /// From the key to the end of the value.
    #[must_use]
    pub fn span(&self) -> Span {
        self.key.span().to(self.value.span)
    }
}

/// A key of an object.
#[derive(Clone, Debug)]
pub enum Key {
    /// A name or a string without interpolation.
    Fixed(Name),
    /// A string with interpolation.
    Computed(Expr),
}

impl Key {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Fixed(name) => name.span,
            Self::Computed(expr) => expr.span,
        }
    }

    /// The key, where it is fixed.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Fixed(name) => Some(name),
            Self::Computed(_) => None,
        }
    }
}

/// The head of a loop: `for item in list`, `for (item, index) in list`.
#[derive(Clone, Debug)]
pub struct Loop {
    /// From `for` to the end of the list.
    pub span: Span,
    /// The variable that holds the item.
    pub item: Name,
    /// The variable that holds its position.
    pub index: Option<Name>,
    /// What is looped over.
    pub list: Expr,
}

/// A loop that makes an array.
#[derive(Clone, Debug)]
pub struct For {
    /// Its head.
    pub each: Loop,
    /// The value of one item.
    pub body: Expr,
}

/// `condition ? yes : no`
#[derive(Clone, Debug)]
pub struct Ternary {
    /// Before `?`.
    pub condition: Expr,
    /// Between `?` and `:`.
    pub yes: Expr,
    /// After `:`.
    pub no: Expr,
}

/// Operators with two sides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`, strings without regard to case
    EqualIgnoringCase,
    /// `!~`
    NotEqualIgnoringCase,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `??`
    Coalesce,
}

impl BinaryOp {
    /// As it is written.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::EqualIgnoringCase => "=~",
            Self::NotEqualIgnoringCase => "!~",
            Self::And => "&&",
            Self::Or => "||",
            Self::Coalesce => "??",
        }
    }
}

/// `left op right`. Operators of one rank group to the left.
#[derive(Clone, Debug)]
pub struct Binary {
    /// Which.
    pub op: BinaryOp,
    /// Where the operator stands.
    pub op_span: Span,
    /// Before it.
    pub left: Expr,
    /// After it.
    pub right: Expr,
}

/// Operators before one operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `!`
    Not,
    /// `-`
    Minus,
    /// `+`
    Plus,
}

/// `op operand`
#[derive(Clone, Debug)]
pub struct Unary {
    /// Which.
    pub op: UnaryOp,
    /// What it is applied to.
    pub operand: Expr,
}

/// A call of a function.
#[derive(Clone, Debug)]
pub struct Call {
    /// Before the dot: a namespace (`az`, `sys`, an import's alias) or a resource or module.
    pub target: Option<Expr>,
    /// The function.
    pub name: Name,
    /// Its arguments.
    pub args: Vec<Expr>,
}

/// `object.name`
#[derive(Clone, Debug)]
pub struct PropertyAccess {
    /// Before the dot.
    pub object: Expr,
    /// After it.
    pub name: Name,
    /// Written `.?`: null where there is no such property.
    pub safe: bool,
}

/// `object[index]`
#[derive(Clone, Debug)]
pub struct Index {
    /// Before the bracket.
    pub object: Expr,
    /// In it.
    pub index: Expr,
    /// Written `[?`: null where there is no such item.
    pub safe: bool,
    /// Written `[^`: counted from the end, which is 1.
    pub from_end: bool,
}

/// `parent::name`
#[derive(Clone, Debug)]
pub struct NestedName {
    /// Before the colons.
    pub parent: Expr,
    /// After them.
    pub name: Name,
}

/// A lambda.
#[derive(Clone, Debug)]
pub struct Lambda {
    /// Its variables.
    pub params: Vec<Name>,
    /// Its value.
    pub body: Expr,
}
