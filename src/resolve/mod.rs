//! Layer 3: from templates with parameters to the resources that they would deploy.
//!
//! It knows deployments, scopes and expressions. It knows no severity and no rule, and does no IO: files come through
//! the [`Files`](crate::source::Files) trait.

pub mod arm;
pub mod bicep;
pub mod context;
pub mod emit;
pub mod functions;
pub mod helm;
pub mod kustomize;
pub mod regions;
pub mod substitute;
pub mod template;
pub mod versions;
