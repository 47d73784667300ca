//! The parameters themselves. What is missing, unknown or invalid is a problem that the resolver reports.

pub mod parameter_not_secure;
pub mod placeholder_left;
pub mod region_mismatch;
