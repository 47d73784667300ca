//! Gatekeeper's templates, constraints and expansions, as their files are.
//!
//! This module answers what a constraint says of an object. Where that is to be seen in the source is the business of
//! `places`; what it means for the gate, of the run.

mod constraint;
mod defaults;
mod expansion;
mod inventory;
mod matching;
mod object;
mod review;
pub mod suite;
mod template;

pub use constraint::Constraint;
pub use expansion::{Expanded, Expansion, expand};
pub use inventory::Inventory;
pub use matching::{Match, Matched, Namespace};
pub use object::{Object, Origin, Review};
pub use review::{Gatekeeper, Held, Question, Violation};
pub use template::Template;
