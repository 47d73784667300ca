//! `node-pool-not-zonal`: the pools of one mode together span enough zones.

use std::collections::BTreeSet;

use crate::model::azure::{Cluster, Place as Region, Pool, clusters, region_of};
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Kind, Lookup, Value};

/// Judges each cluster of a stamp, mode by mode.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let wanted = usize::try_from(cx.options.int("zones").unwrap_or(3)).unwrap_or(3);
    for cluster in &clusters(cx.inventory()) {
        let Some(first) = cluster.pools.first() else { continue };
        match region_of(cluster.resource, cx.stamp) {
            Region::Region(region) if region.has_zones() == Some(true) => {
                for system in [true, false] {
                    judge(cluster, system, wanted, out);
                }
            }
            Region::Region(region) if region.has_zones() == Some(false) => {}
            Region::Region(region) => {
                let why = format!("the table of regions does not say whether `{}` has zones", region.name);
                out.undetermined_at(Place::at(first.resource, first.at("availabilityZones")), why);
            }
            Region::Unknown => {
                out.undetermined_at(
                    Place::at(first.resource, first.at("availabilityZones")),
                    "the region is not known",
                );
            }
        }
    }
}

fn judge(cluster: &Cluster<'_>, system: bool, wanted: usize, out: &mut Findings) {
    let pools: Vec<&Pool<'_>> = cluster.pools.iter().filter(|p| p.is_system() == Some(system)).collect();
    let mut union = BTreeSet::new();
    let mut certain = !cluster.pools.iter().any(|p| p.is_system().is_none());
    for pool in &pools {
        match zones(pool) {
            Some(zones) => union.extend(zones),
            None => certain = false,
        }
    }
    if union.len() >= wanted {
        return;
    }
    for pool in pools {
        let path = pool.at("availabilityZones");
        let place = Place::at(pool.resource, path.clone());
        match zones(pool) {
            Some(zones) if zones.len() >= wanted => {}
            Some(_) if !certain => {
                out.undetermined_at(place, "the zones of another pool of the same mode are not known")
            }
            Some(zones) => {
                let mode = if system { "system" } else { "user" };
                let message = format!(
                    "{mode} {} of {} spans {} of {wanted} zones",
                    pool.noun(),
                    cluster.resource.noun(),
                    zones.len()
                );
                out.push(Finding::at(pool.resource, path, message).label(format!("{} of {wanted} zones", zones.len())));
            }
            None => out.undetermined_at(place, "its zones are not known"),
        }
    }
}

/// The zones of a pool; none where they are not known.
fn zones(pool: &Pool<'_>) -> Option<BTreeSet<String>> {
    match pool.look("availabilityZones") {
        Lookup::Unknown(_) => None,
        Lookup::Absent => Some(BTreeSet::new()),
        Lookup::Known(list) => list.items().iter().map(zone).collect(),
    }
}

fn zone(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::String(text) => Some(text.to_string()),
        Kind::Number(n) => Some(n.to_string()),
        Kind::Unknown(_) | Kind::Parts(_) => None,
        // What is no zone at all is reported as such, and spans none.
        _ => Some(String::new()),
    }
}
