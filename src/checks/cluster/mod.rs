//! The cluster.

pub mod local_accounts_enabled;
pub mod network_policy_disabled;
