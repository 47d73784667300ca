//! Gatekeeper's own tests: `suite.yaml` files.

use std::sync::Arc;

use regex::Regex;

use super::object::{gvk, text};
use super::review::Held;
use super::{Gatekeeper, Inventory, Object};
use crate::read::yaml;
use crate::rule::rego::Limits;
use crate::source::{Files, Source, join, parent};
use crate::tree::Value;

/// How one case went.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// The test's name.
    pub test: String,
    /// The case's name.
    pub case: String,
    /// How it went.
    pub outcome: Outcome,
}

/// How a case went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// As the suite says.
    Passed,
    /// Left out, as the suite says.
    Skipped,
    /// Not as the suite says.
    Failed(String),
}

/// Whether a document is a suite.
#[must_use]
pub fn is_suite(body: &Value) -> bool {
    let (group, _, kind) = gvk(body);
    group == "test.gatekeeper.sh" && kind == "Suite"
}

/// Runs all cases of a suite that stands at `path`.
#[must_use]
pub fn run(suite: &Value, path: &str, files: &dyn Files, limits: Limits) -> Vec<CaseResult> {
    let mut results = Vec::new();
    let skipped = |value: &Value| value.get("skip").and_then(Value::as_bool) == Some(true);
    for test in suite.get("tests").map(Value::items).unwrap_or_default() {
        let cases = test.get("cases").map(Value::items).unwrap_or_default();
        let outcome = |case: &Value, outcome| CaseResult {
            test: text(test, "name").to_owned(),
            case: text(case, "name").to_owned(),
            outcome,
        };
        if skipped(suite) || skipped(test) {
            results.extend(cases.iter().map(|case| outcome(case, Outcome::Skipped)));
            continue;
        }
        let loaded = Loaded::read(test, path, files, limits);
        if test.get("invalid").and_then(Value::as_bool) == Some(true) {
            let invalid = match &loaded {
                Ok(loaded) => loaded.is_invalid(),
                Err(_) => true,
            };
            let verdict = if invalid { Outcome::Passed } else { Outcome::Failed("the constraint is valid".to_owned()) };
            results.push(outcome(test, verdict));
            continue;
        }
        for case in cases {
            let verdict = if skipped(case) {
                Outcome::Skipped
            } else {
                match loaded.as_ref().map_err(Clone::clone).and_then(|l| l.case(case, path, files)) {
                    Ok(()) => Outcome::Passed,
                    Err(why) => Outcome::Failed(why),
                }
            };
            results.push(outcome(case, verdict));
        }
    }
    results
}

/// A test's template, constraint and expansion.
struct Loaded {
    gatekeeper: Gatekeeper,
}

/// The documents of a file named by a suite.
fn documents(suite: &str, named: &str, files: &dyn Files) -> Result<Vec<(Value, Arc<Source>)>, String> {
    let path = join(parent(suite), named).ok_or_else(|| format!("`{named}` lies outside"))?;
    let source = files.load(&path).map_err(|e| e.to_string())?;
    let stream = yaml::parse(&source);
    if let Some(problem) = stream.problems.first() {
        let line = source.line(problem.span.start);
        return Err(format!("{path}:{line}: {}", problem.detail));
    }
    Ok(stream.documents.into_iter().map(|d| (d.root, Arc::clone(&source))).collect())
}

impl Loaded {
    fn read(test: &Value, suite: &str, files: &dyn Files, limits: Limits) -> Result<Self, String> {
        let mut all = Vec::new();
        for key in ["template", "constraint", "expansion"] {
            match text(test, key) {
                "" if key == "expansion" => {}
                "" => return Err(format!("the test names no {key}")),
                named => all.extend(documents(suite, named, files)?),
            }
        }
        let (gatekeeper, problems) = Gatekeeper::read(all.iter().map(|(v, s)| (v, s)), limits);
        match problems.first() {
            Some(problem) => Err(problem.detail.clone()),
            None => Ok(Self { gatekeeper }),
        }
    }

    fn is_invalid(&self) -> bool {
        (0..self.gatekeeper.constraints().count()).for_each(|c| {
            let _ = self.gatekeeper.reads_inventory(c);
        });
        self.gatekeeper.problems().next().is_some()
    }

    fn case(&self, case: &Value, suite: &str, files: &dyn Files) -> Result<(), String> {
        let mut inventory = Vec::new();
        for named in case.get("inventory").map(Value::items).unwrap_or_default() {
            inventory.extend(documents(suite, named.as_str().unwrap_or_default(), files)?);
        }
        let object = documents(suite, text(case, "object"), files)?;
        let [(object, _)] = object.as_slice() else {
            return Err(format!("`{}` holds {} objects", text(case, "object"), object.len()));
        };
        let inventory = Inventory::new(inventory.iter().map(|(v, _)| v));
        let object = Object::of_admission(object).unwrap_or_else(|| Object::new(object));
        let found = self.gatekeeper.judge(&object, &inventory, &Held::default()).map_err(|p| p.detail)?;
        if let Some(problem) = self.gatekeeper.problems().next() {
            return Err(problem.detail.clone());
        }
        let tested = |v: &super::Violation| self.gatekeeper.constraint(v.constraint).is_some_and(|c| c.tested);
        let messages: Vec<String> = found.into_iter().filter(|(v, _)| tested(v)).map(|(v, _)| v.message).collect();
        let assertions = case.get("assertions").map(Value::items).unwrap_or_default();
        if assertions.is_empty() {
            return Err("the case asserts nothing".to_owned());
        }
        assertions.iter().try_for_each(|a| holds(a, &messages))
    }
}

fn holds(assertion: &Value, messages: &[String]) -> Result<(), String> {
    let pattern = assertion.get("message").and_then(Value::as_str);
    let matching = match pattern {
        Some(pattern) => {
            let pattern = Regex::new(pattern).map_err(|e| e.to_string())?;
            messages.iter().filter(|m| pattern.is_match(m)).count()
        }
        None => messages.len(),
    };
    let violations = assertion.get("violations");
    let number = violations.and_then(Value::as_i64);
    // Kubernetes' typing makes truth values of a plain `yes` and `no`.
    let word = match violations.and_then(Value::as_bool) {
        Some(false) => "no",
        Some(true) => "yes",
        None => violations.and_then(Value::as_str).unwrap_or("yes"),
    };
    let holds = match (number, word) {
        (Some(number), _) => i64::try_from(matching) == Ok(number),
        (None, "no") => matching == 0,
        (None, _) => matching > 0,
    };
    if holds {
        return Ok(());
    }
    let wanted = number.map_or_else(|| word.to_owned(), |n| n.to_string());
    let about = pattern.map_or_else(String::new, |p| format!(" matching `{p}`"));
    Err(format!("expected violations{about}: {wanted}; found {matching} of {messages:?}"))
}
