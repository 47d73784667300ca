//! What built-in policies say that they read, against what they do read: the examples are judged again with one leaf
//! taken away, or not known, at a time.

use super::OwnRule;
use super::load::PolicySource;
use super::reads::{Pattern, item};
use crate::model::{Fleet, Inventory, Part, Resource, Stamp, kubernetes, manifest};
use crate::read::yaml;
use crate::rule::rego::Limits;
use crate::rule::rego::own::{OwnRules, Seen};
use crate::rule::{
    Catalogue, Document, Engine, Findings, Options, Place, ResourceCx, Scope, Selection, Settings, Verdict, builtin,
};
use crate::source::{Sources, Span};
use crate::tree::{Entry, Kind, Path, Reason, Segment, Unknown, Value, WaitsFor};
use std::sync::Arc;

/// A value with another in the place of one below it; without it where there is none, `null` in a list.
fn with(value: &Value, path: &[Segment], new: Option<&Value>) -> Option<Value> {
    let Some((first, rest)) = path.split_first() else {
        return new.cloned();
    };
    match (&value.kind, first) {
        (Kind::Map(map), Segment::Key(key)) => {
            let entries = map.iter().filter_map(|e| {
                let value = if e.key == *key { with(&e.value, rest, new)? } else { e.value.clone() };
                Some(Entry::new(e.key.clone(), e.key_span, value))
            });
            Some(Value::map(entries.collect(), value.span))
        }
        (Kind::List(list), Segment::Index(index)) => {
            let items = list.iter().enumerate().map(|(i, v)| match i == *index {
                true => with(v, rest, new).unwrap_or(Value::new(Kind::Null, v.span)),
                false => v.clone(),
            });
            Some(Value::list(items.collect(), value.span))
        }
        _ => Some(value.clone()),
    }
}

fn leaves(value: &Value, at: &Path, found: &mut Vec<Path>) {
    match &value.kind {
        Kind::Map(map) if !map.is_empty() => map.iter().for_each(|e| leaves(&e.value, &at.join(&e.key), found)),
        Kind::List(list) if !list.is_empty() => {
            list.iter().enumerate().for_each(|(i, v)| leaves(v, &at.join(i), found));
        }
        _ => found.push(at.clone()),
    }
}

struct Probe<'a> {
    rule: &'a OwnRule,
    stamp: &'a Stamp,
    fleet: &'a Fleet,
    options: &'a Options,
}

impl Probe<'_> {
    /// The places that a resource is faulted at, with their verdicts.
    fn found(&self, resource: &Arc<Resource>) -> Vec<(Path, Verdict)> {
        let mut found = Findings::default();
        let cx = ResourceCx { resource, stamp: self.stamp, options: self.options, fleet: self.fleet };
        self.rule.begin().resource(&cx, &Seen::new(resource), &mut found);
        let path = |place: &Place| match place {
            Place::Resource { path, .. } => path.clone(),
            _ => Path::root(),
        };
        let mut places: Vec<_> = found.held().iter().map(|f| (path(&f.place), f.verdict)).collect();
        places.sort_by_key(|(path, verdict)| (path.to_string(), *verdict));
        places
    }

    fn changed(&self, resource: &Arc<Resource>, leaf: &Path, new: Option<&Value>) -> Option<Vec<(Path, Verdict)>> {
        let body = with(&resource.body, &leaf.0, new)?;
        // What is no resource any more says nothing of the rule.
        let [made] = manifest::resources(&body, None).try_into().ok()?;
        Some(self.found(&made))
    }
}

fn manifests(rule: &Document, sources: &Sources) -> Vec<Arc<Resource>> {
    let files = rule.examples().into_iter().flat_map(|e| e.files);
    let yamls = files.filter(|f| f.path.ends_with("yaml") || f.path.ends_with("yml"));
    let documents = yamls.flat_map(|f| yaml::parse(&sources.add(f.path, f.text)).documents);
    documents.flat_map(|d| manifest::resources(&d.root, None)).collect()
}

#[test]
fn rules_say_what_they_read_and_pass_nothing_that_they_cannot_see() {
    let sources = Sources::new();
    let (catalogue, _) = Catalogue::read(builtin::DOCUMENTS.iter().copied(), &sources);
    // As a user's they see all of a resource; a built-in one sees only what it says that it reads.
    let policies =
        builtin::POLICIES.iter().map(|from| PolicySource { from: *from, limits: Limits::default(), builtin: false });
    let (rules, _) = OwnRules::load(policies, &catalogue, &sources);
    let settings = Settings::new(&catalogue, &[Vec::new()], &Selection::default());
    let fleet = Fleet::default();
    let stamp = Stamp {
        index: 0,
        name: "default".into(),
        region: None,
        region_from: None,
        environment: None,
        vars: Vec::new(),
        declared: Span::NONE,
        own: Part::default(),
        inventory: Inventory::default(),
    };
    let unknown = Value::unknown(Unknown::new(Reason::Runtime, WaitsFor::Nothing), Span::NONE);
    let (mut probes, mut faults) = (0, Vec::new());
    for document in catalogue.documents().iter().filter(|d| d.engine == Engine::Rego && d.scope == Scope::Resource) {
        let (Some(rule), Some(setting)) = (rules.get(&document.id), settings.get(&document.id, 0)) else { continue };
        if !document.context.is_empty() {
            continue;
        }
        let probe = Probe { rule, stamp: &stamp, fleet: &fleet, options: &setting.options };
        let reads: Vec<Pattern> = document.reads.iter().map(|r| Pattern::parse(r)).collect();
        for resource in manifests(document, &sources) {
            let before = probe.found(&resource);
            let pods: Vec<Path> = kubernetes::pods(&resource).into_iter().map(|p| p.path).collect();
            let mut all = Vec::new();
            leaves(&resource.body, &Path::root(), &mut all);
            // The kind says which rules there are; a name at most spares a few objects that Kubernetes makes itself.
            let left = ["apiVersion", "kind", "metadata.name"];
            for leaf in all.iter().filter(|l| !left.contains(&l.to_string().as_str())) {
                probes += 1;
                let declared = reads.iter().any(|r| r.concerns(leaf, &pods));
                let without = probe.changed(&resource, leaf, None);
                if without.is_some_and(|after| after != before) && !declared {
                    faults.push(format!("{} reads `{leaf}` of {} unsaid", document.id, resource.label()));
                }
                // Where the leaf decided, what is said of it now is not certain, and it is said.
                let Some(after) = probe.changed(&resource, leaf, Some(&unknown)) else { continue };
                let lost = before.iter().filter(|(path, _)| path == leaf);
                for (path, _) in lost {
                    let near = |(p, v): &(Path, Verdict)| *v != Verdict::Fail && p.0.starts_with(item(path));
                    if !after.iter().any(near) {
                        faults.push(format!("{} passes `{leaf}` of {} unseen", document.id, resource.label()));
                    }
                }
            }
        }
    }
    assert!(probes > 200, "{probes} probes");
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{probes} probes\n{}", faults.join("\n"));
}
