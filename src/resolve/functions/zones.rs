//! `pickZones`, from the region table.

use super::call::{Call, Outcome};
use crate::resolve::regions;

/// Resource types that are pinned to zones, in lower case (2026-08, from the types whose provider lists zone mappings).
const ZONAL: &[&str] = &[
    "microsoft.compute/capacityreservationgroups",
    "microsoft.compute/disks",
    "microsoft.compute/hostgroups",
    "microsoft.compute/virtualmachines",
    "microsoft.compute/virtualmachinescalesets",
    "microsoft.containerinstance/containergroups",
    "microsoft.containerservice/managedclusters",
    "microsoft.containerservice/managedclusters/agentpools",
    "microsoft.dbforpostgresql/flexibleservers",
    "microsoft.dbformysql/flexibleservers",
    "microsoft.cache/redis",
    "microsoft.network/applicationgateways",
    "microsoft.network/azurefirewalls",
    "microsoft.network/bastionhosts",
    "microsoft.network/loadbalancers",
    "microsoft.network/natgateways",
    "microsoft.network/publicipaddresses",
    "microsoft.network/publicipprefixes",
    "microsoft.network/virtualnetworkgateways",
];

/// Providers whose resources belong to no region, so to no zone either.
const GLOBAL: &[&str] = &[
    "microsoft.authorization",
    "microsoft.cdn",
    "microsoft.managedidentity",
    "microsoft.management",
    "microsoft.policyinsights",
    "microsoft.resources",
];

/// `pickZones(namespace, type, location, count, offset)`: empty where the region or the type has no zones.
pub fn pick_zones(call: &Call<'_>) -> Outcome {
    let namespace = call.text(0)?.to_ascii_lowercase();
    let full = format!("{namespace}/{}", call.text(1)?.to_ascii_lowercase());
    let location = call.text(2)?;
    let count = match call.optional(3) {
        Some(_) => call.int(3)?,
        None => 1,
    };
    let offset = match call.optional(4) {
        Some(_) => call.int(4)?,
        None => 0,
    };
    if !(1..=3).contains(&count) || !(0..=3).contains(&offset) {
        return Err(call.fail("wants a count of 1 to 3 and an offset of 0 or more"));
    }
    let region = regions::find(location);
    if GLOBAL.contains(&namespace.as_str()) || region.is_some_and(|r| r.zones == Some(0)) {
        return call.items(Vec::new());
    }
    let Some(zones) = region.and_then(|r| r.zones) else {
        return Err(call.not_offline(format!("the zones of the region `{location}`")));
    };
    if !ZONAL.contains(&full.as_str()) {
        return Err(call.not_offline(format!("whether `{full}` has zones")));
    }
    if offset + count > i64::from(zones) {
        return Err(call.fail(format_args!("asks for zone {} of a region that has {zones}", offset + count)));
    }
    call.items((offset + 1..=offset + count).map(|zone| call.string(zone.to_string())).collect())
}
