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
struct Tool<'a> {
    name: &'a str,
    version: &'a str,
}

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
    notes: Vec<String>,
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
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    also: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    stamps: Vec<String>,
    places: Vec<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    path: &'a str,
    #[serde(rename = "renderedFrom", skip_serializing_if = "Option::is_none")]
    rendered_from: Option<&'a str>,
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
    let tool = Tool { name: "stamplint", version: run.version };
    let mut text = format!(
        "{{\"version\":{VERSION},\n\"tool\":{},\n{}\"summary\":{},\n\"findings\":[",
        line(&tool),
        run.category.map(|c| format!("\"category\":{},\n", line(&c))).unwrap_or_default(),
        line(&head(run))
    );
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
        notes: run.notes(),
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
        also: &reported.also,
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
        rendered_from: reported.rendered_from.as_deref(),
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::testing::{Stage, label};
    use crate::report::{Counted, Notification, Shown};
    use crate::rule::Verdict;
    use crate::triage::{Accepted, ReadyFix, Role};

    const SCHEMA: &str = include_str!("../../docs/report.schema.json");
    const PAGE: &str = include_str!("../../docs/json.md");

    fn valid(report: &Value) {
        let validator =
            jsonschema::options().should_validate_formats(true).build(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(report).map(|e| format!("{e} at {}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    fn report(run: &Run<'_>) -> Value {
        let report = serde_json::from_str(&render(run)).unwrap();
        valid(&report);
        report
    }

    #[test]
    fn a_finding_has_its_places_stamps_and_fix() {
        let mut stage = Stage::with_local_accounts(&["centralus", "eastus2"], &[0]);
        stage.summary.files = vec![Counted::new("parameter file", 1)];
        let report = report(&stage.run());
        let finding = &report["findings"][0];
        assert_eq!(finding["rule"], "local-accounts-enabled");
        assert_eq!(finding["stamps"], serde_json::json!(["centralus"]));
        assert_eq!(finding["places"][0]["file"], "params/azuredeploy.parameters.centralus.json");
        assert_eq!(finding["places"][0]["start"], serde_json::json!({"line": 3, "column": 40}));
        assert_eq!(finding["places"][0]["end"], serde_json::json!({"line": 3, "column": 45}));
        assert_eq!(finding["places"][1]["role"], "use");
        assert_eq!(finding["fixes"][0]["edits"][0]["text"], "true");
        assert_eq!(finding["help"], "Entra ID is then the only way in: set `disableLocalAccounts` to true");
        assert_eq!(report["summary"]["findings"]["deny"], 1);
        assert_eq!(report["summary"]["failing"], 1);
    }

    #[test]
    fn everything_that_may_be_absent_fits_the_schema() {
        let mut stage = Stage::new(&["a"]);
        let source = stage.sources.add("ü.yaml", "ä𝒳: x\r\n");
        let finding = stage.find("mutable-image-tag", "m", &[0]);
        finding.places = vec![label(&source, "x", Role::Fix, "")];
        finding.also = vec!["another".into()];
        finding.fixes = vec![ReadyFix { title: "paste".into(), edits: Vec::new(), text: Some("a: b".into()) }];
        finding.set_aside = Some(SetAside::Suppressed(Accepted {
            reason: "r".into(),
            until: Some("2027-01-31".into()),
            span: Span::NONE,
            in_source: false,
        }));
        stage.find("not-analysed", "gone", &[]).verdict = Verdict::Possible;
        stage.find("not-analysed", "kept out", &[0]).exempt = true;
        stage.notifications.push(Notification::error("nothing to check"));
        stage.shown = Shown { undetermined: true, suppressed: true, exempt: true, all: false };
        let report = report(&stage.run());
        assert_eq!(report["findings"].as_array().unwrap().len(), 3);
        assert_eq!(report["findings"][0]["places"][0]["start"]["column"], 5);
        assert_eq!(report["findings"][0]["suppressed"]["until"], "2027-01-31");
        assert_eq!(report["findings"][2]["exempt"], true);
        assert_eq!(report["summary"]["errors"], serde_json::json!(["nothing to check"]));
    }

    #[test]
    fn the_example_of_the_page_fits_the_schema() {
        let (_, rest) = PAGE.split_once("```json\n").unwrap();
        let (example, _) = rest.split_once("```").unwrap();
        valid(&serde_json::from_str(example).unwrap());
    }

    #[test]
    fn one_finding_a_line() {
        let mut stage = Stage::new(&["a"]);
        assert!(render(&stage.run()).ends_with("\"findings\":[\n]}\n"));
        stage.find("mutable-image-tag", "one\ntwo", &[0]);
        stage.find("mutable-image-tag", "three", &[0]);
        assert_eq!(render(&stage.run()).lines().count(), 7);
    }
}
