//! Which findings a report shows, and how many there are of each kind.

use super::Run;
use super::summary::count;
use crate::rule::{Effect, Verdict};
use crate::triage::{Reported, SetAside};

/// What a report shows beyond findings that fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "four independent flags of the command line")]
pub struct Shown {
    /// Findings that are *possible* or *undetermined*.
    pub undetermined: bool,
    /// Findings that somebody accepts.
    pub suppressed: bool,
    /// Findings in exempt namespaces.
    pub exempt: bool,
    /// Every finding in the terminal report, not twenty of each rule.
    pub all: bool,
}

/// How many findings there are of each kind. Each finding is counted once, under the first that applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Not shown because no label lies in the files that were asked for.
    pub elsewhere: usize,
    /// Accepted by a suppression.
    pub suppressed: usize,
    /// Held by the baseline.
    pub baseline: usize,
    /// In an exempt namespace.
    pub exempt: usize,
    /// True unless an unknown value says otherwise.
    pub possible: usize,
    /// Cannot be told.
    pub undetermined: usize,
    /// Fail, with effect *deny*.
    pub deny: usize,
    /// Fail, with effect *audit*.
    pub audit: usize,
    /// Those of `deny` and `audit` that say that something was not analysed.
    pub not_analysed: usize,
    /// Those of `deny` and `audit` that fail the gate.
    pub failing: usize,
}

impl Counts {
    /// Counts a run's findings.
    #[must_use]
    pub fn of(run: &Run<'_>) -> Self {
        let mut counts = Self::default();
        for finding in &run.triaged.findings {
            match (&finding.set_aside, finding.exempt, finding.verdict) {
                (Some(SetAside::Unasked), ..) => {}
                (Some(SetAside::Elsewhere), ..) => counts.elsewhere += 1,
                (Some(SetAside::Suppressed(_)), ..) => counts.suppressed += 1,
                (Some(SetAside::Baseline), ..) => counts.baseline += 1,
                (None, true, _) => counts.exempt += 1,
                (None, false, Verdict::Possible) => counts.possible += 1,
                (None, false, Verdict::Undetermined) => counts.undetermined += 1,
                (None, false, Verdict::Fail) => counts.fail(finding, run),
            }
        }
        counts
    }

    /// The verdict in a few words.
    #[must_use]
    pub fn verdict(&self, run: &Run<'_>) -> String {
        let all = self.deny + self.audit;
        let rest = all - self.failing;
        if all == 0 {
            return "no findings".to_owned();
        }
        if run.threshold.is_none() {
            return format!(
                "{}: {} deny, {} audit (nothing fails the gate)",
                count(all, "finding"),
                self.deny,
                self.audit
            );
        }
        match (self.failing, rest) {
            (0, _) => format!("{}, none of which fails the gate", count(all, "finding")),
            (1, 0) => "1 finding, which fails the gate".to_owned(),
            (n, 0) => format!("{n} findings, all of which fail the gate"),
            (n, rest) => format!(
                "{} that {} the gate, and {rest} of effect audit",
                count(n, "finding"),
                if n == 1 { "fails" } else { "fail" }
            ),
        }
    }

    fn fail(&mut self, finding: &Reported, run: &Run<'_>) {
        match finding.effect {
            Effect::Deny => self.deny += 1,
            _ => self.audit += 1,
        }
        self.not_analysed += usize::from(&*finding.rule.id == "not-analysed");
        self.failing += usize::from(run.fails(finding));
    }
}

impl Reported {
    /// Whether it counts as a finding: it is sure, and nothing sets it aside.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.verdict == Verdict::Fail && !self.exempt && self.set_aside.is_none()
    }
}

impl<'a> Run<'a> {
    /// The findings that the report shows, in order.
    pub fn findings(&self) -> impl Iterator<Item = &'a Reported> + use<'a> {
        self.findings_and(false)
    }

    /// The findings that the report shows, those that the baseline holds among them if `held`.
    pub fn findings_and(&self, held: bool) -> impl Iterator<Item = &'a Reported> + use<'a> {
        let shown = self.shown;
        self.triaged.findings.iter().filter(move |f| {
            (f.verdict == Verdict::Fail || shown.undetermined)
                && (!f.exempt || shown.exempt)
                && match &f.set_aside {
                    None => true,
                    Some(SetAside::Suppressed(_)) => shown.suppressed,
                    Some(SetAside::Baseline) => held,
                    Some(SetAside::Elsewhere | SetAside::Unasked) => false,
                }
        })
    }

    /// What there is to say once: of the run itself, then of its rules, each with the rule's id in front.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let own = self.summary.notes.iter().cloned();
        let of_rules = self.triaged.notes.iter().map(|note| {
            if note.rule.is_empty() { note.message.clone() } else { format!("{}: {}", note.rule, note.message) }
        });
        own.chain(of_rules).collect()
    }

    /// Whether a finding fails the gate.
    #[must_use]
    pub fn fails(&self, finding: &Reported) -> bool {
        self.threshold.is_some_and(|t| finding.fails(t))
    }
}
