//! Views over Kubernetes objects. They borrow from the tree and hold no copy of it.

mod pods;

pub use pods::{Container, ContainerKind, PodTemplate, containers, pods};
