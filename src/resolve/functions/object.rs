//! Objects. Azure compares their keys without regard to case; the spelling that came first stays.

use super::call::{Call, Outcome, unknown_of, unknown_within};
use super::{compare, limits};
use crate::source::Span;
use crate::tree::{Entry, Kind, Map, Text, Value};

pub fn create_object(call: &Call<'_>) -> Outcome {
    if !call.args.len().is_multiple_of(2) {
        return Err(call.fail("wants a value for each key"));
    }
    if call.args.len() / 2 > limits::ITEMS {
        return Err(call.limit("makes an object of too many keys"));
    }
    let mut entries = Vec::with_capacity(call.args.len() / 2);
    for (i, pair) in call.args.chunks_exact(2).enumerate() {
        if let [key, value] = pair {
            entries.push(Entry::new(call.text(i * 2)?, key.span, value.clone()));
        }
    }
    let wanted = entries.len();
    let map = Map::from(entries);
    if map.len() < wanted {
        return Err(call.fail("has a key twice"));
    }
    // An object that is written out as such: no value took part that is not below one of its keys.
    Ok(Value::new(Kind::Map(map.into()), call.site))
}

/// `items(object)`: `{key, value}` for each key, sorted by key without regard to case.
pub fn items(call: &Call<'_>) -> Outcome {
    let mut entries: Vec<&Entry> = call.map(0)?.iter().collect();
    entries.sort_by_cached_key(|e| e.key.to_uppercase());
    let items = entries
        .into_iter()
        .map(|entry| {
            let pair = vec![
                Entry::new("key", Span::NONE, key_of(entry)),
                Entry::new("value", entry.key_span, entry.value.clone()),
            ];
            Value::map(pair, entry.key_span.to(entry.value.span))
        })
        .collect();
    call.items(items)
}

/// `objectKeys(object)`, in the order of the object: Azure promises none.
pub fn object_keys(call: &Call<'_>) -> Outcome {
    call.items(call.map(0)?.iter().map(key_of).collect())
}

fn key_of(entry: &Entry) -> Value {
    Value::string(entry.key.clone(), entry.key_span)
}

/// `shallowMerge(objects)`: of equal keys the last one counts.
pub fn shallow_merge(call: &Call<'_>) -> Outcome {
    let list = call.list(0)?;
    let mut merged = Merged::default();
    for value in list {
        let Some(map) = value.as_map() else {
            return Err(unknown_of(value).unwrap_or_else(|| {
                call.fail(format_args!("expects a list of objects, not of a {}", value.type_name()))
            }));
        };
        for entry in map.iter() {
            merged.put(entry, |_, new| new.clone());
        }
    }
    call.entries(merged.entries())
}

pub fn union(call: &Call<'_>) -> Outcome {
    let mut merged = Merged::default();
    for map in call.args.iter().filter_map(Value::as_map) {
        merged.lay(map, call, limits::DEPTH);
    }
    call.entries(merged.entries())
}

/// The keys whose values are equal in all objects.
pub fn intersection(call: &Call<'_>) -> Outcome {
    let maps: Vec<&Map> = call.args.iter().filter_map(Value::as_map).collect();
    let (Some(first), rest) = (maps.first(), maps.get(1..).unwrap_or_default()) else {
        return call.entries(Vec::new());
    };
    let mut entries = Vec::new();
    for entry in first.iter() {
        let mut same = Some(true);
        for map in rest {
            let equal = map.get(&entry.key).map_or(Some(false), |other| compare::equal(&entry.value, other));
            match equal {
                Some(true) => {}
                Some(false) => {
                    same = Some(false);
                    break;
                }
                None => same = None,
            }
        }
        match same {
            Some(true) => entries.push(entry.clone()),
            Some(false) => {}
            None => {
                return Err(call
                    .args
                    .iter()
                    .find_map(unknown_within)
                    .unwrap_or_else(|| call.limit("meets values that are too deep")));
            }
        }
    }
    call.entries(entries)
}

/// An object that others are laid over.
#[derive(Default)]
struct Merged(indexmap::IndexMap<Text, Entry>);

impl Merged {
    fn lay(&mut self, over: &Map, call: &Call<'_>, depth: usize) {
        for entry in over.iter() {
            self.put(entry, |old, new| merge(old, new, call, depth));
        }
    }

    fn put(&mut self, entry: &Entry, merge: impl FnOnce(&Value, &Value) -> Value) {
        match self.0.entry(entry.key.to_lowercase()) {
            indexmap::map::Entry::Vacant(free) => {
                free.insert(entry.clone());
            }
            indexmap::map::Entry::Occupied(mut taken) => {
                let old = taken.get_mut();
                old.value = merge(&old.value, &entry.value);
                old.key_span = entry.key_span;
            }
        }
    }

    fn entries(self) -> Vec<Entry> {
        self.0.into_values().collect()
    }
}

/// Nested objects are merged, everything else is replaced. An object that the merge leaves as it was stays itself.
fn merge(old: &Value, new: &Value, call: &Call<'_>, depth: usize) -> Value {
    match (&old.kind, &new.kind, depth.checked_sub(1)) {
        (Kind::Map(a), Kind::Map(b), Some(depth)) => {
            if b.is_empty() {
                return old.clone();
            }
            if a.is_empty() {
                return new.clone();
            }
            let mut merged = Merged::default();
            merged.lay(a, call, depth);
            merged.lay(b, call, depth);
            Value::map(merged.entries(), new.span).with_origin(super::composed(&[old.clone(), new.clone()], call.site))
        }
        // The unknown may be an object whose keys would stay.
        (Kind::Unknown(unknown), Kind::Map(_), _) => Value::new(Kind::Unknown(unknown.clone()), new.span)
            .with_origin(super::composed(&[old.clone(), new.clone()], call.site)),
        _ => new.clone(),
    }
}
