//! `user-pool-too-small`: a stamp has a regular user pool of at least two nodes; others may scale to none.

use crate::model::azure::{Pool, clusters};
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::Lookup;

/// Judges the user pools of each cluster together. A cluster without any has a rule of its own.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let wanted = cx.options.int("nodes").unwrap_or(2);
    for cluster in &clusters(cx.inventory()) {
        let user: Vec<&Pool<'_>> = cluster.pools.iter().filter(|p| p.is_system() == Some(false)).collect();
        let regular: Vec<&&Pool<'_>> = user.iter().filter(|p| !p.is_spot()).collect();
        let nodes = |pool: &Pool<'_>| match pool.look(pool.fewest_key()) {
            Lookup::Known(value) => Some(value.as_i64().unwrap_or(0)),
            Lookup::Absent => Some(1),
            Lookup::Unknown(_) => None,
        };
        if regular.iter().any(|p| nodes(p).is_some_and(|n| n >= wanted)) {
            continue;
        }
        let Some(first) = user.first() else { continue };
        let Some(largest) = regular.iter().max_by_key(|p| nodes(p)) else {
            if !cluster.open {
                let message = format!("{} has spot nodes only for its workloads", cluster.resource.noun());
                out.push(Finding::at(first.resource, first.at("scaleSetPriority"), message).label("can be taken away"));
            }
            continue;
        };
        let path = largest.at(largest.fewest_key());
        if cluster.open || regular.iter().any(|p| nodes(p).is_none()) {
            out.undetermined_at(
                Place::at(largest.resource, path),
                "not all pools, or not all of their sizes, are known",
            );
            continue;
        }
        let message = format!("no user pool of {} has {wanted} nodes or more", cluster.resource.noun());
        out.push(Finding::at(largest.resource, path, message).label(format!("fewer than {wanted}")));
    }
}
