//! The fleet: all stamps and what they share.

use std::sync::Arc;

use super::{Inventory, Resource};
use crate::resolve::template::BoundParameter;
use crate::source::{Source, Span};
use crate::tree::{Text, Value};

/// All stamps, and what is deployed once for all of them.
#[derive(Debug, Default)]
pub struct Fleet {
    /// Its name, where the config gives one.
    pub name: Option<Text>,
    /// Whether a config with `fleet` or `stamps` declares it; else it was inferred.
    pub declared: bool,
    /// The config's `stamps` key, for findings about the fleet's make-up.
    pub stamps_key: Option<Span>,
    /// The stamps, in the config's order, else by name.
    pub stamps: Vec<Stamp>,
    /// What is deployed once.
    pub shared: Part,
    /// What the config says beyond the stamps.
    pub facts: Facts,
    /// Workflows and pipelines among the files.
    pub workflows: Vec<Workflow>,
}

/// One instance of the system.
#[derive(Debug)]
pub struct Stamp {
    /// Its position in [`Fleet::stamps`].
    pub index: usize,
    /// Its name.
    pub name: Text,
    /// Its region's id (`eastus2`), from the config, else from the parameters' location, else from its name.
    pub region: Option<Text>,
    /// Where the region was said: a value of the config or of a parameter file.
    pub region_from: Option<Value>,
    /// Its environment: `production`, `dev`, ...
    pub environment: Option<Text>,
    /// Its variables of the config.
    pub vars: Vec<(Text, Text)>,
    /// Where the config declares it; [`Span::NONE`] for an inferred stamp.
    pub declared: Span,
    /// What is its own.
    pub own: Part,
    /// Its own resources and the shared ones, indexed.
    pub inventory: Inventory,
}

/// What is deployed together.
#[derive(Debug, Default)]
pub struct Part {
    /// Resolved resources, in the order of the files.
    pub resources: Vec<Arc<Resource>>,
    /// Its deployments. Stamps that give a template the same parameters share one.
    pub deployed: Vec<Arc<Deployed>>,
}

/// A deployment that was resolved: its template, its parameters, where it goes.
#[derive(Debug)]
pub struct Deployed {
    /// What the config or inference calls it.
    pub id: Text,
    /// The template's path.
    pub template: Text,
    /// The parameter files' paths.
    pub files: Vec<Text>,
    /// The template's parameters with their values.
    pub parameters: Vec<BoundParameter>,
    /// Where a value that it lacks would be added: the last parameter file's `parameters`, else the config's deployment.
    pub anchor: Span,
    /// The resource group that it goes to, where somebody said so.
    pub resource_group: Option<Value>,
    /// Where the config declares it.
    pub declared: Span,
}

/// What the config says about the fleet as a whole.
#[derive(Debug, Default, Clone)]
pub struct Facts {
    /// `frontDoor`.
    pub front_door: FrontDoor,
    /// `drift`.
    pub drift: Drift,
    /// `exempt.namespaces`, or the default list.
    pub exempt_namespaces: Vec<Text>,
}

/// The config's `frontDoor`.
#[derive(Debug, Default, Clone)]
pub struct FrontDoor {
    /// Ids, each with its place.
    pub ids: Vec<Value>,
    /// Addresses that may pass by the check.
    pub trusted_addresses: Vec<Value>,
}

/// The config's `drift`.
#[derive(Debug, Default, Clone)]
pub struct Drift {
    /// `allow`: globs of parameters, or maps with `path` or `type`.
    pub allow: Vec<Value>,
    /// `rollout`: stamps that run ahead on purpose.
    pub rollout: Vec<Value>,
}

/// A workflow or pipeline that may deploy stamps.
#[derive(Debug)]
pub struct Workflow {
    /// The file.
    pub source: Arc<Source>,
    /// Its content.
    pub root: Value,
}

/// The namespaces that rules on manifests leave alone, unless the config replaces them.
pub const EXEMPT_NAMESPACES: [&str; 7] = [
    "kube-system",
    "kube-public",
    "kube-node-lease",
    "gatekeeper-system",
    "azure-arc",
    "azure-extensions-usage-system",
    "flux-system",
];

const NOT_PRODUCTION: [&str; 8] = ["dev", "development", "test", "qa", "int", "integration", "e2e", "sandbox"];

impl Stamp {
    /// Whether rules for production apply: every environment but those called after development or test, and none.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.environment.as_ref().is_none_or(|e| !NOT_PRODUCTION.iter().any(|n| e.eq_ignore_ascii_case(n)))
    }
}

/// A set of stamps, by index.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct StampSet(Vec<usize>);

impl StampSet {
    /// One stamp.
    #[must_use]
    pub fn one(index: usize) -> Self {
        Self(vec![index])
    }

    /// From indexes in any order.
    #[must_use]
    pub fn from_indexes(indexes: impl IntoIterator<Item = usize>) -> Self {
        let mut held: Vec<usize> = indexes.into_iter().collect();
        held.sort_unstable();
        held.dedup();
        Self(held)
    }

    /// Adds those of another set.
    pub fn merge(&mut self, other: &Self) {
        if self.0 != other.0 {
            self.0.extend(&other.0);
            self.0.sort_unstable();
            self.0.dedup();
        }
    }

    /// The indexes, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().copied()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it holds a stamp.
    #[must_use]
    pub fn contains(&self, index: usize) -> bool {
        self.0.binary_search(&index).is_ok()
    }
}
