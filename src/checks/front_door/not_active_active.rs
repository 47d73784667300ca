//! `not-active-active`: every origin of a group takes traffic, and a sick one is seen.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Resource;
use crate::model::ways::front_door::{CLASSIC, GROUP, ORIGIN};
use crate::path;
use crate::rule::{Finding, Findings, StampCx};
use crate::tree::{Case, Lookup, Path, Value};

const HELP: &str = "Give every origin of the group the same priority, enable it, and probe it";

/// Judges the origins and their groups.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let inventory = cx.inventory();
    let mut groups: BTreeMap<String, Vec<Item<'_>>> = BTreeMap::new();
    for origin in inventory.azure(ORIGIN).filter(|o| !o.existing) {
        let group = origin.name().rsplit_once('/').map_or("", |(group, _)| group).to_ascii_lowercase();
        if let Some(value) = origin.body.get_ci("properties") {
            groups.entry(group).or_default().push(Item { resource: origin, path: path!["properties"], value });
        }
    }
    for origins in groups.values() {
        judge(origins, out);
    }
    for group in inventory.azure(GROUP).filter(|g| !g.existing) {
        let count = groups.get(&group.name().to_ascii_lowercase()).map_or(0, Vec::len);
        match group.body.look("properties.healthProbeSettings") {
            // One origin has nothing to fail over to, and Front Door takes it as healthy.
            Lookup::Absent if count > 1 => {
                let message = format!("{} has no health probes: a sick stamp goes on getting traffic", group.noun());
                out.push(
                    Finding::at(group, Path::dotted("properties.healthProbeSettings"), message)
                        .label("no probes")
                        .help(HELP),
                );
            }
            Lookup::Unknown(why) => out.undetermined(group, Path::dotted("properties.healthProbeSettings"), why),
            _ => {}
        }
    }
    for classic in inventory.azure(CLASSIC).filter(|c| !c.existing) {
        let pools = classic.body.look("properties.backendPools").known().map(Value::items).unwrap_or_default();
        for (i, pool) in pools.iter().enumerate() {
            let items: Vec<Item<'_>> = pool
                .select("properties.backends[]", Case::Ignore)
                .into_iter()
                .map(|(path, value)| Item {
                    resource: classic,
                    path: path!["properties", "backendPools", i].extend(&path),
                    value,
                })
                .collect();
            judge(&items, out);
        }
    }
}

struct Item<'r> {
    resource: &'r Arc<Resource>,
    path: Path,
    value: &'r Value,
}

fn judge(items: &[Item<'_>], out: &mut Findings) {
    let priority = |i: &Item<'_>| match i.value.look("priority") {
        Lookup::Known(p) => p.as_i64(),
        Lookup::Absent => Some(1),
        Lookup::Unknown(_) => None,
    };
    let first = items.iter().filter_map(priority).min();
    for item in items {
        match item.value.look("enabledState") {
            Lookup::Known(state) if state.as_str().is_some_and(|s| s.eq_ignore_ascii_case("Disabled")) => {
                let message = format!("{} is disabled: its stamp stands idle", item.resource.noun());
                out.push(
                    Finding::at(item.resource, item.path.join("enabledState"), message).label("disabled").help(HELP),
                );
            }
            Lookup::Unknown(why) => out.undetermined(item.resource, item.path.join("enabledState"), why),
            _ => {}
        }
        match (item.value.look("priority"), first) {
            (Lookup::Unknown(why), _) => out.undetermined(item.resource, item.path.join("priority"), why),
            _ if priority(item).is_some() && priority(item) != first => {
                let message =
                    format!("{} waits behind another: its priority is not the group's first", item.resource.noun());
                out.push(
                    Finding::at(item.resource, item.path.join("priority"), message).label("stands by only").help(HELP),
                );
            }
            _ => {}
        }
    }
}
