//! The fleet as one: what differs between stamps, and should not.

mod explained;
pub mod parameter_drift;
pub mod resource_drift;
pub mod version_drift;
pub mod workload_missing_in_stamp;
