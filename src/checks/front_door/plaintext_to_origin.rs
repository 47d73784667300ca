//! `plaintext-to-origin`: HTTPS from the browser to Front Door and from there to the origin, with the name checked.

use std::sync::Arc;

use crate::model::Resource;
use crate::model::ways::front_door::{CLASSIC, ORIGIN, ROUTE};
use crate::path;
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Path, Value};

/// Judges a route or an origin.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let resource = cx.resource;
    if resource.existing {
        return;
    }
    if resource.is_azure(ROUTE) {
        route(resource, out);
    } else if resource.is_azure(ORIGIN) {
        let path = Path::dotted("properties.enforceCertificateNameCheck");
        match resource.body.look("properties.enforceCertificateNameCheck") {
            Lookup::Known(value) if value.as_bool() == Some(false) => {
                let message = format!("Front Door does not compare the certificate's name with {}", resource.noun());
                let help = "Remove `enforceCertificateNameCheck: false`";
                out.push(Finding::at(resource, path, message).label("the name is not checked").help(help));
            }
            Lookup::Unknown(why) => out.undetermined(resource, path, why),
            _ => {}
        }
    } else if resource.is_azure(CLASSIC) {
        classic(resource, out);
    }
}

fn word<'r>(value: &'r Value, dotted: &str) -> Option<&'r str> {
    value.look(dotted).known().and_then(Value::as_str)
}

fn route(route: &Arc<Resource>, out: &mut Findings) {
    let body = &route.body;
    if word(body, "properties.enabledState").is_some_and(|s| s.eq_ignore_ascii_case("Disabled"))
        || body.look("properties.originGroup").is_absent()
    {
        return;
    }
    let supported = body.look("properties.supportedProtocols");
    let takes_http = match supported {
        Lookup::Known(list) => list.items().iter().any(|p| p.as_str().is_some_and(|p| p.eq_ignore_ascii_case("Http"))),
        Lookup::Absent => true,
        Lookup::Unknown(_) => false,
    };
    if let Lookup::Unknown(why) = supported {
        out.undetermined(route, Path::dotted("properties.supportedProtocols"), why);
    }
    if takes_http {
        let path = Path::dotted("properties.httpsRedirect");
        match body.look("properties.httpsRedirect") {
            Lookup::Known(v) if v.as_str().is_some_and(|s| s.eq_ignore_ascii_case("Enabled")) => {}
            Lookup::Unknown(why) => out.undetermined(route, path, why),
            found => {
                let why = if found.is_absent() {
                    "`httpsRedirect` is missing, and its default is `Disabled`"
                } else {
                    "`httpsRedirect` is off"
                };
                let message = format!("{} takes plain HTTP: {why}", route.noun());
                let help = "Set `httpsRedirect: 'Enabled'`, or support `Https` only";
                out.push(Finding::at(route, path, message).label("plain HTTP is taken").help(help));
            }
        }
    }
    let path = Path::dotted("properties.forwardingProtocol");
    match body.look("properties.forwardingProtocol") {
        Lookup::Known(v) if v.as_str().is_some_and(|s| s.eq_ignore_ascii_case("HttpsOnly")) => {}
        Lookup::Unknown(why) => out.undetermined(route, path, why),
        found => {
            let why = match found.known().and_then(Value::as_str) {
                Some(word) => format!("`forwardingProtocol` is `{word}`"),
                None => "`forwardingProtocol` is missing, and its default is `MatchRequest`".to_owned(),
            };
            let message = format!("{} may reach the origin in plain HTTP: {why}", route.noun());
            out.push(
                Finding::at(route, path, message).label("not HTTPS only").help("Set `forwardingProtocol: 'HttpsOnly'`"),
            );
        }
    }
}

fn classic(front_door: &Arc<Resource>, out: &mut Findings) {
    let check = "properties.backendPoolsSettings.enforceCertificateNameCheck";
    if word(&front_door.body, check).is_some_and(|s| s.eq_ignore_ascii_case("Disabled")) {
        let message = format!("{} does not compare the names of its backends' certificates", front_door.noun());
        out.push(Finding::at(front_door, Path::dotted(check), message).label("the name is not checked"));
    }
    let rules = front_door.body.look("properties.routingRules").known().map(Value::items).unwrap_or_default();
    for (i, rule) in rules.iter().enumerate() {
        let at = path!["properties", "routingRules", i, "properties", "routeConfiguration", "forwardingProtocol"];
        let forwarding = rule.look("properties.routeConfiguration.forwardingProtocol");
        let forwards = rule.look("properties.routeConfiguration.backendPool").known().is_some();
        if forwards
            && forwarding.unknown().is_none()
            && !forwarding.known().and_then(Value::as_str).is_some_and(|s| s.eq_ignore_ascii_case("HttpsOnly"))
        {
            let message = format!("{} may reach a backend in plain HTTP", front_door.noun());
            out.push(
                Finding::at(front_door, at, message)
                    .label("not HTTPS only")
                    .help("Set `forwardingProtocol: 'HttpsOnly'`"),
            );
        }
    }
}
