//! Values that differ only by their nature have one hash: so hundreds of stamps fall into classes without being compared
//! pair by pair.

use xxhash_rust::xxh3::Xxh3;

use super::Tokens;
use super::nature::{essence, holds_number};
use crate::tree::{Kind, Value};

/// Nesting beyond this is not looked at; readers stop long before.
const DEEPEST: usize = 256;

/// Equal for values of two stamps that differ by their nature only, but for what is not known: that is taken as one value.
#[must_use]
pub fn natural_hash(value: &Value, tokens: &Tokens) -> u128 {
    of(value, tokens, DEEPEST)
}

fn of(value: &Value, tokens: &Tokens, depth: usize) -> u128 {
    let mut hasher = Xxh3::new();
    match &value.kind {
        Kind::Map(map) if depth > 0 => {
            let mut entries: Vec<(String, u128)> = map
                .iter()
                .filter(|e| !e.value.is_null())
                .map(|e| {
                    let number = e.value.as_str().is_some_and(|text| holds_number(&e.key, text));
                    (e.key.to_lowercase().into(), if number { 0 } else { of(&e.value, tokens, depth - 1) })
                })
                .collect();
            entries.sort_unstable();
            hasher.update(b"map");
            for (key, value) in entries {
                hasher.update(&(key.len() as u64).to_le_bytes());
                hasher.update(key.as_bytes());
                hasher.update(&value.to_le_bytes());
            }
        }
        Kind::List(list) if depth > 0 => {
            let mut items: Vec<u128> = list.iter().map(|v| of(v, tokens, depth - 1)).collect();
            // The order of lists of scalars does not count, and items with names are matched by them.
            let named = |v: &Value| v.get_ci("name").is_some();
            let scalar = |v: &Value| !matches!(v.kind, Kind::List(_) | Kind::Map(_));
            if list.iter().all(named) || list.iter().all(scalar) {
                items.sort_unstable();
            }
            hasher.update(b"list");
            items.iter().for_each(|item| hasher.update(&item.to_le_bytes()));
        }
        Kind::String(text) => {
            hasher.update(b"text");
            hasher.update(essence(text, tokens).as_bytes());
        }
        Kind::Parts(_) | Kind::Unknown(_) => hasher.update(b"unknown"),
        _ => hasher.update(&value.content_hash().to_le_bytes()),
    }
    hasher.digest128()
}
