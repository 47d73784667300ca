//! Which parameters are reported by another rule of the family, so that one cause is one finding.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::references::references;
use crate::model::azure::clusters;
use crate::model::compare::{Said, shared_differences};
use crate::model::image::image_uses;
use crate::model::{Resource, Stamp};
use crate::rule::FleetCx;
use crate::source::Span;
use crate::tree::{Text, Value};

/// What other rules that run report: parameters by where they end up, and single values.
pub struct Explained<'c> {
    names: BTreeSet<Text>,
    shared: BTreeSet<(Text, Text)>,
    values: Elsewhere<'c>,
}

/// Single values that `reference-to-other-stamp` or `shared-resource-differs` reports, looked for when they are asked for.
pub struct Elsewhere<'c> {
    cx: &'c FleetCx<'c>,
    spans: OnceCell<HashSet<Span>>,
}

impl<'c> Elsewhere<'c> {
    /// Nothing is looked for yet.
    pub fn new(cx: &'c FleetCx<'c>) -> Self {
        Self { cx, spans: OnceCell::new() }
    }

    /// Whether another rule reports a value.
    pub fn holds(&self, value: &Value) -> bool {
        !value.span.is_none() && self.spans.get_or_init(|| self.search()).contains(&value.span)
    }

    fn search(&self) -> HashSet<Span> {
        let references = self.cx.runs("reference-to-other-stamp").then(|| references(self.cx.fleet));
        let mut spans: HashSet<Span> = references.into_iter().flatten().map(|r| r.value.span).collect();
        let shared = self.cx.runs("shared-resource-differs").then(|| shared_differences(self.cx.fleet));
        spans.extend(shared.into_iter().flatten().filter_map(|d| match d.odd.1 {
            Said::Given(value) => Some(value.span),
            Said::Property(resource, path) => resource.body.at(&path).map(|v| v.span),
            Said::Default(_) => None,
        }));
        spans
    }
}

impl<'c> Explained<'c> {
    /// Reads the ways of the values that other rules compare.
    pub fn of(cx: &'c FleetCx<'c>, stamps: &[&Stamp]) -> Self {
        let mut names = BTreeSet::new();
        if cx.runs("region-mismatch") {
            names.insert(Text::from("location"));
        }
        for stamp in stamps.iter().filter(|_| cx.runs("version-drift")) {
            for cluster in clusters(&stamp.inventory) {
                let of_cluster = ["properties.kubernetesVersion", "properties.autoUpgradeProfile.nodeOSUpgradeChannel"];
                let values = of_cluster.iter().filter_map(|path| cluster.resource.body.look(path).known());
                let of_pools = cluster.pools.iter().filter_map(|p| p.look("orchestratorVersion").known());
                values.chain(of_pools).for_each(|v| add(v, &mut names));
            }
        }
        let mut seen: HashSet<*const Resource> = HashSet::new();
        for stamp in stamps.iter().filter(|_| cx.runs("image-drift")) {
            for resource in stamp.inventory.all().iter().filter(|r| seen.insert(Arc::as_ptr(r))) {
                image_uses(resource, &[]).iter().filter_map(|i| i.value).for_each(|v| add(v, &mut names));
            }
        }
        let shared = cx.runs("shared-resource-differs").then(|| shared_differences(cx.fleet));
        Self {
            names,
            shared: shared.into_iter().flatten().filter_map(|d| d.parameter).collect(),
            values: Elsewhere::new(cx),
        }
    }

    /// Whether another rule reports the difference of a deployment's parameter.
    pub fn elsewhere(&self, deployment: &Text, name: &Text) -> bool {
        self.names.iter().any(|n| n.eq_ignore_ascii_case(name))
            || self.shared.contains(&(deployment.clone(), name.clone()))
    }

    /// Whether another rule reports a value.
    pub fn value(&self, value: &Value) -> bool {
        self.values.holds(value)
    }
}

fn add(value: &Value, names: &mut BTreeSet<Text>) {
    let _ = value.origin.leads_through(&mut |step| {
        names.extend(step.name.clone());
        false
    });
}
