//! Values of the document model as the engine's values. Places and origins stay behind; what is not known is left
//! out and listed, so that a rule can say "not decided" where it would have to guess.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use regorus::Value;

use crate::tree::{self, Kind, Number, Path, Segment, Text};

/// A document as the engine sees it.
#[derive(Clone, Debug)]
pub struct Projection {
    /// The value: unknown leaves and partly known strings left out, unknown items of lists `null`.
    pub value: Value,
    /// Where something was left out.
    pub unknown: Vec<Path>,
}

/// Deeper values than this are left out as unknown. Readers refuse such documents; overlays could still compose one.
const DEEPEST: usize = 1024;

/// Projects a document.
#[must_use]
pub fn project(value: &tree::Value) -> Projection {
    let mut walk = Walk::default();
    let value = walk.value(value).unwrap_or(Value::Null);
    Projection { value, unknown: walk.unknown }
}

#[derive(Default)]
struct Walk {
    at: Vec<Segment>,
    unknown: Vec<Path>,
}

impl Walk {
    fn value(&mut self, value: &tree::Value) -> Option<Value> {
        Some(match &value.kind {
            Kind::Null => Value::Null,
            Kind::Bool(b) => Value::Bool(*b),
            Kind::Number(Number::Int(n)) => Value::from(*n),
            Kind::Number(Number::UInt(n)) => Value::from(*n),
            Kind::Number(Number::Float(n)) => Value::from(*n),
            Kind::String(text) => Value::from(text.as_str()),
            Kind::Parts(_) | Kind::Unknown(_) => return self.leave_out(),
            Kind::List(_) | Kind::Map(_) if self.at.len() >= DEEPEST => return self.leave_out(),
            Kind::List(list) => {
                let items = list
                    .iter()
                    .enumerate()
                    .map(|(index, item)| self.below(Segment::Index(index), item).unwrap_or(Value::Null));
                Value::from(items.collect::<Vec<_>>())
            }
            Kind::Map(map) => {
                let entries = map.iter().filter_map(|entry| {
                    let value = self.below(Segment::Key(entry.key.clone()), &entry.value)?;
                    Some((key(&entry.key), value))
                });
                Value::from(entries.collect::<BTreeMap<_, _>>())
            }
        })
    }

    fn below(&mut self, segment: Segment, value: &tree::Value) -> Option<Value> {
        self.at.push(segment);
        let projected = self.value(value);
        self.at.pop();
        projected
    }

    fn leave_out(&mut self) -> Option<Value> {
        self.unknown.push(Path(self.at.clone()));
        None
    }
}

/// How many keys a thread remembers. Kubernetes and Azure use a few hundred; labels and data keys come on top.
const KEYS: usize = 4096;

thread_local! {
    static INTERNED: RefCell<HashMap<Text, Value>> = RefCell::new(HashMap::new());
}

/// A key as a value. Keys repeat in every document, so that each thread holds one copy of each.
fn key(text: &Text) -> Value {
    INTERNED.with_borrow_mut(|held| {
        if let Some(known) = held.get(text) {
            return known.clone();
        }
        let value = Value::from(text.as_str());
        if held.len() < KEYS {
            held.insert(text.clone(), value.clone());
        }
        value
    })
}

/// The value with a text in the place of everything that is not known. A policy that says another thing of it than of
/// the value without those leaves hangs on them.
#[must_use]
pub fn guess(value: &tree::Value) -> tree::Value {
    guess_below(value, 0)
}

fn guess_below(value: &tree::Value, depth: usize) -> tree::Value {
    /// No registry, port, address or name is called like this.
    const GUESS: &str = "(not known)";
    match &value.kind {
        Kind::Parts(_) | Kind::Unknown(_) => tree::Value::string(GUESS, value.span),
        Kind::List(_) | Kind::Map(_) if depth >= DEEPEST || !value.has_unknown() => value.clone(),
        Kind::List(list) => {
            tree::Value::list(list.iter().map(|item| guess_below(item, depth + 1)).collect(), value.span)
        }
        Kind::Map(map) => {
            let entries = map
                .iter()
                .map(|entry| tree::Entry::new(entry.key.clone(), entry.key_span, guess_below(&entry.value, depth + 1)));
            tree::Value::map(entries.collect(), value.span)
        }
        _ => value.clone(),
    }
}

/// The engine's value as a value of the document model that stands in no file.
#[must_use]
pub fn unproject(value: &Value) -> tree::Value {
    use crate::source::Span;
    let none = Span::NONE;
    match value {
        Value::Bool(b) => tree::Value::bool(*b, none),
        Value::Number(_) => match (value.as_i64(), value.as_f64()) {
            (Ok(n), _) => tree::Value::int(n, none),
            (_, Ok(n)) => tree::Value::new(Kind::Number(Number::Float(n)), none),
            _ => tree::Value::null(none),
        },
        Value::String(text) => tree::Value::string(text.as_ref(), none),
        Value::Array(items) => tree::Value::list(items.iter().map(unproject).collect(), none),
        Value::Set(items) => tree::Value::list(items.iter().map(unproject).collect(), none),
        Value::Object(entries) => {
            let entries = entries.iter_sorted().map(|(key, value)| {
                let key = key.as_string().map_or_else(|_| key.to_string(), |k| k.to_string());
                tree::Entry::new(key.as_str(), none, unproject(value))
            });
            tree::Value::map(entries.collect(), none)
        }
        Value::Null | Value::Undefined => tree::Value::null(none),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::tree::{Entry, Part, Reason, Unknown, WaitsFor};

    fn unknown() -> Unknown {
        Unknown::new(Reason::Runtime, WaitsFor::Nothing)
    }

    #[test]
    fn unknown_leaves_are_left_out_and_listed() {
        let none = Span::NONE;
        let parts =
            tree::Value::new(Kind::Parts([Part::Text("a".into()), Part::Unknown(unknown().into())].into()), none);
        let list = tree::Value::list(
            vec![tree::Value::int(1, none), tree::Value::unknown(unknown(), none), parts.clone()],
            none,
        );
        let root = tree::Value::map(
            vec![
                Entry::new("list", none, list),
                Entry::new("gone", none, parts),
                Entry::new("big", none, tree::Value::new(Kind::Number(Number::UInt(u64::MAX)), none)),
                Entry::new("nan", none, tree::Value::new(Kind::Number(Number::Float(f64::NAN)), none)),
            ],
            none,
        );
        let projection = project(&root);
        assert_eq!(projection.value.to_string(), r#"{"big":18446744073709551615,"list":[1,null,null],"nan":null}"#);
        let paths: Vec<_> = projection.unknown.iter().map(ToString::to_string).collect();
        assert_eq!(paths, ["list[1]", "list[2]", "gone"]);
    }

    #[test]
    fn too_deep_is_unknown() {
        let mut value = tree::Value::int(1, Span::NONE);
        for _ in 0..2000 {
            value = tree::Value::list(vec![value], Span::NONE);
        }
        assert_eq!(project(&value).unknown.len(), 1);
        // Dropping it recurses in the tree's own type; the test is about the projection.
        std::mem::forget(value);
    }
}
