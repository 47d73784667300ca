//! Layer 6: native rules, one a file in the folder of its family, and the one table that lists them.
//!
//! A check reads views and answers with paths. It knows no spans, does no IO and calls no other check.

use crate::rule::{Check, Native};

/// A rule whose findings are problems that readers and resolvers report.
const fn problems(id: &'static str) -> Native {
    Native {
        id,
        check: Check::Problems,
    }
}

/// Every native rule.
pub const NATIVES: &[Native] = &[
    problems("duplicate-key"),
    problems("fleet-error"),
    problems("limit-exceeded"),
    problems("not-analysed"),
    problems("policy-error"),
    problems("render-error"),
    problems("schema-violation"),
    problems("template-error"),
    problems("unrendered-template"),
];
