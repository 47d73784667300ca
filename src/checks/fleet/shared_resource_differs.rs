//! `shared-resource-differs`: what is one for the fleet is the same in each stamp.

use crate::model::StampSet;
use crate::model::compare::{Said, shared_differences};
use crate::rule::{Finding, Findings, FleetCx, Place};
use crate::tree::Value;

/// Reports each stamp that uses another registry, base policy, Front Door, workspace or Fleet Manager.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    for difference in shared_differences(cx.fleet) {
        let (stamp, said, text) = difference.odd;
        let (norm, norm_said, norm_text) = difference.norm;
        let message = format!(
            "the {} of stamp `{}` is `{text}`, and that of `{}` is `{norm_text}`",
            difference.common.noun(),
            stamp.name,
            norm.name
        );
        let finding = Finding::new(place(said), message).label(format!("`{norm_text}` in `{}`", norm.name));
        out.push(
            finding.stamps(StampSet::one(stamp.index)).related(place(norm_said), format!("as `{}` has it", norm.name)),
        );
    }
}

fn place(said: Said<'_>) -> Place {
    match said {
        Said::Given(value) => Place::Value(value.clone()),
        Said::Property(resource, path) => Place::at(resource, path),
        Said::Default(anchor) => Place::Value(Value::null(anchor)),
    }
}
