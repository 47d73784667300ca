//! Files that a run writes: all of them or none, each whole.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::failure::Failure;

/// Holds the files that a run is to write against one another, before it begins.
///
/// # Errors
/// When two are the same, or one cannot be written for want of its folder.
pub fn check<'f>(files: impl Iterator<Item = &'f str>) -> Result<(), Failure> {
    let mut seen: Vec<(PathBuf, &str)> = Vec::new();
    for file in files {
        let Target::File(path) = target(file)? else { continue };
        if let Some((_, other)) = seen.iter().find(|(p, _)| *p == path) {
            let message = match *other == file {
                true => format!("two outputs go to `{file}`"),
                false => format!("two outputs go to one file: `{other}` and `{file}`"),
            };
            return Err(Failure::new(message).help(Some("give each a file of its own".to_owned())));
        }
        seen.push((path, file));
    }
    Ok(())
}

/// Writes texts into files. Nothing is put in place before all of it is on the disk.
///
/// # Errors
/// What the system says. What was in the files is then still there, but for pipes and devices.
pub fn write(texts: &[(&str, String)]) -> Result<(), Failure> {
    let mut staged = Vec::new();
    let mut streams = Vec::new();
    for (file, text) in texts {
        match target(file)? {
            Target::File(path) => {
                let temporary = stage(&path, text.as_bytes()).map_err(|error| failure(file, &error))?;
                staged.push((file, path, temporary));
            }
            Target::Stream(path) => streams.push((file, path, text)),
        }
    }
    for (file, path, text) in streams {
        let mut options = fs::OpenOptions::new();
        let opened = options.write(true).open(&path);
        match opened.and_then(|mut f| f.write_all(text.as_bytes()).and_then(|()| f.flush())) {
            // A reader that went away wants no more.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => return Err(failure(file, &error)),
            _ => {}
        }
    }
    for (file, path, temporary) in staged {
        temporary.persist(&path).map_err(|error| failure(file, &error.error))?;
    }
    Ok(())
}

enum Target {
    /// A file that is replaced, links followed.
    File(PathBuf),
    /// A pipe or a device, which is written to.
    Stream(PathBuf),
}

fn target(file: &str) -> Result<Target, Failure> {
    let path = Path::new(file);
    let is_device = path.starts_with("/dev") || path.starts_with("/proc");
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => return Err(Failure::new(format!("`{file}` cannot be written: it is a folder"))),
        Ok(meta) if is_device || !meta.is_file() => return Ok(Target::Stream(path.to_path_buf())),
        Ok(_) => return fs::canonicalize(path).map(Target::File).map_err(|error| failure(file, &error)),
        Err(_) => {}
    }
    if file.ends_with('/') {
        return Err(Failure::new(format!("`{file}` cannot be written: it names a folder")));
    }
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let dir = fs::canonicalize(dir).map_err(|error| failure(file, &error))?;
    Ok(Target::File(path.file_name().map_or_else(|| dir.clone(), |name| dir.join(name))))
}

fn failure(file: &str, error: &std::io::Error) -> Failure {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such folder".to_owned(),
        std::io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        kind => kind.to_string(),
    };
    Failure::new(format!("`{file}` cannot be written: {why}"))
}

fn stage(path: &Path, bytes: &[u8]) -> std::io::Result<tempfile::NamedTempFile> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".stamplint-").tempfile_in(dir)?;
    file.write_all(bytes)?;
    // A temporary file is its owner's alone; a report is to be read by others, as any new file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_or(0o644, |m| m.permissions().mode() & 0o777);
        fs::set_permissions(file.path(), fs::Permissions::from_mode(mode))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_or_none() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let (a, b) = (at("a"), at("no/such/b"));
        fs::write(&a, "old").unwrap();
        assert!(write(&[(&a, "new".to_owned()), (&b, "x".to_owned())]).is_err());
        assert_eq!(fs::read_to_string(&a).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        write(&[(&a, "new".to_owned())]).unwrap();
        assert_eq!(fs::read_to_string(&a).unwrap(), "new");
    }

    #[test]
    fn one_file_is_written_once() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        assert!(check([at("a").as_str(), &at("b")].into_iter()).is_ok());
        assert!(check([at("a").as_str(), &at("a")].into_iter()).is_err());
        assert!(check([at("a").as_str(), &at("./a")].into_iter()).is_err());
        assert!(check(["/dev/null", "/dev/null"].into_iter()).is_ok());
        assert!(check([at("no/a").as_str()].into_iter()).is_err());
        assert!(check([dir.path().to_str().unwrap()].into_iter()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_and_devices_are_written_to() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        fs::write(at("real"), "old").unwrap();
        std::os::unix::fs::symlink("real", at("link")).unwrap();
        write(&[(&at("link"), "new".to_owned())]).unwrap();
        assert_eq!(fs::read_to_string(at("real")).unwrap(), "new");
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
        assert!(check([at("link").as_str(), &at("real")].into_iter()).is_err());
        write(&[("/dev/null", "x".to_owned())]).unwrap();
        if Path::new("/dev/full").exists() {
            let error = write(&[("/dev/full", "x".to_owned())]).unwrap_err();
            assert_eq!(error.message, "`/dev/full` cannot be written: the disk is full");
        }
    }
}
