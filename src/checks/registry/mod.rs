//! The registry.

pub mod registry_not_replicated;
