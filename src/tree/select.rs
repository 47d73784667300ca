//! Several values at once by a pattern of keys, for tables of "where such things stand".

use super::{Path, Value};

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
        let mut found = vec![(Path::root(), self)];
        for step in pattern.split('.').filter(|s| !s.is_empty()) {
            found = found.into_iter().flat_map(|(path, value)| value.step(step, case, &path)).collect();
        }
        found
    }

    fn step(&self, step: &str, case: Case, path: &Path) -> Vec<(Path, &Self)> {
        if step == "*" {
            return self.entries().iter().map(|e| (path.join(&e.key), &e.value)).collect();
        }
        let get = |key: &str| match case {
            Case::Exact => self.as_map().and_then(|m| m.entry(key)),
            Case::Ignore => self.as_map().and_then(|m| m.entry_ci(key)),
        };
        let Some(list) = step.strip_suffix("[]") else {
            return get(step).map(|e| (path.join(&e.key), &e.value)).into_iter().collect();
        };
        let Some(entry) = get(list) else {
            return Vec::new();
        };
        let path = path.join(&entry.key);
        entry.value.items().iter().enumerate().map(|(i, item)| (path.join(i), item)).collect()
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
