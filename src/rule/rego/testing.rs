//! Tests written in Rego: rules called `test_…`, as `opa test` runs them.

use regorus::Value;

use super::lex::tokens;
use super::script::Edit;
use super::{Limits, Policies, Script, rule_path};
use crate::source::{Problem, Span};

/// One test and how it went.
#[derive(Clone, Debug)]
pub struct TestResult {
    /// `data.<package>.<rule>`.
    pub name: String,
    /// How it went.
    pub outcome: TestOutcome,
    /// What it printed: `file:line: text`.
    pub prints: Vec<String>,
    /// Where its file begins.
    pub place: Span,
}

/// How a test went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TestOutcome {
    /// Its rule holds.
    Passed,
    /// Its rule has another value, or none.
    Failed(String),
    /// Its name begins with `todo_`.
    Skipped,
    /// It could not be evaluated.
    Error(Box<Problem>),
}

/// Lines of one file that tests evaluated, and those that they did not.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The file.
    pub script: Script,
    /// Lines from one that were evaluated.
    pub covered: Vec<u32>,
    /// Lines from one that were not.
    pub missed: Vec<u32>,
}

/// What a set of files gave.
#[derive(Clone, Debug, Default)]
pub struct Tested {
    /// The tests, by file and in the order of the file.
    pub results: Vec<TestResult>,
    /// What is wrong with the files themselves.
    pub problems: Vec<Problem>,
    /// By file, of files that are no tests; empty unless it was asked for.
    pub coverage: Vec<Coverage>,
}

/// Runs the tests of files that belong together. `filter` is a piece of the name of those to run.
#[must_use]
pub fn run(scripts: &[Script], filter: &str, coverage: bool, limits: Limits) -> Tested {
    let scripts: Vec<_> = replaceable(scripts).into_iter().map(|s| (s, None)).collect();
    let limits = Limits { observe: coverage, ..limits };
    let (policies, problems) = Policies::compile(&scripts, limits);
    let mut tested = Tested {
        // A test may put something in the place of what is refused; one that does not fails when it comes to it.
        problems: problems.into_iter().filter(|p| !p.detail.contains("is refused")).collect(),
        ..Tested::default()
    };
    let prepared = match policies.prepare(&[]) {
        Ok(prepared) => prepared,
        Err(problem) => {
            tested.problems.push(problem);
            return tested;
        }
    };
    for package in policies.packages() {
        let place = policies.scripts().get(package.script).map_or(Span::NONE, Script::start);
        for rule in &package.rules {
            let (skipped, is_test) = match rule.strip_prefix("todo_") {
                Some(rest) => (true, rest.starts_with("test_")),
                None => (false, rule.starts_with("test_")),
            };
            let name = rule_path(&package.path, rule);
            if !is_test || !name.contains(filter) || tested.results.iter().any(|r| r.name == name) {
                continue;
            }
            let (outcome, prints) = match prepared.evaluate(&name, &Value::new_object()) {
                _ if skipped => (TestOutcome::Skipped, Vec::new()),
                Err(problem) => (TestOutcome::Error(Box::new(problem)), Vec::new()),
                Ok(outcome) => (judged(&outcome.value), outcome.prints),
            };
            tested.results.push(TestResult { name, outcome, prints, place });
        }
    }
    if coverage {
        tested.coverage = prepared
            .coverage()
            .into_iter()
            .filter(|(script, _, _)| !script.name.ends_with("_test.rego"))
            .map(|(script, covered, missed)| Coverage { script, covered, missed })
            .collect();
    }
    tested
}

/// Functions that the engine knows only as ours, which it cannot replace in a `with`: each is called through a function
/// in Rego, which it can.
const THROUGH: [(&str, &str); 2] = [("http", "send"), ("net", "lookup_ip_addr")];

fn replaceable(scripts: &[Script]) -> Vec<Script> {
    let mut called = false;
    let mut made: Vec<Script> = Vec::with_capacity(scripts.len() + 1);
    for script in scripts {
        let tokens = tokens(&script.text);
        let mut edits = Vec::new();
        for (at, window) in tokens.windows(3).enumerate() {
            let [family, dot, name] = window else { continue };
            let known = THROUGH.iter().any(|(f, n)| family.is(f) && dot.is(".") && name.is(n));
            let inside = at.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(|t| t.is("."));
            if known && !inside {
                let text = format!("data.stamplint_through.{}_{}", family.text, name.text);
                edits.push(Edit { start: family.start, end: name.end(), text });
            }
        }
        called |= !edits.is_empty();
        made.push(if edits.is_empty() { script.clone() } else { script.edited(edits) });
    }
    if called {
        let functions = THROUGH.iter().map(|(family, name)| format!("{family}_{name}(x) := {family}.{name}(x)\n"));
        let text = format!("package stamplint_through\n{}", functions.collect::<String>());
        made.push(Script::text("stamplint_through.rego", text));
    }
    made
}

/// A test holds when its value is true, or, for one with cases, when each case's is.
fn judged(value: &Value) -> TestOutcome {
    match value {
        Value::Bool(true) => TestOutcome::Passed,
        Value::Undefined => TestOutcome::Failed("it has no value".to_owned()),
        Value::Object(cases) => {
            let failed: Vec<String> = cases
                .iter_sorted()
                .filter(|(_, value)| judged(value) != TestOutcome::Passed)
                .map(|(case, value)| format!("{case} is {value}"))
                .collect();
            match failed.is_empty() {
                true => TestOutcome::Passed,
                false => TestOutcome::Failed(failed.join(", ")),
            }
        }
        other => TestOutcome::Failed(format!("its value is {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_pass_fail_skip_and_print() {
        let policy = "package a\ndeny contains \"x\" if input.x\ndeny contains \"y\" if input.y\nsend := http.send({})";
        let tests = "package a_test\nimport data.a\n\
            test_x if { print(\"looking\", 1); a.deny == {\"x\"} with input as {\"x\": true} }\n\
            test_no if { a.deny == {\"x\"} with input as {} }\n\
            test_mock if { a.send == 1 with http.send as mock }\nmock(_) := 1\n\
            test_refused if { a.send == 1 }\n\
            todo_test_later if { false }\n";
        let scripts = [Script::text("a.rego", policy), Script::text("a_test.rego", tests)];
        let tested = run(&scripts, "", true, Limits::default());
        assert!(tested.problems.is_empty(), "{:?}", tested.problems);
        let outcome = |name: &str| tested.results.iter().find(|r| r.name.ends_with(name)).unwrap();
        assert_eq!(outcome("test_x").outcome, TestOutcome::Passed);
        assert_eq!(outcome("test_x").prints, ["a_test.rego:3: looking 1"]);
        assert!(matches!(outcome("test_no").outcome, TestOutcome::Failed(_)));
        assert_eq!(outcome("test_mock").outcome, TestOutcome::Passed);
        assert!(matches!(&outcome("test_refused").outcome, TestOutcome::Error(p) if p.detail.contains("refused")));
        assert_eq!(outcome("later").outcome, TestOutcome::Skipped);
        let coverage = &tested.coverage[0];
        assert_eq!(coverage.script.name.as_ref(), "a.rego");
        assert!(coverage.covered.contains(&2) && !coverage.covered.is_empty());
        assert_eq!(run(&scripts, "test_mo", false, Limits::default()).results.len(), 1);
    }
}
