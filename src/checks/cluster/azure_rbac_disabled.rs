//! `azure-rbac-disabled`: Azure RBAC decides what people may do in the cluster.

use crate::checks::setting::Setting;
use crate::rule::{Findings, ResourceCx};
use crate::tree::Value;

/// Judges one cluster. Without Entra integration there is nothing that Azure RBAC could decide on; that has a rule of its own.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let look = |key: &str| cx.resource.body.look(&format!("properties.aadProfile.{key}"));
    let managed = look("managed").known().and_then(Value::as_bool) == Some(true);
    let enabled = look("enableAzureRBAC").known().and_then(Value::as_bool) == Some(true);
    let groups = look("adminGroupObjectIDs");
    let has_admins = groups.unknown().is_some() || groups.known().is_some_and(|g| !g.items().is_empty());
    if !managed || !(enabled || has_admins) {
        return;
    }
    let setting = Setting {
        path: "properties.aadProfile.enableAzureRBAC",
        offence: "does not use Azure RBAC for Kubernetes authorization",
        default: Some("false"),
    };
    setting.switch(cx, true, out);
}
