//! Layer 7: from findings as paths to findings as spans, folded over stamps and put in order.
//!
//! Effect and suppression are decided for each stamp, then findings of one rule at one place become one that names its stamps. It
//! renders nothing; layer `report` does.

pub mod baseline;
mod fingerprint;
mod fix;
mod fold;
mod place;
mod rendered;
mod said;
pub mod suppress;

pub use fold::{Triage, fold};
pub use place::span_of;

use std::sync::Arc;

use crate::model::StampSet;
use crate::rule::{Document, Effect, Note, Severity, Verdict};
use crate::source::Span;

/// A finding that is ready to be shown.
#[derive(Clone, Debug)]
pub struct Reported {
    /// The rule.
    pub rule: Arc<Document>,
    /// The strongest effect over its stamps.
    pub effect: Effect,
    /// The highest severity over its stamps.
    pub severity: Severity,
    /// How sure it is.
    pub verdict: Verdict,
    /// What is wrong.
    pub message: String,
    /// What else is wrong at the same place in the same stamps: another parameter, another item of a loop, another use of an alias.
    pub also: Vec<String>,
    /// What to do, where it says more than the rule's document.
    pub help: Option<String>,
    /// The stamps that it occurs in; all of them for what is shared.
    pub stamps: StampSet,
    /// The place to fix, then each further one. Empty where there is no text to point at.
    pub places: Vec<Label>,
    /// The resource, `Kind/namespace/name` or `type/name`.
    pub resource: Option<String>,
    /// The path within the resource, list items by name; empty where there is none.
    pub path: String,
    /// The chart's template that the resource was rendered from, as Helm names it above it.
    pub rendered_from: Option<String>,
    /// Whether it lies in an exempt namespace.
    pub exempt: bool,
    /// Why it is kept out of the gate, where it is.
    pub set_aside: Option<SetAside>,
    /// What tells it from others, whatever lines move: name and value.
    pub fingerprints: Vec<(&'static str, String)>,
    /// How to mend it.
    pub fixes: Vec<ReadyFix>,
}

/// Why a finding is kept out of the gate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SetAside {
    /// Somebody accepts it.
    Suppressed(Accepted),
    /// The baseline holds it.
    Baseline,
    /// No label lies in the files that the report was asked for.
    Elsewhere,
    /// It is not of the stamps or the shard that the report was asked for: not even counted.
    Unasked,
}

/// By whom, why and how long a finding is accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Accepted {
    /// The reason that was given.
    pub reason: String,
    /// The last day, `2027-01-31`.
    pub until: Option<String>,
    /// The comment, annotation or config entry.
    pub span: Span,
    /// Whether it stands beside what it accepts; else in the config.
    pub in_source: bool,
}

/// A place in a file with what is to be said of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What part it plays.
    pub role: Role,
    /// A few words.
    pub text: String,
    /// How it was found.
    pub found: FoundBy,
}

/// What part a place plays.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Where a person would edit.
    Fix,
    /// Where the value is used.
    Use,
    /// A module call that passes it on.
    Call,
    /// A condition that chose it.
    Condition,
    /// An overlay that put it there, or left it.
    Overlay,
    /// A substitution or rendering that put it there.
    Substitution,
    /// Any other.
    Other,
}

impl Role {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fix => "fix",
            Self::Use => "use",
            Self::Call => "call",
            Self::Condition => "condition",
            Self::Overlay => "overlay",
            Self::Substitution => "substitution",
            Self::Other => "other",
        }
    }
}

/// How a place was found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FoundBy {
    /// The rule named it.
    Exact,
    /// Inferred from what a policy said.
    Inferred,
    /// The literal text of a chart's template.
    Literal,
}

impl FoundBy {
    /// The word in JSON and SARIF.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Inferred => "inferred",
            Self::Literal => "literal",
        }
    }
}

/// A fix as changes of text, or as text to paste.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadyFix {
    /// What it does, imperative.
    pub title: String,
    /// Replacements, in no order, not overlapping.
    pub edits: Vec<(Span, String)>,
    /// Text to paste, where nothing can be replaced.
    pub text: Option<String>,
}

/// Everything that a run has to say, ready to be shown.
#[derive(Clone, Debug, Default)]
pub struct Triaged {
    /// Findings in order: file, place, rule.
    pub findings: Vec<Reported>,
    /// What rules had to say once.
    pub notes: Vec<Note>,
}
