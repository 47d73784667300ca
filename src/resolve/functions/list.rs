//! Lists as sets, and how they are made.

use std::collections::HashMap;

use super::call::{Call, Outcome, Stop, unknown_of, unknown_within};
use super::{compare, limits, object};
use crate::tree::{Kind, Value};

pub fn create_array(call: &Call<'_>) -> Outcome {
    if call.args.len() > limits::ITEMS {
        return Err(call.limit("makes a list of too many items"));
    }
    // A list that is written out as such: no value took part that is not an item of it.
    Ok(Value::list(call.args.to_vec(), call.site))
}

/// `array(value)`: a list as it is, anything else as the one item of a list.
pub fn array(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    match &value.kind {
        Kind::List(_) => Ok(value.clone()),
        Kind::Unknown(unknown) => Err(Stop::Unknown(unknown.clone())),
        _ => call.items(vec![value.clone()]),
    }
}

/// Values seen so far. Whether one is equal to another that is partly unknown stays open, so those are all kept.
#[derive(Default)]
struct Seen<'v>(HashMap<u128, Vec<&'v Value>>);

impl<'v> Seen<'v> {
    /// Whether the value was not there yet.
    fn add(&mut self, value: &'v Value) -> bool {
        let bucket = self.0.entry(value.content_hash()).or_default();
        if bucket.iter().any(|other| compare::equal(other, value) == Some(true)) {
            return false;
        }
        bucket.push(value);
        true
    }
}

pub fn distinct(call: &Call<'_>) -> Outcome {
    let mut seen = Seen::default();
    call.items(call.list(0)?.iter().filter(|v| seen.add(v)).cloned().collect())
}

/// `union`: of lists the items without repeats, of objects the keys of all, nested objects merged, the last value
/// counting.
pub fn union(call: &Call<'_>) -> Outcome {
    match kinds(call)? {
        Kinds::Maps => object::union(call),
        Kinds::Lists => {
            let mut seen = Seen::default();
            let mut items = Vec::new();
            for value in call.args {
                items.extend(value.items().iter().filter(|v| seen.add(v)).cloned());
            }
            call.items(items)
        }
    }
}

/// `intersection`: of lists the items that stand in all, of objects the keys that have equal values in all.
pub fn intersection(call: &Call<'_>) -> Outcome {
    let lists = match kinds(call)? {
        Kinds::Maps => return object::intersection(call),
        Kinds::Lists => call.args,
    };
    let (Some(first), rest) = (lists.first(), lists.get(1..).unwrap_or_default()) else {
        return call.items(Vec::new());
    };
    let sets: Vec<Members<'_>> = rest.iter().map(|list| Members::of(list.items())).collect();
    let mut seen = Seen::default();
    let mut items = Vec::new();
    for item in first.items().iter().filter(|v| seen.add(v)) {
        let mut everywhere = Some(true);
        for set in &sets {
            match set.has(item) {
                Some(true) => {}
                Some(false) => {
                    everywhere = Some(false);
                    break;
                }
                None => everywhere = None,
            }
        }
        match everywhere {
            Some(true) => items.push(item.clone()),
            Some(false) => {}
            None => {
                return Err(unknown_within(item)
                    .or_else(|| rest.iter().find_map(unknown_within))
                    .unwrap_or_else(|| call.limit("meets values that are too deep")));
            }
        }
    }
    call.items(items)
}

/// The items of a list, known ones by their hash.
struct Members<'v> {
    known: HashMap<u128, Vec<&'v Value>>,
    open: Vec<&'v Value>,
}

impl<'v> Members<'v> {
    fn of(items: &'v [Value]) -> Self {
        let mut members = Self { known: HashMap::new(), open: Vec::new() };
        for item in items {
            if item.has_unknown() {
                members.open.push(item);
            } else {
                members.known.entry(item.content_hash()).or_default().push(item);
            }
        }
        members
    }

    fn has(&self, value: &Value) -> Option<bool> {
        if value.has_unknown() {
            return self.known.is_empty().then_some(false).filter(|_| self.open.is_empty());
        }
        let found = self
            .known
            .get(&value.content_hash())
            .is_some_and(|same| same.iter().any(|v| compare::equal(v, value) == Some(true)));
        if found {
            return Some(true);
        }
        self.open.iter().all(|v| compare::equal(v, value) == Some(false)).then_some(false)
    }
}

enum Kinds {
    Lists,
    Maps,
}

/// Whether the arguments are all lists or all objects.
fn kinds(call: &Call<'_>) -> Result<Kinds, Stop> {
    if let Some(stop) = call.args.iter().find_map(unknown_of) {
        return Err(stop);
    }
    if call.args.iter().all(|v| v.as_list().is_some()) {
        Ok(Kinds::Lists)
    } else if call.args.iter().all(|v| v.as_map().is_some()) {
        Ok(Kinds::Maps)
    } else {
        let odd = call.args.iter().find(|v| v.as_list().is_none()).unwrap_or_else(|| call.arg(0));
        Err(call.mismatch(odd, "lists only or objects only"))
    }
}
