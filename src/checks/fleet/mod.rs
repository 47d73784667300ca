//! The fleet as one: what differs between stamps, and should not.

mod explained;
pub mod fleet_hub_public;
pub mod gitops_missing;
pub mod maintenance_windows_collide;
pub mod not_a_fleet_member;
pub mod parameter_drift;
mod pipeline;
pub mod reference_to_other_stamp;
mod references;
pub mod region_hard_coded;
pub mod regions_not_paired;
pub mod resource_drift;
pub mod shared_resource_differs;
pub mod single_region;
pub mod stamp_not_in_pipeline;
pub mod stamps_share_resource_group;
pub mod state_not_replicated;
pub mod version_drift;
pub mod workload_missing_in_stamp;
