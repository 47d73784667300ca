//! Which files there are: a walk below the folders of a run, in parallel, with `.gitignore` held.
//!
//! What git itself ignores beyond the repository (a user's own list) does not count: a run gives the same on every
//! machine. Symbolic links are not walked through: what they lead to inside the tree is met where it stands.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::disk::Disk;
use crate::source::FileError;

/// What the walk met.
#[derive(Debug, Default)]
pub struct Walked {
    /// Files that may be of use, sorted by path.
    pub files: Vec<String>,
    /// How many other files there are.
    pub others: usize,
    /// What could not be walked, by path.
    pub faults: Vec<FileError>,
}

/// Walks below root-relative folders.
#[must_use]
pub fn walk(disk: &Disk, starts: &[String], threads: usize) -> Walked {
    let mut roots = starts.iter().map(|s| disk.root().join(s));
    let Some(first) = roots.next() else {
        return Walked::default();
    };
    let mut builder = WalkBuilder::new(first);
    for root in roots {
        builder.add(root);
    }
    builder
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .parents(disk.root().join(".git").exists())
        .threads(threads)
        .filter_entry(|entry| !is_foreign_folder(entry));
    let walked: Mutex<Walked> = Mutex::default();
    builder.build_parallel().run(|| {
        let mut own = Batch { held: Walked::default(), whole: &walked };
        Box::new(move |entry| {
            own.entry(disk, starts, entry);
            WalkState::Continue
        })
    });
    let mut walked = walked.into_inner().unwrap_or_else(PoisonError::into_inner);
    walked.files.sort_unstable();
    walked.files.dedup();
    walked.faults.sort_by_key(ToString::to_string);
    walked.faults.dedup();
    walked
}

/// What one thread met; joined to the rest when the thread is done.
struct Batch<'w> {
    held: Walked,
    whole: &'w Mutex<Walked>,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        whole.files.append(&mut self.held.files);
        whole.faults.append(&mut self.held.faults);
        whole.others += self.held.others;
    }
}

impl Batch<'_> {
    fn entry(&mut self, disk: &Disk, starts: &[String], entry: Result<DirEntry, ignore::Error>) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return self.fault(disk, &error),
        };
        let Some(path) = relative(disk.root(), entry.path()) else {
            self.held.others += 1;
            return;
        };
        let Some(kind) = entry.file_type() else {
            return;
        };
        if kind.is_file() {
            if may_be_of_use(&path) {
                self.held.files.push(path);
            } else {
                self.held.others += 1;
            }
        } else if kind.is_symlink() {
            self.link(disk, starts, path, entry.path());
        }
    }

    fn link(&mut self, disk: &Disk, starts: &[String], path: String, full: &Path) {
        let target = std::fs::canonicalize(full).ok();
        let inside = target.as_deref().and_then(|t| relative(disk.root(), t));
        let is_folder = target.as_deref().is_some_and(Path::is_dir);
        match inside {
            // It is walked where it stands.
            Some(target) if starts.iter().any(|start| is_below(&target, start)) => {}
            Some(_) if is_folder => self
                .held
                .faults
                .push(FileError::Unreadable { path, reason: "links to folders are not followed".to_owned() }),
            Some(_) if may_be_of_use(&path) => self.held.files.push(path),
            None if target.is_some() && (is_folder || may_be_of_use(&path)) => {
                self.held.faults.push(FileError::Outside(path));
            }
            None if target.is_none() && may_be_of_use(&path) => {
                self.held.faults.push(FileError::Unreadable { path, reason: "the link leads nowhere".to_owned() });
            }
            _ => self.held.others += 1,
        }
    }

    fn fault(&mut self, disk: &Disk, error: &ignore::Error) {
        let path = path_of(error).and_then(|p| relative(disk.root(), p)).unwrap_or_default();
        let reason = error.io_error().map_or_else(|| error.to_string(), |e| e.kind().to_string());
        self.held.faults.push(FileError::Unreadable { path, reason });
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}

/// Folders of version control and of package managers: nothing in them was written by the fleet's people.
fn is_foreign_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|t| t.is_dir())
        && entry.depth() > 0
        && matches!(entry.file_name().to_str(), Some(".git" | ".hg" | ".svn" | ".terraform" | "node_modules"))
}

/// By its name, whether a file may say something about a fleet. What it is, its content tells.
#[must_use]
pub fn may_be_of_use(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((_, extension)) = name.rsplit_once('.') else {
        return name == "Kustomization";
    };
    const EXTENSIONS: [&str; 10] =
        ["yaml", "yml", "json", "jsonc", "bicep", "bicepparam", "sh", "bash", "ps1", "azcli"];
    EXTENSIONS.iter().any(|e| extension.eq_ignore_ascii_case(e))
}

/// Whether a path is a folder or lies below it. The root holds everything.
#[must_use]
pub fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A full path from the root, slashes forward; none for what lies outside or is no UTF-8.
pub(super) fn relative(root: &Path, full: &Path) -> Option<String> {
    let path = full.strip_prefix(root).ok()?;
    let mut parts = Vec::new();
    for part in path.components() {
        parts.push(part.as_os_str().to_str()?);
    }
    Some(parts.join("/"))
}

/// All files below a folder, `.gitignore` left aside, links not followed: what a glob of the config is held against.
#[must_use]
pub fn everything_below(disk: &Disk, folder: &str) -> Vec<String> {
    let mut found: Vec<String> = WalkBuilder::new(disk.root().join(folder))
        .standard_filters(false)
        .filter_entry(|entry| !is_foreign_folder(entry))
        .build()
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_type().is_none_or(|t| t.is_dir()))
        .filter_map(|entry| relative(disk.root(), entry.path()))
        .collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn links_loops_and_ignored_files() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("r");
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::create_dir_all(root.join("node_modules/x")).unwrap();
        for file in ["a/1.yaml", "a/b/2.yaml", "out.yaml", "README.md", "node_modules/x/3.yaml"] {
            fs::write(root.join(file), "").unwrap();
        }
        fs::write(root.join(".gitignore"), "out.yaml\n").unwrap();
        fs::write(dir.path().join("secret.yaml"), "").unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("..", root.join("a/b/loop")).unwrap();
            std::os::unix::fs::symlink("../a/1.yaml", root.join("a/same.yaml")).unwrap();
            std::os::unix::fs::symlink("../../secret.yaml", root.join("a/away.yaml")).unwrap();
        }
        let disk = Disk::new(&root, Arc::default()).unwrap();
        let walked = walk(&disk, &[String::new()], 2);
        assert_eq!(walked.files, ["a/1.yaml", "a/b/2.yaml"]);
        #[cfg(unix)]
        assert_eq!(walked.faults, [FileError::Outside("a/away.yaml".to_owned())]);
    }

    #[test]
    fn below_counts_whole_segments() {
        assert!(is_below("a/b", "a") && is_below("a", "a") && is_below("x", ""));
        assert!(!is_below("ab", "a"));
    }
}
