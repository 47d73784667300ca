//! What goes wrong in a build, until it is a problem.

use crate::source::{Code, Problem, Span};

/// One step of a build failed. The rest of the build goes on.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub span: Span,
    pub detail: String,
    pub help: Option<&'static str>,
    pub related: Vec<(Span, String)>,
    pub code: Code,
}

impl Failure {
    /// kustomize refuses it too.
    pub fn new(span: Span, detail: impl Into<String>) -> Self {
        Self { span, detail: detail.into(), help: None, related: Vec::new(), code: Code::Render }
    }

    /// It cannot be done here, though kustomize might.
    pub fn not_analysed(span: Span, detail: impl Into<String>) -> Self {
        Self { code: Code::NotAnalysed, ..Self::new(span, detail) }
    }

    /// The place, where none is known yet.
    pub fn at(mut self, span: Span) -> Self {
        if self.span.is_none() {
            self.span = span;
        }
        self
    }

    /// The place is the one that a person wrote in the overlay; where it failed is a further one.
    pub fn within(mut self, span: Span, word: &str) -> Self {
        if self.span.is_none() || self.span == span {
            self.span = span;
        } else if !span.is_none() {
            self.related.push((self.span, word.to_owned()));
            self.span = span;
        }
        self
    }

    pub fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }

    pub fn related(mut self, span: Span, word: impl Into<String>) -> Self {
        if !span.is_none() {
            self.related.push((span, word.into()));
        }
        self
    }

    pub fn problem(self) -> Problem {
        let mut problem = Problem::new(self.code, self.span, self.detail);
        problem.help = self.help.map(str::to_owned);
        problem.related = self.related;
        problem
    }
}

/// The outcome of one step.
pub(super) type Outcome<T = ()> = Result<T, Failure>;
