//! Holds our YAML reader against the public suite of YAML 1.2. The argument is a checkout of `yaml/yaml-test-suite`:
//!
//! ```text
//! cargo run --example yaml-suite -- CHECKOUT [DIR]
//! ```
//!
//! It prints each case on which the two differ, and the count of those that agree. With a second argument the inputs
//! are written into that folder, one file a case, so that `harness/k8syaml` can say what Kubernetes makes of them. The
//! differences are explained in `docs/yaml.md`.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::expect_used, reason = "a program for developers")]

use std::path::Path;

use serde_json::Value as Json;
use stamplint::read::yaml::{Typing, parse_with};
use stamplint::source::{Code, Sources};
use stamplint::tree::Value;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let checkout = arguments.next().expect("a checkout of the suite");
    let written = arguments.next();
    let mut files: Vec<_> = std::fs::read_dir(Path::new(&checkout).join("src"))
        .expect("the folder src")
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    let (mut agree, mut total) = (0, 0);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("readable");
        let source = Sources::new().add("case", text);
        let stream = parse_with(&source, Typing::Core);
        assert!(stream.problems.is_empty(), "{}: {:?}", file.display(), stream.problems);
        let name = file.file_stem().and_then(|n| n.to_str()).unwrap_or_default();
        // What a case leaves out is as in the case before it.
        let (mut yaml, mut json) = (String::new(), None);
        for (index, case) in stream.documents.iter().flat_map(|d| d.root.items()).enumerate() {
            let field = |key: &str| case.get(key).and_then(Value::as_str);
            if field("yaml").is_some() {
                json = None;
            }
            yaml = field("yaml").map_or(yaml, visible);
            json = field("json").map(str::to_owned).or(json);
            if case.get("skip").is_some() {
                continue;
            }
            if let Some(dir) = &written {
                let path = Path::new(dir).join(format!("{name}-{index}.yaml"));
                std::fs::write(path, &yaml).expect("writable");
            }
            total += 1;
            let fails = case.get("fail").and_then(Value::as_bool) == Some(true);
            match check(&yaml, json.as_deref(), fails) {
                Ok(()) => agree += 1,
                Err(difference) => {
                    println!("{name}-{index} {}: {difference}", field("name").unwrap_or_default());
                }
            }
        }
    }
    println!("{agree} of {total} cases agree");
}

/// The suite writes what cannot be seen with signs of its own.
fn visible(text: &str) -> String {
    let mut text = text.replace('␣', " ");
    while text.contains("—»") {
        text = text.replace("—»", "»");
    }
    text = text.replace('»', "\t");
    text.replace('↵', "").replace("∎\n", "").replace('∎', "").replace('←', "\r").replace('⇔', "\u{FEFF}")
}

fn check(yaml: &str, json: Option<&str>, fails: bool) -> Result<(), String> {
    let source = Sources::new().add("case.yaml", yaml.trim_start_matches('\u{FEFF}'));
    let stream = parse_with(&source, Typing::Core);
    let problem = stream.problems.iter().find(|p| p.code != Code::DuplicateKey);
    match (fails, problem) {
        (true, Some(_)) => return Ok(()),
        (true, None) => return Err("is no YAML 1.2, taken by us".to_owned()),
        (false, Some(problem)) => return Err(format!("is YAML 1.2, refused by us: {}", problem.detail)),
        (false, None) => {}
    }
    let Some(json) = json else {
        return Ok(());
    };
    let wanted: Vec<Json> =
        serde_json::Deserializer::from_str(json).into_iter().collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    // Documents without content count in the suite, not for us.
    let wanted: Vec<Json> = wanted.into_iter().filter(|v| !v.is_null()).collect();
    let found: Vec<Json> = stream.documents.iter().map(|d| d.root.to_json()).filter(|v| !v.is_null()).collect();
    let same = wanted.len() == found.len() && wanted.iter().zip(&found).all(|(a, b)| equal(a, b));
    if same { Ok(()) } else { Err(format!("wanted {}, found {}", list(&wanted), list(&found))) }
}

fn equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => a == b,
    }
}

fn list(values: &[Json]) -> String {
    let text = values.iter().map(Json::to_string).collect::<Vec<_>>().join(" ");
    text.chars().take(150).collect()
}
