//! Maps, lists, strings and loops.

use std::sync::Arc;

use super::super::{Element, For, Loop, Over, Piece, Property};
use super::frame::Local;
use super::{Env, Evaluator, Frame, inherit};
use crate::resolve::functions;
use crate::source::Span;
use crate::tree::{Entry, Kind, Text, Unknown, Value};

/// More turns than this make no template that Azure would take.
const MOST_TURNS: i64 = 10_000;

/// What a loop goes over.
pub(super) enum Turns {
    /// These elements.
    Items(Value),
    /// So many.
    Count(i64, Value),
    /// Nobody knows; the value says why.
    Unknown(Value),
    /// It failed.
    Failed,
}

impl Turns {
    /// How many, where that is known.
    pub fn len(&self) -> usize {
        match self {
            Self::Items(list) => list.items().len(),
            Self::Count(n, _) => usize::try_from(*n).unwrap_or(0),
            Self::Unknown(_) => 1,
            Self::Failed => 0,
        }
    }

    /// Why nobody knows how many.
    pub fn unknown(&self) -> Option<Arc<Unknown>> {
        match self {
            Self::Unknown(why) => super::first_unknown(why),
            _ => None,
        }
    }

    /// The element of a turn.
    pub fn item(&self, turn: usize) -> Option<Value> {
        match self {
            Self::Items(list) => list.items().get(turn).map(|v| inherit(v, &list.origin)),
            Self::Unknown(why) => Some(why.clone()),
            _ => None,
        }
    }

    /// The counter of a turn.
    pub fn index(&self, turn: usize, site: Span) -> Value {
        let index = Value::int(i64::try_from(turn).unwrap_or(i64::MAX), site);
        match self {
            Self::Unknown(why) => why.clone(),
            _ => index,
        }
    }
}

impl Evaluator {
    pub(super) fn object(&self, f: &Frame, env: Env<'_>, properties: &[Property], site: Span) -> Value {
        let mut entries = Vec::with_capacity(properties.len());
        for property in properties {
            match property {
                Property::Fixed { key, key_span, value } => {
                    let value = self.eval(f, env, value);
                    entries.push(Entry::new(key.clone(), *key_span, value));
                }
                Property::Computed { key, value } => {
                    let key = self.eval(f, env, key);
                    let value = self.eval(f, env, value);
                    match &key.kind {
                        Kind::String(text) => {
                            entries.push(Entry::new(text.clone(), key.span, value));
                        }
                        // Which key it is decides what the map is.
                        _ => return self.unknown_or_fail(&key, site, "a key must be a string"),
                    }
                }
                Property::Spread(e) => {
                    let spread = self.eval(f, env, e);
                    match &spread.kind {
                        Kind::Map(map) => {
                            entries.extend(map.iter().map(|entry| {
                                let value = inherit(&entry.value, &spread.origin);
                                Entry::new(entry.key.clone(), entry.key_span, value)
                            }));
                        }
                        Kind::Null => {}
                        _ => {
                            return self.unknown_or_fail(&spread, e.span, "only an object can be spread here");
                        }
                    }
                }
            }
        }
        Value::map(entries, site)
    }

    pub(super) fn array(&self, f: &Frame, env: Env<'_>, elements: &[Element], site: Span) -> Value {
        let mut items = Vec::with_capacity(elements.len());
        for element in elements {
            match element {
                Element::Item(e) => items.push(self.eval(f, env, e)),
                Element::Spread(e) => {
                    let spread = self.eval(f, env, e);
                    match &spread.kind {
                        Kind::List(list) => {
                            items.extend(list.iter().map(|v| inherit(v, &spread.origin)));
                        }
                        Kind::Null => {}
                        _ => {
                            return self.unknown_or_fail(&spread, e.span, "only a list can be spread here");
                        }
                    }
                }
            }
        }
        Value::list(items, site)
    }

    pub(super) fn interpolation(&self, f: &Frame, env: Env<'_>, pieces: &[Piece], site: Span) -> Value {
        let pieces: Vec<Value> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Value::string(text.clone(), site),
                Piece::Expr(e) => self.eval(f, env, e),
            })
            .collect();
        match functions::interpolate(&pieces, site, &f.context) {
            Ok(value) => value,
            Err(failure) => self.failure(&failure, &pieces, site),
        }
    }

    /// A loop that makes a list. Of an unknown length, the list is unknown: what asks for its length must not be told
    /// a wrong one.
    pub(super) fn list_loop(&self, f: &Frame, env: Env<'_>, each: &For, site: Span) -> Value {
        let turns = self.turns(f, env, &each.over);
        let way = match &turns {
            Turns::Failed => return super::failed(site),
            Turns::Unknown(why) => return self.unknown_or_fail(why, site, "a loop needs a list"),
            Turns::Items(list) => functions::composed(std::slice::from_ref(list), site),
            Turns::Count(_, count) => functions::composed(std::slice::from_ref(count), site),
        };
        let mut items = Vec::with_capacity(turns.len());
        for turn in 0..turns.len() {
            let item = turns.item(turn);
            let index = turns.index(turn, each.over.span);
            let value = turn_env(&each.over, env, item, index, &mut |env| {
                let keep = each.filter.as_ref().is_none_or(|filter| {
                    // A filter that is not known keeps its element: it may be there.
                    self.holds(f, env, filter).0 != Ok(false)
                });
                keep.then(|| self.eval(f, env, &each.body))
            });
            items.extend(value);
        }
        Value::list(items, site).with_origin(way)
    }

    /// What a loop goes over.
    pub(super) fn turns(&self, f: &Frame, env: Env<'_>, over: &Loop) -> Turns {
        match &over.over {
            Over::Items(e) => {
                let list = self.eval(f, env, e);
                match &list.kind {
                    Kind::List(_) => Turns::Items(list),
                    Kind::Unknown(_) => Turns::Unknown(list),
                    _ => {
                        self.unknown_or_fail(&list, e.span, "a loop needs a list");
                        Turns::Failed
                    }
                }
            }
            Over::Count(e) => {
                let count = self.eval(f, env, e);
                match count.as_i64() {
                    Some(n) if n > MOST_TURNS => {
                        let detail = format!("a loop of {n} turns is longer than {MOST_TURNS}");
                        self.reports.limit(over.span, detail);
                        Turns::Failed
                    }
                    Some(n) if n >= 0 => Turns::Count(n, count),
                    Some(n) => {
                        self.fail(e.span, format!("a loop cannot have {n} turns"), &[&count]);
                        Turns::Failed
                    }
                    None if count.as_unknown().is_some() => Turns::Unknown(count),
                    None => {
                        self.unknown_or_fail(&count, e.span, "a loop's count must be a number");
                        Turns::Failed
                    }
                }
            }
        }
    }

    /// The variables of a turn, for what outlives the loop's expression.
    pub(super) fn turn_locals(
        &self,
        over: &Loop,
        turns: &Turns,
        turn: usize,
        outer: &[(Text, Value)],
    ) -> Vec<(Text, Value)> {
        let mut locals = outer.to_vec();
        if let (Some(name), Some(item)) = (&over.item, turns.item(turn)) {
            locals.push((name.clone(), item));
        }
        for name in &over.index {
            locals.push((name.clone(), turns.index(turn, over.span)));
        }
        locals
    }
}

/// Runs something under the variables of a turn.
fn turn_env<R>(over: &Loop, env: Env<'_>, item: Option<Value>, index: Value, run: &mut dyn FnMut(Env<'_>) -> R) -> R {
    let mut names: Vec<(&str, Value)> = Vec::with_capacity(2);
    if let (Some(name), Some(item)) = (&over.item, item) {
        names.push((name, item));
    }
    names.extend(over.index.iter().map(|n| (n.as_str(), index.clone())));
    with_locals(env, &names, run)
}

/// Runs something under more variables.
pub(super) fn with_locals<R>(env: Env<'_>, names: &[(&str, Value)], run: &mut dyn FnMut(Env<'_>) -> R) -> R {
    match names.split_first() {
        None => run(env),
        Some(((name, value), rest)) => {
            let local = Local { name, value: value.clone(), outer: env.inner };
            let env = Env { inner: Some(&local), outer: env.outer };
            with_locals(env, rest, run)
        }
    }
}
