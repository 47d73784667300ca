//! `entra-integration-missing`: managed Microsoft Entra integration, with an admin group unless Azure RBAC decides.

use crate::checks::setting::Setting;
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Path, Value};

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let offence = "has no managed Microsoft Entra integration";
    match cx.resource.body.look("properties.aadProfile") {
        Lookup::Absent => {
            let message = format!("{} {offence}: `aadProfile` is missing", cx.resource.noun());
            out.push(
                Finding::at(cx.resource, Path::dotted("properties.aadProfile"), message).label("no `aadProfile` here"),
            );
        }
        Lookup::Unknown(unknown) => out.undetermined(cx.resource, Path::dotted("properties.aadProfile"), unknown),
        Lookup::Known(profile) => {
            let managed = Setting { path: "properties.aadProfile.managed", offence, default: Some("false") };
            if !managed.switch(cx, true, out) {
                admins(cx, profile, out);
            }
        }
    }
}

fn admins(cx: &ResourceCx<'_>, profile: &Value, out: &mut Findings) {
    let azure_rbac = profile.look("enableAzureRBAC");
    if azure_rbac.known().and_then(Value::as_bool) == Some(true) {
        return;
    }
    let path = Path::dotted("properties.aadProfile.adminGroupObjectIDs");
    match (profile.look("adminGroupObjectIDs"), azure_rbac) {
        (Lookup::Known(groups), _) if groups.as_list().is_some_and(|l| !l.is_empty()) => {}
        (Lookup::Unknown(unknown), _) | (_, Lookup::Unknown(unknown)) => out.undetermined(cx.resource, path, unknown),
        _ => {
            let message = format!(
                "{} has no admin group, and Azure RBAC is off: nobody can administer it by Entra ID",
                cx.resource.noun()
            );
            out.push(Finding::at(cx.resource, path, message).label("no admin group"));
        }
    }
}
