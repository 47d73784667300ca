//! `network-plugin-not-cni`: Azure CNI.

use crate::checks::setting::{Setting, is_word};
use crate::rule::{Findings, ResourceCx};
use crate::tree::Lookup;

/// Judges one cluster. AKS Automatic has Azure CNI without being told.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let automatic = match cx.resource.body.look("sku.name") {
        Lookup::Known(name) => is_word(name, &["Automatic"]),
        _ => false,
    };
    let default = (!automatic).then_some("kubenet");
    Setting { path: "properties.networkProfile.networkPlugin", offence: "does not use Azure CNI", default }.word(
        cx,
        &["azure"],
        out,
    );
}
