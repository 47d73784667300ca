//! The closing summary: what was found, what was read, what was inferred, what to do next. It goes to standard error.

use super::summary::{count, listed};
use super::{Counts, Run};

/// The closing summary, ending with a line feed.
#[must_use]
pub fn closing(run: &Run<'_>) -> String {
    let counts = Counts::of(run);
    let mut lines = vec![found(&counts), read(run)];
    lines.extend(run.summary.inferred.iter().map(|s| format!("inferred: {s}")));
    lines.extend(run.summary.notes.iter().map(|s| format!("note: {s}")));
    lines.extend(run.triaged.notes.iter().map(|n| format!("note: {}", n.message)));
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn found(counts: &Counts) -> String {
    format!(
        "{} ({} deny, {} audit), {} undetermined, {} suppressed, {} exempt, {} not analysed",
        count(counts.deny + counts.audit, "finding"),
        counts.deny,
        counts.audit,
        counts.possible + counts.undetermined,
        counts.suppressed,
        counts.exempt,
        counts.not_analysed,
    )
}

fn read(run: &Run<'_>) -> String {
    let files: Vec<String> = run.summary.files.iter().map(ToString::to_string).collect();
    format!(
        "checked {}: {}, {}, {}",
        count(run.fleet.stamps.len(), "stamp"),
        listed(&files),
        count(run.summary.resources, "resource"),
        count(run.summary.rules, "rule"),
    )
}
