//! Native rules: what they get and how they answer. One function a rule, and one line in the table of `checks`.

use std::sync::Arc;

use super::{Finding, Note, Options, Place, Settings, Verdict};
use crate::model::{Fleet, Inventory, Resource, Stamp};
use crate::tree::{Path, Unknown};

/// A rule written in Rust. Its metadata stands in its document, which has the same id.
#[derive(Clone, Copy, Debug)]
pub struct Native {
    /// The id.
    pub id: &'static str,
    /// What it does.
    pub check: Check,
}

/// What decides, and so how often a check runs.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// One resource decides. Called once for each distinct resource, setting and stamp context that the document names.
    Resource(fn(&ResourceCx<'_>, &mut Findings)),
    /// A stamp's resources together decide. Called once for stamps that hold the same resources.
    Stamp(fn(&StampCx<'_>, &mut Findings)),
    /// A stamp's Kubernetes objects decide, and beside them only what `beside` says of the stamp. Called once for stamps
    /// that hold the same objects and of which it says the same.
    Objects {
        /// What is looked at beside the objects, in words that are equal where it is.
        beside: fn(&StampCx<'_>) -> String,
        /// What it does.
        check: fn(&StampCx<'_>, &mut Findings),
    },
    /// The stamps together decide.
    Fleet(fn(&FleetCx<'_>, &mut Findings)),
    /// Readers and resolvers decide; `rule::problems` turns their problems into findings.
    Problems,
}

/// What a rule of resource scope sees.
#[derive(Debug)]
pub struct ResourceCx<'a> {
    /// The resource that is judged.
    pub resource: &'a Arc<Resource>,
    /// The stamp. Only what the document's `context` names may be read, else results are shared that must not be.
    pub stamp: &'a Stamp,
    /// The rule's options for this stamp.
    pub options: &'a Options,
    /// The fleet's facts.
    pub fleet: &'a Fleet,
}

/// What a rule of stamp scope sees.
#[derive(Debug)]
pub struct StampCx<'a> {
    /// The stamp that is judged.
    pub stamp: &'a Stamp,
    /// The rule's options for this stamp.
    pub options: &'a Options,
    /// The fleet's facts.
    pub fleet: &'a Fleet,
}

impl<'a> StampCx<'a> {
    /// The stamp's resources, its own and the shared ones.
    #[must_use]
    pub fn inventory(&self) -> &'a Inventory {
        &self.stamp.inventory
    }

    /// Whether rules on manifests leave the namespace alone.
    #[must_use]
    pub fn is_exempt(&self, namespace: &str) -> bool {
        self.fleet.facts.exempt_namespaces.iter().any(|n| n == namespace)
    }
}

/// What a rule of fleet scope sees.
#[derive(Debug)]
pub struct FleetCx<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// The rule's options, stamp by stamp.
    pub options: &'a [Arc<Options>],
    /// What holds where, for all rules: what another rule reports is left to it, but only when it runs.
    pub settings: &'a Settings,
}

impl FleetCx<'_> {
    /// The options of a stamp.
    #[must_use]
    pub fn options_of(&self, stamp: &Stamp) -> Option<&Options> {
        self.options.get(stamp.index).map(AsRef::as_ref)
    }

    /// Whether another rule runs, in any stamp.
    #[must_use]
    pub fn runs(&self, rule: &str) -> bool {
        self.settings.is_on(rule)
    }
}

/// Where a check puts what it has to say.
#[derive(Debug, Default)]
pub struct Findings {
    pub(super) held: Vec<Finding>,
    pub(super) notes: Vec<Note>,
}

impl Findings {
    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        self.held.push(finding);
    }

    /// It is so, at a path of a resource.
    pub fn fail(&mut self, resource: &Arc<Resource>, path: Path, message: impl Into<String>) {
        self.push(Finding::at(resource, path, message));
    }

    /// It cannot be told, because of an unknown value.
    pub fn undetermined(&mut self, resource: &Arc<Resource>, path: Path, unknown: &Unknown) {
        self.undetermined_at(Place::at(resource, path), unknown.to_string());
    }

    /// It cannot be told, for a reason in words.
    pub fn undetermined_at(&mut self, place: Place, why: impl Into<String>) {
        self.push(Finding::new(place, format!("cannot be told: {}", why.into())).verdict(Verdict::Undetermined));
    }

    /// Says something once about the run.
    pub fn note(&mut self, message: impl Into<String>) {
        self.notes.push(Note { rule: Arc::from(""), message: message.into() });
    }

    /// What was found so far.
    #[must_use]
    pub fn held(&self) -> &[Finding] {
        &self.held
    }
}
