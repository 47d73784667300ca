//! Network security groups, evaluated by priority as Azure does: which sources reach a port.

use std::sync::Arc;

use ipnet::IpNet;

use super::{is, ranges, text};
use crate::model::{Inventory, Resource};
use crate::path;
use crate::tree::{Lookup, Path, Value};

/// The type.
pub const TYPE: &str = "Microsoft.Network/networkSecurityGroups";
const RULE: &str = "Microsoft.Network/networkSecurityGroups/securityRules";

/// What Azure and Front Door need.
const EXPECTED: [&str; 4] = ["AzureFrontDoor.Backend", "GatewayManager", "AzureLoadBalancer", "VirtualNetwork"];

/// A source that reaches a port.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The group, or the rule's own resource.
    pub resource: Arc<Resource>,
    /// The source.
    pub path: Path,
    /// It, in words; none where it is not known.
    pub source: Option<String>,
    /// The rule's name.
    pub rule: String,
}

struct Rule<'r> {
    resource: &'r Arc<Resource>,
    path: Path,
    value: &'r Value,
    name: String,
}

fn rules<'i>(inventory: &'i Inventory, group: &'i Arc<Resource>) -> Vec<Rule<'i>> {
    let mut found = Vec::new();
    let listed = group.body.look("properties.securityRules").known().map(Value::items).unwrap_or_default();
    for (i, item) in listed.iter().enumerate() {
        if let Some(value) = item.get_ci("properties") {
            let name = text(item, "name").unwrap_or("…").to_owned();
            found.push(Rule {
                resource: group,
                path: path!["properties", "securityRules", i, "properties"],
                value,
                name,
            });
        }
    }
    for own in inventory.azure(RULE).filter(|r| !r.existing) {
        let (of, name) = own.name().split_once('/').unwrap_or_default();
        if let Some(value) = own.body.get_ci("properties")
            && of.eq_ignore_ascii_case(group.name())
        {
            found.push(Rule { resource: own, path: path!["properties"], value, name: name.to_owned() });
        }
    }
    found.sort_by_key(|r| r.value.look("priority").known().and_then(Value::as_i64).unwrap_or(i64::MAX));
    found
}

/// Values of a property that has a singular and a plural form.
fn either<'r>(rule: &Rule<'r>, one: &str, many: &str) -> Vec<(Path, Option<&'r str>)> {
    let mut found = Vec::new();
    match rule.value.look(one) {
        Lookup::Known(value) => found.push((rule.path.join(one), value.as_str())),
        Lookup::Unknown(_) => found.push((rule.path.join(one), None)),
        Lookup::Absent => {}
    }
    match rule.value.look(many) {
        Lookup::Known(list) => {
            found.extend(list.items().iter().enumerate().map(|(i, v)| (rule.path.join(many).join(i), v.as_str())));
        }
        Lookup::Unknown(_) => found.push((rule.path.join(many), None)),
        Lookup::Absent => {}
    }
    found.retain(|(_, text)| *text != Some(""));
    found
}

/// Whether a rule covers a port. None when it cannot be told.
fn covers(rule: &Rule<'_>, port: i64) -> Option<bool> {
    match rule.value.look("protocol") {
        Lookup::Known(p) if p.as_str().is_some_and(|p| p == "*" || p.eq_ignore_ascii_case("tcp")) => {}
        Lookup::Unknown(_) => return None,
        _ => return Some(false),
    }
    let mut unknown = false;
    for (_, range) in either(rule, "destinationPortRange", "destinationPortRanges") {
        match range {
            None => unknown = true,
            Some("*") => return Some(true),
            Some(text) => {
                let (from, to) = text.split_once('-').unwrap_or((text, text));
                let number = |t: &str| t.trim().parse::<i64>().ok();
                if let (Some(from), Some(to)) = (number(from), number(to))
                    && (from..=to).contains(&port)
                {
                    return Some(true);
                }
            }
        }
    }
    if unknown { None } else { Some(false) }
}

fn is_any(source: &str) -> bool {
    source == "*" || source.eq_ignore_ascii_case("any") || source == "0.0.0.0/0" || source == "::/0"
}

/// Whether what is denied covers a source: the internet covers every public address, and what is left of `*`.
fn covered(denied: &[String], source: &str) -> bool {
    denied.iter().any(|d| {
        is_any(d)
            || d.eq_ignore_ascii_case(source)
            || (d.eq_ignore_ascii_case("internet") && !is_private(source))
            || ranges::parse(d).zip(ranges::parse(source)).is_some_and(|(d, s)| d.contains(&s))
    })
}

fn is_private(source: &str) -> bool {
    let private: Vec<IpNet> = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]
        .iter()
        .filter_map(|p| ranges::parse(p))
        .collect();
    ranges::parse(source).is_some_and(|s| ranges::within(&s, &private))
}

/// The sources that reach one of the ports and are not expected there, each with the place where it stands.
#[must_use]
pub fn open_to(inventory: &Inventory, group: &Arc<Resource>, ports: &[i64], trusted: &[IpNet]) -> Vec<Entry> {
    let rules = rules(inventory, group);
    let mut found: Vec<Entry> = Vec::new();
    for port in ports {
        let mut denied: Vec<String> = Vec::new();
        for rule in rules.iter().filter(|r| is(r.value, "direction", "Inbound")) {
            let covers = covers(rule, *port);
            if covers == Some(false) {
                continue;
            }
            let sources = either(rule, "sourceAddressPrefix", "sourceAddressPrefixes");
            if is(rule.value, "access", "Deny") {
                if covers == Some(true) && anywhere(rule) {
                    denied.extend(sources.into_iter().filter_map(|(_, s)| s.map(str::to_owned)));
                }
                continue;
            }
            for (path, source) in sources {
                let expected = source.is_some_and(|s| {
                    EXPECTED.iter().any(|e| e.eq_ignore_ascii_case(s))
                        || is_private(s)
                        || ranges::parse(s).is_some_and(|s| ranges::within(&s, trusted))
                        || covered(&denied, s)
                });
                let known = source.filter(|_| covers == Some(true));
                let seen =
                    found.iter().any(|e| Arc::ptr_eq(&e.resource, rule.resource) && e.path.0.starts_with(&rule.path.0));
                if !expected && !seen {
                    found.push(Entry {
                        resource: Arc::clone(rule.resource),
                        path,
                        source: known.map(str::to_owned),
                        rule: rule.name.clone(),
                    });
                }
            }
        }
    }
    found
}

/// Whether a rule holds for every address and source port.
fn anywhere(rule: &Rule<'_>) -> bool {
    let all = |one: &str, many: &str| {
        let listed = either(rule, one, many);
        listed.is_empty()
            || listed
                .iter()
                .any(|(_, text)| text.is_some_and(|t| is_any(t) || t.eq_ignore_ascii_case("virtualnetwork")))
    };
    all("destinationAddressPrefix", "destinationAddressPrefixes") && all("sourcePortRange", "sourcePortRanges")
}
