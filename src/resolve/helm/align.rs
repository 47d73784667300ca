//! Lays the output of a render with marks beside the true one: which document, item and key is which. Where the two have
//! another shape, what does not fit is left out and the rest is still compared.

use std::collections::HashMap;

use super::lines::without_lines;
use super::marks;
use super::output::Output;
use crate::tree::{Text, Value};

/// The documents of a render, to be found by those of another.
#[derive(Debug)]
pub(super) struct Documents<'o> {
    found: HashMap<(Text, String, String, usize), &'o Value>,
}

impl<'o> Documents<'o> {
    pub fn of(output: &'o Output) -> Self {
        let mut numbers = Numbers::default();
        let key = |d: &'o super::output::Document| (numbers.next(&d.template, &d.root), &d.root);
        Self { found: output.documents.iter().map(key).collect() }
    }

    pub fn get(&self, key: &(Text, String, String, usize)) -> Option<&'o Value> {
        self.found.get(key).copied()
    }
}

/// Tells documents apart: by template, kind and name, and by their order.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    seen: HashMap<(Text, String, String), usize>,
}

impl Numbers {
    pub fn next(&mut self, template: &Text, root: &Value) -> (Text, String, String, usize) {
        let kind = plain(root.get("kind"));
        let name = plain(root.get("metadata").and_then(|m| m.get("name")));
        let seen = self.seen.entry((template.clone(), kind.clone(), name.clone())).or_default();
        let number = *seen;
        *seen += 1;
        (template.clone(), kind, name, number)
    }
}

fn plain(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).map(|text| marks::stripped(&without_lines(text)).0).unwrap_or_default()
}

/// What stands below a key in the other render.
pub(super) fn below<'v>(other: Option<&'v Value>, key: &str) -> Option<&'v Value> {
    let map = other?.as_map()?;
    map.get(key).or_else(|| map.iter().find(|e| marks::stripped(&e.key).0 == key).map(|e| &e.value))
}

/// The map of the values that a map of the other render is a copy of, as the key says that was put into it.
pub(super) fn copied(other: Option<&Value>) -> Option<usize> {
    other?.entries().iter().find_map(|e| marks::of_key(&e.key))
}

/// The items of the other render for those of a list.
pub(super) fn items<'v>(list: &[Value], other: Option<&'v Value>) -> Vec<Option<&'v Value>> {
    let theirs: Vec<&Value> =
        other.map(Value::items).unwrap_or_default().iter().filter(|item| !holds_key(item, 0)).collect();
    if theirs.len() == list.len() {
        return theirs.into_iter().map(Some).collect();
    }
    let name = |item: &Value| plain(item.get("name"));
    let find = |item: &Value| {
        let wanted = name(item);
        let mut same = theirs.iter().filter(|t| name(t) == wanted);
        let first = same.next().copied().filter(|_| !wanted.is_empty())?;
        same.next().is_none().then_some(first)
    };
    list.iter().map(find).collect()
}

/// Whether an item was made from a key that was put into a map, which a template went over.
fn holds_key(item: &Value, depth: usize) -> bool {
    if depth > 16 {
        return false;
    }
    // Lists within lose their own items.
    item.as_str().is_some_and(marks::has_key)
        || item.entries().iter().any(|e| marks::of_key(&e.key).is_none() && holds_key(&e.value, depth + 1))
}
