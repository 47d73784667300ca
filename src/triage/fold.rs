//! Folding: findings of one rule at one place become one, with all their stamps.

use std::collections::HashMap;
use std::sync::Arc;

use super::fingerprint::{Prints, named_path};
use super::said::Said;
use super::suppress::{Against, Suppressions, Used};
use super::{Accepted, Label, Reported, SetAside, Triaged, fix, place};
use crate::model::{Fleet, Resource, StampSet};
use crate::rule::{Catalogue, Effect, Finding, Output, Place, Settings, Severity, Verdict};
use crate::source::{Sources, Span};

/// What triage needs beside the run's output.
#[derive(Clone, Copy, Debug)]
pub struct Triage<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// The rules.
    pub catalogue: &'a Catalogue,
    /// What holds where.
    pub settings: &'a Settings,
    /// All sources.
    pub sources: &'a Sources,
    /// What somebody accepts.
    pub suppressions: &'a Suppressions,
}

/// One place of one rule with one verdict, accepted or not. Where there is no text, the message stands for the place.
type Key = (Arc<str>, Verdict, Span, String, bool);

/// Folds and orders a run's output.
#[must_use]
pub fn fold(input: Triage<'_>, output: Output) -> Triaged {
    let mut folding = Folding::new(input);
    folding.take(output.findings);
    // Suppressions are judged by what they did, and may be accepted in their turn.
    let against =
        Against { fleet: input.fleet, catalogue: input.catalogue, settings: input.settings, sources: input.sources };
    let judged = folding.used.audit(against, &folding.folded);
    folding.take(judged);
    let judged = folding.used.audit_last(against);
    folding.take(judged);
    let mut folded = folding.folded;
    drop_consequences(&mut folded);
    folded.sort_by_cached_key(|r| order(r, input.sources));
    Triaged { findings: folded, notes: output.notes }
}

/// A parameter that does not fit its declaration is one fault, also where the resource that takes it says so, too.
fn drop_consequences(folded: &mut Vec<Reported>) {
    let place = |r: &Reported| r.places.first().map(|l| l.span).filter(|s| !s.is_none());
    let misfits: HashMap<Span, StampSet> = folded
        .iter()
        .filter(|r| &*r.rule.id == "parameter-invalid")
        .filter_map(|r| Some((place(r)?, r.stamps.clone())))
        .collect();
    folded.retain(|r| {
        let cause = place(r).filter(|_| &*r.rule.id == "schema-violation").and_then(|span| misfits.get(&span));
        !cause.is_some_and(|stamps| r.stamps.iter().all(|s| stamps.contains(s)))
    });
}

struct Folding<'a> {
    input: Triage<'a>,
    at: HashMap<Key, usize>,
    folded: Vec<Reported>,
    said: Said<'a>,
    prints: Prints<'a>,
    used: Used<'a>,
}

impl<'a> Folding<'a> {
    fn new(input: Triage<'a>) -> Self {
        Self {
            input,
            at: HashMap::new(),
            folded: Vec::new(),
            said: Said::new(input.sources),
            prints: Prints::new(input.fleet),
            used: input.suppressions.begin(),
        }
    }

    fn take(&mut self, mut findings: Vec<Finding>) {
        // Threads hand findings over in any order; which one speaks for its fellows must not depend on that.
        findings.sort_by_cached_key(|f| (f.stamps.clone(), f.resource.as_ref().map(|r| r.label()), f.message.clone()));
        for finding in &findings {
            let places = place::labels(finding, self.input.sources);
            for (stamps, accepted) in self.used.split(finding, &places, self.input.sources) {
                self.part(finding, &places, stamps, accepted);
            }
        }
    }

    /// Folds what is found in some of a finding's stamps.
    fn part(&mut self, finding: &Finding, places: &[Label], stamps: StampSet, accepted: Option<Accepted>) {
        let Some(reported) = self.report(finding, places.to_vec(), stamps, accepted) else {
            return;
        };
        let span = reported.places.first().map_or(Span::NONE, |l| l.span);
        let said = if span.is_none() { reported.message.clone() } else { String::new() };
        let key = (Arc::clone(&reported.rule.id), reported.verdict, span, said, reported.set_aside.is_some());
        match self.at.get(&key).and_then(|i| self.folded.get_mut(*i)) {
            Some(first) => merge(first, reported),
            None => {
                self.at.insert(key, self.folded.len());
                self.folded.push(reported);
            }
        }
    }
}

fn order(reported: &Reported, sources: &Sources) -> (String, u32, u32, Arc<str>, Verdict, String, bool) {
    let first = reported.places.first();
    let file = first.and_then(|l| sources.get(l.span.source)).map(|s| s.path().to_string()).unwrap_or_default();
    let (start, end) = first.map_or((0, 0), |l| (l.span.start, l.span.end));
    (
        file,
        start,
        end,
        Arc::clone(&reported.rule.id),
        reported.verdict,
        reported.message.clone(),
        reported.set_aside.is_some(),
    )
}

fn merge(first: &mut Reported, other: Reported) {
    // In other stamps the same fault has other names; in the same stamp another message is another fault.
    let together = first.stamps.is_empty() || first.stamps.iter().any(|s| other.stamps.contains(s));
    if together
        && first.message != other.message
        && first.also.len() < MOST_ALSO
        && !first.also.contains(&other.message)
    {
        first.also.push(other.message);
    }
    first.stamps.merge(&other.stamps);
    first.effect = first.effect.max(other.effect);
    first.severity = first.severity.max(other.severity);
    first.exempt &= other.exempt;
    for label in other.places {
        if !first.places.iter().any(|l| l.span == label.span) && first.places.len() < MOST_FOLDED {
            first.places.push(label);
        }
    }
}

/// Messages of folded findings beyond this are left out.
const MOST_ALSO: usize = 100;

/// Further places of folded findings beyond this are left out: a loop over a hundred pools has a hundred calls.
const MOST_FOLDED: usize = 12;

impl Folding<'_> {
    fn report(
        &mut self,
        finding: &Finding,
        mut places: Vec<Label>,
        stamps: StampSet,
        accepted: Option<Accepted>,
    ) -> Option<Reported> {
        let input = self.input;
        let rule = input.catalogue.get(&finding.rule)?;
        // What runs only in a chart's test is held to where its images come from, and that it can be read, no more.
        let tested = !matches!(&*rule.family, "images" | "input");
        if tested && finding.resource.as_ref().is_some_and(|r| r.is_test_hook()) {
            return None;
        }
        let (effect, severity) = strongest(input, finding, &stamps)?;
        let spans: Vec<Span> = places.iter().map(|p| p.span).collect();
        let mut message = finding.message.clone();
        let mut texts: Vec<&mut String> = places.iter_mut().map(|label| &mut label.text).collect();
        texts.push(&mut message);
        self.said.clean(&mut texts, &spans);
        let primary = places.first().map(|l| l.span);
        Some(Reported {
            rule: Arc::clone(rule),
            effect,
            severity,
            verdict: finding.verdict,
            message,
            also: Vec::new(),
            help: finding.help.clone(),
            stamps,
            resource: finding.resource.as_ref().map(|r| r.label()),
            path: match &finding.place {
                Place::Resource { resource, path, .. } => named_path(&resource.body, path),
                _ => String::new(),
            },
            rendered_from: finding.resource.as_ref().and_then(|r| Some(r.rendered_from.as_ref()?.to_string())),
            exempt: finding.resource.as_ref().is_some_and(|r| exempt(input.fleet, r)),
            set_aside: accepted.map(SetAside::Suppressed),
            fingerprints: self.prints.of(finding, primary, input.sources),
            fixes: fix::fixes(finding, rule, input.sources),
            places,
        })
    }
}

/// Effect and severity over the finding's stamps, the strongest first; none where the rule is off in all of them.
fn strongest(input: Triage<'_>, finding: &Finding, stamps: &StampSet) -> Option<(Effect, Severity)> {
    let all: Vec<usize>;
    let stamps: &mut dyn Iterator<Item = usize> = if stamps.is_empty() {
        all = (0..input.fleet.stamps.len().max(1)).collect();
        &mut all.iter().copied()
    } else {
        &mut stamps.iter()
    };
    stamps
        .filter_map(|stamp| input.settings.get(&finding.rule, stamp))
        .filter(|setting| setting.effect != Effect::Off)
        .map(|setting| (finding.weaker.map_or(setting.effect, |w| w.min(setting.effect)), setting.severity))
        .reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)))
}

fn exempt(fleet: &Fleet, resource: &Resource) -> bool {
    let namespace = if resource.kind() == "Namespace" { resource.name() } else { resource.namespace() };
    resource.is_kubernetes() && fleet.facts.exempt_namespaces.iter().any(|n| n == namespace)
}

impl Reported {
    /// The names of its stamps, in the fleet's order.
    #[must_use]
    pub fn stamp_names(&self, fleet: &Fleet) -> Vec<String> {
        names(&self.stamps, fleet)
    }

    /// Whether it fails a gate of this threshold.
    #[must_use]
    pub fn fails(&self, threshold: Effect) -> bool {
        self.verdict == Verdict::Fail && !self.exempt && self.set_aside.is_none() && self.effect >= threshold
    }
}

fn names(stamps: &StampSet, fleet: &Fleet) -> Vec<String> {
    stamps.iter().filter_map(|i| fleet.stamps.get(i)).map(|s| s.name.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Selection, builtin};

    /// Folds findings of one rule at one place, given as message and stamps, and tells message, what else is said, and stamps.
    fn folded(given: &[(&str, &[usize])]) -> Vec<(String, Vec<String>, Vec<usize>)> {
        let sources = Sources::new();
        let (catalogue, _) = Catalogue::read(builtin::DOCUMENTS.iter().copied(), &sources);
        let settings = Settings::new(&catalogue, &[Vec::new(), Vec::new()], &Selection::default());
        let source = sources.add("parameters.json", "{\"parameters\": {}}");
        let findings = given.iter().map(|(message, stamps)| {
            let stamps = StampSet::from_indexes(stamps.iter().copied());
            let mut finding = Finding::new(Place::Span(source.span(1, 13)), *message).stamps(stamps);
            finding.rule = Arc::from("not-analysed");
            finding
        });
        let output = Output { findings: findings.collect(), notes: Vec::new() };
        let fleet = Fleet::default();
        let suppressions = Suppressions::default();
        let triage = Triage {
            fleet: &fleet,
            catalogue: &catalogue,
            settings: &settings,
            sources: &sources,
            suppressions: &suppressions,
        };
        fold(triage, output).findings.into_iter().map(|r| (r.message, r.also, r.stamps.iter().collect())).collect()
    }

    #[test]
    fn one_fault_in_several_stamps_is_one_finding() {
        let same = folded(&[("a", &[1]), ("a", &[0])]);
        assert_eq!(same, [("a".to_owned(), Vec::new(), vec![0, 1])]);
        // Each stamp has its own names.
        let named = folded(&[("cluster-1", &[0]), ("cluster-2", &[1])]);
        assert_eq!(named, [("cluster-1".to_owned(), Vec::new(), vec![0, 1])]);
    }

    #[test]
    fn a_misfit_parameter_is_not_said_again_by_what_takes_it() {
        let sources = Sources::new();
        let (catalogue, _) = Catalogue::read(builtin::DOCUMENTS.iter().copied(), &sources);
        let settings = Settings::new(&catalogue, &[Vec::new(), Vec::new()], &Selection::default());
        let source = sources.add("parameters.json", "{\"parameters\": {}}");
        let at = |rule: &str, start: usize, stamp: usize| {
            let mut finding = Finding::new(Place::Span(source.span(start, start + 1)), rule.to_owned())
                .stamps(StampSet::from_indexes([stamp]));
            finding.rule = Arc::from(rule);
            finding
        };
        let findings = vec![
            at("parameter-invalid", 1, 0),
            at("schema-violation", 1, 0),
            at("schema-violation", 2, 0),
            at("parameter-invalid", 4, 0),
            at("schema-violation", 4, 1),
        ];
        let fleet = Fleet::default();
        let suppressions = Suppressions::default();
        let triage = Triage {
            fleet: &fleet,
            catalogue: &catalogue,
            settings: &settings,
            sources: &sources,
            suppressions: &suppressions,
        };
        let left = fold(triage, Output { findings, notes: Vec::new() }).findings;
        let left: Vec<_> = left.iter().map(|r| (&*r.rule.id, r.places[0].span.start)).collect();
        let misfit = "parameter-invalid";
        assert_eq!(left, [(misfit, 1), ("schema-violation", 2), (misfit, 4), ("schema-violation", 4)]);
    }

    #[test]
    fn two_faults_of_a_stamp_at_one_place_are_both_said() {
        let two = folded(&[("`b` has no value", &[0]), ("`a` has no value", &[0]), ("`a` has no value", &[1])]);
        assert_eq!(two, [("`a` has no value".to_owned(), vec!["`b` has no value".to_owned()], vec![0, 1])]);
    }
}
