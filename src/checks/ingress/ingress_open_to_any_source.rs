//! `ingress-open-to-any-source`: the ingress controller takes traffic from the gateway's subnet only.

use std::sync::Arc;

use ipnet::IpNet;

use super::traefik_config;
use crate::model::Resource;
use crate::model::azure::{Same, same_id, subnets};
use crate::model::ways::gateway::gateways;
use crate::model::ways::{cluster, ranges};
use crate::path;
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Case, Path, Value};

const NGINX: &str = "nginx.ingress.kubernetes.io/whitelist-source-range";
const NEWER: &str = "nginx.ingress.kubernetes.io/allowlist-source-range";

/// Judges what stands behind a gateway: where the stamp has none, nothing says which source is right.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let inventory = cx.inventory();
    let gateways = gateways(inventory);
    if gateways.is_empty() {
        return;
    }
    let mut allowed: Vec<IpNet> = Vec::new();
    let all = subnets(inventory);
    for gateway in &gateways {
        let configurations = gateway.list("gatewayIPConfigurations");
        for id in configurations.iter().filter_map(|c| c.look("subnet.id").known()) {
            for subnet in all.iter().filter(|s| same_id(id, &s.id) != Same::No) {
                allowed.extend(subnet.prefix.and_then(Value::as_str).and_then(ranges::parse));
            }
        }
    }
    let judge = |resource: &Arc<Resource>, path: Path, text: &str, out: &mut Findings| {
        let Some(range) = ranges::parse(text) else {
            out.push(Finding::at(resource, path, format!("`{text}` is no address range")).label("no range"));
            return;
        };
        if range.prefix_len() == 0 || (!allowed.is_empty() && !ranges::within(&range, &allowed)) {
            let known: Vec<String> = allowed.iter().map(ToString::to_string).collect();
            let message = if known.is_empty() {
                format!("the ingress takes traffic from `{text}`")
            } else {
                format!(
                    "the ingress takes traffic from `{text}`, which is not within the gateway's subnet {}",
                    known.join(", ")
                )
            };
            out.push(Finding::at(resource, path, message).label("not the gateway's subnet"));
        }
    };
    let mut lists: Vec<String> = Vec::new();
    let mut list = |name: String, items: Vec<(Path, &Value)>, resource: &Arc<Resource>, out: &mut Findings| {
        lists.push(name);
        for (path, value) in items {
            if let Some(text) = value.as_str() {
                judge(resource, path, text, out);
            }
        }
    };
    for config in traefik_config::configs(inventory) {
        for key in ["ipWhiteList", "ipAllowList"] {
            let middlewares = config.root.look("http.middlewares").known().map(Value::entries).unwrap_or_default();
            for middleware in middlewares {
                if let Some(one) = middleware.value.get_ci(key) {
                    let at = config.path.extend(&path!["http", "middlewares", middleware.key.as_str(), key]);
                    let items = one.select("sourceRange[]", Case::Ignore);
                    let items = items.into_iter().map(|(p, v)| (at.extend(&p), v)).collect();
                    list(format!("{}@file", middleware.key), items, config.resource, out);
                }
            }
        }
    }
    for middleware in inventory.kind("Middleware") {
        for key in ["ipWhiteList", "ipAllowList"] {
            if middleware.body.look(&format!("spec.{key}")).known().is_some() {
                let items = middleware.body.select(&format!("spec.{key}.sourceRange[]"), Case::Exact);
                list(middleware.name().to_owned(), items, middleware, out);
            }
        }
    }
    let balancers = cluster::balancers(inventory);
    let traefik = balancers.iter().any(|b| b.controller == Some(crate::model::kubernetes::Controller::Traefik));
    if traefik {
        for route in inventory.kind("IngressRoute") {
            routes(route, &lists, out);
        }
    }
    for ingress in inventory.kind("Ingress").filter(|i| cluster::class(i).is_some_and(|c| c.contains("nginx"))) {
        let annotations = ingress.body.look("metadata.annotations").known();
        let found = [NGINX, NEWER].into_iter().find_map(|k| Some((k, annotations?.get(k)?)));
        match found.map(|(k, v)| (k, v.as_str())) {
            Some((key, Some(text))) => {
                for part in text.split(',').filter(|p| !p.trim().is_empty()) {
                    judge(ingress, path!["metadata", "annotations", key], part, out);
                }
            }
            Some((key, None)) => {
                out.undetermined_at(
                    Place::at(ingress, path!["metadata", "annotations", key]),
                    "the range is not known",
                );
            }
            None => {
                let message = format!("{} takes traffic from any source, not from the gateway alone", ingress.noun());
                let help = format!("Annotate it with `{NGINX}` and the gateway's subnet");
                out.push(
                    Finding::at(ingress, path!["metadata", "annotations"], message).label("any source").help(help),
                );
            }
        }
    }
}

fn routes(route: &Arc<Resource>, lists: &[String], out: &mut Findings) {
    let listed = route.body.look("spec.routes").known().map(Value::items).unwrap_or_default();
    for (i, one) in listed.iter().enumerate() {
        let named = one.look("middlewares").known().map(Value::items).unwrap_or_default();
        let mut unknown = false;
        let checked = named.iter().filter_map(|m| m.get("name").and_then(Value::as_str)).any(|name| {
            // A middleware of another provider's, or of a file that was not read, may be a list.
            unknown |= name.contains('@') && !lists.iter().any(|l| l == name);
            lists.iter().any(|l| l == name)
        });
        if checked {
            continue;
        }
        let place = path!["spec", "routes", i, "middlewares"];
        if unknown {
            out.undetermined_at(Place::at(route, place), "what a middleware does is not among the files");
            continue;
        }
        let message = format!("a route of {} takes traffic from any source, not from the gateway alone", route.noun());
        let help = "Add an `ipAllowList` middleware with the gateway's subnet to the route";
        out.push(Finding::at(route, place, message).label("any source").help(help));
    }
}
