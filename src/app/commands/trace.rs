//! `stamplint explain RULE --trace`: why a policy says what it says, resource by resource.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{FINE, Terminal, request};
use crate::app::cli::Global;
use crate::app::failure::Failure;
use crate::app::session::{Session, Trail};
use crate::rule::Selection;
use crate::rule::rego::{Trace, Traced, TracedFile};
use crate::source::Sources;

/// More resources than these are not shown: a path narrows them down.
const MOST: usize = 12;
/// Values are cut after so many characters.
const WIDEST: usize = 240;

/// Traces a rule over a fleet, a folder or files.
///
/// # Errors
/// When there is no such rule, it is not in Rego, or there is nothing to check.
pub fn run(rule: &str, paths: &[String], global: &Global, terminal: &Terminal) -> Result<u8, Failure> {
    let mut request = request(paths, global)?;
    request.selection = Selection { select: vec![rule.to_owned()], ignore: Vec::new() };
    let session = Session::new()?;
    let Trail { id, traced, stamps, built_in } = session.trace(&request, rule)?;
    let Some(traced) = traced else {
        return Err(Failure::new(format!("`{id}` is not written in Rego: there is no policy to follow"))
            .help(Some(format!("`stamplint explain {id}` says what it looks at"))));
    };
    let (asked, left): (Vec<Traced>, Vec<Traced>) = traced.into_iter().partition(|t| t.trace.unasked.is_none());
    let mut text = String::new();
    for traced in asked.iter().take(MOST) {
        one(traced, &stamps, built_in, session.sources(), &mut text);
    }
    if asked.len() > MOST {
        let _ = writeln!(text, "and {} more: name a file to see fewer", asked.len() - MOST);
    }
    let mut why: BTreeSet<(&str, &str)> = BTreeSet::new();
    for traced in &left {
        why.insert((&traced.about, traced.trace.unasked.as_deref().unwrap_or_default()));
    }
    for (about, why) in why.iter().take(MOST) {
        let _ = writeln!(text, "{about}: not asked, {why}");
    }
    if asked.is_empty() && why.is_empty() {
        let _ = writeln!(text, "`{id}` applies to nothing here");
    }
    terminal.print(&text)?;
    if !asked.is_empty() {
        terminal.say("`+` was evaluated, `-` was not; a body that gives nothing ends at its last `+`\n");
    }
    Ok(FINE)
}

fn one(traced: &Traced, stamps: &[String], built_in: bool, sources: &Sources, text: &mut String) {
    let _ = write!(text, "{}", traced.about);
    if let Some(source) = sources.get(traced.place.source) {
        let _ = write!(text, "  {}:{}", source.path(), source.line(traced.place.start));
    }
    let names: Vec<&str> = traced.stamps.iter().filter_map(|i| stamps.get(*i)).map(String::as_str).collect();
    let _ = writeln!(text, "  [{}]", names.join(", "));
    for file in &traced.trace.files {
        listing(file, built_in, text);
    }
    outcome(&traced.trace, sources, text);
    text.push('\n');
}

fn listing(file: &TracedFile, built_in: bool, text: &mut String) {
    let width = file.lines.last().map_or(1, |l| l.number.to_string().len());
    let _ = writeln!(text, "\n  {}{}", file.path, if built_in { " (built in)" } else { "" });
    for line in &file.lines {
        let mark = match line.evaluated {
            Some(true) => '+',
            Some(false) => '-',
            None => ' ',
        };
        let row = format!("  {mark} {:>width$}  {}", line.number, line.text);
        let _ = writeln!(text, "{}", row.trim_end());
    }
}

fn outcome(trace: &Trace, sources: &Sources, text: &mut String) {
    text.push('\n');
    for (name, value) in &trace.values {
        let value = value.as_ref().map_or("undefined".to_owned(), ToString::to_string);
        let cut: String = value.chars().take(WIDEST).collect();
        let more = if cut.len() < value.len() { "…" } else { "" };
        let _ = writeln!(text, "  {name} = {cut}{more}");
    }
    for line in &trace.prints {
        let _ = writeln!(text, "  printed {line}");
    }
    if let Some(problem) = &trace.problem {
        let at = sources.get(problem.span.source).map_or_else(String::new, |source| {
            let position = source.position_chars(problem.span.start);
            format!("{}:{}:{}: ", source.path(), position.line, position.column)
        });
        let _ = writeln!(text, "  error {at}{}", problem.detail);
    }
}
