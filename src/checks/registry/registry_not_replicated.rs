//! `registry-not-replicated`: the fleet's registry has a replica in every region that has a stamp.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Fleet, Resource, StampSet};
use crate::resolve::regions::{self, Region};
use crate::rule::{Finding, Findings, FleetCx, Place};
use crate::tree::Value;

const REGISTRY: &str = "Microsoft.ContainerRegistry/registries";
const REPLICATION: &str = "Microsoft.ContainerRegistry/registries/replications";

/// Judges the registries that stamps of several regions share. A registry of each stamp's own needs no replica.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    let fleet = cx.fleet;
    let owners =
        fleet.stamps.iter().filter(|s| s.own.resources.iter().any(|r| r.is_azure(REGISTRY) && !r.existing)).count();
    let of_stamps = fleet.stamps.iter().filter(|_| owners == 1).flat_map(|s| &s.own.resources);
    let registries = fleet.shared.resources.iter().chain(of_stamps).filter(|r| r.is_azure(REGISTRY) && !r.existing);
    for registry in registries {
        judge(fleet, registry, out);
    }
}

fn judge(fleet: &Fleet, registry: &Arc<Resource>, out: &mut Findings) {
    let all = fleet.shared.resources.iter().chain(fleet.stamps.iter().flat_map(|s| &s.own.resources));
    let prefix = format!("{}/", registry.name().to_ascii_lowercase());
    let replicas = all.filter(|r| r.is_azure(REPLICATION) && r.name().to_ascii_lowercase().starts_with(&prefix));
    let mut covered: BTreeSet<&str> = BTreeSet::new();
    let mut certain = true;
    for resource in replicas.chain([registry]) {
        match region_of(resource) {
            Some(region) => {
                covered.insert(&region.name);
            }
            None => certain = false,
        }
    }
    let mut missing: Vec<&str> = Vec::new();
    let mut stamps = Vec::new();
    for stamp in fleet.stamps.iter().filter(|s| s.is_production()) {
        let Some(region) = stamp.region.as_deref().and_then(regions::find) else { continue };
        if !covered.contains(region.name.as_str()) {
            missing.push(&region.name);
            stamps.push(stamp.index);
        }
    }
    if missing.is_empty() {
        return;
    }
    if !certain {
        return out.undetermined_at(Place::name(registry), "the region of a replica is not known");
    }
    missing.dedup();
    let message = format!("{} has no replica in `{}`", registry.noun(), missing.join("`, `"));
    let label = format!("no replica in `{}`", missing.join("`, `"));
    out.push(Finding::new(Place::name(registry), message).label(label).stamps(StampSet::from_indexes(stamps)));
}

fn region_of(resource: &Resource) -> Option<&'static Region> {
    resource.body.look("location").known().and_then(Value::as_str).and_then(regions::find)
}
