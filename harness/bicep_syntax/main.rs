//! Holds the Bicep reader against files that others wrote.
//!
//! `bicep_syntax dumps CHECKOUT` takes a checkout of the Bicep compiler and compares the span of every token and
//! syntax node with the compiler's own dumps (`main.tokens.bicep`, `main.syntax.bicep`) beside its samples.
//! `bicep_syntax diagnostics CHECKOUT` compares the lines with syntax errors.
//! `bicep_syntax parse PATH…` parses every `.bicep` and `.bicepparam` below the paths and prints every problem.
//! `bicep_syntax arm PATH…` parses every expression of the ARM templates (JSON) below the paths.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers, not part of the linter"
)]

mod arm;
mod diagnostics;
mod dump;
mod nodes;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use stamplint::read::bicep::{self, File};
use stamplint::source::{Source, Sources};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.split_first() {
        Some((mode, [checkout])) if mode == "dumps" => dumps(Path::new(checkout)),
        Some((mode, [checkout])) if mode == "diagnostics" => diagnostics::compare(Path::new(checkout)),
        Some((mode, paths)) if mode == "parse" && !paths.is_empty() => parse_all(paths),
        Some((mode, paths)) if mode == "arm" && !paths.is_empty() => arm::parse_all(paths),
        _ => {
            eprintln!("usage: bicep_syntax dumps CHECKOUT | diagnostics CHECKOUT | parse PATH… | arm PATH…");
            ExitCode::from(2)
        }
    }
}

/// All files below a path that end so, in order.
fn files_below(root: &Path, accept: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(path) = open.pop() {
        if path.is_dir() && !path.is_symlink() {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            open.extend(entries.map(|e| e.path()));
        } else if path.to_str().is_some_and(accept) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> Option<Arc<Source>> {
    let bytes = std::fs::read(path).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Some(Sources::new().add(path.to_string_lossy().into_owned(), text))
}

fn parse(source: &Source) -> File {
    if source.path().ends_with(".bicepparam") { bicep::parse_params(source) } else { bicep::parse(source) }
}

fn parse_all(roots: &[String]) -> ExitCode {
    let accept = |p: &str| p.ends_with(".bicep") || p.ends_with(".bicepparam");
    let (mut files, mut clean, mut bytes, mut problems) = (0, 0, 0, 0);
    let mut spent = std::time::Duration::ZERO;
    for path in roots.iter().flat_map(|r| files_below(Path::new(r), &accept)) {
        let Some(source) = read(&path) else {
            println!("{}: not UTF-8", path.display());
            continue;
        };
        let start = Instant::now();
        let file = parse(&source);
        spent += start.elapsed();
        files += 1;
        bytes += source.text().len();
        clean += usize::from(file.problems.is_empty());
        problems += file.problems.len();
        for problem in &file.problems {
            let at = source.position_chars(problem.span.start);
            let (line, column) = (at.line, at.column);
            println!("{}:{line}:{column}: {}", path.display(), problem.detail);
        }
    }
    let seconds = spent.as_secs_f64();
    println!(
        "{clean} of {files} files without a problem, {problems} problems, {bytes} bytes, {:.0} MB/s",
        bytes as f64 / 1e6 / seconds
    );
    ExitCode::SUCCESS
}

/// What was compared: how many spans the dump has, and how many of them agree.
#[derive(Default)]
struct Tally {
    files: usize,
    equal: usize,
    agreed: usize,
    total: usize,
}

fn dumps(checkout: &Path) -> ExitCode {
    let root = checkout.join("src/Bicep.Core.Samples/Files");
    let mut tallies: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
    let accept = |p: &str| {
        [".tokens.bicep", ".syntax.bicep"].iter().any(|end| p.ends_with(end) || p.ends_with(&format!("{end}param")))
    };
    for path in files_below(&root, &accept) {
        let text = path.to_string_lossy();
        let tokens = text.contains(".tokens.");
        let original = text.replace(".tokens.", ".").replace(".syntax.", ".");
        let (Some(source), Some(dump)) = (read(Path::new(&original)), read(&path)) else {
            println!("{text}: cannot be read");
            continue;
        };
        let file = parse(&source);
        let ours = if tokens { nodes::tokens(&source) } else { nodes::nodes(&source, &file) };
        let theirs = dump::read(&dump, &source, !tokens);
        let group = if file.problems.is_empty() { "valid" } else { "invalid" };
        let what = if tokens { "tokens" } else { "nodes" };
        let tally = tallies.entry((what, group)).or_default();
        compare(&text, &source, &ours, &theirs, tally);
    }
    for ((what, group), t) in &tallies {
        println!("{what} of {group} files: {} of {} agree, {} of {} files equal", t.agreed, t.total, t.equal, t.files);
    }
    ExitCode::SUCCESS
}

fn compare(path: &str, source: &Source, ours: &nodes::Spans, theirs: &nodes::Spans, tally: &mut Tally) {
    let mut difference: BTreeMap<_, i64> = BTreeMap::new();
    for span in theirs {
        *difference.entry(span).or_default() += 1;
    }
    for span in ours {
        *difference.entry(span).or_default() -= 1;
    }
    let missing: i64 = difference.values().filter(|n| **n > 0).sum();
    tally.files += 1;
    tally.total += theirs.len();
    tally.agreed += theirs.len() - usize::try_from(missing).unwrap_or(0);
    difference.retain(|_, n| *n != 0);
    tally.equal += usize::from(difference.is_empty());
    for ((start, end, kind), n) in difference {
        let word = if n > 0 { "missing" } else { "only here" };
        let at = source.position_chars(*start);
        let text: String = source.slice(source.span(*start as usize, *end as usize)).chars().take(60).collect();
        println!("{path}:{}:{}: {word}: {kind} {text:?}", at.line, at.column);
    }
}
