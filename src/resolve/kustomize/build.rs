//! The build as a whole: what goes in and what comes out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::accumulate::Target;
use super::accumulated::Accumulated;
use super::finish;
use super::load::Store;
use super::schema::Schema;
use crate::source::{Files, Problem, Span};
use crate::tree::{Text, Value};

/// How to build.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Remote bases that lie in a local folder: a base as the kustomization writes it, with or without its `?ref=…`, or
    /// the repository alone; and the folder from the root of the run.
    pub remote: Vec<(Text, Text)>,
    /// Refuse files that lie outside the kustomization's own folder, as `kustomize build` does on its own. Flux and Argo
    /// CD allow them.
    pub root_only: bool,
}

/// What a build gave.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The resources, in kustomize's order.
    pub resources: Vec<RenderedResource>,
    /// All files that the build read: kustomizations, resources, patches, files of generators. They count through the
    /// overlay.
    pub files: Vec<Arc<str>>,
    /// What is wrong, in the order in which it was met.
    pub problems: Vec<Problem>,
    /// kustomize would give an error and no output. The resources are what could be built nevertheless.
    pub failed: bool,
}

/// One resource.
#[derive(Clone, Debug)]
pub struct RenderedResource {
    /// The object.
    pub value: Value,
    /// Where it is declared: its `kind`, or the name that a generator gives.
    pub declared: Span,
    /// The file that declares it.
    pub file: Arc<str>,
}

/// Builds one overlay; see [`Kustomizer`] for several that share bases.
pub fn build(files: &dyn Files, dir: &str, options: &Options) -> Rendered {
    Kustomizer::new(files, options.clone()).build(dir)
}

/// Builds overlays. A file is read and parsed once, and a base is built once, for all of them; threads may share it.
pub struct Kustomizer<'f> {
    pub(super) store: Store<'f>,
    pub(super) options: Options,
    built: Mutex<HashMap<Key, Arc<Accumulated>>>,
}

/// A base is the same for all that take it in with the same merge keys.
type Key = (String, usize);

impl<'f> Kustomizer<'f> {
    /// A kustomizer that has read nothing yet.
    #[must_use]
    pub fn new(files: &'f dyn Files, options: Options) -> Self {
        Self { store: Store::new(files, options.root_only), options, built: Mutex::default() }
    }

    /// Builds the overlay of a folder.
    pub fn build(&self, dir: &str) -> Rendered {
        let target = Target::root(self, dir);
        let (built, root) = target.build();
        finish::finish(self, built, root.as_ref())
    }

    pub(super) fn base(&self, dir: &str, schema: &Arc<Schema>, make: impl FnOnce() -> Accumulated) -> Arc<Accumulated> {
        let key = (dir.to_owned(), Arc::as_ptr(schema) as usize);
        let held = self.built.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(found) = held {
            return found;
        }
        // Built without the lock: bases take in bases.
        let made = Arc::new(make());
        self.built.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(made).clone()
    }

    /// The folder that a remote base is mapped to.
    pub(super) fn local(&self, base: &str) -> Option<String> {
        let bare = |text: &str| text.split('?').next().unwrap_or(text).to_owned();
        let exact = self.options.remote.iter().find(|(from, _)| *from == base || bare(from) == bare(base));
        if let Some((_, to)) = exact {
            return Some(to.to_string());
        }
        // The repository alone: what follows it is the folder in it.
        let base = bare(base);
        self.options.remote.iter().find_map(|(from, to)| {
            let from = bare(from);
            let rest = base.strip_prefix(from.trim_end_matches('/'))?;
            let rest = rest.strip_prefix(".git").unwrap_or(rest);
            let inner = rest.strip_prefix('/')?.trim_start_matches('/');
            crate::source::join(to, inner)
        })
    }
}

impl std::fmt::Debug for Kustomizer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kustomizer").field("options", &self.options).finish_non_exhaustive()
    }
}
