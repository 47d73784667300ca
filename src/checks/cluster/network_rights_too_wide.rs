//! `network-rights-too-wide`: a cluster's identity has Network Contributor on the subnets that it uses, not on more.

use crate::model::azure::CLUSTER;
use crate::model::{Inventory, Resource};
use crate::path;
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Kind, Part, Value, WaitsFor};

const NETWORK_CONTRIBUTOR: &str = "4d97b98b-1d4f-4787-a291-c67834d212e7";
const ASSIGNMENTS: &str = "Microsoft.Authorization/roleAssignments";

/// Judges the role assignments of a stamp. An identity that the template makes is known by the resource that it waits
/// for; one that is given as a literal id may be anybody's and is left alone.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for assignment in cx.inventory().azure(ASSIGNMENTS).filter(|a| !a.existing) {
        let role = assignment.body.look("properties.roleDefinitionId").known().map(text_of).unwrap_or_default();
        if !role.contains(NETWORK_CONTRIBUTOR) {
            continue;
        }
        let Some(width) = scope(assignment).and_then(|scope| width(&scope)) else {
            continue;
        };
        let principal = assignment.body.look("properties.principalId").unknown().map(|u| &u.from);
        let Some(cluster) = principal.and_then(|from| cluster_of(cx.inventory(), from)) else {
            if principal.is_some_and(is_user_assigned) && cx.inventory().azure(CLUSTER).any(|c| keeps_to_itself(c)) {
                let place = Place::at(assignment, path!["properties", "roleDefinitionId"]);
                out.undetermined_at(place, "which identity the cluster has is not known");
            }
            continue;
        };
        let message = format!("the identity of {} has Network Contributor on {width}", cluster.noun());
        let at = path!["properties", "roleDefinitionId"];
        let help = "assign the role on each subnet that the cluster and its load balancers use";
        out.push(Finding::at(assignment, at, message).label(format!("on {width}")).help(help));
    }
}

/// Whether somebody is an identity that templates make.
fn is_user_assigned(from: &WaitsFor) -> bool {
    matches!(from, WaitsFor::Resource { id, path } if id.to_ascii_lowercase().contains("/userassignedidentities/")
        && path.to_ascii_lowercase().ends_with("principalid"))
}

/// Whether the identities of a cluster are not known: their ids hold the subscription, and are keys.
fn keeps_to_itself(cluster: &Resource) -> bool {
    !cluster.existing && cluster.body.look("identity.userAssignedIdentities").unknown().is_some()
}

/// The cluster whose control plane uses an identity.
fn cluster_of<'i>(inventory: &'i Inventory, from: &WaitsFor) -> Option<&'i Resource> {
    let WaitsFor::Resource { id, path } = from else {
        return None;
    };
    let id = id.to_ascii_lowercase();
    if !path.to_ascii_lowercase().ends_with("principalid") {
        return None;
    }
    let own_name = |resource: &Resource| id.rsplit('/').next() == Some(resource.name().to_ascii_lowercase().as_str());
    let mut clusters = inventory.azure(CLUSTER).filter(|c| !c.existing).map(|c| &**c);
    if id.contains("/microsoft.containerservice/managedclusters/") {
        return clusters.find(|c| own_name(c));
    }
    if !id.contains("/microsoft.managedidentity/userassignedidentities/") || id.ends_with('…') {
        return None;
    }
    clusters.find(|cluster| {
        let assigned = cluster.body.look("identity.userAssignedIdentities").known().map(Value::entries);
        assigned.unwrap_or_default().iter().any(|e| {
            let key = e.key.to_ascii_lowercase();
            key.rsplit('/').next() == id.rsplit('/').next()
        })
    })
}

/// What the assignment is on: its id without its own type and name.
fn scope(assignment: &Resource) -> Option<String> {
    let crate::model::Identity::Azure { id, .. } = &assignment.identity else {
        return None;
    };
    let id = text_of(id);
    let own = id.rfind("/providers/microsoft.authorization/roleassignments")?;
    id.get(..own).map(str::to_owned)
}

/// The scope in words, if it is wider than a subnet.
fn width(scope: &str) -> Option<&'static str> {
    match scope.rsplit('/').nth(1)? {
        "virtualnetworks" => Some("the whole network"),
        "resourcegroups" => Some("the resource group"),
        "subscriptions" => Some("the subscription"),
        "managementgroups" => Some("the management group"),
        _ => None,
    }
}

/// Known text in lower case; unknown pieces stand as `…`.
fn text_of(value: &Value) -> String {
    match &value.kind {
        Kind::String(text) => text.as_str().to_ascii_lowercase(),
        Kind::Parts(parts) => {
            let piece = |part: &Part| match part {
                Part::Text(text) => text.as_str().to_ascii_lowercase(),
                Part::Unknown(_) => "…".to_owned(),
            };
            parts.iter().map(piece).collect()
        }
        _ => String::new(),
    }
}
