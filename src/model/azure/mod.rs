//! Views over Azure resources. They borrow from the tree and hold no copy of it.

mod clusters;
mod ids;
mod region;
mod subnets;

pub use clusters::{CLUSTER, Cluster, NODE_POOL, Pool, clusters};
pub use ids::{Id, Same, same_id};
pub use region::{Place, region_of};
pub use subnets::{Subnet, subnets};
