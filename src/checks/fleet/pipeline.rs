//! What pipelines among the files do, as far as a command's name tells it.

use crate::tree::{Kind, Value};

/// Nesting beyond this is not looked at; readers stop long before.
const DEEPEST: usize = 256;

/// Whether a step of a workflow holds one of these commands, whatever white space stands between its words.
pub fn runs_command(root: &Value, commands: &[&str]) -> bool {
    holds(root, &|text| {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        commands.iter().any(|c| words.contains(c))
    })
}

/// Whether a workflow has a scalar that `wanted` accepts.
pub fn holds(root: &Value, wanted: &dyn Fn(&str) -> bool) -> bool {
    below(root, wanted, DEEPEST)
}

fn below(value: &Value, wanted: &dyn Fn(&str) -> bool, depth: usize) -> bool {
    match &value.kind {
        Kind::String(text) => wanted(text),
        Kind::List(items) => depth > 0 && items.iter().any(|v| below(v, wanted, depth - 1)),
        Kind::Map(map) => depth > 0 && map.iter().any(|e| below(&e.value, wanted, depth - 1)),
        _ => false,
    }
}
