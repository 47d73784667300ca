//! `workload-identity-disabled`: OIDC issuer and workload identity are on, pod-managed identity is off.

use crate::checks::setting::Setting;
use crate::rule::{Findings, ResourceCx};

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let on = |path, offence| Setting { path, offence, default: Some("off") };
    on("properties.oidcIssuerProfile.enabled", "has no OIDC issuer").switch(cx, true, out);
    on("properties.securityProfile.workloadIdentity.enabled", "does not have workload identity").switch(cx, true, out);
    let former = Setting {
        path: "properties.podIdentityProfile.enabled",
        offence: "uses pod-managed identity, which is retired",
        default: None,
    };
    former.switch(cx, false, out);
}
