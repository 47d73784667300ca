//! Our own JSON. `docs/json.md` and `docs/report.schema.json` describe it; a change that breaks readers raises [`VERSION`].

use serde::Serialize;

use super::place::chars;
use super::prose::advice;
use super::{Counts, Run};
use crate::source::{Position, Source, Span};
use crate::triage::{Reported, SetAside};

/// The version of the format.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    stamps: Vec<&'a str>,
    files: Vec<Count<'a>>,
    resources: usize,
    rules: usize,
    findings: Effects,
    failing: usize,
    possible: usize,
    undetermined: usize,
    suppressed: usize,
    baseline: usize,
    exempt: usize,
    elsewhere: usize,
    not_analysed: usize,
    left_alone: Vec<Count<'a>>,
    inferred: &'a [String],
    notes: Vec<&'a str>,
    errors: Vec<&'a str>,
}

#[derive(Serialize)]
struct Count<'a> {
    what: &'a str,
    count: usize,
}

#[derive(Serialize)]
struct Effects {
    deny: usize,
    audit: usize,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    family: &'a str,
    effect: &'a str,
    severity: &'a str,
    verdict: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    stamps: Vec<String>,
    places: Vec<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    path: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    exempt: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<Suppressed<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'a>>,
    fingerprints: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct Place {
    file: String,
    start: At,
    end: At,
    role: &'static str,
    found: &'static str,
    text: String,
}

#[derive(Serialize)]
struct At {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Suppressed<'a> {
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<&'a str>,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    edits: Vec<Edit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

#[derive(Serialize)]
struct Edit<'a> {
    start: At,
    end: At,
    text: &'a str,
}

/// Renders the report: one finding a line, so that it can be read and compared by line.
pub(super) fn render(run: &Run<'_>) -> String {
    let mut text = format!("{{\"version\":{VERSION},\n\"summary\":{},\n\"findings\":[", line(&head(run)));
    for (i, reported) in run.findings().enumerate() {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        text.push_str(&line(&finding(run, reported)));
    }
    text.push_str("\n]}\n");
    text
}

/// What is serialised here has string keys and no floats: it cannot fail.
fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn head<'a>(run: &Run<'a>) -> Head<'a> {
    let counts = Counts::of(run);
    let counted = |list: &'a [super::Counted]| list.iter().map(|c| Count { what: &c.what, count: c.count }).collect();
    let notes = run.summary.notes.iter().map(String::as_str);
    Head {
        stamps: run.fleet.stamps.iter().map(|s| s.name.as_str()).collect(),
        files: counted(&run.summary.files),
        resources: run.summary.resources,
        rules: run.summary.rules,
        findings: Effects { deny: counts.deny, audit: counts.audit },
        failing: counts.failing,
        possible: counts.possible,
        undetermined: counts.undetermined,
        suppressed: counts.suppressed,
        baseline: counts.baseline,
        exempt: counts.exempt,
        elsewhere: counts.elsewhere,
        not_analysed: counts.not_analysed,
        left_alone: counted(&run.summary.left_alone),
        inferred: &run.summary.inferred,
        notes: notes.chain(run.triaged.notes.iter().map(|n| n.message.as_str())).collect(),
        errors: run.notifications.iter().map(|n| n.message.as_str()).collect(),
    }
}

fn finding<'a>(run: &Run<'a>, reported: &'a Reported) -> Finding<'a> {
    Finding {
        rule: &reported.rule.id,
        family: &reported.rule.family,
        effect: reported.effect.word(),
        severity: reported.severity.word(),
        verdict: reported.verdict.word(),
        message: &reported.message,
        help: advice(reported),
        stamps: reported.stamp_names(run.fleet),
        places: reported
            .places
            .iter()
            .filter_map(|label| {
                let source = run.sources.get(label.span.source)?;
                let (start, end) = at(&source, label.span);
                Some(Place {
                    file: run.file(source.path()),
                    start,
                    end,
                    role: label.role.word(),
                    found: label.found.word(),
                    text: label.text.clone(),
                })
            })
            .collect(),
        resource: reported.resource.as_deref(),
        path: &reported.path,
        exempt: reported.exempt,
        suppressed: match &reported.set_aside {
            Some(SetAside::Suppressed(s)) => Some(Suppressed { reason: &s.reason, until: s.until.as_deref() }),
            _ => None,
        },
        fixes: reported.fixes.iter().map(|f| fix(run, f)).collect(),
        fingerprints: reported
            .fingerprints
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
            .collect(),
    }
}

fn fix<'a>(run: &Run<'_>, fix: &'a crate::triage::ReadyFix) -> Fix<'a> {
    let source = fix.edits.first().and_then(|(span, _)| run.sources.get(span.source));
    let edits = source.iter().flat_map(|source| {
        fix.edits.iter().filter(|(span, _)| span.source == source.id()).map(|(span, text)| {
            let (start, end) = at(source, *span);
            Edit { start, end, text }
        })
    });
    Fix {
        title: &fix.title,
        edits: edits.collect(),
        file: source.as_ref().map(|s| run.file(s.path())),
        text: fix.text.as_deref(),
    }
}

fn at(source: &Source, span: Span) -> (At, At) {
    let (start, end) = chars(source, span);
    let at = |p: Position| At { line: p.line.get(), column: p.column.get() };
    (at(start), at(end))
}
