//! Maps that keep the order of their source.

use std::sync::OnceLock;

use super::{Text, Value};
use crate::source::Span;

/// One key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Text,
    /// Where the key was written.
    pub key_span: Span,
    /// What stands below it.
    pub value: Value,
}

impl Entry {
    /// An entry.
    pub fn new(key: impl Into<Text>, key_span: Span, value: Value) -> Self {
        Self { key: key.into(), key_span, value }
    }
}

/// A shared map with unique keys, in the order of its source.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<Entry>,
    pub(super) hash: OnceLock<u128>,
}

impl std::ops::Deref for Map {
    type Target = [Entry];
    fn deref(&self) -> &[Entry] {
        &self.entries
    }
}

impl From<Vec<Entry>> for Map {
    fn from(entries: Vec<Entry>) -> Self {
        Self { entries: unique(entries), hash: OnceLock::new() }
    }
}

impl Map {
    /// A map of keys that are known to be unique.
    #[must_use]
    pub fn of_unique(entries: Vec<Entry>) -> Self {
        Self { entries, hash: OnceLock::new() }
    }

    /// The entries, to be changed. Keys must stay unique.
    pub(super) fn entries_mut(&mut self) -> &mut Vec<Entry> {
        self.hash = OnceLock::new();
        &mut self.entries
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|e| &e.value)
    }

    /// The entry of a key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.key == key)
    }

    /// The value of a key without regard to case; the exact key goes first.
    #[must_use]
    pub fn get_ci(&self, key: &str) -> Option<&Value> {
        self.entry_ci(key).map(|e| &e.value)
    }

    /// The entry of a key without regard to case; the exact key goes first.
    #[must_use]
    pub fn entry_ci(&self, key: &str) -> Option<&Entry> {
        self.entry(key).or_else(|| self.entries.iter().find(|e| e.key.eq_ignore_ascii_case(key)))
    }
}

/// Below this many keys a scan for duplicates is cheaper than a set.
const SMALL: usize = 24;

fn unique(mut entries: Vec<Entry>) -> Vec<Entry> {
    let repeats = if entries.len() <= SMALL {
        (1..entries.len()).any(|i| {
            let (before, rest) = entries.split_at(i);
            rest.first().is_some_and(|e| before.iter().any(|b| b.key == e.key))
        })
    } else {
        let mut seen = std::collections::HashSet::with_capacity(entries.len());
        !entries.iter().all(|e| seen.insert(e.key.as_str()))
    };
    if repeats {
        let mut kept: indexmap::IndexMap<Text, Entry> = indexmap::IndexMap::with_capacity(entries.len());
        for entry in entries {
            kept.insert(entry.key.clone(), entry);
        }
        entries = kept.into_values().collect();
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_equal_keys_counts() {
        let e = |k: &str, n| Entry::new(k, Span::NONE, Value::int(n, Span::NONE));
        let map = Map::from(vec![e("a", 1), e("b", 2), e("a", 3)]);
        assert_eq!(map.len(), 2);
        assert_eq!(map.get("a").and_then(Value::as_i64), Some(3));
        assert_eq!(map.get_ci("B").and_then(Value::as_i64), Some(2));
    }
}
