//! Patterns that approve registries: a host, a host with a path prefix, or either with a leading `*.`.

use super::Reference;
use super::reference::{is_domain, split_port};
use crate::tree::{Kind, Part, Value};

/// What a list of approved registries is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    /// Host in lower case; after a leading `*.` only what follows it.
    host: String,
    any_label_before: bool,
    /// Not known before deployment: an own registry whose name is not known matches any registry of its service.
    unknown_label_before: bool,
    port: Option<u16>,
    path: Option<String>,
}

/// Why text is no pattern.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is no registry: write a host, a host with a path, or `*.` and a domain")]
pub struct PatternError(pub String);

/// Whether an image is from an approved registry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Approval {
    /// It is.
    Approved,
    /// It is not.
    NotApproved,
    /// It cannot be told.
    Unknown,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let bad = || PatternError(text.to_owned());
        let trimmed = text.trim().trim_end_matches('/');
        let trimmed = trimmed.strip_prefix("https://").unwrap_or(trimmed);
        let (host, path) = trimmed.split_once('/').map_or((trimmed, None), |(h, p)| (h, Some(p)));
        let (rest, any_label_before) = host.strip_prefix("*.").map_or((host, false), |rest| (rest, true));
        let (host, port) = split_port(rest).ok_or_else(bad)?;
        if host.contains('*') || path.is_some_and(|p| p.contains('*')) || !(is_domain(rest) || any_label_before) {
            return Err(bad());
        }
        let host = match host.to_ascii_lowercase().as_str() {
            "index.docker.io" => "docker.io".to_owned(),
            host => host.to_owned(),
        };
        Ok(Self { host, any_label_before, unknown_label_before: false, port, path: path.map(str::to_owned) })
    }

    /// The pattern of a registry of Azure whose name is not known before deployment.
    #[must_use]
    pub fn unknown_azure_registry() -> Self {
        Self {
            host: "azurecr.io".to_owned(),
            any_label_before: false,
            unknown_label_before: true,
            port: None,
            path: None,
        }
    }

    fn fits_host(&self, host: &str) -> bool {
        let below =
            || host.strip_suffix(self.host.as_str()).is_some_and(|label| label.len() > 1 && label.ends_with('.'));
        if self.any_label_before || self.unknown_label_before { below() } else { host == self.host }
    }

    /// Whether it approves something on a host.
    #[must_use]
    pub fn names_host(&self, host: &str) -> bool {
        self.fits_host(&host.to_ascii_lowercase())
    }

    fn fits_port(&self, port: Option<u16>) -> bool {
        match self.port {
            Some(_) => port == self.port,
            None => matches!(port, None | Some(443)),
        }
    }

    fn fits_path(&self, repository: &str) -> bool {
        self.path.as_deref().is_none_or(|prefix| {
            repository.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Whether it approves a reference.
    #[must_use]
    pub fn approves(&self, reference: &Reference) -> Approval {
        if !(self.fits_host(&reference.host) && self.fits_port(reference.port) && self.fits_path(&reference.repository))
        {
            Approval::NotApproved
        } else if self.unknown_label_before {
            Approval::Unknown
        } else {
            Approval::Approved
        }
    }

    /// Whether a host that ends in known text could fit, and whether it surely does.
    fn fits_suffix(&self, suffix: &str) -> Approval {
        let suffix = suffix.to_ascii_lowercase();
        let dotted = format!(".{}", self.host);
        if self.any_label_before && suffix.ends_with(&dotted) {
            Approval::Approved
        } else if dotted.ends_with(&suffix) || suffix.ends_with(&dotted) || self.host.ends_with(&suffix) {
            Approval::Unknown
        } else {
            Approval::NotApproved
        }
    }

    /// Judges an image value by a list of patterns. `None` when it is no image reference at all.
    #[must_use]
    pub fn judge(patterns: &[Self], image: &Value) -> Option<Approval> {
        match &image.kind {
            Kind::String(text) => {
                let reference = Reference::parse(text).ok()?;
                Some(best(patterns.iter().map(|p| p.approves(&reference))))
            }
            Kind::Parts(parts) => Some(judge_parts(patterns, parts)),
            Kind::Unknown(_) => Some(Approval::Unknown),
            _ => None,
        }
    }
}

fn best(verdicts: impl Iterator<Item = Approval>) -> Approval {
    verdicts.fold(Approval::NotApproved, |best, next| match (best, next) {
        (Approval::Approved, _) | (_, Approval::Approved) => Approval::Approved,
        (Approval::Unknown, _) | (_, Approval::Unknown) => Approval::Unknown,
        _ => Approval::NotApproved,
    })
}

/// A partly known image: its registry is known when the text before the first unknown holds a slash; else the
/// registry's end may be known, as in `${unknown}.azurecr.io/app`.
fn judge_parts(patterns: &[Pattern], parts: &[Part]) -> Approval {
    match parts.first() {
        Some(Part::Text(text)) if text.contains('/') => {
            // What follows an unknown piece of the path or tag cannot make another registry of it.
            let (known, _) = text.rsplit_once('/').unwrap_or((text, ""));
            let whole = Reference::parse(&format!("{known}/x"));
            let Ok(mut reference) = whole else {
                return Approval::Unknown;
            };
            reference.repository = reference.repository.strip_suffix("/x").unwrap_or_default().to_owned();
            best(patterns.iter().map(|p| match p.approves(&reference) {
                Approval::NotApproved if p.fits_host(&reference.host) && p.fits_port(reference.port) => {
                    let longer = p.path.as_deref().is_some_and(|path| path.starts_with(reference.repository.as_str()));
                    if longer { Approval::Unknown } else { Approval::NotApproved }
                }
                verdict => verdict,
            }))
        }
        Some(Part::Unknown(_)) => match parts.get(1) {
            Some(Part::Text(text)) if text.starts_with('.') && text.contains('/') => {
                let (suffix, path) = text.split_once('/').unwrap_or((text, ""));
                let known_path = parts.len() == 2;
                best(patterns.iter().map(|p| match p.fits_suffix(suffix) {
                    Approval::Approved if p.path.is_some() && !(known_path && p.fits_path(untagged(path))) => {
                        Approval::Unknown
                    }
                    verdict => verdict,
                }))
            }
            _ => Approval::Unknown,
        },
        _ => Approval::Unknown,
    }
}

fn untagged(path: &str) -> &str {
    path.split(['@', ':']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::tree::{Reason, Unknown, WaitsFor};

    fn judge(pattern: &str, image: &str) -> bool {
        let patterns = [Pattern::parse(pattern).unwrap()];
        Pattern::judge(&patterns, &Value::string(image, Span::NONE)) == Some(Approval::Approved)
    }

    #[test]
    fn hosts_paths_and_wildcards() {
        for (pattern, image, approved) in [
            ("contoso.azurecr.io", "contoso.azurecr.io/app:v1", true),
            ("contoso.azurecr.io/", "contoso.azurecr.io/app", true),
            ("contoso.azurecr.io", "contoso.azurecr.io:443/app", true),
            ("contoso.azurecr.io", "contoso.azurecr.io:5000/app", false),
            ("contoso.azurecr.io:5000", "contoso.azurecr.io:5000/app", true),
            ("contoso.azurecr.io:5000", "contoso.azurecr.io/app", false),
            ("contoso.azurecr.io/team", "contoso.azurecr.io/team/x", true),
            ("contoso.azurecr.io/team", "contoso.azurecr.io/team:1", true),
            ("contoso.azurecr.io/team", "contoso.azurecr.io/team-b/x", false),
            ("*.azurecr.io", "a.azurecr.io/x", true),
            ("*.azurecr.io", "a.b.azurecr.io/x", true),
            ("*.azurecr.io", "azurecr.io/x", false),
            ("*.azurecr.io", "evil.azurecr.io.example.com/x", false),
            ("*.azurecr.io", "example.com/azurecr.io/x", false),
            ("*.azurecr.io", "evilazurecr.io/x", false),
            ("docker.io/library", "nginx", true),
            ("docker.io/library", "bitnami/nginx", false),
            ("docker.io", "index.docker.io/x/y", true),
            ("Contoso.AzureCR.io", "contoso.azurecr.io/x", true),
        ] {
            assert_eq!(judge(pattern, image), approved, "{pattern} {image}");
        }
        for text in ["", "contoso", "a*.io", "*"] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn partly_known_images() {
        let unknown = || Part::Unknown(std::sync::Arc::new(Unknown::new(Reason::Runtime, WaitsFor::Nothing)));
        let value = |parts: Vec<Part>| Value::new(Kind::Parts(parts.into()), Span::NONE);
        let patterns = |text: &str| vec![Pattern::parse(text).unwrap()];
        let ends = || value(vec![unknown(), Part::Text(".azurecr.io/app:v1".into())]);
        assert_eq!(Pattern::judge(&patterns("*.azurecr.io"), &ends()), Some(Approval::Approved));
        assert_eq!(Pattern::judge(&patterns("contoso.azurecr.io"), &ends()), Some(Approval::Unknown));
        assert_eq!(Pattern::judge(&patterns("docker.io"), &ends()), Some(Approval::NotApproved));
        let begins = || value(vec![Part::Text("docker.io/library/nginx:".into()), unknown()]);
        assert_eq!(Pattern::judge(&patterns("docker.io"), &begins()), Some(Approval::Approved));
        assert_eq!(Pattern::judge(&patterns("mcr.microsoft.com"), &begins()), Some(Approval::NotApproved));
        assert_eq!(Pattern::judge(&[Pattern::unknown_azure_registry()], &begins()), Some(Approval::NotApproved));
        let own = Value::string("contoso.azurecr.io/app", Span::NONE);
        assert_eq!(Pattern::judge(&[Pattern::unknown_azure_registry()], &own), Some(Approval::Unknown));
    }
}
