//! `reference-to-other-stamp`: no value or manifest names what belongs to another stamp.

use std::collections::HashSet;

use super::references::references;
use crate::model::StampSet;
use crate::rule::{Finding, Findings, FleetCx};

/// Reports each such value once a stamp, however many properties it ends up in.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    let mut said = HashSet::new();
    for reference in references(cx.fleet) {
        if !reference.value.span.is_none() && !said.insert((reference.value.span, reference.stamp)) {
            continue;
        }
        let name = |i: usize| cx.fleet.stamps.get(i).map(|s| s.name.as_str()).unwrap_or_default();
        let (stamp, owner) = (name(reference.stamp), name(reference.owner));
        let message = format!(
            "{} of stamp `{stamp}` names {} `{}`, which belongs to `{owner}`",
            reference.resource.noun(),
            reference.what,
            reference.text
        );
        out.push(
            Finding::at(reference.resource, reference.path, message)
                .label(format!("belongs to `{owner}`"))
                .stamps(StampSet::one(reference.stamp)),
        );
    }
}
