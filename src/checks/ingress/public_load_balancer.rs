//! `public-load-balancer`: a Service of type LoadBalancer is internal.

use crate::path;
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Path, Value};

const KEY: &str = "service.beta.kubernetes.io/azure-load-balancer-internal";

/// Judges a Service.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let service = cx.resource;
    if service.kind() != "Service" || !service.group().is_empty() {
        return;
    }
    if service.body.look("spec.type").known().and_then(Value::as_str) != Some("LoadBalancer") {
        return;
    }
    // Another provider's load balancer is not Azure's to make internal.
    let path = path!["metadata", "annotations", KEY];
    let annotations = service.body.look("metadata.annotations");
    let found = match annotations {
        Lookup::Unknown(why) => return out.undetermined(service, path, why),
        other => other.known().and_then(|a| a.get(KEY)),
    };
    let help = format!("Annotate it with `{KEY}: \"true\"`, and let Front Door and the gateway lead there");
    let report = |path: Path, why: &str, out: &mut Findings| {
        let message = format!("{} gets a public address: {why}", service.noun());
        out.push(Finding::at(service, path, message).label("public").help(help.clone()));
    };
    match found.map(|v| (v.as_str(), v.has_unknown())) {
        None => report(Path::dotted("spec.type"), "nothing says that it is internal", out),
        Some((Some("true"), _)) => {}
        Some((_, true)) => out.undetermined_at(crate::rule::Place::at(service, path), "the annotation is not known"),
        Some((Some(word), _)) => report(path, &format!("the annotation is `{word}`, not `\"true\"`"), out),
        Some((None, false)) => report(path, "the annotation is no string; it has to be `\"true\"`", out),
    }
}
