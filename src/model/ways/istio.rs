//! What Istio's ingress gateway lets in: authorization policies on its pods, and header matches of virtual services.

use std::sync::Arc;

use super::header::is_fdid;
use super::{Compared, Guard, Layer, Near, Spot, text};
use crate::model::{Inventory, Resource};
use crate::path;
use crate::tree::{Lookup, Path, Value};

/// Authorization policies that govern the pods behind a service.
fn policies<'i>(inventory: &'i Inventory, service: &Resource) -> Vec<&'i Arc<Resource>> {
    let selector = service.body.look("spec.selector").known();
    inventory
        .kind("AuthorizationPolicy")
        .filter(|p| {
            let labels = p.body.look("spec.selector.matchLabels").known();
            let root = matches!(p.namespace(), "istio-system" | "aks-istio-system");
            match labels {
                Some(labels) => {
                    let fits = labels.entries().iter().all(|e| {
                        let own = selector.and_then(|s| s.get(&e.key)).and_then(Value::as_str);
                        own.is_some() && own == e.value.as_str()
                    });
                    fits && (p.namespace() == service.namespace() || root)
                }
                None => p.namespace() == service.namespace() || root,
            }
        })
        .collect()
}

/// Conditions on the header of a rule, each with its path.
fn conditions<'p>(rule: &'p Value, at: &Path) -> Vec<(Path, &'p Value)> {
    let listed = rule.look("when").known().map(Value::items).unwrap_or_default();
    listed
        .iter()
        .enumerate()
        .filter(|(_, c)| {
            text(c, "key")
                .and_then(|k| k.strip_prefix("request.headers["))
                .and_then(|k| k.strip_suffix(']'))
                .is_some_and(is_fdid)
        })
        .map(|(i, c)| (at.join("when").join(i), c))
        .collect()
}

fn rules(policy: &Resource) -> Vec<(Path, &Value)> {
    let listed = policy.body.look("spec.rules").known().map(Value::items).unwrap_or_default();
    listed.iter().enumerate().map(|(i, rule)| (path!["spec", "rules", i], rule)).collect()
}

fn is_alone(rule: &Value) -> bool {
    let empty = |key: &str| rule.look(key).known().is_none_or(|v| v.items().is_empty());
    empty("from") && empty("to") && rule.look("when").known().is_some_and(|w| w.items().len() == 1)
}

fn exact_values(condition: &Value, key: &str) -> bool {
    match condition.look(key) {
        Lookup::Known(values) => {
            !values.items().is_empty() && values.items().iter().all(|v| v.as_str().is_none_or(|t| !t.contains('*')))
        }
        Lookup::Unknown(_) => true,
        Lookup::Absent => false,
    }
}

/// What the policies on the gateway do with requests that do not carry this id; none where none looks at the header.
#[must_use]
pub fn policy_guard(inventory: &Inventory, service: &Resource) -> Option<Guard> {
    let mut hole = None;
    let mut allows = Vec::new();
    for policy in policies(inventory, service) {
        match text(&policy.body, "spec.action").unwrap_or("ALLOW") {
            "DENY" => {
                for (at, rule) in rules(policy) {
                    for (path, condition) in conditions(rule, &at) {
                        if is_alone(rule) && exact_values(condition, "notValues") {
                            return Some(Guard::Refuses);
                        }
                        let why = if condition.get("notValues").is_none() {
                            "the policy denies this Front Door's id, not all others; `notValues` is needed"
                        } else if exact_values(condition, "notValues") {
                            "the rule has further conditions, and what does not meet them comes in"
                        } else {
                            "its value is a pattern that other ids meet"
                        };
                        hole = Some(Guard::lets(Spot::new(policy, path), Near::Almost, Layer::Istio, why));
                    }
                }
            }
            "ALLOW" => allows.push(policy),
            action => {
                for (at, rule) in rules(policy) {
                    if let Some((_, _)) = conditions(rule, &at).first() {
                        let why = format!("the action `{action}` denies nothing");
                        let spot = Spot::new(policy, Path::dotted("spec.action"));
                        hole = Some(Guard::lets(spot, Near::Spoiled, Layer::Istio, why));
                    }
                }
            }
        }
    }
    // Where any policy allows, what none allows is denied: each rule has to ask for the id.
    let asks = |rule: &Value, at: &Path| conditions(rule, at).iter().any(|(_, c)| exact_values(c, "values"));
    let checked = allows.iter().any(|p| rules(p).iter().any(|(at, rule)| !conditions(rule, at).is_empty()));
    if checked {
        for policy in &allows {
            for (at, rule) in rules(policy) {
                if !asks(rule, &at) {
                    let why = "this rule allows requests without asking for the id";
                    return Some(Guard::lets(Spot::new(policy, at), Near::Almost, Layer::Istio, why));
                }
            }
        }
        return Some(Guard::Refuses);
    }
    hole
}

/// What a virtual service does with requests that do not carry this id.
#[must_use]
pub fn service_guard(service: &Arc<Resource>) -> Vec<Guard> {
    let listed = service.body.look("spec.http").known().map(Value::items).unwrap_or_default();
    let mut found = Vec::new();
    for (i, route) in listed.iter().enumerate() {
        let at = path!["spec", "http", i];
        if route.get("redirect").is_some() && route.get("route").is_none() {
            continue;
        }
        let matches = route.look("match").known().map(Value::items).unwrap_or_default();
        let open =
            matches.iter().position(|m| header(m).is_none_or(|h| text(h, "exact").is_none() && !h.has_unknown()));
        found.push(match open {
            None if !matches.is_empty() => Guard::Refuses,
            _ => {
                let near = if matches.iter().any(|m| header(m).is_some()) { Near::Almost } else { Near::Route };
                let path = open.map_or_else(|| at.clone(), |i| at.join("match").join(i));
                Guard::lets(Spot::new(service, path), near, Layer::Istio, "the route does not ask for `X-Azure-FDID`")
            }
        });
    }
    found
}

fn header(one: &Value) -> Option<&Value> {
    let headers = one.look("headers").known()?;
    headers.entries().iter().find(|e| is_fdid(&e.key)).map(|e| &e.value)
}

/// The values that are compared with the header.
#[must_use]
pub fn compared(inventory: &Inventory) -> Vec<Compared> {
    let mut found = Vec::new();
    for policy in inventory.kind("AuthorizationPolicy") {
        for (at, rule) in rules(policy) {
            for (path, condition) in conditions(rule, &at) {
                for key in ["values", "notValues"] {
                    let listed = condition.look(key).known().map(Value::items).unwrap_or_default();
                    for (i, value) in listed.iter().enumerate() {
                        let spot = Spot::new(policy, path.join(key).join(i));
                        found.push(Compared { spot, value: value.clone() });
                    }
                }
            }
        }
    }
    for service in inventory.kind("VirtualService") {
        for (path, value) in service.body.select("spec.http[].match[].headers.*", crate::tree::Case::Exact) {
            let named = matches!(path.0.last(), Some(crate::tree::Segment::Key(key)) if is_fdid(key));
            if let Some(value) = value.get("exact").filter(|_| named) {
                found.push(Compared { spot: Spot::new(service, path.join("exact")), value: value.clone() });
            }
        }
    }
    found
}
