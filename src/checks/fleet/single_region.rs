//! `single-region`: a declared fleet has at least two stamps with clusters, in different regions.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::azure::CLUSTER;
use crate::model::{Resource, Stamp, StampSet};
use crate::resolve::regions;
use crate::rule::{Finding, Findings, FleetCx, Place, Verdict};
use crate::tree::Value;

/// Judges a fleet that a config declares. What runs in a stamp's cluster shows that it has one.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    let fleet = cx.fleet;
    if !fleet.declared {
        return;
    }
    let with_cluster: Vec<&Stamp> = fleet
        .stamps
        .iter()
        .filter(|s| cluster(s).is_some() || s.inventory.all().iter().any(|r| r.is_kubernetes()))
        .collect();
    let Some(first) = with_cluster.first() else { return };
    let regions: Vec<Option<String>> = with_cluster.iter().map(|s| region(s)).collect();
    let known: BTreeSet<&String> = regions.iter().flatten().collect();
    if known.len() > 1 {
        return;
    }
    let place = match (fleet.stamps_key, cluster(first)) {
        (Some(span), _) => Place::Span(span),
        (None, Some(cluster)) => Place::declaration(cluster),
        (None, None) => Place::Nowhere,
    };
    let stamps = StampSet::from_indexes(with_cluster.iter().map(|s| s.index));
    if with_cluster.len() > 1 && regions.iter().any(Option::is_none) {
        let why = "cannot be told: the region of a stamp is not known";
        return out.push(Finding::new(place, why).verdict(Verdict::Undetermined).stamps(stamps));
    }
    let message = match (with_cluster.as_slice(), known.first()) {
        ([one], _) => format!("the fleet has one stamp with a cluster, `{}`: it fails with its region", one.name),
        (all, Some(region)) => format!("all {} stamps of the fleet are in `{region}`, and fail with it", all.len()),
        (_, None) => return,
    };
    out.push(Finding::new(place, message).label("no second region").stamps(stamps));
}

fn cluster(stamp: &Stamp) -> Option<&Arc<Resource>> {
    stamp.inventory.azure(CLUSTER).next()
}

/// Where a stamp's cluster goes: its own location, else the stamp's region.
fn region(stamp: &Stamp) -> Option<String> {
    let own = cluster(stamp).and_then(|c| c.body.look("location").known()).and_then(Value::as_str);
    let text = own.or(stamp.region.as_deref())?;
    Some(regions::find(text).map_or_else(|| text.to_lowercase(), |r| r.name.clone()))
}
