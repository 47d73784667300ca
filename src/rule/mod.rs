//! Layer 5: what a rule is, and how rules run.
//!
//! A rule is a document (`rules/<family>/<rule>.md`) and its code, native or Rego. This layer reads the documents
//! into the [`Catalogue`], applies the config's [`Settings`], runs what is selected over a fleet and returns findings
//! as paths into trees. It knows no single check (the table of native rules is passed in), no command line and no
//! report format.

pub mod builtin;
mod catalogue;
mod document;
mod examples;
mod finding;
mod native;
mod nearest;
pub mod problems;
pub mod rego;
mod run;
mod settings;
mod trace;

pub use catalogue::{Catalogue, CatalogueError, DocumentSource};
pub use document::{AppliesTo, Context, Document, DocumentError, Effect, Engine, OptionSpec, Scope, Severity};
pub use examples::{Example, Expectation, Fence, Section};
pub use finding::{Edit, EditKind, Finding, Fix, Note, Place, Related, Verdict};
pub use native::{Check, Findings, FleetCx, Native, ResourceCx, StampCx};
pub use nearest::nearest;
pub use run::{Input, LocatedProblem, Output, run};
pub use settings::{Layer, Options, Override, RuleSetting, Selection, Settings, StampLayers};
pub use trace::trace;
