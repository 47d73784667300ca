//! `workload-missing-in-stamp`: a workload in one stamp of an environment is in all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::compare::{Role, Tokens, environments, outliers, role_of, unshared};
use crate::model::{Resource, Stamp, StampSet, kubernetes};
use crate::rule::{Finding, Findings, FleetCx, Options, Place};
use crate::tree::Value;

/// Compares which workloads each environment's stamps have. A stamp without any manifest takes no part.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    for stamps in environments(cx.fleet) {
        let stamps: Vec<&Stamp> =
            stamps.into_iter().filter(|s| s.inventory.all().iter().any(|r| r.is_kubernetes())).collect();
        let mut roles: BTreeMap<Role, Vec<Option<&Arc<Resource>>>> = BTreeMap::new();
        for (i, (stamp, objects)) in stamps.iter().zip(unshared(&stamps)).enumerate() {
            let tokens = Tokens::of(stamp);
            for resource in objects.into_iter().filter(|r| runs_pods(r)) {
                let held = roles.entry(role_of(resource, &tokens)).or_insert_with(|| vec![None; stamps.len()]);
                if let Some(slot) = held.get_mut(i) {
                    slot.get_or_insert(resource);
                }
            }
        }
        for held in roles.values().filter(|h| h.iter().any(Option::is_none)) {
            report(cx, &stamps, held, out);
        }
    }
}

fn runs_pods(resource: &Resource) -> bool {
    resource.kind() != "PodTemplate" && !kubernetes::pods(resource).is_empty()
}

fn report(cx: &FleetCx<'_>, stamps: &[&Stamp], held: &[Option<&Arc<Resource>>], out: &mut Findings) {
    let asked: Vec<Option<bool>> = held
        .iter()
        .zip(stamps)
        .map(|(r, stamp)| {
            let named = held.iter().flatten().next()?;
            // Where the option says which stamps have it, the others need not.
            match cx.options_of(stamp).and_then(|o| only_in(o, named)) {
                Some(list) if !list.contains(&stamp.name.as_str()) && r.is_none() => None,
                _ => Some(r.is_some()),
            }
        })
        .collect();
    for outlier in outliers(&asked) {
        for odd in &outlier.odd {
            let have = held.get(*odd).copied().flatten();
            let holder = have.or_else(|| held.get(outlier.norm).copied().flatten());
            let (Some(resource), Some(stamp), Some(norm)) = (holder, stamps.get(*odd), stamps.get(outlier.norm)) else {
                continue;
            };
            let (message, missing) = if have.is_some() {
                (format!("{} runs in stamp `{}` only", resource.noun(), stamp.name), norm)
            } else {
                (format!("{} is missing in stamp `{}`", resource.noun(), stamp.name), stamp)
            };
            let help = "add it to the other stamps, or list the stamps that have it in the option `only-in`";
            let finding =
                Finding::new(Place::declaration(resource), message).label(format!("not in `{}`", missing.name));
            out.push(finding.help(help).stamps(StampSet::one(stamp.index)));
        }
    }
}

/// The stamps that the option lists for a workload, by `namespace/name`, `Kind/namespace/name` or name.
fn only_in<'o>(options: &'o Options, workload: &Resource) -> Option<Vec<&'o str>> {
    let names = [
        workload.name().to_owned(),
        format!("{}/{}", workload.namespace(), workload.name()),
        format!("{}/{}/{}", workload.kind(), workload.namespace(), workload.name()),
    ];
    let entry = options.get("only-in")?.entries().iter().find(|e| names.iter().any(|n| *n == *e.key))?;
    Some(entry.value.items().iter().filter_map(Value::as_str).chain(entry.value.as_str()).collect())
}
