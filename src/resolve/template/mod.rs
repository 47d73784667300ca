//! Templates with parameters to resolved resources.
//!
//! [`bicep`](super::bicep) and [`arm`](super::arm) lower their languages to one [`Template`] of expressions whose names
//! are resolved and whose constants are folded; it is made once for a file ([`TemplateCache`]). [`deploy`] evaluates it
//! for one stamp: lazily, each name once, errors local to their expressions. What both languages share is here, and
//! neither's syntax.

mod bind;
mod check;
mod deploy;
mod destination;
mod eval;
mod expr;
mod ir;
mod load;
mod parameters;
mod placeholder;
mod share;
mod stack;
mod start;
mod text;
mod tokens;
mod types;
mod walk;

pub use bind::{BoundParameter, Given, Source};
pub use check::{Misfit, is_nullable, misfits};
pub use deploy::{Deployment, Request, ResolvedResource, deploy};
pub use destination::Destination;
pub use expr::{
    Access, BinaryOp, Call, Element, Expr, ExprKind, For, Imported, Key, Lambda, Loop, Namespace, Over, Piece,
    Property, Reference, Step, Symbol, Ternary, UnaryOp, UserCall,
};
pub use ir::{
    AllArguments, Argument, ArgumentForm, Body, Content, Function, Module, NamedType, Output, Param, Parent, Resource,
    Target, Template, Variable,
};
pub use load::{LoadError, TemplateCache};
pub use parameters::{ParameterContent, ParameterFile, TemplateLink};
pub use placeholder::is_placeholder;
pub use share::{Bits, Shared};
pub use text::shown;
pub use types::{Additional, ObjectType, PropertyType, Type, TypeKind, TypePart};

pub(in crate::resolve) use load::Loading;
pub(in crate::resolve) use share::mark as mark_shared;
pub(in crate::resolve) use stack::Stack;
pub(in crate::resolve) use start::problems as known_too_late;

#[cfg(test)]
mod tests;
