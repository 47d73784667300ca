//! What has been gathered on the way: resources, lists of fields, variables, problems; and how two of them join.

use std::sync::Arc;

use super::defaults;
use super::fail::{Failure, Outcome};
use super::generate::{self};
use super::resource::{Behavior, Resource};
use super::schema::Schema;
use super::spec::{Config, Conflict};
use super::texts::{self, Texts};
use super::variables::Variable;
use crate::source::{Code, Problem, Span};
use crate::tree::{Entry, StepKind, Value};

/// What has been gathered so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Accumulated {
    pub resources: Vec<Resource>,
    /// None before the first kustomization's lists were laid in.
    pub config: Option<Arc<Config>>,
    pub variables: Vec<Variable>,
    pub files: Vec<Arc<str>>,
    pub problems: Vec<Problem>,
    pub failed: bool,
    /// The folders of all kustomizations in it.
    pub folders: Vec<String>,
    /// The merge keys that a kustomization in it brought for all that is merged after it.
    pub schema: Option<Arc<Schema>>,
}

impl Accumulated {
    /// Notes a failure.
    pub fn fail(&mut self, failure: Failure) {
        if failure.code != Code::NotAnalysed {
            self.failed = true;
        }
        let problem = failure.problem();
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    pub fn note(&mut self, outcome: Outcome) {
        if let Err(failure) = outcome {
            self.fail(failure);
        }
    }

    /// Takes a resource in, unless one of its id is there.
    pub fn append(&mut self, resources: Vec<Resource>, texts: &Texts, at: Span) {
        let key = |r: &Resource| {
            let id = r.id(texts);
            let namespace = id.effective_namespace().to_owned();
            (id.gvk, id.name, namespace)
        };
        let mut held: std::collections::HashMap<_, Span> =
            self.resources.iter().map(|r| (key(r), r.declared)).collect();
        for resource in resources {
            if self.resources.len() >= MOST_RESOURCES {
                self.fail(Failure {
                    code: Code::Limit,
                    ..Failure::new(at, format!("the overlay makes more than {MOST_RESOURCES} resources"))
                });
                return;
            }
            match held.entry(key(&resource)) {
                std::collections::hash_map::Entry::Occupied(first) => {
                    let id = resource.id(texts);
                    let failure = Failure::new(resource.declared, format!("a second resource is called `{id}`"))
                        .related(*first.get(), "the first")
                        .related(at, "taken in here");
                    self.fail(failure);
                }
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(resource.declared);
                    self.resources.push(resource);
                }
            }
        }
    }

    /// Takes all of another in.
    pub fn merge(&mut self, other: &Self, texts: &Texts, at: Span) {
        self.report(other);
        self.append(other.resources.clone(), texts, at);
        if let Some(config) = &other.config {
            self.configure(config, at);
        }
        for variable in &other.variables {
            let outcome = variable.join(&mut self.variables);
            self.note(outcome);
        }
    }

    /// Takes over what another read and had to say.
    pub fn report(&mut self, other: &Self) {
        self.failed |= other.failed;
        for problem in &other.problems {
            if !self.problems.contains(problem) {
                self.problems.push(problem.clone());
            }
        }
        self.files.extend(other.files.iter().cloned());
        self.folders.extend(other.folders.iter().cloned());
        if self.schema.is_none() {
            self.schema.clone_from(&other.schema);
        }
    }

    /// Lays lists of field specs over those that are there.
    pub fn configure(&mut self, config: &Arc<Config>, at: Span) {
        let held = match &self.config {
            None if Arc::ptr_eq(config, &defaults::config()) => {
                self.config = Some(Arc::clone(config));
                return;
            }
            Some(held) if Arc::ptr_eq(held, config) => return,
            held => held.clone().unwrap_or_default(),
        };
        let mut merged = (*held).clone();
        match merged.merge(config) {
            Ok(()) => self.config = Some(Arc::new(merged)),
            Err(conflict) => self.fail(conflicting(&conflict, at)),
        }
    }

    /// Takes in what a generator made: new, or laid over what is there.
    pub fn absorb(&mut self, made: Resource, texts: &Texts) -> Outcome {
        let id = made.id(texts);
        let found: Vec<usize> = self
            .resources
            .iter()
            .enumerate()
            .filter(|(_, r)| !r.is_empty() && r.any_id(texts, |other| id.same(other)))
            .map(|(i, _)| i)
            .collect();
        let lays_over = matches!(made.behavior, Behavior::Merge | Behavior::Replace);
        match found.as_slice() {
            [] if lays_over => {
                Err(Failure::new(made.declared, format!("there is no `{id}` to merge with or to replace")))
            }
            [] => {
                let at = made.declared;
                self.append(vec![made], texts, at);
                Ok(())
            }
            [one] => {
                let Some(old) = self.resources.get_mut(*one) else {
                    return Ok(());
                };
                if !lays_over {
                    return Err(Failure::new(made.declared, format!("a second resource is called `{id}`"))
                        .related(old.declared, "the first")
                        .help("`behavior: merge` or `behavior: replace` lays one over the other"));
                }
                *old = lay_over(old, made, texts);
                Ok(())
            }
            [one, other, ..] => {
                let place = |i: &usize| self.resources.get(*i).map_or(Span::NONE, |r| r.declared);
                Err(Failure::new(made.declared, format!("more than one resource could be meant by `{id}`"))
                    .related(place(one), "one")
                    .related(place(other), "another"))
            }
        }
    }
}

pub(super) fn conflicting(conflict: &Conflict, at: Span) -> Failure {
    Failure::new(at, format!("two field specs of `{}` contradict each other", conflict.0))
}

/// An overlay of overlays that doubles its base ever again stops here.
const MOST_RESOURCES: usize = 100_000;

/// A generated object in the place of one that is there, with that one's name, and its data where they merge.
fn lay_over(old: &Resource, mut made: Resource, texts: &Texts) -> Resource {
    let behavior = made.behavior;
    let hash = made.needs_hash && old.needs_hash;
    for key in ["labels", "annotations"] {
        let theirs = texts::at(&old.value, &["metadata", key]).cloned();
        let Some(theirs) = theirs.filter(|t| !t.entries().is_empty()) else {
            continue;
        };
        let mine = texts::at(&made.value, &["metadata", key]).cloned();
        let merged = over_words(&theirs, mine.as_ref(), texts);
        if let Some(metadata) = made.value.get_mut("metadata") {
            texts::set(metadata, key, Span::NONE, merged);
        }
    }
    for key in ["name", "namespace"] {
        let held = texts::at(&old.value, &["metadata", key]).cloned();
        if let Some(metadata) = made.value.get_mut("metadata") {
            match held {
                Some(held) => texts::set(metadata, key, Span::NONE, held),
                None => drop(texts::remove(metadata, key)),
            }
        }
    }
    if behavior == Behavior::Merge {
        for key in ["data", "binaryData"] {
            let theirs = old.value.get(key).cloned();
            let theirs = match (key, theirs) {
                ("data", held) => with_string_data(held, &old.value, texts),
                (_, held) => held,
            };
            let Some(theirs) = theirs.filter(|t| !t.entries().is_empty()) else {
                continue;
            };
            let merged = over_words(&theirs, made.value.get(key), texts);
            texts::set(&mut made.value, key, Span::NONE, merged);
        }
        if made.value.get("data").is_some_and(|d| d.entries().is_empty()) {
            texts::remove(&mut made.value, "data");
        }
    }
    Resource {
        value: made.value,
        declared: made.declared,
        file: made.file,
        needs_hash: hash,
        origin: if behavior == Behavior::Merge { old.origin.clone() } else { made.origin },
        ..old.clone()
    }
}

/// A Secret's `data` with its `stringData` encoded into it.
fn with_string_data(data: Option<Value>, object: &Value, texts: &Texts) -> Option<Value> {
    let secret = object.get("kind").and_then(Value::as_str) == Some("Secret");
    let Some(plain) = object.get("stringData").filter(|_| secret) else {
        return data;
    };
    let mut data = data.unwrap_or_else(|| Value::map(Vec::new(), plain.span));
    for entry in plain.entries() {
        let encoded = generate::encoded(texts.raw(&entry.value).as_bytes());
        let value = texts::string(encoded, entry.value.span);
        texts::set(&mut data, &entry.key, entry.key_span, value);
    }
    Some(data)
}

/// A map of strings with another laid over it.
fn over_words(base: &Value, over: Option<&Value>, texts: &Texts) -> Value {
    let word = |e: &Entry| {
        let value = texts::string(texts.raw(&e.value), e.value.span);
        Entry::new(e.key.clone(), e.key_span, value.with_origin(e.value.origin.clone()))
    };
    let mut merged = Value::map(base.entries().iter().map(word).collect(), base.span);
    for entry in over.map(Value::entries).unwrap_or_default() {
        let inputs = merged
            .get(&entry.key)
            .map(|old| crate::tree::Input { span: old.span, origin: old.origin.clone() })
            .into_iter()
            .collect();
        let mut new = word(entry);
        new.value.origin = new.value.origin.push(StepKind::Overlay, new.value.span, None, inputs);
        texts::set(&mut merged, &entry.key, entry.key_span, new.value);
    }
    merged
}
