//! `no-user-pool`: the workload has a pool of its own.

use crate::model::azure::clusters;
use crate::path;
use crate::rule::{Finding, Findings, Place, StampCx};

/// Judges the clusters of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for cluster in clusters(cx.inventory()).iter().filter(|c| !c.resource.existing) {
        if cluster.pools.iter().any(|p| p.is_system() == Some(false)) {
            continue;
        }
        let path = path!["properties", "agentPoolProfiles"];
        if cluster.open || cluster.pools.iter().any(|p| p.is_system().is_none()) {
            out.undetermined_at(
                Place::at(cluster.resource, path),
                "not all pools, or not all of their modes, are known",
            );
            continue;
        }
        let message = format!("{} has no user pool: workloads share nodes with system pods", cluster.resource.noun());
        out.push(Finding::at(cluster.resource, path, message).label("only system pools"));
    }
}
