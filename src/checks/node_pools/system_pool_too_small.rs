//! `system-pool-too-small`: a system pool has enough nodes to lose one.

use crate::model::azure::clusters;
use crate::rule::{Finding, Findings, StampCx};
use crate::tree::Lookup;

/// Judges the system pools of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let wanted = cx.options.int("nodes").unwrap_or(3);
    for pool in clusters(cx.inventory()).iter().flat_map(|c| &c.pools).filter(|p| p.is_system() == Some(true)) {
        let key = pool.fewest_key();
        let nodes = match pool.look(key) {
            Lookup::Known(value) => value.as_i64().unwrap_or(0),
            // Azure's default is one node.
            Lookup::Absent => 1,
            Lookup::Unknown(unknown) => {
                out.undetermined(pool.resource, pool.at(key), unknown);
                continue;
            }
        };
        if nodes < wanted {
            let message = format!("system {} has {nodes} nodes at least, fewer than {wanted}", pool.noun());
            out.push(Finding::at(pool.resource, pool.at(key), message).label(format!("fewer than {wanted}")));
        }
    }
}
