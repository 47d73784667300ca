//! What a deployment is told from outside: where it goes, who deploys, when. Every part is optional, and what nobody
//! gave is unknown, never a made-up value: a name that hangs on the subscription's id must not look decided.

use crate::source::Span;
use crate::tree::{Entry, Reason, Text, Unknown, Value, WaitsFor};

/// Where a deployment goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum Scope {
    /// A resource group.
    #[default]
    ResourceGroup,
    /// A subscription.
    Subscription,
    /// A management group.
    ManagementGroup,
    /// The tenant.
    Tenant,
}

impl Scope {
    /// Its name in a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ResourceGroup => "a resource group",
            Self::Subscription => "a subscription",
            Self::ManagementGroup => "a management group",
            Self::Tenant => "the tenant",
        }
    }
}

/// An Azure cloud: decides the endpoints that `environment()` gives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cloud {
    /// The public cloud.
    #[default]
    Public,
    /// Azure Government of the United States.
    UsGovernment,
    /// Azure in China.
    China,
}

/// Who deploys.
#[derive(Clone, Default, Debug)]
pub struct Deployer {
    /// The principal's object id.
    pub object_id: Option<Value>,
    /// The principal's tenant id; the deployment's tenant when not given.
    pub tenant_id: Option<Value>,
    /// The principal's name.
    pub user_principal_name: Option<Value>,
}

/// The context of one deployment. Values keep the places where they were given, so that a finding on a location that
/// came from the stamp's region points at that region.
#[derive(Clone, Default, Debug)]
pub struct Context {
    /// Where the deployment goes.
    pub scope: Scope,
    /// The cloud.
    pub cloud: Cloud,
    /// The subscription's id, a GUID without a path.
    pub subscription: Option<Value>,
    /// The subscription's display name.
    pub subscription_name: Option<Value>,
    /// The tenant's id, a GUID.
    pub tenant: Option<Value>,
    /// The resource group's name.
    pub resource_group: Option<Value>,
    /// The resource group's location.
    pub location: Option<Value>,
    /// The resource group's tags.
    pub resource_group_tags: Option<Value>,
    /// The management group's name.
    pub management_group: Option<Value>,
    /// Who deploys.
    pub deployer: Deployer,
    /// The time that `utcNow` gives: ISO 8601, UTC.
    pub time: Option<Value>,
    /// Decides what `newGuid` gives.
    pub seed: Option<Value>,
    /// The deployment's name.
    pub deployment_name: Option<Value>,
    /// The deployment's location, at a scope other than a resource group.
    pub deployment_location: Option<Value>,
    /// The template's `contentVersion`.
    pub content_version: Option<Value>,
    /// Environment variables that parameter files may read. They come from the config, never from the machine.
    pub variables: Vec<Entry>,
}

impl Context {
    /// The unknown for a part of the context that nobody gave.
    #[must_use]
    pub fn missing(part: impl Into<Text>) -> Unknown {
        Unknown::new(Reason::Context, WaitsFor::Context(part.into()))
    }

    /// A part that was given, or the unknown for it.
    #[must_use]
    pub fn part(given: Option<&Value>, part: &str, site: Span) -> Value {
        given.cloned().unwrap_or_else(|| Value::unknown(Self::missing(part), site))
    }

    /// An environment variable. Names compare exactly, as on the systems where pipelines run.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.iter().find(|e| e.key == name).map(|e| &e.value)
    }
}
