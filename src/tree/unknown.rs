//! What cannot be known before deployment, and why.

use std::sync::Arc;

use super::Text;

/// Why a value is not known, and what would have to be known first.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Unknown {
    /// The reason.
    pub reason: Reason,
    /// What it waits for.
    pub from: WaitsFor,
}

impl Unknown {
    /// An unknown.
    #[must_use]
    pub fn new(reason: Reason, from: WaitsFor) -> Self {
        Self { reason, from }
    }
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let reason = self.reason.words();
        match &self.from {
            WaitsFor::Nothing => f.write_str(reason),
            WaitsFor::Resource { id, path } if path.is_empty() => write!(f, "{reason} of `{id}`"),
            WaitsFor::Resource { id, path } => write!(f, "{reason}: `{path}` of `{id}`"),
            WaitsFor::Parameter(name) => write!(f, "{reason}: parameter `{name}`"),
            WaitsFor::Context(name) => write!(f, "{reason}: `{name}`"),
            WaitsFor::Text(text) => write!(f, "{reason}: {text}"),
        }
    }
}

/// Why a value is not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Reason {
    /// Azure makes it while it deploys: `reference()`, `list*()`, a property of a resource.
    Runtime,
    /// A parameter that nothing gives a value.
    MissingParameter,
    /// A secure parameter's value, or one taken from a vault.
    Secure,
    /// A module, linked template or loaded file that was not read.
    UnreadModule,
    /// A function that is not known or whose answer depends on the subscription.
    Function,
    /// An expression that failed; the failure is a finding of its own.
    Error,
    /// Something of the deployment's context that nobody gave.
    Context,
    /// A placeholder that somebody was to replace.
    Placeholder,
    /// A safety limit was reached.
    Limit,
    /// A template's delimiters that were not rendered.
    Unrendered,
    /// It stands in files that are not part of the run (another team's template, another repository).
    Outside,
}

impl Reason {
    /// The reason as words for a message.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Runtime => "known only at run time",
            Self::MissingParameter => "no value given",
            Self::Secure => "a secure value",
            Self::UnreadModule => "not read",
            Self::Function => "not computed offline",
            Self::Error => "the expression failed",
            Self::Context => "not given by the deployment's context",
            Self::Placeholder => "a placeholder",
            Self::Limit => "over a limit",
            Self::Unrendered => "not rendered",
            Self::Outside => "outside the files that were read",
        }
    }

    /// The reason as a word for `resolve --format json`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::MissingParameter => "missing-parameter",
            Self::Secure => "secure",
            Self::UnreadModule => "unread-module",
            Self::Function => "function",
            Self::Error => "error",
            Self::Context => "context",
            Self::Placeholder => "placeholder",
            Self::Limit => "limit",
            Self::Unrendered => "unrendered",
            Self::Outside => "outside",
        }
    }
}

/// What an unknown waits for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum WaitsFor {
    /// Nothing that has a name.
    Nothing,
    /// A property of a resource.
    Resource {
        /// Its id or symbolic name.
        id: Text,
        /// The property path, dotted; empty for all of it.
        path: Text,
    },
    /// A parameter.
    Parameter(Text),
    /// A part of the deployment's context, such as `subscription`.
    Context(Text),
    /// Anything else, in words.
    Text(Text),
}

/// A piece of a string that is partly known.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    /// Known text.
    Text(Text),
    /// What is not known.
    Unknown(Arc<Unknown>),
}
