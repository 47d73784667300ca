//! `wildcard-host`: no `*` host and no rule without a host.

use crate::path;
use crate::read::traefik::{Rule, parse};
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Path, Value};

const HELP: &str = "Name each host";

/// Judges an Ingress, an `IngressRoute`, a Gateway, an `HTTPRoute` or a virtual service.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let resource = cx.resource;
    let report = |path: Path, why: &str, out: &mut Findings| {
        let message = format!("{} answers for every host: {why}", resource.noun());
        out.push(Finding::at(resource, path, message).label("every host").help(HELP));
    };
    let list = |dotted: &str| resource.body.look(dotted).known().map(Value::items).unwrap_or_default();
    match resource.kind() {
        "Ingress" => {
            let rules = list("spec.rules");
            if rules.is_empty() && resource.body.look("spec.defaultBackend").known().is_some() {
                report(Path::dotted("spec.defaultBackend"), "it has a default backend and no rules", out);
            }
            for (i, rule) in rules.iter().enumerate() {
                match rule.look("host") {
                    Lookup::Absent => report(path!["spec", "rules", i], "a rule names no host", out),
                    Lookup::Known(host) if matches!(host.as_str(), Some("*" | "")) => {
                        report(path!["spec", "rules", i, "host"], "the host is `*`", out);
                    }
                    Lookup::Known(host) if host.as_str().is_some_and(|h| h.starts_with("*.")) => {
                        report(path!["spec", "rules", i, "host"], "the host begins with `*`", out);
                    }
                    _ => {}
                }
            }
        }
        "IngressRoute" => {
            for (i, route) in list("spec.routes").iter().enumerate() {
                let Some(Ok(rule)) = route.look("match").known().and_then(Value::as_str).map(parse) else { continue };
                if !names_host(&rule) {
                    report(path!["spec", "routes", i, "match"], "the match names no host", out);
                }
            }
        }
        "Gateway" if resource.group() == "networking.istio.io" => {
            for (i, server) in list("spec.servers").iter().enumerate() {
                let hosts = server.look("hosts").known().map(Value::items).unwrap_or_default();
                for (j, _) in hosts.iter().enumerate().filter(|(_, h)| h.as_str() == Some("*")) {
                    report(path!["spec", "servers", i, "hosts", j], "the host is `*`", out);
                }
            }
        }
        "VirtualService" => {
            for (i, _) in list("spec.hosts").iter().enumerate().filter(|(_, h)| h.as_str() == Some("*")) {
                report(path!["spec", "hosts", i], "the host is `*`", out);
            }
        }
        _ => {}
    }
}

/// Whether whatever a rule matches is of a host that it names.
fn names_host(rule: &Rule) -> bool {
    match rule {
        Rule::And(rules) => rules.iter().any(names_host),
        Rule::Or(rules) => rules.iter().all(names_host),
        Rule::Not(_) => false,
        Rule::Matcher(matcher) => {
            let name = matcher.name.to_ascii_lowercase();
            let regexp = name == "hostregexp"
                && matcher
                    .arguments
                    .iter()
                    .any(|a| matches!(a.as_str(), ".*" | "^.*$" | ".+" | "^.+$" | "{host:.+}" | "{any:.*}"));
            name.starts_with("host") && !regexp && !matcher.arguments.iter().any(|a| a == "*")
        }
    }
}
