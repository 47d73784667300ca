//! `plaintext-backend`: the way on to the cluster is HTTPS again.

use std::sync::Arc;

use crate::model::ways::gateway::Gateway;
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Value};

/// Judges a gateway.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    if cx.resource.existing {
        return;
    }
    let gateway = Gateway { resource: Arc::clone(cx.resource) };
    for settings in gateway.list("backendHttpSettingsCollection") {
        let path = settings.at("protocol");
        match settings.look("protocol") {
            Lookup::Known(value) if value.as_str().is_some_and(|p| p.eq_ignore_ascii_case("Https")) => {}
            Lookup::Unknown(why) => out.undetermined(cx.resource, path, why),
            found => {
                let word = found.known().and_then(Value::as_str).unwrap_or("missing");
                let message = format!(
                    "{} goes on to its backend in plain HTTP: the protocol of `{}` is {word}",
                    cx.resource.noun(),
                    settings.name()
                );
                let help = "Set `protocol: 'Https'` and port 443, with the root certificate of the ingress";
                out.push(Finding::at(cx.resource, path, message).label("plain HTTP").help(help));
            }
        }
    }
}
