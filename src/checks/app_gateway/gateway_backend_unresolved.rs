//! `gateway-backend-unresolved`: from the gateway over private DNS and the internal load balancer to an ingress that
//! serves the host.

use crate::model::ways::gateway::{Gateway, gateways};
use crate::model::ways::{cluster, dns};
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Kind, Lookup, Path, Value};

const HELP: &str = "Let the backend's host be the A record's name, the record the internal load balancer's address, and an ingress serve the host";

/// Judges the backends of a stamp's gateways.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for gateway in gateways(cx.inventory()) {
        let network = gateway
            .list("gatewayIPConfigurations")
            .first()
            .and_then(|c| c.look("subnet.id").known())
            .and_then(|id| dns::network_of(cx.inventory(), id));
        let mut hosts: Vec<(String, Path)> = Vec::new();
        for pool in gateway.list("backendAddressPools") {
            let addresses = pool.look("backendAddresses").known().map(Value::items).unwrap_or_default();
            for (i, address) in addresses.iter().enumerate() {
                let at = pool.at("backendAddresses").join(i);
                match address.look("fqdn") {
                    Lookup::Known(value) => {
                        let path = at.join("fqdn");
                        match value.as_str() {
                            Some(fqdn) => {
                                hosts.push((fqdn.to_owned(), path.clone()));
                                name(cx, &gateway, fqdn, path, network.as_ref(), out);
                            }
                            None => {
                                out.undetermined_at(Place::at(&gateway.resource, path), "the host is partly unknown")
                            }
                        }
                    }
                    Lookup::Unknown(why) => out.undetermined(&gateway.resource, at.join("fqdn"), why),
                    Lookup::Absent => {
                        if let Some(ip) = address.look("ipAddress").known().and_then(Value::as_str) {
                            balancer(cx, ip, &Place::at(&gateway.resource, at.join("ipAddress")), out);
                        }
                    }
                }
            }
        }
        sent(cx, &gateway, &hosts, out);
    }
}

/// A backend's host: only one in a private zone of the stamp, or below none that is public, is judged.
fn name(cx: &StampCx<'_>, gateway: &Gateway, fqdn: &str, path: Path, network: Option<&Value>, out: &mut Findings) {
    let inventory = cx.inventory();
    let host = fqdn.to_ascii_lowercase();
    let zones = dns::zones(inventory);
    let zone = zones.iter().filter(|z| host == **z || host.ends_with(&format!(".{z}"))).max_by_key(|z| z.len());
    let records = dns::records(inventory);
    let place = Place::at(&gateway.resource, path.clone());
    let Some(zone) = zone else {
        out.undetermined_at(place, format!("no private zone of the files holds `{fqdn}`"));
        return;
    };
    let Some(record) = records
        .iter()
        .find(|r| r.fqdn == host || (r.fqdn.starts_with("*.") && host.ends_with(r.fqdn.trim_start_matches('*'))))
    else {
        if records.iter().any(|r| r.zone == *zone && r.fqdn.contains('…')) {
            out.undetermined_at(place, "the name of a record is not known");
            return;
        }
        let near = records.iter().find(|r| r.zone == *zone);
        let message = match near {
            Some(near) => format!("`{fqdn}` has no A record in the stamp's private zone, which has `{}`", near.fqdn),
            None => format!("`{fqdn}` has no A record in the stamp's private zone `{zone}`"),
        };
        let mut finding = Finding::at(&gateway.resource, path, message).label("no such record").help(HELP);
        if let Some(near) = near {
            finding = finding.related(Place::name(near.resource), "the zone's record");
        }
        out.push(finding);
        return;
    };
    if network.is_some() && dns::is_linked(inventory, zone, network) == Some(false) {
        let message = format!("the private zone `{zone}` is not linked to the network of {}", gateway.resource.noun());
        out.push(Finding::at(&gateway.resource, path, message).label("the zone is not linked").help(HELP));
    }
    for (path, address) in &record.addresses {
        let place = Place::at(record.resource, path.clone());
        match &address.kind {
            Kind::String(ip) => balancer(cx, ip, &place, out),
            _ => out.undetermined_at(place, "the record's address is not known"),
        }
    }
}

/// An address that is to be an internal load balancer's.
fn balancer(cx: &StampCx<'_>, ip: &str, place: &Place, out: &mut Findings) {
    let balancers = cluster::balancers(cx.inventory());
    let internal: Vec<_> = balancers.iter().filter(|b| b.public == Some(false) && b.controller.is_some()).collect();
    let addresses: Vec<_> = internal.iter().filter_map(|b| b.address()).collect();
    if internal.is_empty()
        || addresses.len() < internal.len()
        || addresses.iter().any(|(v, _)| v.as_str().is_none_or(|a| a.parse::<std::net::IpAddr>().is_err()))
    {
        out.undetermined_at(place.clone(), "the internal load balancer's address is not among the files");
        return;
    }
    if !addresses.iter().any(|(v, _)| v.as_str() == Some(ip)) {
        let all: Vec<&str> = addresses.iter().filter_map(|(v, _)| v.as_str()).collect();
        let message =
            format!("the gateway's backend is {ip}, but the stamp's internal load balancer has {}", all.join(", "));
        out.push(Finding::new(place.clone(), message).label("no load balancer has this address").help(HELP));
    }
}

/// The hosts that the gateway sends on: an ingress of the stamp has to serve each.
fn sent(cx: &StampCx<'_>, gateway: &Gateway, hosts: &[(String, Path)], out: &mut Findings) {
    let Some(served) = served(cx) else { return };
    let judge = |host: &str, path: Path, out: &mut Findings| {
        let host = host.to_ascii_lowercase();
        // What somebody is to replace says nothing yet.
        if host.contains(['<', '[']) || served.iter().any(|s| s.contains(['<', '['])) {
            return;
        }
        let fits =
            |s: &String| *s == host || s.is_empty() || s.strip_prefix('*').is_some_and(|tail| host.ends_with(tail));
        if !served.iter().any(fits) {
            let message =
                format!("no ingress of the stamp serves `{host}`, which {} sends on", gateway.resource.noun());
            out.push(Finding::at(&gateway.resource, path, message).label("no ingress serves this host").help(HELP));
        }
    };
    for settings in gateway.list("backendHttpSettingsCollection") {
        match settings.look("hostName").known().and_then(Value::as_str).filter(|h| !h.is_empty()) {
            Some(host) => judge(host, settings.at("hostName"), out),
            None if settings.look("pickHostNameFromBackendAddress").known().and_then(Value::as_bool) == Some(true) => {
                for (host, path) in hosts {
                    judge(host, path.clone(), out);
                }
            }
            None => {}
        }
    }
}

/// The hosts that the stamp's ingress serves; none when that cannot be told.
fn served(cx: &StampCx<'_>) -> Option<Vec<String>> {
    let inventory = cx.inventory();
    let mut hosts = Vec::new();
    for ingress in inventory.kind("Ingress") {
        let rules = ingress.body.look("spec.rules").known().map(Value::items).unwrap_or_default();
        for rule in rules {
            match rule.look("host") {
                Lookup::Known(host) => hosts.push(host.as_str()?.to_ascii_lowercase()),
                Lookup::Absent => hosts.push(String::new()),
                Lookup::Unknown(_) => return None,
            }
        }
    }
    for route in inventory.kind("IngressRoute") {
        for (_, value) in route.body.select("spec.routes[].match", crate::tree::Case::Exact) {
            let text = value.as_str()?;
            let mut any = false;
            for part in text.split("Host(").skip(1) {
                let inside = part.split(')').next().unwrap_or_default();
                for host in inside.split(',') {
                    any = true;
                    hosts.push(host.trim().trim_matches(['`', '"']).to_ascii_lowercase());
                }
            }
            if !any {
                hosts.push(String::new());
            }
        }
    }
    for kind in ["HTTPRoute", "VirtualService"] {
        for route in inventory.kind(kind) {
            let key = if kind == "HTTPRoute" { "spec.hostnames" } else { "spec.hosts" };
            let listed = route.body.look(key).known().map(Value::items).unwrap_or_default();
            if listed.is_empty() {
                hosts.push(String::new());
            }
            for host in listed {
                let host = host.as_str()?;
                hosts.push(if host == "*" { String::new() } else { host.to_ascii_lowercase() });
            }
        }
    }
    if hosts.is_empty() { None } else { Some(hosts) }
}
