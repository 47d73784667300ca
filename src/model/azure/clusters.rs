//! Clusters with their node pools, whether a pool stands in the cluster or is a resource of its own.

use std::sync::Arc;

use super::tables::cluster_default;
use crate::model::{Identity, Inventory, Resource};
use crate::path;
use crate::tree::{Lookup, Path, Value};

/// The type of a cluster.
pub const CLUSTER: &str = "Microsoft.ContainerService/managedClusters";
/// The type of a node pool that is a resource of its own.
pub const NODE_POOL: &str = "Microsoft.ContainerService/managedClusters/agentPools";

/// A cluster and all of its pools that the files show.
#[derive(Debug)]
pub struct Cluster<'r> {
    /// The cluster; one that is only referred to (`existing`) shows none of its settings.
    pub resource: &'r Arc<Resource>,
    /// Its pools.
    pub pools: Vec<Pool<'r>>,
    /// Whether it may have pools that are not seen: it is `existing`, or a list of pools is not known.
    pub open: bool,
}

/// A node pool.
#[derive(Debug)]
pub struct Pool<'r> {
    /// The cluster or the pool's own resource.
    pub resource: &'r Arc<Resource>,
    /// Where its properties stand.
    pub path: Path,
    /// Its properties.
    pub value: &'r Value,
    /// Its name, as far as it is known.
    pub name: String,
}

impl<'r> Pool<'r> {
    /// A property, by dotted keys.
    #[must_use]
    pub fn look(&self, dotted: &str) -> Lookup<'r> {
        self.value.look(dotted)
    }

    /// The path of a property.
    #[must_use]
    pub fn at(&self, dotted: &str) -> Path {
        self.path.extend(&Path::dotted(dotted))
    }

    /// Whether it is for system pods. A pool without a mode is a user pool; none where the mode is not known.
    #[must_use]
    pub fn is_system(&self) -> Option<bool> {
        match self.look("mode") {
            Lookup::Known(mode) => Some(mode.as_str().is_some_and(|m| m.eq_ignore_ascii_case("System"))),
            Lookup::Absent => Some(false),
            Lookup::Unknown(_) => None,
        }
    }

    /// Whether its nodes can be taken away at any time.
    #[must_use]
    pub fn is_spot(&self) -> bool {
        self.look("scaleSetPriority").known().and_then(Value::as_str).is_some_and(|p| p.eq_ignore_ascii_case("Spot"))
    }

    /// The key that says how few nodes it may have: `minCount` under autoscaling, else `count`.
    #[must_use]
    pub fn fewest_key(&self) -> &'static str {
        if self.autoscales() { "minCount" } else { "count" }
    }

    /// The key that says how many nodes it may have: `maxCount` under autoscaling, else `count`.
    #[must_use]
    pub fn most_key(&self) -> &'static str {
        if self.autoscales() { "maxCount" } else { "count" }
    }

    /// Whether the cluster autoscaler runs on it.
    #[must_use]
    pub fn autoscales(&self) -> bool {
        self.look("enableAutoScaling").known().and_then(Value::as_bool) == Some(true)
    }

    /// What messages call it.
    #[must_use]
    pub fn noun(&self) -> String {
        format!("node pool `{}`", self.name)
    }

    /// How many nodes an upgrade adds to a number of nodes: `maxSurge`, a number or a percentage; one node by default.
    #[must_use]
    pub fn surge(&self, nodes: i64) -> Option<i64> {
        match self.look("upgradeSettings.maxSurge") {
            Lookup::Absent => Some(1),
            Lookup::Unknown(_) => None,
            Lookup::Known(value) => match value.as_str() {
                Some(text) => match text.strip_suffix('%') {
                    Some(percent) => percent.trim().parse::<i64>().ok().map(|p| (nodes * p + 99) / 100),
                    None => text.trim().parse().ok(),
                },
                None => value.as_i64(),
            },
        }
    }
}

/// The clusters of a stamp, those that are only referred to included.
#[must_use]
pub fn clusters(inventory: &Inventory) -> Vec<Cluster<'_>> {
    let mut found: Vec<Cluster<'_>> = inventory.azure(CLUSTER).map(in_cluster).collect();
    for resource in inventory.azure(NODE_POOL).filter(|r| !r.existing) {
        let (parent, name) = resource.name().rsplit_once('/').unwrap_or(("", resource.name()));
        let Some(value) = resource.body.get_ci("properties") else { continue };
        let pool = Pool { resource, path: path!["properties"], value, name: name.to_owned() };
        if let Some(cluster) = found.iter_mut().find(|c| c.resource.name().eq_ignore_ascii_case(parent)) {
            cluster.pools.push(pool);
        }
    }
    found
}

fn in_cluster(resource: &Arc<Resource>) -> Cluster<'_> {
    let list = resource.body.look("properties.agentPoolProfiles");
    let mut open = resource.existing || list.unknown().is_some();
    let mut pools = Vec::new();
    for (i, value) in list.known().map(Value::items).unwrap_or_default().iter().enumerate() {
        if value.as_unknown().is_some() {
            open = true;
            continue;
        }
        let name = match value.look("name") {
            Lookup::Known(name) => name.as_str().unwrap_or("…").to_owned(),
            _ => "…".to_owned(),
        };
        pools.push(Pool { resource, path: path!["properties", "agentPoolProfiles", i], value, name });
    }
    Cluster { resource, pools, open }
}

/// Where the node OS upgrade channel stands.
pub const NODE_OS_CHANNEL: &str = "properties.autoUpgradeProfile.nodeOSUpgradeChannel";
/// Where the Kubernetes upgrade channel stands.
pub const KUBERNETES_CHANNEL: &str = "properties.autoUpgradeProfile.upgradeChannel";

/// The upgrade channel that is in force at one of these paths, in lower case: as written, or the default of the API
/// version. None where it is not known.
#[must_use]
pub fn upgrade_channel(cluster: &Resource, path: &str) -> Option<String> {
    let Identity::Azure { api_version, .. } = &cluster.identity else { return None };
    match cluster.body.look(path) {
        Lookup::Known(value) => value.as_str().map(str::to_ascii_lowercase),
        Lookup::Absent => Some(cluster_default(path, api_version).unwrap_or("none").to_ascii_lowercase()),
        Lookup::Unknown(_) => None,
    }
}
