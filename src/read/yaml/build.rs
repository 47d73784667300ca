//! Events to values: the tree of one document at a time.

use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, StructureStyle, Tag};

use super::scalar::{self, Typing};
use super::{place, tag};
use crate::read::DEPTH_LIMIT;
use crate::source::{Code, Problem, SourceId, Span};
use crate::tree::{Entry, Kind, Number, Reason, StepKind, Style, Text, Unknown, Value, WaitsFor};

/// How many values one document may gain by aliases. More is an alias bomb: nobody writes such a file by hand.
const ALIAS_LIMIT: usize = 400_000;

/// A value that is complete, with what limits need to know of it.
#[derive(Clone)]
struct Node {
    value: Value,
    /// Values in it, itself included, aliases counted as often as they are used.
    count: usize,
    /// Levels in it: 1 for a scalar.
    height: usize,
    /// A plain `<<`, or one that is tagged as a merge key.
    merge: bool,
}

/// A collection that is not yet complete.
struct Frame {
    items: Items,
    start: usize,
    end: usize,
    flow: bool,
    anchor: usize,
    count: usize,
    height: usize,
    /// Where `{{` begins, when this flow map is a template's delimiters by accident.
    template: bool,
}

enum Items {
    List(Vec<Value>),
    Map(MapItems),
}

#[derive(Default)]
struct MapItems {
    entries: Vec<Entry>,
    key: Option<Key>,
    /// Positions in `entries` that a merge key brought.
    merged: Vec<usize>,
}

enum Key {
    Named(Text, Span),
    Merge(Span),
    /// Not a string, said already.
    Refused,
}

/// Builds the value of one document.
pub(super) struct Builder<'s> {
    text: &'s str,
    source: SourceId,
    typing: Typing,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Option<Node>>,
    root: Option<Value>,
    /// Where the last token ended: headers of block scalars and empty values are looked for from here.
    last_end: usize,
    /// The name of the last anchor that a document gave, for origins.
    expanded: usize,
    /// All values that were made.
    pub(super) made: usize,
    pub(super) problems: Vec<Problem>,
}

impl<'s> Builder<'s> {
    pub(super) fn new(text: &'s str, source: SourceId, typing: Typing) -> Self {
        Self {
            text,
            source,
            typing,
            frames: Vec::new(),
            anchors: HashMap::new(),
            root: None,
            last_end: 0,
            expanded: 0,
            made: 0,
            problems: Vec::new(),
        }
    }

    /// Begins a document whose content starts at or after `offset`.
    pub(super) fn begin(&mut self, offset: usize) {
        self.frames.clear();
        self.anchors.clear();
        self.root = None;
        self.expanded = 0;
        self.last_end = offset;
    }

    /// The document's value, if it has content.
    pub(super) fn finish(&mut self) -> Option<Value> {
        self.root.take()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    fn problem(&mut self, code: Code, span: Span, detail: impl Into<String>) {
        self.problems.push(Problem::new(code, span, detail));
    }

    /// Takes one event of a node.
    pub(super) fn event(&mut self, event: &Event<'_>, at: std::ops::Range<usize>) {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(text, *style, *anchor, tag.as_deref(), at);
            }
            Event::SequenceStart(style, anchor, _) => {
                self.open(Items::List(Vec::new()), *style, *anchor, at);
            }
            Event::MappingStart(style, anchor, _) => {
                self.open(Items::Map(MapItems::default()), *style, *anchor, at);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at),
            Event::Alias(id) => self.alias(*id, at),
            Event::UnresolvedAlias(name) => {
                let span = self.span(at.start, at.end);
                self.problem(Code::Syntax, span, format!("no anchor `&{name}` stands before this alias"));
                self.last_end = at.end;
                self.complete(failed(span), 0);
            }
            _ => {}
        }
    }

    fn open(&mut self, items: Items, style: StructureStyle, anchor: usize, at: std::ops::Range<usize>) {
        let flow = style == StructureStyle::Flow;
        let template =
            flow && matches!(items, Items::Map(_)) && self.text.get(at.start..).is_some_and(|t| t.starts_with("{{"));
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        let is_list = matches!(items, Items::List(_));
        let start = match self.frames.last() {
            Some(Frame { items: Items::Map(map), .. }) if is_list && !flow && map.key.is_some() => {
                place::dash(self.text, self.last_end, at.start)
            }
            _ => at.start,
        };
        self.last_end = if flow { at.end } else { at.start };
        self.frames.push(Frame { items, start, end: at.end, flow, anchor, count: 1, height: 1, template });
    }

    fn close(&mut self, at: std::ops::Range<usize>) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        // The end mark of a block collection is the next token's; its own end is its last value's.
        let closed = frame.flow && at.end > at.start;
        let end = if closed { at.end } else { frame.end };
        let span = self.span(frame.start, end);
        self.last_end = end;
        let value = match frame.items {
            _ if frame.template => self.template(span),
            Items::List(items) => Value::list(items, span),
            Items::Map(map) => {
                self.duplicates(&map);
                Value::map(map.entries, span)
            }
        };
        let node = Node { value, count: frame.count, height: frame.height, merge: false };
        self.complete(node, frame.anchor);
    }

    /// A map that holds nothing but a map as its key: `{{ .Values.name }}` as YAML reads it.
    fn template(&mut self, span: Span) -> Value {
        let text = self.text.get(span.range()).unwrap_or_default();
        let detail = format!("the template `{}` was not rendered: YAML reads it as a map in a map", place::short(text));
        self.problem(Code::UnrenderedTemplate, span, detail);
        let waits = WaitsFor::Text(Text::from(place::short(text)));
        Value::unknown(Unknown::new(Reason::Unrendered, waits), span)
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, tag: Option<&Tag>, at: std::ops::Range<usize>) {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let empty = style == Style::Plain && at.is_empty();
        let (start, end) = match style {
            Style::Literal | Style::Folded => place::block(self.text, self.last_end, at.start, at.end),
            _ if empty => {
                let offset = place::empty(self.text, self.last_end, at.start);
                (offset, offset)
            }
            _ => (at.start, at.end),
        };
        let span = self.span(start, end);
        self.last_end = end;
        // The parser gives `~` for what is not there, and a line break that the end of the file lacks.
        let text = match style {
            _ if empty => "",
            Style::Literal | Style::Folded => place::unbroken(self.text, text, at.end),
            _ => text,
        };
        let kind = match tag {
            None if style == Style::Plain => scalar::plain(text, self.typing),
            None => Kind::String(Text::from(text)),
            Some(tag) => match tag::scalar(tag, text, self.typing) {
                Ok(kind) => kind,
                Err(detail) => {
                    self.problem(Code::Syntax, span, detail);
                    Kind::String(Text::from(text))
                }
            },
        };
        if let Kind::Number(Number::Float(f)) = kind
            && !f.is_finite()
            && !self.expects_key()
        {
            self.problem(Code::Syntax, span, format!("`{text}` has no form in JSON, which the API speaks"));
        }
        let merge = text == "<<"
            && match tag {
                None => style == Style::Plain,
                Some(tag) => tag::core(tag).as_deref() == Some("merge"),
            };
        let mut value = Value::new(kind, span);
        value.style = style;
        let node = Node { value, count: 1, height: 1, merge };
        self.complete(node, anchor);
    }

    fn expects_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { items: Items::Map(map), .. }) if map.key.is_none())
    }

    fn alias(&mut self, id: usize, at: std::ops::Range<usize>) {
        let span = self.span(at.start, at.end);
        self.last_end = at.end;
        let name = self.text.get(at.start + 1..at.end).unwrap_or_default();
        let node = match self.anchors.get(&id) {
            Some(Some(node)) => {
                self.expanded += node.count;
                if self.expanded > ALIAS_LIMIT {
                    let detail = format!("aliases expand to more than {ALIAS_LIMIT} values");
                    self.over_limit(span, detail)
                } else if self.frames.len() + node.height > DEPTH_LIMIT {
                    let detail = format!("an alias nests deeper than {DEPTH_LIMIT} levels");
                    self.over_limit(span, detail)
                } else {
                    let mut node = node.clone();
                    node.merge = false;
                    node.value.origin = node.value.origin.then_named(StepKind::Use, span, name);
                    node
                }
            }
            _ => {
                self.problem(Code::Syntax, span, format!("the value of anchor `&{name}` contains itself"));
                failed(span)
            }
        };
        self.complete(node, 0);
        // What follows is looked for after the alias, not after the value it stands for.
        if let Some(frame) = self.frames.last_mut() {
            frame.end = frame.end.max(at.end);
        }
    }

    fn over_limit(&mut self, span: Span, detail: String) -> Node {
        if !self.problems.iter().any(|p| p.code == Code::Limit && p.detail == detail) {
            self.problem(Code::Limit, span, detail);
        }
        Node {
            value: Value::unknown(Unknown::new(Reason::Limit, WaitsFor::Nothing), span),
            count: 1,
            height: 1,
            merge: false,
        }
    }

    /// Hands a complete value to the collection that waits for it.
    fn complete(&mut self, node: Node, anchor: usize) {
        self.made += 1;
        if anchor != 0 {
            self.anchors.insert(anchor, Some(node.clone()));
        }
        let end = self.last_end;
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node.value);
            return;
        };
        frame.end = frame.end.max(end);
        frame.count += node.count;
        frame.height = frame.height.max(node.height + 1);
        let map = match &mut frame.items {
            Items::List(items) => {
                items.push(node.value);
                return;
            }
            Items::Map(map) => map,
        };
        match map.key.take() {
            None => {
                let key = match scalar::key(&node.value.kind) {
                    _ if node.merge => Key::Merge(node.value.span),
                    Some(text) => Key::Named(text, node.value.span),
                    None => Key::Refused,
                };
                let refused = matches!(key, Key::Refused);
                map.key = Some(key);
                if refused && !frame.template {
                    self.refuse_key(&node.value);
                }
            }
            Some(Key::Named(key, key_span)) => map.entries.push(Entry::new(key, key_span, node.value)),
            Some(Key::Refused) => {}
            Some(Key::Merge(span)) => {
                if !merge(map, &node.value) {
                    self.problem(Code::Syntax, span, "a merge key takes a map or a list of maps");
                }
            }
        }
    }

    fn refuse_key(&mut self, key: &Value) {
        if matches!(&key.kind, Kind::Unknown(_)) {
            return;
        }
        let detail = match key.kind {
            Kind::Null => "a key is missing: JSON, which the API speaks, has no null as a key".to_owned(),
            _ => format!("a {} cannot be a key", key.type_name()),
        };
        self.problem(Code::Syntax, key.span, detail);
    }

    fn duplicates(&mut self, map: &MapItems) {
        let mut found: Vec<(usize, usize)> = Vec::new();
        place::repeats(&map.entries, |first, again| found.push((first, again)));
        for (first, again) in found {
            if map.merged.contains(&first) || map.merged.contains(&again) {
                continue;
            }
            if let (Some(first), Some(again)) = (map.entries.get(first), map.entries.get(again)) {
                let detail = format!("key `{}` is given twice; the last one counts", place::short(&again.key));
                let problem = Problem::new(Code::DuplicateKey, again.key_span, detail)
                    .related(first.key_span, "first given here");
                self.problems.push(problem);
            }
        }
    }
}

/// Merges as Kubernetes' library does: what stands later wins, be it the merge or the key.
fn merge(map: &mut MapItems, value: &Value) -> bool {
    let mut take = |source: &Value| {
        for entry in source.entries() {
            let mut entry = entry.clone();
            if let Some(step) = source.origin.steps().next() {
                let name = step.name.clone().unwrap_or_default();
                entry.value.origin = entry.value.origin.then_named(step.kind, step.span, name);
            }
            map.merged.push(map.entries.len());
            map.entries.push(entry);
        }
    };
    match &value.kind {
        Kind::Map(_) => take(value),
        Kind::List(list) if list.iter().all(|item| item.as_map().is_some()) => {
            // The first map of the list wins, so it comes last.
            list.iter().rev().for_each(take);
        }
        Kind::Unknown(_) => {}
        _ => return false,
    }
    true
}

fn failed(span: Span) -> Node {
    Node {
        value: Value::unknown(Unknown::new(Reason::Error, WaitsFor::Nothing), span),
        count: 1,
        height: 1,
        merge: false,
    }
}
