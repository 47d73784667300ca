//! The ways through the cluster: load balancers, the ingress controllers behind them, and the routes that these serve.

use std::sync::Arc;

use super::header::FDID;
use super::{Compared, Guard, Layer, Near, Spot, gateway_api, istio, nginx, snippet, text, traefik};
use crate::model::kubernetes::{Controller, controller_named, ingress_controller, pods};
use crate::model::{Inventory, Resource};
use crate::path;
use crate::tree::{Lookup, Path, Value};

const INTERNAL: &str = "service.beta.kubernetes.io/azure-load-balancer-internal";
const ADDRESS: &str = "service.beta.kubernetes.io/azure-load-balancer-ipv4";
const NGINX: &str = "nginx.ingress.kubernetes.io/";

/// A Service of type `LoadBalancer`.
#[derive(Clone, Debug)]
pub struct Balancer {
    /// The Service.
    pub service: Arc<Resource>,
    /// Whether it has a public address. None when it cannot be told.
    pub public: Option<bool>,
    /// What its pods are; none where they are no ingress controller, or are not known.
    pub controller: Option<Controller>,
    /// The workload that it selects, where it is among the files.
    pub workload: Option<Arc<Resource>>,
}

impl Balancer {
    /// Its stated address, and where it stands.
    #[must_use]
    pub fn address(&self) -> Option<(&Value, Path)> {
        let annotated = self.service.body.look("metadata.annotations").known().and_then(|a| a.get(ADDRESS));
        match annotated {
            Some(value) => Some((value, path!["metadata", "annotations", ADDRESS])),
            None => {
                let value = self.service.body.look("spec.loadBalancerIP").known()?;
                Some((value, Path::dotted("spec.loadBalancerIP")))
            }
        }
    }
}

/// The load balancers of a stamp.
#[must_use]
pub fn balancers(inventory: &Inventory) -> Vec<Balancer> {
    inventory
        .kind("Service")
        .filter(|s| s.group().is_empty() && text(&s.body, "spec.type") == Some("LoadBalancer"))
        .map(|service| {
            let workload = target(inventory, service);
            let by_workload = workload.and_then(|w| ingress_controller(w));
            Balancer {
                service: Arc::clone(service),
                public: is_public(service),
                controller: by_workload.or_else(|| if workload.is_none() { by_words(service) } else { None }),
                workload: workload.cloned(),
            }
        })
        .collect()
}

fn is_public(service: &Resource) -> Option<bool> {
    match service.body.look("metadata.annotations") {
        Lookup::Unknown(_) => None,
        annotations => match annotations.known().and_then(|a| a.get(INTERNAL)) {
            None => Some(true),
            Some(value) => match value.as_str() {
                Some(text) => Some(text != "true"),
                None if value.has_unknown() => None,
                // Kubernetes refuses an annotation that is no string, and nothing internal comes of it.
                None => Some(true),
            },
        },
    }
}

fn target<'i>(inventory: &'i Inventory, service: &Resource) -> Option<&'i Arc<Resource>> {
    let selector = service.body.look("spec.selector").known()?;
    if selector.entries().is_empty() {
        return None;
    }
    ["Deployment", "DaemonSet", "StatefulSet"].into_iter().flat_map(|k| inventory.kind(k)).find(|w| {
        w.namespace() == service.namespace()
            && pods(w).first().is_some_and(|pod| {
                let labels = pod.metadata.and_then(|m| m.get("labels"));
                selector.entries().iter().all(|e| {
                    let own = labels.and_then(|l| l.get(&e.key)).and_then(Value::as_str);
                    own.is_some() && own == e.value.as_str()
                })
            })
    })
}

fn by_words(service: &Resource) -> Option<Controller> {
    let words = ["spec.selector", "metadata.labels"].into_iter().flat_map(|root| {
        let map = service.body.look(root).known().map(Value::entries).unwrap_or_default();
        map.iter().filter_map(|e| {
            let value = e.value.as_str()?;
            Some(if e.key == "istio" && value == "ingressgateway" { "istio-ingressgateway" } else { value })
        })
    });
    words.into_iter().find_map(controller_named).or_else(|| {
        let name = service.name();
        if name.contains("traefik") {
            Some(Controller::Traefik)
        } else if name.contains("ingress-nginx") || name.contains("nginx-ingress") {
            Some(Controller::IngressNginx)
        } else if name.contains("istio") && name.contains("gateway") {
            Some(Controller::Istio)
        } else {
            None
        }
    })
}

/// A way through a controller.
#[derive(Clone, Debug)]
pub struct Served {
    /// The Ingress or route; the Service where there is none.
    pub resource: Arc<Resource>,
    /// What it does with requests that do not carry this id.
    pub guard: Guard,
}

/// What stands behind a load balancer, each with its guard. `checking` names Traefik's middlewares that check.
#[must_use]
pub fn served(inventory: &Inventory, balancer: &Balancer, checking: &[String]) -> Vec<Served> {
    let one = |resource: &Arc<Resource>, guard| Served { resource: Arc::clone(resource), guard };
    let service = &balancer.service;
    let spot = Spot::new(service, Path::dotted("spec.type"));
    let mut found = Vec::new();
    match balancer.controller {
        Some(Controller::IngressNginx) => {
            let all: Vec<&Arc<Resource>> =
                inventory.kind("Ingress").filter(|i| is_nginx_class(inventory, balancer, i)).collect();
            found.extend(all.iter().map(|i| one(i, nginx_guard(inventory, balancer, i, &all))));
        }
        Some(Controller::Traefik) => {
            for route in inventory.kind("IngressRoute").filter(|r| on_entry_points(service, r)) {
                for (at, value) in traefik::routes(route) {
                    found.push(one(route, traefik::guard(route, &at, value, checking)));
                }
            }
            for ingress in inventory.kind("Ingress").filter(|i| class(i).is_some_and(|c| c.contains("traefik"))) {
                let why = "an Ingress of Traefik's cannot ask for a header";
                found.push(one(
                    ingress,
                    Guard::lets(Spot::new(ingress, Path::dotted("spec.rules")), Near::Route, Layer::Traefik, why),
                ));
            }
            for gateway in inventory.kind("Gateway").filter(|g| gateway_class(g).contains("traefik")) {
                found.extend(of_gateway(inventory, gateway));
            }
        }
        Some(Controller::Istio) => {
            let policy = istio::policy_guard(inventory, service);
            for virtual_service in inventory.kind("VirtualService").filter(|v| !is_mesh_only(v)) {
                let mut guards = istio::service_guard(virtual_service);
                if guards.is_empty() {
                    continue;
                }
                let first = guards.remove(0);
                let own = guards.into_iter().fold(first, Guard::beside);
                let guard = match &policy {
                    Some(policy) => policy.clone().then(own),
                    None => own,
                };
                found.push(one(virtual_service, guard));
            }
        }
        Some(Controller::ApplicationGateway) => {}
        Some(_) => {
            let why = "what this ingress controller lets in is not evaluated";
            found.push(one(service, Guard::Unclear(spot.clone(), why.into())));
        }
        None if balancer.workload.is_some() => {
            let why = format!("{} is public, and nothing before it asks for `{FDID}`", service.noun());
            found.push(one(service, Guard::lets(spot.clone(), Near::Route, Layer::Other, why)));
        }
        None => {
            let why = format!("what stands behind {} is not among the files", service.noun());
            found.push(one(service, Guard::Unclear(spot.clone(), why)));
        }
    }
    if found.is_empty() {
        let why = format!("the routes behind {} are not among the files", service.noun());
        found.push(one(service, Guard::Unclear(spot, why)));
    }
    found
}

fn is_mesh_only(service: &Resource) -> bool {
    let gateways = service.body.look("spec.gateways").known().map(Value::items).unwrap_or_default();
    gateways.iter().all(|g| g.as_str() == Some("mesh"))
}

fn gateway_class(gateway: &Resource) -> String {
    text(&gateway.body, "spec.gatewayClassName").unwrap_or_default().to_ascii_lowercase()
}

/// The routes of a Gateway of the Gateway API.
#[must_use]
pub fn of_gateway(inventory: &Inventory, gateway: &Arc<Resource>) -> Vec<Served> {
    let mut found = Vec::new();
    for route in ["HTTPRoute", "GRPCRoute"].into_iter().flat_map(|k| inventory.kind(k)) {
        if gateway_api::attached(route, gateway) {
            for guard in gateway_api::guards(route) {
                found.push(Served { resource: Arc::clone(route), guard });
            }
        }
    }
    found
}

/// Public Gateways of the Gateway API that make a load balancer of their own.
#[must_use]
pub fn gateways(inventory: &Inventory) -> Vec<&Arc<Resource>> {
    inventory
        .kind("Gateway")
        .filter(|g| g.group() == "gateway.networking.k8s.io" && gateway_api::is_public(g) == Some(true))
        .filter(|g| !gateway_class(g).contains("traefik"))
        .collect()
}

/// The class of an Ingress.
#[must_use]
pub fn class(ingress: &Resource) -> Option<&str> {
    text(&ingress.body, "spec.ingressClassName")
        .or_else(|| ingress.body.look("metadata.annotations").known()?.get("kubernetes.io/ingress.class")?.as_str())
}

fn argument<'r>(workload: Option<&'r Arc<Resource>>, name: &str) -> Option<&'r str> {
    let workload = workload?;
    let pods = pods(workload);
    let spec = pods.first()?.spec;
    spec.get("containers")?.items().iter().find_map(|c| {
        let words = ["args", "command"].into_iter().flat_map(|k| c.get(k).map(Value::items).unwrap_or_default());
        words.into_iter().find_map(|a| a.as_str()?.strip_prefix(name)?.strip_prefix('='))
    })
}

fn is_nginx_class(inventory: &Inventory, balancer: &Balancer, ingress: &Resource) -> bool {
    let workload = balancer.workload.as_ref();
    let controller = argument(workload, "--controller-class").unwrap_or("k8s.io/ingress-nginx");
    let own = argument(workload, "--ingress-class").unwrap_or("nginx");
    let Some(wanted) = class(ingress) else {
        return true;
    };
    match inventory.kind("IngressClass").find(|c| c.name() == wanted) {
        Some(declared) => text(&declared.body, "spec.controller").is_none_or(|c| c == controller),
        None => wanted == own,
    }
}

fn annotation<'r>(resource: &'r Resource, key: &str) -> Option<&'r Value> {
    resource.body.look("metadata.annotations").known()?.get(key)
}

fn hosts(ingress: &Resource) -> Vec<&str> {
    let rules = ingress.body.look("spec.rules").known().map(Value::items).unwrap_or_default();
    let mut hosts: Vec<&str> = rules.iter().map(|r| text(r, "host").unwrap_or_default()).collect();
    if hosts.is_empty() {
        hosts.push("");
    }
    hosts
}

fn config_map<'i>(inventory: &'i Inventory, balancer: &Balancer) -> Option<&'i Arc<Resource>> {
    let named = argument(balancer.workload.as_ref(), "--configmap").and_then(|n| n.rsplit('/').next());
    let namespace = balancer.service.namespace();
    inventory.kind("ConfigMap").find(|c| {
        c.namespace() == namespace
            && named.map_or_else(
                || c.name() == balancer.service.name() || c.name() == "ingress-nginx-controller",
                |n| n == c.name(),
            )
    })
}

/// Where a snippet stands.
struct Snippet<'r> {
    resource: &'r Arc<Resource>,
    path: Path,
    value: &'r Value,
}

fn annotated<'r>(ingress: &'r Arc<Resource>, name: &str) -> Option<Snippet<'r>> {
    let key = format!("{NGINX}{name}");
    let value = annotation(ingress, &key)?;
    Some(Snippet { resource: ingress, path: path!["metadata", "annotations", key.as_str()], value })
}

fn nginx_guard(inventory: &Inventory, balancer: &Balancer, ingress: &Arc<Resource>, all: &[&Arc<Resource>]) -> Guard {
    let config = config_map(inventory, balancer);
    let set = |key: &str| config.and_then(|c| Some((c, c.body.look("data").known()?.get(key)?)));
    let mut guards: Vec<Guard> = Vec::new();
    let global =
        |key: &'static str| set(key).map(|(c, value)| Snippet { resource: c, path: path!["data", key], value });
    for snippet in [global("server-snippet"), global("location-snippet")].into_iter().flatten() {
        guards.extend(directives_guard(&snippet));
    }
    let on = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|v| v == "true");
    let everywhere = on(set("enable-modsecurity").map(|(_, v)| v));
    if everywhere && let Some(snippet) = global("modsecurity-snippet") {
        guards.extend(modsecurity_guard(&snippet));
    }
    let mut own: Vec<Guard> = Vec::new();
    if let Some(snippet) = annotated(ingress, "configuration-snippet") {
        own.extend(directives_guard(&snippet));
    }
    if let Some(snippet) = annotated(ingress, "modsecurity-snippet") {
        let key = format!("{NGINX}enable-modsecurity");
        let switch = annotation(ingress, &key);
        let guard = modsecurity_guard(&snippet);
        if on(switch) || (switch.is_none() && everywhere) {
            own.extend(guard);
        } else if guard.is_some() {
            let why = "the snippet is there, but ModSecurity is not on";
            let spot = if switch.is_some() {
                Spot::new(ingress, path!["metadata", "annotations", key.as_str()])
            } else {
                Spot::new(ingress, snippet.path)
            };
            own.push(Guard::lets(spot, Near::Spoiled, Layer::Nginx, why));
        }
    }
    // A server's snippet counts for the whole host, on whichever Ingress it stands.
    let mut by_host: Option<Guard> = None;
    for host in hosts(ingress) {
        let of_host = all
            .iter()
            .filter(|i| hosts(i).contains(&host))
            .filter_map(|i| annotated(i, "server-snippet"))
            .filter_map(|s| directives_guard(&s))
            .reduce(Guard::then);
        by_host = match (by_host, of_host) {
            (None, Some(guard)) => Some(guard),
            (Some(before), Some(guard)) => Some(before.beside(guard)),
            (before, None) => {
                let spot = Spot::new(ingress, Path::dotted("spec.rules"));
                let why = format!("nothing checks the header for host `{host}`");
                let open = Guard::lets(spot, Near::Route, Layer::Nginx, why);
                Some(before.map_or(open.clone(), |b| b.beside(open)))
            }
        };
    }
    own.extend(by_host.filter(|g| !matches!(g, Guard::Lets(h) if h.near == Near::Route)));
    if let Some((map, value)) = set("allow-snippet-annotations")
        && value.as_str() == Some("false")
        && !own.is_empty()
    {
        let why = "the controller does not take snippets from annotations";
        own = vec![Guard::lets(
            Spot::new(map, path!["data", "allow-snippet-annotations"]),
            Near::Spoiled,
            Layer::Nginx,
            why,
        )];
    }
    guards.extend(own);
    guards.into_iter().reduce(Guard::then).unwrap_or_else(|| {
        let why = format!("{} does not check `{FDID}`", ingress.noun());
        Guard::lets(Spot::new(ingress, Path::root()), Near::Route, Layer::Nginx, why)
    })
}

/// What a snippet of directives does; none where it has nothing to do with the header.
fn directives_guard(snippet: &Snippet<'_>) -> Option<Guard> {
    let spot = Spot::new(snippet.resource, snippet.path.clone());
    let Some(written) = snippet.value.as_str() else {
        return snippet.value.has_unknown().then(|| Guard::Unclear(spot, "the snippet is not known".into()));
    };
    let line = |at: usize| {
        let line = written.get(..at).unwrap_or_default().matches('\n').count();
        Spot::line(snippet.resource, &snippet.path, line)
    };
    match crate::read::nginx::parse(written) {
        Err(_) if !mentions_header(written) => None,
        Err(error) => {
            let why = format!("the snippet does not parse: {}", error.message);
            Some(Guard::lets(line(error.at), Near::Spoiled, Layer::Nginx, why))
        }
        Ok(directives) if !nginx::mentions(&directives) => None,
        Ok(directives) => Some(match nginx::outcomes(&directives) {
            [nginx::Outcome::Refused, nginx::Outcome::Refused] => Guard::Refuses,
            [absent, _] => {
                let at = directives.iter().find(|d| nginx::mentions(std::slice::from_ref(d))).map_or(0, |d| d.at.start);
                let why = if absent == nginx::Outcome::Refused {
                    "the snippet lets requests in that carry another id"
                } else {
                    "the snippet does not turn away what does not carry this id"
                };
                Guard::lets(line(at), Near::Almost, Layer::Nginx, why)
            }
        }),
    }
}

fn mentions_header(text: &str) -> bool {
    text.to_ascii_lowercase().replace('_', "-").contains("x-azure-fdid")
}

fn modsecurity_guard(snippet: &Snippet<'_>) -> Option<Guard> {
    let spot = Spot::new(snippet.resource, snippet.path.clone());
    let Some(written) = snippet.value.as_str() else {
        return snippet.value.has_unknown().then(|| Guard::Unclear(spot, "the snippet is not known".into()));
    };
    let line = |line| Spot::line(snippet.resource, &snippet.path, line);
    match snippet::run(written) {
        Err(_) if !mentions_header(written) => None,
        Err((at, why)) => {
            let why = format!("the snippet does not parse: {why}");
            Some(Guard::lets(line(at), Near::Spoiled, Layer::Nginx, why))
        }
        Ok(rules) if !rules.mentions => None,
        Ok(rules) => {
            if let Some(at) = rules.detection_only {
                return Some(Guard::lets(line(at), Near::Spoiled, Layer::Nginx, "the engine only detects"));
            }
            let why = match (rules.absent_denied, rules.other_denied) {
                (true, true) => return Some(Guard::Refuses),
                (false, true) => "a rule on a header that is absent does not run: whoever leaves it out comes in",
                (true, false) => "the rules let requests in that carry another id",
                (false, false) => "the rules do not turn away what does not carry this id",
            };
            Some(Guard::lets(line(rules.line), Near::Almost, Layer::Nginx, why))
        }
    }
}

/// The values that snippets compare with the header.
#[must_use]
pub fn compared(inventory: &Inventory) -> Vec<Compared> {
    let mut found = Vec::new();
    let mut add = |snippet: Snippet<'_>, modsecurity: bool| {
        let Some(written) = snippet.value.as_str() else { return };
        let texts: Vec<(String, usize)> = if modsecurity {
            snippet::run(written).map(|r| r.compared).unwrap_or_default()
        } else {
            let directives = crate::read::nginx::parse(written).unwrap_or_default();
            let line = |at: usize| written.get(..at).unwrap_or_default().matches('\n').count();
            nginx::compared(&directives).into_iter().map(|(t, at)| (t, line(at))).collect()
        };
        for (id, line) in texts {
            let spot = Spot::line(snippet.resource, &snippet.path, line);
            found.push(Compared { spot, value: Value::string(id, snippet.value.span) });
        }
    };
    for ingress in inventory.kind("Ingress") {
        for (name, modsecurity) in
            [("configuration-snippet", false), ("server-snippet", false), ("modsecurity-snippet", true)]
        {
            if let Some(snippet) = annotated(ingress, name) {
                add(snippet, modsecurity);
            }
        }
    }
    for map in inventory.kind("ConfigMap") {
        for (name, modsecurity) in
            [("server-snippet", false), ("location-snippet", false), ("modsecurity-snippet", true)]
        {
            if let Some(value) = map.body.look("data").known().and_then(|d| d.get(name)) {
                add(Snippet { resource: map, path: path!["data", name], value }, modsecurity);
            }
        }
    }
    found
}

/// Whether a route of Traefik's can be reached over the ports of a Service.
fn on_entry_points(service: &Resource, route: &Resource) -> bool {
    let wanted = route.body.look("spec.entryPoints").known().map(Value::items).unwrap_or_default();
    let ports = service.body.look("spec.ports").known().map(Value::items).unwrap_or_default();
    let mut names = Vec::new();
    for port in ports {
        match port.get("targetPort") {
            Some(target) => match target.as_str() {
                Some(name) => names.push(name),
                // A number may be any entry point's.
                None => return true,
            },
            None => return true,
        }
        names.extend(text(port, "name"));
    }
    wanted.is_empty() || names.is_empty() || wanted.iter().any(|w| w.as_str().is_none_or(|w| names.contains(&w)))
}
