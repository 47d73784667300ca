//! `surge-not-set`: upgrades have a surge.

use crate::model::azure::clusters;
use crate::rule::{Finding, Findings, StampCx};

/// Judges the pools of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let pools = clusters(cx.inventory());
    for pool in
        pools.iter().flat_map(|c| &c.pools).filter(|p| p.look("upgradeSettings.maxSurge").is_absent() && !p.is_spot())
    {
        let message = format!("{} upgrades one node at a time: `upgradeSettings.maxSurge` is missing", pool.noun());
        let help = "set `upgradeSettings.maxSurge`; 33% is what Microsoft advises for production";
        out.push(Finding::at(pool.resource, pool.at("upgradeSettings.maxSurge"), message).label("no surge").help(help));
    }
}
