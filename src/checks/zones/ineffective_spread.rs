//! `ineffective-spread`: a spread constraint can work.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::Resource;
use crate::model::azure::clusters;
use crate::model::kubernetes::{self, Labels, Match, Replicas};
use crate::path;
use crate::rule::{Finding, Findings, StampCx};
use crate::tree::{Path, Value};

const ZONE: &str = "topology.kubernetes.io/zone";
const KINDS: [&str; 4] = ["Deployment", "StatefulSet", "ReplicaSet", "Rollout"];

/// The zones count, nothing else of the clusters.
pub fn beside(cx: &StampCx<'_>) -> String {
    zones(cx).to_string()
}

/// Judges the constraints of a stamp's workloads.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let zones = zones(cx);
    for workload in KINDS.iter().flat_map(|kind| cx.inventory().kind(kind)) {
        let Some(pod) = kubernetes::pods(workload).into_iter().next() else { continue };
        let Replicas::AtLeast(replicas) = kubernetes::replicas(workload, cx.inventory()) else { continue };
        let judge = Judge {
            workload,
            labels: kubernetes::pod_labels(workload, &pod),
            replicas,
            zones,
            strict: cx.options.flag("strict"),
        };
        for (i, constraint) in
            pod.spec.get("topologySpreadConstraints").map(Value::items).unwrap_or_default().iter().enumerate()
        {
            let path = pod.path.extend(&path!["spec", "topologySpreadConstraints", i]);
            if let Some(finding) = judge.offence(constraint, &path) {
                out.push(finding);
            }
        }
    }
}

struct Judge<'a> {
    workload: &'a Arc<Resource>,
    labels: Labels,
    replicas: i64,
    zones: i64,
    strict: bool,
}

impl Judge<'_> {
    /// The first reason for which a constraint has no effect.
    fn offence(&self, constraint: &Value, path: &Path) -> Option<Finding> {
        let noun = self.workload.noun();
        let finding = |key: &str, message: String, label: String| {
            Some(Finding::at(self.workload, path.join(key), message).label(label))
        };
        let over_zones = constraint.get("topologyKey").and_then(Value::as_str) == Some(ZONE);
        match constraint.get("labelSelector") {
            None => {
                return finding(
                    "labelSelector",
                    format!("a spread constraint of {noun} selects no pods: it has no `labelSelector`"),
                    "no `labelSelector`".to_owned(),
                );
            }
            Some(selector) if kubernetes::matches(selector, &self.labels) == Match::No => {
                return finding(
                    "labelSelector",
                    format!("a spread constraint of {noun} does not select its own pods"),
                    "matches other pods".to_owned(),
                );
            }
            Some(_) => {}
        }
        let skew = constraint.get("maxSkew").and_then(Value::as_i64).unwrap_or(1);
        if self.replicas > 1 && skew >= self.replicas {
            let message = format!(
                "a spread constraint of {noun} allows all {} replicas in one place: `maxSkew` is {skew}",
                self.replicas
            );
            return finding("maxSkew", message, format!("not below {} replicas", self.replicas));
        }
        let soft = constraint.get("whenUnsatisfiable").and_then(Value::as_str) == Some("ScheduleAnyway");
        if self.strict && soft {
            return finding(
                "whenUnsatisfiable",
                format!("a spread constraint of {noun} is only a wish"),
                "`DoNotSchedule` is asked for".to_owned(),
            );
        }
        if over_zones && self.replicas > 1 && self.replicas < self.zones {
            let message = format!("{noun} has {} replicas for {} zones: one zone gets none", self.replicas, self.zones);
            return finding("topologyKey", message, format!("{} replicas for {} zones", self.replicas, self.zones));
        }
        None
    }
}

/// The zones of the stamp's pools; 3 where they are not known.
fn zones(cx: &StampCx<'_>) -> i64 {
    let mut zones = BTreeSet::new();
    for pool in clusters(cx.inventory()).iter().flat_map(|c| &c.pools) {
        match pool.look("availabilityZones").known() {
            Some(list) if !list.has_unknown() => {
                zones.extend(list.items().iter().filter_map(Value::as_str).map(str::to_owned))
            }
            _ => {}
        }
    }
    match i64::try_from(zones.len()) {
        Ok(n) if n > 0 => n,
        _ => 3,
    }
}
