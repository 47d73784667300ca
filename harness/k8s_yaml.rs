//! Holds our YAML reader against Kubernetes' own. The argument is the output of `harness/k8syaml`:
//!
//! ```text
//! (cd harness/k8syaml && go run . DIR) > oracle.jsonl
//! cargo run --release --example k8s-yaml -- oracle.jsonl
//! ```
//!
//! It prints each document on which the two differ, and the count of those that agree.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program for developers"
)]

use std::collections::BTreeMap;

use serde_json::Value as Json;
use stamplint::read;
use stamplint::read::yaml::{Document, Stream};
use stamplint::source::{Code, Sources};

fn main() {
    let path = std::env::args().nth(1).expect("the oracle's output");
    let lines = std::fs::read_to_string(path).expect("readable");
    let mut files: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for line in lines.lines() {
        let document: Json = serde_json::from_str(line).expect("a line of JSON");
        let path = document["path"].as_str().expect("a path").to_owned();
        files.entry(path).or_default().push(document);
    }
    let (mut agree, mut total) = (0, 0);
    let mut refused = 0;
    for (path, documents) in files {
        let bytes = std::fs::read(&path).expect("readable");
        let Ok((text, _)) = read::decode(&bytes) else {
            println!("{path}: not text");
            continue;
        };
        let skipped = bytes.len() - text.len();
        let sources = Sources::new();
        let source = sources.add(path.as_str(), text);
        let stream = read::yaml::parse(&source);
        for oracle in documents {
            total += 1;
            refused += usize::from(oracle.get("error").is_some());
            match compare(&oracle, &stream, skipped) {
                Ok(()) => agree += 1,
                Err(difference) => {
                    let start = oracle["start"].as_u64().unwrap_or(0);
                    let line = source.line(u32::try_from(start).unwrap_or(0));
                    println!("{path}:{line}: {difference}");
                }
            }
        }
    }
    println!("{agree} of {total} documents agree ({refused} of them refused by both)");
}

fn compare(oracle: &Json, stream: &Stream, skipped: usize) -> Result<(), String> {
    let offset = |key: &str| usize::try_from(oracle[key].as_u64().unwrap_or(0)).unwrap_or(0).saturating_sub(skipped);
    let (start, end) = (offset("start"), offset("end"));
    let within = |at: u32| (start..=end).contains(&(at as usize));
    let ours: Vec<&Document> =
        stream.documents.iter().filter(|d| (start..end).contains(&d.root.span.range().start)).collect();
    let problem = stream.problems.iter().filter(|p| p.code != Code::DuplicateKey).find(|p| within(p.span.start));
    if let Some(error) = oracle.get("error").and_then(Json::as_str) {
        return match problem {
            Some(_) => Ok(()),
            None => Err(format!("refused by Kubernetes ({error}), taken by us")),
        };
    }
    if let Some(problem) = problem {
        // Kubernetes takes the first value and never sees what follows; that is a fault to us.
        if oracle.get("rest").is_some() {
            return Ok(());
        }
        return Err(format!("taken by Kubernetes, refused by us ({})", problem.detail));
    }
    let theirs = oracle.get("value").unwrap_or(&Json::Null);
    match ours.as_slice() {
        [] if theirs.is_null() => Ok(()),
        [document] => same(&document.root.to_json(), theirs, ""),
        [] => Err("we found no document".to_owned()),
        _ => Err(format!("we found {} documents", ours.len())),
    }
}

fn same(ours: &Json, theirs: &Json, path: &str) -> Result<(), String> {
    let differ = || Err(format!("at {path}: ours {}, theirs {}", short(ours, theirs), short(theirs, ours)));
    match (ours, theirs) {
        (Json::Object(a), Json::Object(b)) => {
            if let Some(key) = b.keys().find(|k| !a.contains_key(*k)) {
                return Err(format!("at {path}: key {key:?} is missing"));
            }
            for (key, value) in a {
                match b.get(key) {
                    Some(other) => same(value, other, &format!("{path}.{key}"))?,
                    None => return Err(format!("at {path}: key {key:?} is ours alone")),
                }
            }
            Ok(())
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().try_for_each(|(i, (a, b))| same(a, b, &format!("{path}[{i}]")))
        }
        (Json::Number(a), Json::Number(b)) if a.as_f64() == b.as_f64() => Ok(()),
        (a, b) if a == b => Ok(()),
        _ => differ(),
    }
}

/// The text around the first place where the two differ.
fn short(value: &Json, other: &Json) -> String {
    let (text, other) = (value.to_string(), other.to_string());
    let common = text.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    text.chars().skip(common.saturating_sub(20)).take(60).collect()
}
