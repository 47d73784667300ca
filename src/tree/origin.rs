//! The way a value came: a small graph of steps from the place that holds it to the place that uses it.

use std::sync::Arc;

use super::Text;
use crate::source::Span;

/// The steps of a value, the latest first. Empty for a literal used where it stands.
#[derive(Clone, Default, Debug)]
pub struct Origin(Option<Arc<Step>>);

/// One step on the way.
#[derive(Debug)]
pub struct Step {
    /// What happened.
    pub kind: StepKind,
    /// Where it is written: the use of the parameter, the argument of the call, the condition, the patch.
    pub span: Span,
    /// The parameter, variable or output that the step goes through, where there is one.
    pub name: Option<Text>,
    /// Values that took part without being the value: the pieces of a composed string, what a condition reads.
    pub inputs: Box<[Input]>,
    before: Origin,
}

/// A value that took part in making another.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it was written.
    pub span: Span,
    /// The way it came.
    pub origin: Origin,
}

/// What a step did.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum StepKind {
    /// A parameter's or output's value was taken from its file, its default or its template.
    Value,
    /// A parameter, variable or alias was used here.
    Use,
    /// A module call passed it on.
    Call,
    /// A condition chose it.
    Condition,
    /// An overlay or patch put it there, or left it.
    Overlay,
    /// A substitution or a rendering put it there.
    Substitution,
    /// An expression composed it from others.
    Composed,
}

impl Origin {
    /// No step: a literal used where it stands.
    pub const NONE: Self = Self(None);

    /// The same way with one step more.
    #[must_use]
    pub fn then(&self, kind: StepKind, span: Span) -> Self {
        self.push(kind, span, None, Box::default())
    }

    /// The same way with one step more, which goes through something that has a name.
    #[must_use]
    pub fn then_named(&self, kind: StepKind, span: Span, name: impl Into<Text>) -> Self {
        self.push(kind, span, Some(name.into()), Box::default())
    }

    /// The same way with one step more, in which other values took part.
    #[must_use]
    pub fn push(&self, kind: StepKind, span: Span, name: Option<Text>, inputs: Box<[Input]>) -> Self {
        Self(Some(Arc::new(Step { kind, span, name, inputs, before: self.clone() })))
    }

    /// This way, and then `later`: the way of what lies in a container that went a way of its own.
    #[must_use]
    pub fn followed_by(&self, later: &Self) -> Self {
        if self.is_empty() {
            return later.clone();
        }
        let mut steps: Vec<&Step> = later.steps().collect();
        steps.reverse();
        steps
            .into_iter()
            .fold(self.clone(), |way, step| way.push(step.kind, step.span, step.name.clone(), step.inputs.clone()))
    }

    /// Whether the value is used where it stands.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The steps, the latest first.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        std::iter::successors(self.0.as_deref(), |step| step.before.0.as_deref())
    }

    /// Whether any path of the graph, conditions included, goes through a step that `wanted` accepts.
    #[must_use]
    pub fn leads_through(&self, wanted: &mut dyn FnMut(&Step) -> bool) -> bool {
        self.steps().any(|step| wanted(step) || step.inputs.iter().any(|i| i.origin.leads_through(wanted)))
    }
}
