//! The places of what a program rendered from templates: which of the values that took part is meant, and the template's
//! line that used it.

use super::place::push;
use super::{FoundBy, Label, Role};
use crate::source::{Sources, Span};
use crate::tree::{Kind, Step, StepKind, Traced, Value};

fn step(value: &Value) -> Option<(Traced, &Step)> {
    value.origin.steps().find_map(|s| match s.kind {
        StepKind::Rendered(traced) => Some((traced, s)),
        _ => None,
    })
}

/// How the place of a value was found.
pub fn found(value: &Value) -> FoundBy {
    match step(value) {
        None | Some((Traced::Value, _)) => FoundBy::Exact,
        Some((Traced::Literal, _)) => FoundBy::Literal,
        Some((Traced::Near, _)) => FoundBy::Inferred,
    }
}

/// Whether the text at a value's place is not the value itself: a part of it, or an expression.
pub fn is_other_text(value: &Value) -> bool {
    step(value).is_some_and(|(traced, step)| traced != Traced::Value || !step.inputs.is_empty())
}

/// Of the values that a text is made of, the one that a message speaks of: an image's registry, or its tag.
pub fn piece(value: &Value, message: &str, sources: &Sources) -> Option<Span> {
    let (_, step) = step(value)?;
    if step.inputs.len() < 2 {
        return None;
    }
    let whole = value.as_str().unwrap_or_default();
    let quotes: Vec<&str> = message.split('`').skip(1).step_by(2).filter(|q| !q.is_empty() && *q != whole).collect();
    let score = |span: Span| {
        let text = sources.text(span);
        let text = text.trim_matches(['"', '\'']);
        let of = |quote: &&str| match *quote {
            q if q == text => 3,
            q if text.contains(q) => 2,
            q if text.len() > 1 && q.contains(text) => 1,
            _ => 0,
        };
        quotes.iter().map(of).max().unwrap_or(0)
    };
    // The first of equals: what stands before, in the text.
    let best = step.inputs.iter().rev().max_by_key(|input| score(input.span))?;
    Some(best.span)
}

/// The further places: the other values of a composed text, and the template's line.
pub fn way(value: &Value, labels: &mut Vec<Label>) {
    let Some((traced, step)) = step(value) else { return };
    let label = |span, role, text: &str| Label { span, role, text: text.to_owned(), found: FoundBy::Exact };
    for input in step.inputs.iter().filter(|_| step.inputs.len() > 1) {
        push(labels, label(input.span, Role::Other, "a part of it"));
    }
    // The place itself lies in the template where no value was found.
    let is_scalar = !matches!(value.kind, Kind::Map(_) | Kind::List(_));
    if is_scalar && traced == Traced::Value && !step.span.is_none() {
        push(labels, label(step.span, Role::Substitution, "put in here"));
    }
}
