//! Resolves a template with parameter files and says what came of it: resources, problems, and each unknown with its
//! reason. `cargo run --example resolve-template -- FOLDER TEMPLATE [PARAMETER-FILE]… [-v]`; paths are below the folder.
//! `FOLDER all` resolves every template below it on its own. `-v` prints the resources.
#![allow(clippy::print_stdout, reason = "a program for developers")]

mod disk;

use std::collections::BTreeMap;

use stamplint::resolve::context::Context;
use stamplint::resolve::template::{Request, TemplateCache, deploy, shown};
use stamplint::source::Span;
use stamplint::tree::{Kind, Part, Unknown, Value};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let verbose = arguments.iter().any(|a| a == "-v");
    let plain: Vec<&String> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    let [folder, template, parameters @ ..] = plain.as_slice() else {
        println!("usage: resolve-template FOLDER TEMPLATE [PARAMETER-FILE]… [-v]");
        std::process::exit(2);
    };
    let disk = disk::Disk::new(folder.as_str());
    let cache = TemplateCache::default();
    let templates = match template.as_str() {
        "all" => disk.find(&[".bicep"]),
        one => vec![one.to_owned()],
    };
    for template in templates {
        run(&disk, &cache, &template, parameters, verbose);
    }
}

fn run(disk: &disk::Disk, cache: &TemplateCache, path: &str, parameters: &[&String], verbose: bool) {
    let template = match cache.template(disk, path) {
        Ok(template) => template,
        Err(error) => return println!("{path}: {error}"),
    };
    let mut files = Vec::new();
    for file in parameters {
        match cache.parameters(disk, file) {
            Ok(file) => files.push(file),
            Err(error) => println!("{file}: {error}"),
        }
    }
    let context = Context { location: Some(Value::string("eastus2", Span::NONE)), ..Context::default() };
    let request =
        Request { parameters: &files, set: &[], context: &context, declared: Span::NONE, whole: !files.is_empty() };
    let start = std::time::Instant::now();
    let deployment = deploy(&template, &request);
    let took = start.elapsed();
    println!("{path}: {} resources, {} problems, {took:?}", deployment.resources.len(), deployment.problems.len());
    let mut unknowns: BTreeMap<String, usize> = BTreeMap::new();
    for resource in &deployment.resources {
        count(&resource.body, &mut unknowns);
        if verbose {
            let state = match (&resource.may_exist, resource.existing) {
                (_, true) => " (existing)".to_owned(),
                (Some(why), _) => format!(" (may exist: {why})"),
                _ => String::new(),
            };
            println!("  {} {}{state}", resource.ty, shown(&resource.id));
            println!("{}", serde_json::to_string_pretty(&resource.body.to_json()).unwrap_or_default());
        }
    }
    for problem in &deployment.problems {
        let source = disk.sources.get(problem.span.source);
        let place = source.map(|s| format!("{}:{}", s.path(), s.line(problem.span.start))).unwrap_or_default();
        println!("  {:?} {place}: {}", problem.code, problem.detail);
    }
    for (why, n) in unknowns {
        println!("  {n:4} {why}");
    }
}

fn count(value: &Value, into: &mut BTreeMap<String, usize>) {
    let mut add = |unknown: &Unknown| *into.entry(unknown.to_string()).or_default() += 1;
    match &value.kind {
        Kind::Unknown(unknown) => add(unknown),
        Kind::Parts(parts) => parts.iter().for_each(|part| {
            if let Part::Unknown(unknown) = part {
                add(unknown);
            }
        }),
        Kind::List(list) => list.iter().for_each(|v| count(v, into)),
        Kind::Map(map) => map.iter().for_each(|e| count(&e.value, into)),
        _ => {}
    }
}
