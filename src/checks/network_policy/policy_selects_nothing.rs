//! `policy-selects-nothing`: a policy's selector matches some pod of the stamp.

use crate::model::kubernetes::Match;
use crate::model::kubernetes::network::PolicyIndex;
use crate::rule::{Finding, Findings, StampCx};

/// Judges the policies of a stamp. One that selects all pods makes sense before the first pod comes, and a stamp whose
/// workloads stand elsewhere says nothing about any.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let index = PolicyIndex::new(cx.inventory());
    if index.pods.is_empty() {
        return;
    }
    for policy in index.policies.iter().filter(|p| !p.is_for_all()) {
        let path = policy.selector_path();
        match index.selects_some(policy) {
            Match::Yes => {}
            Match::Unknown => {
                out.undetermined_at(crate::rule::Place::at(policy.resource, path), "a label or selector is not known")
            }
            Match::No => {
                let message = format!("the selector of {} matches no pod of the stamp", policy.resource.noun());
                out.push(Finding::at(policy.resource, path, message).label("matches no pod"));
            }
        }
    }
}
