//! Traffic between pods.

pub mod allow_all_policy;
pub mod allow_every_pod_policy;
mod cover;
pub mod egress_unrestricted;
pub mod no_default_deny;
pub mod pod_without_network_policy;
pub mod policy_engine_mismatch;
pub mod policy_selects_nothing;
