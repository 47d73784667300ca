//! Paths into a tree. Rules name places by path; spans are made from them late.

use super::{Entry, Text, Value};
use crate::source::Span;

/// One step down.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Segment {
    /// A key of a map.
    Key(Text),
    /// A zero-based index of a list.
    Index(usize),
    /// Into the text of a scalar that holds a document of its own, such as TOML in a `ConfigMap`.
    Embedded(&'static str),
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.into())
    }
}
impl From<&Text> for Segment {
    fn from(key: &Text) -> Self {
        Self::Key(key.clone())
    }
}
impl From<Text> for Segment {
    fn from(key: Text) -> Self {
        Self::Key(key)
    }
}
impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A path from the root of a resource.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Path(pub Vec<Segment>);

/// Builds a [`Path`]: `path!["spec", "containers", 0, "image"]`.
#[macro_export]
macro_rules! path {
    ($($segment:expr),* $(,)?) => { $crate::tree::Path(vec![$($crate::tree::Segment::from($segment)),*]) };
}

impl Path {
    /// The root.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// A path of keys, from text with dots: `"properties.networkProfile"`.
    #[must_use]
    pub fn dotted(text: &str) -> Self {
        Self(text.split('.').filter(|s| !s.is_empty()).map(Segment::from).collect())
    }

    /// One segment further.
    #[must_use]
    pub fn join(&self, segment: impl Into<Segment>) -> Self {
        let mut path = self.clone();
        path.0.push(segment.into());
        path
    }

    /// Several segments further.
    #[must_use]
    pub fn extend(&self, further: &Self) -> Self {
        let mut path = self.clone();
        path.0.extend(further.0.iter().cloned());
        path
    }

    /// The path without its last segment.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, before) = self.0.split_last()?;
        Some(Self(before.to_vec()))
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if i == 0 => write!(f, "{key}")?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Embedded(format) => write!(f, "<{format}>")?,
            }
        }
        Ok(())
    }
}

/// Which token of a path's place is meant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum Point {
    /// The value; for a list item that is a map, its first token.
    #[default]
    Value,
    /// The key.
    Key,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
pub struct Found<'v> {
    /// The deepest value that is there.
    pub value: &'v Value,
    /// The entry that holds it, when it is below a key.
    pub entry: Option<&'v Entry>,
    /// How many segments of the path are there.
    pub depth: usize,
}

impl Found<'_> {
    /// The key's span, when the value is below a key.
    #[must_use]
    pub fn key_span(&self) -> Option<Span> {
        self.entry.map(|e| e.key_span).filter(|s| !s.is_none())
    }
}

impl Value {
    /// Follows a path as far as it goes. Keys compare exactly, then without regard to case.
    #[must_use]
    pub fn follow(&self, path: &Path) -> Found<'_> {
        let mut found = Found { value: self, entry: None, depth: 0 };
        for segment in &path.0 {
            let next = match segment {
                Segment::Key(key) => found.value.as_map().and_then(|m| m.entry_ci(key)).map(|e| (&e.value, Some(e))),
                Segment::Index(index) => found.value.as_list().and_then(|l| l.get(*index)).map(|v| (v, None)),
                Segment::Embedded(_) => None,
            };
            let Some((value, entry)) = next else { break };
            found = Found { value, entry, depth: found.depth + 1 };
        }
        found
    }

    /// The value at a path, if all of it is there.
    #[must_use]
    pub fn at(&self, path: &Path) -> Option<&Self> {
        let found = self.follow(path);
        (found.depth == path.0.len()).then_some(found.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_as_far_as_it_goes() {
        let leaf = Value::string("x", Span::NONE);
        let list = Value::list(vec![Value::map(vec![Entry::new("image", Span::NONE, leaf)], Span::NONE)], Span::NONE);
        let root = Value::map(vec![Entry::new("containers", Span::NONE, list)], Span::NONE);
        assert_eq!(root.at(&path!["containers", 0, "image"]).and_then(Value::as_str), Some("x"));
        assert_eq!(root.follow(&path!["containers", 0, "name"]).depth, 2);
        assert_eq!(path!["containers", 0, "image"].to_string(), "containers[0].image");
    }
}
