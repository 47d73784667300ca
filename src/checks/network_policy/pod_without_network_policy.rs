//! `pod-without-network-policy`: at least one policy selects a workload's pods for ingress.

use super::cover::uncovered;
use crate::model::kubernetes::network::Direction;
use crate::rule::{Findings, StampCx};

/// Judges the workloads of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    uncovered(cx, Direction::Ingress, "ingress", out);
}
