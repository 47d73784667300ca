//! What kustomizations gather: their resources, their bases', what generators make, in kustomize's order of steps.

use std::sync::Arc;

use super::build::Kustomizer;
use super::configure;
use super::defaults;
use super::fail::{Failure, Outcome};
use super::generate::{self, Generated};
use super::kustomization::{self, Kustomization};
use super::load::{Loader, Parsed, is_repository, is_url, unreadable};
use super::plugin;
use super::resource::{Behavior, Made, Resource};
use super::schema::Schema;
use super::spec::{Config, Conflict};
use super::texts::{self, Texts};
use super::transform;
use super::variables::Variable;
use crate::read::yaml::Typing;
use crate::source::{Code, EntryKind, FileError, Problem, Span};
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
    fn report(&mut self, other: &Self) {
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
    fn absorb(&mut self, made: Resource, texts: &Texts) -> Outcome {
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

fn conflicting(conflict: &Conflict, at: Span) -> Failure {
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

/// One kustomization being built, with those that led to it.
pub(super) struct Target<'t, 'f> {
    pub kustomizer: &'t Kustomizer<'f>,
    pub dir: String,
    /// Where it is named; nowhere for the one that was asked for.
    span: Span,
    parent: Option<&'t Target<'t, 'f>>,
    /// The merge keys.
    pub schema: Arc<Schema>,
    /// A kustomization on the way brought merge keys of its own.
    own_schema: bool,
    /// What `buildMetadata` of the root wants annotated, and the path so far.
    pub metadata: Option<String>,
    depth: usize,
}

/// Kustomizations nest no deeper than this.
const DEPTH: usize = 64;

impl<'t, 'f> Target<'t, 'f> {
    pub fn root(kustomizer: &'t Kustomizer<'f>, dir: &str) -> Self {
        Self {
            kustomizer,
            dir: dir.to_owned(),
            span: Span::NONE,
            parent: None,
            schema: Schema::builtin(),
            own_schema: false,
            metadata: None,
            depth: 0,
        }
    }

    fn below(&'t self, dir: String, span: Span, schema: &Arc<Schema>, path: &str) -> Self {
        Self {
            kustomizer: self.kustomizer,
            dir,
            span,
            parent: Some(self),
            schema: Arc::clone(schema),
            own_schema: self.own_schema,
            metadata: self.metadata.as_ref().map(|m| joined(m, path)),
            depth: self.depth + 1,
        }
    }

    /// Builds it for output.
    pub fn build(mut self) -> (Accumulated, Option<Kustomization>) {
        let mut acc = Accumulated::default();
        let mut failures = Vec::new();
        let read = kustomization::read(&self.kustomizer.store, &self.dir, self.span, &mut failures);
        failures.into_iter().for_each(|f| acc.fail(f));
        let (own, loader) = match read {
            Ok(read) => read,
            Err(failure) => {
                acc.fail(failure);
                return (acc, None);
            }
        };
        if !own.list("buildMetadata").is_empty() {
            self.metadata = Some(String::new());
        }
        self.open_api(&own, &loader, &mut acc, true);
        let acc = self.run(&own, loader, acc);
        (acc, Some(own))
    }

    /// Sets the merge keys that `openapi` names. A base's only count where none were set before.
    fn open_api(&mut self, own: &Kustomization, loader: &Loader<'_, 'f>, acc: &mut Accumulated, root: bool) {
        let Some(field) = own.field("openapi") else {
            return;
        };
        if let Some(version) = field.get_ci("version").and_then(|v| Some((v.as_str()?, v.span)))
            && version.0 != "v1.21.2"
            && (root || !self.own_schema)
        {
            acc.fail(
                Failure::new(version.1, format!("the OpenAPI version `{}` is not built in", version.0))
                    .help("kustomize 5.8 has `v1.21.2` built in"),
            );
        }
        let Some(path) = field.get_ci("path").filter(|_| !self.own_schema) else {
            return;
        };
        match loader.settings(&loader.texts().raw(path), path.span) {
            Ok(parsed) => {
                if let Some(document) = parsed.documents.first() {
                    let schema = Arc::new(Schema::custom(document));
                    self.schema = Arc::clone(&schema);
                    self.own_schema = true;
                    acc.schema = Some(schema);
                }
            }
            Err(failure) => acc.fail(failure),
        }
    }

    /// All steps of one kustomization, upon what was gathered before where it is a component.
    fn run(&self, own: &Kustomization, loader: Loader<'_, 'f>, mut acc: Accumulated) -> Accumulated {
        acc.folders.push(self.dir.clone());
        let mut schema = Arc::clone(&self.schema);
        for entry in own.lists("resources", "bases") {
            self.resource(entry, &loader, &mut acc, &mut schema);
        }
        let place = own.root.span;
        // What an overlay configures is laid over the built-in lists first, both then over what bases brought: in that
        // order a narrow spec of the overlay can take the place of a wide built-in one.
        match configure::configurations(&loader, own.list("configurations")) {
            Ok(config) if config != Config::default() => {
                let mut laid = (*defaults::config()).clone();
                match laid.merge(&config) {
                    Ok(()) => acc.configure(&Arc::new(laid), place),
                    Err(conflict) => acc.fail(conflicting(&conflict, place)),
                }
            }
            Ok(_) => acc.configure(&defaults::config(), place),
            Err(failure) => acc.fail(failure),
        }
        match configure::crds(&loader, own.list("crds")) {
            Ok(config) if config != Config::default() => acc.configure(&Arc::new(config), place),
            Ok(_) => {}
            Err(failure) => acc.fail(failure),
        }
        self.generate(own, &loader, &mut acc);
        for entry in own.list("components") {
            self.component(entry, &loader, &mut acc, &mut schema);
        }
        transform::run(self, own, &loader, &schema, &mut acc);
        let texts = &self.kustomizer.store.texts;
        for entry in own.list("vars") {
            let outcome = Variable::read(entry, texts)
                .and_then(|v| v.claim(&mut acc.resources, texts).map(|()| v))
                .and_then(|v| v.join(&mut acc.variables));
            acc.note(outcome);
        }
        acc.failed |= loader.is_broken();
        let (files, problems) = loader.finish();
        acc.files.extend(files);
        for problem in problems {
            if !acc.problems.contains(&problem) {
                acc.problems.push(problem);
            }
        }
        acc
    }

    /// One entry of `resources`: a file, or a folder with a kustomization.
    pub fn resource(&self, entry: &Value, loader: &Loader<'_, 'f>, acc: &mut Accumulated, schema: &mut Arc<Schema>) {
        let texts = &self.kustomizer.store.texts;
        let path = texts.raw(entry);
        let span = entry.span;
        let dir = match self.place(&path, span, loader) {
            Ok(Some(dir)) => dir,
            Ok(None) => {
                match loader.resources(&path, span) {
                    Ok(mut found) => {
                        for resource in &mut found {
                            resource.origin =
                                self.metadata.as_ref().map(|m| Made { path: joined(m, &path), ..Made::default() });
                        }
                        acc.append(found, texts, span);
                    }
                    Err(failure) => acc.fail(failure),
                }
                return;
            }
            Err(failure) => return acc.fail(failure),
        };
        if let Err(failure) = self.cycle(&dir, span) {
            return acc.fail(failure);
        }
        let target = self.below(dir.clone(), span, schema, &path);
        let built = if self.metadata.is_some() {
            Arc::new(target.accumulate(false, Accumulated::default()))
        } else {
            let make = || target.accumulate(false, Accumulated::default());
            self.kustomizer.base(&dir, schema, make)
        };
        // What was built for another overlay may hold a folder that would be a cycle here.
        if let Some(failure) = built.folders.iter().find_map(|f| self.cycle(f, span).err()) {
            return acc.fail(failure);
        }
        if let Some(own) = built.schema.as_ref().filter(|_| !self.own_schema) {
            *schema = Arc::clone(own);
        }
        acc.merge(&built, texts, span);
    }

    /// One entry of `components`, which changes all that was gathered so far.
    fn component(&self, entry: &Value, loader: &Loader<'_, 'f>, acc: &mut Accumulated, schema: &mut Arc<Schema>) {
        let path = self.kustomizer.store.texts.raw(entry);
        let span = entry.span;
        let dir = match self.place(&path, span, loader) {
            Ok(Some(dir)) => dir,
            Ok(None) => {
                return acc.fail(Failure::new(span, format!("`{path}` is a file, not a component's folder")));
            }
            Err(failure) => return acc.fail(failure),
        };
        if let Err(failure) = self.cycle(&dir, span) {
            return acc.fail(failure);
        }
        let target = self.below(dir, span, schema, &path);
        *acc = target.accumulate(true, std::mem::take(acc));
        if let Some(own) = acc.schema.as_ref().filter(|_| !self.own_schema) {
            *schema = Arc::clone(own);
        }
    }

    fn accumulate(mut self, component: bool, mut acc: Accumulated) -> Accumulated {
        let mut failures = Vec::new();
        let read = kustomization::read(&self.kustomizer.store, &self.dir, self.span, &mut failures);
        failures.into_iter().for_each(|f| acc.fail(f));
        let (own, loader) = match read {
            Ok(read) => read,
            Err(failure) => {
                acc.fail(failure);
                return acc;
            }
        };
        if component != own.component {
            let (is, wanted) = if own.component {
                ("a component", "`components` takes it in")
            } else {
                ("no component", "`resources` takes it in")
            };
            acc.fail(
                Failure::new(self.span, format!("`{}` is {is}", self.dir))
                    .related(own.root.get_ci("kind").map_or(own.root.span, |v| v.span), wanted),
            );
        }
        self.open_api(&own, &loader, &mut acc, false);
        self.run(&own, loader, acc)
    }

    /// The folder that a path names; nothing where it is a file.
    fn place(&self, path: &str, span: Span, loader: &Loader<'_, 'f>) -> Outcome<Option<String>> {
        if is_repository(path) || is_url(path) {
            return self.kustomizer.local(path).map(Some).ok_or_else(|| {
                Failure::not_analysed(span, format!("the base `{path}` is remote and was not read"))
                    .help("`modules` in the config maps it to a local folder")
            });
        }
        if path.is_empty() {
            return Err(Failure::new(span, "an entry is empty"));
        }
        let Some(at) = crate::source::join(&loader.dir, path) else {
            return Err(unreadable(span, &FileError::Outside(path.to_owned())));
        };
        match self.kustomizer.store.kind(&at) {
            Some(EntryKind::Folder) => Ok(Some(at)),
            Some(EntryKind::File) => Ok(None),
            None => Err(unreadable(span, &FileError::NotFound(at))),
        }
    }

    /// A base may not be, or lie above, a kustomization that takes it in.
    fn cycle(&self, dir: &str, span: Span) -> Outcome {
        let above = |outer: &str, inner: &str| {
            outer.is_empty() || inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
        };
        let chain = std::iter::successors(Some(self), |t| t.parent);
        for target in chain {
            if above(dir, &target.dir) {
                let shown = if dir.is_empty() { "." } else { dir };
                let detail = if dir == target.dir {
                    format!("a cycle: `{shown}` takes itself in")
                } else {
                    format!("a cycle: `{shown}` lies above `{}`, which takes it in", target.dir)
                };
                return Err(Failure::new(span, detail).related(target.span, "by way of this"));
            }
        }
        if self.depth > DEPTH {
            return Err(Failure {
                code: Code::Limit,
                ..Failure::new(span, format!("kustomizations nest deeper than {DEPTH} levels"))
            });
        }
        Ok(())
    }

    fn generate(&self, own: &Kustomization, loader: &Loader<'_, 'f>, acc: &mut Accumulated) {
        let texts = &self.kustomizer.store.texts;
        let global = own.field("generatorOptions");
        for (kind, key) in [(Generated::ConfigMap, "configMapGenerator"), (Generated::Secret, "secretGenerator")] {
            for entry in own.list(key) {
                let made = generate::make(loader, kind, entry, global).map(|mut made| {
                    let name = match kind {
                        Generated::ConfigMap => "ConfigMapGenerator",
                        Generated::Secret => "SecretGenerator",
                    };
                    made.origin = self.configured(own, name);
                    made
                });
                let outcome = made.and_then(|made| acc.absorb(made, texts));
                acc.note(outcome);
            }
        }
        for entry in own.lists("helmCharts", "helmChartInflationGenerator") {
            acc.fail(Failure::not_analysed(
                entry.span_of_name(),
                "the chart was not rendered: helm is not run for kustomizations",
            ));
        }
        for entry in own.list("generators") {
            for config in self.configs(entry, loader, acc) {
                match plugin::generate(&config, loader) {
                    Ok(made) => {
                        for resource in made {
                            let outcome = acc.absorb(resource, texts);
                            acc.note(outcome);
                        }
                    }
                    Err(failure) => acc.fail(failure),
                }
            }
        }
    }

    /// The objects that an entry of `generators` or `transformers` holds or names.
    pub fn configs(&self, entry: &Value, loader: &Loader<'_, 'f>, acc: &mut Accumulated) -> Vec<Resource> {
        let inline: Parsed = loader.inline(entry, Typing::Kustomize);
        let is_inline = inline.documents.iter().any(|d| d.as_map().is_some());
        if is_inline && !inline.broken {
            return match loader.of(&inline, &loader.file(), entry.span) {
                Ok(mut found) => {
                    let name = loader.own.rsplit('/').next().unwrap_or_default();
                    for config in &mut found {
                        config.origin =
                            self.metadata.as_ref().map(|m| Made { path: joined(m, name), ..Made::default() });
                    }
                    found
                }
                Err(failure) => {
                    acc.fail(failure);
                    Vec::new()
                }
            };
        }
        let mut gathered = Accumulated::default();
        let mut schema = Arc::clone(&self.schema);
        self.resource(entry, loader, &mut gathered, &mut schema);
        acc.report(&gathered);
        gathered.resources
    }

    /// Where `buildMetadata` says that something of this kustomization was configured.
    pub fn configured(&self, own: &Kustomization, by: &str) -> Option<Made> {
        let path = self.metadata.as_ref()?;
        let name = own.file.rsplit('/').next().unwrap_or_default();
        Some(Made {
            configured_in: joined(path, name),
            by: Some(("builtin".to_owned(), by.to_owned(), String::new(), String::new())),
            ..Made::default()
        })
    }
}

/// A path of a kustomization from the root's folder, as kustomize writes it: it may lead upward.
fn joined(dir: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in dir.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

trait NameSpan {
    fn span_of_name(&self) -> Span;
}

impl NameSpan for Value {
    /// The name of an entry, else the entry.
    fn span_of_name(&self) -> Span {
        ["name", "chartName"].iter().find_map(|key| self.get_ci(key)).map_or(self.span, |v| v.span)
    }
}
