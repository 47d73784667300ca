//! `risky-auto-upgrade-channel`: Kubernetes upgrades itself by patches at most.

use crate::checks::setting::Setting;
use crate::rule::{Findings, ResourceCx};

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let path = "properties.autoUpgradeProfile.upgradeChannel";
    Setting { path, offence: "takes new minor versions by itself", default: None }.word(cx, &["none", "patch"], out);
}
