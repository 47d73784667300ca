//! Files on the disk, confined to the root of a run. The only place that reads input.
//!
//! Each file is read once, whoever asks. Text that an editor has not saved, and standard input, lie over what is on the
//! disk. A symbolic link is followed when it is asked for by name and ends below the root; otherwise it is refused.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::read;
use crate::source::{EntryKind, FileError, Files, Listed, Source, Sources, join, parent};

/// Files beyond this are not read.
pub const SIZE_LIMIT: u64 = 64 * 1024 * 1024;

type Held<T> = Arc<OnceLock<Result<Arc<T>, FileError>>>;

/// The file system below one folder.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    sources: Arc<Sources>,
    loaded: Mutex<HashMap<String, Held<Source>>>,
    raw: Mutex<HashMap<String, Held<[u8]>>>,
    /// Folders by whether they lie below the root once links are followed.
    folders: Mutex<HashMap<String, Result<(), FileError>>>,
    overlay: HashMap<String, Arc<Source>>,
    /// Files that somebody asked for by name.
    asked: Mutex<BTreeSet<String>>,
}

impl Disk {
    /// The files below a folder.
    ///
    /// # Errors
    /// When the folder is not there.
    pub fn new(root: &Path, sources: Arc<Sources>) -> std::io::Result<Self> {
        Ok(Self {
            root: fs::canonicalize(root)?,
            sources,
            loaded: Mutex::default(),
            raw: Mutex::default(),
            folders: Mutex::default(),
            overlay: HashMap::new(),
            asked: Mutex::default(),
        })
    }

    /// Lays text over a path, whether or not the disk has a file there.
    pub fn lay_over(&mut self, path: &str, text: &str) -> Arc<Source> {
        let source = self.sources.add(path, text);
        self.overlay.insert(path.to_owned(), Arc::clone(&source));
        source
    }

    /// Lays bytes over a path, as they would be read from the disk.
    ///
    /// # Errors
    /// When they are no text.
    pub fn lay_over_bytes(&mut self, path: &str, bytes: &[u8]) -> Result<Arc<Source>, FileError> {
        let (text, encoding) = read::decode(bytes).map_err(|_| FileError::NotText(path.to_owned()))?;
        let source = self.sources.add_encoded(path, text, encoding);
        self.overlay.insert(path.to_owned(), Arc::clone(&source));
        Ok(source)
    }

    /// The folder, absolute and without links.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All that was read.
    #[must_use]
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// The texts that were read here, by path. A session's store may hold those of earlier runs too.
    #[must_use]
    pub fn texts(&self) -> Vec<Arc<Source>> {
        let held = lock(&self.loaded);
        let loaded = held.values().filter_map(|h| h.get()?.as_ref().ok().map(Arc::clone));
        let mut texts: Vec<Arc<Source>> = loaded.chain(self.overlay.values().map(Arc::clone)).collect();
        texts.sort_by(|a, b| a.path().cmp(b.path()));
        texts
    }

    /// Whether somebody asked for a file by name: the config, a template, an overlay.
    #[must_use]
    pub fn was_asked_for(&self, path: &str) -> bool {
        lock(&self.asked).contains(path)
    }

    fn ask(&self, path: &str) {
        let mut asked = lock(&self.asked);
        if !asked.contains(path) {
            asked.insert(path.to_owned());
        }
    }

    /// Loads a file that the walk met as a plain file below the root, so that nothing has to be asked of its folders.
    ///
    /// # Errors
    /// As [`Files::load`].
    pub fn load_walked(&self, path: &str) -> Result<Arc<Source>, FileError> {
        self.load_with(path, |full| Ok(full.to_path_buf()))
    }

    /// The first bytes of a file that is too large to be read; nothing where even that fails.
    #[must_use]
    pub fn head(&self, path: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Ok(file) = fs::File::open(self.full(path)) {
            // What was read before an error is good enough to tell what the file is.
            let _ = file.take(64 * 1024).read_to_end(&mut bytes);
        }
        bytes
    }

    /// A source for a file that cannot be read, so that a finding can name it.
    pub fn stand_in(&self, path: &str) -> Arc<Source> {
        self.sources.add(path, "")
    }

    fn load_with(
        &self,
        path: &str,
        locate: impl FnOnce(&Path) -> Result<PathBuf, FileError>,
    ) -> Result<Arc<Source>, FileError> {
        if let Some(source) = self.overlay.get(path) {
            return Ok(Arc::clone(source));
        }
        let held = entry(&self.loaded, path);
        held.get_or_init(|| {
            let full = locate(&self.full(path))?;
            let bytes = read_limited(&full, path)?;
            let (text, encoding) = read::decode(&bytes).map_err(|_| FileError::NotText(path.to_owned()))?;
            Ok(self.sources.add_encoded(path, text, encoding))
        })
        .clone()
    }

    fn full(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.root.clone() } else { self.root.join(path) }
    }

    /// Where a path ends once links are followed, if that is below the root.
    fn locate(&self, path: &str, full: &Path) -> Result<PathBuf, FileError> {
        // Normalising by text first: `a/../../x` must not be left to the file system.
        if path != "<stdin>" && join("", path).as_deref() != Some(path) {
            return Err(FileError::Outside(path.to_owned()));
        }
        let dir = parent(path);
        let known = lock(&self.folders).get(dir).cloned();
        let inside = known.unwrap_or_else(|| {
            let inside = self.inside(dir, &self.full(dir)).map(|_| ());
            lock(&self.folders).insert(dir.to_owned(), inside.clone());
            inside
        });
        inside.map_err(|error| renamed(error, path))?;
        match fs::symlink_metadata(full) {
            Err(error) => Err(system(path, &error)),
            Ok(meta) if meta.is_symlink() => self.inside(path, full),
            Ok(_) => Ok(full.to_path_buf()),
        }
    }

    fn inside(&self, path: &str, full: &Path) -> Result<PathBuf, FileError> {
        let target = fs::canonicalize(full).map_err(|error| system(path, &error))?;
        if target.starts_with(&self.root) { Ok(target) } else { Err(FileError::Outside(path.to_owned())) }
    }
}

impl Files for Disk {
    fn load(&self, path: &str) -> Result<Arc<Source>, FileError> {
        self.ask(path);
        self.load_with(path, |full| self.locate(path, full))
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        self.ask(path);
        if let Some(source) = self.overlay.get(path) {
            return Ok(Arc::from(source.text().as_bytes()));
        }
        let held = entry(&self.raw, path);
        held.get_or_init(|| {
            let full = self.locate(path, &self.full(path))?;
            read_limited(&full, path).map(Arc::from)
        })
        .clone()
    }

    fn list(&self, dir: &str) -> Result<Vec<Listed>, FileError> {
        let full = self.full(dir);
        self.locate(dir, &full)?;
        let entries = fs::read_dir(&full).map_err(|error| system(dir, &error))?;
        let mut listed: Vec<Listed> = entries
            .filter_map(Result::ok)
            .filter_map(|entry| {
                // A name that is no UTF-8 cannot be written in a config or a template.
                let name = entry.file_name().into_string().ok()?;
                let path = if dir.is_empty() { name.clone() } else { format!("{dir}/{name}") };
                let kind = match entry.file_type().ok()? {
                    t if t.is_file() => EntryKind::File,
                    t if t.is_dir() => EntryKind::Folder,
                    _ => self.kind(&path)?,
                };
                Some(Listed { name, kind })
            })
            .collect();
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(listed)
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        if self.overlay.contains_key(path) {
            return Some(EntryKind::File);
        }
        if path.is_empty() {
            return Some(EntryKind::Folder);
        }
        let full = self.locate(path, &self.full(path)).ok()?;
        let meta = fs::metadata(full).ok()?;
        if meta.is_dir() { Some(EntryKind::Folder) } else { meta.is_file().then_some(EntryKind::File) }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // What the lock guards is whole even when another thread panicked while it held it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn entry<T: ?Sized>(map: &Mutex<HashMap<String, Held<T>>>, path: &str) -> Held<T> {
    let mut map = lock(map);
    match map.get(path) {
        Some(held) => Arc::clone(held),
        None => Arc::clone(map.entry(path.to_owned()).or_default()),
    }
}

fn read_limited(full: &Path, path: &str) -> Result<Vec<u8>, FileError> {
    // Before it is opened: opening a pipe would wait for its writer.
    let meta = fs::metadata(full).map_err(|error| system(path, &error))?;
    let too_large = || FileError::TooLarge { path: path.to_owned(), limit: SIZE_LIMIT / (1024 * 1024) };
    if !meta.is_file() {
        return Err(FileError::Unreadable { path: path.to_owned(), reason: "it is no regular file".to_owned() });
    }
    if meta.len() > SIZE_LIMIT {
        return Err(too_large());
    }
    let file = fs::File::open(full).map_err(|error| system(path, &error))?;
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0) + 1);
    // The file may grow while it is read.
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| system(path, &error))?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(too_large());
    }
    Ok(bytes)
}

fn system(path: &str, error: &std::io::Error) -> FileError {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => FileError::NotFound(path.to_owned()),
        kind => FileError::Unreadable { path: path.to_owned(), reason: kind.to_string() },
    }
}

fn renamed(error: FileError, path: &str) -> FileError {
    let path = path.to_owned();
    match error {
        FileError::NotFound(_) => FileError::NotFound(path),
        FileError::Outside(_) => FileError::Outside(path),
        FileError::NotText(_) => FileError::NotText(path),
        FileError::TooLarge { limit, .. } => FileError::TooLarge { path, limit },
        FileError::Unreadable { reason, .. } => FileError::Unreadable { path, reason },
    }
}

/// Writes a file whole or not at all: to a temporary file beside it, then renamed over it.
///
/// # Errors
/// What the system says.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new().prefix(".stamplint-").tempfile_in(dir)?;
    file.write_all(bytes)?;
    // A temporary file is its owner's alone; a report is to be read by others, as any new file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_or(0o644, |m| m.permissions().mode() & 0o777);
        fs::set_permissions(file.path(), fs::Permissions::from_mode(mode))?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(dir: &Path) -> Disk {
        Disk::new(dir, Arc::default()).unwrap()
    }

    #[test]
    fn a_file_is_read_once() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.yaml"), "a: 1").unwrap();
        let disk = disk(dir.path());
        let first = disk.load("a.yaml").unwrap();
        let again = disk.load_walked("a.yaml").unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(disk.sources().len(), 1);
    }

    #[test]
    fn nothing_outside_the_root_is_read() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("root");
        fs::create_dir(&root).unwrap();
        fs::write(outer.path().join("secret"), "x").unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outer.path(), root.join("out")).unwrap();
            std::os::unix::fs::symlink("../secret", root.join("link")).unwrap();
            std::os::unix::fs::symlink(".", root.join("loop")).unwrap();
        }
        fs::write(root.join("in"), "y").unwrap();
        let disk = disk(&root);
        let outside = |path: &str| Err(FileError::Outside(path.to_owned()));
        assert_eq!(disk.load("../secret").map(|_| ()), outside("../secret"));
        assert_eq!(disk.load("/etc/passwd").map(|_| ()), outside("/etc/passwd"));
        #[cfg(unix)]
        {
            assert_eq!(disk.load("out/secret").map(|_| ()), outside("out/secret"));
            assert_eq!(disk.load("link").map(|_| ()), outside("link"));
            assert_eq!(disk.load("loop/loop/in").map(|_| ()), Ok(()));
            assert_eq!(disk.kind("link"), None);
        }
        assert_eq!(disk.load("none").map(|_| ()), Err(FileError::NotFound("none".to_owned())));
    }

    #[test]
    fn writes_are_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(write_atomically(&dir.path().join("no/such"), b"").is_err());
    }
}
