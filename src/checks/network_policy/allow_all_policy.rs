//! `allow-all-policy`: no ingress rule lets every source in.

use crate::model::kubernetes::network::{Breadth, policies, sources};
use crate::rule::{Finding, Findings, StampCx};

/// Judges the policies of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for policy in policies(cx.inventory()) {
        for source in sources(&policy).into_iter().filter(|s| s.breadth == Breadth::Everyone) {
            let message = format!("{} lets every source in: {}", policy.resource.noun(), source.words);
            out.push(Finding::at(policy.resource, source.path, message).label(source.words));
        }
    }
}
