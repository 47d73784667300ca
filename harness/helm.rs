//! Renders every chart of a checkout with stamplint and with `helm template`, and proves the places: the text at the
//! place of a value is edited, and the value must change.
//!
//! `cargo run --example helm -- CHECKOUT [--only PART] [--leaves N] [--verbose] [--helm PROGRAM]`
//!
//! Prints agreed of total (both failing agrees), then how the places of all leaves were found, then for N leaves of each
//! chart (12 without a word) and for each way of finding them how many changed when their place was edited.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a program for developers"
)]

#[path = "disk.rs"]
mod disk;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use stamplint::app::helm::HelmProgram;
use stamplint::read::yaml;
use stamplint::resolve::helm::{Helm, Release, Rendered, RenderedResource};
use stamplint::source::{EntryKind, FileError, Files, Listed, Source, Sources, Span};
use stamplint::tree::{Kind, Number, StepKind, Traced, Value};

use disk::Disk;

/// The files of a checkout, one of them edited.
struct Edited<'d> {
    disk: &'d Disk,
    path: String,
    text: String,
    sources: Sources,
}

impl Files for Edited<'_> {
    fn load(&self, path: &str) -> Result<Arc<Source>, FileError> {
        if path == self.path { Ok(self.sources.add(path, self.text.as_str())) } else { self.disk.load(path) }
    }
    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        if path == self.path { Ok(Arc::from(self.text.as_bytes())) } else { self.disk.bytes(path) }
    }
    fn list(&self, dir: &str) -> Result<Vec<Listed>, FileError> {
        self.disk.list(dir)
    }
    fn kind(&self, path: &str) -> Option<EntryKind> {
        self.disk.kind(path)
    }
}

/// A leaf: which object, which path, and the value.
type Leaf<'r> = (usize, Vec<String>, &'r Value);

fn main() {
    let (mut root, mut only, mut leaves, mut verbose) = (None, None, 12usize, false);
    let mut program = HelmProgram { allowed: true, ..HelmProgram::default() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--only" => only = arguments.next(),
            "--leaves" => leaves = arguments.next().and_then(|n| n.parse().ok()).expect("a number"),
            "--verbose" => verbose = true,
            "--helm" => program.program = arguments.next().expect("a program"),
            other => root = Some(other.to_owned()),
        }
    }
    let root = Path::new(&root.expect("a checkout's path")).canonicalize().expect("a checkout's path");
    let disk = Disk::new(&root);
    let folders: Vec<String> = disk
        .find(&["/Chart.yaml"])
        .into_iter()
        .map(|path| path.rsplit_once('/').map_or(String::new(), |(dir, _)| dir.to_owned()))
        .filter(|dir| !dir.contains("/charts/charts/") && only.as_ref().is_none_or(|part| dir.contains(part.as_str())))
        .collect();
    let (mut agreed, mut failing, mut total) = (0, 0, 0);
    let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
    let mut proof: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for dir in &folders {
        total += 1;
        let theirs = theirs(&program.program, &root.join(dir));
        let release = Release {
            chart: dir.clone(),
            values: Vec::new(),
            set: Vec::new(),
            raw: Vec::new(),
            name: None,
            namespace: None,
            place: Span::NONE,
        };
        let ours = Helm::new(&disk, &program).render(&release);
        match (&theirs, ours.failed) {
            (Ok(text), false) if same(text, &ours) => agreed += 1,
            (Err(why), true) => {
                failing += 1;
                if verbose {
                    let ours: Vec<&str> = ours.problems.iter().map(|p| p.detail.as_str()).collect();
                    println!("BOTH FAIL {dir}: {why}\n   {}", ours.join("; "));
                }
                continue;
            }
            _ => {
                let ours: Vec<&str> = ours.problems.iter().map(|p| p.detail.as_str()).collect();
                println!("DIFFERS {dir}: {:?} / {}", theirs.as_ref().err(), ours.join("; "));
                continue;
            }
        }
        let all = all_leaves(&ours.resources);
        for (_, _, value) in &all {
            *ways.entry(way(value)).or_default() += 1;
        }
        let step = (all.len() / leaves.max(1)).max(1);
        for leaf in all.iter().step_by(step).take(leaves) {
            let result = prove(&disk, &program, &release, &ours.resources, leaf);
            proof.entry(way(leaf.2)).or_default()[result as usize] += 1;
            if verbose && result != Proof::Changed {
                let place = place(&disk, leaf.2.span);
                println!(
                    "{result:?} {dir}: {} {} {:?} at {place}",
                    way(leaf.2),
                    leaf.1.join("."),
                    leaf.2.json().to_string()
                );
            }
        }
    }
    println!("{} of {total} agree ({agreed} alike, {failing} fail in both)", agreed + failing);
    let leaves: usize = ways.values().sum();
    for (way, count) in &ways {
        println!("{way}: {count} of {leaves} leaves");
    }
    for (way, [changed, same, broken]) in &proof {
        println!(
            "{way}: {changed} of {} changed with their place, {same} did not, {broken} did not render",
            changed + same + broken
        );
    }
}

fn theirs(program: &str, dir: &Path) -> Result<String, String> {
    let output = Command::new(program).args(["template", "release-name", "."]).current_dir(dir).output().unwrap();
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(text.lines().find(|l| l.starts_with("Error")).unwrap_or_default().chars().take(200).collect())
}

/// What is random or made anew each time is no difference: certificates, passwords.
fn same(text: &str, ours: &Rendered) -> bool {
    let source = Sources::new().add("", text);
    let theirs = yaml::parse(&source).documents;
    let id = |v: &Value| v.look("metadata.name").known().and_then(Value::as_str).map(str::to_owned);
    let random = |v: &Value| {
        let text = v.json().to_string();
        text.contains("caBundle")
            || v.get("kind").and_then(Value::as_str) == Some("Secret")
            || text.contains("checksum/")
    };
    theirs.len() == ours.resources.len()
        && theirs.iter().zip(&ours.resources).all(|(t, o)| {
            t.root.content_hash() == o.value.content_hash()
                || id(&t.root) == id(&o.value) && random(&t.root) && random(&o.value)
        })
}

fn all_leaves(resources: &[RenderedResource]) -> Vec<Leaf<'_>> {
    fn walk<'r>(value: &'r Value, at: usize, path: &mut Vec<String>, found: &mut Vec<Leaf<'r>>) {
        match &value.kind {
            Kind::Map(map) => map.iter().for_each(|e| {
                path.push(e.key.to_string());
                walk(&e.value, at, path, found);
                path.pop();
            }),
            Kind::List(list) => list.iter().enumerate().for_each(|(i, v)| {
                path.push(i.to_string());
                walk(v, at, path, found);
                path.pop();
            }),
            Kind::Null => {}
            _ => found.push((at, path.clone(), value)),
        }
    }
    let mut found = Vec::new();
    for (at, resource) in resources.iter().enumerate() {
        let kind = resource.value.get("kind").and_then(Value::as_str).unwrap_or_default();
        // Definitions of kinds are long and nobody edits them.
        if kind != "CustomResourceDefinition" {
            walk(&resource.value, at, &mut Vec::new(), &mut found);
        }
    }
    found
}

fn way(value: &Value) -> &'static str {
    value
        .origin
        .steps()
        .find_map(|s| match s.kind {
            StepKind::Rendered(Traced::Value) => Some("value"),
            StepKind::Rendered(Traced::Literal) => Some("literal"),
            StepKind::Rendered(Traced::Near) => Some("near"),
            _ => None,
        })
        .unwrap_or("none")
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Proof {
    Changed = 0,
    Same = 1,
    Broken = 2,
}

fn prove(disk: &Disk, program: &HelmProgram, release: &Release, before: &[RenderedResource], leaf: &Leaf<'_>) -> Proof {
    let (at, path, value) = leaf;
    let Some(source) = disk.sources.get(value.span.source) else { return Proof::Same };
    let old = source.slice(value.span);
    let mut broken = false;
    for new in edits(old, value) {
        let text = source.text();
        let range = value.span.range();
        let text = format!("{}{new}{}", &text[..range.start], &text[range.end..]);
        let edited = Edited { disk, path: source.path().to_string(), text, sources: Sources::new() };
        let after = Helm::new(&edited, program).render_plain(release);
        if after.failed {
            broken = true;
            continue;
        }
        let same_number = after.resources.len() == before.len();
        let now = after.resources.get(*at).and_then(|r| look(&r.value, path));
        let unchanged = now.is_some_and(|now| now.content_hash() == value.content_hash());
        return if unchanged || !same_number && now.is_none() { Proof::Same } else { Proof::Changed };
    }
    if broken { Proof::Broken } else { Proof::Same }
}

/// What is put in the place of a text, the likelier first.
fn edits(old: &str, value: &Value) -> Vec<String> {
    if old.contains("{{") {
        let new = match &value.kind {
            Kind::Number(_) => "97",
            Kind::Bool(true) => "false",
            Kind::Bool(false) => "true",
            _ => "zz97",
        };
        return vec![new.to_owned()];
    }
    match &value.kind {
        Kind::Bool(b) if old.trim_matches(['"', '\'']) == b.to_string() => return vec![(!b).to_string()],
        Kind::Number(Number::Int(n)) if old == n.to_string() => return vec![(n + 1).to_string()],
        _ => {}
    }
    if let Ok(number) = old.parse::<i64>() {
        return vec![(number + 1).to_string()];
    }
    if matches!(old, "true" | "false") {
        return vec![(old != "true").to_string()];
    }
    let text = old.trim_end();
    match text.chars().next_back().filter(|c| matches!(c, '"' | '\'')) {
        Some(quote) if text.len() > 1 && text.starts_with(quote) => {
            vec![format!("{}zz{quote}", &text[..text.len() - 1])]
        }
        _ => vec![format!("{text}zz{}", &old[text.len()..]), format!("zz{old}")],
    }
}

fn look<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(value, |at, step| match &at.kind {
        Kind::List(list) => list.get(step.parse::<usize>().ok()?),
        _ => at.get(step),
    })
}

fn place(disk: &Disk, span: Span) -> String {
    let Some(source) = disk.sources.get(span.source) else { return "nowhere".to_owned() };
    let position = source.position_chars(span.start);
    let text: String = source.slice(span).chars().take(60).collect();
    format!("{}:{}:{} {text:?}", source.path(), position.line, position.column)
}
