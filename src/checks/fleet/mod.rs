//! The fleet as one: what differs between stamps, and should not.

mod explained;
pub mod fleet_hub_public;
pub mod not_a_fleet_member;
pub mod parameter_drift;
mod pipeline;
pub mod regions_not_paired;
pub mod resource_drift;
pub mod single_region;
pub mod stamps_share_resource_group;
pub mod version_drift;
pub mod workload_missing_in_stamp;
