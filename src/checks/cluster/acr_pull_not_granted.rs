//! `acr-pull-not-granted`: each cluster's kubelet identity has AcrPull on the fleet's registry.

use crate::model::azure::CLUSTER;
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Kind, Part, Value};

const ACR_PULL: &str = "7f951dda-4ed3-4680-a7ca-43fe172d538d";
const ASSIGNMENTS: &str = "Microsoft.Authorization/roleAssignments";

/// Judges the clusters of a stamp. Whose identity an assignment names is known only at run time, so the role decides.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let roles: Vec<&Value> =
        cx.inventory().azure(ASSIGNMENTS).filter_map(|a| a.body.look("properties.roleDefinitionId").known()).collect();
    let unknown =
        cx.inventory().azure(ASSIGNMENTS).any(|a| a.body.look("properties.roleDefinitionId").unknown().is_some());
    if roles.iter().any(|r| names(r, ACR_PULL)) {
        return;
    }
    let has_registry = cx.inventory().azure("Microsoft.ContainerRegistry/registries").next().is_some();
    for cluster in cx.inventory().azure(CLUSTER).filter(|c| !c.existing) {
        if unknown || !has_registry {
            let why = if unknown { "the role of an assignment is not known" } else { "no registry is among the files" };
            out.undetermined_at(Place::name(cluster), why);
            continue;
        }
        let message = format!("the kubelet identity of {} is not granted AcrPull on the registry", cluster.noun());
        let help = format!("assign role `{ACR_PULL}` on the registry to the cluster's kubelet identity");
        out.push(Finding::new(Place::name(cluster), message).label("no AcrPull").help(help));
    }
}

/// Whether known text of a role's id holds a GUID.
fn names(role: &Value, guid: &str) -> bool {
    let holds = |text: &str| text.to_ascii_lowercase().contains(guid);
    match &role.kind {
        Kind::String(text) => holds(text),
        Kind::Parts(parts) => parts.iter().any(|p| matches!(p, Part::Text(text) if holds(text))),
        _ => false,
    }
}
