//! How a finding's stamps are told: which it hits, and which hold.

use std::collections::HashMap;

use super::Run;
use crate::model::Stamp;
use crate::rule::{Effect, Scope};
use crate::triage::Reported;

/// Names beyond this are counted, not listed.
const MOST_NAMES: usize = 6;

/// Knows for each rule the stamps that have a finding of it, so that a stamp without any can be said to hold.
#[derive(Debug)]
pub(super) struct Stamps<'a> {
    run: &'a Run<'a>,
    hit: HashMap<&'a str, Vec<bool>>,
}

impl<'a> Stamps<'a> {
    /// Reads a run's findings, those that are not shown too.
    pub fn new(run: &'a Run<'a>) -> Self {
        Self::reading(run, |_| true)
    }

    /// Reads the findings of one rule only.
    pub fn new_for(run: &'a Run<'a>, rule: &str) -> Self {
        Self::reading(run, |finding| *finding.rule.id == *rule)
    }

    fn reading(run: &'a Run<'a>, wanted: impl Fn(&Reported) -> bool) -> Self {
        let mut hit: HashMap<&str, Vec<bool>> = HashMap::new();
        for finding in run.triaged.findings.iter().filter(|f| wanted(f)) {
            let stamps = hit.entry(&*finding.rule.id).or_insert_with(|| vec![false; run.fleet.stamps.len()]);
            for stamp in finding.stamps.iter() {
                if let Some(flag) = stamps.get_mut(stamp) {
                    *flag = true;
                }
            }
        }
        Self { run, hit }
    }

    /// The stamps that a finding names.
    pub fn names(&self, finding: &Reported) -> Vec<String> {
        finding.stamp_names(self.run.fleet)
    }

    /// `stamp: ` or `stamps: ` and the sentence.
    pub fn line(&self, finding: &Reported) -> Option<String> {
        let word = if finding.stamps.len() == 1 { "stamp" } else { "stamps" };
        self.sentence(finding).map(|sentence| format!("{word}: {sentence}"))
    }

    /// `centralus (1 of 2; eastus2 holds)`. None where there is nothing to tell stamps by.
    pub fn sentence(&self, finding: &Reported) -> Option<String> {
        let fleet = self.run.fleet;
        let names = self.names(finding);
        let all = fleet.stamps.len();
        if names.is_empty() || (all == 1 && !fleet.declared && names == ["default"]) {
            return None;
        }
        let list = some(&names);
        if all == 1 {
            return Some(list);
        }
        if names.len() == all {
            return Some(format!("{list} (all {all})"));
        }
        let holding = self.holding(finding);
        let holds = match holding.as_slice() {
            [] => String::new(),
            [one] => format!("; {one} holds"),
            more => format!("; {} hold", some(more)),
        };
        Some(format!("{list} ({} of {all}{holds})", names.len()))
    }

    /// Stamps that were judged by the same rule, have a resource of the same kind, and have no finding of the rule.
    fn holding(&self, finding: &Reported) -> Vec<String> {
        // A rule over the fleet judges no stamp alone.
        let (Some(resource), true) = (&finding.resource, finding.rule.scope != Scope::Fleet) else {
            return Vec::new();
        };
        let judged = |stamp: &&Stamp| {
            self.run.settings.get(&finding.rule.id, stamp.index).is_some_and(|s| s.effect != Effect::Off)
        };
        let Some(kind) = self.kind(finding, resource) else {
            return Vec::new();
        };
        let same_kind = |stamp: &&Stamp| has(stamp, kind);
        let hit = self.hit.get(&*finding.rule.id);
        self.run
            .fleet
            .stamps
            .iter()
            .filter(|s| !hit.and_then(|h| h.get(s.index)).copied().unwrap_or(false))
            .filter(judged)
            .filter(same_kind)
            .map(|s| s.name.to_string())
            .collect()
    }

    /// The kind or type with which a resource's label begins: a name may hold slashes as a type does.
    fn kind<'r>(&self, finding: &Reported, resource: &'r str) -> Option<&'r str> {
        let stamp = self.run.fleet.stamps.get(finding.stamps.iter().next()?)?;
        resource.rmatch_indices('/').filter_map(|(i, _)| resource.get(..i)).find(|kind| has(stamp, kind))
    }
}

/// Whether a stamp has a resource of a kind or type.
fn has(stamp: &Stamp, kind: &str) -> bool {
    stamp.inventory.kind(kind).next().is_some() || stamp.inventory.azure(kind).next().is_some()
}

/// The first names, and how many more there are.
pub(super) fn some(names: &[String]) -> String {
    let rest = names.len().saturating_sub(MOST_NAMES);
    let first: Vec<&str> = names.iter().take(MOST_NAMES).map(String::as_str).collect();
    if rest == 0 { first.join(", ") } else { format!("{} and {rest} more", first.join(", ")) }
}
