//! `origin-open-to-internet`: the gateway's subnet takes the public listeners' ports from Front Door only.

use super::trusted;
use crate::model::azure::subnets;
use crate::model::ways::gateway::{Found, find, gateways};
use crate::model::ways::{front_door, nsg};
use crate::path;
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Lookup, Value};

/// Judges the security group of each gateway's subnet.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    if !front_door::is_behind(cx.fleet) {
        return;
    }
    let trusted = trusted(cx.fleet);
    for gateway in gateways(cx.inventory()) {
        let listeners = gateway.list("httpListeners");
        let mut ports: Vec<i64> =
            listeners.iter().filter(|l| gateway.is_public(l) != Some(false)).filter_map(|l| gateway.port(l)).collect();
        if !listeners.is_empty() && listeners.iter().all(|l| gateway.is_public(l) == Some(false)) {
            continue;
        }
        if ports.is_empty() {
            ports = vec![80, 443];
        }
        ports.sort_unstable();
        ports.dedup();
        let place = path!["properties", "gatewayIPConfigurations"];
        let Some(id) = gateway.list("gatewayIPConfigurations").first().and_then(|c| c.look("subnet.id").known()) else {
            out.undetermined_at(Place::at(&gateway.resource, place), "the gateway's subnet is not known");
            continue;
        };
        let all = subnets(cx.inventory());
        let Some(subnet) = all.iter().find(|s| s.is_only_candidate(id, cx.inventory()) && same(id, &s.id)) else {
            out.undetermined_at(Place::at(&gateway.resource, place), "the gateway's subnet is not among the files");
            continue;
        };
        let at = subnet.path.join("networkSecurityGroup");
        match subnet.properties.map_or(Lookup::Absent, |p| p.look("networkSecurityGroup.id")) {
            Lookup::Absent => {
                let message =
                    format!("subnet `{}` of {} has no network security group", subnet.name, gateway.resource.noun());
                let help = "Attach a group that takes the gateway's ports from `AzureFrontDoor.Backend` only";
                out.push(Finding::at(subnet.resource, at, message).label("anybody reaches the gateway").help(help));
            }
            Lookup::Unknown(why) => out.undetermined(subnet.resource, at, why),
            Lookup::Known(id) => match find(cx.inventory(), nsg::TYPE, id, subnet.resource) {
                Found::Policy(group) if !group.existing => {
                    for entry in nsg::open_to(cx.inventory(), &group, &ports, &trusted) {
                        match entry.source {
                            Some(source) => {
                                let message = format!(
                                    "rule `{}` lets `{source}` reach {}, not Front Door alone",
                                    entry.rule,
                                    gateway.resource.noun()
                                );
                                let help = "Allow `AzureFrontDoor.Backend` alone, and the addresses in `frontDoor.trustedAddresses`";
                                out.push(
                                    Finding::at(&entry.resource, entry.path, message)
                                        .label("lets others in")
                                        .help(help),
                                );
                            }
                            None => out.undetermined_at(
                                Place::at(&entry.resource, entry.path),
                                "a source or port of the rule is not known",
                            ),
                        }
                    }
                }
                Found::Policy(group) => {
                    out.undetermined_at(Place::declaration(&group), "the security group stands outside of the files");
                }
                Found::Nothing { .. } => {
                    out.undetermined_at(Place::at(subnet.resource, at), "the security group is not among the files");
                }
                Found::Unclear(why) => out.undetermined_at(Place::at(subnet.resource, at), why),
            },
        }
    }
}

fn same(a: &Value, b: &Value) -> bool {
    crate::model::azure::same_id(a, b) != crate::model::azure::Same::No
}
