//! `system-pool-untainted`: the system pool takes system pods only.

use crate::model::azure::clusters;
use crate::rule::{Finding, Findings, StampCx};
use crate::tree::{Lookup, Value};

const TAINT: &str = "CriticalAddonsOnly=true:NoSchedule";

/// Judges the system pools of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for pool in clusters(cx.inventory()).iter().flat_map(|c| &c.pools).filter(|p| p.is_system() == Some(true)) {
        let path = pool.at("nodeTaints");
        match pool.look("nodeTaints") {
            Lookup::Known(taints) if taints.items().iter().any(|t| t.as_str() == Some(TAINT)) => {}
            Lookup::Known(taints) if taints.items().iter().any(Value::has_unknown) => {
                out.undetermined_at(crate::rule::Place::at(pool.resource, path), "a taint is not known");
            }
            Lookup::Unknown(unknown) => out.undetermined(pool.resource, path, unknown),
            Lookup::Known(_) | Lookup::Absent => {
                let message = format!("system {} takes any pod: it lacks the taint `{TAINT}`", pool.noun());
                out.push(Finding::at(pool.resource, path, message).label(format!("no `{TAINT}`")));
            }
        }
    }
}
