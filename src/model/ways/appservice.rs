//! App Service as a way in: access restrictions with the service tag and the header.

use std::sync::Arc;

use ipnet::IpNet;

use super::header::is_fdid;
use super::{Compared, Guard, Layer, Near, Spot, is, ranges, text};
use crate::model::Resource;
use crate::path;
use crate::tree::{Lookup, Path, Value};

/// The type.
pub const TYPE: &str = "Microsoft.Web/sites";

fn list() -> Path {
    Path::dotted("properties.siteConfig.ipSecurityRestrictions")
}

fn restrictions(site: &Resource) -> &[Value] {
    site.body.look("properties.siteConfig.ipSecurityRestrictions").known().map(Value::items).unwrap_or_default()
}

fn header(rule: &Value) -> Option<&Value> {
    let headers = rule.look("headers").known()?;
    headers.entries().iter().find(|e| is_fdid(&e.key)).map(|e| &e.value)
}

/// What a site does with requests that do not carry this id.
#[must_use]
pub fn guard(site: &Arc<Resource>, trusted: &[IpNet]) -> Guard {
    let lets = |path: Path, near, why: String| Guard::lets(Spot::new(site, path), near, Layer::AppService, why);
    if let Lookup::Unknown(why) = site.body.look("properties.siteConfig.ipSecurityRestrictions") {
        return Guard::Unclear(Spot::new(site, list()), why.to_string());
    }
    let rules = restrictions(site);
    if rules.is_empty() {
        return lets(list(), Near::Listener, format!("{} lets every address in", site.noun()));
    }
    if is(&site.body, "properties.siteConfig.ipSecurityRestrictionsDefaultAction", "Allow") {
        let path = Path::dotted("properties.siteConfig.ipSecurityRestrictionsDefaultAction");
        return lets(path, Near::Spoiled, "what no restriction names is allowed".into());
    }
    let mut order: Vec<(usize, &Value)> = rules.iter().enumerate().collect();
    order.sort_by_key(|(_, r)| r.look("priority").known().and_then(Value::as_i64).unwrap_or(i64::MAX));
    for (i, rule) in order {
        let at = list().join(i);
        let address = text(rule, "ipAddress").unwrap_or_default();
        if is(rule, "action", "Deny") {
            if matches!(address, "Any" | "0.0.0.0/0") {
                return Guard::Refuses;
            }
            continue;
        }
        if ranges::parse(address).is_some_and(|n| ranges::within(&n, trusted)) {
            continue;
        }
        let tag = is(rule, "tag", "ServiceTag") && address.eq_ignore_ascii_case("AzureFrontDoor.Backend");
        match header(rule) {
            Some(values) if tag && (values.has_unknown() || !values.items().is_empty()) => {}
            Some(_) => {
                let why = "the restriction names the header, but not the service tag `AzureFrontDoor.Backend`";
                return lets(at, Near::Almost, why.into());
            }
            None if tag => {
                let why = "the service tag alone admits every Front Door; `headers` has to name this one's id";
                return lets(at, Near::Almost, why.into());
            }
            None => return lets(at, Near::Listener, format!("{address} comes in past the check")),
        }
    }
    Guard::Refuses
}

/// The values that a site compares with the header.
#[must_use]
pub fn compared(site: &Arc<Resource>) -> Vec<Compared> {
    let mut found = Vec::new();
    for (i, rule) in restrictions(site).iter().enumerate() {
        let Some(headers) = rule.look("headers").known() else { continue };
        for entry in headers.entries().iter().filter(|e| is_fdid(&e.key)) {
            for (j, value) in entry.value.items().iter().enumerate() {
                let path = list().extend(&path![i, "headers", entry.key.as_str(), j]);
                found.push(Compared { spot: Spot::new(site, path), value: value.clone() });
            }
        }
    }
    found
}
