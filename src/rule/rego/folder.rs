//! The files of a policy folder or bundle, sorted by what they are. Files come through the port; archives are read from
//! memory, within limits.

use std::io::Read;
use std::sync::Arc;

use regorus::Value as Rego;
use sha2::{Digest, Sha256};

use super::conftest::merge;
use super::{Script, project};
use crate::read::{decode, yaml};
use crate::source::{Code, EntryKind, Files, Problem, Source, Sources, Span};
use crate::tree::Value;

/// Deeper folders are not looked into.
const DEEPEST: usize = 24;
/// More files than these are no policies.
const MOST_FILES: usize = 20_000;
/// A bundle that unpacks to more than this is refused.
const MOST_BYTES: u64 = 64 << 20;

/// What a folder holds.
#[derive(Debug)]
pub struct Folder {
    /// Rego, tests aside, by path.
    pub policies: Vec<Script>,
    /// Rego tests.
    pub tests: Vec<Script>,
    /// The documents of its YAML and JSON files.
    pub documents: Vec<(Value, Arc<Source>)>,
    /// `data.json` and `data.yaml` of a bundle, below the names of their folders.
    pub data: Rego,
}

/// One file before it is looked at.
struct Found {
    /// Its path below the folder or in the bundle.
    inner: String,
    source: Arc<Source>,
}

impl Folder {
    /// Reads a folder, a bundle (`.tar.gz`, or a folder with a `.manifest`) or one file. `at` is where the config names it.
    ///
    /// # Errors
    /// When it is not there, is over a limit, or has not the digest that is asked for.
    pub fn read(
        path: &str,
        digest: Option<&str>,
        files: &dyn Files,
        sources: &Sources,
        at: Span,
    ) -> Result<Self, Problem> {
        let fail = |message: String| Problem::new(Code::Policy, at, message);
        let mut found = Vec::new();
        let mut bundle = false;
        let seen = match files.kind(path) {
            None => return Err(fail(format!("`{path}` does not exist"))),
            Some(EntryKind::Folder) => {
                bundle = files.kind(&format!("{path}/.manifest")).is_some();
                list(path, "", files, 0, &mut found).map_err(fail)?;
                folder_digest(&found)
            }
            Some(EntryKind::File) => {
                let bytes = files.bytes(path).map_err(|e| fail(e.to_string()))?;
                if path.ends_with(".tar.gz") || path.ends_with(".tgz") {
                    bundle = true;
                    unpack(path, &bytes, sources, &mut found).map_err(fail)?;
                } else {
                    let source = files.load(path).map_err(|e| fail(e.to_string()))?;
                    found.push(Found { inner: path.rsplit('/').next().unwrap_or(path).to_owned(), source });
                }
                hex(&Sha256::digest(&bytes))
            }
        };
        if let Some(wanted) = digest {
            let wanted = wanted.strip_prefix("sha256:").unwrap_or(wanted);
            if !wanted.eq_ignore_ascii_case(&seen) {
                return Err(fail(format!("`{path}` has the digest `sha256:{seen}`, not the one that is asked for")));
            }
        }
        let mut folder =
            Self { policies: Vec::new(), tests: Vec::new(), documents: Vec::new(), data: Rego::new_object() };
        for file in found {
            folder.take(&file, bundle).map_err(fail)?;
        }
        Ok(folder)
    }

    fn take(&mut self, file: &Found, bundle: bool) -> Result<(), String> {
        let name = file.inner.rsplit('/').next().unwrap_or(&file.inner);
        if name.ends_with("_test.rego") {
            self.tests.push(Script::file(&file.source));
        } else if name.ends_with(".rego") {
            self.policies.push(Script::file(&file.source));
        } else if bundle && matches!(name, "data.json" | "data.yaml" | "data.yml") {
            let keys: Vec<&str> = file.inner.split('/').collect();
            let keys = keys.split_last().map_or(&[][..], |(_, folders)| folders);
            add_data(&mut self.data, keys, &file.source)?;
        } else if is_document(name) {
            let stream = yaml::parse(&file.source);
            self.documents.extend(stream.documents.into_iter().map(|d| (d.root, Arc::clone(&file.source))));
        }
        Ok(())
    }
}

/// `data` of files and folders as conftest and OPA load it: the folders below a named one are keys.
///
/// # Errors
/// When one is not there, or two documents stand in one another's way.
pub fn read_data(paths: &[String], files: &dyn Files) -> Result<Rego, String> {
    let mut data = Rego::new_object();
    for path in paths {
        let mut found = Vec::new();
        match files.kind(path) {
            None => return Err(format!("`{path}` does not exist")),
            Some(EntryKind::Folder) => list(path, "", files, 0, &mut found)?,
            Some(EntryKind::File) => {
                let source = files.load(path).map_err(|e| e.to_string())?;
                found.push(Found { inner: path.rsplit('/').next().unwrap_or(path).to_owned(), source });
            }
        }
        for file in found.iter().filter(|f| is_document(&f.inner)) {
            let keys: Vec<&str> = file.inner.split('/').collect();
            add_data(&mut data, keys.split_last().map_or(&[][..], |(_, folders)| folders), &file.source)?;
        }
    }
    Ok(data)
}

fn add_data(data: &mut Rego, keys: &[&str], source: &Arc<Source>) -> Result<(), String> {
    let stream = yaml::parse(source);
    if let Some(problem) = stream.problems.first() {
        return Err(format!("`{}` cannot be read: {}", source.path(), problem.detail));
    }
    for document in stream.documents {
        if !merge(data, keys, project(&document.root).value) {
            return Err(format!("`{}` stands in the way of other data", source.path()));
        }
    }
    Ok(())
}

fn is_document(name: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|e| name.ends_with(e))
}

fn list(path: &str, inner: &str, files: &dyn Files, depth: usize, found: &mut Vec<Found>) -> Result<(), String> {
    if depth > DEEPEST {
        return Ok(());
    }
    for entry in files.list(path).map_err(|e| e.to_string())? {
        let below = if path.is_empty() { entry.name.clone() } else { format!("{path}/{}", entry.name) };
        let inside = if inner.is_empty() { entry.name.clone() } else { format!("{inner}/{}", entry.name) };
        match entry.kind {
            _ if entry.name.starts_with('.') => {}
            EntryKind::Folder => list(&below, &inside, files, depth + 1, found)?,
            EntryKind::File if inside.ends_with(".rego") || is_document(&inside) => {
                if found.len() >= MOST_FILES {
                    return Err(format!("`{path}` holds more than {MOST_FILES} files"));
                }
                found.push(Found { inner: inside, source: files.load(&below).map_err(|e| e.to_string())? });
            }
            EntryKind::File => {}
        }
    }
    Ok(())
}

fn unpack(path: &str, bytes: &[u8], sources: &Sources, found: &mut Vec<Found>) -> Result<(), String> {
    let unreadable = |e: std::io::Error| format!("`{path}` cannot be unpacked: {e}");
    let mut left = MOST_BYTES;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes).take(2 * MOST_BYTES));
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let inner = entry
            .path()
            .map_err(unreadable)?
            .to_string_lossy()
            .trim_start_matches("./")
            .trim_start_matches('/')
            .to_owned();
        if !entry.header().entry_type().is_file() || !(inner.ends_with(".rego") || is_document(&inner)) {
            continue;
        }
        let mut content = Vec::new();
        let read = entry.by_ref().take(left + 1).read_to_end(&mut content).map_err(unreadable)?;
        left = left
            .checked_sub(read as u64)
            .filter(|_| found.len() < MOST_FILES)
            .ok_or_else(|| format!("`{path}` unpacks to more than {} MiB or {MOST_FILES} files", MOST_BYTES >> 20))?;
        let (text, encoding) = decode(&content).map_err(|_| format!("`{inner}` in `{path}` is not text"))?;
        found.push(Found { source: sources.add_encoded(format!("{path}/{inner}"), text, encoding), inner });
    }
    found.sort_by(|a, b| a.inner.cmp(&b.inner));
    Ok(())
}

/// The digest of a folder: that of the lines `digest  path` of its files, as `sha256sum` prints them.
fn folder_digest(found: &[Found]) -> String {
    let mut lines: Vec<String> =
        found.iter().map(|f| format!("{}  {}\n", hex(&Sha256::digest(f.source.text().as_bytes())), f.inner)).collect();
    lines.sort_by(|a, b| a.get(66..).cmp(&b.get(66..)));
    hex(&Sha256::digest(lines.concat().as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
