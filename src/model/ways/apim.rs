//! API Management as a way in: `check-header` in its policies.

use std::sync::Arc;

use super::header::is_fdid;
use super::{Compared, Guard, Layer, Near, Spot, is, text};
use crate::model::{Inventory, Resource};
use crate::tree::{Path, Value};

/// The type.
pub const TYPE: &str = "Microsoft.ApiManagement/service";
const GLOBAL: &str = "Microsoft.ApiManagement/service/policies";
const OPERATION: &str = "Microsoft.ApiManagement/service/apis/operations";
const SCOPES: [&str; 3] = [
    "Microsoft.ApiManagement/service/apis/policies",
    "Microsoft.ApiManagement/service/apis/operations/policies",
    "Microsoft.ApiManagement/service/products/policies",
];

/// Whether a service is reached from the internet.
#[must_use]
pub fn is_public(service: &Resource) -> bool {
    !is(&service.body, "properties.virtualNetworkType", "Internal")
        && !is(&service.body, "properties.publicNetworkAccess", "Disabled")
}

/// A `check-header` on the header.
struct Check {
    at: usize,
    refuses: bool,
    values: Vec<String>,
}

/// The inbound section without comments.
fn inbound(text: &str) -> Option<(usize, String)> {
    let mut plain = text.to_owned();
    while let Some(start) = plain.find("<!--") {
        let end = plain.get(start..)?.find("-->").map_or(plain.len(), |e| start + e + 3);
        let blanks: String = plain.get(start..end)?.chars().map(|c| if c == '\n' { c } else { ' ' }).collect();
        plain.replace_range(start..end, &blanks);
    }
    let start = plain.find("<inbound>")?;
    let end = plain.get(start..)?.find("</inbound>")? + start;
    Some((start, plain.get(start..end)?.to_owned()))
}

fn check(text: &str) -> Option<Check> {
    let (start, section) = inbound(text)?;
    let mut from = 0;
    while let Some(at) = section.get(from..)?.find("<check-header").map(|a| a + from) {
        let rest = section.get(at..)?;
        let open = rest.find('>')?;
        let tag = rest.get(..open)?;
        let attribute = |name: &str| {
            let after = tag.split_once(&format!("{name}=\""))?.1;
            after.split_once('"').map(|(value, _)| value.to_owned())
        };
        if attribute("name").is_some_and(|n| is_fdid(&n)) {
            let body = rest.get(open..rest.find("</check-header>").unwrap_or(open)).unwrap_or_default();
            let values = body
                .split("<value>")
                .skip(1)
                .filter_map(|v| v.split_once("</value>").map(|(v, _)| v.trim().to_owned()))
                .collect();
            let code = attribute("failed-check-httpcode").unwrap_or_default();
            return Some(Check { at: start + at, refuses: code.starts_with('4'), values });
        }
        from = at + open;
    }
    None
}

fn belongs(policy: &Resource, service: &Resource) -> bool {
    policy.name().split('/').next().is_some_and(|n| n.eq_ignore_ascii_case(service.name()))
}

/// What a service does with requests that do not carry this id.
#[must_use]
pub fn guard(inventory: &Inventory, service: &Arc<Resource>) -> Guard {
    let path = Path::dotted("properties.value");
    let global: Vec<_> = inventory.azure(GLOBAL).filter(|p| belongs(p, service)).collect();
    let scoped: Vec<_> = SCOPES.iter().flat_map(|s| inventory.azure(s)).filter(|p| belongs(p, service)).collect();
    let of = |policy: &Arc<Resource>| -> Result<Option<Check>, Guard> {
        let spot = Spot::new(policy, path.clone());
        match policy.body.look("properties.value").known().map(Value::as_str) {
            _ if text(&policy.body, "properties.format").is_some_and(|f| f.ends_with("link")) => {
                Err(Guard::Unclear(spot, "the policy stands behind a link".into()))
            }
            Some(Some(text)) => Ok(check(text)),
            Some(None) => {
                // A composed text: its known pieces are enough to see the check.
                match known_text(policy.body.look("properties.value").known()) {
                    Some(text) => Ok(check(&text)),
                    None => Err(Guard::Unclear(spot, "the policy is not known".into())),
                }
            }
            None => Err(Guard::Unclear(spot, "the policy is not known".into())),
        }
    };
    for policy in &global {
        match of(policy) {
            Err(guard) => return guard,
            Ok(Some(found)) if !found.refuses => {
                let why = "`check-header` does not answer with 4xx";
                return Guard::lets(Spot::new(policy, path), Near::Almost, Layer::ApiManagement, why);
            }
            Ok(Some(_)) => {
                // A narrower policy inherits it by `<base />` only.
                for narrow in &scoped {
                    let text = known_text(narrow.body.look("properties.value").known()).unwrap_or_default();
                    let section = inbound(&text).map(|(_, s)| s).unwrap_or_default();
                    if !text.is_empty() && !section.contains("<base") && check(&text).is_none() {
                        let why = "this policy leaves out `<base />`, and with it the check";
                        return Guard::lets(Spot::new(narrow, path), Near::Almost, Layer::ApiManagement, why);
                    }
                }
                return Guard::Refuses;
            }
            Ok(None) => {}
        }
    }
    let apis: Vec<_> =
        inventory.azure("Microsoft.ApiManagement/service/apis").filter(|a| belongs(a, service)).collect();
    let refused = |owner: &Resource, ty: &str| {
        let below = format!("{}/", owner.name());
        let own = |p: &&&Arc<Resource>| {
            p.is_azure(ty) && p.name().strip_prefix(&below).is_some_and(|name| !name.contains('/'))
        };
        scoped.iter().filter(own).any(|p| matches!(of(p), Ok(Some(c)) if c.refuses))
    };
    let checked = |api: &&Arc<Resource>| {
        let below = format!("{}/", api.name());
        let mut operations = inventory.azure(OPERATION).filter(|o| o.name().starts_with(&below)).peekable();
        refused(api, SCOPES[0]) || (operations.peek().is_some() && operations.all(|o| refused(o, SCOPES[1])))
    };
    if !apis.is_empty() && apis.iter().all(checked) {
        return Guard::Refuses;
    }
    // A check in each narrower policy would do as well.
    if let Some(unclear) = scoped.iter().find_map(|p| of(p).err()) {
        return unclear;
    }
    let spot = global.first().map_or_else(|| Spot::new(service, Path::root()), |p| Spot::new(p, path.clone()));
    let near = if global.is_empty() { Near::Listener } else { Near::Policy };
    Guard::lets(spot, near, Layer::ApiManagement, "no inbound policy checks `X-Azure-FDID`")
}

/// Text with a mark in the place of what is not known.
fn known_text(value: Option<&Value>) -> Option<String> {
    match &value?.kind {
        crate::tree::Kind::String(text) => Some(text.to_string()),
        crate::tree::Kind::Parts(parts) => Some(
            parts
                .iter()
                .map(|p| if let crate::tree::Part::Text(text) = p { text.as_str() } else { "\u{2026}" })
                .collect(),
        ),
        _ => None,
    }
}

/// The values that policies compare with the header.
#[must_use]
pub fn compared(inventory: &Inventory) -> Vec<Compared> {
    let mut found = Vec::new();
    for policy in std::iter::once(GLOBAL).chain(SCOPES).flat_map(|ty| inventory.azure(ty)) {
        let value = policy.body.look("properties.value").known();
        let Some(text) = known_text(value) else { continue };
        let Some(check) = check(&text) else { continue };
        let line = text.get(..check.at).unwrap_or_default().matches('\n').count();
        for id in
            check.values.into_iter().filter(|v| !v.contains('\u{2026}') && !v.starts_with("{{") && !v.starts_with('@'))
        {
            let spot = Spot::line(policy, &Path::dotted("properties.value"), line);
            let span = value.map_or(crate::source::Span::NONE, |v| v.span);
            found.push(Compared { spot, value: Value::string(id, span) });
        }
    }
    found
}
