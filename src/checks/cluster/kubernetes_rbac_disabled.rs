//! `kubernetes-rbac-disabled`: Kubernetes RBAC is on, as it is by default.

use crate::checks::setting::Setting;
use crate::rule::{Findings, ResourceCx};

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    Setting { path: "properties.enableRBAC", offence: "has Kubernetes RBAC switched off", default: None }
        .switch(cx, true, out);
}
