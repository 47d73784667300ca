//! `gateway-shares-subnet`: a gateway has a subnet to itself.

use std::sync::Arc;

use crate::model::Resource;
use crate::model::azure::{Id, Same, same_id};
use crate::model::ways::gateway::{TYPE, gateways};
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Case, Value};

/// Types and the paths at which they name the subnet that they stand in.
const USERS: &[(&str, &str)] = &[
    ("Microsoft.ContainerService/managedClusters", "properties.agentPoolProfiles[].vnetSubnetID"),
    ("Microsoft.ContainerService/managedClusters/agentPools", "properties.vnetSubnetID"),
    ("Microsoft.Network/networkInterfaces", "properties.ipConfigurations[].properties.subnet.id"),
    ("Microsoft.Network/privateEndpoints", "properties.subnet.id"),
    ("Microsoft.Network/loadBalancers", "properties.frontendIPConfigurations[].properties.subnet.id"),
    ("Microsoft.Network/privateLinkServices", "properties.ipConfigurations[].properties.subnet.id"),
    ("Microsoft.Network/azureFirewalls", "properties.ipConfigurations[].properties.subnet.id"),
    ("Microsoft.Network/bastionHosts", "properties.ipConfigurations[].properties.subnet.id"),
    (
        "Microsoft.Compute/virtualMachineScaleSets",
        "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties.ipConfigurations[].properties.subnet.id",
    ),
    ("Microsoft.ApiManagement/service", "properties.virtualNetworkConfiguration.subnetResourceId"),
];

/// Judges the gateways of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for gateway in gateways(cx.inventory()) {
        for configuration in gateway.list("gatewayIPConfigurations") {
            let Some(id) = configuration.look("subnet.id").known() else { continue };
            let mut others: Vec<(&Arc<Resource>, crate::tree::Path)> = Vec::new();
            for (ty, path) in USERS.iter().filter(|(ty, _)| !ty.eq_ignore_ascii_case(TYPE)) {
                for user in cx.inventory().azure(ty).filter(|r| !r.existing) {
                    let own = user.body.select(path, Case::Ignore);
                    others.extend(own.into_iter().filter(|(_, v)| is_same(v, id)).map(|(p, _)| (user, p)));
                }
            }
            if let Some((user, path)) = others.into_iter().next() {
                let message = format!("{} shares its subnet with {}", gateway.resource.noun(), user.noun());
                out.push(
                    Finding::at(&gateway.resource, configuration.at("subnet.id"), message)
                        .label("shared")
                        .related(Place::at(user, path), "stands there too")
                        .help("Give the gateway a subnet of its own"),
                );
            }
        }
    }
}

/// Whether two ids surely mean one subnet: equal, or of one network's and one subnet's known name.
fn is_same(a: &Value, b: &Value) -> bool {
    match same_id(a, b) {
        Same::Yes => true,
        Same::No => false,
        Same::Maybe => match (Id::of(a), Id::of(b)) {
            (Some(a), Some(b)) => {
                let name = |i: &Id| i.after("subnets").map(str::to_owned);
                name(&a).is_some()
                    && name(&a) == name(&b)
                    && a.after("virtualNetworks").is_some()
                    && a.after("virtualNetworks") == b.after("virtualNetworks")
            }
            _ => false,
        },
    }
}
