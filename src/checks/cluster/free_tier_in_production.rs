//! `free-tier-in-production`: tier Standard or Premium; old API versions call it Paid.

use crate::checks::setting::Setting;
use crate::rule::{Findings, ResourceCx};

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let tier = Setting {
        path: "sku.tier",
        offence: "is of the free tier, which has no service level",
        default: Some("`Free`"),
    };
    tier.word(cx, &["Standard", "Premium", "Paid"], out);
}
