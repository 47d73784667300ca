//! The ways into a stamp: from the Front Door's origin over the public address to the gateway, its listeners, routing
//! rules and the WAF policy in force there, on to the backend, the load balancer, the ingress controller and its routes.
//!
//! Built once for each stamp from resolved resources and manifests. It says what each layer does with a request that
//! does not carry this Front Door's id; whether that is a finding is for rules to say.

pub mod apim;
pub mod appservice;
pub mod cluster;
pub mod dns;
pub mod front_door;
pub mod gateway;
pub mod gateway_api;
pub mod header;
pub mod istio;
pub mod nginx;
pub mod nsg;
pub mod ranges;
pub mod snippet;
pub mod tls;
pub mod traefik;
pub mod waf;
mod walk;

use std::sync::Arc;

use crate::model::Resource;
use crate::tree::{Path, Segment, Value};

pub use walk::{Options, Step, Way, Ways, compared, ways};

/// Where something stands.
#[derive(Clone, Debug)]
pub struct Spot {
    /// The resource.
    pub resource: Arc<Resource>,
    /// The path in it.
    pub path: Path,
}

impl Spot {
    /// A place.
    #[must_use]
    pub fn new(resource: &Arc<Resource>, path: Path) -> Self {
        Self { resource: Arc::clone(resource), path }
    }

    /// A place in the text of a scalar, by its zero-based line.
    #[must_use]
    pub fn line(resource: &Arc<Resource>, path: &Path, line: usize) -> Self {
        Self::new(resource, path.join(Segment::Embedded("line")).join(line))
    }
}

/// How near to a check a hole is. The nearest is where a person would edit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Near {
    /// One value spoils a check that is there.
    Spoiled,
    /// A rule, snippet or match is almost right, and in force.
    Almost,
    /// The policy in force has no check.
    Policy,
    /// The listener or gateway has no policy.
    Listener,
    /// The Ingress or route has no check.
    Route,
}

/// Which layer a check would go into; decides the text that is offered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Layer {
    /// A WAF policy of Application Gateway.
    Waf,
    /// ingress-nginx.
    Nginx,
    /// Traefik.
    Traefik,
    /// The Gateway API.
    GatewayApi,
    /// Istio.
    Istio,
    /// API Management.
    ApiManagement,
    /// App Service.
    AppService,
    /// A layer that has no way to check.
    Other,
}

/// An open way in.
#[derive(Clone, Debug)]
pub struct Hole {
    /// Where a person would edit.
    pub spot: Spot,
    /// What is wrong there.
    pub why: String,
    /// How near to a check it is.
    pub near: Near,
    /// The layer.
    pub layer: Layer,
}

/// A value that is compared with the header.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Where it stands.
    pub spot: Spot,
    /// It.
    pub value: Value,
}

/// What a layer does with requests that do not carry this Front Door's id.
#[derive(Clone, Debug)]
pub enum Guard {
    /// It turns them away.
    Refuses,
    /// It lets them in.
    Lets(Hole),
    /// It cannot be told.
    Unclear(Spot, String),
}

impl Guard {
    /// A hole.
    #[must_use]
    pub fn lets(spot: Spot, near: Near, layer: Layer, why: impl Into<String>) -> Self {
        Self::Lets(Hole { spot, why: why.into(), near, layer })
    }

    /// The guard of two layers in series: one that refuses is enough.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        match (self, next) {
            (Self::Refuses, _) | (_, Self::Refuses) => Self::Refuses,
            (unclear @ Self::Unclear(..), _) | (_, unclear @ Self::Unclear(..)) => unclear,
            (Self::Lets(first), Self::Lets(second)) => {
                Self::Lets(if second.near < first.near { second } else { first })
            }
        }
    }

    /// The guard of two ways that are both open to the public: both have to refuse.
    #[must_use]
    pub fn beside(self, other: Self) -> Self {
        match (self, other) {
            (Self::Lets(first), Self::Lets(second)) => {
                Self::Lets(if second.near < first.near { second } else { first })
            }
            (lets @ Self::Lets(_), _) | (_, lets @ Self::Lets(_)) => lets,
            (unclear @ Self::Unclear(..), _) | (_, unclear @ Self::Unclear(..)) => unclear,
            (Self::Refuses, Self::Refuses) => Self::Refuses,
        }
    }

    /// Whether it turns them away.
    #[must_use]
    pub fn refuses(&self) -> bool {
        matches!(self, Self::Refuses)
    }
}

/// A string of a value, by key, without regard to case.
pub(crate) fn text<'v>(value: &'v Value, dotted: &str) -> Option<&'v str> {
    value.look(dotted).known().and_then(Value::as_str)
}

/// Whether a string of a value is a word, without regard to case.
pub(crate) fn is(value: &Value, dotted: &str, word: &str) -> bool {
    text(value, dotted).is_some_and(|t| t.eq_ignore_ascii_case(word))
}

/// The id of an Azure resource.
pub(crate) fn id_of(resource: &Resource) -> Option<&Value> {
    match &resource.identity {
        crate::model::Identity::Azure { id, .. } => Some(id),
        crate::model::Identity::Kubernetes { .. } => None,
    }
}
