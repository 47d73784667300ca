//! Arithmetic on root-relative paths with forward slashes. Pure: it asks no file system.

/// The folder of a path; empty at the root.
#[must_use]
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// `relative` seen from the folder `dir`, normalised. `None` when it leaves the root or is absolute.
#[must_use]
pub fn join(dir: &str, relative: &str) -> Option<String> {
    let relative = relative.replace('\\', "/");
    if relative.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = dir.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// `path` as it is written from the folder `dir`, where it lies below it; else unchanged.
#[must_use]
pub fn relative_to<'p>(path: &'p str, dir: &str) -> &'p str {
    if dir.is_empty() {
        return path;
    }
    path.strip_prefix(dir).and_then(|rest| rest.strip_prefix('/')).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn join_normalises_and_stays_inside() {
        assert_eq!(join("a/b", "../c.bicep").as_deref(), Some("a/c.bicep"));
        assert_eq!(join("", "./x//y").as_deref(), Some("x/y"));
        assert_eq!(join("a", "..\\b").as_deref(), Some("b"));
        assert_eq!(join("a", "../../etc/passwd"), None);
        assert_eq!(join("a", "/etc/passwd"), None);
    }

    #[test]
    fn relative_to_cuts_whole_segments_only() {
        assert_eq!(relative_to("a/b/c", "a/b"), "c");
        assert_eq!(relative_to("a/bc", "a/b"), "a/bc");
    }
}
