//! Which folder a run is confined to, and where in it the command line's paths lie.

use std::path::{Path, PathBuf};

use super::walk::relative;

/// A path of the command line cannot be used. Ends the run with exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum PathError {
    /// There is nothing of this name.
    #[error("`{0}` does not exist")]
    Missing(String),
    /// The system's words.
    #[error("`{path}` cannot be read: {reason}")]
    Unreadable {
        /// The path as given.
        path: String,
        /// What the system said.
        reason: String,
    },
}

/// Where a run takes place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The repository's root, else the working folder, else what holds all paths. Absolute, without links.
    pub root: PathBuf,
    /// Folders that were given, from the root.
    pub folders: Vec<String>,
    /// Files that were given, from the root.
    pub files: Vec<String>,
}

/// Finds the root of a run. With no paths the working folder is looked at.
///
/// # Errors
/// When a path is not there.
pub fn locate(working: &Path, paths: &[String]) -> Result<Place, PathError> {
    let working = canonical(working, ".")?;
    let mut given = Vec::new();
    for path in paths {
        given.push(canonical(&working.join(path), path)?);
    }
    if given.is_empty() {
        given.push(working.clone());
    }
    let root = root_of(&working, &given);
    let mut place = Place { folders: Vec::new(), files: Vec::new(), root };
    for (i, full) in given.iter().enumerate() {
        let Some(path) = relative(&place.root, full) else {
            let said = paths.get(i).cloned().unwrap_or_default();
            return Err(PathError::Unreadable { path: said, reason: "its name is not UTF-8".to_owned() });
        };
        let list = if full.is_dir() { &mut place.folders } else { &mut place.files };
        if !list.contains(&path) {
            list.push(path);
        }
    }
    Ok(place)
}

fn canonical(path: &Path, said: &str) -> Result<PathBuf, PathError> {
    std::fs::canonicalize(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => PathError::Missing(said.to_owned()),
        kind => PathError::Unreadable { path: said.to_owned(), reason: kind.to_string() },
    })
}

fn root_of(working: &Path, given: &[PathBuf]) -> PathBuf {
    let all_below = |root: &Path| given.iter().all(|path| path.starts_with(root));
    let repositories = [working].into_iter().chain(given.iter().map(PathBuf::as_path)).filter_map(repository);
    for root in repositories {
        if all_below(root) {
            return root.to_path_buf();
        }
    }
    if all_below(working) {
        return working.to_path_buf();
    }
    let first = given.first().map_or(working, PathBuf::as_path);
    let first = if first.is_dir() { first } else { first.parent().unwrap_or(first) };
    first.ancestors().find(|dir| all_below(dir)).unwrap_or(first).to_path_buf()
}

/// The root of the repository that a path lies in. A worktree's or submodule's `.git` is a file.
fn repository(path: &Path) -> Option<&Path> {
    path.ancestors().find(|dir| dir.join(".git").exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_root_is_the_repository_else_the_working_folder() {
        let dir = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(dir.path()).unwrap();
        fs::create_dir_all(base.join("repo/.git")).unwrap();
        fs::create_dir_all(base.join("repo/a/b")).unwrap();
        fs::create_dir_all(base.join("plain/c")).unwrap();
        fs::write(base.join("repo/a/x.yaml"), "").unwrap();
        let at = |working: &str, paths: &[&str]| {
            let paths: Vec<String> = paths.iter().map(|p| (*p).to_owned()).collect();
            let place = locate(&base.join(working), &paths).unwrap();
            let root = relative(&base, &place.root).unwrap_or_default();
            (root, place.folders, place.files)
        };
        let list = |items: &[&str]| items.iter().map(|i| (*i).to_owned()).collect::<Vec<_>>();
        assert_eq!(at("repo/a", &[]), ("repo".to_owned(), list(&["a"]), vec![]));
        assert_eq!(at("repo/a", &["x.yaml", "b", "./b"]), ("repo".to_owned(), list(&["a/b"]), list(&["a/x.yaml"])));
        assert_eq!(at("plain", &["c"]), ("plain".to_owned(), list(&["c"]), vec![]));
        assert_eq!(at("plain", &["../repo/a"]), ("repo".to_owned(), list(&["a"]), vec![]));
        assert_eq!(at("plain/c", &[".."]), ("plain".to_owned(), list(&[""]), vec![]));
        let missing = locate(&base, &["nowhere".to_owned()]);
        assert!(matches!(missing, Err(PathError::Missing(p)) if p == "nowhere"));
    }
}
