//! `stamplint test`: the examples of rule documents, Gatekeeper's suites, and tests written in Rego.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::{DENIED, FINE, Terminal, working};
use crate::app::cli::TestArgs;
use crate::app::disk::Disk;
use crate::app::examples;
use crate::app::failure::Failure;
use crate::app::policies::own_folder;
use crate::app::session::Session;
use crate::read::yaml;
use crate::rule::rego::gatekeeper::suite::{self, Outcome};
use crate::rule::rego::testing::{self, TestOutcome};
use crate::rule::rego::{Limits, Script};
use crate::source::{EntryKind, Files, Problem, Source, Sources, parent};

/// Folders are not looked into below this depth.
const DEEPEST: usize = 32;

/// Runs everything that is a test below a path.
///
/// # Errors
/// When the path is not there, or nothing below it is a test.
pub fn run(args: &TestArgs, terminal: &Terminal) -> Result<u8, Failure> {
    let root = working()?.join(&args.path);
    if !root.exists() {
        return Err(Failure::new(format!("`{}` does not exist", args.path)));
    }
    let folder = if root.is_file() { root.parent().unwrap_or(Path::new(".")) } else { &root };
    let sources = Arc::new(Sources::new());
    let disk = Disk::new(folder, Arc::clone(&sources))
        .map_err(|e| Failure::new(format!("`{}` cannot be read: {}", args.path, e.kind())))?;
    let mut files = Vec::new();
    match root.file_name().filter(|_| root.is_file()) {
        Some(name) => files.push(name.to_string_lossy().into_owned()),
        None => list(&disk, "", 0, &mut files),
    }
    let mut report = Report { filter: args.filter.clone().unwrap_or_default(), print: args.print, ..Report::default() };
    documents(folder, &files, &mut report)?;
    suites(&disk, &files, &mut report);
    rego(&disk, &files, args.coverage, &sources, &mut report);
    if report.total() == 0 && report.problems == 0 {
        return Err(Failure::new(format!("nothing below `{}` is a test", args.path)).help(Some(
            "tests are rule documents (`rules/`), Gatekeeper suites, and rules called `test_…` in `*_test.rego`"
                .to_owned(),
        )));
    }
    let _ = writeln!(
        report.text,
        "{} passed, {} failed, {} skipped",
        report.passed,
        report.failed + report.problems,
        report.skipped
    );
    terminal.print(&report.text)?;
    Ok(if report.failed + report.problems > 0 { DENIED } else { FINE })
}

#[derive(Default)]
struct Report {
    filter: String,
    print: bool,
    text: String,
    passed: usize,
    failed: usize,
    skipped: usize,
    problems: usize,
}

impl Report {
    fn total(&self) -> usize {
        self.passed + self.failed + self.skipped
    }

    fn wants(&self, name: &str) -> bool {
        name.contains(&self.filter)
    }

    fn fail(&mut self, name: &str, why: &str) {
        self.failed += 1;
        let _ = writeln!(self.text, "FAIL  {name}");
        for line in why.lines() {
            let _ = writeln!(self.text, "      {line}");
        }
    }

    fn problem(&mut self, problem: &Problem, sources: &Sources) {
        self.problems += 1;
        let _ = writeln!(self.text, "ERROR {}: {}", at(problem, sources), problem.detail);
        if let Some(help) = &problem.help {
            let _ = writeln!(self.text, "      {help}");
        }
    }
}

/// File, line and column of a problem.
fn at(problem: &Problem, sources: &Sources) -> String {
    match sources.get(problem.span.source) {
        Some(source) => {
            let position = source.position_chars(problem.span.start);
            format!("{}:{}:{}", source.path(), position.line, position.column)
        }
        None => "policy".to_owned(),
    }
}

fn list(disk: &Disk, dir: &str, depth: usize, found: &mut Vec<String>) {
    for entry in disk.list(dir).unwrap_or_default() {
        let path = if dir.is_empty() { entry.name.clone() } else { format!("{dir}/{}", entry.name) };
        match entry.kind {
            _ if entry.name.starts_with('.') || entry.name == "node_modules" || entry.name == "target" => {}
            EntryKind::Folder if depth < DEEPEST => list(disk, &path, depth + 1, found),
            EntryKind::Folder => {}
            EntryKind::File => found.push(path),
        }
    }
}

/// The examples of the rule documents of each folder that has `rules/`.
fn documents(folder: &Path, files: &[String], report: &mut Report) -> Result<(), Failure> {
    let mut homes: Vec<&str> = files
        .iter()
        .filter(|f| f.ends_with(".md"))
        .filter_map(|f| {
            let family = parent(f);
            let rules = parent(family);
            (rules == "rules" || rules.ends_with("/rules")).then(|| parent(rules))
        })
        .collect();
    homes.dedup();
    for home in homes {
        let place = own_folder(home);
        let session = Session::with_policies(folder, &[place])?;
        for problem in session.problems() {
            report.problem(problem, session.sources());
        }
        let own = session.own_rules();
        for rule in session.catalogue().documents().iter().filter(|d| own.contains(&d.id)) {
            for example in rule.examples() {
                let name = format!("{}/{} {:?} `{}`", rule.family, rule.id, example.section, example.title);
                if !report.wants(&name) {
                    continue;
                }
                let differences = examples::run(&session, rule, &example);
                if differences.is_empty() {
                    report.passed += 1;
                } else {
                    let why: Vec<String> = differences.iter().map(ToString::to_string).collect();
                    report.fail(&name, &why.join("\n"));
                }
            }
        }
    }
    Ok(())
}

fn suites(disk: &Disk, files: &[String], report: &mut Report) {
    for path in files.iter().filter(|f| f.ends_with(".yaml") || f.ends_with(".yml")) {
        let Some(source) = disk.load(path).ok().filter(|s: &Arc<Source>| s.text().contains("test.gatekeeper.sh"))
        else {
            continue;
        };
        for document in yaml::parse(&source).documents.into_iter().filter(|d| suite::is_suite(&d.root)) {
            for result in suite::run(&document.root, path, disk, Limits::default()) {
                let name = format!("{path} {}/{}", result.test, result.case);
                if !report.wants(&name) {
                    continue;
                }
                match result.outcome {
                    Outcome::Passed => report.passed += 1,
                    Outcome::Skipped => report.skipped += 1,
                    Outcome::Failed(why) => report.fail(&name, &why),
                }
            }
        }
    }
}

/// The tests of each folder that holds some, with the policies of that folder and of the libraries beside it.
fn rego(disk: &Disk, files: &[String], coverage: bool, sources: &Sources, report: &mut Report) {
    let is_rego = |path: &&String| path.ends_with(".rego");
    let mut homes: Vec<&str> = files.iter().filter(|f| f.ends_with("_test.rego")).map(|f| parent(f)).collect();
    homes.dedup();
    // A folder below another that is tested is tested with it.
    let outer: Vec<&str> = homes.iter().filter(|h| !homes.iter().any(|o| o != *h && below(h, o))).copied().collect();
    for home in outer {
        let wanted = |path: &&String| below(parent(path), home) || is_library(parent(path), home);
        let scripts: Vec<Script> = files
            .iter()
            .filter(is_rego)
            .filter(wanted)
            .filter_map(|path| disk.load(path).ok())
            .map(|source| Script::file(&source))
            .collect();
        let tested = testing::run(&scripts, &report.filter, coverage, Limits::default());
        for problem in &tested.problems {
            report.problem(problem, sources);
        }
        for result in &tested.results {
            match &result.outcome {
                TestOutcome::Passed => report.passed += 1,
                TestOutcome::Skipped => report.skipped += 1,
                TestOutcome::Failed(why) => report.fail(&result.name, why),
                TestOutcome::Error(problem) => {
                    report.fail(&result.name, &format!("{}: {}", at(problem, sources), problem.detail));
                }
            }
            for line in result.prints.iter().filter(|_| report.print) {
                let _ = writeln!(report.text, "      {line}");
            }
        }
        for file in &tested.coverage {
            let (hit, missed) = (file.covered.len(), file.missed.len());
            if let Some(percent) = (100 * hit).checked_div(hit + missed) {
                let _ = writeln!(report.text, "{percent:3} % {} {}", file.script.name, ranges(&file.missed));
            }
        }
    }
}

fn below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a folder is called `lib` and stands beside another or beside a folder that it lies in.
fn is_library(path: &str, home: &str) -> bool {
    let mut at = path;
    loop {
        let name = at.rsplit('/').next().unwrap_or(at);
        if matches!(name, "lib" | "libs" | "library") && below(home, parent(at)) {
            return true;
        }
        if at.is_empty() {
            return false;
        }
        at = parent(at);
    }
}

/// Lines as ranges: `not covered: 3-5, 9`.
fn ranges(lines: &[u32]) -> String {
    let mut ranges: BTreeMap<u32, u32> = BTreeMap::new();
    for line in lines {
        match ranges.last_entry() {
            Some(mut last) if *last.get() + 1 == *line => {
                last.insert(*line);
            }
            _ => {
                ranges.insert(*line, *line);
            }
        }
    }
    if ranges.is_empty() {
        return String::new();
    }
    let words = ranges.iter().map(|(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") });
    format!("(not covered: {})", words.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_beside_a_folder_or_above_it_belong_to_it() {
        assert!(is_library("policies/lib", "policies/images"));
        assert!(is_library("lib/k8s", "policies/images"));
        assert!(!is_library("policies/other", "policies/images"));
        assert!(!is_library("else/lib", "policies/images"));
    }

    #[test]
    fn lines_are_told_as_ranges() {
        assert_eq!(ranges(&[3, 4, 5, 9]), "(not covered: 3-5, 9)");
        assert_eq!(ranges(&[]), "");
    }
}
