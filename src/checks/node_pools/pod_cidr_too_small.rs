//! `pod-cidr-too-small`: in overlay mode each node takes a /24 of the pod range.

use ipnet::IpNet;

use crate::checks::setting::is_word;
use crate::model::azure::{Cluster, clusters};
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Lookup, Path, Value};

const PATH: &str = "properties.networkProfile.podCidr";
/// What AKS takes where the template names none.
const DEFAULT: &str = "10.244.0.0/16";

/// Judges the clusters of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let headroom = cx.options.int("headroom").unwrap_or(0);
    for cluster in clusters(cx.inventory()).iter().filter(|c| !c.resource.existing) {
        let overlay = cluster.resource.body.look("properties.networkProfile.networkPluginMode");
        if !overlay.known().is_some_and(|v| is_word(v, &["overlay"])) {
            continue;
        }
        let place = || Place::at(cluster.resource, Path::dotted(PATH));
        let range = match cluster.resource.body.look(PATH) {
            Lookup::Known(value) => value.as_str(),
            Lookup::Absent => Some(DEFAULT),
            Lookup::Unknown(unknown) => {
                out.undetermined_at(place(), unknown.to_string());
                continue;
            }
        };
        let Some(IpNet::V4(range)) = range.and_then(|r| r.parse().ok()) else { continue };
        let Some(nodes) = nodes_at_most(cluster) else {
            out.undetermined_at(place(), "how many nodes the pools have is not known");
            continue;
        };
        let wanted = nodes + (nodes * headroom + 99) / 100;
        let held = 1i64 << i64::from(24u8.saturating_sub(range.prefix_len()));
        let held = if range.prefix_len() > 24 { 0 } else { held };
        if held < wanted {
            let message = format!(
                "the pod range of {} holds {held} nodes, and its pools may have {wanted}",
                cluster.resource.noun()
            );
            out.push(Finding::new(place(), message).label(format!("room for {held} nodes")));
        }
    }
}

/// All nodes at their maximum, with the surge of an upgrade.
fn nodes_at_most(cluster: &Cluster<'_>) -> Option<i64> {
    if cluster.open {
        return None;
    }
    cluster.pools.iter().try_fold(0, |sum, pool| {
        let nodes = match pool.look(pool.most_key()) {
            Lookup::Known(value) => Value::as_i64(value)?,
            Lookup::Absent => 1,
            Lookup::Unknown(_) => return None,
        };
        Some(sum + nodes + pool.surge(nodes)?)
    })
}
