//! One resolved object, Azure's or Kubernetes', of one stamp or of all that share it.

use std::sync::Arc;

use crate::source::Span;
use crate::tree::{Text, Unknown, Value};

/// A resolved object. Stamps that take it from the same file share one `Arc`.
#[derive(Debug)]
pub struct Resource {
    /// What it is called.
    pub identity: Identity,
    /// All of it: the manifest, or Azure's resource with `type`, `apiVersion`, `name`, `location`, `properties`, ...
    pub body: Value,
    /// Where it is declared: a manifest's `kind` value, an ARM resource's `type` value, a Bicep resource's symbolic name.
    pub declared: Span,
    /// Whether it will be there.
    pub existence: Existence,
    /// Azure's `existing`: read by the template, deployed by somebody else.
    pub existing: bool,
    /// The deployment that it belongs to, by id; none for manifests.
    pub deployment: Option<Text>,
    /// The chart template that Helm names above it.
    pub rendered_from: Option<Text>,
    /// The module calls on the way to it, the outermost first.
    pub calls: Arc<[Span]>,
}

/// What a resource is called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Identity {
    /// A Kubernetes object.
    Kubernetes {
        /// `apps/v1`.
        api_version: Text,
        /// `Deployment`.
        kind: Text,
        /// As written; absent for cluster-wide objects and for those that leave it out.
        namespace: Option<Text>,
        /// `metadata.name`, else `metadata.generateName`, else empty.
        name: Text,
    },
    /// An Azure resource.
    Azure {
        /// `Microsoft.ContainerService/managedClusters`, as the template writes it.
        ty: Text,
        /// `2024-02-01`.
        api_version: Text,
        /// Its name with its parents', `registry/replica`; unknown pieces stand as `…`.
        name: Text,
        /// Its resource id as far as it is known: a string or one of parts.
        id: Value,
    },
}

/// Whether a resource will be there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Existence {
    /// It is deployed.
    Exists,
    /// Its condition is not known: it satisfies no other rule, and its own failures are *possible*.
    MayExist(Arc<Unknown>),
}

impl Resource {
    /// Its Kubernetes kind; empty for Azure resources.
    #[must_use]
    pub fn kind(&self) -> &str {
        match &self.identity {
            Identity::Kubernetes { kind, .. } => kind,
            Identity::Azure { .. } => "",
        }
    }

    /// Its Kubernetes API group: `apps` of `apps/v1`, empty for the core group and for Azure resources.
    #[must_use]
    pub fn group(&self) -> &str {
        match &self.identity {
            Identity::Kubernetes { api_version, .. } => api_version.rsplit_once('/').map_or("", |(group, _)| group),
            Identity::Azure { .. } => "",
        }
    }

    /// Its Azure type as written; empty for Kubernetes objects.
    #[must_use]
    pub fn azure_type(&self) -> &str {
        match &self.identity {
            Identity::Azure { ty, .. } => ty,
            Identity::Kubernetes { .. } => "",
        }
    }

    /// Whether it is an Azure resource of this type, without regard to case.
    #[must_use]
    pub fn is_azure(&self, ty: &str) -> bool {
        self.azure_type().eq_ignore_ascii_case(ty)
    }

    /// Whether it is a Kubernetes object.
    #[must_use]
    pub fn is_kubernetes(&self) -> bool {
        matches!(self.identity, Identity::Kubernetes { .. })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.identity {
            Identity::Kubernetes { name, .. } | Identity::Azure { name, .. } => name,
        }
    }

    /// The namespace that it is in; `default` where a namespaced object names none. Empty for Azure resources.
    #[must_use]
    pub fn namespace(&self) -> &str {
        match &self.identity {
            Identity::Kubernetes { namespace, .. } => namespace.as_deref().unwrap_or("default"),
            Identity::Azure { .. } => "",
        }
    }

    /// Whether it is there only while somebody tests a release of a Helm chart, or takes it away: what a release runs
    /// while it serves is no test, even where a test runs it again.
    #[must_use]
    pub fn is_test_hook(&self) -> bool {
        const TESTS: [&str; 3] = ["test", "test-success", "test-failure"];
        const AT_THE_END: [&str; 2] = ["pre-delete", "post-delete"];
        let annotations = self.body.get("metadata").and_then(|m| m.get("annotations"));
        let hooks = annotations.and_then(|a| a.get("helm.sh/hook")).and_then(Value::as_str).unwrap_or_default();
        let mut hooks = hooks.split(',').map(str::trim);
        self.is_kubernetes()
            && hooks.clone().any(|hook| TESTS.contains(&hook))
            && hooks.all(|hook| TESTS.contains(&hook) || AT_THE_END.contains(&hook))
    }

    /// `Kind/namespace/name`, or `type/name`: how suppressions and reports call it.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.identity {
            Identity::Kubernetes { kind, namespace: Some(namespace), name, .. } => format!("{kind}/{namespace}/{name}"),
            Identity::Kubernetes { kind, name, .. } => format!("{kind}/{name}"),
            Identity::Azure { ty, name, .. } => format!("{ty}/{name}"),
        }
    }

    /// What a message calls it: `Deployment \`api\``, `cluster \`aks-1\``.
    #[must_use]
    pub fn noun(&self) -> String {
        match &self.identity {
            Identity::Kubernetes { kind, name, .. } if name.is_empty() => format!("a {kind} without a name"),
            Identity::Kubernetes { kind, name, .. } => format!("{kind} `{name}`"),
            Identity::Azure { ty, name, .. } => {
                let noun = azure_noun(ty);
                format!("{noun} `{name}`")
            }
        }
    }
}

/// What people call resources whose type says it badly: the end of the type in lower case, and the word.
const NOUNS: &[(&str, &str)] = &[
    ("managedclusters", "cluster"),
    ("managedclusters/agentpools", "node pool"),
    ("applicationgateways", "gateway"),
    ("applicationgatewaywebapplicationfirewallpolicies", "WAF policy"),
    ("frontdoorwebapplicationfirewallpolicies", "Front Door WAF policy"),
    ("virtualnetworks", "network"),
    ("virtualnetworks/subnets", "subnet"),
    ("networksecuritygroups", "security group"),
    ("networksecuritygroups/securityrules", "security rule"),
    ("publicipaddresses", "public address"),
    ("azurefirewalls", "firewall"),
    ("firewallpolicies", "firewall policy"),
    ("containerregistry/registries", "registry"),
    ("storageaccounts", "storage account"),
    ("policyassignments", "policy assignment"),
    ("roleassignments", "role assignment"),
    ("maintenanceconfigurations", "maintenance window"),
    ("privatednszones", "private zone"),
    ("keyvault/vaults", "vault"),
    ("loadbalancers", "load balancer"),
    ("databaseaccounts", "database account"),
    ("origingroups", "origin group"),
];

/// What messages call a resource of an Azure type: a word of the table, else the type's last part without its plural.
fn azure_noun(ty: &str) -> String {
    let lower = ty.to_ascii_lowercase();
    let ends = |end: &str| lower.strip_suffix(end).is_some_and(|before| before.ends_with(['/', '.']));
    let known = NOUNS.iter().filter(|(end, _)| ends(end)).max_by_key(|(end, _)| end.len());
    if let Some((_, noun)) = known {
        return (*noun).to_owned();
    }
    let last = ty.rsplit('/').next().unwrap_or(ty);
    match last.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => last.strip_suffix('s').unwrap_or(last).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::azure_noun;

    #[test]
    fn nouns_are_words_of_people() {
        for (ty, noun) in [
            ("Microsoft.ContainerService/managedClusters", "cluster"),
            ("Microsoft.ContainerService/managedClusters/agentPools", "node pool"),
            ("Microsoft.ContainerRegistry/registries", "registry"),
            ("Microsoft.KeyVault/vaults", "vault"),
            ("Microsoft.Insights/actionGroups", "actionGroup"),
            ("Microsoft.Example/policies", "policy"),
        ] {
            assert_eq!(azure_noun(ty), noun);
        }
    }
}
