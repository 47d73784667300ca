//! Types.

use super::{Decorator, Expr, Key, Name, Piece, UnaryOp};
use crate::source::Span;
use crate::tree::Text;

/// A type as it is written.
#[derive(Clone, Debug)]
pub struct TypeExpr {
    /// All of it.
    pub span: Span,
    /// What it is.
    pub kind: TypeKind,
}

/// What a type is.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// Something that does not parse; a problem says why.
    Broken,
    /// `string`, `int`, `bool`, `array`, `object`, `any`, a declared or an imported type, a namespace.
    Name(Text),
    /// `resource 'type@version'`; an output may leave the type out.
    Resource(Option<Box<Name>>),
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number without its sign.
    Int(u64),
    /// A string.
    String(Text),
    /// A string with interpolation, which the compiler refuses as a type.
    Interpolated(Box<[Piece]>),
    /// `-1`, `!true`
    Unary(UnaryOp, Box<TypeExpr>),
    /// `a[]`
    Array(Box<TypeExpr>),
    /// `[a, b]`
    Tuple(Vec<TupleItem>),
    /// `{ a: b, *: c }`
    Object(Vec<TypeProperty>),
    /// `a | b`
    Union(Vec<TypeExpr>),
    /// `a?`
    Nullable(Box<TypeExpr>),
    /// `a!`
    NonNull(Box<TypeExpr>),
    /// `(a)`
    Paren(Box<TypeExpr>),
    /// `a.b`: of an object type or of a namespace
    Property(Box<TypeExpr>, Box<Name>),
    /// `a.*`
    AdditionalProperties(Box<TypeExpr>),
    /// `a[*]`
    Items(Box<TypeExpr>),
    /// `a[0]`
    Index(Box<TypeExpr>, Box<Expr>),
    /// `resourceInput<'type@version'>`, also behind a namespace.
    Generic(Box<GenericType>),
}

/// `name<args>`, `target.name<args>`
#[derive(Clone, Debug)]
pub struct GenericType {
    /// Before the dot.
    pub target: Option<TypeExpr>,
    /// The type's name.
    pub name: Name,
    /// In the brackets.
    pub args: Vec<TypeExpr>,
}

/// An item of a tuple.
#[derive(Clone, Debug)]
pub struct TupleItem {
    /// From the first decorator to the end of the type.
    pub span: Span,
    /// What is said of it.
    pub decorators: Vec<Decorator>,
    /// Its type.
    pub ty: TypeExpr,
}

/// A property of an object type.
#[derive(Clone, Debug)]
pub struct TypeProperty {
    /// From the first decorator to the end of the type.
    pub span: Span,
    /// What is said of it.
    pub decorators: Vec<Decorator>,
    /// Its key; none for `*`, which stands for all keys that are not named.
    pub key: Option<Key>,
    /// Its type.
    pub ty: TypeExpr,
}
