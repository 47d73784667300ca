//! `service-principal-identity`: a managed identity, no service principal.

use crate::checks::setting::Setting;
use crate::rule::{Findings, ResourceCx};

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let principal = Setting {
        path: "properties.servicePrincipalProfile.clientId",
        offence: "runs as a service principal",
        default: None,
    };
    if principal.word(cx, &["msi"], out) {
        return;
    }
    let identity = Setting { path: "identity.type", offence: "has no managed identity", default: Some("none") };
    identity.judge(cx, |v| v.as_str().is_some_and(|t| !t.eq_ignore_ascii_case("None")), out);
}
