//! `gateway-weak-tls`: TLS 1.2 or later, by the table of predefined policies.

use crate::model::Identity;
use crate::model::ways::tls;
use crate::path;
use crate::rule::{Finding, Findings, Place, ResourceCx};
use crate::tree::{Lookup, Path, Value};

const HELP: &str = "Name the predefined policy `AppGwSslPolicy20220101`, or a later one";

/// Judges a gateway's TLS policy, and those of its TLS profiles.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    if cx.resource.existing {
        return;
    }
    let listeners = cx.resource.body.look("properties.httpListeners").known().map(Value::items).unwrap_or_default();
    let https = |l: &Value| {
        !l.look("properties.protocol").known().and_then(Value::as_str).is_some_and(|p| p.eq_ignore_ascii_case("Http"))
    };
    if !listeners.is_empty() && !listeners.iter().any(https) {
        return;
    }
    let at = Path::dotted("properties.sslPolicy");
    match cx.resource.body.look("properties.sslPolicy") {
        Lookup::Known(policy) => judge(cx, policy, &at, out),
        Lookup::Unknown(why) => out.undetermined(cx.resource, at, why),
        Lookup::Absent => {
            let Identity::Azure { api_version, .. } = &cx.resource.identity else { return };
            let default = tls::default_policy(api_version).unwrap_or_default();
            if tls::minimum(default).is_some_and(is_weak) {
                let message =
                    format!("{} has no `sslPolicy`, and the default `{default}` takes TLS 1.0", cx.resource.noun());
                out.push(Finding::at(cx.resource, at, message).label("TLS 1.0 by default").help(HELP));
            }
        }
    }
    let profiles = cx.resource.body.look("properties.sslProfiles").known().map(Value::items).unwrap_or_default();
    for (i, profile) in profiles.iter().enumerate() {
        if let Lookup::Known(policy) = profile.look("properties.sslPolicy") {
            judge(cx, policy, &path!["properties", "sslProfiles", i, "properties", "sslPolicy"], out);
        }
    }
}

fn is_weak(version: &str) -> bool {
    !matches!(version, "TLSv1_2" | "TLSv1_3")
}

fn judge(cx: &ResourceCx<'_>, policy: &Value, at: &Path, out: &mut Findings) {
    let mut report = |path: Path, why: String| {
        let message = format!("{} takes TLS older than 1.2: {why}", cx.resource.noun());
        out.push(Finding::at(cx.resource, path, message).label(why).help(HELP));
    };
    let custom = policy
        .look("policyType")
        .known()
        .and_then(Value::as_str)
        .is_some_and(|t| t.to_ascii_lowercase().starts_with("custom"));
    match (policy.look("policyName"), policy.look("minProtocolVersion")) {
        (Lookup::Known(name), _) if !custom => match name.as_str().map(|n| (n, tls::minimum(n))) {
            Some((name, Some(minimum))) if is_weak(minimum) => {
                report(at.join("policyName"), format!("policy `{name}` begins with {}", shown(minimum)));
            }
            Some((_, Some(_))) => {}
            _ => out.undetermined_at(Place::at(cx.resource, at.join("policyName")), "the policy is not in the table"),
        },
        (_, Lookup::Known(version)) => {
            let version = version.as_str().unwrap_or_default();
            if is_weak(version) {
                report(at.join("minProtocolVersion"), format!("`minProtocolVersion` is `{version}`"));
            }
        }
        (Lookup::Unknown(why), _) => out.undetermined(cx.resource, at.join("policyName"), why),
        (_, Lookup::Unknown(why)) => out.undetermined(cx.resource, at.join("minProtocolVersion"), why),
        (_, Lookup::Absent) => {
            let disabled = policy.look("disabledSslProtocols").known().map(Value::items).unwrap_or_default();
            let off = |v: &str| disabled.iter().any(|d| d.as_str() == Some(v));
            if !(off("TLSv1_0") && off("TLSv1_1")) {
                report(at.clone(), "it names no lowest version".to_owned());
            }
        }
    }
}

fn shown(version: &str) -> String {
    version.replace("TLSv", "TLS ").replace('_', ".")
}
