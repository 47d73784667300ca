//! What a resource is called: group, version, kind, name and namespace, and which kinds are cluster-wide.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::tree::Text;

/// Group, version and kind; as a selector, empty parts match any.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Gvk {
    pub group: Text,
    pub version: Text,
    pub kind: Text,
}

impl Gvk {
    pub fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self { group: group.into(), version: version.into(), kind: kind.into() }
    }

    #[cfg(test)]
    pub fn of_kind(kind: &str) -> Self {
        Self { kind: kind.into(), ..Self::default() }
    }

    pub fn api_version(&self) -> Text {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            compact_str::format_compact!("{}/{}", self.group, self.version)
        }
    }

    /// Whether each part that the selector gives is the same.
    pub fn is_selected_by(&self, selector: &Self) -> bool {
        let matches = |wanted: &Text, held: &Text| wanted.is_empty() || wanted == held;
        matches(&selector.group, &self.group)
            && matches(&selector.version, &self.version)
            && matches(&selector.kind, &self.kind)
    }

    /// Whether kustomize knows it to be cluster-wide.
    pub fn is_cluster_wide(&self) -> bool {
        CLUSTER_WIDE.get(self.kind.as_str()).is_some_and(|versions| versions.contains(&self.api_version().as_str()))
    }

    /// The order in which kustomize goes through kinds.
    pub fn rank(&self) -> (i32, String) {
        (order(&self.kind, FIRST, LAST), self.sort_text())
    }

    pub fn sort_text(&self) -> String {
        let or = |text: &Text, none: &str| {
            if text.is_empty() { none.to_owned() } else { text.to_string() }
        };
        format!("{}_{}_{}", or(&self.group, "~G"), or(&self.version, "~V"), or(&self.kind, "~K"))
    }
}

/// The kinds that go first, and the kinds that go last.
pub(super) const FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
pub(super) const LAST: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// The place of a kind among the first and last ones; 0 for the others.
pub(super) fn order<S: AsRef<str>>(kind: &str, first: &[S], last: &[S]) -> i32 {
    let position = |list: &[S]| list.iter().rposition(|k| k.as_ref() == kind).and_then(|i| i32::try_from(i).ok());
    let length = i32::try_from(first.len()).unwrap_or(i32::MAX);
    match (position(last), position(first)) {
        (Some(i), _) => i + 1,
        (None, Some(i)) => i - length,
        (None, None) => 0,
    }
}

static CLUSTER_WIDE: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    include_str!("data/cluster_wide.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.collect()))
        })
        .collect()
});

/// The namespace of what is in none.
pub(super) const NO_NAMESPACE: &str = "_non_namespaceable_";

/// A resource's id, now or at an earlier time of the build.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct ResId {
    pub gvk: Gvk,
    pub name: Text,
    /// As written; empty where it is not.
    pub namespace: Text,
    pub cluster_wide: bool,
}

impl ResId {
    /// The namespace that it is in.
    pub fn effective_namespace(&self) -> &str {
        if self.cluster_wide {
            NO_NAMESPACE
        } else if self.namespace.is_empty() {
            "default"
        } else {
            &self.namespace
        }
    }

    /// Whether both name one resource.
    pub fn same(&self, other: &Self) -> bool {
        self.name == other.name && self.gvk == other.gvk && self.same_namespace(other)
    }

    pub fn same_namespace(&self, other: &Self) -> bool {
        self.effective_namespace() == other.effective_namespace()
    }

    /// Whether both have one name and kind, wherever.
    pub fn same_name(&self, other: &Self) -> bool {
        self.name == other.name && self.gvk == other.gvk
    }
}

impl std::fmt::Display for ResId {
    /// As people write it: `Deployment default/app`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.gvk.kind)?;
        f.write_str(" ")?;
        if !self.namespace.is_empty() && !self.cluster_wide {
            write!(f, "{}/", self.namespace)?;
        }
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cluster_wide_kinds_are_told_by_version_too() {
        assert!(Gvk::new("v1", "Namespace").is_cluster_wide());
        assert!(Gvk::new("rbac.authorization.k8s.io/v1", "ClusterRole").is_cluster_wide());
        assert!(!Gvk::new("example.com/v1", "ClusterRole").is_cluster_wide());
    }

    #[test]
    fn kinds_have_their_places() {
        assert!(Gvk::new("v1", "Namespace").rank() < Gvk::new("v1", "Pod").rank());
        let webhook = Gvk::new("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration");
        assert!(Gvk::new("v1", "Pod").rank() < webhook.rank());
    }
}
