//! Front Door: profiles, endpoints, origins, and whether a fleet is behind one.

use std::sync::Arc;

use super::{is, text};
use crate::model::{Fleet, Inventory, Resource};
use crate::tree::Value;

/// Profiles of Front Door and of the content delivery network.
pub const PROFILE: &str = "Microsoft.Cdn/profiles";
/// Endpoints.
pub const ENDPOINT: &str = "Microsoft.Cdn/profiles/afdEndpoints";
/// Routes.
pub const ROUTE: &str = "Microsoft.Cdn/profiles/afdEndpoints/routes";
/// Origin groups.
pub const GROUP: &str = "Microsoft.Cdn/profiles/originGroups";
/// Origins.
pub const ORIGIN: &str = "Microsoft.Cdn/profiles/originGroups/origins";
/// Security policies: which WAF policy guards which endpoint.
pub const SECURITY: &str = "Microsoft.Cdn/profiles/securityPolicies";
/// WAF policies.
pub const POLICY: &str = "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies";
/// The classic Front Door.
pub const CLASSIC: &str = "Microsoft.Network/frontDoors";

/// Whether a profile is a Front Door's.
#[must_use]
pub fn is_front_door(profile: &Resource) -> bool {
    text(&profile.body, "sku.name").map_or(profile.existing, |s| s.to_ascii_lowercase().ends_with("_azurefrontdoor"))
}

/// Whether an inventory has a Front Door. An `existing` profile whose SKU is not said counts when its id is read.
#[must_use]
pub fn has_front_door(inventory: &Inventory) -> bool {
    inventory.azure(PROFILE).any(|p| is_front_door(p)) || inventory.azure(CLASSIC).next().is_some()
}

/// Whether the fleet is behind a Front Door.
#[must_use]
pub fn is_behind(fleet: &Fleet) -> bool {
    !fleet.facts.front_door.ids.is_empty()
        || fleet.stamps.iter().any(|s| has_front_door(&s.inventory))
        || fleet.shared.resources.iter().any(|r| (r.is_azure(PROFILE) && is_front_door(r)) || r.is_azure(CLASSIC))
}

/// An origin, of either kind of Front Door.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The resource.
    pub resource: Arc<Resource>,
    /// The host that it goes to.
    pub host: Option<Value>,
    /// Whether it is reached by Private Link.
    pub private: bool,
}

/// The origins.
#[must_use]
pub fn origins(inventory: &Inventory) -> Vec<Origin> {
    let mut found: Vec<Origin> = inventory
        .azure(ORIGIN)
        .map(|o| Origin {
            resource: Arc::clone(o),
            host: o.body.look("properties").known().and_then(|p| p.get_ci("hostName")).cloned(),
            private: !o.body.look("properties.sharedPrivateLinkResource").is_absent(),
        })
        .collect();
    for classic in inventory.azure(CLASSIC) {
        for (_, backend) in
            classic.body.select("properties.backendPools[].properties.backends[]", crate::tree::Case::Ignore)
        {
            found.push(Origin {
                resource: Arc::clone(classic),
                host: backend.get_ci("address").cloned(),
                private: backend.get_ci("privateLinkResourceId").is_some(),
            });
        }
    }
    found
}

/// Whether a switch of Front Door's is on; absent is on.
#[must_use]
pub fn is_enabled(value: &Value, dotted: &str) -> bool {
    !is(value, dotted, "Disabled")
}

/// How a template that deploys the profile, or refers to it, reads its id; none without one.
#[must_use]
pub fn id_expression(inventory: &Inventory) -> Option<String> {
    let profile = inventory.azure(PROFILE).find(|p| is_front_door(p) && !p.name().contains('…'))?;
    let ty = PROFILE;
    Some(format!("reference(resourceId('{ty}', '{}'), '2024-02-01').frontDoorId", profile.name()))
}
