//! Why a policy says what it says of one input: which of its lines were evaluated, what its rules came to.
//!
//! The policy is compiled once more, with the engine's coverage on: a trace costs nothing where nobody asks for one.

use regorus::Value;

use super::{Limits, Policies, Script, Version, rule_path};
use crate::source::{Problem, Span};

/// What a policy is asked.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// The texts that belong together.
    pub scripts: &'a [(Script, Option<Version>)],
    /// The rule's package, without `data`.
    pub package: &'a [String],
    /// The rule.
    pub rule: &'a str,
    /// Documents below `data`.
    pub data: &'a [Value],
    /// `input`.
    pub input: &'a Value,
}

/// How the evaluation of one input went.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Why the policy was not asked; then all else is empty.
    pub unasked: Option<String>,
    /// The files of the rule's package, line by line.
    pub files: Vec<TracedFile>,
    /// The rules of the package with their values, functions aside; `None` for one that has none.
    pub values: Vec<(String, Option<Value>)>,
    /// What was printed: `file:line: text`.
    pub prints: Vec<String>,
    /// What went wrong.
    pub problem: Option<Problem>,
}

/// One file of a traced policy.
#[derive(Clone, Debug)]
pub struct TracedFile {
    /// Its path.
    pub path: String,
    /// Its lines.
    pub lines: Vec<TracedLine>,
}

/// One line of a traced policy.
#[derive(Clone, Debug)]
pub struct TracedLine {
    /// Its number in its file, from one.
    pub number: usize,
    /// What is written there.
    pub text: String,
    /// Whether something on it was evaluated; `None` where there is nothing to evaluate.
    pub evaluated: Option<bool>,
}

impl Trace {
    /// A policy that was not asked.
    pub(super) fn unasked(why: impl Into<String>) -> Self {
        Self { unasked: Some(why.into()), ..Self::default() }
    }

    /// Asks.
    pub(super) fn of(asked: &Asked<'_>, limits: Limits) -> Self {
        let mut trace = Self::default();
        let (policies, problems) = Policies::compile(asked.scripts, Limits { observe: true, ..limits });
        trace.problem = problems.into_iter().next();
        let prepared = match policies.prepare(asked.data) {
            Ok(prepared) => prepared,
            Err(problem) => {
                trace.problem.get_or_insert(problem);
                return trace;
            }
        };
        match prepared.evaluate(&rule_path(asked.package, asked.rule), asked.input) {
            Ok(outcome) => trace.prints = outcome.prints,
            Err(problem) => {
                trace.problem.get_or_insert(problem);
            }
        }
        let covered = prepared.coverage();
        for package in policies.packages().iter().filter(|p| p.path == asked.package) {
            if let Some(script) = policies.scripts().get(package.script) {
                let lines = covered.iter().find(|(s, _, _)| s.name == script.name);
                let (hit, missed) = lines.map_or((&[][..], &[][..]), |(_, hit, missed)| (hit, missed));
                trace.files.push(file(script, hit, missed));
            }
            for name in &package.rules {
                if !trace.values.iter().any(|(known, _)| known == name) {
                    let value = prepared.evaluate(&rule_path(asked.package, name), asked.input).ok();
                    let value = value.map(|outcome| outcome.value).filter(|v| *v != Value::Undefined);
                    trace.values.push((name.clone(), value));
                }
            }
        }
        trace
    }
}

fn file(script: &Script, hit: &[u32], missed: &[u32]) -> TracedFile {
    let has = |lines: &[u32], line: usize| u32::try_from(line).is_ok_and(|line| lines.contains(&line));
    let line = |(index, text): (usize, &str)| TracedLine {
        number: script.line_of(index + 1).map_or(index + 1, |line| line + 1),
        // What edits put in is not what the user wrote.
        text: script.written_line(index + 1).unwrap_or_else(|| text.to_owned()),
        evaluated: match (has(hit, index + 1), has(missed, index + 1)) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        },
    };
    let path = script.name.split('#').next().unwrap_or_default().to_owned();
    TracedFile { path, lines: script.text.lines().enumerate().map(line).collect() }
}

/// What was traced, for whom.
#[derive(Clone, Debug)]
pub struct Traced {
    /// What the resource, stamp or fleet is called.
    pub about: String,
    /// Where the resource stands.
    pub place: Span,
    /// The stamps that it holds for, by index.
    pub stamps: Vec<usize>,
    /// How it went.
    pub trace: Trace,
}
