//! Layer 6: native rules, one a file in the folder of its family, and the one table that lists them.
//!
//! A check reads views and answers with paths. It knows no spans, does no IO and calls no other check.

mod cluster;
mod images;
mod input;
mod network_policy;
mod zones;

use crate::rule::{Check, Findings, Native, ResourceCx, StampCx};

/// A rule whose findings are problems that readers and resolvers report.
const fn problems(id: &'static str) -> Native {
    Native { id, check: Check::Problems }
}

const fn resource(id: &'static str, check: fn(&ResourceCx<'_>, &mut Findings)) -> Native {
    Native { id, check: Check::Resource(check) }
}

const fn stamp(id: &'static str, check: fn(&StampCx<'_>, &mut Findings)) -> Native {
    Native { id, check: Check::Stamp(check) }
}

/// Every native rule.
pub const NATIVES: &[Native] = &[
    problems("duplicate-key"),
    problems("fleet-error"),
    problems("limit-exceeded"),
    problems("not-analysed"),
    problems("policy-error"),
    problems("render-error"),
    problems("template-error"),
    resource("local-accounts-enabled", cluster::local_accounts_enabled::check),
    resource("network-policy-disabled", cluster::network_policy_disabled::check),
    resource("schema-violation", input::schema_violation::check),
    resource("mutable-image-tag", images::mutable_image_tag::check),
    stamp("allow-all-policy", network_policy::allow_all_policy::check),
    stamp("allow-every-pod-policy", network_policy::allow_every_pod_policy::check),
    stamp("egress-unrestricted", network_policy::egress_unrestricted::check),
    stamp("no-default-deny", network_policy::no_default_deny::check),
    stamp("pod-without-network-policy", network_policy::pod_without_network_policy::check),
    stamp("policy-engine-mismatch", network_policy::policy_engine_mismatch::check),
    stamp("policy-selects-nothing", network_policy::policy_selects_nothing::check),
    stamp("unapproved-registry", images::unapproved_registry::check),
    stamp("unrendered-template", input::unrendered_template::check),
    stamp("workload-not-zone-spread", zones::workload_not_zone_spread::check),
];
