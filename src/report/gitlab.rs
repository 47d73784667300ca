//! GitLab's code quality report: a list of issues, each with a fingerprint of its own.

use std::collections::HashMap;

use serde::Serialize;

use super::Run;
use super::prose::{advice, also};
use super::stamps::Stamps;
use crate::rule::Severity;
use crate::triage::Reported;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Renders one issue a line.
pub(super) fn render(run: &Run<'_>) -> String {
    let stamps = Stamps::new(run);
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut text = String::from("[");
    for (i, finding) in run.findings().enumerate() {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        let issue = issue(run, &stamps, finding, &mut seen);
        text.push_str(&serde_json::to_string(&issue).unwrap_or_default());
    }
    text.push_str("\n]\n");
    text
}

fn issue<'a>(
    run: &Run<'_>,
    stamps: &Stamps<'_>,
    finding: &'a Reported,
    seen: &mut HashMap<String, usize>,
) -> Issue<'a> {
    let mut description = finding.message.clone();
    for said in also(finding) {
        description.push_str(&format!("; also: {said}"));
    }
    if let Some(line) = stamps.line(finding) {
        description.push_str(&format!(" ({line})"));
    }
    if let Some(help) = advice(finding) {
        description.push_str(&format!("; {help}"));
    }
    let place = finding.places.first().and_then(|label| {
        let source = run.sources.get(label.span.source)?;
        Some((run.file(source.path()), source.line(label.span.start).get(), source.line(label.span.end).get()))
    });
    let (path, begin, end) = place.unwrap_or_else(|| (run.nowhere(), 1, 1));
    // Issues with one fingerprint are taken for one issue.
    let fingerprint = finding.fingerprints.first().map(|(_, value)| value.clone()).unwrap_or_default();
    let times = seen.entry(fingerprint.clone()).or_default();
    *times += 1;
    let fingerprint = if *times == 1 { fingerprint } else { format!("{fingerprint}-{times}") };
    Issue {
        description,
        check_name: &finding.rule.id,
        fingerprint,
        severity: match finding.severity {
            Severity::Critical => "critical",
            Severity::High => "major",
            Severity::Medium => "minor",
            Severity::Low => "info",
        },
        location: Location { path, lines: Lines { begin, end } },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::testing::Stage;

    #[test]
    fn a_finding_is_an_issue_at_its_line() {
        let mut stage = Stage::with_local_accounts(&["centralus", "eastus2"], &[0]);
        stage.find("mutable-image-tag", "lies nowhere", &[1]);
        let issues: Value = serde_json::from_str(&render(&stage.run())).unwrap();
        valid(&issues);
        let first = &issues[0];
        assert_eq!(first["check_name"], "local-accounts-enabled");
        assert_eq!(first["severity"], "major");
        assert_eq!(
            first["location"],
            json!({"path": "params/azuredeploy.parameters.centralus.json", "lines": {"begin": 3, "end": 3}})
        );
        assert_eq!(
            first["description"],
            "local accounts are not disabled on cluster `aks` (stamp: centralus (1 of 2; eastus2 holds)); \
             Entra ID is then the only way in: set `disableLocalAccounts` to true"
        );
        assert_eq!(issues[1]["location"]["lines"]["begin"], 1);
    }

    /// What GitLab refuses a report without.
    fn valid(report: &Value) {
        let schema = json!({"type": "array", "items": {
            "type": "object",
            "required": ["description", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "minLength": 1},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {"type": "object", "required": ["path", "lines"], "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": "^(\\./|/)"}},
                    "lines": {"type": "object", "required": ["begin"], "properties": {
                        "begin": {"type": "integer", "minimum": 1}, "end": {"type": "integer", "minimum": 1}}},
                }},
            },
        }});
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator.iter_errors(report).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }

    #[test]
    fn fingerprints_are_unique_and_an_empty_report_is_a_list() {
        let mut stage = Stage::new(&["a"]);
        assert_eq!(render(&stage.run()), "[\n]\n");
        for _ in 0..3 {
            stage.find("mutable-image-tag", "same", &[0]).fingerprints = vec![("place/v1", "f".into())];
        }
        let issues: Vec<Value> = serde_json::from_str(&render(&stage.run())).unwrap();
        let prints: Vec<_> = issues.iter().map(|i| i["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(prints, ["f", "f-2", "f-3"]);
    }
}
