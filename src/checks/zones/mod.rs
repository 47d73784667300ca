//! Zone spread.

pub mod dependency_not_zonal;
pub mod ineffective_spread;
pub mod ingress_replicas_share_node;
pub mod node_pool_not_zonal;
pub mod region_without_zones;
pub mod workload_not_zone_spread;
pub mod zone_bound_disk;
