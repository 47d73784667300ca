//! Files of a build: read once for all overlays, parsed once, and confined to the root of the run.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::fail::{Failure, Outcome};
use super::inline;
use super::resource::Resource;
use super::texts::{self, Texts};
use crate::read::yaml::{Typing, parse_with};
use crate::source::{Code, EntryKind, FileError, Files, Problem, Source, Span, join};
use crate::tree::{Kind, Value};

/// The documents of one file.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub documents: Vec<Value>,
    /// What the reader had to say.
    pub problems: Vec<Problem>,
    /// kustomize could not read it.
    pub broken: bool,
    /// A map has a key twice: kustomize cannot write an object of it.
    pub repeats: bool,
    pub source: Option<Arc<Source>>,
}

impl Parsed {
    pub fn of(stream: crate::read::yaml::Stream, source: Option<Arc<Source>>) -> Self {
        let said = |wanted: &[Code]| stream.problems.iter().any(|p| wanted.contains(&p.code));
        let broken = said(&[Code::Syntax, Code::Limit, Code::UnrenderedTemplate]);
        let repeats = said(&[Code::DuplicateKey]);
        Self {
            documents: stream.documents.into_iter().map(|d| d.root).collect(),
            problems: stream.problems,
            broken,
            repeats,
            source,
        }
    }
}

/// A file, and whether its scalars are typed as kustomize types those of objects.
type Key = (String, bool);

/// Reads and remembers.
pub(super) struct Store<'f> {
    files: &'f dyn Files,
    parsed: Mutex<HashMap<Key, Result<Arc<Parsed>, FileError>>>,
    pub texts: Texts,
    /// Refuse files beside and above a kustomization's folder, as `kustomize build` does unless told otherwise.
    root_only: bool,
}

impl<'f> Store<'f> {
    pub fn new(files: &'f dyn Files, root_only: bool) -> Self {
        Self { files, parsed: Mutex::default(), texts: Texts::default(), root_only }
    }

    pub fn kind(&self, path: &str) -> Option<EntryKind> {
        self.files.kind(path)
    }

    /// The documents of a file. kustomize reads objects and patches with one library, its own files with another.
    pub fn parse(&self, path: &str, typing: Typing) -> Result<Arc<Parsed>, FileError> {
        let key = (path.to_owned(), typing == Typing::Kustomize);
        let held = self.parsed.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(found) = held {
            return found;
        }
        // Not under the lock: two threads may read one file twice, neither waits for the other.
        let read = self.files.load(path).map(|source| {
            self.texts.add(&source);
            let stream = parse_with(&source, typing);
            Arc::new(Parsed::of(stream, Some(source)))
        });
        self.parsed.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(read).clone()
    }
}

/// Reads for one kustomization.
pub(super) struct Loader<'s, 'f> {
    pub store: &'s Store<'f>,
    /// Its folder.
    pub dir: String,
    /// Its own file.
    pub own: Arc<str>,
    /// All that was read.
    taken: Mutex<Vec<Arc<str>>>,
    /// What readers had to say.
    problems: Mutex<Vec<Problem>>,
    /// A file was read that kustomize could not read.
    broken: AtomicBool,
}

impl<'s, 'f> Loader<'s, 'f> {
    pub fn new(store: &'s Store<'f>, dir: &str, own: Arc<str>) -> Self {
        let (taken, problems) = Default::default();
        Self { store, dir: dir.to_owned(), own, taken, problems, broken: AtomicBool::new(false) }
    }

    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    pub fn texts(&self) -> &'s Texts {
        &self.store.texts
    }

    pub fn file(&self) -> Arc<str> {
        Arc::clone(&self.own)
    }

    /// The files that were read and what readers said of them.
    pub fn finish(self) -> (Vec<Arc<str>>, Vec<Problem>) {
        (
            self.taken.into_inner().unwrap_or_else(PoisonError::into_inner),
            self.problems.into_inner().unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn take(&self, path: &str) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if !taken.iter().any(|t| &**t == path) {
            taken.push(path.into());
        }
    }

    /// A path of the kustomization from the root of the run.
    pub fn path(&self, relative: &str, span: Span) -> Outcome<String> {
        let Some(path) = join(&self.dir, relative) else {
            return Err(unreadable(span, &FileError::Outside(relative.to_owned())));
        };
        let below = self.dir.is_empty()
            || path == self.dir
            || path.strip_prefix(&self.dir).is_some_and(|rest| rest.starts_with('/'));
        if self.store.root_only && !below {
            return Err(Failure::new(span, format!("`{relative}` does not lie below the kustomization's folder")));
        }
        Ok(path)
    }

    /// The documents of one of kustomize's own files: a kustomization, a configuration.
    pub fn settings(&self, relative: &str, span: Span) -> Outcome<Arc<Parsed>> {
        self.read(relative, span, Typing::Kubernetes)
    }

    /// The documents of a file of objects or patches.
    pub fn documents(&self, relative: &str, span: Span) -> Outcome<Arc<Parsed>> {
        self.read(relative, span, Typing::Kustomize)
    }

    /// Reads a file and says what its reader said.
    fn read(&self, relative: &str, span: Span, typing: Typing) -> Outcome<Arc<Parsed>> {
        if is_url(relative) {
            return Err(Failure::not_analysed(span, format!("`{relative}` is remote and was not read")));
        }
        let path = self.path(relative, span)?;
        let parsed = self.store.parse(&path, typing).map_err(|e| unreadable(span, &e))?;
        self.take(&path);
        self.say(&parsed);
        Ok(parsed)
    }

    /// Takes over what a reader had to say.
    pub fn say(&self, parsed: &Parsed) {
        self.broken.fetch_or(parsed.broken, Ordering::Relaxed);
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).extend(parsed.problems.iter().cloned());
    }

    /// The bytes of a file, with its place: all of it, or what names it where it is no text.
    pub fn content(&self, relative: &str, span: Span) -> Outcome<(Arc<[u8]>, Span)> {
        if is_url(relative) {
            return Err(Failure::not_analysed(span, format!("`{relative}` is remote and was not read")));
        }
        let path = self.path(relative, span)?;
        let bytes = self.store.files.bytes(&path).map_err(|e| unreadable(span, &e))?;
        self.take(&path);
        let place = match self.store.files.load(&path) {
            Ok(source) => {
                self.texts().add(&source);
                source.span(0, source.text().len())
            }
            Err(_) => span,
        };
        Ok((bytes, place))
    }

    /// The documents of a text that stands in a scalar.
    pub fn inline(&self, scalar: &Value, typing: Typing) -> Parsed {
        inline::parse(scalar, self.texts(), typing)
    }

    /// The resources of a file.
    pub fn resources(&self, relative: &str, span: Span) -> Outcome<Vec<Resource>> {
        let parsed = self.documents(relative, span)?;
        self.broken.fetch_or(parsed.repeats, Ordering::Relaxed);
        let file: Arc<str> = match &parsed.source {
            Some(source) => Arc::clone(source.path()),
            None => relative.into(),
        };
        self.of(&parsed, &file, span)
    }

    /// The resources of documents.
    pub fn of(&self, parsed: &Parsed, file: &Arc<str>, span: Span) -> Outcome<Vec<Resource>> {
        let mut found = Vec::new();
        let mut queue: std::collections::VecDeque<Value> = parsed.documents.iter().cloned().collect();
        let alone = queue.len() == 1;
        while let Some(document) = queue.pop_front() {
            if texts::is_empty(&document) {
                continue;
            }
            let kind = self.check(&document, span)?;
            let items = document.get("items");
            let listed = kind.ends_with("List") && items.is_some();
            if !listed {
                let declared = declared(&document);
                found.push(Resource::new(document, declared, Arc::clone(file)));
                continue;
            }
            let items = items.map(Value::items).unwrap_or_default().to_vec();
            if alone && kind == "List" {
                for item in items.into_iter().rev() {
                    queue.push_front(item);
                }
            } else {
                queue.extend(items);
            }
        }
        Ok(found)
    }

    /// A document must be an object with a kind and a name.
    fn check(&self, document: &Value, span: Span) -> Outcome<crate::tree::Text> {
        let place = if document.span.is_none() { span } else { first(document) };
        let fail = |detail: &str| Err(Failure::new(place, detail.to_owned()).related(span, "taken in here"));
        if !matches!(document.kind, Kind::Map(_)) {
            return fail("a document is not an object");
        }
        let kind = document.get("kind").map(|v| self.texts().raw(v)).unwrap_or_default();
        if kind.is_empty() {
            return fail("an object has no `kind`");
        }
        let name = texts::at(document, &["metadata", "name"]);
        if !kind.ends_with("List") && name.is_none_or(|n| self.texts().raw(n).is_empty()) {
            return fail("an object has no `metadata.name`");
        }
        Ok(kind)
    }
}

/// Where an object is declared: its kind.
fn declared(document: &Value) -> Span {
    document.get("kind").map_or(document.span, |kind| kind.span)
}

fn first(document: &Value) -> Span {
    super::merge::first_token(document)
}

/// Something that is not there or cannot be read.
pub(super) fn unreadable(span: Span, error: &FileError) -> Failure {
    Failure { code: Code::Unreadable, ..Failure::new(span, error.to_string()) }
}

/// Whether a path is fetched by HTTP.
pub(super) fn is_url(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// Whether a path names a repository.
pub(super) fn is_repository(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let scheme = ["https://", "http://", "ssh://", "file://", "git::", "github.com/", "github.com:"];
    if scheme.iter().any(|s| lower.starts_with(s)) {
        return true;
    }
    // `git@host:owner/name`
    path.split_once('@').is_some_and(|(user, rest)| {
        !user.is_empty() && user.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && rest.contains([':', '/'])
    })
}
