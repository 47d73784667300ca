//! The syntax tree of `.bicep` and `.bicepparam` files: owned, with the span of every node, ready to be walked by
//! an evaluator. It holds no token of punctuation and no meaning: names are not bound, types not checked.
//!
//! A node that could not be parsed is there as *broken* ([`ExprKind::Broken`], [`Member::Broken`],
//! [`TypeKind::Broken`], [`Item::Broken`]), so that nobody takes a value that is wrongly written for one that is absent.

mod declaration;
mod expr;
mod types;

pub use declaration::{
    Binding, Body, Declaration, Decorator, Extension, ExtensionConfig, Func, Import, ImportItem, Imported, Item,
    Module, Output, Param, Resource, TypeDecl, TypedName, Using, UsingTarget, Var,
};
pub use expr::{
    ArrayItem, Binary, BinaryOp, Call, Expr, ExprKind, For, Index, Key, Lambda, Loop, Member, Name, NestedName, Object,
    Piece, Property, PropertyAccess, Ternary, Unary, UnaryOp,
};
pub use types::{GenericType, TupleItem, TypeExpr, TypeKind, TypeProperty};

use crate::read::Comment;
use crate::source::{Problem, Span};

/// One parsed file.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// Declarations in the order of the text, broken ones included.
    pub declarations: Vec<Declaration>,
    /// Comments in the order of the text.
    pub comments: Vec<Comment>,
    /// `#disable-next-line` and its like, in the order of the text.
    pub directives: Vec<Directive>,
    /// What does not parse, in the order of the text.
    pub problems: Vec<Problem>,
}

/// What a directive does to the compiler's diagnostics.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DirectiveKind {
    /// `#disable-next-line`
    DisableNextLine,
    /// `#disable-diagnostics`
    Disable,
    /// `#restore-diagnostics`
    Restore,
}

/// A line that starts with `#`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// From `#` to the end of the last code.
    pub span: Span,
    /// What it does.
    pub kind: DirectiveKind,
    /// The codes that it names, such as `BCP037` or `no-unused-params`.
    pub codes: Vec<Name>,
}
