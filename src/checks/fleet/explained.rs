//! Which parameters are reported by another rule of the family, so that one cause is one finding.

use std::collections::{BTreeSet, HashSet};

use super::references::references;
use crate::model::Stamp;
use crate::model::azure::clusters;
use crate::model::compare::shared_differences;
use crate::model::image::image_uses;
use crate::rule::FleetCx;
use crate::source::Span;
use crate::tree::{Text, Value};

/// What other rules that run report: parameters by where they end up, and single values.
pub struct Explained {
    names: BTreeSet<Text>,
    shared: BTreeSet<(Text, Text)>,
    values: HashSet<Span>,
}

impl Explained {
    /// Reads the ways of the values that other rules compare.
    pub fn of(cx: &FleetCx<'_>, stamps: &[&Stamp]) -> Self {
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
        for stamp in stamps.iter().filter(|_| cx.runs("image-drift")) {
            for resource in stamp.inventory.all() {
                image_uses(resource, &[]).iter().filter_map(|i| i.value).for_each(|v| add(v, &mut names));
            }
        }
        let shared = cx.runs("shared-resource-differs").then(|| shared_differences(cx.fleet));
        let values = cx.runs("reference-to-other-stamp").then(|| references(cx.fleet));
        Self {
            names,
            shared: shared.into_iter().flatten().filter_map(|d| d.parameter).collect(),
            values: values.into_iter().flatten().map(|r| r.value.span).filter(|s| !s.is_none()).collect(),
        }
    }

    /// Whether another rule reports the difference of a deployment's parameter.
    pub fn elsewhere(&self, deployment: &Text, name: &Text) -> bool {
        self.names.iter().any(|n| n.eq_ignore_ascii_case(name))
            || self.shared.contains(&(deployment.clone(), name.clone()))
    }

    /// Whether another rule reports a value.
    pub fn value(&self, value: &Value) -> bool {
        self.values.contains(&value.span)
    }
}

fn add(value: &Value, names: &mut BTreeSet<Text>) {
    let _ = value.origin.leads_through(&mut |step| {
        names.extend(step.name.clone());
        false
    });
}
