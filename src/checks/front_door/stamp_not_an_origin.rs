//! `stamp-not-an-origin`: each stamp's public way in is an origin of the Front Door.

use std::sync::Arc;

use crate::model::azure::{Place as Region, region_of};
use crate::model::ways::front_door::{GROUP, Origin, PROFILE, is_front_door, origins};
use crate::model::ways::{apim, cluster, gateway};
use crate::model::{Resource, Stamp, StampSet};
use crate::rule::{Finding, Findings, FleetCx, Place, Verdict};
use crate::tree::{Kind, Value};

/// Judges each stamp.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    if cx.fleet.workflows.iter().any(|w| adds_origins(&w.root, 64)) {
        return;
    }
    for stamp in &cx.fleet.stamps {
        let inventory = &stamp.inventory;
        let Some(profile) = inventory.azure(PROFILE).find(|p| !p.existing && is_front_door(p)) else { continue };
        let entries = entries(stamp);
        if entries.is_empty() {
            continue;
        }
        let origins = origins(inventory);
        let place = inventory.azure(GROUP).find(|g| !g.existing).unwrap_or(profile);
        let stamps = StampSet::one(stamp.index);
        match judge(&entries, &origins) {
            Some(true) => {}
            Some(false) => {
                let message = format!("stamp `{}` is no origin of the Front Door: no traffic gets there", stamp.name);
                let help = "Add an origin with the host name of the stamp's gateway, or add it in the workflow that deploys the stamp";
                out.push(
                    Finding::new(Place::name(place), message)
                        .label("a stamp is missing here")
                        .help(help)
                        .about(place)
                        .stamps(stamps),
                );
            }
            None => {
                let why = "cannot be told: a host of an origin, or of the stamp, is not known";
                out.push(Finding::new(Place::name(place), why).verdict(Verdict::Undetermined).stamps(stamps));
            }
        }
    }
}

/// A public way in.
enum Entry {
    /// By this host.
    Host(String),
    /// By a host or address that is not known.
    Unknown,
}

fn entries(stamp: &Stamp) -> Vec<Entry> {
    let inventory = &stamp.inventory;
    let mut found = Vec::new();
    for gateway in gateway::gateways(inventory) {
        for frontend in gateway.list("frontendIPConfigurations") {
            let Some(id) = frontend.look("publicIPAddress.id").known() else { continue };
            found.push(address(stamp, id, &gateway.resource));
        }
    }
    for balancer in cluster::balancers(inventory).iter().filter(|b| b.public == Some(true) && b.controller.is_some()) {
        let annotations = balancer.service.body.look("metadata.annotations").known();
        let label = annotations.and_then(|a| a.get("service.beta.kubernetes.io/azure-dns-label-name"));
        found.push(match (label.and_then(Value::as_str), &stamp.region) {
            (Some(label), Some(region)) => Entry::Host(format!("{label}.{region}.cloudapp.azure.com")),
            _ => Entry::Unknown,
        });
    }
    for service in inventory.azure(apim::TYPE).filter(|s| !s.existing && apim::is_public(s)) {
        found.push(if service.name().contains('…') {
            Entry::Unknown
        } else {
            Entry::Host(format!("{}.azure-api.net", service.name()))
        });
    }
    found
}

fn address(stamp: &Stamp, id: &Value, gateway: &Arc<Resource>) -> Entry {
    let found = gateway::find(&stamp.inventory, "Microsoft.Network/publicIPAddresses", id, gateway);
    let gateway::Found::Policy(public) = found else { return Entry::Unknown };
    let label = public.body.look("properties.dnsSettings.domainNameLabel").known().and_then(Value::as_str);
    match (label, region_of(&public, stamp)) {
        (Some(label), Region::Region(region)) => Entry::Host(format!("{label}.{}.cloudapp.azure.com", region.name)),
        _ => Entry::Unknown,
    }
}

fn judge(entries: &[Entry], origins: &[Origin]) -> Option<bool> {
    if origins.is_empty() {
        return Some(false);
    }
    let mut unclear = false;
    for origin in origins {
        let host = origin.host.as_ref();
        match host.map(|h| &h.kind) {
            Some(Kind::String(host)) => {
                let same = |e: &Entry| matches!(e, Entry::Host(own) if own.eq_ignore_ascii_case(host));
                if entries.iter().any(same) {
                    return Some(true);
                }
                // A name of one's own may lead anywhere, and so may an address.
                unclear |= !is_azures(host);
            }
            _ => unclear = true,
        }
        unclear |= origin.private;
    }
    let known = entries.iter().all(|e| matches!(e, Entry::Host(_)));
    if known && !unclear { Some(false) } else { None }
}

fn is_azures(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    [".cloudapp.azure.com", ".azure-api.net", ".azurewebsites.net", ".blob.core.windows.net", ".web.core.windows.net"]
        .iter()
        .any(|s| host.ends_with(s))
}

/// Whether a workflow adds origins.
fn adds_origins(value: &Value, depth: usize) -> bool {
    match &value.kind {
        Kind::String(text) => {
            let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
            ["az afd origin create", "az afd origin update", "az network front-door backend-pool backend add"]
                .iter()
                .any(|c| words.contains(c))
        }
        Kind::List(items) => depth > 0 && items.iter().any(|v| adds_origins(v, depth - 1)),
        Kind::Map(map) => depth > 0 && map.iter().any(|e| adds_origins(&e.value, depth - 1)),
        _ => false,
    }
}
