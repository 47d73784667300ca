//! What an evaluation has to say, each thing once, and what keeps it from going on for ever.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use super::super::{Stack, placeholder};
use crate::source::{Code, Problem, Span};
use crate::tree::{Kind, Origin, Reason, StepKind, Text, Unknown, Value, WaitsFor};

/// How deep expressions may nest, names looked up on the way included.
const DEPTH: usize = 1000;

/// How many expressions one deployment may evaluate. The largest public template needs under ten thousand.
const STEPS: u64 = if cfg!(test) { 100_000 } else { 2_000_000 };

/// More problems than this in one deployment are one problem.
const PROBLEMS: usize = 500;

/// Problems, placeholders that were given, and limits.
pub struct Reports {
    stack: Stack,
    problems: RefCell<Vec<Problem>>,
    seen: RefCell<HashSet<(Code, Span, String)>>,
    placeholders: RefCell<HashMap<Span, Text>>,
    depth: Cell<usize>,
    steps: Cell<u64>,
    spent: Cell<bool>,
    deep: Cell<bool>,
    quiet: Cell<bool>,
    said: Cell<u64>,
}

impl Default for Reports {
    fn default() -> Self {
        Self {
            stack: Stack::here(),
            problems: RefCell::default(),
            seen: RefCell::default(),
            placeholders: RefCell::default(),
            depth: Cell::default(),
            steps: Cell::default(),
            spent: Cell::default(),
            deep: Cell::default(),
            quiet: Cell::default(),
            said: Cell::default(),
        }
    }
}

impl Reports {
    /// Where the use of the stack began.
    pub fn stack(&self) -> Stack {
        self.stack
    }

    /// Counts work that is no expression's.
    pub fn spend(&self, steps: usize) {
        self.steps.set(self.steps.get().saturating_add(u64::try_from(steps).unwrap_or(u64::MAX)));
    }

    /// Begins an expression.
    ///
    /// # Errors
    /// The value that takes its place when a limit is reached.
    pub fn enter(&self, site: Span) -> Result<(), Value> {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > STEPS {
            if !self.spent.replace(true) {
                self.limit(site, format!("the template needs more than {STEPS} steps to evaluate"));
            }
            return Err(over_limit(site));
        }
        if self.depth.get() >= DEPTH || self.stack.is_low() {
            // One of them is enough: each level on the way back would say it of its own expression.
            if !self.deep.replace(true) {
                self.limit(site, "evaluated too many levels deep: does something call itself without end?".to_owned());
            }
            return Err(over_limit(site));
        }
        self.depth.set(self.depth.get() + 1);
        Ok(())
    }

    /// Ends an expression.
    pub fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }

    /// Does something of which nothing is said.
    pub fn quietly<R>(&self, run: impl FnOnce() -> R) -> R {
        let before = self.quiet.replace(true);
        let result = run();
        self.quiet.set(before);
        result
    }

    /// How often something was said, or would have been.
    pub fn said(&self) -> u64 {
        self.said.get()
    }

    /// Adds a problem, once.
    pub fn push(&self, problem: Problem) {
        self.said.set(self.said.get() + 1);
        if self.quiet.get() {
            return;
        }
        let key = (problem.code, problem.span, problem.detail.clone());
        if self.problems.borrow().len() < PROBLEMS && self.seen.borrow_mut().insert(key) {
            self.problems.borrow_mut().push(problem);
        }
    }

    /// A limit was reached.
    pub fn limit(&self, site: Span, detail: String) {
        self.push(Problem::new(Code::Limit, site, detail));
    }

    /// An expression failed with these values.
    pub fn failed(&self, site: Span, detail: String, inputs: &[&Value]) {
        if inputs.iter().any(|v| has_failed(v)) {
            return;
        }
        match inputs.iter().find_map(|v| self.placeholder_in(v, 8)) {
            Some((span, text)) => {
                let problem =
                    Problem::new(Code::Placeholder, span, format!("the placeholder `{text}` was not replaced"))
                        .related(site, detail);
                self.push(problem);
            }
            None => self.push(Problem::new(Code::Template, site, detail)),
        }
    }

    /// Remembers the placeholders in a value that a person gave.
    pub fn note_placeholders(&self, value: &Value) {
        match &value.kind {
            Kind::String(text) if placeholder::is_placeholder(text) => {
                self.placeholders.borrow_mut().insert(value.span, text.clone());
            }
            Kind::List(list) => list.iter().for_each(|v| self.note_placeholders(v)),
            Kind::Map(map) => map.iter().for_each(|e| self.note_placeholders(&e.value)),
            _ => {}
        }
    }

    fn placeholder_in(&self, value: &Value, depth: usize) -> Option<(Span, Text)> {
        let depth = depth.checked_sub(1)?;
        if let Some(text) = self.placeholders.borrow().get(&value.span) {
            return Some((value.span, text.clone()));
        }
        if let Some(found) = self.placeholder_behind(&value.origin, depth) {
            return Some(found);
        }
        match &value.kind {
            Kind::String(text)
                if placeholder::is_placeholder(text) && !value.origin.steps().any(|s| s.kind == StepKind::Composed) =>
            {
                Some((value.span, text.clone()))
            }
            Kind::List(list) => list.iter().find_map(|v| self.placeholder_in(v, depth)),
            Kind::Map(map) => map.iter().find_map(|e| self.placeholder_in(&e.value, depth)),
            _ => None,
        }
    }

    fn placeholder_behind(&self, origin: &Origin, depth: usize) -> Option<(Span, Text)> {
        let depth = depth.checked_sub(1)?;
        origin.steps().flat_map(|step| step.inputs.iter()).find_map(|input| {
            if let Some(text) = self.placeholders.borrow().get(&input.span) {
                return Some((input.span, text.clone()));
            }
            self.placeholder_behind(&input.origin, depth)
        })
    }

    /// How many expressions were evaluated.
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// All that there is to say.
    pub fn take(&self) -> Vec<Problem> {
        self.problems.take()
    }
}

pub(super) fn has_failed(value: &Value) -> bool {
    value.as_unknown().is_some_and(|u| matches!(u.reason, Reason::Error | Reason::Limit))
}

fn over_limit(site: Span) -> Value {
    Value::unknown(Unknown::new(Reason::Limit, WaitsFor::Nothing), site)
}
