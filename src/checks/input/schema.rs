//! The fields that this catalogue relies on, and what the API takes there.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::Resource;
use crate::tree::{Kind, Number, Value};

/// What the API takes.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A whole number.
    Integer,
    /// A whole number or a string (a percentage, a port's name).
    IntegerOrText,
    /// A truth value.
    Boolean,
    /// A string.
    Text,
    /// A list.
    List,
    /// A map.
    Map,
    /// A map from strings to strings.
    Labels,
    /// An address range, `10.0.0.0/16`.
    Range,
    /// An address or an address range.
    AddressOrRange,
    /// A string of these, compared exactly.
    OneOf(&'static [&'static str]),
    /// An availability zone of a node pool or another zonal resource: 1, 2 or 3.
    Zone,
}

/// Below the `spec` of a pod.
pub const POD: &[(&str, Type)] = &[
    ("containers", Type::List),
    ("initContainers", Type::List),
    ("ephemeralContainers", Type::List),
    ("volumes", Type::List),
    ("tolerations", Type::List),
    ("topologySpreadConstraints", Type::List),
    ("topologySpreadConstraints[].labelSelector", Type::Map),
    ("topologySpreadConstraints[].maxSkew", Type::Integer),
    ("topologySpreadConstraints[].topologyKey", Type::Text),
    ("topologySpreadConstraints[].whenUnsatisfiable", Type::OneOf(&["DoNotSchedule", "ScheduleAnyway"])),
    ("containers[]", Type::Map),
    ("initContainers[]", Type::Map),
    ("ephemeralContainers[]", Type::Map),
    ("topologySpreadConstraints[]", Type::Map),
    ("affinity", Type::Map),
    ("affinity.podAntiAffinity", Type::Map),
    ("affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution", Type::List),
    ("affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution", Type::List),
    ("nodeSelector", Type::Labels),
    ("hostNetwork", Type::Boolean),
    ("hostPID", Type::Boolean),
    ("hostIPC", Type::Boolean),
    ("automountServiceAccountToken", Type::Boolean),
    ("serviceAccountName", Type::Text),
    ("securityContext", Type::Map),
    ("securityContext.runAsNonRoot", Type::Boolean),
    ("securityContext.runAsUser", Type::Integer),
];

/// Below each container.
pub const CONTAINER: &[(&str, Type)] = &[
    ("image", Type::Text),
    ("ports", Type::List),
    ("ports[].containerPort", Type::Integer),
    ("ports[].hostPort", Type::Integer),
    ("env", Type::List),
    ("volumeMounts", Type::List),
    ("resources", Type::Map),
    ("securityContext", Type::Map),
    ("securityContext.privileged", Type::Boolean),
    ("securityContext.allowPrivilegeEscalation", Type::Boolean),
    ("securityContext.readOnlyRootFilesystem", Type::Boolean),
    ("securityContext.runAsNonRoot", Type::Boolean),
    ("securityContext.runAsUser", Type::Integer),
    ("securityContext.capabilities", Type::Map),
    ("securityContext.capabilities.add", Type::List),
    ("securityContext.capabilities.drop", Type::List),
];

/// API group, kind (`*` any), path of a label selector. Those of pods are in [`POD_SELECTORS`].
pub const SELECTORS: &[(&str, &str, &str)] = &[
    ("apps", "*", "spec.selector"),
    ("policy", "PodDisruptionBudget", "spec.selector"),
    ("networking.k8s.io", "NetworkPolicy", "spec.podSelector"),
    ("networking.k8s.io", "NetworkPolicy", "spec.ingress[].from[].podSelector"),
    ("networking.k8s.io", "NetworkPolicy", "spec.ingress[].from[].namespaceSelector"),
    ("cilium.io", "*", "spec.endpointSelector"),
    ("cilium.io", "*", "specs[].endpointSelector"),
];

/// Label selectors below the `spec` of a pod.
pub const POD_SELECTORS: &[&str] = &[
    "topologySpreadConstraints[].labelSelector",
    "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[].labelSelector",
    "affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm.labelSelector",
];

/// What a selector's `operator` may be.
pub const OPERATORS: &[&str] = &["In", "NotIn", "Exists", "DoesNotExist"];
const POLICY_TYPES: &[&str] = &["Ingress", "Egress"];

/// API group, kind (`*` any), path, type.
const KUBERNETES: &[(&str, &str, &str, Type)] = &[
    ("*", "*", "metadata", Type::Map),
    ("*", "*", "metadata.labels", Type::Labels),
    ("*", "*", "metadata.annotations", Type::Labels),
    ("*", "*", "metadata.name", Type::Text),
    ("*", "*", "metadata.namespace", Type::Text),
    ("apps", "*", "spec", Type::Map),
    ("apps", "*", "spec.replicas", Type::Integer),
    ("apps", "*", "spec.selector", Type::Map),
    ("apps", "*", "spec.template", Type::Map),
    ("apps", "*", "spec.template.spec", Type::Map),
    ("batch", "*", "spec", Type::Map),
    ("batch", "Job", "spec.template", Type::Map),
    ("batch", "Job", "spec.template.spec", Type::Map),
    ("batch", "CronJob", "spec.jobTemplate", Type::Map),
    ("batch", "CronJob", "spec.jobTemplate.spec", Type::Map),
    ("batch", "CronJob", "spec.jobTemplate.spec.template", Type::Map),
    ("batch", "CronJob", "spec.jobTemplate.spec.template.spec", Type::Map),
    ("", "Pod", "spec", Type::Map),
    ("argoproj.io", "Rollout", "spec.replicas", Type::Integer),
    ("autoscaling", "HorizontalPodAutoscaler", "spec.minReplicas", Type::Integer),
    ("autoscaling", "HorizontalPodAutoscaler", "spec.maxReplicas", Type::Integer),
    ("keda.sh", "ScaledObject", "spec.minReplicaCount", Type::Integer),
    ("policy", "PodDisruptionBudget", "spec.minAvailable", Type::IntegerOrText),
    ("policy", "PodDisruptionBudget", "spec.maxUnavailable", Type::IntegerOrText),
    ("", "Service", "spec", Type::Map),
    ("", "Service", "spec.ports", Type::List),
    ("", "Service", "spec.ports[].port", Type::Integer),
    ("", "Service", "spec.ports[].nodePort", Type::Integer),
    ("", "Service", "spec.selector", Type::Labels),
    ("", "Service", "spec.type", Type::OneOf(&["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"])),
    ("networking.k8s.io", "Ingress", "spec.rules", Type::List),
    ("networking.k8s.io", "Ingress", "spec.rules[].host", Type::Text),
    ("networking.k8s.io", "Ingress", "spec.tls", Type::List),
    ("networking.k8s.io", "NetworkPolicy", "spec", Type::Map),
    ("networking.k8s.io", "NetworkPolicy", "spec.podSelector", Type::Map),
    ("networking.k8s.io", "NetworkPolicy", "spec.policyTypes", Type::List),
    ("networking.k8s.io", "NetworkPolicy", "spec.policyTypes[]", Type::OneOf(POLICY_TYPES)),
    ("networking.k8s.io", "NetworkPolicy", "spec.ingress", Type::List),
    ("networking.k8s.io", "NetworkPolicy", "spec.ingress[]", Type::Map),
    ("networking.k8s.io", "NetworkPolicy", "spec.ingress[].from", Type::List),
    ("networking.k8s.io", "NetworkPolicy", "spec.ingress[].from[]", Type::Map),
    ("networking.k8s.io", "NetworkPolicy", "spec.ingress[].from[].podSelector", Type::Map),
    ("networking.k8s.io", "NetworkPolicy", "spec.ingress[].from[].namespaceSelector", Type::Map),
    ("networking.k8s.io", "NetworkPolicy", "spec.ingress[].from[].ipBlock", Type::Map),
    ("networking.k8s.io", "NetworkPolicy", "spec.ingress[].from[].ipBlock.cidr", Type::Range),
    ("networking.k8s.io", "NetworkPolicy", "spec.ingress[].from[].ipBlock.except[]", Type::Range),
    ("networking.k8s.io", "NetworkPolicy", "spec.egress", Type::List),
    ("networking.k8s.io", "NetworkPolicy", "spec.egress[].to[].ipBlock.cidr", Type::Range),
    ("cilium.io", "*", "spec.ingress", Type::List),
    ("cilium.io", "*", "spec.ingress[].fromCIDR[]", Type::AddressOrRange),
    ("cilium.io", "*", "spec.ingress[].fromCIDRSet[].cidr", Type::AddressOrRange),
    ("projectcalico.org", "*", "spec.selector", Type::Text),
    ("projectcalico.org", "*", "spec.types[]", Type::OneOf(POLICY_TYPES)),
    ("projectcalico.org", "*", "spec.ingress", Type::List),
    ("projectcalico.org", "*", "spec.ingress[].source.nets[]", Type::AddressOrRange),
    ("storage.k8s.io", "StorageClass", "parameters", Type::Labels),
    ("storage.k8s.io", "StorageClass", "volumeBindingMode", Type::OneOf(&["Immediate", "WaitForFirstConsumer"])),
];

/// The rows of [`KUBERNETES`] that are for a resource: path and type.
pub fn rows(resource: &Resource) -> impl Iterator<Item = (&'static str, Type)> + use<'_> {
    let rows = KUBERNETES.iter().filter(|(g, k, _, _)| is_for(g, k, resource));
    rows.map(|(_, _, pattern, ty)| (*pattern, *ty))
}

/// Whether a row's group and kind are those of a resource.
#[must_use]
pub fn is_for(group: &str, kind: &str, resource: &Resource) -> bool {
    let of = resource.group();
    (kind == "*" || kind == resource.kind())
        && (group == "*" || group == of || (group == "projectcalico.org" && of == "crd.projectcalico.org"))
}

/// Azure resource type, path, type.
pub const AZURE: &[(&str, &str, Type)] = &[
    ("microsoft.containerservice/managedclusters", "properties.disableLocalAccounts", Type::Boolean),
    ("microsoft.containerservice/managedclusters", "properties.enableRBAC", Type::Boolean),
    ("microsoft.containerservice/managedclusters", "properties.networkProfile", Type::Map),
    ("microsoft.containerservice/managedclusters", "properties.networkProfile.networkPolicy", Type::Text),
    ("microsoft.containerservice/managedclusters", "properties.networkProfile.serviceCidr", Type::Range),
    ("microsoft.containerservice/managedclusters", "properties.networkProfile.podCidr", Type::Range),
    ("microsoft.containerservice/managedclusters", "properties.apiServerAccessProfile.authorizedIPRanges", Type::List),
    (
        "microsoft.containerservice/managedclusters",
        "properties.apiServerAccessProfile.authorizedIPRanges[]",
        Type::AddressOrRange,
    ),
    (
        "microsoft.containerservice/managedclusters",
        "properties.apiServerAccessProfile.enablePrivateCluster",
        Type::Boolean,
    ),
    ("microsoft.containerservice/managedclusters", "properties.agentPoolProfiles", Type::List),
    ("microsoft.containerservice/managedclusters", "properties.agentPoolProfiles[].availabilityZones", Type::List),
    ("microsoft.containerservice/managedclusters", "properties.agentPoolProfiles[].availabilityZones[]", Type::Zone),
    ("microsoft.containerservice/managedclusters", "properties.agentPoolProfiles[].count", Type::Integer),
    ("microsoft.containerservice/managedclusters", "properties.agentPoolProfiles[].minCount", Type::Integer),
    ("microsoft.containerservice/managedclusters", "properties.agentPoolProfiles[].maxCount", Type::Integer),
    ("microsoft.containerservice/managedclusters", "properties.agentPoolProfiles[].enableAutoScaling", Type::Boolean),
    ("microsoft.containerservice/managedclusters", "properties.agentPoolProfiles[].maxPods", Type::Integer),
    ("microsoft.containerservice/managedclusters/agentpools", "properties.availabilityZones", Type::List),
    ("microsoft.containerservice/managedclusters/agentpools", "properties.availabilityZones[]", Type::Zone),
    ("microsoft.containerservice/managedclusters/agentpools", "properties.count", Type::Integer),
    ("microsoft.containerservice/managedclusters/agentpools", "properties.minCount", Type::Integer),
    ("microsoft.containerservice/managedclusters/agentpools", "properties.maxCount", Type::Integer),
    ("microsoft.network/applicationgateways", "zones", Type::List),
    ("microsoft.network/applicationgateways", "zones[]", Type::Zone),
    ("microsoft.network/publicipaddresses", "zones", Type::List),
    ("microsoft.network/publicipaddresses", "zones[]", Type::Zone),
    ("microsoft.network/azurefirewalls", "zones", Type::List),
    ("microsoft.network/azurefirewalls", "zones[]", Type::Zone),
    ("microsoft.network/virtualnetworks", "properties.addressSpace.addressPrefixes", Type::List),
    ("microsoft.network/virtualnetworks", "properties.addressSpace.addressPrefixes[]", Type::Range),
    ("microsoft.network/virtualnetworks", "properties.subnets", Type::List),
    ("microsoft.network/virtualnetworks", "properties.subnets[].properties.addressPrefix", Type::Range),
    ("microsoft.network/virtualnetworks/subnets", "properties.addressPrefix", Type::Range),
];

impl Type {
    /// Whether a value is what the API takes; unknown values pass.
    #[must_use]
    pub fn takes(self, value: &Value) -> bool {
        match (&value.kind, self) {
            (Kind::Null | Kind::Unknown(_), _) => true,
            (Kind::Parts(_), kind) => {
                !matches!(kind, Self::List | Self::Map | Self::Labels | Self::Boolean | Self::Integer)
            }
            (Kind::Number(n), Self::Integer | Self::IntegerOrText) => n.as_i64().is_some(),
            (Kind::String(_), Self::IntegerOrText | Self::Text) => true,
            (Kind::Bool(_), Self::Boolean) | (Kind::List(_), Self::List) | (Kind::Map(_), Self::Map) => true,
            (Kind::Map(map), Self::Labels) => map.iter().all(|e| is_text(&e.value)),
            (Kind::String(text), Self::Range) => text.parse::<IpNet>().is_ok(),
            (Kind::String(text), Self::AddressOrRange) => {
                text.parse::<IpNet>().is_ok() || text.parse::<IpAddr>().is_ok()
            }
            (Kind::String(text), Self::OneOf(words)) => words.contains(&text.as_str()),
            (Kind::String(text), Self::Zone) => matches!(text.as_str(), "1" | "2" | "3"),
            // Azure takes the number too where a template writes it.
            (Kind::Number(Number::Int(n)), Self::Zone) => (1..=3).contains(n),
            _ => false,
        }
    }

    /// Whether it takes no text of one's own, so that a template in its place was not rendered.
    #[must_use]
    pub fn is_closed(self) -> bool {
        !matches!(self, Self::Text | Self::List | Self::Map | Self::Labels)
    }

    /// Whether it takes no string at all.
    #[must_use]
    pub fn is_no_text(self) -> bool {
        matches!(self, Self::Integer | Self::Boolean | Self::List | Self::Map | Self::Labels)
    }

    /// What it takes, for a message.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Integer => "a whole number".to_owned(),
            Self::IntegerOrText => "a whole number or a string".to_owned(),
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::Text => "a string".to_owned(),
            Self::List => "a list".to_owned(),
            Self::Map => "a map".to_owned(),
            Self::Labels => "a map of strings".to_owned(),
            Self::Range => "an address range such as `10.0.0.0/16`".to_owned(),
            Self::AddressOrRange => "an address or a range such as `10.0.0.0/16`".to_owned(),
            Self::OneOf(words) => format!("one of `{}`", words.join("`, `")),
            Self::Zone => "a zone, `1` to `3`".to_owned(),
        }
    }
}

/// Whether the API takes a value as a string; null stands for the empty one.
pub fn is_text(value: &Value) -> bool {
    matches!(value.kind, Kind::String(_) | Kind::Null | Kind::Unknown(_) | Kind::Parts(_))
}
