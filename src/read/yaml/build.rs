//! Builds the tree of one document from what the reader finds, one value after the other.

use std::collections::HashMap;

use super::parser::Leaf;
use super::props::Props;
use super::scalar::{self, Typing};
use super::tag::Tag;
use super::{parser, place};
use crate::read::DEPTH_LIMIT;
use crate::source::{Code, Problem, SourceId, Span};
use crate::tree::{Entry, Kind, Number, Reason, StepKind, Style, Text, Unknown, Value, WaitsFor};

/// How many values one file may gain by aliases. More is an alias bomb: nobody writes such a file by hand.
const ALIAS_LIMIT: usize = 400_000;

/// A value that is complete, with what limits need to know of it.
#[derive(Clone)]
struct Node {
    value: Value,
    /// Values in it, itself included, aliases counted as often as they are used.
    count: usize,
    /// Levels in it: 1 for a scalar.
    height: usize,
}

/// A collection that is not yet complete. Its items wait on the builder's stacks, from `base` on.
struct Open<'s> {
    is_map: bool,
    base: usize,
    start: usize,
    end: usize,
    anchor: Option<&'s str>,
    count: usize,
    height: usize,
    key: Option<Key>,
    /// Positions among its entries that a merge key brought.
    merged: Vec<usize>,
}

/// A key that waits for its value.
enum Key {
    Named(Text, Span),
    Merge(Span),
    /// No string; said already.
    Refused,
}

/// Builds the value of one document at a time.
pub(super) struct Builder<'s> {
    text: &'s str,
    source: SourceId,
    typing: Typing,
    open: Vec<Open<'s>>,
    values: Vec<Value>,
    entries: Vec<Entry>,
    anchors: HashMap<&'s str, Option<Node>>,
    root: Option<Value>,
    /// Where the last value or key ended.
    last_end: usize,
    /// Values that aliases brought, in all documents.
    expanded: usize,
    /// A limit on aliases was reached in this document, and said.
    over: bool,
    /// All values that were made, in all documents.
    pub(super) made: usize,
    pub(super) problems: Vec<Problem>,
}

impl<'s> Builder<'s> {
    pub(super) fn new(text: &'s str, source: SourceId, typing: Typing) -> Self {
        Self {
            text,
            source,
            typing,
            open: Vec::new(),
            values: Vec::new(),
            entries: Vec::new(),
            anchors: HashMap::new(),
            root: None,
            last_end: 0,
            expanded: 0,
            over: false,
            made: 0,
            problems: Vec::new(),
        }
    }

    /// Begins a document; what was not finished of the one before is dropped.
    pub(super) fn begin(&mut self) {
        self.open.clear();
        self.values.clear();
        self.entries.clear();
        self.anchors.clear();
        self.root = None;
        self.over = false;
    }

    /// The document's value, if it has content.
    pub(super) fn finish(&mut self) -> Option<Value> {
        self.root.take()
    }

    /// Where the last value or key ended.
    pub(super) fn last_end(&self) -> usize {
        self.last_end
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    fn problem(&mut self, code: Code, span: Span, detail: impl Into<String>) {
        self.problems.push(Problem::new(code, span, detail));
    }

    pub(super) fn open_list(&mut self, start: usize, props: Props<'s>) {
        let base = self.values.len();
        self.begin_collection(false, base, start, props);
    }

    pub(super) fn open_map(&mut self, start: usize, props: Props<'s>) {
        let base = self.entries.len();
        self.begin_collection(true, base, start, props);
    }

    fn begin_collection(&mut self, is_map: bool, base: usize, start: usize, props: Props<'s>) {
        if let Some(anchor) = props.anchor {
            // An alias inside of it would make it contain itself.
            self.anchors.insert(anchor, None);
        }
        self.last_end = start;
        self.open.push(Open {
            is_map,
            base,
            start,
            end: start,
            anchor: props.anchor,
            count: 1,
            height: 1,
            key: None,
            merged: Vec::new(),
        });
    }

    /// Ends the innermost collection: at its bracket, or where its last value ends.
    pub(super) fn close(&mut self, bracket: Option<usize>) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let end = bracket.unwrap_or(open.end);
        let span = self.span(open.start, end);
        self.last_end = end;
        let value = if open.is_map {
            let base = open.base.min(self.entries.len());
            let entries = self.entries.split_off(base);
            if self.duplicates(&entries, &open.merged) {
                Value::map(entries, span)
            } else {
                Value::map_of_unique(entries, span)
            }
        } else {
            let base = open.base.min(self.values.len());
            Value::list(self.values.split_off(base), span)
        };
        self.complete(value, open.count, open.height, open.anchor);
    }

    /// Takes a value without values in it.
    pub(super) fn leaf(&mut self, leaf: Leaf<'s>, props: Props<'s>) {
        match leaf {
            Leaf::Scalar(scalar) => self.scalar(scalar, props),
            Leaf::Alias { name, start, end } => self.alias(name, start, end),
            Leaf::Template { start, end } => self.template(start, end, props),
        }
    }

    /// Takes a value that is not there.
    pub(super) fn empty(&mut self, at: usize, props: Props<'s>) {
        let at = at.max(props.end);
        self.scalar(parser::Scalar { text: "".into(), style: Style::Plain, start: at, end: at }, props);
    }

    fn expects_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.is_map && open.key.is_none())
    }

    fn scalar(&mut self, scalar: parser::Scalar<'s>, props: Props<'s>) {
        let parser::Scalar { text, style, start, end } = scalar;
        let span = self.span(start, end);
        self.last_end = end;
        let is_key = self.expects_key();
        if is_key && text == "<<" && (props.tag == Some(Tag::Merge) || props.tag.is_none() && style == Style::Plain) {
            self.take_key(Key::Merge(span), end);
            return;
        }
        let kind = match props.tag {
            None if style == Style::Plain => scalar::plain(&text, self.typing),
            None => Kind::String(Text::from(text)),
            Some(tag) => tag.scalar(&text, self.typing).unwrap_or_else(|detail| {
                self.problem(Code::Syntax, span, detail);
                Kind::String(Text::from(text))
            }),
        };
        if is_key
            && props.anchor.is_none()
            && let Kind::String(text) = kind
        {
            // Nearly all keys end here, without a value of their own.
            self.take_key(Key::Named(text, span), end);
            return;
        }
        if let Kind::Number(Number::Float(f)) = kind
            && !f.is_finite()
            && !is_key
        {
            let detail = format!("`{}` has no form in JSON, which the API speaks", self.shown(span));
            self.problem(Code::Syntax, span, detail);
        }
        let mut value = Value::new(kind, span);
        value.style = style;
        self.complete(value, 1, 1, props.anchor);
    }

    fn shown(&self, span: Span) -> &'s str {
        place::short(self.text.get(span.range()).unwrap_or_default())
    }

    /// Delimiters of a template where a value or key is to stand.
    fn template(&mut self, start: usize, end: usize, props: Props<'s>) {
        let span = self.span(start, end);
        self.last_end = end;
        let shown = self.shown(span);
        self.problem(Code::UnrenderedTemplate, span, format!("the template `{shown}` was not rendered"));
        if self.expects_key() {
            self.take_key(Key::Named(Text::from(shown), span), end);
            return;
        }
        let unknown = Unknown::new(Reason::Unrendered, WaitsFor::Text(Text::from(shown)));
        self.complete(Value::unknown(unknown, span), 1, 1, props.anchor);
    }

    fn alias(&mut self, name: &'s str, start: usize, end: usize) {
        let span = self.span(start, end);
        self.last_end = end;
        match self.anchors.get(name).cloned() {
            Some(Some(mut node)) => {
                self.expanded = self.expanded.saturating_add(node.count);
                if self.expanded > ALIAS_LIMIT {
                    self.over_limit(span, format!("aliases expand to more than {ALIAS_LIMIT} values"));
                } else if self.open.len() + node.height > DEPTH_LIMIT {
                    self.over_limit(span, format!("aliases nest deeper than {DEPTH_LIMIT} levels"));
                } else {
                    node.value.origin = node.value.origin.then_named(StepKind::Use, span, name);
                    self.complete(node.value, node.count, node.height, None);
                }
            }
            Some(None) => {
                self.problem(Code::Syntax, span, format!("the value of anchor `&{name}` contains itself"));
                self.complete(Value::unknown(Unknown::new(Reason::Error, WaitsFor::Nothing), span), 1, 1, None);
            }
            None => {
                self.problem(Code::Syntax, span, format!("no anchor `&{name}` stands before this alias"));
                self.complete(Value::unknown(Unknown::new(Reason::Error, WaitsFor::Nothing), span), 1, 1, None);
            }
        }
    }

    fn over_limit(&mut self, span: Span, detail: String) {
        if !self.over {
            self.over = true;
            self.problem(Code::Limit, span, detail);
        }
        self.complete(Value::unknown(Unknown::new(Reason::Limit, WaitsFor::Nothing), span), 1, 1, None);
    }

    fn take_key(&mut self, key: Key, end: usize) {
        if let Some(open) = self.open.last_mut() {
            open.key = Some(key);
            open.end = open.end.max(end);
        }
    }

    /// Hands a complete value to the collection that waits for it.
    fn complete(&mut self, value: Value, count: usize, height: usize, anchor: Option<&'s str>) {
        self.made += 1;
        if let Some(anchor) = anchor {
            let node = Node { value: value.clone(), count, height };
            self.anchors.insert(anchor, Some(node));
        }
        let end = self.last_end;
        let Some(open) = self.open.last_mut() else {
            self.root = Some(value);
            return;
        };
        open.end = open.end.max(end);
        open.count = open.count.saturating_add(count);
        open.height = open.height.max(height + 1);
        if !open.is_map {
            self.values.push(value);
            return;
        }
        match open.key.take() {
            Some(Key::Named(key, span)) => self.entries.push(Entry::new(key, span, value)),
            Some(Key::Refused) => {}
            Some(Key::Merge(span)) => self.merge(&value, span),
            None => match scalar::key(&value.kind) {
                Some(text) => open.key = Some(Key::Named(text, value.span)),
                None => {
                    open.key = Some(Key::Refused);
                    self.refuse_key(&value);
                }
            },
        }
    }

    fn refuse_key(&mut self, key: &Value) {
        let detail = match key.kind {
            // Said already.
            Kind::Unknown(_) => return,
            Kind::Null => "a key is missing: JSON, which the API speaks, has no null as a key".to_owned(),
            _ => format!("a {} cannot be a key", key.type_name()),
        };
        self.problem(Code::Syntax, key.span, detail);
    }

    /// Merges as Kubernetes' library does: what stands later wins, be it the merge or a key.
    fn merge(&mut self, value: &Value, key: Span) {
        match &value.kind {
            Kind::Map(_) => self.merge_one(value, value),
            Kind::List(list) if list.iter().all(|item| item.as_map().is_some() || item.as_unknown().is_some()) => {
                // The first map of the list wins, so it comes last.
                list.iter().rev().for_each(|item| self.merge_one(item, value));
            }
            // Said already.
            Kind::Unknown(_) => {}
            _ => self.problem(Code::Syntax, key, "a merge key takes a map or a list of maps"),
        }
    }

    /// Adds the entries of a map, each with the use of the alias that brought it.
    fn merge_one(&mut self, map: &Value, list: &Value) {
        let base = self.open.last().map_or(0, |open| open.base);
        for entry in map.entries() {
            let mut entry = entry.clone();
            for used in [map, list] {
                if let Some(step) = used.origin.steps().next() {
                    let name = step.name.clone().unwrap_or_default();
                    entry.value.origin = entry.value.origin.then_named(step.kind, step.span, name);
                    break;
                }
            }
            let position = self.entries.len() - base;
            self.entries.push(entry);
            if let Some(open) = self.open.last_mut() {
                open.merged.push(position);
            }
        }
    }

    /// Whether some key stands there twice. Says so, but for keys that a merge brought.
    fn duplicates(&mut self, entries: &[Entry], merged: &[usize]) -> bool {
        let mut any = false;
        let problems = &mut self.problems;
        place::repeats(entries, |first, again| {
            any = true;
            if merged.binary_search(&first).is_ok() || merged.binary_search(&again).is_ok() {
                return;
            }
            if let (Some(first), Some(again)) = (entries.get(first), entries.get(again)) {
                let detail = format!("key `{}` is given twice; the last one counts", place::short(&again.key));
                problems.push(
                    Problem::new(Code::DuplicateKey, again.key_span, detail)
                        .related(first.key_span, "first given here"),
                );
            }
        });
        any
    }
}
