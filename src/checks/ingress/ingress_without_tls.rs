//! `ingress-without-tls`: every host is served with TLS, and plain HTTP is not allowed.

use crate::model::ways::cluster::class;
use crate::path;
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Path, Value};

const HELP: &str = "Serve every host with TLS, and redirect or refuse plain HTTP";

/// Judges an Ingress, an `IngressRoute`, or a Gateway.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let resource = cx.resource;
    let list = |dotted: &str| resource.body.look(dotted).known().map(Value::items).unwrap_or_default();
    let report = |path: Path, why: String, out: &mut Findings| {
        let message = format!("{} may be reached in plain HTTP: {why}", resource.noun());
        out.push(Finding::at(resource, path, message).label(why).help(HELP));
    };
    match (resource.group(), resource.kind()) {
        ("networking.k8s.io" | "extensions", "Ingress") => ingress(cx, out),
        ("traefik.io" | "traefik.containo.us", "IngressRoute") => {
            match resource.body.get("spec").and_then(|s| s.get("tls")) {
                Some(value) if !value.is_null() => {}
                _ if only_redirects(resource) => {}
                _ => report(Path::dotted("spec.tls"), "it has no `tls`".into(), out),
            }
        }
        ("gateway.networking.k8s.io", "Gateway") => {
            for (i, listener) in list("spec.listeners").iter().enumerate() {
                if listener.look("protocol").known().and_then(Value::as_str) == Some("HTTP") {
                    report(path!["spec", "listeners", i, "protocol"], "a listener is plain HTTP".into(), out);
                }
            }
        }
        ("networking.istio.io", "Gateway") => {
            for (i, server) in list("spec.servers").iter().enumerate() {
                let protocol = server.look("port.protocol").known().and_then(Value::as_str).unwrap_or_default();
                let redirects = server.look("tls.httpsRedirect").known().and_then(Value::as_bool) == Some(true);
                if matches!(protocol, "HTTP" | "HTTP2" | "GRPC") && !redirects {
                    report(path!["spec", "servers", i, "port", "protocol"], "a server is plain HTTP".into(), out);
                }
            }
        }
        _ => {}
    }
}

/// Whether every route goes through a middleware whose name says that it redirects to HTTPS.
fn only_redirects(route: &crate::model::Resource) -> bool {
    let routes = route.body.look("spec.routes").known().map(Value::items).unwrap_or_default();
    !routes.is_empty()
        && routes.iter().all(|r| {
            let named = r.look("middlewares").known().map(Value::items).unwrap_or_default();
            named.iter().any(|m| m.look("name").known().and_then(Value::as_str).is_some_and(|n| n.contains("redirect")))
        })
}

fn ingress(cx: &ResourceCx<'_>, out: &mut Findings) {
    let resource = cx.resource;
    let tls = match resource.body.look("spec.tls") {
        Lookup::Unknown(why) => return out.undetermined(resource, Path::dotted("spec.tls"), why),
        found => found.known().map(Value::items).unwrap_or_default(),
    };
    let annotation = |key: &str| resource.body.look("metadata.annotations").known().and_then(|a| a.get(key));
    // A gateway that keeps the certificate itself, by name.
    if tls.is_empty() && annotation("appgw.ingress.kubernetes.io/appgw-ssl-certificate").is_some() {
        return;
    }
    let report = |path: Path, why: String, out: &mut Findings| {
        let message = format!("{} may be reached in plain HTTP: {why}", resource.noun());
        out.push(Finding::at(resource, path, message).label(why).help(HELP));
    };
    if tls.is_empty() {
        return report(Path::dotted("spec.tls"), "it has no `tls`".into(), out);
    }
    let covered: Vec<&Value> =
        tls.iter().flat_map(|t| t.look("hosts").known().map(Value::items).unwrap_or_default()).collect();
    let rules = resource.body.look("spec.rules").known().map(Value::items).unwrap_or_default();
    // A `tls` entry without hosts is for the host that no other names.
    let open_entry = tls.iter().any(|t| t.look("hosts").known().is_none_or(|h| h.items().is_empty()));
    for (i, rule) in rules.iter().enumerate() {
        let Some(host) = rule.look("host").known().and_then(Value::as_str) else { continue };
        let fits = |c: &&Value| {
            c.has_unknown()
                || c.as_str().is_some_and(|c| {
                    c.eq_ignore_ascii_case(host)
                        || c.strip_prefix("*.").is_some_and(|tail| {
                            host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(tail))
                        })
                })
        };
        if !open_entry && !covered.iter().any(fits) {
            report(path!["spec", "rules", i, "host"], format!("`tls` does not name `{host}`"), out);
        }
    }
    let off = |key: &str, word: &str| annotation(key).and_then(Value::as_str) == Some(word);
    let nginx = class(resource).is_none_or(|c| c.contains("nginx"));
    for (key, word) in [
        ("nginx.ingress.kubernetes.io/ssl-redirect", "false"),
        ("kubernetes.io/ingress.allow-http", "true"),
        ("appgw.ingress.kubernetes.io/ssl-redirect", "false"),
    ] {
        let forced = off("nginx.ingress.kubernetes.io/force-ssl-redirect", "true");
        if off(key, word) && !forced && (nginx || !key.starts_with("nginx")) {
            report(path!["metadata", "annotations", key], format!("the annotation is `{word}`"), out);
        }
    }
}
