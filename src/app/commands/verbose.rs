//! What `check --verbose` adds to the closing summary: the config, every file with what it is taken for, and what each
//! stamp consists of, with the reason.

use std::fmt::Write as _;

use super::stamps::consists_of;
use crate::app::session::Outcome;
use crate::app::summary::class;

/// The lines that go before the closing summary; empty where nothing was read.
pub fn text(outcome: &Outcome) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "root {}", outcome.root.display());
    let inferred = "without a config that says what the stamps are: that is inferred";
    let _ = writeln!(text, "{}", outcome.config.as_deref().map_or(inferred.to_owned(), |c| format!("config {c}")));
    for read in [true, false] {
        let word = if read { "read" } else { "skipped" };
        for (path, file) in outcome.index.files() {
            if let Some((what, _)) = class(file.kind).filter(|(_, is_read)| *is_read == read) {
                let _ = writeln!(text, "{word:8} {path}: {what}");
            }
        }
    }
    text.push_str(&consists_of(&outcome.plan, &outcome.fleet));
    for said in &outcome.plan.inferred {
        let _ = writeln!(text, "inferred {said}");
    }
    text.push('\n');
    text
}
