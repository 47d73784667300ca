//! All files of a run, each read and parsed once, in parallel.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::disk::Disk;
use super::walk::Walked;
use crate::model::{Resource, manifest, secrets};
use crate::read::yaml::Stream;
use crate::read::{self, FileKind, Neighbours};
use crate::source::{Code, FileError, Files, Problem, Source};

/// One file that was read.
#[derive(Debug)]
pub struct ReadFile {
    /// Its text.
    pub source: Arc<Source>,
    /// What it is.
    pub kind: FileKind,
    /// Its content, where it is YAML or JSON of ours.
    pub stream: Option<Stream>,
    /// The Kubernetes objects in it. Stamps share them.
    pub resources: Vec<Arc<Resource>>,
}

/// The files of a run by path, and what could not be read.
#[derive(Debug, Default)]
pub struct Index {
    files: BTreeMap<String, ReadFile>,
    neighbours: Neighbours,
    /// What could not be read and looks like ours, or was asked for by name: path and problem.
    pub faults: Vec<(String, Problem)>,
    /// Files of other kinds that the walk met.
    pub others: usize,
}

impl Index {
    /// Reads what the walk met. `named` are files that the command line names: these must be readable.
    #[must_use]
    pub fn read(disk: &Disk, walked: &Walked, named: &[String]) -> Self {
        let paths = walked.files.iter().chain(named).map(String::as_str);
        let mut index = Self { neighbours: Neighbours::of(paths), others: walked.others, ..Self::default() };
        for fault in &walked.faults {
            index.fault(disk, fault);
        }
        let mut paths: Vec<(&String, bool)> = walked.files.iter().map(|p| (p, false)).collect();
        paths.extend(named.iter().map(|p| (p, true)));
        index.load(disk, &paths);
        index
    }

    /// Reads further files, which somebody names.
    pub fn add(&mut self, disk: &Disk, paths: &[String]) {
        let missing: Vec<(&String, bool)> =
            paths.iter().filter(|path| !self.files.contains_key(*path)).map(|path| (path, true)).collect();
        self.load(disk, &missing);
    }

    fn load(&mut self, disk: &Disk, paths: &[(&String, bool)]) {
        let neighbours = &self.neighbours;
        let read: Vec<_> = paths
            .par_iter()
            .with_max_len(32)
            .map(|(path, named)| {
                let loaded = if *named { disk.load(path) } else { disk.load_walked(path) };
                match loaded {
                    Ok(source) => Ok(read_file(source, neighbours)),
                    Err(error) if *named || is_fault(disk, path, &error) => Err(Some(error)),
                    Err(_) => Err(None),
                }
            })
            .collect();
        for ((path, _), read) in paths.iter().zip(read) {
            match read {
                Ok(file) => {
                    self.files.insert((*path).clone(), file);
                }
                Err(Some(error)) => self.fault(disk, &error),
                Err(None) => self.others += 1,
            }
        }
    }

    fn fault(&mut self, disk: &Disk, error: &FileError) {
        let path = path_of(error);
        let source = disk.stand_in(path);
        let code = match error {
            FileError::TooLarge { .. } => Code::Limit,
            _ => Code::Unreadable,
        };
        let problem = Problem::new(code, source.span(0, 0), error.to_string());
        self.faults.push((path.to_owned(), problem));
    }

    /// A file that was read.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&ReadFile> {
        self.files.get(path)
    }

    /// All files, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &ReadFile)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// Where charts are.
    #[must_use]
    pub fn neighbours(&self) -> &Neighbours {
        &self.neighbours
    }
}

fn read_file(source: Arc<Source>, neighbours: &Neighbours) -> ReadFile {
    let file = read::file(&source, neighbours);
    let resources = match (&file.kind, &file.stream) {
        (FileKind::Manifest, Some(stream)) => {
            stream.documents.iter().flat_map(|d| manifest::resources(&d.root, d.rendered_from.as_ref())).collect()
        }
        _ => Vec::new(),
    };
    let problems = file.stream.as_ref().map(|s| s.problems.as_slice()).unwrap_or_default();
    let secret = resources.iter().flat_map(|r: &Arc<Resource>| secrets::of_resource(r, problems));
    secret.for_each(|span| source.redact(span));
    if problems.iter().any(|p| p.code == Code::Syntax) {
        for range in secrets::of_broken_text(source.text()) {
            source.redact(source.span(range.start, range.end));
        }
    }
    ReadFile { source, kind: file.kind, stream: file.stream, resources }
}

fn path_of(error: &FileError) -> &str {
    match error {
        FileError::NotFound(path)
        | FileError::Outside(path)
        | FileError::NotText(path)
        | FileError::TooLarge { path, .. }
        | FileError::Unreadable { path, .. } => path,
    }
}

/// Whether a file that nobody names, and that cannot be read, is a fault: what does not look like ours is none.
fn is_fault(disk: &Disk, path: &str, error: &FileError) -> bool {
    if path.ends_with(".bicep") || path.ends_with(".bicepparam") {
        return true;
    }
    match error {
        FileError::NotText(_) => looks_like_ours(&disk.bytes(path).unwrap_or_default()),
        FileError::TooLarge { .. } => looks_like_ours(&disk.head(path)),
        _ => true,
    }
}

fn looks_like_ours(bytes: &[u8]) -> bool {
    let holds = |word: &[u8]| bytes.windows(word.len()).any(|w| w == word);
    holds(b"apiVersion") && holds(b"kind") || holds(b"eploymentTemplate.json")
}
