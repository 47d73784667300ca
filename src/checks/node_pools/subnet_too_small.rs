//! `subnet-too-small`: the nodes' subnet holds all pools at their maximum, with surge, and what Azure reserves.

use ipnet::IpNet;

use crate::checks::setting::is_word;
use crate::model::azure::{Cluster, Pool, Same, clusters, same_id, subnets};
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Lookup, Value};

/// Addresses of each subnet that Azure keeps.
const RESERVED: i64 = 5;
/// Pods of a node with Azure CNI where the pool does not say.
const DEFAULT_PODS: i64 = 30;

/// Judges the subnets of a stamp that hold node pools.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let headroom = cx.options.int("headroom").unwrap_or(0);
    let clusters = clusters(cx.inventory());
    for subnet in subnets(cx.inventory()) {
        let Some(IpNet::V4(range)) = subnet.prefix.and_then(Value::as_str).and_then(|p| p.parse().ok()) else {
            continue;
        };
        let mut wanted = 0;
        let mut certain = true;
        let mut pools = 0;
        for (cluster, pool) in clusters.iter().flat_map(|c| c.pools.iter().map(move |p| (c, p))) {
            let Lookup::Known(id) = pool.look("vnetSubnetID") else { continue };
            if same_id(id, &subnet.id) == Same::No || !subnet.is_only_candidate(id, cx.inventory()) {
                continue;
            }
            pools += 1;
            match addresses(cluster, pool) {
                Some(n) => wanted += n,
                None => certain = false,
            }
        }
        if pools == 0 {
            continue;
        }
        let held = 1i64.checked_shl(u32::from(32 - range.prefix_len())).unwrap_or(0) - RESERVED;
        let wanted = wanted + (wanted * headroom + 99) / 100;
        let place = Place::at(subnet.resource, subnet.prefix_path.clone());
        if held < wanted {
            let message =
                format!("subnet `{}` holds {held} addresses, and its node pools may need {wanted}", subnet.name);
            out.push(Finding::new(place, message).label(format!("{held} addresses")).about(subnet.resource));
        } else if !certain {
            out.undetermined_at(place, "how many nodes a pool has is not known");
        }
    }
}

/// Addresses that a pool takes at its most: its nodes with surge, and their pods where these have addresses of the subnet.
fn addresses(cluster: &Cluster<'_>, pool: &Pool<'_>) -> Option<i64> {
    let nodes = match pool.look(pool.most_key()) {
        Lookup::Known(value) => value.as_i64()?,
        Lookup::Absent => 1,
        Lookup::Unknown(_) => return None,
    };
    let nodes = nodes + pool.surge(nodes)?;
    let profile = cluster.resource.body.look("properties.networkProfile");
    let flat = profile.get("networkPlugin").known().is_some_and(|v| is_word(v, &["azure"]))
        && !profile.get("networkPluginMode").known().is_some_and(|v| is_word(v, &["overlay"]))
        && pool.look("podSubnetID").is_absent();
    if !flat {
        return Some(nodes);
    }
    let pods = match pool.look("maxPods") {
        Lookup::Known(value) => value.as_i64()?,
        Lookup::Absent => DEFAULT_PODS,
        Lookup::Unknown(_) => return None,
    };
    Some(nodes + nodes * pods)
}
