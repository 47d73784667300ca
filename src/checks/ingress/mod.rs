//! Ingress inside the cluster.

mod traefik_config;

pub mod ingress_on_system_nodes;
pub mod ingress_open_to_any_source;
pub mod ingress_rights_too_wide;
pub mod ingress_without_tls;
pub mod load_balancer_address_mismatch;
pub mod public_load_balancer;
pub mod weak_tls;
pub mod wildcard_host;
