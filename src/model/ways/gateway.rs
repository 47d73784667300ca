//! Application Gateways: the way of a request from a frontend over a listener and a routing rule to a backend, and the
//! WAF policy in force on it.

use std::sync::Arc;

use super::{id_of, is, text};
use crate::model::azure::{Same, same_id};
use crate::model::{Inventory, Resource};
use crate::path;
use crate::tree::{Lookup, Path, Value};

/// The type.
pub const TYPE: &str = "Microsoft.Network/applicationGateways";
/// The type of its WAF policies.
pub const POLICY: &str = "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies";

/// A gateway that the files deploy.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// The resource.
    pub resource: Arc<Resource>,
}

/// An item of one of a gateway's lists.
#[derive(Clone, Debug)]
pub struct Item<'g> {
    /// All of it.
    pub value: &'g Value,
    /// Where it stands.
    pub path: Path,
}

impl<'g> Item<'g> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'g str {
        text(self.value, "name").unwrap_or("…")
    }

    /// A property.
    #[must_use]
    pub fn look(&self, dotted: &str) -> Lookup<'g> {
        dotted.split('.').fold(Lookup::of(Some(self.value)).get("properties"), Lookup::get)
    }

    /// The path of a property.
    #[must_use]
    pub fn at(&self, dotted: &str) -> Path {
        self.path.join("properties").extend(&Path::dotted(dotted))
    }

    /// Whether a property is a word, without regard to case.
    #[must_use]
    pub fn is(&self, dotted: &str, word: &str) -> bool {
        is(self.value, &format!("properties.{dotted}"), word)
    }
}

/// What a listener's requests come to.
#[derive(Clone, Debug)]
pub struct Route<'g> {
    /// The listener.
    pub listener: Item<'g>,
    /// The routing rule, its path rule, or its path map; none where no rule names the listener.
    pub rule: Option<Item<'g>>,
    /// The policy in force: the reference and its path. None where there is none.
    pub policy: Option<(&'g Value, Path)>,
    /// The backend pool's reference.
    pub pool: Option<&'g Value>,
    /// The backend settings' reference.
    pub settings: Option<&'g Value>,
    /// Whether it only redirects.
    pub redirects: bool,
}

/// The gateways that the stamp's files deploy.
#[must_use]
pub fn gateways(inventory: &Inventory) -> Vec<Gateway> {
    inventory.azure(TYPE).filter(|r| !r.existing).map(|r| Gateway { resource: Arc::clone(r) }).collect()
}

impl Gateway {
    /// A list of the gateway.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<Item<'_>> {
        let listed = self.resource.body.look(&format!("properties.{key}"));
        let items = listed.known().map(Value::items).unwrap_or_default();
        items.iter().enumerate().map(|(i, value)| Item { value, path: path!["properties", key, i] }).collect()
    }

    /// The item of a list that a reference names: the last segment of its id.
    #[must_use]
    pub fn named(&self, key: &str, reference: Option<&Value>) -> Option<Item<'_>> {
        let wanted = reference?.look("id").known()?;
        let name = crate::model::azure::Id::of(wanted)?.name()?.to_ascii_lowercase();
        self.list(key).into_iter().find(|i| i.name().eq_ignore_ascii_case(&name))
    }

    /// Whether a listener can be reached from the internet: its frontend has a public address. None when it cannot be told.
    #[must_use]
    pub fn is_public(&self, listener: &Item<'_>) -> Option<bool> {
        let frontends = self.list("frontendIPConfigurations");
        let public = |f: &Item<'_>| match f.look("publicIPAddress") {
            Lookup::Known(_) => Some(true),
            Lookup::Absent => Some(false),
            Lookup::Unknown(_) => None,
        };
        match self.named("frontendIPConfigurations", listener.look("frontendIPConfiguration").known()) {
            Some(frontend) => public(&frontend),
            None if frontends.is_empty() => None,
            None if frontends.iter().all(|f| public(f) == Some(true)) => Some(true),
            None if frontends.iter().all(|f| public(f) == Some(false)) => Some(false),
            None => None,
        }
    }

    /// The port of a listener.
    #[must_use]
    pub fn port(&self, listener: &Item<'_>) -> Option<i64> {
        let port = self.named("frontendPorts", listener.look("frontendPort").known())?;
        port.look("port").known().and_then(Value::as_i64)
    }

    /// The ways through the gateway.
    #[must_use]
    pub fn routes(&self) -> Vec<Route<'_>> {
        let own = self.policy_of(&self.resource.body, &Path::root());
        let rules = self.list("requestRoutingRules");
        let mut found = Vec::new();
        for listener in self.list("httpListeners") {
            let policy = self.policy_of(listener.value, &listener.path).or_else(|| own.clone());
            let mut of_listener: Vec<Route<'_>> = Vec::new();
            for rule in rules.iter().filter(|r| self.goes_to(r, &listener)) {
                self.of_rule(&listener, rule, policy.as_ref(), &mut of_listener);
            }
            if of_listener.is_empty() {
                of_listener.push(Route { listener, rule: None, policy, pool: None, settings: None, redirects: false });
            }
            found.append(&mut of_listener);
        }
        found
    }

    fn goes_to(&self, rule: &Item<'_>, listener: &Item<'_>) -> bool {
        self.named("httpListeners", rule.look("httpListener").known()).is_some_and(|l| l.path == listener.path)
    }

    fn policy_of<'g>(&self, value: &'g Value, at: &Path) -> Option<(&'g Value, Path)> {
        match value.look("properties.firewallPolicy") {
            Lookup::Absent => None,
            Lookup::Known(_) | Lookup::Unknown(_) => {
                let reference = value.get_ci("properties")?.get_ci("firewallPolicy")?;
                Some((reference, at.join("properties").join("firewallPolicy")))
            }
        }
    }

    fn of_rule<'g>(
        &'g self,
        listener: &Item<'g>,
        rule: &Item<'g>,
        policy: Option<&(&'g Value, Path)>,
        found: &mut Vec<Route<'g>>,
    ) {
        let route = |item: &Item<'g>, prefix: &str, policy: Option<(&'g Value, Path)>| {
            let key = |name: &str| {
                if prefix.is_empty() {
                    name.to_owned()
                } else {
                    let mut chars = name.chars();
                    let first = chars.next().map(|c| c.to_ascii_uppercase());
                    format!("{prefix}{}{}", first.map(String::from).unwrap_or_default(), chars.as_str())
                }
            };
            Route {
                listener: listener.clone(),
                rule: Some(item.clone()),
                policy,
                pool: item.look(&key("backendAddressPool")).known(),
                settings: item.look(&key("backendHttpSettings")).known(),
                redirects: !item.look(&key("redirectConfiguration")).is_absent()
                    && item.look(&key("backendAddressPool")).is_absent(),
            }
        };
        let map = self.named("urlPathMaps", rule.look("urlPathMap").known());
        match map.filter(|_| !rule.is("ruleType", "Basic")) {
            None => found.push(route(rule, "", policy.cloned())),
            Some(map) => {
                let listed = map.look("pathRules").known().map(Value::items).unwrap_or_default();
                for (i, value) in listed.iter().enumerate() {
                    let item = Item { value, path: map.at("pathRules").join(i) };
                    let own = self.policy_of(item.value, &item.path).or_else(|| policy.cloned());
                    found.push(route(&item, "", own));
                }
                // The default path has no policy of its own: the listener's, or the gateway's, is in force.
                found.push(route(&map, "default", policy.cloned()));
            }
        }
    }

    /// Whether its SKU has a firewall. None when it cannot be told.
    #[must_use]
    pub fn has_firewall(&self) -> Option<bool> {
        let sku = self.resource.body.look("properties.sku");
        match sku.get("tier") {
            Lookup::Known(tier) => tier.as_str().map(|t| t.to_ascii_uppercase().starts_with("WAF")),
            Lookup::Unknown(_) => None,
            Lookup::Absent => match sku.get("name") {
                Lookup::Known(name) => name.as_str().map(|t| t.to_ascii_uppercase().starts_with("WAF")),
                _ => None,
            },
        }
    }
}

/// What a reference to a WAF policy leads to.
#[derive(Clone, Debug)]
pub enum Found {
    /// This policy.
    Policy(Arc<Resource>),
    /// The id is known, and no policy has it. The flag says whether the same deployment has policies.
    Nothing {
        /// Whether the deployment that refers to it deploys policies.
        beside_others: bool,
    },
    /// It cannot be told which.
    Unclear(String),
}

/// The policy of an id.
#[must_use]
pub fn policy(inventory: &Inventory, reference: &Value, from: &Resource) -> Found {
    let id = match reference.look("id") {
        Lookup::Known(id) => id,
        Lookup::Unknown(why) => return Found::Unclear(why.to_string()),
        Lookup::Absent if reference.as_str().is_some() => reference,
        Lookup::Absent => return Found::Unclear("the reference has no `id`".into()),
    };
    find(inventory, POLICY, id, from)
}

/// The resource of a type that an id names.
#[must_use]
pub fn find(inventory: &Inventory, ty: &str, id: &Value, from: &Resource) -> Found {
    let mut maybe = Vec::new();
    for candidate in inventory.azure(ty) {
        match id_of(candidate).map_or(Same::No, |own| same_id(id, own)) {
            Same::Yes => {
                // An `existing` reference and the deployment of the same resource have one id.
                let deployed = inventory
                    .azure(ty)
                    .find(|r| !r.existing && id_of(r).is_some_and(|own| same_id(id, own) == Same::Yes));
                return Found::Policy(Arc::clone(deployed.unwrap_or(candidate)));
            }
            Same::Maybe => maybe.push(candidate),
            Same::No => {}
        }
    }
    if maybe.iter().any(|r| !r.existing) {
        maybe.retain(|r| !r.existing);
    }
    match maybe.as_slice() {
        [one] => Found::Policy(Arc::clone(one)),
        [] => Found::Nothing {
            beside_others: inventory.azure(ty).any(|r| !r.existing && r.deployment == from.deployment),
        },
        _ => Found::Unclear(format!("{} resources may have this id", maybe.len())),
    }
}
