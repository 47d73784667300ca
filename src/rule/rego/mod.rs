//! Rego: one engine for three dialects, our own, Gatekeeper's and conftest's.
//!
//! Policies become prepared engines; documents become the engine's values; what a policy says becomes findings with
//! a place. A policy that fails is a problem at its own line and column, and the run goes on. Nothing here reads
//! files: `app` hands in texts.

mod builtins;
mod check;
pub mod conftest;
mod engine;
mod failure;
mod folder;
pub mod foreign;
pub mod gatekeeper;
mod imports;
mod lex;
mod metadata;
mod negation;
mod once;
pub mod own;
pub mod places;
mod project;
mod rewrite;
mod script;
mod syntax;
mod templates;
pub mod testing;
mod trace;
mod version;

pub use check::Reads;
pub use engine::{Limits, Outcome, Package, Policies, Prepared, STACK, rule_path};
pub use folder::Folder;
pub use project::{Projection, guess, project, unproject};
pub use script::Script;
pub use trace::{Trace, Traced, TracedFile, TracedLine};
pub use version::{Version, version_of};
