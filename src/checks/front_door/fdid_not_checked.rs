//! `fdid-not-checked`: every public way into a stamp turns away what did not come through this Front Door.

use super::{fix, who_may_pass};
use crate::model::ways::{Guard, front_door, ways};
use crate::rule::{Finding, Findings, Place, StampCx};

/// Judges a stamp's ways in.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let found = ways(cx.inventory(), &who_may_pass(cx.fleet, cx.options));
    if !front_door::is_behind(cx.fleet) {
        if !found.ways.is_empty() {
            out.note("no stamp is behind a Front Door, as far as the files and the config say: whether its id is checked was not judged");
        }
        return;
    }
    let mut said: Vec<(usize, crate::tree::Path)> = Vec::new();
    for way in found.ways {
        match way.guard {
            Guard::Refuses => {}
            Guard::Lets(hole) => {
                let key = (std::sync::Arc::as_ptr(&hole.spot.resource) as usize, hole.spot.path.clone());
                if said.contains(&key) {
                    continue;
                }
                said.push(key);
                let steps: Vec<&str> = way.steps.iter().map(|s| s.noun.as_str()).collect();
                let message = format!(
                    "requests that did not come through this Front Door get in over {}: {}",
                    steps.join(", "),
                    hole.why
                );
                let mut finding = Finding::at(&hole.spot.resource, hole.spot.path.clone(), message)
                    .label(hole.why.clone())
                    .help("Turn away every request whose `X-Azure-FDID` is not this Front Door's id, on each public way in");
                if let Some(fix) = fix::of(&hole, cx.fleet, cx.inventory()) {
                    finding = finding.fix(fix);
                }
                out.push(finding);
            }
            Guard::Unclear(spot, why) => out.undetermined_at(Place::at(&spot.resource, spot.path), why),
        }
    }
}
