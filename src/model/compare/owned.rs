//! What belongs to one stamp alone: its resources by id and host name, its ranges, and the values that only its
//! parameters have.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::azure::{CLUSTER, Id, Same};
use crate::model::{Fleet, Identity, Resource, Stamp};
use crate::resolve::template::Source;
use crate::tree::Value;

/// Types whose names are hosts, each with what follows the name.
const HOSTS: &[(&str, &str)] = &[
    ("vault.azure.net", "microsoft.keyvault/vaults"),
    ("blob.core.windows.net", "microsoft.storage/storageaccounts"),
    ("queue.core.windows.net", "microsoft.storage/storageaccounts"),
    ("table.core.windows.net", "microsoft.storage/storageaccounts"),
    ("file.core.windows.net", "microsoft.storage/storageaccounts"),
    ("dfs.core.windows.net", "microsoft.storage/storageaccounts"),
    ("documents.azure.com", "microsoft.documentdb/databaseaccounts"),
    ("redis.cache.windows.net", "microsoft.cache/redis"),
    ("servicebus.windows.net", "microsoft.servicebus/namespaces"),
    ("azconfig.io", "microsoft.appconfiguration/configurationstores"),
];

/// The type of a vault, in lower case.
pub const VAULT: &str = "microsoft.keyvault/vaults";

/// What belongs to whom.
#[derive(Debug, Default)]
pub struct Owned {
    /// By type and names, in lower case: the stamps, with the id where it is a resource of theirs.
    names: HashMap<(String, String), Vec<(Option<usize>, Option<Id>)>>,
    /// GUIDs and addresses that parameters give, in lower case, with the stamps that are given them.
    values: HashMap<String, Vec<usize>>,
    /// Networks and the ranges in them; none of the fleet for shared ones.
    ranges: Vec<(IpNet, Option<usize>)>,
    /// Whether a stamp's networks are known.
    has_network: Vec<bool>,
}

impl Owned {
    /// Reads a fleet.
    #[must_use]
    pub fn of(fleet: &Fleet) -> Self {
        let mut owned = Self { has_network: vec![false; fleet.stamps.len()], ..Self::default() };
        for resource in &fleet.shared.resources {
            owned.resource(resource, None);
        }
        for stamp in &fleet.stamps {
            for resource in stamp.own.resources.iter().filter(|r| !r.existing) {
                owned.resource(resource, Some(stamp.index));
            }
        }
        owned.parameters(fleet);
        owned.ranges.sort_by_key(|(net, _)| (net.network(), net.prefix_len()));
        owned.ranges.dedup();
        owned
    }

    fn resource(&mut self, resource: &Resource, stamp: Option<usize>) {
        let Identity::Azure { id, .. } = &resource.identity else { return };
        let Some(id) = Id::of(id) else { return };
        if let Some(key) = id.type_and_names() {
            self.names.entry(key).or_default().push((stamp, Some(id)));
        }
        let mut add = |value: &Value, own: bool| {
            if let Some(net) = value.as_str().and_then(|t| t.parse::<IpNet>().ok()) {
                self.ranges.push((net, stamp));
                if let Some(flag) = stamp.and_then(|s| self.has_network.get_mut(s)) {
                    *flag |= own;
                }
            }
        };
        let look = |path: &str| resource.body.look(path).known();
        if resource.is_azure("Microsoft.Network/virtualNetworks") {
            look("properties.addressSpace.addressPrefixes")
                .map(Value::items)
                .unwrap_or_default()
                .iter()
                .for_each(|v| add(v, true));
        }
        if resource.is_azure(CLUSTER) {
            let profile = look("properties.networkProfile");
            let of = |key: &str| profile.and_then(|p| p.get_ci(key));
            ["serviceCidr", "podCidr"].iter().filter_map(|k| of(k)).for_each(|v| add(v, false));
            ["serviceCidrs", "podCidrs"]
                .iter()
                .filter_map(|k| of(k))
                .flat_map(Value::items)
                .for_each(|v| add(v, false));
        }
    }

    /// What each stamp's parameters give it, and no other's: vaults by name, GUIDs, addresses.
    fn parameters(&mut self, fleet: &Fleet) {
        let mut vaults: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        for stamp in &fleet.stamps {
            for (name, text) in given(stamp) {
                let lower = text.to_lowercase();
                if is_guid(text) || text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok() {
                    let held = self.values.entry(lower).or_default();
                    if held.last() != Some(&stamp.index) {
                        held.push(stamp.index);
                    }
                } else if name.contains("vault") && is_plain_name(text) {
                    let held = vaults.entry((name, lower)).or_default();
                    if held.last() != Some(&stamp.index) {
                        held.push(stamp.index);
                    }
                }
            }
        }
        for ((_, vault), stamps) in vaults {
            let key = (VAULT.to_owned(), vault);
            let held = self.names.entry(key).or_default();
            held.extend(stamps.iter().map(|s| (Some(*s), None)));
        }
    }

    /// The other stamp that a resource with this id belongs to.
    #[must_use]
    pub fn owner_of_id(&self, id: &Id, stamp: usize) -> Option<usize> {
        let held = self.names.get(&id.type_and_names()?)?;
        let same = |(_, own): &&(Option<usize>, Option<Id>)| own.as_ref().is_none_or(|o| o.same(id) != Same::No);
        one_other(held.iter().filter(same).map(|(s, _)| *s), stamp)
    }

    /// The other stamp that a resource of this type and name belongs to.
    #[must_use]
    pub fn owner_of_name(&self, ty: &str, name: &str, stamp: usize) -> Option<usize> {
        let held = self.names.get(&(ty.to_owned(), name.to_lowercase()))?;
        one_other(held.iter().map(|(s, _)| *s), stamp)
    }

    /// The other stamp that a host belongs to.
    #[must_use]
    pub fn owner_of_host(&self, host: &str, stamp: usize) -> Option<usize> {
        let (name, rest) = host.split_once('.')?;
        let (_, ty) = HOSTS.iter().find(|(suffix, _)| rest.eq_ignore_ascii_case(suffix))?;
        self.owner_of_name(ty, name, stamp)
    }

    /// The other stamp whose parameters alone give a GUID or an address.
    #[must_use]
    pub fn owner_of_value(&self, text: &str, stamp: usize) -> Option<usize> {
        one_other(self.values.get(&text.to_lowercase())?.iter().map(|s| Some(*s)), stamp)
    }

    /// The other stamp in whose network a range lies. A stamp whose own networks are not known is not asked.
    #[must_use]
    pub fn owner_of_range(&self, net: &IpNet, stamp: usize) -> Option<usize> {
        if self.has_network.get(stamp) != Some(&true) {
            return None;
        }
        // Sorted by their first address: none that begins later can hold it.
        let end = self.ranges.partition_point(|(n, _)| n.network() <= net.network());
        let before = self.ranges.get(..end).unwrap_or_default();
        one_other(before.iter().filter(|(n, _)| n.contains(net)).map(|(_, s)| *s), stamp)
    }
}

/// The only stamp among owners, when it is another one. What is shared, or belongs to several, belongs to nobody else.
fn one_other(owners: impl Iterator<Item = Option<usize>>, stamp: usize) -> Option<usize> {
    let mut found = None;
    for owner in owners {
        let owner = owner?;
        if owner == stamp || found.is_some_and(|f| f != owner) {
            return None;
        }
        found = Some(owner);
    }
    found
}

/// The texts that a stamp's parameters give, each with the parameter's name in lower case.
fn given(stamp: &Stamp) -> Vec<(String, &str)> {
    let parameters = stamp.own.deployed.iter().flat_map(|d| &d.parameters);
    // What a default gives is everybody's that leaves it.
    let own = parameters.filter(|p| !p.secure && p.source != Source::Missing);
    let mut found = Vec::new();
    for parameter in own {
        parameter.value.each_text(&mut |leaf| {
            if let Some(text) = leaf.value.as_str() {
                let key = leaf.key();
                found.push((if key.is_empty() { parameter.name.to_lowercase().into() } else { key }, text));
            }
        });
    }
    found
}

fn is_plain_name(text: &str) -> bool {
    (3..=24).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Whether a text is a GUID that may mean something: not the one of zeros.
fn is_guid(text: &str) -> bool {
    super::nature::is_guid(text) && text.bytes().any(|b| b != b'0' && b != b'-')
}
