//! Gives every part of helm's output its place: the value that a person wrote, else the line of the template.

use std::sync::Arc;

use super::align::{self, Documents};
use super::lines::{line_of, without_lines};
use super::marks::{self, Marks};
use super::output::{Document, Output};
use super::template::Line;
use crate::source::{Source, Span};
use crate::tree::{Entry, Input, Kind, Number, Origin, StepKind, Text, Traced, Value};

/// Deeper parts have the place of what holds them.
const DEPTH: usize = 128;

/// A render with marks, comments that name lines, or both.
#[derive(Debug)]
pub(super) struct Pass {
    pub output: Output,
    /// Where each comment that names a line stands, and what it names.
    lines: Vec<(usize, usize, usize)>,
    /// Where the output's lines begin.
    starts: Vec<usize>,
}

impl Pass {
    pub fn new(output: Output, text: &str) -> Self {
        let named = output.comments.iter().filter_map(|(at, text)| line_of(text).map(|(f, l)| (*at, f, l)));
        let lines = named.collect();
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { output, lines, starts }
    }

    /// The template's number and line that a place of the output comes from, and whether it is that very line.
    fn line(&self, at: usize) -> Option<(usize, usize, bool)> {
        let before = self.lines.partition_point(|(from, _, _)| *from < at);
        let (from, file, line) = *self.lines.get(before.checked_sub(1)?)?;
        let row = |at: usize| self.starts.partition_point(|s| *s <= at);
        Some((file, line, row(at) == row(from) + 1))
    }
}

/// What is known of all renders of a release.
pub(super) struct Placer<'p> {
    /// The values of the release.
    pub values: &'p Value,
    pub marks: &'p Marks,
    pub passes: &'p [Pass],
    /// The templates by number.
    pub templates: &'p [Option<Arc<Source>>],
    documents: Vec<Documents<'p>>,
}

/// Where something stands if nothing better is known.
#[derive(Clone)]
struct Spot {
    /// The line of the template, and whether it is that very line.
    line: Option<(Line, bool)>,
    /// The key of the value, none for an item of a list.
    key: Option<Text>,
    /// The place of what is around it.
    around: Span,
    /// The values that `.Values` means in this template.
    prefix: Arc<[String]>,
}

impl<'p> Placer<'p> {
    pub fn new(values: &'p Value, marks: &'p Marks, passes: &'p [Pass], templates: &'p [Option<Arc<Source>>]) -> Self {
        let documents = passes.iter().map(|p| Documents::of(&p.output)).collect();
        Self { values, marks, passes, templates, documents }
    }

    /// The object with its places, and where it is declared. `start` is the template's first line.
    pub fn document(
        &self,
        document: &Document,
        key: &(Text, String, String, usize),
        start: Span,
        prefix: Vec<String>,
    ) -> (Value, Span) {
        let others: Vec<Option<&Value>> = self.documents.iter().map(|d| d.get(key)).collect();
        let spot = Spot { line: None, key: None, around: start, prefix: prefix.into() };
        let mut root = self.value(&document.root, &others, None, &spot, 0);
        let kind = root.entries().iter().find(|e| e.key == "kind");
        // Not where a value says it: the line of the template declares the object.
        let declared = kind.map_or(start, |e| match step(&e.value) {
            Some((Traced::Value, at)) => at,
            _ => e.value.span,
        });
        let traced = if declared == start { Traced::Near } else { Traced::Literal };
        root.origin = Origin::NONE.then(StepKind::Rendered(traced), declared);
        (root, declared)
    }

    fn value(
        &self,
        value: &Value,
        others: &[Option<&Value>],
        copy: Option<&Value>,
        spot: &Spot,
        depth: usize,
    ) -> Value {
        let found = || others.iter().find_map(|o| self.marks.value(align::copied(*o)?));
        let copy = copy.or_else(found);
        let copy = copy.filter(|c| !c.span.is_none() && c.content_hash() == value.content_hash());
        let mut placed = match &value.kind {
            _ if depth > DEPTH => return flat(value, spot.around, 0),
            Kind::Map(map) => self.map(map, others, copy, spot, depth),
            Kind::List(list) => {
                let theirs: Vec<Vec<Option<&Value>>> = others.iter().map(|o| align::items(list, *o)).collect();
                let item = |(i, item): (usize, &Value)| {
                    let others: Vec<Option<&Value>> =
                        theirs.iter().map(|items| items.get(i).copied().flatten()).collect();
                    let spot = self.item(&others, spot);
                    self.value(item, &others, copy.and_then(|c| c.items().get(i)), &spot, depth + 1)
                };
                let items: Vec<Value> = list.iter().enumerate().map(item).collect();
                let span = items.first().map_or(spot.span(), |v| v.span);
                Value::list(items, span)
            }
            _ => return self.scalar(value, others, copy, spot),
        };
        let (span, traced) = match (copy, &spot.line) {
            (Some(copy), _) => (copy.span, Traced::Value),
            (None, Some((_, true))) => (placed.span, Traced::Literal),
            (None, _) => (placed.span, Traced::Near),
        };
        placed.span = span;
        placed.origin = copy.map(|c| c.origin.clone()).unwrap_or_default();
        placed.origin = placed.origin.then(StepKind::Rendered(traced), spot.span());
        placed
    }

    fn map(&self, map: &[Entry], others: &[Option<&Value>], copy: Option<&Value>, spot: &Spot, depth: usize) -> Value {
        // A map whose copy was found by the key that was put into it may hold more than the copy.
        let mixed = others.iter().find_map(|o| self.marks.value(align::copied(*o)?));
        let mut entries = Vec::with_capacity(map.len());
        for entry in map {
            let theirs: Vec<Option<&Value>> = others.iter().map(|o| align::below(*o, &entry.key)).collect();
            let from = copy.or(mixed).and_then(|c| c.as_map()?.entry(&entry.key));
            let from = from.filter(|e| !e.value.span.is_none() && e.value.content_hash() == entry.value.content_hash());
            let line = self.line_of_key(others, &entry.key);
            let spot = Spot {
                line: line.or_else(|| spot.line.clone().map(|(line, _)| (line, false))),
                key: Some(entry.key.clone()),
                around: spot.span(),
                prefix: Arc::clone(&spot.prefix),
            };
            let key_span = from.map(|e| e.key_span).filter(|s| !s.is_none()).unwrap_or_else(|| spot.key_span());
            let value = self.value(&entry.value, &theirs, from.map(|e| &e.value), &spot, depth + 1);
            entries.push(Entry::new(entry.key.clone(), key_span, value));
        }
        if let Some(copy) = copy.and_then(Value::as_map) {
            // As they stand in the values, so that the first one is where the map begins.
            entries.sort_by_key(|e| copy.iter().position(|c| c.key == e.key));
        }
        let span = entries.first().map_or(spot.span(), |e| e.key_span);
        Value::map_of_unique(entries, span)
    }

    fn line_of_key(&self, others: &[Option<&Value>], key: &str) -> Option<(Line, bool)> {
        let found =
            others.iter().zip(self.passes).filter(|(_, pass)| !pass.lines.is_empty()).find_map(|(other, pass)| {
                let entry = other.and_then(|o| {
                    let map = o.as_map()?;
                    map.entry(key).or_else(|| map.iter().find(|e| marks::stripped(&e.key).0 == key))
                })?;
                pass.line(entry.key_span.start as usize)
            });
        self.template_line(found?)
    }

    fn template_line(&self, (file, line, exact): (usize, usize, bool)) -> Option<(Line, bool)> {
        let source = Arc::clone(self.templates.get(file)?.as_ref()?);
        Some((Line { source, number: line }, exact))
    }

    fn item(&self, others: &[Option<&Value>], spot: &Spot) -> Spot {
        let passes = others.iter().zip(self.passes).filter(|(_, pass)| !pass.lines.is_empty());
        let found = passes.filter_map(|(other, pass)| pass.line(other.as_ref()?.span.start as usize)).next();
        let line = found.and_then(|found| self.template_line(found));
        Spot {
            line: line.or_else(|| spot.line.clone().map(|(line, _)| (line, false))),
            key: None,
            around: spot.span(),
            prefix: Arc::clone(&spot.prefix),
        }
    }

    fn scalar(&self, value: &Value, others: &[Option<&Value>], copy: Option<&Value>, spot: &Spot) -> Value {
        let ids = others.iter().flatten().filter_map(|o| self.sources(value, o)).find(|ids| !ids.is_empty());
        let mut from: Vec<&Value> =
            ids.iter().flatten().filter_map(|id| self.marks.value(*id)).filter(|v| !v.span.is_none()).collect();
        from.dedup_by_key(|v| v.span);
        if from.is_empty() {
            from.extend(copy);
        }
        let mut placed = Value { origin: Origin::NONE, ..value.clone() };
        let line = spot.line.as_ref().filter(|(_, exact)| *exact).map(|(line, _)| line);
        let text = line.and_then(|line| {
            let on_line = || line.literal(&scalar_text(value)?);
            line.value(spot.key.as_deref()).or_else(|| spot.key.is_none().then(on_line)?)
        });
        let here = text.unwrap_or_else(|| spot.key_span());
        let mut traced = Traced::Value;
        if from.is_empty()
            && let Some((line, text)) = line.zip(text)
        {
            from.extend(self.named(value, line, text, spot));
            traced = Traced::Near;
        }
        let Some(first) = from.first() else {
            let literal = text.zip(line).is_some_and(|(text, line)| is_literal(value, line.source.slice(text)));
            placed.span = here;
            traced = if literal { Traced::Literal } else { Traced::Near };
            placed.origin = Origin::NONE.then(StepKind::Rendered(traced), here);
            return placed;
        };
        // The text as it is written in the values: what reads within it needs to know how.
        placed.style = first.style;
        placed.span = first.span;
        let inputs: Box<[Input]> = if from.len() == 1 && first.content_hash() == value.content_hash() {
            Box::default()
        } else {
            from.iter().map(|v| Input { span: v.span, origin: v.origin.clone() }).collect()
        };
        placed.origin = first.origin.push(StepKind::Rendered(traced), here, None, inputs);
        placed
    }

    /// Which values a scalar comes from, as a render with marks tells; nothing where it does not.
    fn sources(&self, value: &Value, other: &Value) -> Option<Vec<usize>> {
        match (&value.kind, &other.kind) {
            (Kind::String(text), Kind::String(theirs)) => {
                let theirs = without_lines(theirs);
                marks::sources(text, &theirs, self.marks).or_else(|| {
                    // Secrets hold their data encoded.
                    let (text, theirs) = (decoded(text)?, decoded(&theirs)?);
                    marks::sources(&text, &theirs, self.marks)
                })
            }
            // A text of digits was made a number, or a number a text.
            (Kind::Number(n), Kind::String(theirs)) => marks::sources(&n.to_string(), theirs, self.marks),
            (Kind::Number(Number::Int(n)), Kind::Number(Number::Int(theirs))) => {
                let (id, original) = marks::number(Some(*theirs), self.marks)?;
                (original == *n).then(|| vec![id])
            }
            _ => None,
        }
    }

    /// The value that the line of the template names, where the output has that very value.
    fn named(&self, value: &Value, line: &Line, text: Span, spot: &Spot) -> Option<&'p Value> {
        line.named(text).iter().find_map(|path| {
            let mut full = spot.prefix.iter().chain(path);
            let found = full.try_fold(self.values, |at, key| at.get(key))?;
            let same = found.content_hash() == value.content_hash()
                || scalar_text(found).is_some_and(|f| !f.is_empty() && Some(f) == scalar_text(value));
            (same && !found.span.is_none()).then_some(found)
        })
    }
}

impl Spot {
    /// Its best place: the key on the line, the line, or what is around it.
    fn span(&self) -> Span {
        match &self.line {
            Some((line, true)) => self.key.as_ref().map_or_else(|| line.whole(), |key| line.key(key)),
            Some((line, false)) => line.whole(),
            None => self.around,
        }
    }

    fn key_span(&self) -> Span {
        self.span()
    }
}

/// How the place of a value was found, and the line of the template that put it there.
fn step(value: &Value) -> Option<(Traced, Span)> {
    value.origin.steps().find_map(|s| match s.kind {
        StepKind::Rendered(traced) => Some((traced, s.span)),
        _ => None,
    })
}

fn is_literal(value: &Value, text: &str) -> bool {
    let text = text.trim_matches(['"', '\'']);
    scalar_text(value).is_some_and(|v| v == text || !text.contains("{{") && text.contains(v.as_str()))
}

fn scalar_text(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::String(text) => Some(text.to_string()),
        Kind::Number(n) => Some(n.to_string()),
        Kind::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}

fn decoded(text: &str) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()?;
    String::from_utf8(bytes).ok()
}

/// All of a value at one place.
fn flat(value: &Value, span: Span, depth: usize) -> Value {
    let mut out = match &value.kind {
        _ if depth > 512 => Value::null(span),
        Kind::List(list) => Value::list(list.iter().map(|v| flat(v, span, depth + 1)).collect(), span),
        Kind::Map(map) => {
            let entry = |e: &Entry| Entry::new(e.key.clone(), span, flat(&e.value, span, depth + 1));
            Value::map_of_unique(map.iter().map(entry).collect(), span)
        }
        other => Value::new(other.clone(), span),
    };
    out.origin = Origin::NONE.then(StepKind::Rendered(Traced::Near), span);
    out
}
