//! What the config says of the fleet as a whole, whether it names the stamps or they are inferred.

use super::lay::text;
use super::{Config, one_or_more};
use crate::model::plan::Plan;
use crate::model::{Drift, FrontDoor};
use crate::tree::Value;

/// Puts the fleet's name and facts into a plan.
pub fn declare(config: &Config, plan: &mut Plan) {
    let root = &config.root;
    let names = |key: &str| root.get(key).is_some_and(|v| !v.is_null());
    let drift = |key: &str| values(root.get("drift").and_then(|d| d.get(key)));
    plan.name = text(root.get("fleet"));
    plan.declared = names("fleet") || names("stamps");
    plan.front_door = front_door(root.get("frontDoor"));
    plan.drift = Drift { allow: drift("allow"), rollout: drift("rollout") };
    plan.exempt_namespaces = root
        .get("exempt")
        .and_then(|e| e.get("namespaces"))
        .and_then(Value::as_list)
        .map(|l| l.iter().filter_map(|v| text(Some(v))).collect());
}

fn values(value: Option<&Value>) -> Vec<Value> {
    one_or_more(value).cloned().collect()
}

fn front_door(value: Option<&Value>) -> FrontDoor {
    let get = |key: &str| values(value.and_then(|v| v.get(key)));
    let mut ids = get("id");
    ids.extend(get("ids"));
    FrontDoor { ids, trusted_addresses: get("trustedAddresses") }
}
