//! JSON paths, the second argument of `loadJsonContent` and `loadYamlContent`: `$.a.b`, `a['b c'][0]`, `.a[*].b`,
//! `..name`, `.products[?(@.price > 3)].name`. What they find keeps its place in the file.

mod parse;

use std::cell::Cell;

use super::{Failure, FailureKind, limits};
use crate::source::Span;
use crate::tree::{Kind, Value};
use parse::{Compare, Operand, Step, Test};

/// How many values one search looks at.
const VISITS: usize = 1_000_000;

/// The part of a loaded document that a path names: the only thing that it finds, else the list of all. Without a path
/// it is the whole document.
///
/// # Errors
/// When the path does not parse, finds nothing, or finds too much.
pub fn select(document: &Value, path: Option<&str>, site: Span) -> Result<Value, Failure> {
    let Some(path) = path.filter(|p| !p.is_empty()) else {
        return Ok(document.clone());
    };
    let steps = parse::steps(path)
        .ok_or_else(|| Failure::new(FailureKind::Value, format!("cannot read `{path}` as a JSON path")))?;
    let too_much = || Failure::new(FailureKind::Limit, format!("the JSON path `{path}` finds too many values"));
    let walk = Walk { root: document, left: Cell::new(VISITS) };
    let found = walk.follow(document, &steps).ok_or_else(too_much)?;
    match found.as_slice() {
        [] => Err(Failure::new(FailureKind::Value, format!("the file has nothing at `{path}`"))),
        [one] => Ok((*one).clone()),
        many => Ok(Value::list(many.iter().map(|v| (*v).clone()).collect(), site)),
    }
}

/// One search. Its methods give `None` when it takes too long.
struct Walk<'v> {
    root: &'v Value,
    left: Cell<usize>,
}

impl<'v> Walk<'v> {
    fn visit(&self) -> Option<()> {
        self.left.set(self.left.get().checked_sub(1)?);
        Some(())
    }

    fn follow(&self, from: &'v Value, steps: &[Step]) -> Option<Vec<&'v Value>> {
        let mut found = vec![from];
        for step in steps {
            let mut next = Vec::new();
            for value in found {
                self.apply(value, step, &mut next)?;
            }
            if next.len() > limits::ITEMS {
                return None;
            }
            found = next;
        }
        Some(found)
    }

    fn apply(&self, value: &'v Value, step: &Step, into: &mut Vec<&'v Value>) -> Option<()> {
        self.visit()?;
        match step {
            Step::Keys(keys) => into.extend(keys.iter().filter_map(|key| value.get(key))),
            Step::Indices(indices) => into.extend(indices.iter().filter_map(|i| value.items().get(at(*i, value)?))),
            Step::All => {
                for child in children(value) {
                    self.visit()?;
                    into.push(child);
                }
            }
            Step::Slice(start, end, by) => {
                let length = i64::try_from(value.items().len()).ok()?;
                let clamp = |n: i64| if n < 0 { n.saturating_add(length).max(0) } else { n.min(length) };
                let (start, end) = (clamp(start.unwrap_or(0)), clamp(end.unwrap_or(length)));
                let mut i = start;
                while i < end {
                    self.visit()?;
                    into.extend(value.items().get(usize::try_from(i).ok()?));
                    i = i.saturating_add(*by);
                }
            }
            Step::Deep(inner) => {
                let mut all = Vec::new();
                self.descend(value, limits::DEPTH, &mut all)?;
                for value in all {
                    self.apply(value, inner, into)?;
                }
            }
            Step::Filter(test) => {
                for child in children(value) {
                    if self.holds(child, test)? {
                        into.push(child);
                    }
                }
            }
        }
        Some(())
    }

    /// A value and all below it.
    fn descend(&self, value: &'v Value, depth: usize, into: &mut Vec<&'v Value>) -> Option<()> {
        self.visit()?;
        into.push(value);
        let depth = depth.checked_sub(1)?;
        for child in children(value) {
            self.descend(child, depth, into)?;
        }
        Some(())
    }

    fn holds(&self, value: &'v Value, test: &Test) -> Option<bool> {
        self.visit()?;
        Some(match test {
            Test::And(tests) => {
                for test in tests {
                    if !self.holds(value, test)? {
                        return Some(false);
                    }
                }
                true
            }
            Test::Or(tests) => {
                for test in tests {
                    if self.holds(value, test)? {
                        return Some(true);
                    }
                }
                false
            }
            Test::Exists(operand) => !self.operands(value, operand)?.is_empty(),
            Test::Compare(left, op, right) => {
                let (left, right) = (self.operands(value, left)?, self.operands(value, right)?);
                let mut any = false;
                for l in &left {
                    for r in &right {
                        self.visit()?;
                        any = any || compare(l, *op, r);
                    }
                }
                any
            }
        })
    }

    fn operands(&self, value: &'v Value, operand: &Operand) -> Option<Vec<Value>> {
        match operand {
            Operand::Constant(value) => Some(vec![value.clone()]),
            Operand::Path { from_root, steps } => {
                let from = if *from_root { self.root } else { value };
                Some(self.follow(from, steps)?.into_iter().cloned().collect())
            }
        }
    }
}

fn at(index: i64, value: &Value) -> Option<usize> {
    match usize::try_from(index) {
        Ok(index) => Some(index),
        Err(_) => value.items().len().checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}

fn children(value: &Value) -> impl Iterator<Item = &Value> {
    value.items().iter().chain(value.entries().iter().map(|e| &e.value))
}

fn compare(left: &Value, op: Compare, right: &Value) -> bool {
    let order = match (&left.kind, &right.kind) {
        (Kind::Number(l), Kind::Number(r)) => l.as_f64().partial_cmp(&r.as_f64()),
        (Kind::String(l), Kind::String(r)) => Some(l.cmp(r)),
        (Kind::Bool(l), Kind::Bool(r)) => Some(l.cmp(r)),
        (Kind::Null, Kind::Null) => Some(std::cmp::Ordering::Equal),
        _ => None,
    };
    match (op, order) {
        (Compare::NotEqual, order) => order.is_none_or(std::cmp::Ordering::is_ne),
        (_, None) => false,
        (Compare::Equal, Some(order)) => order.is_eq(),
        (Compare::Less, Some(order)) => order.is_lt(),
        (Compare::LessOrEqual, Some(order)) => order.is_le(),
        (Compare::Greater, Some(order)) => order.is_gt(),
        (Compare::GreaterOrEqual, Some(order)) => order.is_ge(),
    }
}
