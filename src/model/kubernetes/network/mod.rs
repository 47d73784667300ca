//! Policies for traffic between pods, of Kubernetes, Cilium and Calico, under one view; and which pods they select.

mod calico;
mod index;
mod policy;
mod sources;

pub use calico::{Expression, ExpressionError};
pub use index::{Pod, PolicyIndex};
pub use policy::{Direction, Engine, Policy, Selected, policies};
pub use sources::{Breadth, Source, sources};
