//! `stamplint resolve TEMPLATE`: the resources that a template with parameters would deploy, as JSON.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::{FINE, Terminal, working};
use crate::app::cli::ResolveArgs;
use crate::app::config::check::check;
use crate::app::config::keys::CONTEXT;
use crate::app::deploy::{context_of, region_value};
use crate::app::disk::Disk;
use crate::app::failure::Failure;
use crate::app::root;
use crate::app::session::Session;
use crate::app::walk::relative;
use crate::read::yaml::{self, Typing};
use crate::resolve::context::Context;
use crate::resolve::template::{self, Destination, ParameterFile, Request, ResolvedResource, TemplateCache};
use crate::source::{Files, Sources, Span};
use crate::tree::{Kind, Path, Segment, Value};

/// Resolves and prints.
///
/// # Errors
/// When a file is not there or cannot be read. What is wrong inside goes to standard error.
pub fn run(args: &ResolveArgs, terminal: &Terminal) -> Result<u8, Failure> {
    let sources = Arc::new(Sources::new());
    let named: Vec<String> =
        std::iter::once(&args.template).chain(&args.parameters).chain(&args.context).cloned().collect();
    let working = working()?;
    let place = root::locate(&working, &named).map_err(|e| Failure::new(e.to_string()))?;
    let disk = Disk::new(&place.root, Arc::clone(&sources)).map_err(|e| Failure::new(e.kind().to_string()))?;
    let from_root = |path: &String| {
        let full = std::fs::canonicalize(working.join(path)).unwrap_or_default();
        relative(disk.root(), &full).unwrap_or_default()
    };
    let files: Vec<String> = named.iter().map(from_root).collect();
    let cache = TemplateCache::new(Vec::new());
    let template_path = files.first().cloned().unwrap_or_default();
    let template = cache.template(&disk, &template_path).map_err(|e| Failure::new(e.to_string()))?;
    let mut parameters: Vec<Arc<ParameterFile>> = Vec::new();
    for path in files.iter().skip(1).take(args.parameters.len()) {
        parameters.push(cache.parameters(&disk, path).map_err(|e| Failure::new(e.to_string()))?);
    }
    let context = match files.get(1 + args.parameters.len()) {
        Some(path) => read_context(&disk, path)?,
        None => Context::default(),
    };
    let request = Request { parameters: &parameters, set: &[], context: &context, declared: Span::NONE, whole: false };
    let resolved = template::deploy(&template, &request);
    let resources: Vec<Json> = resolved.resources.iter().map(|r| resource(r, args.origins, &sources)).collect();
    let mut outputs = Map::new();
    for entry in &resolved.outputs {
        outputs.insert(entry.key.to_string(), super::json::of(&entry.value));
    }
    let whole = json!({"version": 1, "resources": resources, "outputs": outputs});
    // Maps with string keys: serialising cannot fail.
    terminal.print(&(serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"))?;
    let mut said: Vec<String> =
        resolved.problems.iter().map(|p| format!("{}: {}\n", at(p.span, &sources), p.detail)).collect();
    said.sort();
    said.dedup();
    said.iter().for_each(|line| terminal.say(line));
    Ok(FINE)
}

fn read_context(disk: &Disk, path: &str) -> Result<Context, Failure> {
    let source = disk.load(path).map_err(|e| Failure::new(e.to_string()))?;
    let stream = yaml::parse_with(&source, Typing::Core);
    if let Some(problem) = stream.problems.first() {
        return Err(Failure::new(format!("the context cannot be read: {}", problem.detail)).at(
            &source,
            problem.span,
            "",
        ));
    }
    let root = stream.documents.into_iter().next().map(|d| d.root);
    let root = root.unwrap_or_else(|| Value::map(Vec::new(), source.span(0, 0)));
    let location = root.get("location").cloned();
    let others = root.entries().iter().filter(|e| e.key != "location").cloned().collect();
    let rest = if root.as_map().is_some() { Value::map(others, root.span) } else { root };
    if let Some(fault) = check(&rest, &CONTEXT, Session::new()?.catalogue()).into_iter().next() {
        return Err(Failure::new(fault.message).help(fault.help).at(&source, fault.span, fault.label));
    }
    Ok(context_of(&rest, location.as_ref().map(region_value)))
}

fn resource(resolved: &ResolvedResource, origins: bool, sources: &Sources) -> Json {
    let scope = match &resolved.scope {
        Destination::Tenant => "tenant",
        Destination::ManagementGroup(_) => "managementGroup",
        Destination::Subscription(_) => "subscription",
        Destination::ResourceGroup(..) => "resourceGroup",
        Destination::Resource(_) => "resource",
    };
    let mut object = Map::new();
    object.insert("id".into(), super::json::of(&resolved.id));
    object.insert("type".into(), resolved.ty.as_str().into());
    object.insert("apiVersion".into(), resolved.api_version.as_str().into());
    object.insert("name".into(), super::json::of(&resolved.name));
    object.insert("scope".into(), scope.into());
    if resolved.existing {
        object.insert("existing".into(), true.into());
    }
    if let Some(unknown) = &resolved.may_exist {
        object.insert("condition".into(), super::json::of(&Value::unknown((**unknown).clone(), Span::NONE)));
    }
    object.insert("body".into(), super::json::of(&resolved.body));
    if origins {
        let mut places = Map::new();
        leaves(&resolved.body, &Path::root(), sources, &mut places);
        object.insert("declared".into(), at(resolved.declared, sources).into());
        object.insert("origins".into(), Json::Object(places));
    }
    Json::Object(object)
}

/// Where each leaf was written, then each step on its way.
fn leaves(value: &Value, path: &Path, sources: &Sources, places: &mut Map<String, Json>) {
    match &value.kind {
        Kind::Map(map) => map.iter().for_each(|e| leaves(&e.value, &path.join(Segment::from(&e.key)), sources, places)),
        Kind::List(list) => list.iter().enumerate().for_each(|(i, v)| leaves(v, &path.join(i), sources, places)),
        _ => {
            let mut way = vec![value.span];
            let mut steps: Vec<Span> = value.origin.steps().map(|s| s.span).collect();
            steps.reverse();
            way.extend(steps);
            way.retain(|span| !span.is_none());
            way.dedup();
            let way: Vec<Json> = way.iter().map(|span| at(*span, sources).into()).collect();
            places.insert(path.to_string(), way.into());
        }
    }
}

fn at(span: Span, sources: &Sources) -> String {
    match sources.get(span.source) {
        Some(source) => {
            let position = source.position_chars(span.start);
            format!("{}:{}:{}", source.path(), position.line, position.column)
        }
        None => "-".to_owned(),
    }
}
