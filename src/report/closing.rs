//! The closing summary: what was found, what was read, what was inferred, what to do next. It goes to standard error, and is written for
//! somebody who is tired: one word in front of each part, the verdict first.

use std::collections::BTreeMap;

use super::excerpt::safe;
use super::stamps::some;
use super::summary::{count, listed};
use super::{Counts, Level, Run, wrap};

/// Lines are broken at this width.
const WIDTH: usize = 88;

/// The column at which text begins, after the word in front.
const INDENT: usize = 10;

/// Rules beyond this are counted, not listed.
const MOST_RULES: usize = 8;

/// Sentences of one part beyond this are counted.
const MOST_SENTENCES: usize = 12;

/// The closing summary, ending with a line feed. `color` of the run says whether it is coloured: the caller sets it for the stream that this goes to.
#[must_use]
pub fn closing(run: &Run<'_>) -> String {
    let counts = Counts::of(run);
    let mut parts = Parts::new(run.color);
    let tone = if counts.failing > 0 {
        Tone::Bad
    } else if counts.deny + counts.audit > 0 {
        Tone::Mixed
    } else {
        Tone::Good
    };
    parts.say_in("found", tone, &[counts.verdict(run)]);
    parts.say("", &rules(run));
    parts.say("hidden", &hidden(run, &counts));
    parts.say("read", &read(run));
    parts.say("skipped", &skipped(run));
    parts.sentences("inferred", &run.summary.inferred);
    parts.sentences("note", &notes(run));
    parts.say("next", &next(run, &counts));
    parts.text
}

fn by_rule<'a>(run: &Run<'a>) -> Vec<(&'a str, usize)> {
    let mut by_rule: BTreeMap<&str, (bool, usize)> = BTreeMap::new();
    for finding in run.triaged.findings.iter().filter(|f| f.counts()) {
        let (fails, n) = by_rule.entry(&*finding.rule.id).or_default();
        *fails |= run.fails(finding);
        *n += 1;
    }
    let mut rules: Vec<_> = by_rule.into_iter().collect();
    rules.sort_by_key(|(_, (fails, n))| (!fails, std::cmp::Reverse(*n)));
    rules.into_iter().map(|(id, (_, n))| (id, n)).collect()
}

fn rules(run: &Run<'_>) -> Vec<String> {
    let rules = by_rule(run);
    let mut words: Vec<String> = rules.iter().take(MOST_RULES).map(|(id, n)| format!("{id} {n}")).collect();
    if rules.len() > MOST_RULES {
        words.push(count(rules.len() - MOST_RULES, "further rule"));
    }
    if words.is_empty() { Vec::new() } else { vec![words.join(", ")] }
}

fn hidden(run: &Run<'_>, counts: &Counts) -> Vec<String> {
    let shown = run.shown;
    let open = counts.possible + counts.undetermined;
    let parts = [
        (open, shown.undetermined, "undetermined (--show-undetermined)"),
        (counts.suppressed, shown.suppressed, "suppressed (--show-suppressed)"),
        (counts.exempt, shown.exempt, "in exempt namespaces (--show-exempt)"),
        (counts.baseline, false, "held by the baseline"),
        (counts.elsewhere, false, "in files that were not asked for"),
    ];
    let words: Vec<String> =
        parts.iter().filter(|(n, shown, _)| *n > 0 && !shown).map(|(n, _, what)| format!("{n} {what}")).collect();
    if words.is_empty() { Vec::new() } else { vec![words.join(", ")] }
}

/// What was read, and in how many stamps it lies.
pub(super) fn read(run: &Run<'_>) -> Vec<String> {
    let names: Vec<String> = run.fleet.stamps.iter().map(|s| s.name.to_string()).collect();
    let stamps = match names.as_slice() {
        [] => "no stamp".to_owned(),
        [one] => format!("1 stamp ({one})"),
        more => format!("{} stamps ({})", more.len(), some(more)),
    };
    let files: Vec<String> = run.summary.files.iter().filter(|c| c.count > 0).map(ToString::to_string).collect();
    let files = if files.is_empty() { "no file".to_owned() } else { listed(&files) };
    vec![format!(
        "{files}: {} in {stamps}, checked by {}",
        count(run.summary.resources, "resource"),
        count(run.summary.rules, "rule")
    )]
}

fn skipped(run: &Run<'_>) -> Vec<String> {
    let words: Vec<String> = run.summary.left_alone.iter().filter(|c| c.count > 0).map(ToString::to_string).collect();
    if words.is_empty() { Vec::new() } else { vec![listed(&words)] }
}

fn notes(run: &Run<'_>) -> Vec<String> {
    let told = run.notifications.iter().filter(|n| n.level != Level::Error).map(|n| n.message.clone());
    told.chain(run.notes()).collect()
}

fn next(run: &Run<'_>, counts: &Counts) -> Vec<String> {
    let mut next = Vec::new();
    if counts.not_analysed > 0 {
        next.push("see to `not-analysed` first: what could not be read was not checked".to_owned());
    }
    if let Some((rule, _)) = by_rule(run).into_iter().find(|(id, _)| *id != "not-analysed") {
        next.push(format!("`stamplint explain {rule}` says why, and how to fix it"));
    }
    if (!run.fleet.declared || run.fleet.stamps_key.is_none()) && !run.summary.inferred.is_empty() {
        next.push("`stamplint init` writes what was inferred as a config, to be corrected and kept".to_owned());
    }
    next
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tone {
    Plain,
    Good,
    Mixed,
    Bad,
}

/// Lines with one word in front of each part.
pub(super) struct Parts {
    text: String,
    color: bool,
}

impl Parts {
    /// No part yet.
    pub(super) fn new(color: bool) -> Self {
        Self { text: String::new(), color }
    }

    /// The parts, ending with a line feed.
    pub(super) fn text(self) -> String {
        self.text
    }

    /// One part, a line for each sentence; nothing where there is none.
    pub(super) fn say(&mut self, word: &str, lines: &[String]) {
        self.say_in(word, Tone::Plain, lines);
    }

    /// As [`Parts::say`], with what goes beyond a dozen counted.
    pub(super) fn sentences(&mut self, word: &str, sentences: &[String]) {
        let mut shown: Vec<String> = sentences.iter().take(MOST_SENTENCES).cloned().collect();
        if sentences.len() > MOST_SENTENCES {
            shown.push(format!("and {} more", sentences.len() - MOST_SENTENCES));
        }
        self.say(word, &shown);
    }

    fn say_in(&mut self, word: &str, tone: Tone, lines: &[String]) {
        for (i, line) in lines.iter().enumerate() {
            let front = if i == 0 { word } else { "" };
            let (bold, paint, reset) = match (self.color, tone) {
                (false, _) => ("", "", ""),
                (true, Tone::Plain) => ("\u{1b}[1m", "", "\u{1b}[0m"),
                (true, Tone::Good) => ("\u{1b}[1m", "\u{1b}[1;32m", "\u{1b}[0m"),
                (true, Tone::Mixed) => ("\u{1b}[1m", "\u{1b}[1;33m", "\u{1b}[0m"),
                (true, Tone::Bad) => ("\u{1b}[1m", "\u{1b}[1;31m", "\u{1b}[0m"),
            };
            let wrapped = wrap::wrap(&safe(line), WIDTH, &" ".repeat(INDENT));
            let pad = " ".repeat(INDENT.saturating_sub(front.len()));
            let after = if paint.is_empty() { "" } else { reset };
            if front.is_empty() {
                self.text.push_str(&format!("{pad}{paint}{wrapped}{after}\n"));
            } else {
                self.text.push_str(&format!("{bold}{front}{reset}{pad}{paint}{wrapped}{after}\n"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::Stage;
    use crate::report::{Counted, Shown};
    use crate::rule::Verdict;

    fn stage() -> Stage {
        let mut stage = Stage::with_local_accounts(&["centralus", "eastus2"], &[0]);
        stage.fleet.declared = false;
        stage.find("mutable-image-tag", "a", &[0]);
        stage.find("mutable-image-tag", "b", &[0]);
        stage.find("mutable-image-tag", "c", &[0]).verdict = Verdict::Undetermined;
        stage.find("mutable-image-tag", "d", &[0]).exempt = true;
        stage.summary.files =
            vec![Counted::new("manifest", 8), Counted::new("parameter file", 1), Counted::new("policy", 2)];
        stage.summary.resources = 57;
        stage.summary.rules = 3;
        stage.summary.left_alone = vec![Counted::new("chart template", 12)];
        stage.summary.inferred = vec!["stamps `centralus` and `eastus2`, from `azuredeploy.parameters.*.json`".into()];
        stage
    }

    #[test]
    fn says_what_was_found_read_inferred_and_what_to_do() {
        let stage = stage();
        assert_eq!(
            closing(&stage.run()),
            "found     1 finding that fails the gate, and 2 of effect audit\n          \
             local-accounts-enabled 1, mutable-image-tag 2\n\
             hidden    1 undetermined (--show-undetermined), 1 in exempt namespaces (--show-exempt)\n\
             read      8 manifests, 1 parameter file and 2 policies: 57 resources in 2 stamps (centralus,\n          \
             eastus2), checked by 3 rules\n\
             skipped   12 chart templates\n\
             inferred  stamps `centralus` and `eastus2`, from `azuredeploy.parameters.*.json`\n\
             next      `stamplint explain local-accounts-enabled` says why, and how to fix it\n          \
             `stamplint init` writes what was inferred as a config, to be corrected and kept\n"
        );
    }

    #[test]
    fn what_is_shown_is_not_called_hidden_and_a_clean_run_is_short() {
        let mut stage = stage();
        stage.shown = Shown { undetermined: true, exempt: true, ..Shown::default() };
        assert!(!closing(&stage.run()).contains("hidden"));
        let clean = Stage::new(&["a"]);
        assert_eq!(
            closing(&clean.run()),
            "found     no findings\nread      no file: 0 resources in 1 stamp (a), checked by 0 rules\n"
        );
    }

    #[test]
    fn the_verdict_follows_the_threshold() {
        let stage = stage();
        let run = stage.run();
        assert!(
            closing(&Run { threshold: None, ..run })
                .starts_with("found     3 findings: 1 deny, 2 audit (nothing fails the gate)\n")
        );
        let audit = Run { threshold: Some(crate::rule::Effect::Audit), ..run };
        assert!(closing(&audit).starts_with("found     3 findings, all of which fail the gate\n"));
        assert!(!closing(&run).contains('\u{1b}') && closing(&Run { color: true, ..run }).contains("\u{1b}[1;31m"));
    }
}
