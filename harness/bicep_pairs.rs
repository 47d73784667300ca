//! Holds the two front ends against each other: each `main.bicep` below a folder must resolve to the same resources as
//! the `main.json` beside it, which Microsoft's compiler made of it.
//!
//! Run it over a checkout of `Azure/bicep` (`src/Bicep.Core.Samples/Files`) or of `Azure/bicep-registry-modules`:
//! `cargo run --release --example bicep-pairs -- FOLDER [TEXT-IN-PATH] [-v]`. Parameters without a default are left out
//! once, so that what hangs on them is unknown, and given a value of their type once. A pair passes when both agree.
//! `--modules=PREFIX=FOLDER` (as often as needed) says which folder, below the first one, stands for references that begin
//! with PREFIX; without PREFIX `br/public:`: `avm/res/…/<version>/main.json`. Samples whose path says `Invalid` need a
//! problem instead.
#![allow(clippy::print_stdout, clippy::indexing_slicing, reason = "a program for developers")]

mod disk;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;
use stamplint::resolve::context::Context;
use stamplint::resolve::template::{Deployment, Request, Template, TemplateCache, Type, TypeKind, deploy, shown};
use stamplint::source::{Code, Span};
use stamplint::tree::{Entry, Text, Value};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let verbose = arguments.iter().any(|a| a == "-v");
    let mut plain = arguments.iter().filter(|a| !a.starts_with('-'));
    let Some(folder) = plain.next() else {
        println!("usage: bicep-pairs FOLDER [TEXT-IN-PATH] [-v]");
        std::process::exit(2);
    };
    let wanted = plain.next().cloned().unwrap_or_default();
    let disk = disk::Disk::new(folder);
    let modules = arguments.iter().filter_map(|a| a.strip_prefix("--modules="));
    let modules = modules.map(|given| given.rsplit_once('=').unwrap_or(("br/public:", given)));
    let cache = TemplateCache::new(modules.map(|(prefix, folder)| (prefix.to_owned(), folder.to_owned())).collect());
    let (mut passed, mut total, mut invalid, mut silent, mut most) = (0, 0, 0, 0, 0);
    for bicep in disk.find(&["/main.bicep"]) {
        if !bicep.contains(&wanted) {
            continue;
        }
        // Of the samples of parameter files it is those that are invalid.
        if bicep.contains("baselines_bicepparam") {
            continue;
        }
        if bicep.contains("Invalid") && !bicep.contains("ChildModules") {
            invalid += 1;
            let template = cache.template(&disk, &bicep);
            if template.is_ok_and(|t| run(&t, None).problems.is_empty()) {
                println!("no problem in {bicep}, which is invalid");
                silent += 1;
            }
            continue;
        }
        for json in ["main.json", "main.symbolicnames.json"] {
            let json = bicep.replace("main.bicep", json);
            if !disk.path(&json).is_file() {
                continue;
            }
            total += 1;
            let (Ok(left), Ok(right)) = (cache.template(&disk, &bicep), cache.template(&disk, &json)) else {
                println!("cannot be read: {bicep}");
                continue;
            };
            let found = [false, true].iter().find_map(|given| {
                // Both get the same values, made from one of them.
                let samples = given.then_some(&right);
                let left_done = run(&left, samples);
                let right_done = run(&right, samples);
                most = most.max(left_done.steps).max(right_done.steps);
                // Made-up values make expressions fail that real ones do not, and some templates need their parameters.
                let problem = match (unexpected(&left_done, &disk), unexpected(&right_done, &disk)) {
                    (Some(_), Some(_)) => None,
                    (left, right) => left.or(right).filter(|_| !given),
                };
                difference(&left_done, &right_done)
                    .or(problem)
                    .map(|why| format!("{}: {why}", if *given { "with values" } else { "without values" }))
            });
            match found {
                None => passed += 1,
                Some(why) => println!("{json}\n    {}", if verbose { why } else { why.chars().take(600).collect() }),
            }
        }
    }
    println!("the most steps that one template took: {most}");
    println!("{passed} of {total} pairs agree; {} of {invalid} invalid samples have a problem", invalid - silent);
}

/// A problem that a template which compiles should not have.
fn unexpected(deployment: &Deployment, disk: &disk::Disk) -> Option<String> {
    let problem = deployment.problems.iter().find(|p| {
        !matches!(
            p.code,
            Code::ParameterMissing
                | Code::NotAnalysed
                | Code::ParameterInvalid
                | Code::Placeholder
                | Code::DuplicateKey
        )
    })?;
    let source = disk.sources.get(problem.span.source);
    let place = source.map(|s| format!("{}:{}", s.path(), s.line(problem.span.start))).unwrap_or_default();
    Some(format!("{:?} at {place}: {}", problem.code, problem.detail))
}

fn text(text: &str) -> Value {
    Value::string(text, Span::NONE)
}

fn run(template: &Arc<Template>, samples: Option<&Arc<Template>>) -> Deployment {
    let context = Context {
        subscription: Some(text("11111111-2222-3333-4444-555555555555")),
        subscription_name: Some(text("subscription")),
        tenant: Some(text("66666666-7777-8888-9999-000000000000")),
        resource_group: Some(text("group")),
        location: Some(text("westus")),
        management_group: Some(text("management")),
        deployment_name: Some(text("deployment")),
        deployment_location: Some(text("westus")),
        time: Some(text("2024-03-01T12:00:00Z")),
        ..Context::default()
    };
    let mut set: Vec<(Text, Value)> = Vec::new();
    if let Some(typed) = samples {
        for param in typed.params.iter().filter(|p| p.default.is_none() && !p.ty.nullable) {
            if let Some(value) = sample(&param.name, &param.ty, typed, 12) {
                set.push((param.name.clone(), value));
            }
        }
    }
    let request = Request { parameters: &[], set: &set, context: &context, declared: Span::NONE, whole: false };
    deploy(template, &request)
}

/// A value of a type.
fn sample(name: &str, ty: &Type, home: &Arc<Template>, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    if let Some(first) = ty.allowed.as_ref().and_then(|a| a.first()) {
        return Some(match &ty.kind {
            TypeKind::Array(_) if first.as_list().is_none() => Value::list(vec![first.clone()], Span::NONE),
            _ => first.clone(),
        });
    }
    Some(match &ty.kind {
        TypeKind::Any | TypeKind::String => {
            let least = usize::try_from(ty.min_length.unwrap_or(0)).unwrap_or(0);
            let most = usize::try_from(ty.max_length.unwrap_or(60)).unwrap_or(60);
            let mut value = format!("sample-{name}");
            while value.len() < least {
                value.push('x');
            }
            text(&value.chars().take(most).collect::<String>())
        }
        TypeKind::Int => Value::int(ty.min_value.or(ty.max_value).unwrap_or(3), Span::NONE),
        TypeKind::Bool => Value::bool(true, Span::NONE),
        TypeKind::Literal(value) => value.clone(),
        TypeKind::Union(types) | TypeKind::Tagged(_, types) => sample(name, types.first()?, home, depth)?,
        TypeKind::Array(item) => {
            let least = usize::try_from(ty.min_length.unwrap_or(2)).unwrap_or(2).max(1);
            let any = Type::new(TypeKind::String);
            let item = item.as_deref().unwrap_or(&any);
            let items = (0..least).filter_map(|i| sample(&format!("{name}{i}"), item, home, depth)).collect();
            Value::list(items, Span::NONE)
        }
        TypeKind::Tuple(items) => {
            let items = items.iter().filter_map(|ty| sample(name, ty, home, depth)).collect();
            Value::list(items, Span::NONE)
        }
        TypeKind::Object(object) => {
            let entries = object
                .properties
                .iter()
                .filter(|p| !p.ty.nullable)
                .filter_map(|p| Some(Entry::new(p.name.clone(), Span::NONE, sample(&p.name, &p.ty, home, depth)?)))
                .collect();
            Value::map(entries, Span::NONE)
        }
        TypeKind::Named(index) => sample(name, &home.types.get(*index)?.ty, home, depth)?,
        TypeKind::Foreign(other, index) => sample(name, &other.types.get(*index)?.ty, other, depth)?,
        TypeKind::Part(..) => return None,
    })
}

/// Resources by id, those of deployments left out, which the two forms write differently.
fn resources(deployment: &Deployment) -> BTreeMap<String, Vec<Json>> {
    let mut found: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for resource in &deployment.resources {
        let is_deployment = resource.ty.eq_ignore_ascii_case("Microsoft.Resources/deployments");
        if resource.existing || is_deployment {
            continue;
        }
        let key = format!("{} {}", resource.ty, shown(&resource.id)).to_lowercase();
        let mut body = resource.body.to_json();
        if let (Some(body), Some(why)) = (body.as_object_mut(), &resource.may_exist) {
            body.insert("may exist".to_owned(), Json::String(why.to_string()));
        }
        found.entry(key).or_default().push(body);
    }
    for bodies in found.values_mut() {
        bodies.sort_by_key(ToString::to_string);
    }
    found
}

fn difference(left: &Deployment, right: &Deployment) -> Option<String> {
    let (left_all, right_all) = (resources(left), resources(right));
    let keys: std::collections::BTreeSet<&String> = left_all.keys().chain(right_all.keys()).collect();
    for key in keys {
        let (l, r) = (left_all.get(key), right_all.get(key));
        match (l, r) {
            (Some(l), Some(r)) if l.len() == r.len() => {
                for (l, r) in l.iter().zip(r) {
                    if let Some(why) = unequal(l, r, "") {
                        return Some(format!("{key}: {why}"));
                    }
                }
            }
            (Some(l), Some(r)) => return Some(format!("{key}: {} in Bicep, {} in ARM", l.len(), r.len())),
            (Some(_), None) => return Some(format!("only in Bicep: {key}")),
            _ => return Some(format!("only in ARM: {key}")),
        }
    }
    let outputs = |d: &Deployment| -> BTreeMap<String, Json> {
        d.outputs.iter().map(|e| (e.key.to_lowercase().to_string(), e.value.to_json())).collect()
    };
    let (left_all, right_all) = (outputs(left), outputs(right));
    for (name, l) in &left_all {
        match right_all.get(name) {
            Some(r) => {
                if let Some(why) = unequal(l, r, "") {
                    return Some(format!("output {name}: {why}"));
                }
            }
            None => return Some(format!("output {name} only in Bicep")),
        }
    }
    None
}

/// The compiler writes types, and ids with them, as Azure's schemas do.
fn is_id(path: &str, text: &str) -> bool {
    path == ".type" || path.ends_with(".from") || text.contains("/providers/")
}

/// Whether a value is one that failed. What is made of it, the two forms need not agree on.
fn failed(value: &Json) -> bool {
    let reason = |value: &Json| value.get("$unknown").is_some_and(|u| u.get("reason") == Some(&"error".into()));
    reason(value) || value.get("$parts").and_then(Json::as_array).is_some_and(|parts| parts.iter().any(reason))
}

/// The first place where two values differ.
fn unequal(left: &Json, right: &Json, path: &str) -> Option<String> {
    let unknown = |value: &Json| value.get("$unknown").is_some() || value.get("$parts").is_some();
    if unknown(left) && unknown(right) && (failed(left) || failed(right)) {
        return None;
    }
    match (left, right) {
        (Json::Object(l), Json::Object(r)) => {
            let lower = |map: &serde_json::Map<String, Json>| -> BTreeMap<String, Json> {
                let key = |k: &String| if k.contains("/providers/") { k.to_lowercase() } else { k.clone() };
                map.iter().map(|(k, v)| (key(k), v.clone())).collect()
            };
            let (l, r) = (lower(l), lower(r));
            let keys: std::collections::BTreeSet<&String> = l.keys().chain(r.keys()).collect();
            keys.into_iter().find_map(|key| match (l.get(key), r.get(key)) {
                (Some(l), Some(r)) => unequal(l, r, &format!("{path}.{key}")),
                (Some(l), None) => Some(format!("{path}.{key} only in Bicep: {l}")),
                (_, r) => Some(format!("{path}.{key} only in ARM: {}", r.unwrap_or(&Json::Null))),
            })
        }
        (Json::Array(l), Json::Array(r)) if l.len() == r.len() => {
            l.iter().zip(r).enumerate().find_map(|(i, (l, r))| unequal(l, r, &format!("{path}[{i}]")))
        }
        (Json::String(l), Json::String(r)) if is_id(path, l) && l.eq_ignore_ascii_case(r) => None,
        _ if left == right => None,
        _ => Some(format!("{path} is {left} in Bicep, {right} in ARM")),
    }
}
