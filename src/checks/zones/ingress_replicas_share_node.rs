//! `ingress-replicas-share-node`: an ingress controller's replicas are kept on different nodes.

use crate::model::Resource;
use crate::model::kubernetes::{self, Match, PodTemplate, Replicas};
use crate::path;
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::Value;

const HOSTNAME: &str = "kubernetes.io/hostname";

/// Judges the ingress controllers of a stamp. A DaemonSet has one pod a node as it is.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for workload in
        ["Deployment", "StatefulSet", "ReplicaSet", "Rollout"].iter().flat_map(|kind| cx.inventory().kind(kind))
    {
        if kubernetes::ingress_controller(workload).is_none() {
            continue;
        }
        let Some(pod) = kubernetes::pods(workload).into_iter().next() else { continue };
        if matches!(kubernetes::replicas(workload, cx.inventory()), Replicas::AtLeast(n) if n < 2) {
            continue;
        }
        let path = pod.path.extend(&path!["spec", "affinity", "podAntiAffinity"]);
        match apart(workload, &pod) {
            Match::Yes => {}
            Match::Unknown => out.undetermined_at(Place::at(workload, path), "a selector or label is not known"),
            Match::No => {
                let message = format!("the replicas of ingress controller {} may share a node", workload.noun());
                let help = "add a pod anti-affinity, or a spread constraint, over `kubernetes.io/hostname`";
                out.push(
                    Finding::at(workload, path, message).label("nothing keeps replicas on different nodes").help(help),
                );
            }
        }
    }
}

fn apart(workload: &Resource, pod: &PodTemplate<'_>) -> Match {
    let labels = kubernetes::pod_labels(workload, pod);
    let anti = pod.spec.look("affinity.podAntiAffinity").known();
    let list = |key: &str| anti.and_then(|a| a.get(key)).map(Value::items).unwrap_or_default();
    let required = list("requiredDuringSchedulingIgnoredDuringExecution").iter();
    let preferred =
        list("preferredDuringSchedulingIgnoredDuringExecution").iter().filter_map(|p| p.get("podAffinityTerm"));
    let constraints = pod.spec.get("topologySpreadConstraints").map(Value::items).unwrap_or_default().iter();
    required.chain(preferred).chain(constraints).fold(Match::No, |all, term| {
        let over_hosts = Match::from_bool(term.get("topologyKey").and_then(Value::as_str) == Some(HOSTNAME));
        all.or(over_hosts.and(term.get("labelSelector").map_or(Match::No, |s| kubernetes::matches(s, &labels))))
    })
}
