//! A deployment: a template with its parameters in a context, resolved to the resources that it would make.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::bind::{self, BoundParameter, Given};
use super::eval::{Evaluator, Frame, Instance, Names};
use super::{Content, Destination, ParameterFile, Template, shown};
use crate::resolve::context::Context;
use crate::source::{Code, Problem, Span};
use crate::tree::{Entry, Text, Unknown, Value};

/// What is to be deployed, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Parameter files; what a later one gives replaces what an earlier one gave.
    pub parameters: &'a [Arc<ParameterFile>],
    /// Single values of the config or a command; they replace what a file gives.
    pub set: &'a [(Text, Value)],
    /// Where it goes, who deploys, when.
    pub context: &'a Context,
    /// Where a missing parameter is to be added when there is no parameter file: the deployment in the config.
    pub declared: Span,
    /// Whether nothing but this gives parameters, so that one without a value is an error.
    pub whole: bool,
}

/// What a deployment makes.
#[derive(Debug, Default)]
pub struct Deployment {
    /// Its resources, those of its modules included, in the order of the files.
    pub resources: Vec<ResolvedResource>,
    /// The root template's outputs.
    pub outputs: Vec<Entry>,
    /// What went wrong, in no order.
    pub problems: Vec<Problem>,
    /// The root template's parameters.
    pub parameters: Vec<BoundParameter>,
    /// Places of secret values, for nobody to print.
    pub secrets: Vec<Span>,
    /// How many expressions were evaluated.
    pub steps: u64,
}

/// One resource that a deployment makes, or only refers to.
#[derive(Clone, Debug)]
pub struct ResolvedResource {
    /// Its resource id, as far as it is known.
    pub id: Value,
    /// Its full type, as the template writes it.
    pub ty: Text,
    /// Its API version; empty where it has none.
    pub api_version: Text,
    /// Its full name, as far as it is known.
    pub name: Value,
    /// Where it goes.
    pub scope: Destination,
    /// Whether it is deployed: none when it is, else why that is not known.
    pub may_exist: Option<Arc<Unknown>>,
    /// Whether it is only referred to.
    pub existing: bool,
    /// All that it sets: type, apiVersion, name, location, tags, sku, properties and so on, keys as written.
    pub body: Value,
    /// Where it is declared: its symbolic name in Bicep, its `type` value in ARM.
    pub declared: Span,
    /// The module calls on the way to it, the outermost first.
    pub calls: Arc<[Span]>,
    /// Its symbolic name.
    pub symbol: Option<Text>,
    /// The extension that takes it, for what is not Azure's.
    pub extension: Option<Text>,
}

/// Resolves a deployment.
#[must_use]
pub fn deploy(template: &Arc<Template>, request: &Request<'_>) -> Deployment {
    let eval = Evaluator::new();
    let mut context = request.context.clone();
    context.scope = template.scope;
    let mut given: Vec<Given> = Vec::new();
    for file in request.parameters {
        given.extend(file.values(&eval, &context));
    }
    for (name, value) in request.set {
        given.push(Given {
            name: name.clone(),
            name_span: value.span,
            value: value.clone(),
            from_vault: false,
            in_file: false,
        });
    }
    let anchor = request.parameters.last().map_or(request.declared, |file| file.anchor);
    let names = Rc::new(Names::of(template.clone()));
    let given = bind::root(&eval, &names, &given, anchor, request.whole);
    let secrets = given
        .iter()
        .zip(&template.params)
        .filter(|(_, param)| param.ty.secure)
        .filter_map(|(given, _)| given.as_ref())
        .filter(|given| given.value.as_str().is_some_and(|s| !s.is_empty()))
        .map(|given| given.value.span)
        .collect();
    let destination = Destination::of(&context);
    let frame = Frame::root(names, context, destination);
    let mut out = Deployment { secrets, ..Deployment::default() };
    out.parameters = bind::bound(&eval, &frame, &given);
    frame_into(&eval, &frame, &mut out.resources);
    for (index, output) in frame.body.outputs.iter().enumerate() {
        let value = eval.output_value(&frame, index);
        out.outputs.push(Entry::new(output.name.clone(), output.declared, value));
    }
    let mut problems = Vec::new();
    for file in request.parameters {
        file.problems_into(&mut problems);
    }
    problems_of(template, &mut Vec::new(), &mut problems);
    out.steps = eval.reports.steps();
    problems.extend(eval.reports.take());
    out.problems = problems;
    out
}

/// The resources of a deployment and of those that it calls.
fn frame_into(eval: &Evaluator, f: &Frame, into: &mut Vec<ResolvedResource>) {
    resources_into(eval, f, false, into);
    let mut seen: HashMap<String, Span> = HashMap::new();
    for (index, module) in f.body.modules.iter().enumerate() {
        if matches!(module.content, Content::Unread(_)) {
            continue;
        }
        let Some(calls) = eval.invocations(f, index) else {
            continue;
        };
        for call in calls.iter() {
            let answer = eval.module_presence(f, index, call).answer;
            if answer == Ok(false) {
                continue;
            }
            if answer == Ok(true)
                && call.uncounted.is_none()
                && let (Some(id), Some(name)) = (eval.module_id(f, index, call), &module.name)
                && let Some(known) = id.as_str()
                && let Some(first) = seen.insert(known.to_ascii_lowercase(), module.declared)
                && first != module.declared
            {
                let detail = "two deployments of one name go to the same scope";
                eval.reports.push(Problem::new(Code::Template, name.span, detail).related(first, "the other one"));
            }
            if let Some(frame) = eval.frame_of(f, index, call) {
                frame_into(eval, &frame, into);
            }
        }
    }
    for index in 0..f.body.outputs.len() {
        eval.output_value(f, index);
    }
    // Azure looks at what is only referred to when something asks for it. By now, all that does has asked.
    eval.reports.quietly(|| resources_into(eval, f, true, into));
}

fn resources_into(eval: &Evaluator, f: &Frame, existing: bool, into: &mut Vec<ResolvedResource>) {
    let mut seen: HashMap<String, Span> = HashMap::new();
    for (index, resource) in f.body.resources.iter().enumerate() {
        if resource.broken || resource.existing != existing {
            continue;
        }
        let Some(instances) = eval.instances(f, index) else {
            continue;
        };
        for instance in instances.iter() {
            let answer = eval.presence(f, index, instance).answer;
            if answer == Ok(false) {
                continue;
            }
            let resolved = resolved(eval, f, index, instance, answer.err());
            // Azure takes no template that sets one resource twice.
            if !existing
                && resolved.may_exist.is_none()
                && let Some(id) = resolved.id.as_str()
                && let Some(first) = seen.insert(id.to_ascii_lowercase(), resolved.declared)
            {
                let detail =
                    format!("the template makes `{}` of the type `{}` twice", shown(&resolved.name), resolved.ty);
                let problem = Problem::new(Code::Template, resource.name.span, detail);
                eval.reports.push(match first == resolved.declared {
                    true => problem,
                    false => problem.related(first, "and here"),
                });
            }
            into.push(resolved);
        }
    }
}

fn resolved(
    eval: &Evaluator,
    f: &Frame,
    index: usize,
    instance: &Instance,
    doubt: Option<Arc<Unknown>>,
) -> ResolvedResource {
    let body = eval.resource_body(f, index, instance);
    let resource = f.body.resources.get(index);
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    ResolvedResource {
        id: eval.resource_id(f, index, instance),
        ty: text("type").into(),
        api_version: text("apiVersion").into(),
        name: eval.resource_name(f, index, instance),
        scope: eval.destination(f, index, instance),
        may_exist: doubt.or_else(|| instance.uncounted.clone()).or_else(|| f.doubt.clone()),
        existing: resource.is_some_and(|r| r.existing),
        declared: resource.map_or(Span::NONE, |r| r.declared),
        calls: f.calls.clone(),
        symbol: resource.and_then(|r| r.symbol.clone()),
        extension: resource.and_then(|r| r.extension.clone()),
        body,
    }
}

/// What was wrong with a template and all that it calls or imports, each once.
fn problems_of(template: &Arc<Template>, seen: &mut Vec<*const Template>, into: &mut Vec<Problem>) {
    let key = Arc::as_ptr(template);
    if seen.contains(&key) {
        return;
    }
    seen.push(key);
    into.extend(template.problems.iter().cloned());
    for import in &template.imports {
        problems_of(import, seen, into);
    }
    body_problems(&template.body, seen, into);
}

fn body_problems(body: &super::Body, seen: &mut Vec<*const Template>, into: &mut Vec<Problem>) {
    for module in &body.modules {
        match &module.content {
            Content::Template(template) => problems_of(template, seen, into),
            Content::Shared(body) => body_problems(body, seen, into),
            Content::Computed(_) | Content::Unread(_) => {}
        }
    }
}
