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
    /// Steps on the longest path from here, this one included.
    depth: u32,
    /// Steps on all paths from here, shared ones counted each time.
    weight: u32,
}

/// A graph deeper than this could not be dropped without a deep recursion.
const DEPTH: u32 = 512;

/// A graph with more paths than this could not be searched in time: `concat(a, a)` doubles them at each use.
const WEIGHT: u32 = 1 << 16;

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
    /// A program rendered it from a template, at this line; its inputs are the values that it is made of.
    Rendered(Traced),
}

/// How the place of what a program rendered was found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Traced {
    /// The value at that place was followed to here.
    Value,
    /// The template's line has this text.
    Literal,
    /// Told by what is around it.
    Near,
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

    /// The same way with one step more, in which other values took part. Of a graph that would get too deep or too
    /// large the ways of those values are left out; their places stay.
    #[must_use]
    pub fn push(&self, kind: StepKind, span: Span, name: Option<Text>, mut inputs: Box<[Input]>) -> Self {
        let (mut depth, mut weight) = self.extent();
        if depth >= DEPTH || weight >= WEIGHT {
            return self.clone();
        }
        for input in &mut inputs {
            let (deep, heavy) = input.origin.extent();
            if deep + 1 >= DEPTH || weight + heavy >= WEIGHT {
                input.origin = Self::NONE;
            } else {
                depth = depth.max(deep);
                weight += heavy;
            }
        }
        Self(Some(Arc::new(Step {
            kind,
            span,
            name,
            inputs,
            before: self.clone(),
            depth: depth + 1,
            weight: weight + 1,
        })))
    }

    fn extent(&self) -> (u32, u32) {
        self.0.as_ref().map_or((0, 0), |step| (step.depth, step.weight))
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

    /// Whether both are one: the values came here together, by one step.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(inputs: &[&Origin]) -> Origin {
        let inputs = inputs.iter().map(|o| Input { span: Span::NONE, origin: (*o).clone() }).collect();
        Origin::NONE.push(StepKind::Composed, Span::NONE, None, inputs)
    }

    #[test]
    fn doubling_and_long_chains_stay_bounded() {
        let parameter = Origin::NONE.then_named(StepKind::Value, Span::NONE, "p");
        let named = &mut |step: &Step| step.name.as_deref() == Some("p");
        let mut doubled = parameter.clone();
        for _ in 0..60 {
            doubled = composed(&[&doubled, &doubled]);
        }
        assert!(doubled.extent().1 <= WEIGHT);
        let mut chain = parameter.clone();
        for _ in 0..100_000 {
            chain = composed(&[&chain, &parameter]);
        }
        assert!(chain.extent().0 <= DEPTH);
        assert!(chain.leads_through(named));
        let mut line = parameter;
        for _ in 0..100_000 {
            line = line.then(StepKind::Use, Span::NONE);
        }
        assert!(line.leads_through(named));
    }
}
