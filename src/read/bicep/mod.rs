//! Bicep templates and parameter files: text to a syntax tree with the span of every node. It binds no names,
//! evaluates nothing and reads no other file. What does not parse costs its declaration, or less, and is said.

pub mod ast;
mod lexer;
mod parser;
mod token;

pub use ast::{Directive, DirectiveKind, File};
pub use lexer::{Fault, Lexed, RawDirective, lex};
pub use parser::MAX_DEPTH;
pub use token::{StringForm, Token, TokenKind};

use crate::source::Source;

/// Parses a template, `*.bicep`.
#[must_use]
pub fn parse(source: &Source) -> File {
    parser::parse(source, parser::Dialect::Template)
}

/// Parses a parameter file, `*.bicepparam`.
#[must_use]
pub fn parse_params(source: &Source) -> File {
    parser::parse(source, parser::Dialect::Parameters)
}
