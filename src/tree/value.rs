//! Values.

use std::sync::{Arc, OnceLock};

use super::{Entry, Map, Origin, Part, Text, Unknown};
use crate::source::Span;

/// A value with the place where it was written and the way it came.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// Where it was written: a scalar with its quotes, a block list or map from its first key or dash to the end of
    /// its last value, a flow one with its brackets. [`Span::NONE`] for what no file contains.
    pub span: Span,
    /// How a scalar was written. Says nothing of its type.
    pub style: Style,
    /// The way from that place to here; empty for a literal that is used where it stands.
    pub origin: Origin,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `null`, or a key without a value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string that is wholly known.
    String(Text),
    /// A list.
    List(Arc<List>),
    /// A map. Keys are strings and unique.
    Map(Arc<Map>),
    /// A string of known and unknown parts.
    Parts(Arc<[Part]>),
    /// Not known before deployment.
    Unknown(Arc<Unknown>),
}

/// How a scalar was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Style {
    /// Without quotes; also every value that no file contains.
    #[default]
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// A literal block, `|`.
    Literal,
    /// A folded block, `>`.
    Folded,
}

/// A number as Kubernetes and ARM hold it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// A whole number beyond `i64`.
    UInt(u64),
    /// Any other.
    Float(f64),
}

impl Number {
    /// The number as `i64`, also of a float without a fraction.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(n),
            Self::UInt(_) => None,
            Self::Float(f) => (f.fract() == 0.0 && f.abs() < 9e15).then_some(f as i64),
        }
    }

    /// The number as `f64`, rounded where it has to be.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(n) => n as f64,
            Self::UInt(n) => n as f64,
            Self::Float(f) => f,
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(n) => n.fmt(f),
            Self::UInt(n) => n.fmt(f),
            Self::Float(n) => n.fmt(f),
        }
    }
}

/// A shared list.
#[derive(Clone, Debug, Default)]
pub struct List {
    items: Vec<Value>,
    pub(super) hash: OnceLock<u128>,
}

impl std::ops::Deref for List {
    type Target = [Value];
    fn deref(&self) -> &[Value] {
        &self.items
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        Self { items, hash: OnceLock::new() }
    }
}

impl Value {
    /// A value at a place.
    #[must_use]
    pub fn new(kind: Kind, span: Span) -> Self {
        Self { kind, span, style: Style::Plain, origin: Origin::default() }
    }

    /// A null.
    #[must_use]
    pub fn null(span: Span) -> Self {
        Self::new(Kind::Null, span)
    }

    /// A string.
    pub fn string(text: impl Into<Text>, span: Span) -> Self {
        Self::new(Kind::String(text.into()), span)
    }

    /// A truth value.
    #[must_use]
    pub fn bool(value: bool, span: Span) -> Self {
        Self::new(Kind::Bool(value), span)
    }

    /// A whole number.
    #[must_use]
    pub fn int(value: i64, span: Span) -> Self {
        Self::new(Kind::Number(Number::Int(value)), span)
    }

    /// A list.
    #[must_use]
    pub fn list(items: Vec<Self>, span: Span) -> Self {
        Self::new(Kind::List(Arc::new(items.into())), span)
    }

    /// A map. Of keys that stand twice the last counts, in the first one's place.
    #[must_use]
    pub fn map(entries: Vec<Entry>, span: Span) -> Self {
        Self::new(Kind::Map(Arc::new(entries.into())), span)
    }

    /// A map of keys that are known to be unique; a reader that has looked for duplicates says so.
    #[must_use]
    pub fn map_of_unique(entries: Vec<Entry>, span: Span) -> Self {
        Self::new(Kind::Map(Arc::new(Map::of_unique(entries))), span)
    }

    /// A value that cannot be known.
    #[must_use]
    pub fn unknown(unknown: Unknown, span: Span) -> Self {
        Self::new(Kind::Unknown(Arc::new(unknown)), span)
    }

    /// The same value with another origin.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// The string, if it is wholly known.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(s) => Some(s),
            _ => None,
        }
    }

    /// The truth value.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// The whole number.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self.kind {
            Kind::Number(n) => n.as_i64(),
            _ => None,
        }
    }

    /// The items of a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(list) => Some(list),
            _ => None,
        }
    }

    /// The items of a list; nothing for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        self.as_list().unwrap_or_default()
    }

    /// The map.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The entries of a map; nothing for anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        self.as_map().map(|m| &**m).unwrap_or_default()
    }

    /// The items of a list, to be changed. A list that others share is copied first, its items stay shared.
    pub fn items_mut(&mut self) -> Option<&mut Vec<Self>> {
        match &mut self.kind {
            Kind::List(list) => {
                let list = Arc::make_mut(list);
                list.hash = OnceLock::new();
                Some(&mut list.items)
            }
            _ => None,
        }
    }

    /// The entries of a map, to be changed; keys must stay unique. A map that others share is copied first.
    pub fn entries_mut(&mut self) -> Option<&mut Vec<Entry>> {
        match &mut self.kind {
            Kind::Map(map) => Some(Arc::make_mut(map).entries_mut()),
            _ => None,
        }
    }

    /// The value below a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        self.entries_mut()?.iter_mut().find(|e| e.key == key).map(|e| &mut e.value)
    }

    /// The unknown, if all of the value is.
    #[must_use]
    pub fn as_unknown(&self) -> Option<&Arc<Unknown>> {
        match &self.kind {
            Kind::Unknown(u) => Some(u),
            _ => None,
        }
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// The value below a key (exact), of a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// The value below a key without regard to case, as Azure compares property names.
    #[must_use]
    pub fn get_ci(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get_ci(key)
    }

    /// Whether it, or anything in it, is unknown.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        match &self.kind {
            Kind::Unknown(_) | Kind::Parts(_) => true,
            Kind::List(list) => list.iter().any(Self::has_unknown),
            Kind::Map(map) => map.iter().any(|e| e.value.has_unknown()),
            _ => false,
        }
    }

    /// What the API calls its type, for messages.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "boolean",
            Kind::Number(_) => "number",
            Kind::String(_) | Kind::Parts(_) => "string",
            Kind::List(_) => "list",
            Kind::Map(_) => "map",
            Kind::Unknown(_) => "unknown",
        }
    }
}
