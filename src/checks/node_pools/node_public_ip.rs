//! `node-public-ip`: nodes have no public address.

use crate::model::azure::clusters;
use crate::rule::{Finding, Findings, StampCx};
use crate::tree::Lookup;

/// Judges the pools of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for pool in clusters(cx.inventory()).iter().flat_map(|c| &c.pools) {
        let path = pool.at("enableNodePublicIP");
        match pool.look("enableNodePublicIP") {
            Lookup::Known(value) if value.as_bool() == Some(true) => {
                let message = format!("nodes of {} have public addresses", pool.noun());
                out.push(Finding::at(pool.resource, path, message).label("public addresses"));
            }
            Lookup::Unknown(unknown) => out.undetermined(pool.resource, path, unknown),
            _ => {}
        }
    }
}
