//! `address-space-overlap`: networks of the fleet do not overlap one another, nor a cluster's ranges its own network.

use std::sync::Arc;

use ipnet::IpNet;

use crate::model::azure::clusters;
use crate::model::{Resource, Stamp, StampSet};
use crate::path;
use crate::rule::{Finding, Findings, FleetCx, Place};
use crate::tree::{Path, Value};

/// A range and who owns it.
struct Range<'r> {
    net: IpNet,
    resource: &'r Arc<Resource>,
    path: Path,
    stamp: Option<usize>,
    /// Ranges of one owner may overlap: a network's own prefixes.
    owner: *const Resource,
    name: String,
}

impl Range<'_> {
    /// Whether both are, or may be, declarations of one network: a hub is deployed again, by another template, when
    /// spokes join it.
    fn is_network_of(&self, other: &Self) -> bool {
        let named = !self.name.contains('…') && !other.name.contains('…');
        self.stamp == other.stamp && (self.name == other.name || (!named && self.net == other.net))
    }
}

/// Compares every network with every other, and each cluster's ranges with the networks of its stamp.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    let mut networks: Vec<Range<'_>> = Vec::new();
    networks.extend(cx.fleet.shared.resources.iter().flat_map(|r| network(r, None)));
    for stamp in &cx.fleet.stamps {
        networks.extend(stamp.own.resources.iter().flat_map(|r| network(r, Some(stamp.index))));
    }
    overlaps(&networks, out);
    for stamp in &cx.fleet.stamps {
        inside(stamp, &networks, out);
    }
}

fn network(resource: &Arc<Resource>, stamp: Option<usize>) -> Vec<Range<'_>> {
    if !resource.is_azure("Microsoft.Network/virtualNetworks") || resource.existing {
        return Vec::new();
    }
    let prefixes =
        resource.body.look("properties.addressSpace.addressPrefixes").known().map(Value::items).unwrap_or_default();
    let ranges = prefixes.iter().enumerate().filter_map(|(i, prefix)| {
        let net = prefix.as_str()?.parse::<IpNet>().ok()?;
        let path = path!["properties", "addressSpace", "addressPrefixes", i];
        Some(Range { net, resource, path, stamp, owner: Arc::as_ptr(resource), name: resource.noun() })
    });
    ranges.collect()
}

/// Sorted by their first address, a range overlaps only those that begin before it ends.
fn overlaps(ranges: &[Range<'_>], out: &mut Findings) {
    let mut order: Vec<usize> = (0..ranges.len()).collect();
    let at = |i: usize| ranges.get(i);
    order.sort_by_key(|i| at(*i).map(|r| (r.net.network(), r.net.prefix_len())));
    for (position, i) in order.iter().enumerate() {
        let Some(first) = at(*i) else { continue };
        let after = order.get(position + 1..).unwrap_or_default().iter().filter_map(|j| Some((*j, at(*j)?)));
        for (j, second) in after.take_while(|(_, s)| first.net.contains(&s.net.network())) {
            if first.owner == second.owner || first.is_network_of(second) {
                continue;
            }
            // The later one in the config is the place.
            let (earlier, later) = if *i < j { (first, second) } else { (second, first) };
            report(later, earlier, out);
        }
    }
}

fn report(range: &Range<'_>, other: &Range<'_>, out: &mut Findings) {
    let message = format!("{} `{}` overlaps {} `{}`", range.name, range.net, other.name, other.net);
    let finding = Finding::at(range.resource, range.path.clone(), message).label(format!("overlaps `{}`", other.net));
    let stamps = StampSet::from_indexes(range.stamp);
    out.push(finding.stamps(stamps).related(Place::at(other.resource, other.path.clone()), "overlaps this"));
}

/// A cluster's service and pod ranges against the networks of its stamp. Pod ranges of different clusters may overlap.
fn inside(stamp: &Stamp, networks: &[Range<'_>], out: &mut Findings) {
    for cluster in clusters(&stamp.inventory).iter().filter(|c| !c.resource.existing) {
        let profile = path!["properties", "networkProfile"];
        let mut own: Vec<Range<'_>> = Vec::new();
        for (single, several, what) in
            [("serviceCidr", "serviceCidrs", "service range"), ("podCidr", "podCidrs", "pod range")]
        {
            let mut add = |value: &Value, path: Path| {
                if let Some(net) = value.as_str().and_then(|t| t.parse::<IpNet>().ok()) {
                    let name = format!("the {what} of {}", cluster.resource.noun());
                    own.push(Range {
                        net,
                        resource: cluster.resource,
                        path,
                        stamp: Some(stamp.index),
                        owner: Arc::as_ptr(cluster.resource),
                        name,
                    });
                }
            };
            let look = |key: &str| cluster.resource.body.look(&format!("properties.networkProfile.{key}")).known();
            if let Some(list) = look(several) {
                list.items().iter().enumerate().for_each(|(i, v)| add(v, profile.join(several).join(i)));
            } else if let Some(value) = look(single) {
                add(value, profile.join(single));
            }
        }
        let near = networks.iter().filter(|n| n.stamp.is_none_or(|s| s == stamp.index));
        for network in near {
            for range in own.iter().filter(|r| r.net.contains(&network.net) || network.net.contains(&r.net)) {
                report(range, network, out);
            }
        }
        if let [first, second, ..] = own.as_slice()
            && (first.net.contains(&second.net) || second.net.contains(&first.net))
        {
            report(second, first, out);
        }
    }
}
