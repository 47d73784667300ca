//! Files of a folder on disk, for the harnesses.
#![allow(clippy::disallowed_methods, dead_code, reason = "a program for developers")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use stamplint::read;
use stamplint::source::{EntryKind, FileError, Files, Listed, Source, Sources};

/// A folder.
pub struct Disk {
    root: PathBuf,
    pub sources: Sources,
}

impl Disk {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), sources: Sources::new() }
    }

    /// All files below the folder whose name ends so, sorted.
    pub fn find(&self, endings: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![self.root.clone()];
        while let Some(folder) = open.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                } else if endings.iter().any(|e| path.to_string_lossy().ends_with(e)) {
                    let relative = path.strip_prefix(&self.root).unwrap_or(&path);
                    found.push(relative.to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        found
    }

    pub fn path(&self, path: &str) -> PathBuf {
        Path::new(&self.root).join(path)
    }
}

impl Files for Disk {
    fn load(&self, path: &str) -> Result<Arc<Source>, FileError> {
        let bytes = self.bytes(path)?;
        let (text, encoding) = read::decode(&bytes).map_err(|_| FileError::NotText(path.to_owned()))?;
        Ok(self.sources.add_encoded(path, text, encoding))
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        std::fs::read(self.path(path)).map(Into::into).map_err(|_| FileError::NotFound(path.to_owned()))
    }

    fn list(&self, dir: &str) -> Result<Vec<Listed>, FileError> {
        let entries = std::fs::read_dir(self.path(dir)).map_err(|_| FileError::NotFound(dir.to_owned()))?;
        let mut listed: Vec<Listed> = entries
            .flatten()
            .map(|e| Listed {
                name: e.file_name().to_string_lossy().into_owned(),
                kind: if e.path().is_dir() { EntryKind::Folder } else { EntryKind::File },
            })
            .collect();
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(listed)
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        let path = self.path(path);
        match (path.is_dir(), path.is_file()) {
            (true, _) => Some(EntryKind::Folder),
            (_, true) => Some(EntryKind::File),
            _ => None,
        }
    }
}
