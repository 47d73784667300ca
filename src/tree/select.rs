//! Several values at once by a pattern of keys, for tables of "where such things stand".

use super::{Path, Segment, Value};

/// How keys compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Case {
    /// Exactly, as Kubernetes does.
    Exact,
    /// Without regard to case, as Azure does.
    Ignore,
}

impl Value {
    /// The values at a pattern of dotted keys, where `name[]` is each item of a list and `*` each value of a map;
    /// the empty pattern is the value itself. In the order of the text.
    #[must_use]
    pub fn select(&self, pattern: &str, case: Case) -> Vec<(Path, &Self)> {
        let mut found = Vec::new();
        self.visit(pattern, case, &mut Vec::new(), &mut found);
        found
    }

    /// Most patterns lead nowhere in most values, so that paths are made for what is found only.
    fn visit<'v>(&'v self, pattern: &str, case: Case, at: &mut Vec<Segment>, found: &mut Vec<(Path, &'v Self)>) {
        let (step, rest) = pattern.split_once('.').unwrap_or((pattern, ""));
        if step.is_empty() {
            match rest {
                "" => found.push((Path(at.clone()), self)),
                rest => self.visit(rest, case, at, found),
            }
            return;
        }
        let mut below = |segment: Segment, value: &'v Self, at: &mut Vec<Segment>| {
            at.push(segment);
            value.visit(rest, case, at, found);
            at.pop();
        };
        if step == "*" {
            for entry in self.entries() {
                below(Segment::Key(entry.key.clone()), &entry.value, at);
            }
            return;
        }
        let (key, is_list) = step.strip_suffix("[]").map_or((step, false), |list| (list, true));
        let Some(map) = self.as_map() else { return };
        let entry = match case {
            Case::Exact => map.entry(key),
            Case::Ignore => map.entry_ci(key),
        };
        let Some(entry) = entry else { return };
        if !is_list {
            return below(Segment::Key(entry.key.clone()), &entry.value, at);
        }
        at.push(Segment::Key(entry.key.clone()));
        for (i, item) in entry.value.items().iter().enumerate() {
            below(Segment::Index(i), item, at);
        }
        at.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::tree::Entry;

    #[test]
    fn lists_maps_and_case() {
        let text = |t: &str| Value::string(t, Span::NONE);
        let map = |k: &str, v: Value| Value::map(vec![Entry::new(k, Span::NONE, v)], Span::NONE);
        let root = map("Spec", map("items", Value::list(vec![map("a", text("1")), map("b", text("2"))], Span::NONE)));
        let found = |p, c| {
            root.select(p, c).into_iter().map(|(p, v)| format!("{p}={}", v.as_str().unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(found("spec.items[].*", Case::Ignore), ["Spec.items[0].a=1", "Spec.items[1].b=2"]);
        assert!(found("spec.items[].*", Case::Exact).is_empty());
    }
}
