//! Application Gateway.

pub mod certificate_not_in_key_vault;
pub mod gateway_backend_unresolved;
pub mod gateway_shares_subnet;
pub mod gateway_waf_off;
pub mod gateway_weak_tls;
pub mod plaintext_backend;
pub mod plaintext_listener;
