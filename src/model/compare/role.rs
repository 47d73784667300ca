//! Which resource of one stamp is which of another: by type and by name, the stamp's own tokens taken out of it.

use super::Tokens;
use super::nature::without_hash;
use crate::model::{Identity, Resource};

/// What a resource is in its stamp.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Role {
    /// Type or group and kind, in lower case.
    pub kind: String,
    /// Namespace; empty for Azure.
    pub namespace: String,
    /// The name without the stamp's tokens.
    pub name: String,
}

/// The role of a resource in a stamp with these tokens.
#[must_use]
pub fn role_of(resource: &Resource, tokens: &Tokens) -> Role {
    match &resource.identity {
        Identity::Kubernetes { kind, name, .. } => Role {
            kind: format!("{}/{kind}", resource.group()),
            namespace: tokens.take_out(resource.namespace()),
            name: tokens.take_out(match kind.as_str() {
                "ConfigMap" | "Secret" => without_hash(name).unwrap_or(name),
                _ => name,
            }),
        },
        Identity::Azure { ty, name, .. } => {
            Role { kind: ty.to_lowercase().into(), namespace: String::new(), name: tokens.take_out(name) }
        }
    }
}
