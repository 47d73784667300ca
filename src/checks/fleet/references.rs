//! Values of a stamp that name what belongs to another stamp. Two rules read them: one reports them, one leaves them alone.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ipnet::IpNet;

use crate::model::azure::Id;
use crate::model::compare::{Owned, VAULT};
use crate::model::{Fleet, Resource, Stamp};
use crate::tree::{Kind, Leaf, Path, Segment, Value};

/// A value that names what is another stamp's.
pub struct Reference<'f> {
    /// The stamp that has the value.
    pub stamp: usize,
    /// The stamp that it belongs to.
    pub owner: usize,
    /// What is named: `vault`, `address`, ...
    pub what: &'static str,
    /// The name, id or address.
    pub text: String,
    /// Whose value it is.
    pub resource: &'f Arc<Resource>,
    /// Where.
    pub path: Path,
    /// The value.
    pub value: &'f Value,
}

/// Types that connect stamps by design: peerings, replicas, links, what spreads traffic over all.
const CONNECT: &[&str] = &[
    "microsoft.network/virtualnetworks/virtualnetworkpeerings",
    "microsoft.network/virtualhubs/hubvirtualnetworkconnections",
    "microsoft.network/privatednszones/virtualnetworklinks",
    "microsoft.network/trafficmanagerprofiles",
    "microsoft.network/frontdoors",
    "microsoft.network/networkmanagers",
    "microsoft.network/connections",
    "microsoft.network/virtualnetworkgateways/connections",
    "microsoft.cdn/profiles",
    "microsoft.cache/redis/linkedservers",
    "microsoft.cache/redisenterprise/databases",
    "microsoft.containerregistry/registries/replications",
    "microsoft.containerservice/fleets/members",
    "microsoft.sql/servers/failovergroups",
];

/// Keys below which a resource speaks of its peers.
const PEERS: &[&str] =
    &["virtualNetworkPeerings", "remoteVirtualNetwork", "replicationRole", "linkedDatabases", "tags"];

/// Every such value of a fleet.
#[must_use]
pub fn references(fleet: &Fleet) -> Vec<Reference<'_>> {
    if fleet.stamps.len() < 2 {
        return Vec::new();
    }
    let mut search = Search { owned: Owned::of(fleet), hinted: HashMap::new(), found: Vec::new() };
    for stamp in &fleet.stamps {
        for resource in stamp.own.resources.iter().filter(|r| !r.existing && !connects(r)) {
            search.resource(stamp, resource);
        }
    }
    search.found
}

fn connects(resource: &Resource) -> bool {
    let ty = resource.azure_type().to_ascii_lowercase();
    CONNECT.iter().any(|c| ty.strip_prefix(c).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

struct Search<'f> {
    owned: Owned,
    /// The leaves of resources that several stamps hold that may name something.
    hinted: HashMap<*const Resource, Arc<HashSet<Path>>>,
    found: Vec<Reference<'f>>,
}

impl<'f> Search<'f> {
    fn resource(&mut self, stamp: &Stamp, resource: &'f Arc<Resource>) {
        let known = self.hinted.get(&Arc::as_ptr(resource)).cloned();
        let mut hinted = HashSet::new();
        resource.body.each_text(&mut |leaf| {
            if known.as_ref().map_or_else(|| may_name(leaf), |k| k.contains(leaf.path)) {
                if known.is_none() {
                    hinted.insert(leaf.path.clone());
                }
                self.leaf(stamp, resource, leaf);
            }
        });
        if known.is_none() {
            self.hinted.insert(Arc::as_ptr(resource), Arc::new(hinted));
        }
    }

    fn leaf(&mut self, stamp: &Stamp, resource: &'f Arc<Resource>, leaf: Leaf<'f, '_>) {
        if leaf.is_below(PEERS) || is_identity(leaf) {
            return;
        }
        let Some((owner, what, text)) = self.named(stamp.index, resource, leaf) else { return };
        self.found.push(Reference {
            stamp: stamp.index,
            owner,
            what,
            text,
            resource,
            path: leaf.path.clone(),
            value: leaf.value,
        });
    }

    fn named(&self, stamp: usize, resource: &Resource, leaf: Leaf<'_, '_>) -> Option<(usize, &'static str, String)> {
        if let Some(id) = Id::of(leaf.value).filter(|id| id.type_and_names().is_some()) {
            let (ty, names) = id.type_and_names()?;
            let owner = self.owned.owner_of_id(&id, stamp)?;
            return Some((owner, noun(&ty), names));
        }
        let text = leaf.value.as_str()?;
        let key = leaf.key();
        if key.contains("vaultname")
            && let Some(owner) = self.owned.owner_of_name(VAULT, text, stamp)
        {
            return Some((owner, "vault", text.to_owned()));
        }
        let addresses = resource.is_kubernetes() && !is_egress(resource, leaf) || names_address(&key);
        words(text).find_map(|word| {
            if let Some(owner) = self.owned.owner_of_host(word, stamp) {
                return Some((owner, "host", word.to_owned()));
            }
            if !resource.is_kubernetes() && !names_address(&key) {
                return None;
            }
            if let Some(owner) = self.owned.owner_of_value(word, stamp) {
                return Some((owner, if word.len() == 36 { "identity" } else { "address" }, word.to_owned()));
            }
            let net = range(word).filter(|_| addresses)?;
            let owner = self.owned.owner_of_range(&net, stamp)?;
            Some((owner, "address", word.to_owned()))
        })
    }
}

/// Whether a text can name anything that belongs to a stamp, whatever stamp: told once for a resource of several.
fn may_name(leaf: Leaf<'_, '_>) -> bool {
    match &leaf.value.kind {
        Kind::Parts(_) => true,
        Kind::String(text) => {
            text.len() <= LONGEST
                && (text.contains("/providers/")
                    || leaf.key().contains("vaultname")
                    || words(text).any(|w| {
                        range(w).is_some() || w.len() == 36 || w.contains(".azure") || w.contains(".windows.net")
                    }))
        }
        _ => false,
    }
}

/// Longer texts are not looked at.
const LONGEST: usize = 1 << 16;

/// A resource's own id and name are its own whatever they are.
fn is_identity(leaf: Leaf<'_, '_>) -> bool {
    matches!(leaf.path.0.as_slice(), [Segment::Key(key)] if ["id", "name", "type"].iter().any(|k| key.eq_ignore_ascii_case(k)))
}

/// Where a network policy lets a pod go is a way to somebody else by its nature.
fn is_egress(resource: &Resource, leaf: Leaf<'_, '_>) -> bool {
    resource.kind() == "NetworkPolicy" && leaf.is_below(&["egress"])
}

/// Keys of Azure's resources that say where traffic of this stamp goes, or where it is met.
fn names_address(key: &str) -> bool {
    ["nexthopipaddress", "privateipaddress", "ipaddress", "loadbalancerip", "serviceipaddress", "dnsservers"]
        .contains(&key)
}

fn range(word: &str) -> Option<IpNet> {
    let digits = word.starts_with(|c: char| c.is_ascii_hexdigit()) && word.contains(['.', ':']);
    if !digits {
        return None;
    }
    word.parse::<IpNet>().ok().or_else(|| word.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

/// What may be a host, a GUID, an address or a range.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '/');
    let words = text.split(move |c: char| !joins(c)).flat_map(|word| {
        // `https://kv.vault.azure.net/secrets/x` and `10.1.0.4:443` hold a host; `10.1.0.0/16` is one word.
        let whole = Some(word).filter(|w| range(w).is_some());
        let parts = word.split('/').filter(move |_| whole.is_none());
        whole.into_iter().chain(
            parts.map(|p| p.rsplit_once(':').filter(|(host, _)| !host.contains(':')).map_or(p, |(host, _)| host)),
        )
    });
    words.map(|w| w.trim_matches(['.', '-', ':'])).filter(|w| w.len() > 3)
}

fn noun(ty: &str) -> &'static str {
    match ty {
        VAULT => "vault",
        "microsoft.managedidentity/userassignedidentities" => "identity",
        "microsoft.network/virtualnetworks/subnets" => "subnet",
        "microsoft.network/virtualnetworks" => "network",
        "microsoft.operationalinsights/workspaces" => "workspace",
        "microsoft.containerservice/managedclusters" => "cluster",
        "microsoft.network/publicipaddresses" => "public address",
        "microsoft.network/loadbalancers" => "load balancer",
        _ => "resource",
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_hosts_addresses_and_ranges() {
        let found: Vec<&str> =
            words("https://kv-a.vault.azure.net/secrets/x, 10.1.0.0/16;10.2.0.4:443 [fd00::1/64] ab").collect();
        assert_eq!(found, ["https", "kv-a.vault.azure.net", "secrets", "10.1.0.0/16", "10.2.0.4", "fd00::1/64"]);
    }
}
