//! The config's `drift`, read once: what may differ between stamps, and which stamps run ahead.

use globset::{Glob, GlobBuilder, GlobMatcher};

use super::{Drift, Stamp};
use crate::tree::{Path, Value};

/// What may differ: globs over parameters, property paths and types.
#[derive(Clone, Debug, Default)]
pub struct Allowed {
    parameters: Vec<GlobMatcher>,
    paths: Vec<GlobMatcher>,
    types: Vec<GlobMatcher>,
}

impl Allowed {
    /// Reads `drift.allow`. What is no pattern was a fault of the config, and allows nothing.
    #[must_use]
    pub fn of(drift: &Drift) -> Self {
        let of = |texts: Vec<&str>| texts.into_iter().filter_map(|t| matcher(t).ok()).collect();
        let below = |key: &str| drift.allow.iter().filter_map(|v| v.get(key).and_then(Value::as_str)).collect();
        Self {
            parameters: of(drift.allow.iter().filter_map(Value::as_str).collect()),
            paths: of(below("path")),
            types: of(below("type")),
        }
    }

    /// Whether a parameter may differ. Names compare without regard to case, as Bicep's and ARM's do.
    #[must_use]
    pub fn parameter(&self, name: &str) -> bool {
        self.parameters.iter().any(|glob| glob.is_match(name))
    }

    /// Whether a property may differ: the whole of its path fits, or what it lies in.
    #[must_use]
    pub fn path(&self, path: &Path) -> bool {
        if self.paths.is_empty() {
            return false;
        }
        let prefixes = (1..=path.0.len()).map(|n| Path(path.0.iter().take(n).cloned().collect()).to_string());
        prefixes.into_iter().any(|text| self.paths.iter().any(|glob| glob.is_match(&text)))
    }

    /// Whether resources of a type, or of a group and kind, may differ; a kind alone stands for any group.
    #[must_use]
    pub fn kind(&self, kind: &str) -> bool {
        let alone = kind.rsplit('/').next().unwrap_or(kind);
        self.types.iter().any(|glob| glob.is_match(kind) || glob.is_match(alone))
    }
}

/// Whether a stamp runs ahead on purpose.
#[must_use]
pub fn runs_ahead(drift: &Drift, stamp: &Stamp) -> bool {
    drift.rollout.iter().filter_map(Value::as_str).any(|name| *name == *stamp.name)
}

/// A pattern of `drift.allow`.
///
/// # Errors
/// What is wrong with it.
pub fn matcher(text: &str) -> Result<GlobMatcher, String> {
    let built: Result<Glob, _> = GlobBuilder::new(text).case_insensitive(true).backslash_escape(true).build();
    built.map(|g| g.compile_matcher()).map_err(|e| format!("`{text}` is no pattern: {}", e.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;
    use crate::source::Span;
    use crate::tree::Entry;

    #[test]
    fn parameters_paths_and_types() {
        let string = |t: &str| Value::string(t, Span::NONE);
        let map = |key: &str, t: &str| Value::map(vec![Entry::new(key, Span::NONE, string(t))], Span::NONE);
        let allow = vec![
            string("*AddressPrefix"),
            map("path", "spec.replicas"),
            map("path", "properties.*.count"),
            map("path", "metadata.labels"),
            map("type", "Microsoft.Authorization/*"),
            map("type", "ConfigMap"),
            string("["),
        ];
        let allowed = Allowed::of(&Drift { allow, rollout: Vec::new() });
        assert!(allowed.parameter("vnetaddressprefix") && !allowed.parameter("prefix"));
        assert!(allowed.path(&path!["Spec", "replicas"]) && !allowed.path(&path!["spec", "replica"]));
        assert!(allowed.path(&path!["properties", "pools", "count"]));
        assert!(allowed.path(&path!["metadata", "labels", "app"]) && !allowed.path(&path!["metadata", "name"]));
        assert!(allowed.kind("microsoft.authorization/roleassignments") && allowed.kind("/ConfigMap"));
        assert!(!allowed.kind("apps/Deployment") && matcher("[").is_err());
    }
}
