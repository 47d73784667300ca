//! `azure-policy-addon-disabled`: the Azure Policy add-on is on.

use crate::checks::setting::Setting;
use crate::rule::{Findings, ResourceCx};

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let path = "properties.addonProfiles.azurepolicy.enabled";
    Setting { path, offence: "does not have the Azure Policy add-on", default: Some("off") }.switch(cx, true, out);
}
