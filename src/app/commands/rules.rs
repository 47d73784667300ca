//! `stamplint rules` and `stamplint explain RULE`: what the catalogue knows.

use std::fmt::Write as _;

use super::{FINE, Terminal, request};
use crate::app::cli::Global;
use crate::app::failure::Failure;
use crate::app::session::Session;
use crate::rule::nearest;
use crate::rule::{Document, Engine, Scope};
use crate::tree::{Kind, Value};

/// Prints a line for each rule, by family: the built-in ones and those of the policy folders that the config names.
///
/// # Errors
/// When the config is broken, or it cannot be written.
pub fn list(global: &Global, terminal: &Terminal) -> Result<u8, Failure> {
    let session = Session::new()?.configured(&request(&[], global)?)?;
    let documents = session.catalogue().documents();
    let width = documents.iter().map(|d| d.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    let mut family = "";
    for document in documents {
        if *document.family != *family {
            family = &document.family;
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{family}");
        }
        let _ = writeln!(
            text,
            "  {:width$}  {:8}  {:5}  {}",
            document.id,
            document.severity.word(),
            document.effect.word(),
            document.title
        );
    }
    terminal.print(&text)?;
    faults(&session, terminal);
    Ok(FINE)
}

/// What could not be loaded is in no list, which must not go by in silence.
fn faults(session: &Session, terminal: &Terminal) {
    match session.problems().len() {
        0 => {}
        1 => terminal.say("1 policy cannot be used: `stamplint check` says why\n"),
        n => terminal.say(&format!("{n} policies cannot be used: `stamplint check` says why\n")),
    }
}

/// Prints a rule's document.
///
/// # Errors
/// When there is no such rule, or it cannot be written.
pub fn explain(name: &str, global: &Global, terminal: &Terminal) -> Result<u8, Failure> {
    let session = Session::new()?.configured(&request(&[], global)?)?;
    let catalogue = session.catalogue();
    let Some(rule) = catalogue.get(name) else {
        let known = catalogue.documents().iter().map(|d| &*d.id);
        return Err(Failure::new(format!("no rule is called `{name}`"))
            .help(nearest(name, known).or_else(|| Some("`stamplint rules` lists them".to_owned()))));
    };
    let place = session.sources().get(rule.declared.source).filter(|_| session.own_rules().contains(&rule.id));
    let declared = place.map(|source| format!("{}:{}", source.path(), source.line(rule.declared.start)));
    terminal.print(&document(rule, declared.unwrap_or_default()))?;
    faults(&session, terminal);
    Ok(FINE)
}

fn document(rule: &Document, declared: String) -> String {
    let mut text = format!("{}: {}\n\n", rule.id, rule.title);
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:10} {value}");
        }
    };
    row("family", rule.family.to_string());
    row("severity", rule.severity.word().to_owned());
    row("effect", rule.effect.word().to_owned());
    row(
        "decided by",
        match rule.scope {
            Scope::Resource => "one resource",
            Scope::Stamp => "a stamp's resources together",
            Scope::Fleet => "the stamps together",
        }
        .to_owned(),
    );
    row(
        "engine",
        match rule.engine {
            Engine::Native => "native",
            Engine::Rego => "Rego",
        }
        .to_owned(),
    );
    row("declared", declared);
    let controls: Vec<String> = rule.controls.iter().map(|(framework, id)| format!("{framework} {id}")).collect();
    row("controls", controls.join(", "));
    row("since", rule.since.clone());
    if !rule.options.is_empty() {
        text.push_str("\noptions\n");
        for option in &rule.options {
            let _ = writeln!(text, "  {} ({}, default {})", option.name, option.ty, shown(&option.default));
            let _ = writeln!(text, "      {}", option.doc);
        }
    }
    text.push('\n');
    text.push_str(prose(&rule.body).trim());
    text.push('\n');
    if !rule.references.is_empty() {
        text.push_str("\n## References\n\n");
        for reference in &rule.references {
            let _ = writeln!(text, "- {reference}");
        }
    }
    text
}

/// The document without the lines that only its tests need.
fn prose(body: &str) -> String {
    let mut kept = String::new();
    let mut in_expect = false;
    for line in body.lines() {
        let fence = line.starts_with("```");
        if in_expect {
            in_expect = !fence;
            continue;
        }
        if fence && line.trim_end().ends_with("expect") {
            in_expect = true;
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

fn shown(value: &Value) -> String {
    match &value.kind {
        Kind::Null => "from the fleet".to_owned(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(s) => s.to_string(),
        Kind::List(list) => {
            let items: Vec<String> = list.iter().map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        Kind::Map(map) => {
            let items: Vec<String> = map.iter().map(|e| format!("{}: {}", e.key, shown(&e.value))).collect();
            format!("{{{}}}", items.join(", "))
        }
        Kind::Parts(_) | Kind::Unknown(_) => "unknown".to_owned(),
    }
}
