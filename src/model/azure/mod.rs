//! Views over Azure resources. They borrow from the tree and hold no copy of it.

mod clusters;
mod ids;
mod region;
mod subnets;
mod tables;

pub use clusters::{CLUSTER, Cluster, KUBERNETES_CHANNEL, NODE_OS_CHANNEL, NODE_POOL, Pool, clusters, upgrade_channel};
pub use ids::{Id, Same, same_id};
pub use region::{Place, region_of};
pub use subnets::{Subnet, subnets};
pub use tables::{cluster_default, supported_minors};
