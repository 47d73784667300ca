//! Which registries a stamp may take images from.

use super::Pattern;
use crate::model::Stamp;
use crate::model::azure::Id;
use crate::tree::{Kind, Value};

const REGISTRY: &str = "Microsoft.ContainerRegistry/registries";

/// The listed patterns; without any, the registries that the stamp's own templates and parameters name, and
/// Microsoft's. None where there is nothing to go by.
#[must_use]
pub fn approved_registries<'t>(listed: impl Iterator<Item = &'t str>, stamp: &Stamp) -> Option<Vec<Pattern>> {
    let listed: Vec<Pattern> = listed.filter_map(|text| Pattern::parse(text).ok()).collect();
    if !listed.is_empty() {
        return Some(listed);
    }
    let of_templates = stamp.inventory.azure(REGISTRY).filter_map(|r| by_name(r.body.get_ci("name")?));
    let parameters = stamp.own.deployed.iter().flat_map(|d| &d.parameters);
    let of_parameters = parameters.filter_map(|p| Id::of(&p.value)?.after("registries").and_then(azure_registry));
    let own: Vec<Pattern> = of_templates.chain(of_parameters).collect();
    if own.is_empty() {
        return None;
    }
    Some(own.into_iter().chain(Pattern::parse("mcr.microsoft.com").ok()).collect())
}

fn by_name(name: &Value) -> Option<Pattern> {
    match &name.kind {
        Kind::String(name) => azure_registry(name),
        Kind::Unknown(_) | Kind::Parts(_) => Some(Pattern::unknown_azure_registry()),
        _ => None,
    }
}

fn azure_registry(name: &str) -> Option<Pattern> {
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric());
    if is_name { Pattern::parse(&format!("{name}.azurecr.io")).ok() } else { Some(Pattern::unknown_azure_registry()) }
}
