//! Resolves the plan's deployments: each template parsed once, deployed for each stamp with its parameters, outputs of
//! one feeding the parameters of another.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::model::plan::{Deployment as Planned, DeploymentContext, Plan, PlannedPart};
use crate::model::{Deployed, Existence, Identity, Resource};
use crate::resolve::context::{Context, Deployer};
use crate::resolve::regions;
use crate::resolve::template::{self, LoadError, ParameterFile, Request, ResolvedResource, TemplateCache};
use crate::source::{Code, FileError, Files, Problem, Sources, Span};
use crate::tree::{Entry, Kind, Part, Reason, StepKind, Text, Unknown, Value, WaitsFor};

/// What the deployments of a part came to.
#[derive(Debug, Default)]
pub struct Resolved {
    /// Their resources.
    pub resources: Vec<Arc<Resource>>,
    /// What is known of each deployment.
    pub deployed: Vec<Deployed>,
    /// What went wrong.
    pub problems: Vec<Problem>,
    outputs: Outputs,
}

/// Outputs by deployment.
type Outputs = BTreeMap<Text, Vec<Entry>>;

/// What resolving needs.
#[derive(Clone, Copy)]
pub struct Resolver<'a> {
    /// The files.
    pub files: &'a dyn Files,
    /// Templates that were read.
    pub templates: &'a TemplateCache,
    /// All sources, for what is secret in them.
    pub sources: &'a Sources,
}

/// The shared deployments, and those of each stamp in the plan's order.
#[must_use]
pub fn resolve(plan: &Plan, resolver: Resolver<'_>) -> (Resolved, Vec<Resolved>) {
    let shared = part(&plan.shared, None, &Outputs::new(), resolver);
    let stamps = plan
        .stamps
        .par_iter()
        .map(|stamp| part(&stamp.own, stamp.region.as_ref(), &shared.outputs, resolver))
        .collect();
    (shared, stamps)
}

fn part(planned: &PlannedPart, region: Option<&Value>, shared: &Outputs, resolver: Resolver<'_>) -> Resolved {
    let mut run = PartRun {
        planned: &planned.deployments,
        region,
        shared,
        resolver,
        resolved: Resolved::default(),
        begun: Vec::new(),
    };
    for deployment in &planned.deployments {
        run.deploy(deployment);
    }
    run.resolved
}

struct PartRun<'a> {
    planned: &'a [Planned],
    region: Option<&'a Value>,
    shared: &'a Outputs,
    resolver: Resolver<'a>,
    resolved: Resolved,
    begun: Vec<Text>,
}

impl PartRun<'_> {
    /// Deploys, and before it what its parameters take outputs from. One that waits for itself finds no output.
    fn deploy(&mut self, planned: &Planned) {
        if self.begun.contains(&planned.id) {
            return;
        }
        self.begun.push(planned.id.clone());
        let set: Vec<(Text, Value)> = planned.set.iter().map(|e| (e.key.clone(), self.fill(&e.value))).collect();
        let place = |span: Span| if span.is_none() { planned.declared } else { span };
        let template = match self.resolver.templates.template(self.resolver.files, &planned.template.path) {
            Ok(template) => template,
            Err(error) => return self.unread(&error, place(planned.template.named)),
        };
        let mut parameters: Vec<Arc<ParameterFile>> = Vec::new();
        for file in &planned.parameters {
            match self.resolver.templates.parameters(self.resolver.files, &file.path) {
                Ok(read) => parameters.push(read),
                Err(error) => self.unread(&error, place(file.named)),
            }
        }
        let context = context(&planned.context, self.region);
        let request = Request {
            parameters: &parameters,
            set: &set,
            context: &context,
            declared: planned.declared,
            whole: planned.complete,
        };
        let done = template::deploy(&template, &request);
        done.secrets.iter().for_each(|span| self.resolver.sources.redact(*span));
        self.resolved.problems.extend(done.problems);
        let resources = done.resources.into_iter().filter(|r| r.extension.is_none());
        self.resolved.resources.extend(resources.map(|r| Arc::new(resource(r, &planned.id))));
        self.resolved.outputs.insert(planned.id.clone(), done.outputs);
        self.resolved.deployed.push(Deployed {
            id: planned.id.clone(),
            template: planned.template.path.as_str().into(),
            files: planned.parameters.iter().map(|p| p.path.as_str().into()).collect(),
            parameters: done.parameters,
            resource_group: planned.context.resource_group.clone(),
            declared: planned.declared,
        });
    }

    fn unread(&mut self, error: &LoadError, span: Span) {
        let code = match error {
            LoadError::File(FileError::NotFound(_)) | LoadError::NotLocal(_) => Code::NotAnalysed,
            LoadError::Cycle(_) => Code::Template,
            LoadError::File(_) => Code::Unreadable,
        };
        self.resolved.problems.push(Problem::new(code, span, error.to_string()));
    }

    /// Puts outputs in for `{id.outputs.name}`.
    fn fill(&mut self, value: &Value) -> Value {
        match &value.kind {
            Kind::String(text) if text.contains(".outputs.") => self.fill_text(text, value),
            Kind::List(list) => {
                let items = list.iter().map(|item| self.fill(item)).collect();
                Value::list(items, value.span).with_origin(value.origin.clone())
            }
            Kind::Map(map) => {
                let entries = map.iter().map(|e| Entry::new(e.key.clone(), e.key_span, self.fill(&e.value))).collect();
                Value::map(entries, value.span).with_origin(value.origin.clone())
            }
            _ => value.clone(),
        }
    }

    fn fill_text(&mut self, text: &str, value: &Value) -> Value {
        let mut parts: Vec<Part> = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, tail)) = after.split_once('}') else { break };
            let output = self.output(name, value.span);
            // Alone it keeps its type and its place.
            if before.is_empty() && tail.is_empty() && parts.is_empty() {
                let origin = output.origin.then_named(StepKind::Use, value.span, name);
                return output.with_origin(origin);
            }
            parts.push(Part::Text(before.into()));
            match &output.kind {
                Kind::String(text) => parts.push(Part::Text(text.clone())),
                Kind::Number(n) => parts.push(Part::Text(n.to_string().into())),
                Kind::Parts(inner) => parts.extend(inner.iter().cloned()),
                Kind::Unknown(unknown) => parts.push(Part::Unknown(Arc::clone(unknown))),
                _ => {}
            }
            rest = tail;
        }
        parts.push(Part::Text(rest.into()));
        let kind = if parts.iter().any(|p| matches!(p, Part::Unknown(_))) {
            Kind::Parts(parts.into())
        } else {
            let text: String = parts.iter().map(|p| if let Part::Text(t) = p { t.as_str() } else { "" }).collect();
            Kind::String(text.into())
        };
        Value { kind, ..value.clone() }
    }

    /// The output that `id.outputs.name` or `shared.id.outputs.name` means.
    fn output(&mut self, name: &str, span: Span) -> Value {
        let (id, output) = name.split_once(".outputs.").unwrap_or((name, ""));
        let found = match id.strip_prefix("shared.") {
            Some(id) => self.shared.get(id),
            None => {
                if let Some(planned) = self.planned.iter().find(|p| p.id == id) {
                    self.deploy(planned);
                } else {
                    let detail = format!("no deployment of the stamp is called `{id}`");
                    self.resolved.problems.push(Problem::new(Code::Fleet, span, detail));
                }
                self.resolved.outputs.get(id)
            }
        };
        let entry = found.and_then(|outputs| outputs.iter().find(|e| e.key.eq_ignore_ascii_case(output)));
        entry.map_or_else(
            || Value::unknown(Unknown::new(Reason::Outside, WaitsFor::Text(name.into())), span),
            |entry| entry.value.clone(),
        )
    }
}

fn context(given: &DeploymentContext, region: Option<&Value>) -> Context {
    let location = given.location.clone().or_else(|| region.map(region_id));
    Context {
        subscription: given.subscription.clone(),
        tenant: given.tenant.clone(),
        resource_group: given.resource_group.clone(),
        deployment_location: location.clone(),
        location,
        deployer: Deployer { object_id: given.deployer.clone(), ..Deployer::default() },
        time: given.time.clone(),
        seed: given.seed.clone(),
        variables: given.environment.clone(),
        ..Context::default()
    }
}

/// A region's id for its display name; the place stays.
fn region_id(region: &Value) -> Value {
    match region.as_str().and_then(regions::find) {
        Some(found) => Value { kind: Kind::String(found.name.as_str().into()), ..region.clone() },
        None => region.clone(),
    }
}

fn resource(resolved: ResolvedResource, deployment: &Text) -> Resource {
    Resource {
        identity: Identity::Azure {
            name: template::shown(&resolved.name).into(),
            ty: resolved.ty,
            api_version: resolved.api_version,
            id: resolved.id,
        },
        body: resolved.body,
        declared: resolved.declared,
        existence: resolved.may_exist.map_or(Existence::Exists, Existence::MayExist),
        existing: resolved.existing,
        deployment: Some(deployment.clone()),
        rendered_from: None,
        calls: resolved.calls,
    }
}
