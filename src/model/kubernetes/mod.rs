//! Views over Kubernetes objects. They borrow from the tree and hold no copy of it.

mod ingress;
pub mod network;
mod pods;
pub mod selector;
mod workload;

pub use ingress::{Controller, controller_named, ingress_controller};
pub use pods::{Container, ContainerKind, PodTemplate, containers, pods, templates};
pub use selector::{Labels, Match, matches};
pub use workload::{Replicas, pod_labels, replicas, targets};
