//! One rule of our own dialect: compiled when its first input comes, prepared once for each set of options, evaluated
//! once for each distinct input.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use regorus::Value;

use super::context;
use super::reads::{Pattern, shares_item};
use super::said::Said;
use crate::model::{Fleet, Stamp, kubernetes};
use crate::rule::rego::{Limits, Policies, Prepared, Projection, Script, rule_path};
use crate::rule::{Document, Findings, FleetCx, Options, Place, ResourceCx, StampCx, Verdict};
use crate::source::{Code, Problem};
use crate::tree::{Path, Text, Value as TreeValue};

/// A rule.
#[derive(Debug)]
pub struct OwnRule {
    document: Arc<Document>,
    scripts: Vec<Script>,
    limits: Limits,
    reads: Vec<Pattern>,
    compiled: OnceLock<Option<Policies>>,
    /// Engines that look at nothing but the options, by these.
    prepared: Engines,
    memo: Mutex<HashMap<(u128, u128), Arc<[Said]>>>,
    problems: Mutex<Vec<Problem>>,
}

/// Engines by options and stamp.
type Engines = Mutex<HashMap<(u128, usize), Option<Arc<Prepared>>>>;

/// A rule in one run: it holds the engines that look at the run's stamps.
#[derive(Debug)]
pub struct Running<'r> {
    rule: &'r OwnRule,
    around: Engines,
}

/// What the rule is evaluated with beside the input.
struct Around<'a> {
    options: &'a Options,
    key: u128,
    stamp: Option<&'a Stamp>,
    fleet: Option<&'a Fleet>,
}

impl OwnRule {
    /// A rule from its document, its policy and the libraries.
    pub(super) fn new(document: &Arc<Document>, scripts: Vec<Script>, limits: Limits) -> Self {
        Self {
            document: Arc::clone(document),
            scripts,
            limits,
            reads: document.reads.iter().map(|r| Pattern::parse(r)).collect(),
            compiled: OnceLock::new(),
            prepared: Mutex::default(),
            memo: Mutex::default(),
            problems: Mutex::default(),
        }
    }

    /// Its document.
    #[must_use]
    pub fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// What went wrong so far: once for each place.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        self.problems.lock().map(|held| held.clone()).unwrap_or_default()
    }

    fn report(&self, problem: Problem) {
        if let Ok(mut held) = self.problems.lock()
            && !held.iter().any(|p| p.span == problem.span && p.detail == problem.detail)
        {
            held.push(problem);
        }
    }

    /// Begins a run.
    #[must_use]
    pub fn begin(&self) -> Running<'_> {
        Running { rule: self, around: Mutex::default() }
    }

    /// Whether the result depends on more than the input and the options.
    fn looks_around(&self) -> bool {
        self.policies().is_some_and(|p| {
            let reads = p.reads();
            reads.inventory || reads.stamp || reads.stamps
        })
    }

    /// The unknown leaves that the rule says it reads.
    fn concerning<'i>(&self, cx: &ResourceCx<'_>, input: &'i Projection) -> Vec<&'i Path> {
        if input.unknown.is_empty() {
            return Vec::new();
        }
        let pods: Vec<Path> = kubernetes::pods(cx.resource).into_iter().map(|p| p.path).collect();
        input.unknown.iter().filter(|u| self.reads.iter().any(|r| r.concerns(u, &pods))).collect()
    }

    fn policies(&self) -> Option<&Policies> {
        self.compiled
            .get_or_init(|| {
                let scripts: Vec<_> = self.scripts.iter().map(|s| (s.clone(), None)).collect();
                let (policies, problems) = Policies::compile(&scripts, self.limits);
                let sound = problems.is_empty();
                problems.into_iter().for_each(|p| self.report(p));
                let declared = policies.packages().iter().any(|p| {
                    p.path.iter().map(String::as_str).eq(["rules", &*self.document.id])
                        && p.rules.iter().any(|r| r == "deny")
                });
                if sound && !declared {
                    let at = self.scripts.first().map_or(crate::source::Span::NONE, Script::start);
                    let message = format!("the policy declares no `deny` in `package rules[\"{}\"]`", self.document.id);
                    self.report(Problem::new(Code::Policy, at, message));
                }
                (sound && declared).then_some(policies)
            })
            .as_ref()
    }
}

impl Running<'_> {
    /// The rule.
    #[must_use]
    pub fn rule(&self) -> &OwnRule {
        self.rule
    }

    /// Judges one resource.
    pub fn resource(&self, cx: &ResourceCx<'_>, input: &Projection, found: &mut Findings) {
        let around = Around { options: cx.options, key: key_of(cx.options), stamp: Some(cx.stamp), fleet: None };
        let hash = cx.resource.body.content_hash();
        let alone = !self.rule.looks_around();
        let known = alone.then(|| self.rule.memo.lock().ok()?.get(&(around.key, hash)).cloned()).flatten();
        let said = known.unwrap_or_else(|| {
            let said: Arc<[Said]> = self.evaluate(&around, &input.value).into();
            if alone && let Ok(mut memo) = self.rule.memo.lock() {
                memo.insert((around.key, hash), Arc::clone(&said));
            }
            said
        });
        let place = |path: &Path| Place::at(cx.resource, path.clone());
        let unknown = self.rule.concerning(cx, input);
        for said in said.iter() {
            let mut finding = said.finding(place);
            if finding.verdict == Verdict::Fail && unknown.iter().any(|u| shares_item(&said.path, u)) {
                finding.verdict = Verdict::Possible;
            }
            found.push(finding);
        }
        for path in unknown {
            if said.iter().any(|said| shares_item(&said.path, path)) {
                continue;
            }
            if let Some(TreeValue { kind: crate::tree::Kind::Unknown(why), .. }) = cx.resource.body.at(path) {
                found.undetermined(cx.resource, path.clone(), why);
            } else {
                found.undetermined_at(place(path), "the value is only partly known");
            }
        }
    }

    /// Judges a stamp's resources together. The input is the stamp; results name their resource in `path`, whose first
    /// segments are those of `data.inventory`.
    pub fn stamp(&self, cx: &StampCx<'_>, found: &mut Findings) {
        let around = Around { options: cx.options, key: key_of(cx.options), stamp: Some(cx.stamp), fleet: None };
        for said in self.evaluate(&around, &Value::new_object()) {
            found.push(said.finding(|path| place_in(&cx.stamp.inventory, &path.0)));
        }
    }

    /// Judges the fleet. Results name their place in `path`: the stamp's name, then as for a stamp.
    pub fn fleet(&self, cx: &FleetCx<'_>, found: &mut Findings) {
        let empty = Options::default();
        let options = cx.options.first().map_or(&empty, AsRef::as_ref);
        let around = Around { options, key: key_of(options), stamp: None, fleet: Some(cx.fleet) };
        for said in self.evaluate(&around, &Value::new_object()) {
            found.push(said.finding(|path| {
                let (first, rest) = match path.0.split_first() {
                    Some((crate::tree::Segment::Key(name), rest)) => (name, rest),
                    _ => return Place::Nowhere,
                };
                let stamp = cx.fleet.stamps.iter().find(|s| s.name == *first);
                stamp.map_or(Place::Nowhere, |s| place_in(&s.inventory, rest))
            }));
        }
    }

    fn engine(&self, around: &Around<'_>) -> Option<Arc<Prepared>> {
        let policies = self.rule.policies()?;
        let reads = policies.reads();
        let own =
            if reads.stamp || reads.inventory { around.stamp.map_or(usize::MAX, |s| s.index) } else { usize::MAX };
        let key = (around.key, own);
        let held = if self.rule.looks_around() { &self.around } else { &self.rule.prepared };
        if let Some(known) = held.lock().ok()?.get(&key) {
            return known.clone();
        }
        let mut data = vec![context::options(around.options)];
        if let Some(stamp) = around.stamp {
            if reads.stamp {
                data.push(context::stamp(stamp));
            }
            if reads.inventory {
                data.push(context::inventory(&stamp.inventory, reads.kinds.as_ref()));
            }
        }
        if let Some(fleet) = around.fleet.filter(|_| reads.stamps) {
            data.push(context::stamps(fleet));
        }
        let prepared = match policies.prepare(&data) {
            Ok(prepared) => Some(Arc::new(prepared)),
            Err(problem) => {
                self.rule.report(problem);
                None
            }
        };
        held.lock().ok()?.insert(key, prepared.clone());
        prepared
    }

    fn evaluate(&self, around: &Around<'_>, input: &Value) -> Vec<Said> {
        let Some(engine) = self.engine(around) else {
            return Vec::new();
        };
        let path = rule_path(&["rules", &*self.rule.document.id], "deny");
        match engine.evaluate(&path, input) {
            Ok(outcome) => Said::read(&outcome.value).unwrap_or_else(|message| {
                let at = self.rule.scripts.first().map_or(crate::source::Span::NONE, Script::start);
                self.rule.report(Problem::new(Code::Policy, at, message));
                Vec::new()
            }),
            Err(problem) => {
                self.rule.report(problem);
                Vec::new()
            }
        }
    }
}

/// Equal for equal options.
fn key_of(options: &Options) -> u128 {
    options.all().iter().fold(0u128, |key, (name, value)| {
        key.rotate_left(9)
            ^ value.content_hash()
            ^ TreeValue::string(name.clone(), crate::source::Span::NONE).content_hash()
    })
}

/// A place of `data.inventory`: the resource that the first segments name, and the rest as a path into it.
fn place_in(inventory: &crate::model::Inventory, path: &[crate::tree::Segment]) -> Place {
    use crate::tree::Segment::Key;
    let keys: Vec<&Text> = path.iter().map_while(|s| if let Key(k) = s { Some(k) } else { None }).collect();
    let found = match keys.as_slice() {
        [root, version, kind, namespace, name, ..] if **root == "kubernetes" => inventory
            .kind(kind)
            .find(|r| {
                matches!(&r.identity, crate::model::Identity::Kubernetes { api_version, namespace: home, .. }
                    if api_version == *version && home.as_deref().unwrap_or_default() == namespace.as_str())
                    && r.name() == name.as_str()
            })
            .map(|r| (r, 5)),
        [root, ty, _, name, ..] if **root == "azure" => {
            inventory.azure(ty).find(|r| r.name() == name.as_str()).map(|r| (r, 4))
        }
        _ => None,
    };
    match found {
        Some((resource, used)) => Place::at(resource, Path(path.get(used..).unwrap_or_default().to_vec())),
        None => Place::Nowhere,
    }
}
