//! Holds our evaluation against OPA's own: each policy below a folder over each object below the same folder that its
//! constraints are about, and the results compared.
//!
//! ```text
//! cargo run --release --example opa -- OPA DIR [OBJECTS]
//! ```
//!
//! `OPA` is the program. Templates and constraints are taken from `DIR` as they stand: each template with the constraints
//! of its kind, all objects of `OBJECTS` (or of `DIR`) below the template's own folder, or all where it has none. It
//! prints each difference, and the count of evaluations that agree.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a program for developers"
)]

mod disk;

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;

use disk::Disk;
use stamplint::read::yaml;
use stamplint::rule::rego::gatekeeper::{Constraint, Gatekeeper, Held, Inventory, Matched, Object, Question, Template};
use stamplint::rule::rego::{Limits, Version};
use stamplint::source::{Files, Source};
use stamplint::tree::Value;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [opa, folder, ..] = arguments.as_slice() else {
        println!("usage: opa OPA DIR [OBJECTS]");
        return;
    };
    let disk = Disk::new(folder);
    let mut documents: Vec<(Value, Arc<Source>)> = Vec::new();
    for path in disk.find(&[".yaml", ".yml"]) {
        let Ok(source) = disk.load(&path) else { continue };
        documents.extend(yaml::parse(&source).documents.into_iter().map(|d| (d.root, Arc::clone(&source))));
    }
    let (mut agree, mut total) = (0, 0);
    let templates: Vec<(Value, Arc<Source>)> = documents.iter().filter(|(d, _)| Template::is_one(d)).cloned().collect();
    for template in templates {
        let kind =
            template.0.look("spec.crd.spec.names.kind").known().and_then(Value::as_str).unwrap_or_default().to_owned();
        let home = template.1.path().rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
        let near = |(_, source): &&(Value, Arc<Source>)| source.path().starts_with(&home);
        let objects: Vec<&Value> = documents
            .iter()
            .filter(near)
            .map(|(d, _)| d)
            .filter(|d| d.get("kind").is_some() && !Template::is_one(d) && !Constraint::is_one(d))
            .collect();
        // A template without constraints gets two: one without parameters, one with those of its samples.
        let made = made(&disk, &kind, &home);
        for (at, constraint) in
            documents.iter().chain(&made).filter(near).filter(|(d, _)| Constraint::is_one(d)).enumerate()
        {
            if constraint.0.get("kind").and_then(Value::as_str) != Some(&kind) {
                continue;
            }
            let pair = [template.clone(), constraint.clone()];
            let (gatekeeper, problems) = Gatekeeper::read(pair.iter().map(|(v, s)| (v, s)), Limits::default());
            if let Some(problem) = problems.first() {
                println!("{}: {}", constraint.1.path(), problem.detail);
                continue;
            }
            let others = objects.iter().filter(|o| Object::of_admission(o).is_none()).copied();
            let inventory = Inventory::new(others);
            for object in &objects {
                let object = Object::of_admission(object).unwrap_or_else(|| Object::new(object));
                let ours = gatekeeper.review((0, Matched::Yes), &object, &inventory, &Held::default());
                let Some(question) = gatekeeper.question(0, &object, &inventory) else {
                    println!(
                        "{}: {:?}",
                        template.1.path(),
                        gatekeeper.problems().map(|p| &p.detail).collect::<Vec<_>>()
                    );
                    break;
                };
                total += 1;
                let theirs = ask(opa, &question);
                let ours = ours
                    .map(|found| found.into_iter().map(|v| v.message).collect::<BTreeSet<_>>())
                    .map_err(|p| p.detail);
                if ours == theirs {
                    agree += 1;
                } else {
                    let name = object
                        .body
                        .look("metadata.name")
                        .known()
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned();
                    println!("{} ({at}) over {name}: ours {ours:?}, OPA's {theirs:?}", constraint.1.path());
                }
            }
        }
    }
    println!("{agree} of {total} evaluations agree");
}

/// Constraints for a template of Azure's samples.
fn made(disk: &Disk, kind: &str, home: &str) -> Vec<(Value, Arc<Source>)> {
    let given = disk.find(&["policy_parameters.json"]).into_iter().filter(|p| p.starts_with(home));
    let mut parameters: Vec<serde_json::Value> = given
        .filter_map(|p| serde_json::from_str::<serde_json::Value>(disk.load(&p).ok()?.text()).ok())
        .map(|given| given.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v["value"].clone())).collect())
        .collect();
    if !parameters.is_empty() {
        parameters.push(serde_json::json!({}));
    }
    let mut found = Vec::new();
    for (i, parameters) in parameters.into_iter().enumerate() {
        let constraint = serde_json::json!({
            "apiVersion": "constraints.gatekeeper.sh/v1beta1",
            "kind": kind,
            "metadata": {"name": format!("made-{i}")},
            "spec": {"parameters": parameters},
        });
        let source = disk.sources.add(format!("{home}/made.json"), constraint.to_string());
        found.extend(yaml::parse(&source).documents.into_iter().map(|d| (d.root, Arc::clone(&source))));
    }
    found
}

/// The messages that OPA gives.
fn ask(opa: &str, question: &Question<'_>) -> Result<BTreeSet<String>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(opa);
    command.args(["eval", "--format", "json"]);
    if question.scripts.iter().any(|(_, v)| *v == Some(Version::V0)) {
        command.arg("--v0-compatible");
    }
    for (i, (script, _)) in question.scripts.iter().enumerate() {
        let path = folder.path().join(format!("p{i}.rego"));
        std::fs::write(&path, &*script.text).expect("written");
        command.arg("--data").arg(path);
    }
    for (name, value) in [("data.json", &question.data), ("input.json", &question.input)] {
        std::fs::write(folder.path().join(name), value.to_string()).expect("written");
    }
    command.arg("--data").arg(folder.path().join("data.json"));
    command.arg("--input").arg(folder.path().join("input.json"));
    let output = command.arg(&question.rule).output().map_err(|e| e.to_string())?;
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(|e| e.to_string())?;
    if let Some(errors) = answer.get("errors") {
        return Err(errors[0]["message"].to_string());
    }
    let value = &answer["result"][0]["expressions"][0]["value"];
    let results = value.as_array().cloned().unwrap_or_default();
    Ok(results.iter().map(|r| r["msg"].as_str().map_or_else(|| r["msg"].to_string(), str::to_owned)).collect())
}
