//! Resolves the deployments of each stamp: templates with parameters, in the order in which outputs are needed.
//!
//! A template is read once; a deployment that several stamps make with equal parameters and context is resolved once,
//! and they share its resources.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use xxhash_rust::xxh3::Xxh3;

use super::config::{braced, is_output};
use super::disk::Disk;
use crate::model::plan::{Deployment as Planned, PlannedPart};
use crate::model::{Deployed, Existence, Identity, Resource};
use crate::resolve::context::{Context, Deployer};
use crate::resolve::functions;
use crate::resolve::regions;
use crate::resolve::template::{self, LoadError, ParameterFile, Request, TemplateCache, shown};
use crate::source::{Code, FileError, Problem, Span};
use crate::tree::{Entry, Kind, Reason, StepKind, Text, Unknown, Value, WaitsFor};

/// Resolves deployments.
#[derive(Debug)]
pub struct Resolver<'d> {
    disk: &'d Disk,
    cache: TemplateCache,
    made: Mutex<HashMap<u128, Arc<Made>>>,
}

/// What a deployment came to.
#[derive(Debug)]
struct Made {
    deployed: Arc<Deployed>,
    resources: Vec<Arc<Resource>>,
    outputs: Vec<Entry>,
    problems: Vec<Problem>,
}

/// What a part's deployments came to.
#[derive(Debug, Default)]
pub struct Resolved {
    /// The deployments, in the plan's order.
    pub deployed: Vec<Arc<Deployed>>,
    /// Their resources.
    pub resources: Vec<Arc<Resource>>,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// Outputs by the deployment's id.
    pub outputs: Outputs,
}

/// The outputs of deployments, by id; none for one that could not be read.
pub type Outputs = HashMap<Text, Option<Vec<Entry>>>;

impl<'d> Resolver<'d> {
    /// A resolver; `modules` are the beginnings of module references and the local folders that stand for them.
    #[must_use]
    pub fn new(disk: &'d Disk, modules: Vec<(String, String)>) -> Self {
        Self { disk, cache: TemplateCache::new(modules), made: Mutex::default() }
    }

    /// The location that the parameter files of a part give, with its place; one that is `wanted` goes first. Files of
    /// which nothing tells whose they are, and that do not agree, give none.
    #[must_use]
    pub fn location(&self, part: &PlannedPart, wanted: Option<&str>) -> Option<Value> {
        let mut first: Option<Value> = None;
        let mut agreed = true;
        for taken in part.deployments.iter().flat_map(|d| &d.parameters) {
            let Ok(file) = self.cache.parameters(self.disk, &taken.path) else {
                continue;
            };
            if !file.names().iter().any(|(n, _)| n.eq_ignore_ascii_case("location")) {
                continue;
            }
            let given = file.values_in(&Context::default());
            let location = given.into_iter().find(|g| g.name.eq_ignore_ascii_case("location")).map(|g| g.value);
            if let Some(value) = location.filter(|v| v.as_str().is_some_and(|s| !s.is_empty())) {
                if value.as_str().map(region_id).as_deref() == wanted {
                    return Some(value);
                }
                let region = value.as_str().map(region_id);
                agreed = agreed && first.as_ref().is_none_or(|f| f.as_str().map(region_id) == region);
                first.get_or_insert(value);
            }
        }
        first.filter(|_| agreed || wanted.is_some())
    }

    /// Resolves the deployments of a part. `region` is the stamp's, `shared` the outputs of what is deployed once.
    #[must_use]
    pub fn part(&self, part: &PlannedPart, region: Option<&Value>, shared: &Outputs) -> Resolved {
        let mut walk = Walk {
            resolver: self,
            part,
            region,
            shared,
            state: vec![State::New; part.deployments.len()],
            made: vec![None; part.deployments.len()],
            outputs: Outputs::new(),
            problems: Vec::new(),
        };
        for i in 0..part.deployments.len() {
            walk.visit(i);
        }
        let mut resolved = Resolved { outputs: walk.outputs, problems: walk.problems, ..Resolved::default() };
        for made in walk.made.into_iter().flatten() {
            resolved.deployed.push(Arc::clone(&made.deployed));
            resolved.resources.extend(made.resources.iter().cloned());
            resolved.problems.extend(made.problems.iter().cloned());
        }
        resolved
    }

    fn make(&self, planned: &Planned, set: Vec<(Text, Value)>, context: &Context) -> Result<Arc<Made>, Problem> {
        let failed = |error: LoadError, named: Span, path: &str| {
            let code = match &error {
                LoadError::File(FileError::TooLarge { .. }) => Code::Limit,
                LoadError::NotLocal(_) => Code::NotAnalysed,
                LoadError::Cycle(_) => Code::Template,
                LoadError::File(_) => Code::Unreadable,
            };
            let place = if named.is_none() { self.disk.stand_in(path).span(0, 0) } else { named };
            Problem::new(code, place, error.to_string())
        };
        let key = key(planned, &set, context);
        if let Some(made) = self.made.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(made));
        }
        let path = planned.template.path.as_str();
        if !is_readable(path) {
            let what = format!("`{path}` was not read: only Bicep and ARM templates are");
            return Err(Problem::new(Code::NotAnalysed, planned.template.named, what));
        }
        let template =
            self.cache.template(self.disk, path).map_err(|error| failed(error, planned.template.named, path))?;
        let mut files: Vec<Arc<ParameterFile>> = Vec::new();
        for taken in &planned.parameters {
            let file = self.cache.parameters(self.disk, &taken.path);
            files.push(file.map_err(|error| failed(error, taken.named, &taken.path))?);
        }
        let request =
            Request { parameters: &files, set: &set, context, declared: planned.declared, whole: planned.complete };
        let resolved = template::deploy(&template, &request);
        for secret in &resolved.secrets {
            self.disk.sources().redact(*secret);
        }
        let made = Arc::new(Made {
            resources: resolved.resources.iter().filter_map(|r| resource(r, &planned.id)).collect(),
            outputs: resolved.outputs,
            problems: resolved.problems,
            deployed: Arc::new(Deployed {
                id: planned.id.clone(),
                template: Text::from(path),
                files: planned.parameters.iter().map(|t| Text::from(t.path.as_str())).collect(),
                anchor: files.last().map_or(planned.declared, |file| file.anchor),
                parameters: resolved.parameters,
                resource_group: planned.context.resource_group.clone(),
                declared: planned.declared,
            }),
        });
        let mut held = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been faster: all are to share one.
        Ok(Arc::clone(held.entry(key).or_insert(made)))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// Deployments in the order in which they need one another.
struct Walk<'w> {
    resolver: &'w Resolver<'w>,
    part: &'w PlannedPart,
    region: Option<&'w Value>,
    shared: &'w Outputs,
    state: Vec<State>,
    made: Vec<Option<Arc<Made>>>,
    outputs: Outputs,
    problems: Vec<Problem>,
}

impl Walk<'_> {
    fn visit(&mut self, i: usize) {
        let Some(planned) = self.part.deployments.get(i) else {
            return;
        };
        if self.state.get(i) != Some(&State::New) {
            return;
        }
        self.set_state(i, State::Open);
        let set = planned.set.iter().map(|e| (e.key.clone(), self.filled(&e.value))).collect();
        let context = context(planned, self.region);
        let outputs = match self.resolver.make(planned, set, &context) {
            Ok(made) => {
                let outputs = made.outputs.clone();
                if let Some(slot) = self.made.get_mut(i) {
                    *slot = Some(made);
                }
                Some(outputs)
            }
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        };
        self.outputs.insert(planned.id.clone(), outputs);
        self.set_state(i, State::Done);
    }

    fn set_state(&mut self, i: usize, state: State) {
        if let Some(slot) = self.state.get_mut(i) {
            *slot = state;
        }
    }

    /// A value of `set` with outputs of other deployments in the place of their names.
    fn filled(&mut self, value: &Value) -> Value {
        if let Some(items) = value.as_list() {
            return Value::list(items.iter().map(|v| self.filled(v)).collect(), value.span);
        }
        if let Some(map) = value.as_map() {
            let entries = map.iter().map(|e| Entry::new(e.key.clone(), e.key_span, self.filled(&e.value)));
            return Value::map(entries.collect(), value.span);
        }
        let Some(text) = value.as_str() else {
            return value.clone();
        };
        let mut pieces = Vec::new();
        let mut done = 0;
        for braced in braced(text).filter(|b| is_output(b.word)) {
            let before = text.get(done..braced.start).unwrap_or_default();
            if !before.is_empty() {
                pieces.push(Value::string(before, value.span));
            }
            pieces.push(self.output(braced.word, value.span));
            done = braced.end;
        }
        if pieces.is_empty() {
            return value.clone();
        }
        let rest = text.get(done..).unwrap_or_default();
        if !rest.is_empty() {
            pieces.push(Value::string(rest, value.span));
        }
        match pieces.as_slice() {
            [one] => one.clone(),
            several => functions::interpolate(several, value.span, &Context::default())
                .unwrap_or_else(|_| Value::unknown(Unknown::new(Reason::Limit, WaitsFor::Nothing), value.span)),
        }
    }

    /// The output that `hub.outputs.id` or `shared.hub.outputs.id` names.
    fn output(&mut self, word: &str, span: Span) -> Value {
        let unknown =
            |reason, word: &str| Value::unknown(Unknown::new(reason, WaitsFor::Text(format!("`{word}`").into())), span);
        let Some((deployment, name)) = word.rsplit_once(".outputs.") else {
            return unknown(Reason::Error, word);
        };
        let own = self.part.deployments.iter().position(|d| d.id == deployment);
        if let Some(i) = own {
            if self.state.get(i) == Some(&State::Open) {
                self.fault(span, format!("deployment `{deployment}` waits for an output that waits for it"));
                return unknown(Reason::Error, word);
            }
            self.visit(i);
        }
        let of_shared = deployment.strip_prefix("shared.").and_then(|id| self.shared.get(id));
        let Some(outputs) = self.outputs.get(deployment).or(of_shared) else {
            self.fault(span, format!("no deployment has the id `{deployment}`"));
            return unknown(Reason::Error, word);
        };
        let Some(outputs) = outputs else {
            return unknown(Reason::UnreadModule, word);
        };
        match outputs.iter().find(|e| e.key.eq_ignore_ascii_case(name)) {
            Some(entry) => {
                let origin = entry.value.origin.then_named(StepKind::Call, span, word);
                entry.value.clone().with_origin(origin)
            }
            None => {
                self.fault(span, format!("deployment `{deployment}` has no output `{name}`"));
                unknown(Reason::Error, word)
            }
        }
    }

    fn fault(&mut self, span: Span, message: String) {
        let problem = Problem::new(Code::Fleet, span, message);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

fn is_readable(path: &str) -> bool {
    [".bicep", ".json", ".jsonc"].iter().any(|e| path.to_ascii_lowercase().ends_with(e))
}

/// A region's id where the table has it, else the text as it is.
#[must_use]
pub fn region_id(text: &str) -> Text {
    regions::find(text).map_or(text, |r| r.name.as_str()).into()
}

/// A region's id for its display name; the place stays.
fn with_region_id(region: &Value) -> Value {
    match region.as_str() {
        Some(text) => Value { kind: Kind::String(region_id(text)), ..region.clone() },
        None => region.clone(),
    }
}

fn context(planned: &Planned, region: Option<&Value>) -> Context {
    let given = &planned.context;
    let location = given.location.clone().or_else(|| region.map(with_region_id));
    Context {
        subscription: given.subscription.clone(),
        tenant: given.tenant.clone(),
        resource_group: given.resource_group.clone(),
        deployment_location: location.clone(),
        location,
        deployer: deployer(given.deployer.as_ref()),
        time: given.time.clone(),
        seed: given.seed.clone(),
        variables: given.environment.clone(),
        ..Context::default()
    }
}

fn deployer(given: Option<&Value>) -> Deployer {
    let of = |key: &str| given.and_then(|d| d.get(key)).cloned();
    Deployer {
        object_id: of("objectId").or_else(|| given.filter(|d| d.as_str().is_some()).cloned()),
        tenant_id: of("tenantId"),
        user_principal_name: of("userPrincipalName"),
    }
}

/// A context from the keys of the config's `context`.
#[must_use]
pub fn context_of(given: &Value, location: Option<Value>) -> Context {
    let of = |key: &str| given.get(key).filter(|v| !v.is_null()).cloned();
    Context {
        subscription: of("subscription"),
        tenant: of("tenant"),
        resource_group: of("resourceGroup"),
        deployment_location: location.clone(),
        location,
        deployer: deployer(given.get("deployer")),
        time: of("time"),
        seed: of("seed"),
        variables: given.get("environment").map(|v| v.entries().to_vec()).unwrap_or_default(),
        ..Context::default()
    }
}

/// A location as Azure compares it; its place stays.
#[must_use]
pub fn region_value(region: &Value) -> Value {
    with_region_id(region)
}

/// Equal for deployments that come to the same, places included.
fn key(planned: &Planned, set: &[(Text, Value)], context: &Context) -> u128 {
    let mut hasher = Xxh3::new();
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(planned.id.as_bytes());
    add(planned.template.path.as_bytes());
    for taken in &planned.parameters {
        add(taken.path.as_bytes());
    }
    let mut value = |name: &str, value: Option<&Value>| {
        let Some(value) = value else { return };
        add(name.as_bytes());
        add(&value.content_hash().to_le_bytes());
        // The same word at another place is to be corrected there.
        add(format!("{:?}", value.span).as_bytes());
    };
    for (name, given) in set {
        value(name, Some(given));
    }
    let Context { subscription, tenant, resource_group, location, time, seed, variables, deployer, .. } = context;
    value("subscription", subscription.as_ref());
    value("tenant", tenant.as_ref());
    value("resourceGroup", resource_group.as_ref());
    value("location", location.as_ref());
    value("time", time.as_ref());
    value("seed", seed.as_ref());
    value("deployer", deployer.object_id.as_ref());
    value("deployer.tenantId", deployer.tenant_id.as_ref());
    value("deployer.userPrincipalName", deployer.user_principal_name.as_ref());
    for entry in variables {
        value(&entry.key, Some(&entry.value));
    }
    hasher.update(format!("{:?}", planned.declared).as_bytes());
    hasher.digest128()
}

fn resource(resolved: &template::ResolvedResource, deployment: &Text) -> Option<Arc<Resource>> {
    // What an extension takes (objects of a cluster, of a directory) is not Azure's to deploy.
    if resolved.extension.is_some() {
        return None;
    }
    Some(Arc::new(Resource {
        identity: Identity::Azure {
            ty: resolved.ty.clone(),
            api_version: resolved.api_version.clone(),
            name: shown(&resolved.name),
            id: resolved.id.clone(),
        },
        body: resolved.body.clone(),
        declared: resolved.declared,
        existence: match &resolved.may_exist {
            None => Existence::Exists,
            Some(unknown) => Existence::MayExist(Arc::clone(unknown)),
        },
        existing: resolved.existing,
        deployment: Some(deployment.clone()),
        rendered_from: None,
        calls: Arc::clone(&resolved.calls),
    }))
}
