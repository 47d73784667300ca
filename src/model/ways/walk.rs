//! Walks the ways into a stamp, and says what guards each.

use std::sync::Arc;

use ipnet::IpNet;

use super::cluster::{self, Balancer, Served};
use super::gateway::{self, Found, Gateway, Route};
use super::{
    Compared, Guard, Layer, Near, Spot, apim, appservice, dns, front_door, gateway_api, id_of, is, istio, text,
    traefik, waf,
};
use crate::model::azure::{Same, same_id};
use crate::model::{Inventory, Resource};
use crate::path;
use crate::tree::{Lookup, Path, Value};

/// What the config says about who may pass.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Addresses that may pass by the check.
    pub trusted: Vec<IpNet>,
    /// Middlewares of Traefik's that check.
    pub middlewares: Vec<String>,
}

/// A layer on a way.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is: `gateway \`agw\``.
    pub noun: String,
}

/// One way in.
#[derive(Clone, Debug)]
pub struct Way {
    /// Its layers, the outermost first.
    pub steps: Vec<Step>,
    /// What happens on it to requests that do not carry this id.
    pub guard: Guard,
    /// What turns them away, where something does.
    pub guarded_by: Option<String>,
}

impl Way {
    /// A way whose last layer is what guards it.
    fn new(steps: Vec<Step>, guard: Guard) -> Self {
        let last = steps.last().map(|s| s.noun.clone());
        let guarded_by = last.filter(|_| guard.refuses());
        Self { steps, guard, guarded_by }
    }
}

/// The public ways into a stamp.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    /// They.
    pub ways: Vec<Way>,
}

/// Walks the ways into a stamp.
#[must_use]
pub fn ways(inventory: &Inventory, options: &Options) -> Ways {
    let walk = Walk { inventory, options, balancers: cluster::balancers(inventory) };
    let mut ways = Vec::new();
    walk.gateways(&mut ways);
    walk.balancers(&mut ways);
    walk.api_management(&mut ways);
    walk.sites(&mut ways);
    Ways { ways }
}

/// All values of a stamp that are compared with the header.
#[must_use]
pub fn compared(inventory: &Inventory) -> Vec<Compared> {
    let mut found = Vec::new();
    for policy in inventory.azure(gateway::POLICY).filter(|p| !p.existing) {
        found.extend(waf::compared(policy));
    }
    found.extend(cluster::compared(inventory));
    for route in inventory.kind("IngressRoute") {
        found.extend(traefik::compared(route));
    }
    for route in ["HTTPRoute", "GRPCRoute"].into_iter().flat_map(|k| inventory.kind(k)) {
        found.extend(gateway_api::compared(route));
    }
    found.extend(istio::compared(inventory));
    found.extend(apim::compared(inventory));
    for site in inventory.azure(appservice::TYPE) {
        found.extend(appservice::compared(site));
    }
    found
}

struct Walk<'w> {
    inventory: &'w Inventory,
    options: &'w Options,
    balancers: Vec<Balancer>,
}

fn step(noun: impl Into<String>) -> Step {
    Step { noun: noun.into() }
}

impl Walk<'_> {
    /// Whether an origin reaches a resource by Private Link.
    fn is_private_origin(&self, resource: &Resource) -> bool {
        let Some(own) = id_of(resource) else { return false };
        self.inventory.azure(front_door::ORIGIN).any(|o| {
            let id = o.body.look("properties.sharedPrivateLinkResource.privateLink.id");
            id.known().is_some_and(|id| same_id(id, own) == Same::Yes)
        })
    }

    fn gateways(&self, ways: &mut Vec<Way>) {
        let gateways = gateway::gateways(self.inventory);
        let managed: Vec<&Arc<Resource>> = self.inventory.kind("Ingress").filter(|i| is_agic(i)).collect();
        for gateway in &gateways {
            if self.is_private_origin(&gateway.resource) {
                continue;
            }
            let routes = gateway.routes();
            if !managed.is_empty() && gateways.len() == 1 {
                for ingress in managed.iter().filter(|i| !is_private_ingress(i)) {
                    let guard = self.of_agic(gateway, ingress);
                    let steps = vec![step(gateway.resource.noun()), step(ingress.noun())];
                    ways.push(Way::new(steps, guard));
                }
                continue;
            }
            if routes.is_empty() {
                let reason = "its listeners are not known";
                if matches!(gateway.resource.body.look("properties.httpListeners"), Lookup::Unknown(_)) {
                    let spot = Spot::new(&gateway.resource, Path::dotted("properties.httpListeners"));
                    let steps = vec![step(gateway.resource.noun())];
                    ways.push(Way::new(steps, Guard::Unclear(spot, reason.into())));
                }
                continue;
            }
            for route in routes.iter().filter(|r| !r.redirects) {
                let public = gateway.is_public(&route.listener);
                if public == Some(false) {
                    continue;
                }
                let mut steps =
                    vec![step(gateway.resource.noun()), step(format!("listener `{}`", route.listener.name()))];
                if let Some(rule) = &route.rule {
                    steps.push(step(format!("rule `{}`", rule.name())));
                }
                let mut guard = self.of_route(gateway, route, &routes);
                let by_gateway = guard.refuses().then(|| self.policy_noun(gateway, route));
                if by_gateway.is_none()
                    && let Some((noun, behind)) = self.behind(gateway, route)
                {
                    steps.push(step(noun));
                    guard = guard.then(behind);
                }
                if public.is_none() && !guard.refuses() {
                    let spot = Spot::new(&gateway.resource, route.listener.path.clone());
                    guard = Guard::Unclear(spot, "whether the listener is public is not known".into());
                }
                let way = Way::new(steps, guard);
                ways.push(Way { guarded_by: by_gateway.or(way.guarded_by), ..way });
            }
        }
    }

    /// The WAF policy in force on a route.
    fn policy_noun(&self, gateway: &Gateway, route: &Route<'_>) -> String {
        let found = route.policy.as_ref().map(|(id, _)| gateway::policy(self.inventory, id, &gateway.resource));
        match found {
            Some(Found::Policy(policy)) => policy.noun(),
            _ => gateway.resource.noun(),
        }
    }

    /// The guard of the gateway itself on a route.
    fn of_route(&self, gateway: &Gateway, route: &Route<'_>, all: &[Route<'_>]) -> Guard {
        let resource = &gateway.resource;
        let Some((reference, at)) = &route.policy else {
            let others = all.iter().any(|r| r.policy.is_some());
            let siblings = all.iter().any(|r| r.policy.is_some() && r.listener.path == route.listener.path);
            let (path, why) = if siblings && let Some(rule) = &route.rule {
                (rule.path.clone(), format!("no WAF policy is in force on rule `{}`", rule.name()))
            } else if others {
                let why = format!("no WAF policy is in force on listener `{}`", route.listener.name());
                (route.listener.path.clone(), why)
            } else {
                (Path::dotted("properties.firewallPolicy"), format!("{} has no WAF policy", resource.noun()))
            };
            return Guard::lets(Spot::new(resource, path), Near::Listener, Layer::Waf, why);
        };
        let spot = Spot::new(resource, at.join("id"));
        match gateway::policy(self.inventory, reference, resource) {
            Found::Policy(policy) => {
                let guard = waf::guard(&policy, &self.options.trusted);
                if gateway.has_firewall() == Some(false) && guard.refuses() {
                    let why = format!("the SKU of {} has no firewall, so its policy guards nothing", resource.noun());
                    let path = Path::dotted("properties.sku.tier");
                    return Guard::lets(Spot::new(resource, path), Near::Spoiled, Layer::Waf, why);
                }
                guard
            }
            Found::Nothing { beside_others: true } => {
                let why = "the id names no WAF policy of this deployment".to_owned();
                Guard::lets(spot, Near::Listener, Layer::Waf, why)
            }
            Found::Nothing { beside_others: false } => {
                Guard::Unclear(spot, "the WAF policy stands outside of the files".into())
            }
            Found::Unclear(why) => Guard::Unclear(spot, why),
        }
    }

    /// What stands behind a route of the gateway: the ingress that its backend leads to.
    fn behind(&self, gateway: &Gateway, route: &Route<'_>) -> Option<(String, Guard)> {
        let pool = gateway.named("backendAddressPools", route.pool)?;
        let addresses = pool.look("backendAddresses").known().map(Value::items).unwrap_or_default();
        let records = dns::records(self.inventory);
        let mut guard: Option<Guard> = None;
        let mut nouns = Vec::new();
        for address in addresses {
            let direct = text(address, "ipAddress");
            let by_name = text(address, "fqdn").and_then(|f| {
                let record = records.iter().find(|r| r.fqdn.eq_ignore_ascii_case(f))?;
                record.addresses.first()?.1.as_str()
            });
            let balancer = direct.or(by_name).and_then(|ip| {
                self.balancers.iter().find(|b| b.address().is_some_and(|(v, _)| v.as_str() == Some(ip)))
            });
            let one = match balancer {
                Some(balancer) => {
                    nouns.push(balancer.service.noun());
                    self.all_of(balancer)
                }
                None => self.unjoined(gateway, &pool.path)?,
            };
            guard = Some(guard.map_or(one.clone(), |g| g.beside(one)));
        }
        Some((nouns.join(", "), guard?))
    }

    /// All that a balancer serves, together. An ingress whose routes are not known answers for nothing.
    fn all_of(&self, balancer: &Balancer) -> Guard {
        let served = cluster::served(self.inventory, balancer, &self.options.middlewares);
        let all = served.into_iter().map(|s| s.guard).reduce(Guard::beside);
        match all {
            // That nothing is known about the ingress is no reason to doubt an open gateway.
            Some(Guard::Unclear(spot, why)) => Guard::lets(spot, Near::Route, Layer::Other, why),
            Some(guard) => guard,
            None => Guard::Refuses,
        }
    }

    /// A backend that leads to no balancer of the stamp: where an ingress checks all the same, it cannot be told.
    fn unjoined(&self, gateway: &Gateway, pool: &Path) -> Option<Guard> {
        let checks = self.balancers.iter().any(|b| b.controller.is_some() && self.all_of(b).refuses());
        checks.then(|| {
            let why = "an ingress checks the header, but whether the backend leads there is not known";
            Guard::Unclear(Spot::new(&gateway.resource, pool.clone()), why.into())
        })
    }

    fn of_agic(&self, gateway: &Gateway, ingress: &Arc<Resource>) -> Guard {
        const KEY: &str = "appgw.ingress.kubernetes.io/waf-policy-for-path";
        let annotated = ingress.body.look("metadata.annotations").known().and_then(|a| a.get(KEY));
        let Some(id) = annotated else {
            let bare = Route {
                listener: gateway::Item { value: &gateway.resource.body, path: Path::root() },
                rule: None,
                policy: gateway
                    .resource
                    .body
                    .look("properties.firewallPolicy")
                    .known()
                    .map(|v| (v, Path::dotted("properties.firewallPolicy"))),
                pool: None,
                settings: None,
                redirects: false,
            };
            return self.of_route(gateway, &bare, &[]);
        };
        let spot = Spot::new(ingress, path!["metadata", "annotations", KEY]);
        match gateway::find(self.inventory, gateway::POLICY, id, &gateway.resource) {
            Found::Policy(policy) => waf::guard(&policy, &self.options.trusted),
            Found::Nothing { beside_others: true } => {
                Guard::lets(spot, Near::Listener, Layer::Waf, "the id names no WAF policy of the stamp")
            }
            Found::Nothing { .. } => Guard::Unclear(spot, "the WAF policy stands outside of the files".into()),
            Found::Unclear(why) => Guard::Unclear(spot, why),
        }
    }

    fn balancers(&self, ways: &mut Vec<Way>) {
        for balancer in self.balancers.iter().filter(|b| b.public != Some(false)) {
            for Served { resource, guard } in cluster::served(self.inventory, balancer, &self.options.middlewares) {
                let mut steps = vec![step(balancer.service.noun())];
                if !Arc::ptr_eq(&resource, &balancer.service) {
                    steps.push(step(resource.noun()));
                }
                let guard = if balancer.public.is_none() && !guard.refuses() {
                    let spot = Spot::new(&balancer.service, Path::dotted("metadata.annotations"));
                    Guard::Unclear(spot, "whether the load balancer is public is not known".into())
                } else {
                    guard
                };
                ways.push(Way::new(steps, guard));
            }
        }
        for gateway in cluster::gateways(self.inventory) {
            for Served { resource, guard } in cluster::of_gateway(self.inventory, gateway) {
                ways.push(Way::new(vec![step(gateway.noun()), step(resource.noun())], guard));
            }
        }
    }

    fn api_management(&self, ways: &mut Vec<Way>) {
        for service in self.inventory.azure(apim::TYPE).filter(|s| !s.existing && apim::is_public(s)) {
            if !self.is_private_origin(service) {
                ways.push(Way::new(vec![step(service.noun())], apim::guard(self.inventory, service)));
            }
        }
    }

    /// App Service counts where an origin names it, or where the stamp has no other way in.
    fn sites(&self, ways: &mut Vec<Way>) {
        let alone = ways.is_empty() && self.balancers.is_empty();
        for site in self.inventory.azure(appservice::TYPE).filter(|s| !s.existing) {
            let host = format!("{}.azurewebsites.net", site.name());
            let named = front_door::origins(self.inventory)
                .iter()
                .any(|o| o.host.as_ref().and_then(Value::as_str).is_some_and(|h| h.eq_ignore_ascii_case(&host)));
            let function = text(&site.body, "kind").is_some_and(|k| k.contains("functionapp"));
            if is(&site.body, "properties.publicNetworkAccess", "Disabled")
                || self.is_private_origin(site)
                || !(named || (alone && !function))
            {
                continue;
            }
            ways.push(Way::new(vec![step(site.noun())], appservice::guard(site, &self.options.trusted)));
        }
    }
}

fn is_agic(ingress: &Resource) -> bool {
    cluster::class(ingress).is_some_and(|c| matches!(c, "azure-application-gateway" | "azure/application-gateway"))
}

fn is_private_ingress(ingress: &Resource) -> bool {
    const KEY: &str = "appgw.ingress.kubernetes.io/use-private-ip";
    let annotation = ingress.body.look("metadata.annotations").known().and_then(|a| a.get(KEY));
    annotation.and_then(Value::as_str) == Some("true")
}
