//! `plaintext-listener`: listeners are HTTPS, plain HTTP only redirects there.

use std::sync::Arc;

use crate::model::ways::gateway::{Gateway, Item};
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Value};

/// Judges a gateway.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    if cx.resource.existing {
        return;
    }
    let gateway = Gateway { resource: Arc::clone(cx.resource) };
    let routes = gateway.routes();
    for listener in gateway.list("httpListeners") {
        let path = listener.at("protocol");
        match listener.look("protocol") {
            Lookup::Unknown(why) => out.undetermined(cx.resource, path, why),
            Lookup::Known(value) if value.as_str().is_some_and(|p| p.eq_ignore_ascii_case("Http")) => {
                let mut own = routes.iter().filter(|r| r.listener.path == listener.path);
                let only_redirects =
                    own.all(|r| r.redirects && r.rule.as_ref().is_some_and(|rule| to_https(&gateway, rule)));
                if !only_redirects {
                    let message = format!("listener `{}` of {} takes plain HTTP", listener.name(), cx.resource.noun());
                    let help = "Let the listener take HTTPS, or let its rule redirect to one that does";
                    out.push(Finding::at(cx.resource, path, message).label("plain HTTP").help(help));
                }
            }
            _ => {}
        }
    }
}

/// Whether a rule's redirect leads to HTTPS. One that cannot be seen counts as if it did.
fn to_https(gateway: &Gateway, rule: &Item<'_>) -> bool {
    let reference = ["redirectConfiguration", "defaultRedirectConfiguration"].iter().find_map(|k| rule.look(k).known());
    let Some(redirect) = gateway.named("redirectConfigurations", reference) else { return true };
    match redirect.look("targetUrl").known().and_then(Value::as_str) {
        Some(url) => !url.to_ascii_lowercase().starts_with("http://"),
        None => gateway
            .named("httpListeners", redirect.look("targetListener").known())
            .is_none_or(|l| !l.is("protocol", "Http")),
    }
}
