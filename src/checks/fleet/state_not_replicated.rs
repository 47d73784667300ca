//! `state-not-replicated`: the data stores that stamps share are in every stamp's region, or geo-redundant.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::checks::setting::said;
use crate::model::azure::{Same, same_id};
use crate::model::{Fleet, Identity, Resource, Stamp, StampSet};
use crate::resolve::regions;
use crate::rule::{Finding, Findings, FleetCx, Verdict};
use crate::tree::{Lookup, Path, Value};

const COSMOS: &str = "Microsoft.DocumentDB/databaseAccounts";
const STORAGE: &str = "Microsoft.Storage/storageAccounts";
const CACHE: &str = "Microsoft.Cache/redis";
const ENTERPRISE: &str = "Microsoft.Cache/redisEnterprise";
const STORES: [&str; 4] = [COSMOS, STORAGE, CACHE, ENTERPRISE];

/// Judges the stores that are deployed once, and those that one stamp alone has. A store of each stamp's own is in its region.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    let fleet = cx.fleet;
    let stamps: Vec<&Stamp> = fleet.stamps.iter().filter(|s| s.is_production()).collect();
    let wanted: BTreeSet<&str> =
        stamps.iter().filter_map(|s| Some(regions::find(s.region.as_deref()?)?.name.as_str())).collect();
    if wanted.len() < 2 {
        return;
    }
    for ty in STORES {
        let of_type = |r: &&Arc<Resource>| r.is_azure(ty) && !r.existing;
        let owners = fleet.stamps.iter().filter(|s| s.own.resources.iter().any(|r| of_type(&r))).count();
        let alone = fleet.stamps.iter().filter(|s| owners == 1 && s.is_production()).flat_map(|s| &s.own.resources);
        for store in fleet.shared.resources.iter().chain(alone).filter(of_type) {
            if holds_logs(fleet, store) {
                continue;
            }
            let judged = match ty {
                COSMOS => locations(store),
                STORAGE => sku(store),
                _ => linked(fleet, store),
            };
            report(store, judged, &wanted, &stamps, out);
        }
    }
}

/// What a store says of its copies.
enum Judged {
    /// It has copies elsewhere by itself.
    Redundant,
    /// It is in these regions; at a path that says so, in words.
    In(BTreeSet<String>, Path, String),
    /// It cannot be told.
    Unknown(Path, String),
}

fn report(store: &Arc<Resource>, judged: Judged, wanted: &BTreeSet<&str>, stamps: &[&Stamp], out: &mut Findings) {
    let (held, path, why) = match judged {
        Judged::Redundant => return,
        Judged::In(held, path, why) => (held, path, why),
        Judged::Unknown(path, why) => {
            let finding = Finding::at(store, path, format!("cannot be told: {why}")).verdict(Verdict::Undetermined);
            return out.push(finding.stamps(StampSet::from_indexes(stamps.iter().map(|s| s.index))));
        }
    };
    let missing: Vec<&str> = wanted.iter().copied().filter(|w| !held.contains(*w)).collect();
    if missing.is_empty() {
        return;
    }
    let without = stamps
        .iter()
        .filter(|s| s.region.as_deref().and_then(regions::find).is_some_and(|r| missing.contains(&r.name.as_str())));
    let message = format!("{} is not in `{}`: {why}", store.noun(), missing.join("`, `"));
    out.push(
        Finding::at(store, path, message)
            .label(format!("not in `{}`", missing.join("`, `")))
            .stamps(StampSet::from_indexes(without.map(|s| s.index))),
    );
}

/// Cosmos DB: with two locations or more it is geo-redundant.
fn locations(store: &Resource) -> Judged {
    let path = Path::dotted("properties.locations");
    match store.body.look("properties.locations") {
        Lookup::Unknown(unknown) => Judged::Unknown(path, unknown.to_string()),
        Lookup::Known(list)
            if list.items().iter().any(|l| l.look("locationName").known().and_then(Value::as_str).is_none()) =>
        {
            Judged::Unknown(path, "a location is not known".to_owned())
        }
        Lookup::Known(list) if !list.items().is_empty() => {
            let names = list.items().iter().filter_map(|l| l.look("locationName").known()?.as_str());
            let held: BTreeSet<String> = names.map(region).collect();
            if held.len() > 1 { Judged::Redundant } else { Judged::In(held, path, "it has one location".to_owned()) }
        }
        _ => in_own_region(store, path, "it has one location"),
    }
}

fn sku(store: &Resource) -> Judged {
    let path = Path::dotted("sku.name");
    match store.body.look("sku.name") {
        Lookup::Unknown(unknown) => Judged::Unknown(path, unknown.to_string()),
        Lookup::Known(sku) => match sku.as_str() {
            None => Judged::Unknown(path, "the SKU is not known".to_owned()),
            Some(text) if text.to_ascii_uppercase().contains("GRS") || text.to_ascii_uppercase().contains("GZRS") => {
                Judged::Redundant
            }
            Some(_) => in_own_region(store, path, &format!("its SKU is {}", said(sku))),
        },
        Lookup::Absent => in_own_region(store, path, "it names no SKU"),
    }
}

/// A cache: linked with another one, in whatever way its kind links.
fn linked(fleet: &Fleet, store: &Resource) -> Judged {
    let prefix = format!("{}/", store.name().to_ascii_lowercase());
    let all = fleet.shared.resources.iter().chain(fleet.stamps.iter().flat_map(|s| &s.own.resources));
    let links = all.filter(|r| {
        (r.is_azure("Microsoft.Cache/redis/linkedServers") && r.name().to_ascii_lowercase().starts_with(&prefix))
            || (r.is_azure("Microsoft.Cache/redisEnterprise/databases")
                && r.name().to_ascii_lowercase().starts_with(&prefix)
                && !r.body.look("properties.geoReplication.linkedDatabases").is_absent())
    });
    if links.into_iter().next().is_some() {
        return Judged::Redundant;
    }
    in_own_region(store, Path::dotted("name"), "it is linked with no other cache")
}

fn in_own_region(store: &Resource, path: Path, why: &str) -> Judged {
    match store.body.look("location").known().and_then(Value::as_str) {
        Some(text) => Judged::In(BTreeSet::from([region(text)]), path, why.to_owned()),
        None => Judged::Unknown(path, "its region is not known".to_owned()),
    }
}

fn region(text: &str) -> String {
    regions::find(text).map_or_else(|| text.to_lowercase(), |r| r.name.clone())
}

/// Whether flow logs or diagnostics go there: stamps run on without them.
fn holds_logs(fleet: &Fleet, store: &Resource) -> bool {
    let Identity::Azure { id, .. } = &store.identity else { return false };
    let mut all = fleet.shared.resources.iter().chain(fleet.stamps.iter().flat_map(|s| &s.own.resources));
    all.any(|r| {
        let key = match r.azure_type().to_ascii_lowercase().as_str() {
            "microsoft.network/networkwatchers/flowlogs" => "properties.storageId",
            "microsoft.insights/diagnosticsettings" => "properties.storageAccountId",
            _ => return false,
        };
        r.body.look(key).known().is_some_and(|v| same_id(v, id) != Same::No)
    })
}

/// Types whose copies this rule and `registry-not-replicated` judge: that one stamp alone deploys them is no drift.
pub fn is_one_for_all(ty: &str) -> bool {
    STORES.iter().any(|s| ty.eq_ignore_ascii_case(s))
        || ty.eq_ignore_ascii_case("Microsoft.ContainerRegistry/registries")
}
