//! `version-drift`: one Kubernetes version and one node image channel over an environment's stamps.

use crate::checks::setting::said;
use crate::model::azure::clusters;
use crate::model::compare::{environments, outliers};
use crate::model::drift::runs_ahead;
use crate::model::{Stamp, StampSet};
use crate::rule::{Finding, Findings, FleetCx, Place};
use crate::tree::Path;

const PATHS: [(&str, &str); 2] = [
    ("properties.kubernetesVersion", "Kubernetes"),
    ("properties.autoUpgradeProfile.nodeOSUpgradeChannel", "the node image channel"),
];

/// Compares the clusters of each environment's stamps, in the order of each stamp's files.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    for stamps in environments(cx.fleet) {
        let stamps: Vec<&Stamp> = stamps.into_iter().filter(|s| !runs_ahead(&cx.fleet.facts.drift, s)).collect();
        let most = stamps.iter().map(|s| clusters(&s.inventory).len()).max().unwrap_or(0);
        for position in 0..most {
            for (path, what) in PATHS {
                compare(&stamps, position, path, what, out);
            }
        }
    }
}

fn compare(stamps: &[&Stamp], position: usize, path: &str, what: &str, out: &mut Findings) {
    let held: Vec<_> = stamps
        .iter()
        .map(|stamp| {
            let cluster = clusters(&stamp.inventory).into_iter().filter(|c| !c.resource.existing).nth(position)?;
            let value = cluster.resource.body.look(path).known()?;
            Some((cluster.resource, value))
        })
        .collect();
    let texts: Vec<Option<Version>> =
        held.iter().map(|h| h.and_then(|(_, v)| v.as_str()).map(|t| Version(t.to_lowercase()))).collect();
    for outlier in outliers(&texts) {
        let Some(Some((norm_resource, norm))) = held.get(outlier.norm) else { continue };
        for odd in outlier.odd {
            let (Some(Some((resource, value))), Some(stamp), Some(norm_stamp)) =
                (held.get(odd), stamps.get(odd), stamps.get(outlier.norm))
            else {
                continue;
            };
            let message = format!(
                "{what} is {} in stamp `{}`, and {} in `{}`",
                said(value),
                stamp.name,
                said(norm),
                norm_stamp.name
            );
            let finding = Finding::at(resource, Path::dotted(path), message).label(format!(
                "{} in `{}`",
                said(norm),
                norm_stamp.name
            ));
            let related = Place::at(norm_resource, Path::dotted(path));
            out.push(
                finding.stamps(StampSet::one(stamp.index)).related(related, format!("as `{}` has it", norm_stamp.name)),
            );
        }
    }
}

/// A version, compared as far as both state it: `1.32` is `1.32.4`.
struct Version(String);

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        let mut pairs = self.0.split('.').zip(other.0.split('.'));
        pairs.all(|(a, b)| a == b)
    }
}
