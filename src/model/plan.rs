//! What each stamp consists of, before anything is resolved: plain data, from a config or inferred, with the reason of
//! each part. Paths are relative to the root. Nothing here reads a file.

use super::{Drift, FrontDoor};
use crate::source::{Problem, Span};
use crate::tree::{Entry, Text, Value};

/// The stamps and what they share.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The fleet's name.
    pub name: Option<Text>,
    /// Whether a config with `fleet` or `stamps` declares it.
    pub declared: bool,
    /// The config's `stamps` key.
    pub stamps_key: Option<Span>,
    /// The stamps, in the config's order, else by name.
    pub stamps: Vec<PlannedStamp>,
    /// What is deployed once for all.
    pub shared: PlannedPart,
    /// Charts that were found and that nothing renders.
    pub charts: Vec<Taken>,
    /// `frontDoor`.
    pub front_door: FrontDoor,
    /// `drift`.
    pub drift: Drift,
    /// `exempt.namespaces`, if the config replaces the default list.
    pub exempt_namespaces: Option<Vec<Text>>,
    /// What was inferred, in sentences for the closing summary.
    pub inferred: Vec<String>,
    /// What is wrong with the plan itself, each with the stamps it concerns (by index; none: the fleet).
    pub problems: Vec<(Problem, Vec<usize>)>,
    /// Files that nothing uses and that must be used, each with what is wrong.
    pub unread: Vec<(String, String)>,
}

/// One stamp.
#[derive(Clone, Debug)]
pub struct PlannedStamp {
    /// Its name.
    pub name: Text,
    /// Its region as somebody wrote it: a string value with its place, or without one where it is taken from a name.
    pub region: Option<Value>,
    /// Its environment.
    pub environment: Option<Text>,
    /// Its variables.
    pub vars: Vec<(Text, Text)>,
    /// Where the config declares it.
    pub declared: Span,
    /// What is its own.
    pub own: PlannedPart,
}

/// What is deployed together.
#[derive(Clone, Debug, Default)]
pub struct PlannedPart {
    /// Templates with parameters.
    pub deployments: Vec<Deployment>,
    /// Manifest files.
    pub manifests: Vec<Taken>,
    /// Folders of kustomizations.
    pub overlays: Vec<Taken>,
    /// Charts.
    pub charts: Vec<ChartUse>,
}

/// A file or folder that a stamp takes in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// Its path.
    pub path: String,
    /// Where the config names it; [`Span::NONE`] where it was inferred.
    pub named: Span,
    /// Whether the config names this very path, not a folder or a pattern that it fits.
    pub exact: bool,
    /// Why, in a few words.
    pub why: String,
}

/// A template with its parameters.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// What others call it.
    pub id: Text,
    /// The template.
    pub template: Taken,
    /// The parameter files, later ones over earlier ones.
    pub parameters: Vec<Taken>,
    /// Parameters given beside the files; their values may hold `{id.outputs.name}`.
    pub set: Vec<Entry>,
    /// Where it goes and when, as far as that was given.
    pub context: DeploymentContext,
    /// Where the config declares it; [`Span::NONE`] where it was inferred.
    pub declared: Span,
    /// Whether the whole command is known: else a parameter without a value may be given on a command line.
    pub complete: bool,
}

/// What is known of the place that a deployment goes to. Values keep their places.
#[derive(Clone, Debug, Default)]
pub struct DeploymentContext {
    /// The subscription's id.
    pub subscription: Option<Value>,
    /// The tenant's id.
    pub tenant: Option<Value>,
    /// The resource group's name.
    pub resource_group: Option<Value>,
    /// The location.
    pub location: Option<Value>,
    /// `resourceGroup`, `subscription`, `managementGroup` or `tenant`.
    pub scope: Option<Value>,
    /// Who deploys.
    pub deployer: Option<Value>,
    /// The time that `utcNow` gives.
    pub time: Option<Value>,
    /// Decides what `newGuid` gives.
    pub seed: Option<Value>,
    /// Environment variables.
    pub environment: Vec<Entry>,
}

/// A chart that a stamp renders, or what was rendered from one.
#[derive(Clone, Debug)]
pub struct ChartUse {
    /// What others call it.
    pub id: Text,
    /// The chart's folder.
    pub chart: Option<Taken>,
    /// Manifests that were rendered before.
    pub rendered: Vec<Taken>,
    /// Values files, later ones over earlier ones.
    pub values: Vec<Taken>,
    /// Values given beside the files.
    pub set: Vec<Entry>,
    /// The release's name.
    pub release: Option<Text>,
    /// The namespace.
    pub namespace: Option<Text>,
    /// Where the config declares it.
    pub declared: Span,
}

impl Taken {
    /// Something that was inferred.
    pub fn inferred(path: impl Into<String>, why: impl Into<String>) -> Self {
        Self { path: path.into(), named: Span::NONE, exact: false, why: why.into() }
    }
}

impl ChartUse {
    /// A chart that is rendered with its own values.
    #[must_use]
    pub fn bare(chart: Taken) -> Self {
        Self {
            id: chart.path.rsplit('/').next().unwrap_or_default().into(),
            chart: Some(chart),
            rendered: Vec::new(),
            values: Vec::new(),
            set: Vec::new(),
            release: None,
            namespace: None,
            declared: Span::NONE,
        }
    }
}

impl Plan {
    /// Every file that it names, in no order.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        for part in self.stamps.iter().map(|s| &s.own).chain([&self.shared]) {
            let charts = part.charts.iter().flat_map(|c| c.rendered.iter().chain(&c.values));
            let deployments = part.deployments.iter().flat_map(|d| d.parameters.iter().chain([&d.template]));
            let all = part.manifests.iter().chain(charts).chain(deployments);
            files.extend(all.map(|t| t.path.clone()));
        }
        files.sort_unstable();
        files.dedup();
        files
    }
}

impl PlannedPart {
    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.deployments.is_empty() && self.manifests.is_empty() && self.overlays.is_empty() && self.charts.is_empty()
    }
}
