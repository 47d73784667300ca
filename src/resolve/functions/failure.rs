//! Why an expression failed.

use crate::source::Code;
use crate::tree::Reason;

/// An expression that failed. It costs its own value only: the evaluator makes an unknown of it and reports the detail
/// at the expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// What kind it is.
    pub kind: FailureKind,
    /// What went wrong: one sentence, lower case, no full stop, names in backticks.
    pub detail: String,
}

/// What kind of failure it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum FailureKind {
    /// No function has that name.
    UnknownFunction,
    /// The number of arguments or a type is wrong.
    Arguments,
    /// The arguments are of the right type, and the function has no answer for them.
    Value,
    /// The template itself said so, with `fail()`.
    Raised,
    /// A safety limit was reached.
    Limit,
}

impl Failure {
    /// A failure.
    pub fn new(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// The reason of the unknown that takes the value's place.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self.kind {
            FailureKind::UnknownFunction => Reason::Function,
            FailureKind::Limit => Reason::Limit,
            _ => Reason::Error,
        }
    }

    /// The code of the problem to report.
    #[must_use]
    pub fn code(&self) -> Code {
        match self.kind {
            FailureKind::Limit => Code::Limit,
            _ => Code::Template,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Failure {}
