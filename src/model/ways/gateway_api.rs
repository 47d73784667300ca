//! What routes of the Gateway API let in: header matches of each rule of an `HTTPRoute`.

use std::sync::Arc;

use super::header::{exact, is_fdid};
use super::{Compared, Guard, Layer, Near, Spot, is, text};
use crate::model::Resource;
use crate::path;
use crate::tree::{Lookup, Path, Value};

fn rules(route: &Resource) -> impl Iterator<Item = (Path, &Value)> {
    let listed = route.body.look("spec.rules").known().map(Value::items).unwrap_or_default();
    listed.iter().enumerate().map(|(i, value)| (path!["spec", "rules", i], value))
}

/// Whether a rule only redirects.
fn redirects(rule: &Value) -> bool {
    let filters = rule.look("filters").known().map(Value::items).unwrap_or_default();
    filters.iter().any(|f| text(f, "type") == Some("RequestRedirect"))
        && rule.look("backendRefs").known().is_none_or(|b| b.items().is_empty())
}

/// What a route does with requests that do not carry this id: one answer a rule.
#[must_use]
pub fn guards(route: &Arc<Resource>) -> Vec<Guard> {
    let mut found: Vec<Guard> = rules(route)
        .filter(|(_, rule)| !redirects(rule))
        .map(|(at, rule)| {
            let matches = match rule.look("matches") {
                Lookup::Unknown(why) => return Guard::Unclear(Spot::new(route, at.join("matches")), why.to_string()),
                other => other.known().map(Value::items).unwrap_or_default(),
            };
            if matches.is_empty() {
                let why = "the rule matches every request";
                return Guard::lets(Spot::new(route, at), Near::Route, Layer::GatewayApi, why);
            }
            for (i, one) in matches.iter().enumerate() {
                let spot = Spot::new(route, at.join("matches").join(i));
                match header(one) {
                    Some(h) if header_is_exact(h) => {}
                    Some(_) => {
                        let why = "its pattern is not this one id, anchored, so another Front Door's id fits it";
                        return Guard::lets(spot, Near::Almost, Layer::GatewayApi, why);
                    }
                    None => {
                        let near = if matches.iter().any(|m| header(m).is_some()) { Near::Almost } else { Near::Route };
                        let why = "the match does not ask for `X-Azure-FDID`";
                        return Guard::lets(spot, near, Layer::GatewayApi, why);
                    }
                }
            }
            Guard::Refuses
        })
        .collect();
    if rules(route).next().is_none() {
        let why = "a route without rules matches every request";
        found.push(Guard::lets(Spot::new(route, Path::dotted("spec.rules")), Near::Route, Layer::GatewayApi, why));
    }
    found
}

fn header(one: &Value) -> Option<&Value> {
    let headers = one.look("headers").known().map(Value::items).unwrap_or_default();
    headers.iter().find(|h| text(h, "name").is_some_and(is_fdid))
}

fn header_is_exact(header: &Value) -> bool {
    !is(header, "type", "RegularExpression") || text(header, "value").is_none_or(|v| exact(v).is_some())
}

/// The values that a route compares with the header.
#[must_use]
pub fn compared(route: &Arc<Resource>) -> Vec<Compared> {
    let mut found = Vec::new();
    for (at, rule) in rules(route) {
        for (i, one) in rule.look("matches").known().map(Value::items).unwrap_or_default().iter().enumerate() {
            let headers = one.look("headers").known().map(Value::items).unwrap_or_default();
            for (j, header) in headers.iter().enumerate().filter(|(_, h)| text(h, "name").is_some_and(is_fdid)) {
                if let Some(value) = header.get("value") {
                    let path = at.join("matches").join(i).join("headers").join(j).join("value");
                    let ids = is(header, "type", "RegularExpression").then(|| value.as_str().and_then(exact)).flatten();
                    let values = ids.map_or_else(
                        || vec![value.clone()],
                        |ids| ids.into_iter().map(|id| Value::string(id, value.span)).collect(),
                    );
                    found.extend(
                        values.into_iter().map(|value| Compared { spot: Spot::new(route, path.clone()), value }),
                    );
                }
            }
        }
    }
    found
}

/// Whether a Gateway is reached from outside of the network. None when it cannot be told.
#[must_use]
pub fn is_public(gateway: &Resource) -> Option<bool> {
    const INTERNAL: &str = "service.beta.kubernetes.io/azure-load-balancer-internal";
    let annotation = |root: &str| match gateway.body.look(root).known().and_then(|a| a.get(INTERNAL)) {
        Some(value) if value.as_str() == Some("true") => Some(Some(false)),
        Some(value) if value.has_unknown() => Some(None),
        _ => None,
    };
    for root in ["spec.infrastructure.annotations", "metadata.annotations"] {
        if let Some(said) = annotation(root) {
            return said;
        }
    }
    Some(true)
}

/// Whether a route is attached to a Gateway.
#[must_use]
pub fn attached(route: &Resource, gateway: &Resource) -> bool {
    let parents = route.body.look("spec.parentRefs").known().map(Value::items).unwrap_or_default();
    parents.iter().any(|p| {
        text(p, "kind").is_none_or(|k| k == "Gateway")
            && text(p, "name") == Some(gateway.name())
            && text(p, "namespace").unwrap_or(route.namespace()) == gateway.namespace()
    })
}
