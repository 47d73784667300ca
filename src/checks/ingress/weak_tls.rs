//! `weak-tls`: TLS 1.2 or later, and no answer to names that no certificate covers.

use super::traefik_config;
use crate::path;
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Path, Value};

/// Judges a `TLSOption`, a ConfigMap of nginx or Traefik, or a Gateway of Istio's.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let resource = cx.resource;
    match (resource.group(), resource.kind()) {
        ("traefik.io" | "traefik.containo.us", "TLSOption") => {
            if let Some(spec) = resource.body.get("spec") {
                option(cx, spec, &path!["spec"], out);
            }
        }
        ("", "ConfigMap") => {
            nginx(cx, out);
            for config in traefik_config::of(resource) {
                for (path, value) in config.root.select("tls.options.*", crate::tree::Case::Exact) {
                    option(cx, value, &config.path.extend(&path), out);
                }
            }
        }
        ("networking.istio.io", "Gateway") => {
            let servers = resource.body.look("spec.servers").known().map(Value::items).unwrap_or_default();
            for (i, server) in servers.iter().enumerate() {
                let minimum = server.look("tls.minProtocolVersion").known().and_then(Value::as_str);
                if let Some(word @ ("TLSV1_0" | "TLSV1_1")) = minimum {
                    report(
                        cx,
                        path!["spec", "servers", i, "tls", "minProtocolVersion"],
                        &format!("`{word}` is old"),
                        out,
                    );
                }
            }
        }
        _ => {}
    }
}

fn report(cx: &ResourceCx<'_>, path: Path, why: &str, out: &mut Findings) {
    let message = format!("{} accepts weak TLS: {why}", cx.resource.noun());
    let help =
        "Accept TLS 1.2 and later (`minVersion: VersionTLS12`, `sniStrict: true`; `ssl-protocols: TLSv1.2 TLSv1.3`)";
    out.push(Finding::at(cx.resource, path, message).label(why).help(help));
}

/// A set of TLS options of Traefik's.
fn option(cx: &ResourceCx<'_>, option: &Value, at: &Path, out: &mut Findings) {
    match option.look("minVersion") {
        Lookup::Known(v) => match v.as_str() {
            Some("VersionTLS12" | "VersionTLS13") | None => {}
            Some(word) => report(cx, at.join("minVersion"), &format!("`minVersion` is `{word}`"), out),
        },
        // Traefik's own default is TLS 1.2.
        Lookup::Absent => {}
        Lookup::Unknown(why) => out.undetermined(cx.resource, at.join("minVersion"), why),
    }
    match option.look("sniStrict") {
        Lookup::Known(v) if v.as_bool() == Some(true) => {}
        Lookup::Unknown(why) => out.undetermined(cx.resource, at.join("sniStrict"), why),
        Lookup::Known(_) => report(cx, at.join("sniStrict"), "`sniStrict` is off", out),
        Lookup::Absent => report(cx, at.join("sniStrict"), "`sniStrict` is missing, and its default is off", out),
    }
}

fn nginx(cx: &ResourceCx<'_>, out: &mut Findings) {
    let Some(value) = cx.resource.body.look("data").known().and_then(|d| d.get("ssl-protocols")) else { return };
    let Some(text) = value.as_str() else { return };
    let weak = ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1"];
    if let Some(word) = text.split_whitespace().find(|w| weak.iter().any(|o| o.eq_ignore_ascii_case(w))) {
        report(cx, path!["data", "ssl-protocols"], &format!("`{word}` is among the protocols"), out);
    }
}
