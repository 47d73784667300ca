//! The run: every selected rule over everything that it applies to, each distinct piece of work once.
//!
//! Cost grows with distinct work, not with stamps: a resource that stamps share is judged once for all stamps whose
//! settings agree, and a rule of stamp scope once for all stamps that hold the same resources.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::problems::rule_of;
use super::rego::foreign::Foreign;
use super::rego::own::{OwnRules, Running, Seen};
use super::{
    AppliesTo, Catalogue, Check, Context, Document, Effect, Finding, Findings, FleetCx, Native, Note, Options, Place,
    ResourceCx, RuleSetting, Scope, Settings, StampCx, Verdict,
};
use crate::model::{Existence, Fleet, Resource, Stamp, StampSet, kubernetes};
use crate::source::Problem;

/// What a run needs.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The resolved fleet.
    pub fleet: &'a Fleet,
    /// The rules.
    pub catalogue: &'a Catalogue,
    /// The native ones' code.
    pub natives: &'a [Native],
    /// What holds where.
    pub settings: &'a Settings,
    /// The rules in Rego.
    pub rego: Option<&'a OwnRules>,
    /// Gatekeeper's and conftest's policies.
    pub foreign: Option<&'a Foreign>,
    /// What readers and resolvers had to say.
    pub problems: &'a [LocatedProblem],
}

/// What runs a rule.
#[derive(Debug)]
enum Code<'a> {
    Native(Check),
    Rego(Running<'a>),
}

impl Code<'_> {
    /// The policy, if it is one.
    fn rego(&self) -> Option<&Running<'_>> {
        match self {
            Self::Rego(own) => Some(own),
            Self::Native(_) => None,
        }
    }

    /// Whether one resource decides.
    fn is_of_resource(&self) -> bool {
        match self {
            Self::Native(check) => matches!(check, Check::Resource(_)),
            Self::Rego(own) => own.rule().document().scope == Scope::Resource,
        }
    }
}

/// A problem and the stamps that it concerns; with no stamps it concerns the fleet.
#[derive(Clone, Debug)]
pub struct LocatedProblem {
    /// The problem.
    pub problem: Problem,
    /// The stamps.
    pub stamps: StampSet,
}

/// What a run found. Neither list is in any order yet.
#[derive(Debug, Default)]
pub struct Output {
    /// Findings of all verdicts.
    pub findings: Vec<Finding>,
    /// What rules had to say once.
    pub notes: Vec<Note>,
}

/// Runs the rules.
#[must_use]
pub fn run(input: Input<'_>) -> Output {
    let on = |id: &str| input.catalogue.get(id).filter(|d| input.settings.is_on(&d.id));
    // A native rule may have two checks: one for resources, one for what stands in none.
    let natives = input.natives.iter().filter_map(|n| Some((on(n.id)?, Code::Native(n.check))));
    let own = input.catalogue.documents().iter().filter(|d| on(&d.id).is_some());
    let rego = own.filter_map(|d| Some((d, Code::Rego(input.rego?.get(&d.id)?.begin()))));
    let active: Vec<(&Arc<Document>, Code<'_>)> = natives.chain(rego).collect();
    let mut output = resources(input, &active);
    for (rule, check) in &active {
        let mut found = Findings::default();
        match check {
            Code::Native(Check::Stamp(check)) => stamps(input, rule, None, check, &mut found),
            Code::Native(Check::Objects { beside, check }) => stamps(input, rule, Some(beside), check, &mut found),
            Code::Native(Check::Fleet(check)) => fleet(input, rule, check, &mut found),
            Code::Native(Check::Resource(_) | Check::Problems) => {}
            Code::Rego(own) => match own.rule().document().scope {
                Scope::Resource => {}
                Scope::Stamp => stamps(input, rule, None, &|cx, found| own.stamp(cx, found), &mut found),
                Scope::Fleet => fleet(input, rule, &|cx, found| own.fleet(cx, found), &mut found),
            },
        }
        output.take(rule, found);
    }
    output.findings.extend(input.problems.iter().filter_map(|p| problem(input, p)));
    let mut met = input.rego.map(OwnRules::problems).unwrap_or_default();
    if let Some(foreign) = input.foreign.filter(|f| !f.is_empty()) {
        let held = held(input.fleet);
        let shared: Vec<_> =
            held.iter().filter(|h| !h.resource.existing).map(|h| (h.resource, h.stamps.as_slice())).collect();
        let found = foreign.run(input.fleet, input.settings, &shared);
        met.extend(found.problems);
        output.findings.extend(found.findings.into_iter().map(weakened));
    }
    for met in met {
        let located = LocatedProblem { problem: met, stamps: StampSet::default() };
        output.findings.extend(problem(input, &located));
    }
    output.notes.sort();
    output.notes.dedup();
    output
}

impl Output {
    fn take(&mut self, rule: &Document, found: Findings) {
        self.findings.extend(found.held.into_iter().map(|mut f| {
            f.rule = Arc::clone(&rule.id);
            if f.resource.is_none()
                && let Place::Resource { resource, .. } = &f.place
            {
                f.resource = Some(Arc::clone(resource));
            }
            weakened(f)
        }));
        self.notes.extend(found.notes.into_iter().map(|n| Note { rule: Arc::clone(&rule.id), ..n }));
    }
}

/// What is found on a resource that may not be there is possible at most.
fn weakened(mut finding: Finding) -> Finding {
    let may_exist = finding.resource.as_ref().is_some_and(|r| matches!(r.existence, Existence::MayExist(_)));
    if finding.verdict == Verdict::Fail && may_exist {
        finding.verdict = Verdict::Possible;
    }
    finding
}

/// A resource with the stamps that hold it.
pub(super) struct Held<'a> {
    pub resource: &'a Arc<Resource>,
    pub stamps: Vec<usize>,
}

/// Each distinct resource once, in the order of the stamps.
pub(super) fn held(fleet: &Fleet) -> Vec<Held<'_>> {
    let mut order: Vec<Held<'_>> = Vec::new();
    let mut seen: HashMap<*const Resource, usize> = HashMap::new();
    let shared = fleet.shared.resources.iter().flat_map(|r| fleet.stamps.iter().map(move |s| (r, s.index)));
    let own = fleet.stamps.iter().flat_map(|s| s.own.resources.iter().map(move |r| (r, s.index)));
    for (resource, stamp) in shared.chain(own) {
        let at = *seen.entry(Arc::as_ptr(resource)).or_insert_with(|| {
            order.push(Held { resource, stamps: Vec::new() });
            order.len() - 1
        });
        if let Some(held) = order.get_mut(at)
            && held.stamps.last() != Some(&stamp)
        {
            held.stamps.push(stamp);
        }
    }
    order
}

/// Rules of resource scope, by what they apply to.
#[derive(Default)]
pub(super) struct Index<'a> {
    by_kind: HashMap<&'a str, Vec<usize>>,
    workload: Vec<usize>,
    kubernetes: Vec<usize>,
    azure: Vec<usize>,
}

impl<'a> Index<'a> {
    fn new(active: &[(&'a Arc<Document>, Code<'_>)]) -> Self {
        let mut index = Self::default();
        for (i, (rule, check)) in active.iter().enumerate() {
            if !check.is_of_resource() {
                continue;
            }
            index.add(i, rule);
        }
        index
    }

    /// An index of one rule.
    pub fn of(rule: &'a Document) -> Self {
        let mut index = Self::default();
        index.add(0, rule);
        index
    }

    fn add(&mut self, i: usize, rule: &'a Document) {
        for applies in &rule.applies_to {
            match applies {
                AppliesTo::Kubernetes => self.kubernetes.push(i),
                AppliesTo::Workload => self.workload.push(i),
                AppliesTo::AnyAzure => self.azure.push(i),
                AppliesTo::Kind(name) | AppliesTo::Azure(name) => self.by_kind.entry(name).or_default().push(i),
                AppliesTo::Files => {}
            }
        }
    }

    /// Whether any of its rules looks at a resource.
    pub fn is_about(&self, resource: &Resource) -> bool {
        !self.rules_for(resource).is_empty()
    }

    fn rules_for(&self, resource: &Resource) -> Vec<usize> {
        let named = |key: &str| self.by_kind.get(key).into_iter().flatten().copied();
        let mut rules: Vec<usize> = if resource.is_kubernetes() {
            let pods = if self.workload.is_empty() || kubernetes::pods(resource).is_empty() {
                &[][..]
            } else {
                &self.workload
            };
            named(resource.kind()).chain(self.kubernetes.iter().copied()).chain(pods.iter().copied()).collect()
        } else {
            named(&resource.azure_type().to_ascii_lowercase()).chain(self.azure.iter().copied()).collect()
        };
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}

fn resources(input: Input<'_>, active: &[(&Arc<Document>, Code<'_>)]) -> Output {
    let index = Index::new(active);
    let held = held(input.fleet);
    let parts: Vec<Output> = held
        .par_iter()
        .with_min_len(16)
        .filter(|held| !held.resource.existing)
        .map(|held| {
            let mut output = Output::default();
            let seen = Seen::new(held.resource);
            for i in index.rules_for(held.resource) {
                let Some((rule, code)) = active.get(i) else {
                    continue;
                };
                for (setting, stamps) in groups(input, rule, code.rego(), &held.stamps) {
                    let Some(stamp) = stamps.first().and_then(|s| input.fleet.stamps.get(*s)) else {
                        continue;
                    };
                    let mut found = Findings::default();
                    let cx =
                        ResourceCx { resource: held.resource, stamp, options: &setting.options, fleet: input.fleet };
                    match code {
                        Code::Native(Check::Resource(check)) => check(&cx, &mut found),
                        Code::Native(_) => {}
                        Code::Rego(own) => {
                            own.resource(&cx, &seen, &mut found);
                        }
                    }
                    assign(&mut found, &stamps);
                    output.take(rule, found);
                }
            }
            output
        })
        .collect();
    let mut whole = Output::default();
    for part in parts {
        whole.findings.extend(part.findings);
        whole.notes.extend(part.notes);
    }
    whole
}

/// The setting of a rule that is on in a stamp.
fn on<'a>(input: Input<'a>, rule: &Document, stamp: usize) -> Option<&'a Arc<RuleSetting>> {
    let applies = !rule.production_only || input.fleet.stamps.get(stamp).is_some_and(Stamp::is_production);
    input.settings.get(&rule.id, stamp).filter(|s| applies && s.effect != Effect::Off)
}

/// Stamps that give the same result, with their setting. Stamps where the rule is off are left out.
pub(super) fn groups<'a>(
    input: Input<'a>,
    rule: &Document,
    code: Option<&Running<'_>>,
    stamps: &[usize],
) -> Vec<(&'a Arc<RuleSetting>, Vec<usize>)> {
    let looks_around = rule.context.contains(&Context::Stamp) || rule.context.contains(&Context::Resources);
    let context = |stamp: usize| match code {
        // A policy shows what it looks at.
        Some(own) => input.fleet.stamps.get(stamp).map_or(0, |s| own.context(s)),
        None if looks_around => stamp as u128,
        None => 0,
    };
    let mut groups: Vec<(&Arc<RuleSetting>, u128, Vec<usize>)> = Vec::new();
    for stamp in stamps {
        let Some(setting) = on(input, rule, *stamp) else { continue };
        let context = context(*stamp);
        let alike = |s: &Arc<RuleSetting>| Arc::ptr_eq(s, setting) || s.key == setting.key;
        match groups.iter_mut().find(|(s, c, _)| *c == context && alike(s)) {
            Some((_, _, members)) => members.push(*stamp),
            None => groups.push((setting, context, vec![*stamp])),
        }
    }
    groups.into_iter().map(|(setting, _, members)| (setting, members)).collect()
}

fn assign(found: &mut Findings, stamps: &[usize]) {
    for finding in &mut found.held {
        if finding.stamps.is_empty() {
            finding.stamps = StampSet::from_indexes(stamps.iter().copied());
        }
    }
}

fn stamps(
    input: Input<'_>,
    rule: &Document,
    beside: Option<&fn(&StampCx<'_>) -> String>,
    check: &(dyn Fn(&StampCx<'_>, &mut Findings) + Sync),
    found: &mut Findings,
) {
    let reads_kubernetes =
        rule.applies_to.iter().any(|a| matches!(a, AppliesTo::Kubernetes | AppliesTo::Workload | AppliesTo::Kind(_)));
    let reads_azure = rule.applies_to.iter().any(|a| matches!(a, AppliesTo::Azure(_) | AppliesTo::AnyAzure));
    let mut groups: HashMap<(u128, u128, u128, String), (Arc<RuleSetting>, Vec<usize>)> = HashMap::new();
    let mut order = Vec::new();
    for stamp in &input.fleet.stamps {
        let Some(setting) = on(input, rule, stamp.index) else { continue };
        let kubernetes = if reads_kubernetes { stamp.inventory.kubernetes_key() } else { 0 };
        let azure = if reads_azure { stamp.inventory.azure_key() } else { 0 };
        let key = match beside {
            Some(beside) => {
                let cx = StampCx { stamp, options: &setting.options, fleet: input.fleet };
                (setting.key, kubernetes, 0, beside(&cx))
            }
            None if rule.context.contains(&Context::Stamp) => (setting.key, kubernetes, azure, stamp.index.to_string()),
            None => (setting.key, kubernetes, azure, String::new()),
        };
        groups
            .entry(key.clone())
            .or_insert_with(|| {
                order.push(key);
                (Arc::clone(setting), Vec::new())
            })
            .1
            .push(stamp.index);
    }
    let parts: Vec<Findings> = order
        .par_iter()
        .filter_map(|key| groups.get(key))
        .map(|(setting, stamps)| {
            let mut found = Findings::default();
            if let Some(stamp) = stamps.first().and_then(|s| input.fleet.stamps.get(*s)) {
                check(&StampCx { stamp, options: &setting.options, fleet: input.fleet }, &mut found);
            }
            assign(&mut found, stamps);
            found
        })
        .collect();
    for part in parts {
        found.held.extend(part.held);
        found.notes.extend(part.notes);
    }
}

fn fleet(input: Input<'_>, rule: &Document, check: &dyn Fn(&FleetCx<'_>, &mut Findings), found: &mut Findings) {
    let options: Vec<Arc<Options>> = (0..input.fleet.stamps.len())
        .filter_map(|i| input.settings.get(&rule.id, i))
        .map(|s| Arc::clone(&s.options))
        .collect();
    check(&FleetCx { fleet: input.fleet, options: &options, settings: input.settings }, found);
}

fn problem(input: Input<'_>, located: &LocatedProblem) -> Option<Finding> {
    let LocatedProblem { problem, stamps } = located;
    let rule = input.catalogue.get(rule_of(problem.code)).filter(|r| input.settings.is_on(&r.id))?;
    let place = if problem.span.is_none() { Place::Nowhere } else { Place::Span(problem.span) };
    let mut finding = Finding::new(place, problem.detail.clone()).stamps(stamps.clone());
    finding.rule = Arc::clone(&rule.id);
    finding.help.clone_from(&problem.help);
    for (span, word) in &problem.related {
        finding = finding.related(Place::Span(*span), word.clone());
    }
    if problem.undetermined {
        finding.verdict = Verdict::Undetermined;
    }
    Some(finding)
}
