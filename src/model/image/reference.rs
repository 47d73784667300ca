//! An image reference, read as containerd reads it: the first part is a registry when it has a dot, a colon, a capital
//! letter or is `localhost`; anything else is a repository of Docker Hub.

/// A reference in its parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// The registry's host in lower case, without its port.
    pub host: String,
    /// The registry's port.
    pub port: Option<u16>,
    /// The repository's path, `library/` put in where Docker Hub implies it.
    pub repository: String,
    /// The tag.
    pub tag: Option<String>,
    /// The digest, `sha256:…`.
    pub digest: Option<String>,
}

/// Why text is no image reference.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReferenceError {
    /// There is nothing.
    #[error("the image is empty")]
    Empty,
    /// A part has characters or a form that references do not have.
    #[error("`{0}` is no image reference")]
    Malformed(String),
}

impl Reference {
    /// Reads a reference.
    ///
    /// # Errors
    /// When no container engine would take the text.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        let malformed = || ReferenceError::Malformed(text.to_owned());
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) if is_digest(digest) => (name, Some(digest.to_owned())),
            Some(_) => return Err(malformed()),
            None => (text, None),
        };
        let (domain, rest) = split_domain(name);
        let (repository, tag) = match rest.split_once(':') {
            Some((repository, tag)) if is_tag(tag) => (repository, Some(tag.to_owned())),
            Some(_) => return Err(malformed()),
            None => (rest, None),
        };
        if repository.is_empty() || !repository.split('/').all(is_component) {
            return Err(malformed());
        }
        let (host, port) = split_port(domain).ok_or_else(malformed)?;
        let host = match host.to_ascii_lowercase() {
            host if host == "index.docker.io" => "docker.io".to_owned(),
            host => host,
        };
        let repository = if host == "docker.io" && !repository.contains('/') {
            format!("library/{repository}")
        } else {
            repository.to_owned()
        };
        Ok(Self { host, port, repository, tag, digest })
    }

    /// The registry with its port, as messages name it.
    #[must_use]
    pub fn registry(&self) -> String {
        self.port.map_or_else(|| self.host.clone(), |port| format!("{}:{port}", self.host))
    }
}

/// The registry and the rest of a name without digest.
pub(super) fn split_domain(name: &str) -> (&str, &str) {
    match name.split_once('/') {
        Some((first, rest)) if is_domain(first) => (first, rest),
        _ => ("docker.io", name),
    }
}

/// Whether the part before the first slash is a registry.
pub(super) fn is_domain(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':']) || first.chars().any(|c| c.is_ascii_uppercase())
}

pub(super) fn split_port(domain: &str) -> Option<(&str, Option<u16>)> {
    // An IPv6 host stands in brackets.
    let after = domain.rfind(']').map_or(0, |i| i + 1);
    let (host, port) = match domain.get(after..)?.split_once(':') {
        Some((name, port)) => (domain.get(..after + name.len())?, Some(port.parse().ok()?)),
        None => (domain, None),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '[' | ']' | ':' | '_');
    (!host.is_empty() && host.chars().all(plain)).then_some((host, port))
}

fn is_component(part: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) && part.chars().all(inner)
}

fn is_tag(tag: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    tag.len() <= 128 && tag.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && tag.chars().all(inner)
}

fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, hex)| {
        !algorithm.is_empty() && hex.len() >= 32 && hex.chars().all(|c| c.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_as_containerd_reads_them() {
        let read = |text: &str| {
            let r = Reference::parse(text).unwrap();
            (r.registry(), r.repository, r.tag.unwrap_or_default(), r.digest.is_some())
        };
        let s = str::to_owned;
        let digest = format!("@sha256:{}", "a".repeat(64));
        for (text, registry, repository, tag, has_digest) in [
            ("nginx", "docker.io", "library/nginx", "", false),
            ("nginx:1.27", "docker.io", "library/nginx", "1.27", false),
            ("bitnami/redis", "docker.io", "bitnami/redis", "", false),
            ("index.docker.io/bitnami/redis:7", "docker.io", "bitnami/redis", "7", false),
            ("localhost/x", "localhost", "x", "", false),
            ("localhost:5000/x:y", "localhost:5000", "x", "y", false),
            ("CONTOSO.azurecr.io/team/app:v1", "contoso.azurecr.io", "team/app", "v1", false),
            ("registry:5000/app", "registry:5000", "app", "", false),
            ("docker.io/nginx", "docker.io", "library/nginx", "", false),
            (&format!("mcr.microsoft.com/oss/x:1{digest}"), "mcr.microsoft.com", "oss/x", "1", true),
        ] {
            assert_eq!(read(text), (s(registry), s(repository), s(tag), has_digest), "{text}");
        }
    }

    #[test]
    fn what_no_engine_takes() {
        for text in ["", "a b", "nginx:", "x.io/", "UPPER/case/Repo", "x@sha256:12", "x.io:port/y", "-a/b"] {
            assert!(Reference::parse(text).is_err(), "{text}");
        }
    }
}
