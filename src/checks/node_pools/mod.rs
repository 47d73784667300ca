//! Node pools.

pub mod no_user_pool;
pub mod node_autoscaler_unbounded;
pub mod node_public_ip;
pub mod pod_cidr_too_small;
pub mod pods_per_node_unset;
pub mod subnet_too_small;
pub mod surge_not_set;
pub mod system_pool_too_small;
pub mod system_pool_untainted;
pub mod user_pool_too_small;
