//! Runs the examples of rule documents: each one a small tree of files, judged by its own rule alone.
//!
//! Serves `stamplint test` and the project's own test suite.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::session::{Outcome, Request, Session, SessionError};
use crate::rule::{Document, Example, Expectation, Section, Selection, Verdict};
use crate::triage::Reported;

/// What an example said that its document does not, or the other way round.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Difference {
    /// A marker without a finding.
    Missed(Expectation),
    /// A finding without a marker.
    Unexpected(String),
    /// The example could not be run.
    Failed(String),
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missed(e) => {
                write!(f, "not found: {} at {}:{}", e.rule, e.file, e.line)?;
                if let Some(column) = e.column {
                    write!(f, ":{column}")?;
                }
                e.stamps.as_ref().map_or(Ok(()), |stamps| write!(f, " in {}", stamps.join(", ")))
            }
            Self::Unexpected(found) => write!(f, "not expected: {found}"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

/// Runs one example in a folder of its own and compares.
pub fn run(session: &Session, rule: &Document, example: &Example) -> Vec<Difference> {
    match outcome(session, rule, example) {
        Ok(outcome) => compare(&outcome, rule, example),
        Err(why) => vec![Difference::Failed(why)],
    }
}

/// What one example comes to with its rule alone.
///
/// # Errors
/// When it cannot be run, with the reason.
pub fn outcome(session: &Session, rule: &Document, example: &Example) -> Result<Outcome, String> {
    let files = example.files.iter().map(|file| (file.path.as_str(), file.text.as_str()));
    judge(session, rule, files)
}

/// What files come to with a rule alone, in a folder of their own.
///
/// # Errors
/// When they cannot be written or checked, with the reason.
#[allow(clippy::disallowed_methods, reason = "app does the IO")]
pub fn judge<'f>(
    session: &Session,
    rule: &Document,
    files: impl Iterator<Item = (&'f str, &'f str)>,
) -> Result<Outcome, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    for (path, text) in files {
        let path = folder.path().join(path);
        let parent = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(|e| e.to_string())?;
        fs::write(&path, text).map_err(|e| e.to_string())?;
    }
    let select = std::iter::once(rule.id.to_string()).chain(rule.beside.iter().cloned()).collect();
    let selection = Selection { select, ignore: Vec::new() };
    let request = Request { working: folder.path().to_owned(), selection, ..Request::default() };
    session.check(&request).map_err(|e: SessionError| e.to_string())
}

fn compare(outcome: &Outcome, rule: &Document, example: &Example) -> Vec<Difference> {
    let wanted_verdict = |r: &Reported| match example.section {
        Section::Undetermined => true,
        Section::Fails | Section::Passes => r.verdict == Verdict::Fail,
    };
    let mut left: Vec<&Expectation> = example.expected.iter().collect();
    let mut differences = Vec::new();
    for reported in outcome
        .triaged
        .findings
        .iter()
        .filter(|r| !r.exempt && wanted_verdict(r) && !rule.beside.iter().any(|id| **id == *r.rule.id))
    {
        let own = reported.rule.id == rule.id;
        let right_verdict = example.section != Section::Undetermined || reported.verdict != Verdict::Fail;
        match left.iter().position(|e| own && right_verdict && fits(outcome, reported, e)) {
            Some(at) => {
                left.swap_remove(at);
            }
            None => differences.push(Difference::Unexpected(describe(outcome, reported))),
        }
    }
    differences.extend(left.into_iter().cloned().map(Difference::Missed));
    differences
}

/// File, line and column in characters of a finding's place.
fn place(outcome: &Outcome, reported: &Reported) -> Option<(String, u32, u32)> {
    let label = reported.places.first()?;
    let source = outcome.sources.get(label.span.source)?;
    let position = source.position_chars(label.span.start);
    Some((source.path().to_string(), position.line.get(), position.column.get()))
}

fn fits(outcome: &Outcome, reported: &Reported, expected: &Expectation) -> bool {
    let Some((file, line, column)) = place(outcome, reported) else { return false };
    let stamps: BTreeSet<String> = reported.stamp_names(&outcome.fleet).into_iter().collect();
    file == expected.file
        && line as usize == expected.line
        && *expected.rule == *reported.rule.id
        && expected.column.is_none_or(|c| c == column)
        && expected.stamps.as_ref().is_none_or(|s| s.iter().cloned().collect::<BTreeSet<_>>() == stamps)
}

fn describe(outcome: &Outcome, reported: &Reported) -> String {
    let at = place(outcome, reported).map_or_else(|| "nowhere".to_owned(), |(f, l, c)| format!("{f}:{l}:{c}"));
    let stamps = reported.stamp_names(&outcome.fleet).join(", ");
    format!("{} at {at} in {stamps}: {} ({:?})", reported.rule.id, reported.message, reported.verdict)
}
