//! Whom a policy's ingress rules let in, as far as rules ask: every source, every pod of the cluster, or less.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::Expression;
use super::policy::{Direction, Engine, Policy};
use crate::model::kubernetes::selector::{is_everything, keys};
use crate::tree::{Path, Value};

/// How wide an ingress rule is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Breadth {
    /// All pods of all namespaces.
    EveryPod,
    /// Everything, from anywhere.
    Everyone,
}

/// A rule or peer that lets too much in.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it stands: the peer, else the rule.
    pub path: Path,
    /// How much.
    pub breadth: Breadth,
    /// What is said there, in words.
    pub words: &'static str,
}

/// The wide sources of a policy's ingress rules, each where it stands.
#[must_use]
pub fn sources(policy: &Policy<'_>) -> Vec<Source> {
    if !policy.governs(Direction::Ingress) {
        return Vec::new();
    }
    let rules = policy.spec.get("ingress").map(Value::items).unwrap_or_default();
    let mut found = Vec::new();
    for (i, rule) in rules.iter().enumerate() {
        let path = policy.path.join("ingress").join(i);
        match policy.engine {
            Engine::Kubernetes => kubernetes(rule, &path, &mut found),
            Engine::Cilium => cilium(policy, rule, &path, &mut found),
            Engine::Calico => calico(policy, rule, &path, &mut found),
        }
    }
    found
}

fn push(found: &mut Vec<Source>, path: Path, breadth: Breadth, words: &'static str) {
    found.push(Source { path, breadth, words });
}

fn kubernetes(rule: &Value, path: &Path, found: &mut Vec<Source>) {
    let from = rule.get("from");
    if rule.has_unknown() && from.is_none_or(|f| f.as_unknown().is_some()) {
        return;
    }
    let peers = from.map(Value::items).unwrap_or_default();
    if peers.is_empty() {
        let place = if from.is_some() { path.join("from") } else { path.clone() };
        push(found, place, Breadth::Everyone, "a rule without `from` lets everyone in");
        return;
    }
    let mut ranges = Ranges::default();
    for (i, peer) in peers.iter().enumerate() {
        let place = path.join("from").join(i);
        let has = |key: &str| peer.get(key).filter(|v| !v.is_null());
        if peer.as_map().is_some_and(|m| m.is_empty()) {
            push(found, place, Breadth::Everyone, "the empty peer lets everyone in");
        } else if let Some(block) = has("ipBlock") {
            ranges.add(block.get("cidr"), block.get("except").map(Value::items).unwrap_or_default(), place);
        } else if has("namespaceSelector").is_some_and(is_everything) && has("podSelector").is_none_or(is_everything) {
            push(found, place.join("namespaceSelector"), Breadth::EveryPod, "the empty selector is every namespace");
        }
    }
    ranges.report(found);
}

fn calico(policy: &Policy<'_>, rule: &Value, path: &Path, found: &mut Vec<Source>) {
    if rule.get("action").and_then(Value::as_str) != Some("Allow") {
        return;
    }
    let source = rule.get("source");
    if source.is_some_and(|s| s.as_unknown().is_some()) {
        return;
    }
    let has = |key: &str| source.and_then(|s| s.get(key)).filter(|v| !v.is_null());
    let narrowing = ["notNets", "notSelector", "serviceAccounts", "services"];
    if narrowing.iter().any(|key| has(key).is_some()) {
        return;
    }
    let all =
        |key: &str| has(key).is_some_and(|v| v.as_str().is_some_and(|t| Expression::parse(t) == Ok(Expression::All)));
    if let Some(nets) = has("nets") {
        if has("selector").is_none() && has("namespaceSelector").is_none() {
            let mut ranges = Ranges::default();
            for (i, net) in nets.items().iter().enumerate() {
                ranges.add(Some(net), &[], path.join("source").join("nets").join(i));
            }
            ranges.report(found);
        }
    } else if has("selector").is_none() && has("namespaceSelector").is_none() {
        let place = if source.is_some() { path.join("source") } else { path.clone() };
        push(found, place, Breadth::Everyone, "Allow without a source lets everyone in");
    } else if all("namespaceSelector") && (has("selector").is_none() || all("selector")) {
        push(found, path.join("source").join("namespaceSelector"), Breadth::EveryPod, "`all()` is every namespace");
    } else if policy.namespace.is_none() && has("namespaceSelector").is_none() && all("selector") {
        push(
            found,
            path.join("source").join("selector"),
            Breadth::EveryPod,
            "`all()` is every endpoint of the cluster",
        );
    }
}

fn cilium(policy: &Policy<'_>, rule: &Value, path: &Path, found: &mut Vec<Source>) {
    const FROM: [&str; 7] =
        ["fromEndpoints", "fromEntities", "fromCIDR", "fromCIDRSet", "fromRequires", "fromGroups", "fromNodes"];
    let list = |key: &str| rule.get(key).map(Value::items).unwrap_or_default();
    if !rule.entries().is_empty() && FROM.iter().all(|key| rule.get(key).is_none()) {
        push(found, path.clone(), Breadth::Everyone, "a rule for ports alone lets everyone in");
        return;
    }
    for (i, entity) in list("fromEntities").iter().enumerate() {
        let place = path.join("fromEntities").join(i);
        match entity.as_str() {
            Some("all") => push(found, place, Breadth::Everyone, "this entity is everyone"),
            Some("world") => push(found, place, Breadth::Everyone, "this entity is everyone outside the cluster"),
            Some("world-ipv4" | "world-ipv6") => {
                push(found, place, Breadth::Everyone, "this entity is every address outside the cluster")
            }
            Some("cluster") => push(found, place, Breadth::EveryPod, "this entity is the whole cluster"),
            _ => {}
        }
    }
    for (i, endpoint) in list("fromEndpoints").iter().enumerate() {
        let everywhere = || {
            keys(endpoint).all(|k| super::policy::plain(k) == "io.kubernetes.pod.namespace")
                && endpoint
                    .get("matchExpressions")
                    .map(Value::items)
                    .unwrap_or_default()
                    .iter()
                    .any(|e| e.get("operator").and_then(Value::as_str) == Some("Exists"))
        };
        if (policy.namespace.is_none() && is_everything(endpoint)) || (!is_everything(endpoint) && everywhere()) {
            push(
                found,
                path.join("fromEndpoints").join(i),
                Breadth::EveryPod,
                "this selector is every pod of every namespace",
            );
        }
    }
    let mut ranges = Ranges::default();
    for (i, cidr) in list("fromCIDR").iter().enumerate() {
        ranges.add(Some(cidr), &[], path.join("fromCIDR").join(i));
    }
    for (i, set) in list("fromCIDRSet").iter().enumerate() {
        ranges.add(
            set.get("cidr"),
            set.get("except").map(Value::items).unwrap_or_default(),
            path.join("fromCIDRSet").join(i),
        );
    }
    ranges.report(found);
}

/// Address ranges of one rule. Two halves are as wide as the whole.
#[derive(Default)]
struct Ranges {
    v4: Vec<Ipv4Net>,
    v6: Vec<Ipv6Net>,
    places: Vec<(bool, Path)>,
}

impl Ranges {
    fn add(&mut self, cidr: Option<&Value>, except: &[Value], path: Path) {
        let Some(net) = cidr.and_then(Value::as_str).and_then(|t| t.parse::<IpNet>().ok()) else { return };
        let six = matches!(net, IpNet::V6(_));
        let holes: Vec<IpNet> = except.iter().filter_map(|e| e.as_str()?.parse().ok()).collect();
        // An exception that cannot be read may be anything, and more of them than anybody writes are not worth the sum.
        if holes.len() < except.len() || holes.len() > MOST_EXCEPTIONS {
            return;
        }
        let mut left = Vec::new();
        without(net.trunc(), &holes, &mut left);
        for net in left {
            match net {
                IpNet::V4(net) => self.v4.push(net),
                IpNet::V6(net) => self.v6.push(net),
            }
        }
        self.places.push((six, path));
    }

    fn report(self, found: &mut Vec<Source>) {
        let whole4 = Ipv4Net::aggregate(&self.v4).iter().any(|n| n.prefix_len() == 0);
        let whole6 = Ipv6Net::aggregate(&self.v6).iter().any(|n| n.prefix_len() == 0);
        for (whole, six) in [(whole4, false), (whole6, true)] {
            let mut places = self.places.iter().filter(|(s, _)| *s == six);
            if whole && let Some((_, path)) = places.next() {
                let words = match places.next() {
                    None => "this range is every address",
                    Some(_) => "these ranges together are every address",
                };
                push(found, path.clone(), Breadth::Everyone, words);
            }
        }
    }
}

/// Exceptions of one range beyond this are not summed up.
const MOST_EXCEPTIONS: usize = 256;

/// What holes leave of a range. Each hole splits it at most once for each bit of an address.
fn without(net: IpNet, holes: &[IpNet], left: &mut Vec<IpNet>) {
    if holes.iter().any(|hole| hole.contains(&net)) {
        return;
    }
    let inside: Vec<IpNet> = holes.iter().filter(|hole| net.contains(*hole)).copied().collect();
    match net.subnets(net.prefix_len().saturating_add(1)) {
        Ok(halves) if !inside.is_empty() => halves.for_each(|half| without(half, &inside, left)),
        _ => left.push(net),
    }
}
