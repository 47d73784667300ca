//! Layer 2: text to trees. Every reader takes a [`Source`](crate::source::Source) and gives values with spans that are
//! exact to the byte, the comments, and the problems that it met; it never fails as a whole.
//!
//! It knows formats, and which file is which by its content. It knows nothing of resources and stamps, and does no IO.

pub mod arm_expr;
pub mod bicep;
pub mod embedded;
pub mod json;
pub mod modsecurity;
pub mod nginx;
pub mod toml;
pub mod traefik;
pub mod yaml;

mod classify;
mod encoding;
mod file;

pub use classify::{FileKind, Neighbours, classify, classify_among, is_manifest};
pub use encoding::{NotText, decode};
pub use file::{File, file};

use crate::source::Span;

/// Nesting beyond this is refused in every format, before anything recursive sees it.
pub const DEPTH_LIMIT: usize = 512;

/// How many values one file may hold. At about a hundred bytes each this bounds the memory that text of many tiny
/// values (`[[],[],…`) can take.
pub const VALUE_LIMIT: usize = 4_000_000;

/// How many faults of one file are said. Nobody reads more, and each takes memory.
pub const PROBLEM_LIMIT: usize = 1000;

/// A comment. Its text is the source's at the span.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comment {
    /// From its `#`, `//` or `/*` to its end, the line break left out.
    pub span: Span,
}
