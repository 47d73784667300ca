//! From a path or a value to the token that a person would edit, and to the further places on the way.

use super::{FoundBy, Label, Role, rendered};
use crate::model::Resource;
use crate::read::embedded::DecodeMap;
use crate::read::{toml, yaml};
use crate::rule::{Finding, Place};
use crate::source::{Sources, Span};
use crate::tree::{Kind, Path, Point, Segment, StepKind, Value};

/// More further places than this help nobody.
const MOST_PLACES: usize = 12;

/// The places of a finding: the one to fix first.
pub fn labels(finding: &Finding, sources: &Sources) -> Vec<Label> {
    let found = if finding.inferred { FoundBy::Inferred } else { FoundBy::Exact };
    let mut labels = Vec::new();
    resolve(&finding.place, &finding.message, sources, &mut labels);
    if let Some(first) = labels.first_mut() {
        first.text = finding.label.clone().unwrap_or_default();
        if found != FoundBy::Exact {
            first.found = found;
        }
    }
    for related in &finding.related {
        let mut further = Vec::new();
        resolve(&related.place, &related.word, sources, &mut further);
        if let Some(label) = further.into_iter().next() {
            push(&mut labels, Label { role: Role::Other, text: related.word.clone(), ..label });
        }
    }
    labels.truncate(MOST_PLACES);
    labels
}

/// A place is named once, and one that lies in no file not at all.
pub(super) fn push(labels: &mut Vec<Label>, label: Label) {
    if !label.span.is_none() && !labels.iter().any(|l| l.span == label.span) {
        labels.push(label);
    }
}

/// Where a path of a resource stands.
#[must_use]
pub fn span_of(resource: &Resource, path: &Path, sources: &Sources) -> Span {
    in_tree(&resource.body, resource.declared, path, Point::Value, sources)
}

fn resolve(place: &Place, message: &str, sources: &Sources, labels: &mut Vec<Label>) {
    let fix = |span| Label { span, role: Role::Fix, text: String::new(), found: FoundBy::Exact };
    match place {
        Place::Nowhere => {}
        Place::Span(span) => push(labels, fix(*span)),
        Place::Value(value) => {
            let span = rendered::piece(value, message, sources).unwrap_or_else(|| token(value, None, sources));
            push(labels, Label { found: rendered::found(value), ..fix(span) });
            rendered::way(value, labels);
            way(value, labels);
        }
        Place::Resource { resource, path, point } => {
            let deepest = resource.body.follow(path);
            let piece = (deepest.depth == path.0.len() && *point == Point::Value)
                .then(|| rendered::piece(deepest.value, message, sources))
                .flatten();
            let span = piece.unwrap_or_else(|| in_tree(&resource.body, resource.declared, path, *point, sources));
            push(labels, Label { found: rendered::found(deepest.value), ..fix(span) });
            rendered::way(deepest.value, labels);
            for value in along(&resource.body, path) {
                way(value, labels);
            }
        }
    }
}

/// The values on a path, the deepest first: a leaf inside a parameter's object came the way of the object.
fn along<'v>(root: &'v Value, path: &Path) -> Vec<&'v Value> {
    let mut values = vec![root];
    for depth in 1..=path.0.len() {
        let prefix = Path(path.0.iter().take(depth).cloned().collect());
        match root.at(&prefix) {
            Some(value) => values.push(value),
            None => break,
        }
    }
    values.reverse();
    values
}

/// The steps of a value as further places. A condition is preceded by what it reads: that is what decided.
fn way(value: &Value, labels: &mut Vec<Label>) {
    let mut steps: Vec<_> = value.origin.steps().collect();
    steps.reverse();
    for step in steps {
        let named = |verb: &str| step.name.as_ref().map_or_else(|| verb.to_owned(), |name| format!("`{name}` {verb}"));
        let (role, text) = match step.kind {
            StepKind::Use => (Role::Use, named("used here")),
            StepKind::Call => (Role::Call, named("passed on here")),
            StepKind::Condition => {
                for input in &step.inputs {
                    push(
                        labels,
                        Label {
                            span: input.span,
                            role: Role::Condition,
                            text: "which the condition reads".to_owned(),
                            found: FoundBy::Exact,
                        },
                    );
                }
                (Role::Condition, "chosen by this condition".to_owned())
            }
            StepKind::Overlay => {
                for input in &step.inputs {
                    push(
                        labels,
                        Label {
                            span: input.span,
                            role: Role::Other,
                            text: "in place of this".to_owned(),
                            found: FoundBy::Exact,
                        },
                    );
                }
                (Role::Overlay, "laid over here".to_owned())
            }
            StepKind::Substitution => (Role::Substitution, named("put in here")),
            StepKind::Value | StepKind::Composed | StepKind::Rendered(_) => continue,
        };
        push(labels, Label { span: step.span, role, text, found: FoundBy::Exact });
    }
}

/// The token of a path: what is not there resolves to the nearest present ancestor.
fn in_tree(root: &Value, declared: Span, path: &Path, point: Point, sources: &Sources) -> Span {
    let found = root.follow(path);
    if let Some(span) = embedded(found.value, path.0.get(found.depth..).unwrap_or_default(), point, sources) {
        return span;
    }
    if found.depth == 0 {
        return declared;
    }
    let key = found.key_span();
    if found.depth == path.0.len() {
        return match (point, key) {
            (Point::Key, Some(key)) => key,
            _ => token(found.value, key, sources),
        };
    }
    match key {
        // A value that came from elsewhere lacks the property there, not here.
        Some(key) if found.value.span.is_none() || is_beside(key, found.value, sources) => key,
        _ => first_token(found.value),
    }
}

/// Whether a value was written at its key: nothing but the sign between them, blanks, comments, an anchor or a tag.
fn is_beside(key: Span, value: &Value, sources: &Sources) -> bool {
    let gap = Span { start: key.end, end: value.span.start, ..key };
    if key.source != value.span.source || gap.start > gap.end {
        return false;
    }
    let source = sources.get(key.source);
    let gap = source.as_ref().map(|s| s.slice(gap)).unwrap_or_default();
    gap.lines().all(|line| {
        let code = line.trim_start_matches([' ', '\t', ':', '=']);
        code.starts_with(['#', '/']) || code.split_whitespace().all(|word| word.starts_with(['&', '!', '?', ':']))
    })
}

/// The token within the text of a scalar: a line, or a value of the TOML or YAML that it holds.
fn embedded(scalar: &Value, rest: &[Segment], point: Point, sources: &Sources) -> Option<Span> {
    let (Segment::Embedded(format), inner) = rest.split_first()? else { return None };
    let text = scalar.as_str()?;
    let source = sources.get(scalar.span.source).filter(|_| !rendered::is_other_text(scalar))?;
    let map = DecodeMap::of(scalar, &source);
    match (*format, inner) {
        ("line", [Segment::Index(number)]) => {
            let line = text.split_inclusive('\n').nth(*number)?;
            let start: usize = text.split_inclusive('\n').take(*number).map(str::len).sum();
            let lead = line.len() - line.trim_start().len();
            Some(map.span(start + lead..start + line.trim_end().len().max(lead)))
        }
        ("toml", _) => {
            let root = toml::parse(text, &map).ok()?;
            Some(in_tree(&root, map.span(0..text.len()), &Path(inner.to_vec()), point, sources))
        }
        ("yaml", _) => {
            let root = yaml::parse_embedded(text, &map).documents.into_iter().next()?.root;
            Some(in_tree(&root, map.span(0..text.len()), &Path(inner.to_vec()), point, sources))
        }
        _ => None,
    }
}

/// The token of a value: a scalar whole; a list or map on one line whole, else its key, else its first token.
fn token(value: &Value, key: Option<Span>, sources: &Sources) -> Span {
    if value.span.is_none() {
        return key.unwrap_or(Span::NONE);
    }
    if !matches!(value.kind, Kind::List(_) | Kind::Map(_)) {
        return value.span;
    }
    let source = sources.get(value.span.source);
    let text = source.as_ref().map(|s| s.slice(value.span)).unwrap_or_default();
    if text.starts_with(['{', '[']) && !text.contains('\n') {
        return value.span;
    }
    match key {
        Some(key) if is_beside(key, value, sources) => key,
        _ => first_token(value),
    }
}

fn first_token(value: &Value) -> Span {
    let first_key = value
        .entries()
        .first()
        .map(|e| e.key_span)
        .filter(|k| k.source == value.span.source && k.start == value.span.start);
    match (&value.kind, first_key) {
        (Kind::Map(_) | Kind::List(_), Some(key)) => key,
        (Kind::Map(_) | Kind::List(_), None) => {
            Span { end: value.span.end.min(value.span.start.saturating_add(1)), ..value.span }
        }
        _ => value.span,
    }
}
