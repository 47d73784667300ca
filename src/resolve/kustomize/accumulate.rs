//! What kustomizations gather: their resources, their bases', what generators make, in kustomize's order of steps.

use std::sync::Arc;

use super::accumulated::{Accumulated, conflicting};
use super::build::Kustomizer;
use super::configure;
use super::defaults;
use super::fail::{Failure, Outcome};
use super::generate::{self, Generated};
use super::kustomization::{self, Kustomization};
use super::load::{Loader, Parsed, is_repository, is_url, unreadable};
use super::plugin;
use super::resource::{Made, Resource};
use super::schema::Schema;
use super::spec::Config;
use super::transform;
use super::variables::Variable;
use crate::read::yaml::Typing;
use crate::source::{Code, EntryKind, FileError, Span};
use crate::tree::Value;

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
