//! `legacy-addon-enabled`: HTTP application routing and the dashboard are off.

use crate::checks::setting::Setting;
use crate::rule::{Findings, ResourceCx};

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    for (path, offence) in [
        (
            "properties.addonProfiles.httpApplicationRouting.enabled",
            "has HTTP application routing, which is for tests only",
        ),
        ("properties.addonProfiles.kubeDashboard.enabled", "has the dashboard add-on, which is retired"),
    ] {
        Setting { path, offence, default: None }.switch(cx, false, out);
    }
}
