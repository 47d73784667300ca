//! Workloads: what keeps replicas of a pod, and how many there are at least.

use super::{Labels, PodTemplate};
use crate::model::{Inventory, Resource};
use crate::tree::{Lookup, Unknown, Value};

/// At least how many replicas a workload has.
#[derive(Clone, Copy, Debug)]
pub enum Replicas<'r> {
    /// This many.
    AtLeast(i64),
    /// It cannot be told.
    Unknown(&'r Unknown),
}

/// The replicas of a workload: its own `replicas` (absent is 1), or the minimum of the autoscaler that targets it, whichever is more.
#[must_use]
pub fn replicas<'r>(workload: &'r Resource, inventory: &'r Inventory) -> Replicas<'r> {
    let own = match workload.body.look("spec.replicas") {
        Lookup::Known(value) => value.as_i64().unwrap_or(1),
        Lookup::Absent => 1,
        Lookup::Unknown(unknown) => return Replicas::Unknown(unknown),
    };
    let mut most = own;
    for (kind, minimum, default) in
        [("HorizontalPodAutoscaler", "spec.minReplicas", 1), ("ScaledObject", "spec.minReplicaCount", 0)]
    {
        for scaler in inventory.kind(kind).filter(|s| targets(s, workload)) {
            match scaler.body.look(minimum) {
                Lookup::Known(value) => most = most.max(value.as_i64().unwrap_or(default)),
                Lookup::Absent => most = most.max(default),
                Lookup::Unknown(unknown) => return Replicas::Unknown(unknown),
            }
        }
    }
    Replicas::AtLeast(most)
}

/// Whether an autoscaler scales a workload. A `ScaledObject` that names no kind means a Deployment.
#[must_use]
pub fn targets(scaler: &Resource, workload: &Resource) -> bool {
    let target = scaler.body.look("spec.scaleTargetRef");
    let text = |key| target.get(key).known().and_then(Value::as_str);
    scaler.namespace() == workload.namespace()
        && text("name") == Some(workload.name())
        && text("kind").unwrap_or("Deployment") == workload.kind()
}

/// The labels that the pods of a workload will have: the template's, and those that its controller adds.
#[must_use]
pub fn pod_labels(workload: &Resource, pod: &PodTemplate<'_>) -> Labels {
    let mut labels = Labels::of(pod.metadata);
    match workload.kind() {
        "Deployment" => labels.add_unknown("pod-template-hash"),
        "Rollout" => labels.add_unknown("rollouts-pod-template-hash"),
        "DaemonSet" => {
            labels.add_unknown("controller-revision-hash");
            labels.add_unknown("pod-template-generation");
        }
        "StatefulSet" => {
            labels.add_unknown("controller-revision-hash");
            labels.add_unknown("statefulset.kubernetes.io/pod-name");
            labels.add_unknown("apps.kubernetes.io/pod-index");
        }
        "Job" => {
            for key in ["job-name", "batch.kubernetes.io/job-name"] {
                labels.add_known(key, workload.name());
            }
            for key in
                ["controller-uid", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-completion-index"]
            {
                labels.add_unknown(key);
            }
        }
        "CronJob" | "ScaledJob" => {
            for key in
                ["job-name", "batch.kubernetes.io/job-name", "controller-uid", "batch.kubernetes.io/controller-uid"]
            {
                labels.add_unknown(key);
            }
        }
        _ => {}
    }
    labels
}
