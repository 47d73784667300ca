//! Layer 6: native rules, one a file in the folder of its family, and the one table that lists them.
//!
//! A check reads views and answers with paths. It knows no spans, does no IO and calls no other check.

mod app_gateway;
mod cluster;
mod fleet;
mod front_door;
mod images;
mod ingress;
mod input;
mod network;
mod network_policy;
mod node_pools;
mod parameters;
mod registry;
mod setting;
mod zones;

pub use front_door::who_may_pass;

use crate::rule::{Check, Findings, FleetCx, Native, ResourceCx, StampCx};

/// A rule whose findings are problems that readers and resolvers report.
const fn problems(id: &'static str) -> Native {
    Native { id, check: Check::Problems }
}

const fn resource(id: &'static str, check: fn(&ResourceCx<'_>, &mut Findings)) -> Native {
    Native { id, check: Check::Resource(check) }
}

const fn stamp(id: &'static str, check: fn(&StampCx<'_>, &mut Findings)) -> Native {
    Native { id, check: Check::Stamp(check) }
}

const fn objects(
    id: &'static str,
    beside: fn(&StampCx<'_>) -> String,
    check: fn(&StampCx<'_>, &mut Findings),
) -> Native {
    Native { id, check: Check::Objects { beside, check } }
}

const fn fleet_wide(id: &'static str, check: fn(&FleetCx<'_>, &mut Findings)) -> Native {
    Native { id, check: Check::Fleet(check) }
}

/// Every native rule.
pub const NATIVES: &[Native] = &[
    problems("duplicate-key"),
    problems("fleet-error"),
    problems("limit-exceeded"),
    problems("not-analysed"),
    problems("parameter-invalid"),
    problems("parameter-missing"),
    problems("parameter-unknown"),
    problems("policy-error"),
    problems("render-error"),
    problems("suppression-expired"),
    problems("suppression-unused"),
    problems("suppression-without-reason"),
    problems("template-error"),
    problems("unclaimed-file"),
    resource("api-server-open", cluster::api_server_open::check),
    resource("azure-policy-addon-disabled", cluster::azure_policy_addon_disabled::check),
    resource("azure-rbac-disabled", cluster::azure_rbac_disabled::check),
    resource("egress-not-through-firewall", cluster::egress_not_through_firewall::check),
    resource("entra-integration-missing", cluster::entra_integration_missing::check),
    resource("free-tier-in-production", cluster::free_tier_in_production::check),
    resource("kubernetes-rbac-disabled", cluster::kubernetes_rbac_disabled::check),
    resource("legacy-addon-enabled", cluster::legacy_addon_enabled::check),
    resource("monitoring-disabled", cluster::monitoring_disabled::check),
    resource("network-plugin-not-cni", cluster::network_plugin_not_cni::check),
    resource("risky-auto-upgrade-channel", cluster::risky_auto_upgrade_channel::check),
    resource("secrets-provider-disabled", cluster::secrets_provider_disabled::check),
    resource("service-principal-identity", cluster::service_principal_identity::check),
    resource("workload-identity-disabled", cluster::workload_identity_disabled::check),
    resource("local-accounts-enabled", cluster::local_accounts_enabled::check),
    resource("network-policy-disabled", cluster::network_policy_disabled::check),
    resource("schema-violation", input::schema_violation::check),
    resource("mutable-image-tag", images::mutable_image_tag::check),
    stamp("allow-all-policy", network_policy::allow_all_policy::check),
    stamp("allow-every-pod-policy", network_policy::allow_every_pod_policy::check),
    stamp("egress-unrestricted", network_policy::egress_unrestricted::check),
    stamp("no-default-deny", network_policy::no_default_deny::check),
    stamp("pod-without-network-policy", network_policy::pod_without_network_policy::check),
    stamp("policy-engine-mismatch", network_policy::policy_engine_mismatch::check),
    stamp("policy-selects-nothing", network_policy::policy_selects_nothing::check),
    stamp("no-user-pool", node_pools::no_user_pool::check),
    stamp("node-autoscaler-unbounded", node_pools::node_autoscaler_unbounded::check),
    stamp("node-public-ip", node_pools::node_public_ip::check),
    stamp("pod-cidr-too-small", node_pools::pod_cidr_too_small::check),
    stamp("pods-per-node-unset", node_pools::pods_per_node_unset::check),
    stamp("subnet-too-small", node_pools::subnet_too_small::check),
    stamp("surge-not-set", node_pools::surge_not_set::check),
    stamp("system-pool-too-small", node_pools::system_pool_too_small::check),
    stamp("system-pool-untainted", node_pools::system_pool_untainted::check),
    stamp("user-pool-too-small", node_pools::user_pool_too_small::check),
    stamp("dependency-not-zonal", zones::dependency_not_zonal::check),
    objects("ineffective-spread", zones::ineffective_spread::beside, zones::ineffective_spread::check),
    stamp("ingress-replicas-share-node", zones::ingress_replicas_share_node::check),
    stamp("node-pool-not-zonal", zones::node_pool_not_zonal::check),
    stamp("region-without-zones", zones::region_without_zones::check),
    stamp("zone-bound-disk", zones::zone_bound_disk::check),
    stamp("node-os-upgrade-channel", cluster::node_os_upgrade_channel::check),
    stamp("unsupported-kubernetes-version", cluster::unsupported_kubernetes_version::check),
    stamp("maintenance-window-missing", cluster::maintenance_window_missing::check),
    stamp("acr-pull-not-granted", cluster::acr_pull_not_granted::check),
    stamp("network-rights-too-wide", cluster::network_rights_too_wide::check),
    resource("placeholder-left", parameters::placeholder_left::check),
    stamp("placeholder-left", parameters::placeholder_left::check_parameters),
    stamp("parameter-not-secure", parameters::parameter_not_secure::check),
    stamp("region-mismatch", parameters::region_mismatch::check),
    stamp("image-pull-secret", images::image_pull_secret::check),
    stamp("unanchored-image-pattern", images::unanchored_image_pattern::check),
    fleet_wide("address-space-overlap", network::address_space_overlap::check),
    fleet_wide("image-drift", images::image_drift::check),
    resource("fleet-hub-public", fleet::fleet_hub_public::check),
    stamp("gitops-missing", fleet::gitops_missing::check),
    fleet_wide("maintenance-windows-collide", fleet::maintenance_windows_collide::check),
    fleet_wide("not-a-fleet-member", fleet::not_a_fleet_member::check),
    fleet_wide("parameter-drift", fleet::parameter_drift::check),
    fleet_wide("registry-not-replicated", registry::registry_not_replicated::check),
    fleet_wide("reference-to-other-stamp", fleet::reference_to_other_stamp::check),
    fleet_wide("region-hard-coded", fleet::region_hard_coded::check),
    fleet_wide("regions-not-paired", fleet::regions_not_paired::check),
    fleet_wide("resource-drift", fleet::resource_drift::check),
    fleet_wide("shared-resource-differs", fleet::shared_resource_differs::check),
    fleet_wide("single-region", fleet::single_region::check),
    fleet_wide("stamp-not-in-pipeline", fleet::stamp_not_in_pipeline::check),
    fleet_wide("state-not-replicated", fleet::state_not_replicated::check),
    fleet_wide("stamps-share-resource-group", fleet::stamps_share_resource_group::check),
    fleet_wide("version-drift", fleet::version_drift::check),
    fleet_wide("workload-missing-in-stamp", fleet::workload_missing_in_stamp::check),
    objects("unapproved-registry", images::unapproved_registry::beside, images::unapproved_registry::check),
    stamp("unapproved-registry", images::unapproved_registry::check_azure),
    stamp("unrendered-template", input::unrendered_template::check),
    stamp("workload-not-zone-spread", zones::workload_not_zone_spread::check),
    stamp("fdid-not-checked", front_door::fdid_not_checked::check),
    fleet_wide("fdid-wrong", front_door::fdid_wrong::check),
    stamp("origin-open-to-internet", front_door::origin_open_to_internet::check),
    fleet_wide("stamp-not-an-origin", front_door::stamp_not_an_origin::check),
    stamp("not-active-active", front_door::not_active_active::check),
    stamp("front-door-waf-off", front_door::front_door_waf_off::check),
    resource("plaintext-to-origin", front_door::plaintext_to_origin::check),
    stamp("gateway-waf-off", app_gateway::gateway_waf_off::check),
    resource("gateway-weak-tls", app_gateway::gateway_weak_tls::check),
    resource("plaintext-listener", app_gateway::plaintext_listener::check),
    resource("plaintext-backend", app_gateway::plaintext_backend::check),
    stamp("gateway-shares-subnet", app_gateway::gateway_shares_subnet::check),
    stamp("gateway-backend-unresolved", app_gateway::gateway_backend_unresolved::check),
    resource("certificate-not-in-key-vault", app_gateway::certificate_not_in_key_vault::check),
    resource("ingress-without-tls", ingress::ingress_without_tls::check),
    resource("public-load-balancer", ingress::public_load_balancer::check),
    resource("weak-tls", ingress::weak_tls::check),
    stamp("ingress-open-to-any-source", ingress::ingress_open_to_any_source::check),
    resource("ingress-on-system-nodes", ingress::ingress_on_system_nodes::check),
    stamp("ingress-rights-too-wide", ingress::ingress_rights_too_wide::check),
    stamp("load-balancer-address-mismatch", ingress::load_balancer_address_mismatch::check),
    resource("wildcard-host", ingress::wildcard_host::check),
];
