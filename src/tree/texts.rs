//! The texts of a tree, with what they lie in: rules that look for words in values need no walk of their own.

use super::{Kind, Path, Segment, Value};

/// Nesting beyond this is not looked at; readers stop long before.
const DEEPEST: usize = 256;

/// A string of a tree, wholly known or known in parts.
#[derive(Clone, Copy, Debug)]
pub struct Leaf<'v, 'w> {
    /// Where it stands.
    pub path: &'w Path,
    /// The string.
    pub value: &'v Value,
    /// What it lies in, the root first: a leaf inside a parameter's object came the way of the object.
    pub within: &'w [&'v Value],
}

impl<'v> Leaf<'v, '_> {
    /// The nearest key above, in lower case; empty at the root.
    #[must_use]
    pub fn key(&self) -> String {
        let keys = self.path.0.iter().rev();
        keys.filter_map(|s| if let Segment::Key(key) = s { Some(key.to_lowercase().into()) } else { None })
            .next()
            .unwrap_or_default()
    }

    /// Whether a key on the way is one of these, without regard to case.
    #[must_use]
    pub fn is_below(&self, keys: &[&str]) -> bool {
        let is = |s: &Segment| matches!(s, Segment::Key(key) if keys.iter().any(|k| key.eq_ignore_ascii_case(k)));
        self.path.0.iter().any(is)
    }

    /// The map that the leaf or the list around it is a value of.
    #[must_use]
    pub fn map(&self) -> Option<&'v Value> {
        self.within.iter().rev().find(|v| v.as_map().is_some()).copied()
    }
}

impl Value {
    /// Shows every string, those that are known in parts included.
    pub fn each_text<'v>(&'v self, seen: &mut dyn FnMut(Leaf<'v, '_>)) {
        walk(self, &mut Path::root(), &mut Vec::new(), seen);
    }
}

fn walk<'v>(value: &'v Value, path: &mut Path, within: &mut Vec<&'v Value>, seen: &mut dyn FnMut(Leaf<'v, '_>)) {
    if path.0.len() > DEEPEST {
        return;
    }
    match &value.kind {
        Kind::String(_) | Kind::Parts(_) => seen(Leaf { path, value, within }),
        Kind::List(list) => {
            within.push(value);
            for (i, item) in list.iter().enumerate() {
                path.0.push(Segment::Index(i));
                walk(item, path, within, seen);
                path.0.pop();
            }
            within.pop();
        }
        Kind::Map(map) => {
            within.push(value);
            for entry in map.iter() {
                path.0.push(Segment::Key(entry.key.clone()));
                walk(&entry.value, path, within, seen);
                path.0.pop();
            }
            within.pop();
        }
        _ => {}
    }
}
