//! The report for people.

use super::Run;
use super::place::chars;
use super::stamps::Stamps;
use crate::rule::Effect;

/// Renders the findings.
pub(super) fn render(run: &Run<'_>) -> String {
    let stamps = Stamps::new(run);
    let mut text = String::new();
    for finding in run.findings() {
        let level = if finding.effect == Effect::Deny { "error" } else { "warning" };
        text.push_str(&format!("{level}[{}]: {}\n", finding.rule.id, finding.message));
        for label in &finding.places {
            if let Some(source) = run.sources.get(label.span.source) {
                let (start, _) = chars(&source, label.span);
                text.push_str(&format!(
                    "  {}:{}:{} {}\n",
                    run.from_here(source.path()),
                    start.line,
                    start.column,
                    label.text
                ));
            }
        }
        if let Some(sentence) = stamps.sentence(finding) {
            text.push_str(&format!("  = stamp: {sentence}\n"));
        }
    }
    text
}
