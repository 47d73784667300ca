//! Layer 4: the fleet, its stamps, their resources, and thin typed views over them.
//!
//! What stands here is said in the words of the field (stamp, resource, pod, cluster); nothing here judges.

pub mod azure;
pub mod compare;
pub mod drift;
mod fleet;
pub mod image;
pub mod infer;
mod inventory;
pub mod kubernetes;
pub mod maintenance;
pub mod manifest;
pub mod pipeline;
pub mod plan;
mod resource;
pub mod secrets;
pub mod ways;

pub use fleet::{Deployed, Drift, EXEMPT_NAMESPACES, Facts, Fleet, FrontDoor, Part, Stamp, StampSet, Workflow};
pub use inventory::Inventory;
pub use resource::{Existence, Identity, Resource};
