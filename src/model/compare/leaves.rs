//! Two trees, property by property: where they part. Equal subtrees are recognised by their hash and never walked.

use super::nature::holds_number;
use super::{Tokens, natural};
use crate::tree::{Kind, Path, Segment, Value};

/// A place at which two trees differ.
#[derive(Clone, Debug)]
pub struct Leaf<'v> {
    /// The path, in the first tree's indexes.
    pub path: Path,
    /// What the first tree has there.
    pub first: Option<&'v Value>,
    /// What the second tree has there.
    pub second: Option<&'v Value>,
}

/// Nesting beyond this is not looked at; readers stop long before.
const DEEPEST: usize = 256;

/// Where two values differ other than by their nature. Lists of maps with names are matched by name, lists of scalars as
/// sets.
#[must_use]
pub fn differing_leaves<'v>(
    first: &'v Value,
    of_first: &Tokens,
    second: &'v Value,
    of_second: &Tokens,
) -> Vec<Leaf<'v>> {
    leaves(first, of_first, second, of_second, false)
}

/// Where two values differ, by their nature too.
#[must_use]
pub fn every_differing_leaf<'v>(
    first: &'v Value,
    of_first: &Tokens,
    second: &'v Value,
    of_second: &Tokens,
) -> Vec<Leaf<'v>> {
    leaves(first, of_first, second, of_second, true)
}

fn leaves<'v>(
    first: &'v Value,
    of_first: &Tokens,
    second: &'v Value,
    of_second: &Tokens,
    exact: bool,
) -> Vec<Leaf<'v>> {
    let mut walk = Walk { of_first, of_second, exact, found: Vec::new(), path: Path::root() };
    walk.pair(first, second);
    walk.found
}

/// What a path leads through, the root first, as far as it is there.
#[must_use]
pub fn within<'v>(root: &'v Value, path: &Path) -> Vec<&'v Value> {
    let mut found = vec![root];
    for segment in &path.0 {
        let Some(last) = found.last() else { break };
        let next = match segment {
            Segment::Key(key) => last.get_ci(key),
            Segment::Index(index) => last.as_list().and_then(|l| l.get(*index)),
            Segment::Embedded(_) => None,
        };
        match next {
            Some(next) => found.push(next),
            None => break,
        }
    }
    found
}

struct Walk<'v, 't> {
    of_first: &'t Tokens,
    of_second: &'t Tokens,
    /// Whether what differs by its nature differs.
    exact: bool,
    found: Vec<Leaf<'v>>,
    path: Path,
}

impl<'v> Walk<'v, '_> {
    fn pair(&mut self, first: &'v Value, second: &'v Value) {
        if self.path.0.len() > DEEPEST || first.content_hash() == second.content_hash() {
            return;
        }
        match (&first.kind, &second.kind) {
            (Kind::Map(a), Kind::Map(b)) => {
                for entry in a.iter() {
                    self.below(Segment::Key(entry.key.clone()), Some(&entry.value), b.get_ci(&entry.key));
                }
                for entry in b.iter().filter(|e| a.get_ci(&e.key).is_none()) {
                    self.below(Segment::Key(entry.key.clone()), None, Some(&entry.value));
                }
            }
            (Kind::List(a), Kind::List(b)) if !self.same_set(a, b) => self.lists(a, b),
            (Kind::List(_), Kind::List(_)) => {}
            _ if self.equal(first, second) || self.are_numbers(first, second) => {}
            _ => self.found.push(Leaf { path: self.path.clone(), first: Some(first), second: Some(second) }),
        }
    }

    fn equal(&self, first: &Value, second: &Value) -> bool {
        if self.exact {
            first.content_hash() == second.content_hash()
        } else {
            natural(first, self.of_first, second, self.of_second)
        }
    }

    /// Both stamps' numbers, under a key that says so.
    fn are_numbers(&self, first: &Value, second: &Value) -> bool {
        let Some(Segment::Key(key)) = self.path.0.last() else { return false };
        let is_number = |v: &Value| v.as_str().is_some_and(|text| holds_number(key, text));
        !self.exact && is_number(first) && is_number(second)
    }

    fn below(&mut self, segment: Segment, first: Option<&'v Value>, second: Option<&'v Value>) {
        self.path.0.push(segment);
        match (first.filter(|v| !v.is_null()), second.filter(|v| !v.is_null())) {
            (Some(first), Some(second)) => self.pair(first, second),
            (None, None) => {}
            (first, second) => self.found.push(Leaf { path: self.path.clone(), first, second }),
        }
        self.path.0.pop();
    }

    /// The order of lists of scalars does not count.
    fn same_set(&self, a: &[Value], b: &[Value]) -> bool {
        let scalar = |v: &Value| !matches!(v.kind, Kind::List(_) | Kind::Map(_));
        a.len() == b.len()
            && a.iter().chain(b).all(scalar)
            && a.iter().all(|x| b.iter().any(|y| self.equal(x, y)))
            && b.iter().all(|y| a.iter().any(|x| self.equal(x, y)))
    }

    fn lists(&mut self, a: &'v [Value], b: &'v [Value]) {
        let name = |v: &'v Value, tokens: &Tokens| v.get_ci("name").and_then(Value::as_str).map(|n| tokens.take_out(n));
        let named =
            a.iter().all(|v| name(v, self.of_first).is_some()) && b.iter().all(|v| name(v, self.of_second).is_some());
        if !named {
            for i in 0..a.len().max(b.len()) {
                self.below(Segment::Index(i), a.get(i), b.get(i));
            }
            return;
        }
        for (i, item) in a.iter().enumerate() {
            let twin = b.iter().find(|other| name(other, self.of_second) == name(item, self.of_first));
            self.below(Segment::Index(i), Some(item), twin);
        }
        for (i, item) in b.iter().enumerate() {
            if !a.iter().any(|other| name(other, self.of_first) == name(item, self.of_second)) {
                self.below(Segment::Index(i), None, Some(item));
            }
        }
    }
}
