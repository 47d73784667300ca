//! `pods-per-node-unset`: `maxPods` is set on purpose.

use crate::model::azure::clusters;
use crate::rule::{Finding, Findings, StampCx};

/// Judges the pools of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for pool in clusters(cx.inventory()).iter().flat_map(|c| &c.pools).filter(|p| p.look("maxPods").is_absent()) {
        let message = format!("{} does not say how many pods a node takes: `maxPods` is missing", pool.noun());
        out.push(Finding::at(pool.resource, pool.at("maxPods"), message).label("no `maxPods`"));
    }
}
