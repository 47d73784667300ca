//! `node-autoscaler-unbounded`: autoscaling is on, with its minimum below its maximum.

use crate::checks::setting::said;
use crate::model::azure::{Pool, clusters};
use crate::rule::{Finding, Findings, StampCx};
use crate::tree::{Lookup, Value};

/// Judges the pools of a stamp. Where AKS provisions nodes by itself, pools need no autoscaler.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for cluster in &clusters(cx.inventory()) {
        let mode = cluster.resource.body.look("properties.nodeProvisioningProfile.mode");
        if mode.known().and_then(Value::as_str).is_some_and(|m| m.eq_ignore_ascii_case("Auto")) {
            continue;
        }
        cluster.pools.iter().for_each(|pool| judge(pool, out));
    }
}

fn judge(pool: &Pool<'_>, out: &mut Findings) {
    let finding =
        |key: &str, message: String, label: &str| Finding::at(pool.resource, pool.at(key), message).label(label);
    match pool.look("enableAutoScaling") {
        Lookup::Known(value) if value.as_bool() == Some(true) => bounds(pool, out),
        Lookup::Known(value) => {
            let message = format!("{} does not scale: `enableAutoScaling` is {}", pool.noun(), said(value));
            out.push(finding("enableAutoScaling", message, "no autoscaling"));
        }
        Lookup::Absent => {
            let message =
                format!("{} does not scale: `enableAutoScaling` is missing, and its default is false", pool.noun());
            out.push(finding("enableAutoScaling", message, "no autoscaling"));
        }
        Lookup::Unknown(unknown) => out.undetermined(pool.resource, pool.at("enableAutoScaling"), unknown),
    }
}

fn bounds(pool: &Pool<'_>, out: &mut Findings) {
    match (pool.look("minCount"), pool.look("maxCount")) {
        (Lookup::Unknown(unknown), _) => out.undetermined(pool.resource, pool.at("minCount"), unknown),
        (_, Lookup::Unknown(unknown)) => out.undetermined(pool.resource, pool.at("maxCount"), unknown),
        (low, high) => {
            let number = |lookup: Lookup<'_>| lookup.known().and_then(Value::as_i64);
            if let (Some(low), Some(high)) = (number(low), number(high))
                && low < high
            {
                return;
            }
            let key = if high.is_absent() || low.known().is_some() { "maxCount" } else { "minCount" };
            let message = format!("{} cannot scale: `minCount` is not below `maxCount`", pool.noun());
            out.push(Finding::at(pool.resource, pool.at(key), message).label("no room to scale"));
        }
    }
}
