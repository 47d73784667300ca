//! Layer 0: where text comes from and how a place in it is named.
//!
//! Sources, spans, lines and columns, problems, redactions, and the two traits by which lower layers ask for
//! files and programs without doing IO. It knows no format: nothing here can tell YAML from Bicep.

mod path;
mod ports;
mod problem;
mod span;
mod store;
mod text;
mod width;

pub use path::{join, parent, relative_to};
pub use ports::{EntryKind, FileError, Files, LaidFile, Listed, ProgramError, ProgramOutput, ProgramRun, Programs};
pub use problem::{Code, Problem};
pub use span::{Column, Line, Position, SourceId, Span};
pub use store::Sources;
pub use text::{Encoding, Source};
