//! What foreign policies find. A policy that looks at nothing but its object is asked once for each distinct object; one
//! that looks around, once for each set of objects that stamps share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use regorus::Value as Rego;

use super::{Foreign, Policies, Set};
use crate::model::{Fleet, Resource, Stamp, StampSet};
use crate::rule::rego::conftest::Conftest;
use crate::rule::rego::gatekeeper::{Gatekeeper, Held, Inventory, Matched, Object, Origin, Violation, expand};
use crate::rule::rego::own::{add_problem, met_at};
use crate::rule::rego::places::locate;
use crate::rule::rego::{guess, project};
use crate::rule::{Effect, Finding, Settings, Verdict};
use crate::source::Problem;
use crate::tree::{Path, Segment, Value};

/// A resource with the stamps that hold it.
pub type Shared<'a> = (&'a Arc<Resource>, &'a [usize]);

/// What was found, and what went wrong with policies.
#[derive(Debug, Default)]
pub struct Found {
    /// Findings, each with its rule and its stamps.
    pub findings: Vec<Finding>,
    /// Once for each place.
    pub problems: Vec<Problem>,
}

impl Found {
    fn merge(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        other.problems.into_iter().for_each(|p| self.problem(p));
        self
    }

    fn problem(&mut self, problem: Problem) {
        add_problem(&mut self.problems, problem);
    }
}

impl Foreign {
    /// Asks every policy about every resource.
    #[must_use]
    pub fn run(&self, fleet: &Fleet, settings: &Settings, resources: &[Shared<'_>]) -> Found {
        let found = self.sets.iter().map(|set| match &set.policies {
            Policies::Gatekeeper(gatekeeper) => Run::new(set, fleet, settings).gatekeeper(gatekeeper, resources),
            Policies::Conftest(conftest) => Run::new(set, fleet, settings).conftest(conftest, resources),
        });
        found.fold(Found::default(), Found::merge)
    }
}

/// What a memo holds for a policy and an input.
type Answer<T> = Result<Arc<[T]>, Problem>;

pub(super) struct Run<'a> {
    set: &'a Set,
    fleet: &'a Fleet,
    settings: &'a Settings,
}

impl<'a> Run<'a> {
    pub fn new(set: &'a Set, fleet: &'a Fleet, settings: &'a Settings) -> Self {
        Self { set, fleet, settings }
    }

    /// Those of some stamps that the set is for and in which a rule is on.
    pub fn stamps(&self, rule: usize, among: &[usize]) -> Vec<usize> {
        let Some((id, _)) = self.set.rules.get(rule) else {
            return Vec::new();
        };
        let is_on = |stamp: &&usize| {
            let named = self.fleet.stamps.get(**stamp).map(|s: &Stamp| &s.name);
            self.set.stamp.as_ref().is_none_or(|wanted| named == Some(wanted))
                && self.settings.get(id, **stamp).is_some_and(|s| s.effect != Effect::Off)
        };
        among.iter().filter(is_on).copied().collect()
    }

    fn finding(&self, rule: usize, stamps: &[usize], resource: &Arc<Resource>, at: Path, message: &str) -> Finding {
        let mut finding =
            Finding::at(resource, at, message).about(resource).stamps(StampSet::from_indexes(stamps.iter().copied()));
        if let Some((id, effect)) = self.set.rules.get(rule) {
            finding.rule = Arc::clone(id);
            finding.weaker = *effect;
        }
        finding
    }

    fn gatekeeper(&self, gatekeeper: &Gatekeeper, resources: &[Shared<'_>]) -> Found {
        if self.settings.is_on("policy-error") {
            gatekeeper.compile();
        }
        let around = Around::new(self.fleet);
        let memo: Mutex<HashMap<(usize, u128, bool), Answer<Violation>>> = Mutex::default();
        let found = resources
            .par_iter()
            .with_min_len(16)
            .filter(|(resource, _)| resource.is_kubernetes())
            .map(|(resource, stamps)| {
                let mut found = Found::default();
                let original = Object::new(&resource.body);
                self.object(gatekeeper, &around, &memo, &original, (resource, stamps), &Path::root(), None, &mut found);
                for made in expand(gatekeeper.expansions(), &resource.body) {
                    let object = Object::with_origin(&made.body, Origin::Generated);
                    let by = Some((made.expansion.as_str(), made.enforcement.as_deref()));
                    self.object(gatekeeper, &around, &memo, &object, (resource, stamps), &made.from, by, &mut found);
                }
                found
            })
            .reduce(Found::default, Found::merge);
        gatekeeper.problems().cloned().fold(found, |mut found, problem| {
            found.problem(problem);
            found
        })
    }

    #[allow(clippy::too_many_arguments, reason = "one loop body, shared by objects and what they expand to")]
    fn object(
        &self,
        gatekeeper: &Gatekeeper,
        around: &Around<'_>,
        memo: &Mutex<HashMap<(usize, u128, bool), Answer<Violation>>>,
        object: &Object<'_>,
        (resource, stamps): Shared<'_>,
        from: &Path,
        expansion: Option<(&str, Option<&str>)>,
        found: &mut Found,
    ) {
        for constraint in gatekeeper.candidates(object.gvk().2) {
            let stamps = self.stamps(constraint, stamps);
            if stamps.is_empty() {
                continue;
            }
            let groups = match gatekeeper.looks_around(constraint) {
                true => around.groups(&stamps),
                false => vec![(&around.nothing, stamps)],
            };
            for ((inventory, held), stamps) in groups {
                let matched = gatekeeper.matches(constraint, object, inventory);
                if matched == Matched::No {
                    continue;
                }
                let key = (constraint, object.body.content_hash(), matched == Matched::Unknown);
                let alone = std::ptr::eq(inventory, &around.nothing.0);
                let known = alone.then(|| memo.lock().ok()?.get(&key).cloned()).flatten();
                let answer: Answer<Violation> = known.unwrap_or_else(|| {
                    let answer = gatekeeper.review((constraint, matched), object, inventory, held).map(Arc::from);
                    if alone && let Ok(mut memo) = memo.lock() {
                        memo.insert(key, answer.clone());
                    }
                    answer
                });
                match answer {
                    Err(problem) => found.problem(met_at(problem, resource)),
                    Ok(violations) => {
                        for violation in violations.iter() {
                            let message = match expansion {
                                Some((name, _)) => format!("{} (implied by `{name}`)", violation.message),
                                None => violation.message.clone(),
                            };
                            let mut finding =
                                self.told(constraint, &stamps, resource, from, &message, &violation.details);
                            if violation.unsure {
                                finding.verdict = Verdict::Possible;
                            }
                            if let Some((_, Some(action))) = expansion
                                && action != "deny"
                            {
                                finding.weaker = Some(Effect::Audit);
                            }
                            found.findings.push(finding);
                        }
                        if violations.is_empty() && !object.review().unknown.is_empty() {
                            let body = guess(object.body);
                            let guessed = object.guessed(&body);
                            let other = gatekeeper.review((constraint, matched), &guessed, inventory, held);
                            if other.is_ok_and(|other| !other.is_empty()) {
                                let unknown = object.review().unknown.first();
                                found.findings.extend(self.untold(constraint, &stamps, resource, from, unknown));
                            }
                        }
                    }
                }
            }
        }
    }

    fn conftest(&self, conftest: &Conftest, resources: &[Shared<'_>]) -> Found {
        let found = if conftest.combine {
            self.combined(conftest, resources)
        } else {
            let memo: Mutex<HashMap<u128, Arc<[(usize, String, Rego)]>>> = Mutex::default();
            resources
                .par_iter()
                .with_min_len(16)
                .map(|(resource, stamps)| self.document(conftest, &memo, (resource, stamps)))
                .reduce(Found::default, Found::merge)
        };
        conftest.problem().cloned().into_iter().fold(found, |mut found, problem| {
            found.problem(problem);
            found
        })
    }

    /// Every rule over one document.
    fn document(
        &self,
        conftest: &Conftest,
        memo: &Mutex<HashMap<u128, Arc<[(usize, String, Rego)]>>>,
        (resource, stamps): Shared<'_>,
    ) -> Found {
        let mut found = Found::default();
        let hash = resource.body.content_hash();
        let known = memo.lock().ok().and_then(|memo| memo.get(&hash).cloned());
        let said = known.unwrap_or_else(|| {
            let input = project(&resource.body);
            let mut said = Vec::new();
            let guessed = (!input.unknown.is_empty()).then(|| project(&guess(&resource.body)).value);
            for rule in 0..conftest.rules().len() {
                match conftest.judge(rule, &input.value) {
                    Err(problem) => found.problem(met_at(problem, resource)),
                    Ok(results) if results.is_empty() => {
                        // Only an input with unknown leaves is asked about twice.
                        if let Some(guessed) = &guessed
                            && conftest.judge(rule, guessed).is_ok_and(|r| !r.is_empty())
                        {
                            said.push((rule, String::new(), Rego::Undefined));
                        }
                    }
                    Ok(results) => said.extend(results.into_iter().map(|r| (rule, r.message, r.details))),
                }
            }
            let said: Arc<[_]> = said.into();
            if let Ok(mut memo) = memo.lock() {
                memo.insert(hash, Arc::clone(&said));
            }
            said
        });
        for (rule, message, details) in said.iter() {
            let stamps = self.stamps(*rule, stamps);
            if stamps.is_empty() {
                continue;
            }
            if message.is_empty() {
                let unknown = project(&resource.body).unknown;
                found.findings.extend(self.untold(*rule, &stamps, resource, &Path::root(), unknown.first()));
            } else {
                found.findings.push(self.told(*rule, &stamps, resource, &Path::root(), message, details));
            }
        }
        found
    }

    /// Every rule over all documents of a stamp at once.
    fn combined(&self, conftest: &Conftest, resources: &[Shared<'_>]) -> Found {
        let mut found = Found::default();
        for stamp in &self.fleet.stamps {
            let own: Vec<&Arc<Resource>> =
                resources.iter().filter(|(_, stamps)| stamps.contains(&stamp.index)).map(|(r, _)| *r).collect();
            let entries = own.iter().map(|resource| {
                let fields = [("path", Rego::from(resource.label())), ("contents", project(&resource.body).value)];
                Rego::from(
                    fields.into_iter().map(|(k, v)| (Rego::from(k), v)).collect::<std::collections::BTreeMap<_, _>>(),
                )
            });
            let input = Rego::from(entries.collect::<Vec<_>>());
            for rule in 0..conftest.rules().len() {
                let stamps = self.stamps(rule, &[stamp.index]);
                if stamps.is_empty() {
                    continue;
                }
                match conftest.judge(rule, &input) {
                    Err(problem) => found.problem(problem),
                    Ok(results) => {
                        for result in results {
                            let Some(resource) = meant(&own, &result.message, &result.details) else { continue };
                            let root = Path::root();
                            found.findings.push(self.told(
                                rule,
                                &stamps,
                                resource,
                                &root,
                                &result.message,
                                &result.details,
                            ));
                        }
                    }
                }
            }
        }
        found
    }

    /// A statement about a resource, at the place that it means.
    fn told(
        &self,
        rule: usize,
        stamps: &[usize],
        resource: &Arc<Resource>,
        within: &Path,
        message: &str,
        details: &Rego,
    ) -> Finding {
        let located = locate(&resource.body, within, message, details);
        let at = if located.path.0 == [Segment::from("kind")] && resource.body.get("kind").is_none() {
            Path::root()
        } else {
            located.path
        };
        let hangs = unknown_near(&resource.body, &at);
        let mut finding = self.finding(rule, stamps, resource, at, &plain(message));
        finding.inferred = !located.named;
        if hangs {
            finding.verdict = Verdict::Possible;
        }
        finding
    }

    /// A policy that would say something if an unknown leaf were known.
    fn untold(
        &self,
        rule: usize,
        stamps: &[usize],
        resource: &Arc<Resource>,
        within: &Path,
        unknown: Option<&Path>,
    ) -> Option<Finding> {
        let at = within.extend(unknown?);
        let why =
            resource.body.at(&at).and_then(Value::as_unknown).map_or("only partly known".to_owned(), |u| u.to_string());
        let message = format!("cannot be told: {why}");
        Some(self.finding(rule, stamps, resource, at, &message).verdict(Verdict::Undetermined))
    }
}

/// The resource that a statement about many means: the one whose name it holds, else the first.
fn meant<'r>(resources: &[&'r Arc<Resource>], message: &str, details: &Rego) -> Option<&'r Arc<Resource>> {
    let details = details.to_string();
    let named = |r: &&&Arc<Resource>| {
        let name = r.name();
        !name.is_empty()
            && [message, details.as_str()]
                .iter()
                .any(|text| text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '.')).any(|w| w == name))
    };
    resources.iter().find(named).or(resources.first()).copied()
}

/// Whether something unknown lies in the list item of a path, or on its way.
fn unknown_near(body: &Value, path: &Path) -> bool {
    let item = path.0.iter().rposition(|s| matches!(s, Segment::Index(_)));
    match item {
        Some(last) => {
            let item = Path(path.0.get(..=last).unwrap_or_default().to_vec());
            body.at(&item).is_some_and(Value::has_unknown)
        }
        None => body.follow(path).value.as_unknown().is_some(),
    }
}

/// A foreign message on one line, in our own style as far as that is safe.
fn plain(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    line.strip_suffix('.').filter(|l| !l.ends_with('.')).map_or(line.clone(), str::to_owned)
}

/// The inventories that policies look at, one for all stamps that hold the same objects.
pub(super) struct Around<'a> {
    by_key: HashMap<u128, (Inventory<'a>, Held)>,
    fleet: &'a Fleet,
    /// For those that look at nothing.
    nothing: (Inventory<'a>, Held),
}

impl<'a> Around<'a> {
    pub fn new(fleet: &'a Fleet) -> Self {
        let mut by_key = HashMap::new();
        for stamp in &fleet.stamps {
            by_key.entry(stamp.inventory.kubernetes_key()).or_insert_with(|| {
                let objects = stamp.inventory.all().iter().filter(|r| r.is_kubernetes()).map(|r| &r.body);
                (Inventory::new(objects), Held::default())
            });
        }
        Self { by_key, fleet, nothing: (Inventory::default(), Held::default()) }
    }

    /// Stamps by what they hold.
    pub fn groups(&self, stamps: &[usize]) -> Vec<(&(Inventory<'a>, Held), Vec<usize>)> {
        let mut groups: Vec<(u128, Vec<usize>)> = Vec::new();
        for stamp in stamps {
            let Some(key) = self.fleet.stamps.get(*stamp).map(|s| s.inventory.kubernetes_key()) else {
                continue;
            };
            match groups.iter_mut().find(|(k, _)| *k == key) {
                Some((_, members)) => members.push(*stamp),
                None => groups.push((key, vec![*stamp])),
            }
        }
        groups.into_iter().filter_map(|(key, members)| Some((self.by_key.get(&key)?, members))).collect()
    }
}
