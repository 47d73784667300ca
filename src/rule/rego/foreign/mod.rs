//! Foreign policies in a run: which folders the config names, the rules that they make, and what they find.

mod load;
mod run;
mod trace;

use std::sync::Arc;
use std::time::Duration;

use super::conftest::Conftest;
use super::gatekeeper::Gatekeeper;
use crate::rule::Effect;
use crate::source::Span;
use crate::tree::Text;

pub use load::load;
pub use run::{Found, Shared};

/// How a folder's results are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// Documents and policies as the built-in ones.
    Own,
    /// ConstraintTemplates and Constraints.
    Gatekeeper,
    /// `deny`, `warn` and `violation` rules.
    Conftest,
}

impl Dialect {
    /// From its word in the config.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "own" => Some(Self::Own),
            "gatekeeper" => Some(Self::Gatekeeper),
            "conftest" => Some(Self::Conftest),
            _ => None,
        }
    }
}

/// A policy folder as the config names it.
#[derive(Clone, Debug)]
pub struct PolicyFolder {
    /// The folder, bundle or file, from the root.
    pub path: String,
    /// How its results are written.
    pub dialect: Dialect,
    /// The namespaces that hold rules (conftest).
    pub namespaces: Vec<String>,
    /// Files and folders of data (conftest), from the root.
    pub data: Vec<String>,
    /// The digest that it must have.
    pub digest: Option<String>,
    /// What one evaluation may take.
    pub timeout: Option<Duration>,
    /// Whether all documents of a stamp are one input (conftest).
    pub combine: bool,
    /// The stamp that it is for; all stamps without it.
    pub stamp: Option<Text>,
    /// Where the config names it.
    pub declared: Span,
}

/// All foreign policies of a run.
#[derive(Debug, Default)]
pub struct Foreign {
    sets: Vec<Set>,
}

/// The policies of one folder.
#[derive(Debug)]
struct Set {
    stamp: Option<Text>,
    policies: Policies,
    /// The rule of each constraint or conftest rule, with its effect here where that is weaker than the rule's.
    rules: Vec<(Arc<str>, Option<Effect>)>,
}

#[derive(Debug)]
enum Policies {
    Gatekeeper(Gatekeeper),
    Conftest(Box<Conftest>),
}

impl Foreign {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }
}
