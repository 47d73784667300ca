//! Where pods stand: the pod template of each workload kind, known custom kinds included, and their containers.
//!
//! Rules ask for pods here and never keep a table of kinds themselves.

use crate::model::Resource;
use crate::path;
use crate::tree::{Case, Path, Value};

/// A pod template within a resource; for a Pod, the Pod itself.
#[derive(Clone, Debug)]
pub struct PodTemplate<'r> {
    /// Where `metadata` and `spec` stand; the root for a Pod.
    pub path: Path,
    /// `metadata`, if there is one.
    pub metadata: Option<&'r Value>,
    /// `spec`.
    pub spec: &'r Value,
}

/// A container of a pod.
#[derive(Clone, Debug)]
pub struct Container<'r> {
    /// Where it stands in the resource.
    pub path: Path,
    /// Which of the three lists holds it.
    pub kind: ContainerKind,
    /// All of it.
    pub value: &'r Value,
}

impl Container<'_> {
    /// What a message calls it; Knative's containers need no name.
    #[must_use]
    pub fn noun(&self) -> String {
        match self.value.get("name").and_then(Value::as_str).filter(|n| !n.is_empty()) {
            Some(name) => format!("container `{name}`"),
            None => "a container".to_owned(),
        }
    }
}

/// Which list holds a container.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ContainerKind {
    /// `containers`.
    Container,
    /// `initContainers`.
    Init,
    /// `ephemeralContainers`.
    Ephemeral,
}

/// API group and kind, and the dotted path of the map that holds `metadata` and `spec` of the pod. In the form of
/// [`Value::select`]. Custom kinds: those whose schema embeds a whole pod template.
const TEMPLATES: &[(&str, &str, &str)] = &[
    ("", "Pod", ""),
    ("", "PodTemplate", "template"),
    ("", "ReplicationController", "spec.template"),
    ("apps", "Deployment", "spec.template"),
    ("apps", "StatefulSet", "spec.template"),
    ("apps", "DaemonSet", "spec.template"),
    ("apps", "ReplicaSet", "spec.template"),
    ("extensions", "Deployment", "spec.template"),
    ("extensions", "DaemonSet", "spec.template"),
    ("extensions", "ReplicaSet", "spec.template"),
    ("batch", "Job", "spec.template"),
    ("batch", "CronJob", "spec.jobTemplate.spec.template"),
    ("argoproj.io", "Rollout", "spec.template"),
    ("serving.knative.dev", "Service", "spec.template"),
    ("serving.knative.dev", "Configuration", "spec.template"),
    ("serving.knative.dev", "Revision", ""),
    ("keda.sh", "ScaledJob", "spec.jobTargetRef.template"),
    ("apps.kruise.io", "CloneSet", "spec.template"),
    ("apps.kruise.io", "StatefulSet", "spec.template"),
    ("apps.kruise.io", "DaemonSet", "spec.template"),
    ("apps.kruise.io", "BroadcastJob", "spec.template"),
    ("apps.kruise.io", "AdvancedCronJob", "spec.template.jobTemplate.spec.template"),
    ("agones.dev", "GameServer", "spec.template"),
    ("agones.dev", "Fleet", "spec.template.spec.template"),
    ("agones.dev", "GameServerSet", "spec.template.spec.template"),
    ("batch.volcano.sh", "Job", "spec.tasks[].template"),
    ("kubeflow.org", "TFJob", "spec.tfReplicaSpecs.*.template"),
    ("kubeflow.org", "PyTorchJob", "spec.pytorchReplicaSpecs.*.template"),
    ("kubeflow.org", "MPIJob", "spec.mpiReplicaSpecs.*.template"),
    ("kubeflow.org", "XGBoostJob", "spec.xgbReplicaSpecs.*.template"),
    ("kubeflow.org", "Notebook", "spec.template"),
    ("ray.io", "RayCluster", "spec.headGroupSpec.template"),
    ("ray.io", "RayCluster", "spec.workerGroupSpecs[].template"),
    ("actions.github.com", "AutoscalingRunnerSet", "spec.template"),
    ("actions.github.com", "EphemeralRunnerSet", "spec.ephemeralRunnerSpec"),
    ("jobset.x-k8s.io", "JobSet", "spec.replicatedJobs[].template.spec.template"),
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet", "spec.leaderWorkerTemplate.leaderTemplate"),
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet", "spec.leaderWorkerTemplate.workerTemplate"),
];

/// The pod templates of a resource; none for what runs no pods.
#[must_use]
pub fn pods(resource: &Resource) -> Vec<PodTemplate<'_>> {
    templates(resource.group(), resource.kind())
        .flat_map(|pattern| resource.body.select(pattern, Case::Exact))
        .filter_map(|(path, value)| {
            Some(PodTemplate { path, metadata: value.get("metadata"), spec: value.get("spec")? })
        })
        .collect()
}

/// Where the pod templates of a kind stand: dotted, `[]` after a list, `*` for any key; empty for the root.
pub fn templates<'k>(group: &'k str, kind: &'k str) -> impl Iterator<Item = &'static str> + use<'k> {
    TEMPLATES.iter().filter(move |(g, k, _)| *g == group && *k == kind).map(|(_, _, pattern)| *pattern)
}

/// The containers of a pod, of all three lists.
#[must_use]
pub fn containers<'r>(pod: &PodTemplate<'r>) -> Vec<Container<'r>> {
    const LISTS: [(&str, ContainerKind); 3] = [
        ("initContainers", ContainerKind::Init),
        ("containers", ContainerKind::Container),
        ("ephemeralContainers", ContainerKind::Ephemeral),
    ];
    let mut found = Vec::new();
    for (list, kind) in LISTS {
        for (i, value) in pod.spec.get(list).map(Value::items).unwrap_or_default().iter().enumerate() {
            found.push(Container { path: pod.path.extend(&path!["spec", list, i]), kind, value });
        }
    }
    found
}
