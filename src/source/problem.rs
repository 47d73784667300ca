//! What readers and resolvers have to say about a file. A problem is not yet a finding: it has no severity and
//! no effect. Layer `rule` maps each code to a rule of family `input` or `parameters`.

use super::Span;

/// What went wrong. Each code belongs to one rule; see `rule::problems`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Code {
    /// A manifest, values file or config of ours does not parse.
    Syntax,
    /// A file, folder or module that something names is not there or cannot be read.
    Unreadable,
    /// Something that is understood, but cannot be resolved offline (a remote base, a registry module).
    NotAnalysed,
    /// A mapping has a key twice.
    DuplicateKey,
    /// A template's delimiters stand where a value was to be.
    UnrenderedTemplate,
    /// A field has another type than the API gives it.
    Schema,
    /// A safety limit was reached.
    Limit,
    /// A template or parameter file does not parse, or an expression fails.
    Template,
    /// An expression failed on a value that is a placeholder.
    Placeholder,
    /// An overlay or chart does not render.
    Render,
    /// A policy does not parse, bind or evaluate.
    Policy,
    /// The fleet's own description is at fault: two stamps of one name, an override without a match.
    Fleet,
    /// A file belongs to no stamp although the config says what does.
    Unclaimed,
    /// A parameter has no value.
    ParameterMissing,
    /// A value names no parameter.
    ParameterUnknown,
    /// A value is not of the parameter's type or breaks its constraints.
    ParameterInvalid,
}

/// One problem at one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What kind it is.
    pub code: Code,
    /// Where; [`Span::NONE`] when there is no text to point at.
    pub span: Span,
    /// What is wrong: one sentence, lower case, no full stop, names in backticks.
    pub detail: String,
    /// What to do about it, where that is not plain from the detail.
    pub help: Option<String>,
    /// Further places with a word on each.
    pub related: Vec<(Span, String)>,
    /// Not certain: something that the verdict needs is not known (shown on request, never fails the gate).
    pub undetermined: bool,
}

impl Problem {
    /// A problem with nothing but its detail.
    pub fn new(code: Code, span: Span, detail: impl Into<String>) -> Self {
        Self { code, span, detail: detail.into(), help: None, related: Vec::new(), undetermined: false }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn related(mut self, span: Span, word: impl Into<String>) -> Self {
        self.related.push((span, word.into()));
        self
    }

    /// Marks it as not certain.
    #[must_use]
    pub fn undetermined(mut self) -> Self {
        self.undetermined = true;
        self
    }
}
