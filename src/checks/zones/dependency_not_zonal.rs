//! `dependency-not-zonal`: what the cluster depends on survives the loss of a zone too.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::checks::setting::{is_word, said};
use crate::model::azure::{Place as Region, Same, region_of, same_id};
use crate::model::{Identity, Resource};
use crate::resolve::regions;
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Lookup, Path, Value};

/// What makes a resource zonal.
#[derive(Clone, Copy)]
enum Way {
    /// A list `zones` at the top of the resource.
    Zones,
    /// A property that is `Enabled`, or true.
    Switch(&'static str),
    /// A storage SKU with copies in several zones.
    StorageSku,
    /// Frontends of an internal load balancer, each with zones.
    Frontends,
    /// Cosmos DB: each location with `isZoneRedundant`.
    Locations,
}

const TYPES: &[(&str, Way)] = &[
    ("Microsoft.Network/applicationGateways", Way::Zones),
    ("Microsoft.Network/publicIPAddresses", Way::Zones),
    ("Microsoft.Network/azureFirewalls", Way::Zones),
    ("Microsoft.Network/loadBalancers", Way::Frontends),
    ("Microsoft.ContainerRegistry/registries", Way::Switch("properties.zoneRedundancy")),
    ("Microsoft.Storage/storageAccounts", Way::StorageSku),
    ("Microsoft.Cache/redis", Way::Zones),
    ("Microsoft.Cache/redisEnterprise", Way::Zones),
    ("Microsoft.DocumentDB/databaseAccounts", Way::Locations),
];

/// Judges what a stamp's cluster depends on.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let wanted = usize::try_from(cx.options.int("zones").unwrap_or(2)).unwrap_or(2);
    for (ty, way) in TYPES {
        for resource in cx.inventory().azure(ty).filter(|r| !r.existing) {
            let judge = Judge { cx, resource, wanted };
            match way {
                Way::Zones => judge.zones(out),
                Way::Switch(path) => judge.switch(path, out),
                Way::StorageSku => judge.storage(out),
                Way::Frontends => judge.frontends(out),
                Way::Locations => judge.locations(out),
            }
        }
    }
}

struct Judge<'a> {
    cx: &'a StampCx<'a>,
    resource: &'a Arc<Resource>,
    wanted: usize,
}

impl Judge<'_> {
    /// Whether its region has zones; reports where that cannot be told.
    fn in_zonal_region(&self, path: &Path, out: &mut Findings) -> Option<&'static regions::Region> {
        match region_of(self.resource, self.cx.stamp) {
            Region::Region(region) => match region.has_zones() {
                Some(true) => Some(region),
                Some(false) => None,
                None => {
                    out.undetermined_at(
                        Place::at(self.resource, path.clone()),
                        "whether the region has zones is not in the table",
                    );
                    None
                }
            },
            Region::Unknown => {
                out.undetermined_at(Place::at(self.resource, path.clone()), "the region is not known");
                None
            }
        }
    }

    fn report(&self, path: &Path, why: &str, out: &mut Findings) {
        let message = format!("{} does not survive the loss of a zone: {why}", self.resource.noun());
        out.push(Finding::at(self.resource, path.clone(), message).label(why));
    }

    fn zones(&self, out: &mut Findings) {
        let path = crate::path!["zones"];
        // A basic public address knows no zones, and a basic cache has one node.
        let Some(region) = self.in_zonal_region(&path, out) else { return };
        match self.resource.body.look("zones") {
            Lookup::Unknown(unknown) => out.undetermined(self.resource, path, unknown),
            Lookup::Absent if region.zone_redundant_by_default(self.resource.azure_type()) && !self.is_basic() => {}
            Lookup::Absent if self.by_policy() => {}
            Lookup::Absent => self.report(&path, "`zones` is missing", out),
            Lookup::Known(list) => self.count(&path, list, out),
        }
    }

    /// Redis: `zonalAllocationPolicy: Automatic` spreads by itself.
    fn by_policy(&self) -> bool {
        let policy = self.resource.body.look("properties.zonalAllocationPolicy");
        policy.known().is_some_and(|v| is_word(v, &["Automatic"]))
    }

    fn is_basic(&self) -> bool {
        self.resource.body.look("sku.name").known().is_some_and(|v| is_word(v, &["Basic"]))
    }

    fn count(&self, path: &Path, list: &Value, out: &mut Findings) {
        if list.items().iter().any(Value::has_unknown) {
            out.undetermined_at(Place::at(self.resource, path.clone()), "a zone is not known");
            return;
        }
        let zones: BTreeSet<String> = list.items().iter().map(said).collect();
        if zones.len() < self.wanted {
            let why = match zones.len() {
                0 => "it is in no zone".to_owned(),
                1 => "it is pinned to one zone".to_owned(),
                n => format!("it is in {n} of {} zones", self.wanted),
            };
            self.report(path, &why, out);
        }
    }

    fn switch(&self, dotted: &str, out: &mut Findings) {
        let path = Path::dotted(dotted);
        let Some(region) = self.in_zonal_region(&path, out) else { return };
        match self.resource.body.look(dotted) {
            Lookup::Known(value) if is_word(value, &["Enabled"]) => {}
            Lookup::Known(value) => self.report(&path, &format!("it is {}", said(value)), out),
            Lookup::Absent if region.zone_redundant_by_default(self.resource.azure_type()) => {}
            Lookup::Absent => self.report(&path, "`zoneRedundancy` is missing", out),
            Lookup::Unknown(unknown) => out.undetermined(self.resource, path, unknown),
        }
    }

    fn storage(&self, out: &mut Findings) {
        let path = Path::dotted("sku.name");
        if self.holds_logs() {
            return;
        }
        if self.in_zonal_region(&path, out).is_none() {
            return;
        }
        match self.resource.body.look("sku.name") {
            Lookup::Known(value) => {
                let zonal = value.as_str().is_some_and(|s| {
                    let upper = s.to_ascii_uppercase();
                    upper.contains("ZRS")
                });
                if !zonal {
                    self.report(&path, &format!("its SKU is {}", said(value)), out);
                }
            }
            Lookup::Unknown(unknown) => out.undetermined(self.resource, path, unknown),
            Lookup::Absent => self.report(&path, "it names no SKU", out),
        }
    }

    /// Whether flow logs or diagnostics go there: the cluster runs on without them.
    fn holds_logs(&self) -> bool {
        let Identity::Azure { id, .. } = &self.resource.identity else { return false };
        let of = |ty: &str, key: &str| {
            let values = self.cx.inventory().azure(ty).filter_map(|r| r.body.look(key).known());
            values.into_iter().any(|v| same_id(v, id) != Same::No)
        };
        of("Microsoft.Network/networkWatchers/flowLogs", "properties.storageId")
            || of("Microsoft.Insights/diagnosticSettings", "properties.storageAccountId")
    }

    fn frontends(&self, out: &mut Findings) {
        let list = Path::dotted("properties.frontendIPConfigurations");
        let Some(region) = self.in_zonal_region(&list, out) else { return };
        let frontends = self
            .resource
            .body
            .look("properties.frontendIPConfigurations")
            .known()
            .map(Value::items)
            .unwrap_or_default();
        for (i, frontend) in frontends.iter().enumerate() {
            // A public frontend is as zonal as its address, which is judged itself.
            if !frontend.look("properties.publicIPAddress").is_absent() {
                continue;
            }
            let path = list.join(i).join("zones");
            match frontend.look("zones") {
                Lookup::Unknown(unknown) => out.undetermined(self.resource, path, unknown),
                Lookup::Known(zones) => self.count(&path, zones, out),
                Lookup::Absent if region.zone_redundant_by_default(self.resource.azure_type()) => {}
                Lookup::Absent => self.report(&path, "a frontend has no `zones`", out),
            }
        }
    }

    fn locations(&self, out: &mut Findings) {
        let list = Path::dotted("properties.locations");
        let locations = self.resource.body.look("properties.locations").known().map(Value::items).unwrap_or_default();
        for (i, location) in locations.iter().enumerate() {
            let path = list.join(i).join("isZoneRedundant");
            let region = location.look("locationName").known().and_then(Value::as_str).and_then(regions::find);
            match (region.and_then(regions::Region::has_zones), location.look("isZoneRedundant")) {
                (Some(false), _) => {}
                (_, Lookup::Known(value)) if value.as_bool() == Some(true) => {}
                (_, Lookup::Unknown(unknown)) => out.undetermined(self.resource, path, unknown),
                (None, _) => out.undetermined_at(Place::at(self.resource, path), "the region is not known"),
                (Some(true), Lookup::Known(value)) => {
                    self.report(&path, &format!("`isZoneRedundant` is {}", said(value)), out)
                }
                (Some(true), Lookup::Absent) => self.report(&path, "`isZoneRedundant` is missing", out),
            }
        }
    }
}
