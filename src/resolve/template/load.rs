//! From files to templates, each read once for all stamps.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{ParameterFile, Stack, Template};
use crate::resolve::{arm, bicep};
use crate::source::{FileError, Files};

/// Templates and parameter files that were read, and where modules of registries lie.
#[derive(Debug, Default)]
pub struct TemplateCache {
    templates: Mutex<HashMap<String, Arc<Template>>>,
    parameters: Mutex<HashMap<String, Arc<ParameterFile>>>,
    modules: Vec<(String, String)>,
}

/// Why a template or parameter file could not be had.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LoadError {
    /// It calls itself, over others or at once.
    #[error("{0}")]
    Cycle(String),
    /// It is no file of the run: a registry or a template spec that no folder stands for.
    #[error("`{0}` is not among the files; name a local folder for it under `modules` in the config")]
    NotLocal(String),
    /// It could not be read.
    #[error(transparent)]
    File(#[from] FileError),
}

impl TemplateCache {
    /// A cache; `modules` are the beginnings of module references and the local folders that stand for them.
    #[must_use]
    pub fn new(modules: Vec<(String, String)>) -> Self {
        Self { modules, ..Self::default() }
    }

    /// The template of a path from the root of the run.
    ///
    /// # Errors
    /// When there is no such file or it cannot be read. What is wrong inside is in [`Template::problems`].
    pub fn template(&self, files: &dyn Files, path: &str) -> Result<Arc<Template>, LoadError> {
        Loading::new(self, files).template(path)
    }

    /// The parameter file of a path from the root of the run.
    ///
    /// # Errors
    /// As [`TemplateCache::template`].
    pub fn parameters(&self, files: &dyn Files, path: &str) -> Result<Arc<ParameterFile>, LoadError> {
        Loading::new(self, files).parameters(path)
    }
}

/// One chain of files that load one another.
#[derive(Clone)]
pub(in crate::resolve) struct Loading<'a> {
    cache: &'a TemplateCache,
    /// The files of the run.
    pub files: &'a dyn Files,
    /// Where the use of the stack began: files that load one another share it.
    pub stack: Stack,
    chain: Vec<String>,
}

impl<'a> Loading<'a> {
    fn new(cache: &'a TemplateCache, files: &'a dyn Files) -> Self {
        Self { cache, files, stack: Stack::here(), chain: Vec::new() }
    }

    /// The template of a path from the root of the run.
    pub fn template(&self, path: &str) -> Result<Arc<Template>, LoadError> {
        let held = |templates: &Mutex<HashMap<String, Arc<Template>>>| {
            let templates = templates.lock().unwrap_or_else(PoisonError::into_inner);
            templates.get(path).cloned()
        };
        if let Some(template) = held(&self.cache.templates) {
            return Ok(template);
        }
        let inner = self.enter(path)?;
        let source = self.files.load(path)?;
        let template =
            Arc::new(if is_json(path) { arm::template(&source, &inner) } else { bicep::template(&source, &inner) });
        let mut templates = self.cache.templates.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been faster: all are to hold one.
        Ok(templates.entry(path.to_owned()).or_insert(template).clone())
    }

    /// The parameter file of a path from the root of the run.
    pub fn parameters(&self, path: &str) -> Result<Arc<ParameterFile>, LoadError> {
        let held = |files: &Mutex<HashMap<String, Arc<ParameterFile>>>| {
            let files = files.lock().unwrap_or_else(PoisonError::into_inner);
            files.get(path).cloned()
        };
        if let Some(file) = held(&self.cache.parameters) {
            return Ok(file);
        }
        let inner = self.enter(path)?;
        let source = self.files.load(path)?;
        let file = Arc::new(if is_json(path) { arm::parameters(&source) } else { bicep::parameters(&source, &inner) });
        let mut files = self.cache.parameters.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(files.entry(path.to_owned()).or_insert(file).clone())
    }

    /// The path from the root of the run that a module reference in a file means.
    pub fn locate(&self, from: &str, reference: &str) -> Result<String, LoadError> {
        if let Some(path) = self.registered(reference) {
            return path.ok_or_else(|| LoadError::NotLocal(reference.to_owned()));
        }
        let dir = crate::source::parent(from);
        crate::source::join(dir, reference).ok_or_else(|| LoadError::File(FileError::Outside(reference.to_owned())))
    }

    /// `None` for what is a path; else the file that stands for it, if any.
    fn registered(&self, reference: &str) -> Option<Option<String>> {
        let (scheme, _) = reference.split_once([':', '/'])?;
        if !matches!(scheme, "br" | "ts") {
            return None;
        }
        let full = reference.replacen("br/public:", "br:mcr.microsoft.com/bicep/", 1);
        let mut rows: Vec<&(String, String)> = self.cache.modules.iter().collect();
        rows.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        for (prefix, folder) in rows {
            let known = prefix.replacen("br/public:", "br:mcr.microsoft.com/bicep/", 1);
            let Some(rest) = full.strip_prefix(known.as_str()) else {
                continue;
            };
            if let Some(path) = self.in_folder(folder, rest) {
                return Some(Some(path));
            }
        }
        Some(None)
    }

    /// What stands for `/network/virtual-network:0.1.0` in a folder: with and without its version.
    fn in_folder(&self, folder: &str, rest: &str) -> Option<String> {
        let rest = rest.trim_start_matches('/');
        let (path, version) = rest.split_once(':').unwrap_or((rest, ""));
        let bases = [format!("{folder}/{path}/{version}"), format!("{folder}/{path}")];
        let is_file = |path: &str| self.files.kind(path) == Some(crate::source::EntryKind::File);
        for base in bases {
            let base = crate::source::join("", &base)?;
            if is_file(&base) {
                return Some(base);
            }
            let candidates = [
                format!("{base}/main.bicep"),
                format!("{base}/main.json"),
                format!("{base}.bicep"),
                format!("{base}.json"),
            ];
            if let Some(found) = candidates.into_iter().find(|c| is_file(c)) {
                return Some(found);
            }
        }
        None
    }

    fn enter(&self, path: &str) -> Result<Self, LoadError> {
        if self.chain.iter().any(|p| p == path) {
            let mut chain = self.chain.clone();
            chain.push(path.to_owned());
            let words: Vec<String> = chain.iter().map(|p| format!("`{p}`")).collect();
            let detail = format!("the files call one another in a circle: {}", words.join(" → "));
            return Err(LoadError::Cycle(detail));
        }
        if self.stack.is_low() {
            return Err(LoadError::Cycle(format!("`{path}` is loaded too many files deep")));
        }
        let mut inner = self.clone();
        inner.chain.push(path.to_owned());
        Ok(inner)
    }
}

fn is_json(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ext)| ext.eq_ignore_ascii_case("json") || ext.eq_ignore_ascii_case("jsonc"))
}
