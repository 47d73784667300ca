//! One rule of our own dialect: compiled when its first input comes, prepared once for each set of options, evaluated
//! once for each distinct input.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use regorus::Value;

use super::context;
use super::reads::{Pattern, shares_item};
use super::said::Said;
use super::seen::{Seen, Views};
use crate::model::{Fleet, Resource, Stamp, kubernetes};
use crate::rule::rego::trace::Asked;
use crate::rule::rego::{Limits, Policies, Prepared, Reads, Script, Trace, project, rule_path};
use crate::rule::{Document, Findings, FleetCx, Options, Place, ResourceCx, StampCx, Verdict};
use crate::source::{Code, Problem, Span};
use crate::tree::{Path, Text, Value as TreeValue};

/// A rule.
#[derive(Debug)]
pub struct OwnRule {
    document: Arc<Document>,
    scripts: Vec<Script>,
    limits: Limits,
    /// Whether it is part of this program: then no file of the user's is at fault, and none is pointed at.
    builtin: bool,
    reads: Vec<Pattern>,
    /// What a built-in rule sees; any other sees all.
    views: Option<Arc<Views>>,
    compiled: OnceLock<Option<Policies>>,
    /// Engines that look at nothing but the options, by these.
    prepared: Engines,
    memo: Mutex<HashMap<Key, Arc<[Said]>>>,
    problems: Mutex<Vec<Problem>>,
}

/// What a result hangs on: the options, what is looked at around the input, the input.
type Key = (u128, u128, u128);

/// Engines by options and what is looked at around the input.
type Engines = Mutex<HashMap<(u128, u128), Option<Arc<Prepared>>>>;

/// A rule in one run: it holds the engines that look at the run's stamps.
#[derive(Debug)]
pub struct Running<'r> {
    rule: &'r OwnRule,
    around: Engines,
    /// What the rule looks at of each stamp, by the stamp's index.
    contexts: Mutex<HashMap<usize, u128>>,
}

/// What the rule is evaluated with beside the input.
struct Around<'a> {
    options: &'a Options,
    key: u128,
    context: u128,
    stamp: Option<&'a Stamp>,
    fleet: Option<&'a Fleet>,
}

impl OwnRule {
    /// A rule from its document, its policy and the libraries.
    pub(super) fn new(document: &Arc<Document>, scripts: Vec<Script>, limits: Limits, builtin: bool) -> Self {
        Self {
            document: Arc::clone(document),
            scripts,
            limits,
            builtin,
            reads: document.reads.iter().map(|r| Pattern::parse(r)).collect(),
            views: None,
            compiled: OnceLock::new(),
            prepared: Mutex::default(),
            memo: Mutex::default(),
            problems: Mutex::default(),
        }
    }

    /// What it says that it reads.
    pub(super) fn reads(&self) -> &[Pattern] {
        &self.reads
    }

    /// Takes it at its word: it is to see what it says that it reads, and no more.
    pub(super) fn narrow(&mut self, views: &Arc<Views>) {
        self.views = Some(Arc::clone(views));
    }

    /// Its document.
    #[must_use]
    pub fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// Where its policy begins; nowhere for a built-in one.
    pub(super) fn start(&self) -> Span {
        self.scripts.first().filter(|_| !self.builtin).map_or(Span::NONE, Script::start)
    }

    /// What went wrong so far: once for each place.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        self.problems.lock().map(|held| held.clone()).unwrap_or_default()
    }

    fn report(&self, problem: Problem) {
        let problem = if self.builtin { self.ours(problem, None) } else { problem };
        if let Ok(mut held) = self.problems.lock() {
            add_problem(&mut held, problem);
        }
    }

    /// An evaluation that failed, with what it was about. Of several that fail alike the first by name is told.
    fn failed(&self, problem: Problem, about: Option<&Resource>) {
        let told = match about {
            Some(about) if self.builtin => self.ours(problem, Some(about)),
            Some(about) => met_at(problem, about),
            None => return self.report(problem),
        };
        if let Ok(mut held) = self.problems.lock() {
            add_problem(&mut held, told);
        }
    }

    /// A fault of a built-in policy. Its file is in no user's folder: the words say so, and the place is that of the
    /// resource.
    fn ours(&self, problem: Problem, about: Option<&Resource>) -> Problem {
        let id = &self.document.id;
        let at = about.map_or(Span::NONE, place_of);
        Problem::new(Code::Policy, at, format!("the built-in policy of `{id}` fails: {}", problem.detail)).help(format!(
            "this is a fault of stamplint, not of your files: please report it; `rules.{id}.effect: off` leaves the rule out"
        ))
    }

    /// Begins a run.
    #[must_use]
    pub fn begin(&self) -> Running<'_> {
        Running { rule: self, around: Mutex::default(), contexts: Mutex::default() }
    }

    /// Whether the result depends on more than the input and the options.
    fn looks_around(&self) -> bool {
        self.policies().is_some_and(|p| {
            let reads = p.reads();
            reads.inventory || reads.stamp || reads.stamps
        })
    }

    /// The unknown leaves that the rule says it reads.
    fn concerning<'i>(&self, cx: &ResourceCx<'_>, unknown: &'i [Path]) -> Vec<&'i Path> {
        if unknown.is_empty() {
            return Vec::new();
        }
        let pods: Vec<Path> = kubernetes::pods(cx.resource).into_iter().map(|p| p.path).collect();
        unknown.iter().filter(|u| self.reads.iter().any(|r| r.concerns(u, &pods))).collect()
    }

    /// Where the policy declares `deny`.
    fn deny(&self) -> Span {
        let packages = self.policies().map(Policies::packages).unwrap_or_default();
        let rules = packages.iter().flat_map(|p| p.rules.iter().zip(&p.places).filter(|_| p.is(&self.document.id)));
        rules.filter(|(name, _)| *name == "deny").map(|(_, at)| *at).next().unwrap_or(Span::NONE)
    }

    fn policies(&self) -> Option<&Policies> {
        self.compiled
            .get_or_init(|| {
                let scripts: Vec<_> = self.scripts.iter().map(|s| (s.clone(), None)).collect();
                let (policies, problems) = Policies::compile(&scripts, self.limits);
                let sound = problems.is_empty();
                problems.into_iter().for_each(|p| self.report(p));
                let declared =
                    policies.packages().iter().any(|p| p.is(&self.document.id) && p.rules.iter().any(|r| r == "deny"));
                if sound && !declared {
                    let at = self.scripts.first().map_or(Span::NONE, Script::start);
                    let id = &self.document.id;
                    let message = format!("the policy declares no `deny` in `package rules[\"{id}\"]`");
                    let package = format!("a rule's package is named like its file: `package rules[\"{id}\"]`");
                    self.report(Problem::new(Code::Policy, at, message).help(package));
                }
                (sound && declared).then_some(policies)
            })
            .as_ref()
    }
}

/// Where a resource is said to be: its kind, or all of it.
fn place_of(resource: &Resource) -> Span {
    resource.body.get("kind").map_or(resource.body.span, |kind| kind.span)
}

/// A problem of a policy with the resource that it was met at.
pub(in crate::rule::rego) fn met_at(problem: Problem, resource: &Resource) -> Problem {
    problem.related(place_of(resource), format!("met at `{}`", resource.label()))
}

/// Adds a problem once for each place and detail: of several that differ in where they were met, the first by name.
pub(in crate::rule::rego) fn add_problem(held: &mut Vec<Problem>, problem: Problem) {
    let met = |p: &Problem| p.related.first().map(|(_, word)| word.clone());
    match held.iter_mut().find(|p| p.span == problem.span && p.detail == problem.detail) {
        Some(known) if met(&problem) < met(known) => *known = problem,
        Some(_) => {}
        None => held.push(problem),
    }
}

impl Running<'_> {
    /// The rule.
    #[must_use]
    pub fn rule(&self) -> &OwnRule {
        self.rule
    }

    /// Equal for stamps of which the rule sees the same beside the input.
    #[must_use]
    pub fn context(&self, stamp: &Stamp) -> u128 {
        let Some(policies) = self.rule.policies().filter(|_| self.rule.looks_around()) else { return 0 };
        if let Some(known) = self.contexts.lock().ok().and_then(|held| held.get(&stamp.index).copied()) {
            return known;
        }
        let context = context::key(stamp, policies.reads());
        if let Ok(mut held) = self.contexts.lock() {
            held.insert(stamp.index, context);
        }
        context
    }

    /// Judges one resource.
    pub fn resource(&self, cx: &ResourceCx<'_>, seen: &Seen<'_>, found: &mut Findings) {
        let Some(policies) = self.rule.policies() else { return };
        let input = match &self.rule.views {
            Some(views) => seen.part(views, !policies.reads().input),
            None => seen.whole(),
        };
        let context = self.context(cx.stamp);
        let around =
            Around { options: cx.options, key: key_of(cx.options), context, stamp: Some(cx.stamp), fleet: None };
        let key = (around.key, context, input.hash());
        let known = self.rule.memo.lock().ok().and_then(|memo| memo.get(&key).cloned());
        let said = known.unwrap_or_else(|| {
            let said: Arc<[Said]> = self.evaluate(&around, input.value(), Some(cx.resource)).into();
            if let Ok(mut memo) = self.rule.memo.lock() {
                memo.insert(key, Arc::clone(&said));
            }
            said
        });
        let place = |path: &Path| Place::at(cx.resource, path.clone());
        let unknown = self.rule.concerning(cx, seen.unknown());
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
        let context = self.context(cx.stamp);
        let around =
            Around { options: cx.options, key: key_of(cx.options), context, stamp: Some(cx.stamp), fleet: None };
        for said in self.evaluate(&around, &Value::new_object(), None) {
            found.push(said.finding(|path| place_in(&cx.stamp.inventory, &path.0)));
        }
    }

    /// Judges the fleet. Results name their place in `path`: the stamp's name, then as for a stamp.
    pub fn fleet(&self, cx: &FleetCx<'_>, found: &mut Findings) {
        let empty = Options::default();
        let options = cx.options.first().map_or(&empty, AsRef::as_ref);
        let around = Around { options, key: key_of(options), context: 0, stamp: None, fleet: Some(cx.fleet) };
        for said in self.evaluate(&around, &Value::new_object(), None) {
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

    /// Why the rule says what it says of a resource.
    #[must_use]
    pub fn trace_resource(&self, cx: &ResourceCx<'_>) -> Trace {
        let around = Around { options: cx.options, key: 0, context: 0, stamp: Some(cx.stamp), fleet: None };
        self.trace(&around, &project(&cx.resource.body).value)
    }

    /// Why the rule says what it says of a stamp.
    #[must_use]
    pub fn trace_stamp(&self, cx: &StampCx<'_>) -> Trace {
        let around = Around { options: cx.options, key: 0, context: 0, stamp: Some(cx.stamp), fleet: None };
        self.trace(&around, &Value::new_object())
    }

    /// Why the rule says what it says of the fleet.
    #[must_use]
    pub fn trace_fleet(&self, cx: &FleetCx<'_>) -> Trace {
        let empty = Options::default();
        let options = cx.options.first().map_or(&empty, AsRef::as_ref);
        self.trace(&Around { options, key: 0, context: 0, stamp: None, fleet: Some(cx.fleet) }, &Value::new_object())
    }

    fn trace(&self, around: &Around<'_>, input: &Value) -> Trace {
        let scripts: Vec<_> = self.rule.scripts.iter().map(|s| (s.clone(), None)).collect();
        let data = self.rule.policies().map(|p| data(p.reads(), around)).unwrap_or_default();
        let package = ["rules".to_owned(), self.rule.document.id.to_string()];
        let asked = Asked { scripts: &scripts, package: &package, rule: "deny", data: &data, input };
        Trace::of(&asked, self.rule.limits)
    }

    fn engine(&self, around: &Around<'_>) -> Option<Arc<Prepared>> {
        let policies = self.rule.policies()?;
        let key = (around.key, around.context);
        let held = if self.rule.looks_around() { &self.around } else { &self.rule.prepared };
        if let Some(known) = held.lock().ok()?.get(&key) {
            return known.clone();
        }
        let data = data(policies.reads(), around);
        let prepared = match policies.prepare(&data) {
            Ok(prepared) => Some(Arc::new(prepared)),
            Err(problem) => {
                self.rule.failed(problem, None);
                None
            }
        };
        held.lock().ok()?.insert(key, prepared.clone());
        prepared
    }

    fn evaluate(&self, around: &Around<'_>, input: &Value, about: Option<&Resource>) -> Vec<Said> {
        let Some(engine) = self.engine(around) else {
            return Vec::new();
        };
        let path = rule_path(&["rules", &*self.rule.document.id], "deny");
        match engine.evaluate(&path, input) {
            Ok(outcome) => Said::read(&outcome.value).unwrap_or_else(|message| {
                self.rule.failed(Problem::new(Code::Policy, self.rule.deny(), message), about);
                Vec::new()
            }),
            Err(problem) => {
                self.rule.failed(problem, about);
                Vec::new()
            }
        }
    }
}

/// The documents below `data` that a policy looks at.
fn data(reads: &Reads, around: &Around<'_>) -> Vec<Value> {
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
    data
}

/// Equal for equal options.
fn key_of(options: &Options) -> u128 {
    options.all().iter().fold(0u128, |key, (name, value)| {
        key.rotate_left(9) ^ value.content_hash() ^ TreeValue::string(name.clone(), Span::NONE).content_hash()
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
