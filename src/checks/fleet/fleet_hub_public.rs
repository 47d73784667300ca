//! `fleet-hub-public`: the hub cluster of a Fleet Manager is private.

use crate::checks::setting::Setting;
use crate::rule::{Findings, ResourceCx};
use crate::tree::Lookup;

/// Judges a Fleet Manager. One without a hub has no API server that could be reached.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    if matches!(cx.resource.body.look("properties.hubProfile"), Lookup::Absent) {
        return;
    }
    let setting = Setting {
        path: "properties.hubProfile.apiServerAccessProfile.enablePrivateCluster",
        offence: "has a hub that the internet reaches",
        default: Some("false"),
    };
    setting.switch(cx, true, out);
}
