//! Asks `kustomize build` and compares its objects with stamplint's, for the harnesses.
#![allow(dead_code, reason = "each harness uses its part")]

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::process::Command;

use stamplint::read::yaml;
use stamplint::resolve::kustomize::Kustomizer;
use stamplint::source::{Code, Sources};
use stamplint::tree::{Kind, Value};

use crate::disk::Disk;

pub enum Outcome {
    Agreed,
    BothFail,
    Offline(String),
    Differs(String),
}

pub fn last(text: &str) -> &str {
    text.lines().rfind(|l| l.starts_with("Error")).unwrap_or_else(|| text.lines().last().unwrap_or_default())
}

pub fn ask(program: &str, root: &Path, dir: &str, cache: Option<&Path>) -> Result<String, String> {
    let mut hasher = DefaultHasher::new();
    (program, root, dir).hash(&mut hasher);
    let held = cache.map(|c| c.join(format!("{:016x}", hasher.finish())));
    if let Some(text) = held.as_ref().and_then(|h| std::fs::read_to_string(h).ok()) {
        return match text.strip_prefix("ok\n") {
            Some(text) => Ok(text.to_owned()),
            None => Err(text),
        };
    }
    // No network: what it would fetch fails at once.
    let output = Command::new(program)
        .args(["build", if dir.is_empty() { "." } else { dir }])
        .current_dir(root)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("https_proxy", "http://127.0.0.1:9")
        .env("http_proxy", "http://127.0.0.1:9")
        .env("GIT_SSH_COMMAND", "false")
        .output()
        .expect("kustomize runs");
    let answer = if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    };
    if let Some(held) = held {
        let _ = std::fs::create_dir_all(held.parent().unwrap());
        let text = match &answer {
            Ok(text) => format!("ok\n{text}"),
            Err(text) => text.clone(),
        };
        let _ = std::fs::write(held, text);
    }
    answer
}

pub fn compare(kustomizer: &Kustomizer<'_>, disk: &Disk, dir: &str, theirs: &Result<String, String>) -> Outcome {
    let ours = kustomizer.build(dir);
    let said = |code: Code| ours.problems.iter().find(|p| p.code == code);
    let place = |p: &stamplint::source::Problem| {
        disk.sources.get(p.span.source).map_or_else(String::new, |s| format!("{}:{}: ", s.path(), s.line(p.span.start)))
    };
    if let Some(problem) = said(Code::NotAnalysed) {
        return Outcome::Offline(problem.detail.clone());
    }
    let theirs = match theirs {
        Err(_) if ours.failed => return Outcome::BothFail,
        Err(error) if error.contains("goroutine ") => return Outcome::BothFail,
        Err(error) => return Outcome::Differs(format!("kustomize fails: {}", last(error))),
        Ok(text) => text,
    };
    if ours.failed {
        let problem = ours.problems.iter().find(|p| !p.undetermined && p.code != Code::NotAnalysed);
        return Outcome::Differs(
            problem.map_or_else(|| "we fail".to_owned(), |p| format!("we fail: {}{}", place(p), p.detail)),
        );
    }
    let source = Sources::new().add("kustomize", theirs.as_str());
    let theirs: Vec<String> = yaml::parse(&source).documents.iter().map(|d| dump(&d.root)).collect();
    let ours: Vec<String> = ours.resources.iter().map(|r| dump(&r.value)).collect();
    if theirs == ours {
        return Outcome::Agreed;
    }
    Outcome::Differs(difference(&theirs, &ours))
}

fn difference(theirs: &[String], ours: &[String]) -> String {
    for (i, (a, b)) in theirs.iter().zip(ours).enumerate() {
        if a != b {
            let line = a.lines().zip(b.lines()).position(|(a, b)| a != b);
            let line = line.unwrap_or_else(|| a.lines().count().min(b.lines().count()));
            let show = |text: &str| text.lines().nth(line).unwrap_or("(end)").chars().take(160).collect::<String>();
            return format!("object {i}: kustomize {:?}, we {:?}", show(a), show(b));
        }
    }
    format!("kustomize has {} objects, we {}", theirs.len(), ours.len())
}

/// One line for each leaf, keys sorted.
fn dump(value: &Value) -> String {
    let mut out = String::new();
    leaves(value, &mut String::new(), &mut out);
    out
}

fn leaves(value: &Value, path: &mut String, out: &mut String) {
    let length = path.len();
    match &value.kind {
        Kind::Map(map) if !map.is_empty() => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.key.cmp(&b.key));
            for entry in entries {
                let _ = write!(path, ".{}", entry.key);
                leaves(&entry.value, path, out);
                path.truncate(length);
            }
        }
        Kind::List(list) if !list.is_empty() => {
            for (i, item) in list.iter().enumerate() {
                let _ = write!(path, "[{i}]");
                leaves(item, path, out);
                path.truncate(length);
            }
        }
        kind => {
            let text = match kind {
                Kind::Map(_) => "{}".to_owned(),
                Kind::List(_) => "[]".to_owned(),
                Kind::Null => "null".to_owned(),
                Kind::Bool(b) => b.to_string(),
                Kind::Number(n) => n.as_i64().map_or_else(|| format!("{n}"), |i| i.to_string()),
                Kind::String(s) => format!("{s:?}"),
                other => format!("{other:?}"),
            };
            let _ = writeln!(out, "{path} = {text}");
        }
    }
}
