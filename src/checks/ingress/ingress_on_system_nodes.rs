//! `ingress-on-system-nodes`: the ingress controller is bound to the user pool.

use crate::model::kubernetes::{Controller, ingress_controller, pods};
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Value};

/// Judges a workload.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let resource = cx.resource;
    if !matches!(resource.kind(), "Deployment" | "DaemonSet" | "StatefulSet") {
        return;
    }
    if ingress_controller(resource).is_none_or(|c| c == Controller::ApplicationGateway) {
        return;
    }
    for pod in pods(resource) {
        let bound = |spec: &Value| match spec.look("nodeSelector") {
            Lookup::Unknown(_) => true,
            found => found.known().is_some_and(|s| s.entries().iter().any(|e| binds(&e.key, e.value.as_str()))),
        };
        let affinity = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
        let terms = pod.spec.look(affinity).known().map(Value::items).unwrap_or_default();
        let by_affinity = !terms.is_empty()
            && terms.iter().all(|t| {
                let expressions = t.look("matchExpressions").known().map(Value::items).unwrap_or_default();
                expressions.iter().any(|e| {
                    let key = e.look("key").known().and_then(Value::as_str).unwrap_or_default();
                    let operator = e.look("operator").known().and_then(Value::as_str).unwrap_or_default();
                    let values = e.look("values").known().map(Value::items).unwrap_or_default();
                    match operator {
                        "In" => values.iter().all(|v| binds(key, v.as_str())),
                        "NotIn" => values.iter().any(|v| v.as_str() == Some("system")),
                        "Exists" => binds(key, None),
                        _ => false,
                    }
                })
            });
        if !bound(pod.spec) && !by_affinity {
            let message = format!("{} may run on system nodes: nothing binds it to the user pool", resource.noun());
            let help = "Add a `nodeSelector` for the user pool, such as `kubernetes.azure.com/mode: user`";
            let path = pod.path.join("spec").join("nodeSelector");
            out.push(Finding::at(resource, path, message).label("not bound to a pool").help(help));
        }
    }
}

/// Whether a node label chooses a pool other than the system's.
fn binds(key: &str, value: Option<&str>) -> bool {
    // What every node has, or what says nothing of a pool.
    let common =
        key.starts_with("kubernetes.io/") || key.starts_with("beta.kubernetes.io/") || key.starts_with("topology.");
    !common && !value.is_some_and(|v| v.eq_ignore_ascii_case("system"))
}
