//! stamplint: a compliance linter for fleets of deployment stamps on Azure Kubernetes Service.
//!
//! The crate is one library in strict layers, imports pointing down only; `docs/architecture.md` holds the table.
//! The binary in `main.rs` is a thin caller of `app`.

pub mod app;
pub mod checks;
pub mod model;
pub mod read;
pub mod report;
pub mod resolve;
pub mod rule;
pub mod source;
pub mod tree;
pub mod triage;
