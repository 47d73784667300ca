//! Holds the reading of `.bicepparam` files against Microsoft's compiler: each `parameters.bicepparam` below a folder must
//! give the values of the `parameters.json` beside it; those whose path says `Invalid` must have a problem.
//!
//! `cargo run --example bicep-params -- FOLDER`, over a checkout of `Azure/bicep` (`src/Bicep.Core.Samples/Files`).
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program for developers")]

mod disk;

use serde_json::Value as Json;
use stamplint::resolve::context::Context;
use stamplint::resolve::template::{Request, Template, TemplateCache, deploy};
use stamplint::source::Span;
use stamplint::tree::{Entry, Value};

fn main() {
    let Some(folder) = std::env::args().nth(1) else {
        println!("usage: bicep-params FOLDER");
        std::process::exit(2);
    };
    let disk = disk::Disk::new(&folder);
    let cache = TemplateCache::default();
    let (mut passed, mut total, mut invalid, mut silent) = (0, 0, 0, 0);
    let mut context = Context::default();
    // The values that the samples' own test gives.
    for (name, value) in
        [("stringEnvVariableName", "test"), ("intEnvVariableName", "100"), ("boolEnvironmentVariable", "true")]
    {
        context.variables.push(Entry::new(name, Span::NONE, Value::string(value, Span::NONE)));
    }
    for path in disk.find(&["/parameters.bicepparam"]) {
        let file = match cache.parameters(&disk, &path) {
            Ok(file) => file,
            Err(error) => {
                println!("{path}: {error}");
                continue;
            }
        };
        let template = file
            .template
            .as_ref()
            .and_then(|link| link.path.as_ref())
            .and_then(|path| cache.template(&disk, path).ok());
        let template =
            template.unwrap_or_else(|| std::sync::Arc::new(Template::empty(path.as_str().into(), Span::NONE.source)));
        let files = [file.clone()];
        let request = Request { parameters: &files, set: &[], context: &context, declared: Span::NONE, whole: true };
        let deployment = deploy(&template, &request);
        let said: Vec<String> = deployment
            .problems
            .iter()
            .map(|p| {
                let source = disk.sources.get(p.span.source);
                let place = source.map(|s| format!("{}:{}", s.path(), s.line(p.span.start))).unwrap_or_default();
                format!("{place}: {:?}: {}", p.code, p.detail)
            })
            .collect();
        if path.contains("Invalid") {
            invalid += 1;
            if said.is_empty() {
                silent += 1;
                println!("no problem in {path}");
            }
            continue;
        }
        let json = path.replace(".bicepparam", ".json");
        let Ok(text) = std::fs::read_to_string(disk.path(&json)) else { continue };
        total += 1;
        let json: Json = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_default();
        let mut differences = Vec::new();
        let given = file.values_in(&context);
        let empty = serde_json::Map::new();
        let wanted = json.get("parameters").and_then(Json::as_object).unwrap_or(&empty);
        for (name, wanted) in wanted {
            match given.iter().find(|g| g.name == *name) {
                None => differences.push(format!("`{name}` is not given")),
                Some(given) => {
                    if let Some(why) = difference(&given.value, given.from_vault, wanted) {
                        differences.push(format!("`{name}` {why}"));
                    }
                }
            }
        }
        differences.extend(
            given
                .iter()
                .filter(|g| !wanted.contains_key(g.name.as_str()))
                .map(|g| format!("`{}` is given too", g.name)),
        );
        if differences.is_empty() {
            passed += 1;
        } else {
            println!("{path}\n    {}", differences.join("\n    "));
        }
        for said in said.iter().filter(|said| !said.contains("ParameterUnknown") && !said.contains("ParameterMissing"))
        {
            println!("    {said}");
        }
    }
    println!("{passed} of {total} agree; {} of {invalid} invalid ones have a problem", invalid - silent);
}

fn difference(value: &Value, from_vault: bool, wanted: &Json) -> Option<String> {
    let json = value.to_json();
    if let Some(expected) = wanted.get("value") {
        return (json != *expected).then(|| format!("is {json}, not {expected}"));
    }
    if wanted.get("reference").is_some() {
        return (!from_vault).then(|| format!("is {json}, not a vault's"));
    }
    let open = json.to_string().contains("$unknown");
    (!open).then(|| format!("is {json}, not what the deploying tool gives"))
}
