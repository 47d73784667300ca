//! SARIF 2.1.0.

use serde_json::json;

use super::Run;
use super::place::utf16;
use crate::rule::{Effect, Verdict};

/// Renders the report.
pub(super) fn render(run: &Run<'_>) -> String {
    let rules: Vec<_> =
        run.catalogue.documents().iter().filter(|d| run.settings.is_on(&d.id)).map(|d| json!({"id": &*d.id})).collect();
    let results: Vec<_> = run
        .findings()
        .map(|f| {
            let locations: Vec<_> = f
                .places
                .iter()
                .take(1)
                .filter_map(|label| {
                    let source = run.sources.get(label.span.source)?;
                    let (start, end) = utf16(&source, label.span);
                    Some(json!({"physicalLocation": {
                        "artifactLocation": {"uri": run.file(source.path()), "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": start.line.get(), "startColumn": start.column.get(),
                            "endLine": end.line.get(), "endColumn": end.column.get()},
                    }}))
                })
                .collect();
            let fail = f.verdict == Verdict::Fail;
            json!({
                "ruleId": &*f.rule.id,
                "kind": if fail { "fail" } else { "review" },
                "level": if !fail { "none" } else if f.effect == Effect::Deny { "error" } else { "warning" },
                "message": {"text": f.message},
                "locations": locations,
                "properties": {"stamps": f.stamp_names(run.fleet)},
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "stamplint", "version": run.version, "rules": rules}},
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    });
    format!("{log}\n")
}
