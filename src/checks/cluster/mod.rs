//! The cluster.

pub mod api_server_open;
pub mod azure_policy_addon_disabled;
pub mod azure_rbac_disabled;
pub mod egress_not_through_firewall;
pub mod entra_integration_missing;
pub mod free_tier_in_production;
pub mod kubernetes_rbac_disabled;
pub mod legacy_addon_enabled;
pub mod local_accounts_enabled;
pub mod monitoring_disabled;
pub mod network_plugin_not_cni;
pub mod network_policy_disabled;
pub mod risky_auto_upgrade_channel;
pub mod secrets_provider_disabled;
pub mod service_principal_identity;
pub mod workload_identity_disabled;
