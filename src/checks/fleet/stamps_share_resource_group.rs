//! `stamps-share-resource-group`: each stamp's cluster has a resource group of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::azure::{CLUSTER, Id};
use crate::model::{Identity, Resource, Stamp, StampSet};
use crate::rule::{Finding, Findings, FleetCx, Place};
use crate::tree::Value;

/// A stamp's cluster and where it goes.
struct Held<'s> {
    stamp: &'s Stamp,
    cluster: &'s Arc<Resource>,
    subscription: Option<String>,
}

/// Compares the resource groups of the stamps' own clusters, over all environments.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    let mut groups: BTreeMap<String, Vec<Held<'_>>> = BTreeMap::new();
    for stamp in &cx.fleet.stamps {
        for cluster in stamp.own.resources.iter().filter(|r| r.is_azure(CLUSTER) && !r.existing) {
            let Identity::Azure { id, .. } = &cluster.identity else { continue };
            let Some(id) = Id::of(id) else { continue };
            let Some(group) = id.after("resourceGroups") else { continue };
            let subscription = id.after("subscriptions").map(str::to_owned);
            groups.entry(group.to_owned()).or_default().push(Held { stamp, cluster, subscription });
        }
    }
    for (name, held) in &groups {
        for (i, later) in held.iter().enumerate() {
            // Subscriptions that nobody gave are taken for one: the config would tell them apart.
            let same = |h: &&Held<'_>| h.stamp.index != later.stamp.index && h.subscription == later.subscription;
            if let Some(first) = held.iter().take(i).find(same) {
                report(name, later, first, out);
            }
        }
    }
}

fn report(name: &str, later: &Held<'_>, first: &Held<'_>, out: &mut Findings) {
    let message = format!(
        "stamps `{}` and `{}` keep their clusters in one resource group, `{name}`",
        first.stamp.name, later.stamp.name
    );
    let finding = Finding::new(place(later, name), message).label(format!("`{}` is in it too", first.stamp.name));
    out.push(
        finding
            .about(later.cluster)
            .related(place(first, name), format!("as `{}` has it", first.stamp.name))
            .stamps(StampSet::one(later.stamp.index)),
    );
}

/// Where the resource group was said, else the cluster's name.
fn place(held: &Held<'_>, name: &str) -> Place {
    let deployments = held.stamp.own.deployed.iter().filter(|d| held.cluster.deployment.as_ref() == Some(&d.id));
    let said = deployments.filter_map(|d| d.resource_group.as_ref());
    let own = |v: &&Value| v.as_str().is_some_and(|t| t.eq_ignore_ascii_case(name)) && !v.span.is_none();
    match said.clone().find(own) {
        Some(value) => Place::Value(value.clone()),
        None => Place::name(held.cluster),
    }
}
