//! Private DNS: which address a name has inside of a network.

use std::sync::Arc;

use super::id_of;
use crate::model::azure::{Same, same_id};
use crate::model::{Inventory, Resource};
use crate::path;
use crate::tree::{Path, Value};

const ZONE: &str = "Microsoft.Network/privateDnsZones";
const RECORD: &str = "Microsoft.Network/privateDnsZones/A";
const LINK: &str = "Microsoft.Network/privateDnsZones/virtualNetworkLinks";

/// An A record.
#[derive(Clone, Debug)]
pub struct Record<'i> {
    /// The resource.
    pub resource: &'i Arc<Resource>,
    /// Its whole name, in lower case: `shop.stamp.internal`.
    pub fqdn: String,
    /// The zone's name, in lower case.
    pub zone: String,
    /// Its addresses, each with its path.
    pub addresses: Vec<(Path, &'i Value)>,
}

/// The private zones of a stamp, in lower case.
#[must_use]
pub fn zones(inventory: &Inventory) -> Vec<String> {
    inventory.azure(ZONE).map(|z| z.name().to_ascii_lowercase()).collect()
}

/// The A records of private zones.
#[must_use]
pub fn records(inventory: &Inventory) -> Vec<Record<'_>> {
    inventory
        .azure(RECORD)
        .filter(|r| !r.existing)
        .filter_map(|resource| {
            let (zone, name) = resource.name().split_once('/')?;
            let zone = zone.to_ascii_lowercase();
            let fqdn = if name == "@" { zone.clone() } else { format!("{}.{zone}", name.to_ascii_lowercase()) };
            let listed = ["aRecords", "ARecords"].iter().find_map(|k| resource.body.get_ci("properties")?.get_ci(k));
            let listed = listed.map(Value::items).unwrap_or_default();
            let addresses = listed
                .iter()
                .enumerate()
                .filter_map(|(i, a)| {
                    Some((path!["properties", "aRecords", i, "ipv4Address"], a.get_ci("ipv4Address")?))
                })
                .collect();
            Some(Record { resource, fqdn, zone, addresses })
        })
        .collect()
}

/// Whether a zone is linked to a network. None when it cannot be told.
#[must_use]
pub fn is_linked(inventory: &Inventory, zone: &str, network: Option<&Value>) -> Option<bool> {
    let mut any = Some(false);
    for link in inventory.azure(LINK) {
        let of = link.name().split('/').next().unwrap_or_default();
        if !of.eq_ignore_ascii_case(zone) {
            continue;
        }
        match (link.body.look("properties.virtualNetwork.id").known(), network) {
            (Some(id), Some(network)) => match same_id(id, network) {
                Same::Yes => return Some(true),
                Same::Maybe => any = None,
                Same::No => {}
            },
            _ => any = None,
        }
    }
    any
}

/// The id of the network that a subnet's id lies in.
#[must_use]
pub fn network_of(inventory: &Inventory, subnet: &Value) -> Option<Value> {
    let id = crate::model::azure::Id::of(subnet)?;
    let name = id.after("virtualNetworks")?.to_owned();
    inventory
        .azure("Microsoft.Network/virtualNetworks")
        .find(|n| n.name().eq_ignore_ascii_case(&name))
        .and_then(|n| id_of(n).cloned())
}
