//! The findings that were there before: matched by fingerprint, so that only new ones fail the gate.
//!
//! Text and files are not here; `app` reads and writes the file.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{Reported, SetAside};
use crate::model::Fleet;
use crate::rule::Verdict;
use crate::source::Sources;

/// One finding of a baseline.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Known {
    /// The file of the place to fix; empty where it lies nowhere.
    pub file: String,
    /// The rule.
    pub rule: String,
    /// The resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What was wrong, for people.
    pub message: String,
    /// The stamps that it occurred in.
    pub stamps: Vec<String>,
    /// Fingerprint `place/v1`.
    pub place: String,
    /// Fingerprint `role/v1`.
    pub role: String,
}

/// What a run looks like beside a baseline.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Compared {
    /// Findings that it holds.
    pub held: usize,
    /// What of it is gone.
    pub fixed: Vec<Known>,
}

/// The findings of a run as a baseline: those that count, held ones included, in order.
#[must_use]
pub fn known(findings: &[Reported], fleet: &Fleet, sources: &Sources) -> Vec<Known> {
    let mut known: Vec<Known> = findings.iter().filter(|f| is_ours(f)).map(|f| of(f, fleet, sources)).collect();
    known.sort();
    known
}

/// Sets aside what the baseline holds. Each of its findings stands for one.
///
/// A finding is the same where its fingerprint `place/v1` is. What is left over on both sides is matched by `role/v1`, if
/// the file or a stamp of the one in the baseline is there no more: then it was renamed. `exists` tells it of files.
pub fn hold(baseline: &[Known], findings: &mut [Reported], fleet: &Fleet, exists: &dyn Fn(&str) -> bool) -> Compared {
    let mut gone: Vec<bool> = vec![true; baseline.len()];
    let mut compared = Compared::default();
    let renamed = |known: &Known| {
        !exists(&known.file) || known.stamps.iter().any(|s| !fleet.stamps.iter().any(|f| f.name == s.as_str()))
    };
    for by_role in [false, true] {
        let mut free: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (i, known) in baseline.iter().enumerate() {
            if gone.get(i) == Some(&true) && (!by_role || renamed(known)) {
                let print = if by_role { &known.role } else { &known.place };
                free.entry(format!("{} {print}", known.rule)).or_default().push_back(i);
            }
        }
        let name = if by_role { "role/v1" } else { "place/v1" };
        for finding in findings.iter_mut().filter(|f| f.set_aside.is_none() && is_ours(f)) {
            let matched =
                free.get_mut(&format!("{} {}", finding.rule.id, print(finding, name))).and_then(VecDeque::pop_front);
            if let Some(i) = matched {
                finding.set_aside = Some(SetAside::Baseline);
                compared.held += 1;
                if let Some(gone) = gone.get_mut(i) {
                    *gone = false;
                }
            }
        }
    }
    compared.fixed = baseline.iter().zip(gone).filter(|(_, gone)| *gone).map(|(known, _)| known.clone()).collect();
    compared
}

fn is_ours(finding: &Reported) -> bool {
    finding.verdict == Verdict::Fail && !finding.exempt && matches!(finding.set_aside, None | Some(SetAside::Baseline))
}

fn print<'f>(finding: &'f Reported, name: &str) -> &'f str {
    finding.fingerprints.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
}

fn of(finding: &Reported, fleet: &Fleet, sources: &Sources) -> Known {
    let source = finding.places.first().and_then(|l| sources.get(l.span.source));
    Known {
        file: source.map(|s| s.path().to_string()).unwrap_or_default(),
        rule: finding.rule.id.to_string(),
        resource: finding.resource.clone(),
        message: finding.message.clone(),
        stamps: finding.stamp_names(fleet),
        place: print(finding, "place/v1").to_owned(),
        role: print(finding, "role/v1").to_owned(),
    }
}
