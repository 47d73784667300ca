//! SARIF 2.1.0, as GitHub code scanning and editors read it: one run, columns in UTF-16 units, paths from the repository's root.

mod limits;
mod location;
mod result;
mod rules;

use serde_json::{Value, json};

use super::stamps::Stamps;
use super::{Level, Run};
use location::Places;
use result::Results;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Renders the report: one result a line.
pub(super) fn render(run: &Run<'_>) -> String {
    render_within(run, limits::Limits::default())
}

fn render_within(run: &Run<'_>, limits: limits::Limits) -> String {
    let places = Places::new(run);
    let rules = rules::Rules::new(run);
    let stamps = Stamps::new(run);
    let results = Results { run, places: &places, rules: &rules, stamps: &stamps };
    let all: Vec<_> =
        run.findings_and(true).map(|f| (limits::Weight::of(run, f), results.result(f).to_string())).collect();
    let total = all.len();
    let kept = limits.keep(all);
    let dropped = total - kept.len();
    let mut driver = json!({
        "name": "stamplint",
        "semanticVersion": run.version,
        "rules": rules.descriptors(),
    });
    let homepage = env!("CARGO_PKG_HOMEPAGE");
    set(&mut driver, "informationUri", (!homepage.is_empty()).then_some(homepage));
    set(&mut driver, "fullName", Some(format!("stamplint {}", run.version)));
    let mut log_run = json!({
        "tool": {"driver": driver},
        "invocations": [invocation(run, &places, &rules, dropped, total)],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository, or the working folder where there is none."}}},
        "columnKind": "utf16CodeUnits",
        "redactionTokens": [super::place::MASK],
        "properties": {"stamps": run.fleet.stamps.iter().map(|s| s.name.as_str()).collect::<Vec<_>>()},
    });
    set(&mut log_run, "automationDetails", run.category.map(|c| json!({"id": format!("stamplint/{c}/")})));
    let head = log_run.to_string();
    let head = head.strip_suffix('}').unwrap_or(&head);
    let mut text = format!("{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{head},\n\"results\":[");
    for (i, result) in kept.iter().enumerate() {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        text.push_str(result);
    }
    text.push_str("\n]}]}\n");
    text
}

fn invocation(run: &Run<'_>, places: &Places<'_>, rules: &rules::Rules<'_>, dropped: usize, total: usize) -> Value {
    let mut notifications: Vec<Value> = Vec::new();
    for notification in run.notifications {
        let level = match notification.level {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        };
        let mut value = json!({"level": level, "message": {"text": notification.message}});
        set(&mut value, "locations", places.physical(notification.span).map(|p| json!([{"physicalLocation": p}])));
        notifications.push(value);
    }
    if dropped > 0 {
        let text = format!(
            "{dropped} of {total} findings are left out, the weakest first: code scanning takes 25,000 results and 10 MB compressed"
        );
        notifications.push(json!({"level": "warning", "message": {"text": text}}));
    }
    let sentences =
        run.summary.inferred.iter().map(|s| format!("inferred: {s}")).chain(run.summary.notes.iter().cloned());
    notifications.extend(sentences.map(|text| json!({"level": "note", "message": {"text": text}})));
    for note in &run.triaged.notes {
        let mut value = json!({"level": "note", "message": {"text": note.message}});
        set(&mut value, "associatedRule", rules.reference(&note.rule));
        notifications.push(value);
    }
    json!({
        "executionSuccessful": run.notifications.iter().all(|n| n.level != Level::Error),
        "toolExecutionNotifications": notifications,
    })
}

/// Sets a key where there is something to set.
fn set<T: serde::Serialize>(object: &mut Value, key: &str, value: Option<T>) {
    if let (Value::Object(map), Some(value)) = (object, value) {
        map.insert(key.to_owned(), json!(value));
    }
}

#[cfg(test)]
mod tests;
