//! Small things that readers share: texts for messages, keys that stand twice.

use crate::tree::Entry;

/// The head of a text, for messages.
pub(in crate::read) fn short(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(60) {
        Some((end, _)) => line.get(..end).unwrap_or(line),
        None => line,
    }
}

/// Below this many keys comparing all is cheaper than a set.
const FEW: usize = 16;

/// Calls `found` with the positions of each key that was there before: its first place and this one.
pub(in crate::read) fn repeats(entries: &[Entry], mut found: impl FnMut(usize, usize)) {
    if entries.len() <= FEW {
        for (again, entry) in entries.iter().enumerate().skip(1) {
            let before = entries.iter().take(again);
            if let Some(first) = before.enumerate().find(|(_, e)| e.key == entry.key) {
                found(first.0, again);
            }
        }
        return;
    }
    let mut seen = std::collections::HashMap::with_capacity(entries.len());
    for (again, entry) in entries.iter().enumerate() {
        match seen.entry(entry.key.as_str()) {
            std::collections::hash_map::Entry::Occupied(first) => found(*first.get(), again),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(again);
            }
        }
    }
}
