//! `network-policy-disabled`: the cluster has a network policy engine. It is chosen when the cluster is created.

use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Path, Value};

const ENGINES: [&str; 3] = ["azure", "calico", "cilium"];

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let profile = cx.resource.body.look("properties.networkProfile");
    let path = Path::dotted("properties.networkProfile.networkPolicy");
    let is = |lookup: Lookup<'_>, word: &str| {
        lookup.known().and_then(Value::as_str).is_some_and(|s| s.eq_ignore_ascii_case(word))
    };
    let noun = cx.resource.noun();
    let policy = profile.get("networkPolicy");
    if let Lookup::Known(value) = policy
        && value.as_str().is_some_and(|s| ENGINES.iter().any(|e| s.eq_ignore_ascii_case(e)))
    {
        return;
    }
    if is(profile.get("networkPlugin"), "none") {
        out.undetermined_at(
            crate::rule::Place::at(cx.resource, path),
            "with `networkPlugin: none` the engine is installed by other means",
        );
        return;
    }
    match policy {
        Lookup::Unknown(unknown) => out.undetermined(cx.resource, path, unknown),
        Lookup::Absent
            if is(cx.resource.body.look("sku.name"), "Automatic") || is(profile.get("networkDataplane"), "cilium") => {}
        Lookup::Absent => {
            if let Lookup::Unknown(unknown) = cx.resource.body.look("sku.name") {
                out.undetermined(cx.resource, path, unknown);
                return;
            }
            if let Lookup::Unknown(unknown) = profile.get("networkDataplane") {
                out.undetermined(cx.resource, path, unknown);
                return;
            }
            let message =
                format!("{noun} has no network policy engine: `networkPolicy` is missing, and its default is none");
            out.push(Finding::at(cx.resource, path, message).label("no `networkPolicy` here"));
        }
        Lookup::Known(value) => {
            let said = value.as_str().unwrap_or("not a string").to_owned();
            let message = format!("{noun} has no network policy engine: `networkPolicy` is `{said}`");
            out.push(Finding::at(cx.resource, path, message).label("no engine"));
        }
    }
}
