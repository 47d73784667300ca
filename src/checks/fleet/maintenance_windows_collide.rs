//! `maintenance-windows-collide`: no two stamps of an environment upgrade at the same time.

use std::collections::HashSet;
use std::sync::Arc;

use crate::model::compare::environments;
use crate::model::maintenance::{Window, meet, windows};
use crate::model::{Resource, Stamp, StampSet};
use crate::rule::{Finding, Findings, FleetCx, Place, Verdict};
use crate::tree::{Path, Value};

const STRATEGY: &str = "Microsoft.ContainerService/fleets/updateStrategies";
const MEMBER: &str = "Microsoft.ContainerService/fleets/members";

/// A stamp's window, laid out.
struct Laid<'s> {
    stamp: &'s Stamp,
    window: Window<'s>,
    spans: Vec<(i64, i64)>,
}

/// Lays out the windows of each environment's stamps over one year and looks for two that are open together.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    for stamps in environments(cx.fleet) {
        let mut all: Vec<(&Stamp, Window<'_>)> = Vec::new();
        for stamp in &stamps {
            let (found, unclear) = windows(stamp);
            all.extend(found.into_iter().map(|w| (*stamp, w)));
            for window in unclear {
                let why = "cannot be told: when the window is open is not known";
                let finding = Finding::at(window.resource, window.path, why).verdict(Verdict::Undetermined);
                out.push(finding.stamps(StampSet::one(stamp.index)));
            }
        }
        let Some(from) = all.iter().map(|(_, w)| w.begins()).max() else { continue };
        let laid: Vec<Laid<'_>> =
            all.into_iter().map(|(stamp, window)| Laid { stamp, spans: window.spans(from), window }).collect();
        compare(&laid, out);
    }
}

fn compare(laid: &[Laid<'_>], out: &mut Findings) {
    // Equal windows collide with the same others: those that were laid out alike are compared once.
    let mut told: HashSet<(*const Resource, usize)> = HashSet::new();
    for (i, later) in laid.iter().enumerate() {
        let earlier = laid.iter().take(i).filter(|e| e.stamp.index != later.stamp.index);
        let mut open = None;
        let collides = earlier.filter(|e| !ordered(e.stamp, later.stamp)).find(|e| {
            let at = meet(&e.spans, &later.spans);
            let certain = !e.window.is_open() && !later.window.is_open();
            if at.is_some() && !certain {
                open = Some(*e);
            }
            at.is_some() && certain
        });
        if !told.insert((Arc::as_ptr(later.window.resource), later.stamp.index)) {
            continue;
        }
        match (collides, open) {
            (Some(first), _) => report(later, first, out),
            (None, Some(first)) => {
                let why = format!(
                    "cannot be told: from which day the window counts is not said, and that of `{}` may be open with it",
                    first.stamp.name
                );
                let finding = Finding::new(place(&later.window), why).verdict(Verdict::Undetermined);
                out.push(finding.stamps(StampSet::one(later.stamp.index)));
            }
            (None, None) => {}
        }
    }
}

fn report(later: &Laid<'_>, first: &Laid<'_>, out: &mut Findings) {
    let when = meet(&first.spans, &later.spans)
        .and_then(|second| jiff::Timestamp::from_second(second).ok())
        .map(|at| format!(", first on {}", at.strftime("%A %Y-%m-%d at %H:%M UTC")))
        .unwrap_or_default();
    let message = format!(
        "the window for {} of stamp `{}` is open together with that for {} of `{}`{when}",
        later.window.what, later.stamp.name, first.window.what, first.stamp.name
    );
    let finding = Finding::new(place(&later.window), message).label(format!("`{}` is upgraded then", first.stamp.name));
    out.push(
        finding
            .about(later.window.resource)
            .related(place(&first.window), format!("the window of `{}`", first.stamp.name))
            .stamps(StampSet::one(later.stamp.index)),
    );
}

fn place(window: &Window<'_>) -> Place {
    Place::at(window.resource, window.path.clone())
}

/// Whether a Fleet Manager's strategy lets one stamp wait for the other: their groups are one, or of different stages.
fn ordered(a: &Stamp, b: &Stamp) -> bool {
    let strategies = |s: &Stamp| s.inventory.azure(STRATEGY).next().cloned();
    let Some(strategy) = strategies(a).or_else(|| strategies(b)) else { return false };
    let (Some(a), Some(b)) = (group(a), group(b)) else { return false };
    if a == b {
        return true;
    }
    let stages = strategy.body.at(&Path::dotted("properties.strategy.stages")).map(Value::items).unwrap_or_default();
    let stage = |name: &str| {
        stages.iter().position(|stage| {
            let groups = stage.get_ci("groups").map(Value::items).unwrap_or_default();
            groups.iter().filter_map(|g| g.get_ci("name")?.as_str()).any(|g| g.eq_ignore_ascii_case(name))
        })
    };
    match (stage(&a), stage(&b)) {
        (Some(a), Some(b)) => a != b,
        // Stages that are not known may order them.
        _ => stages.is_empty(),
    }
}

/// The update group of a stamp's cluster; none where the stamp has no member.
fn group(stamp: &Stamp) -> Option<String> {
    let own = stamp.own.resources.iter().filter(|r| r.is_azure(MEMBER));
    let member = own.chain(stamp.inventory.azure(MEMBER)).find(|m| {
        let named = m.body.look("properties.clusterResourceId").known();
        named.is_none_or(|id| {
            let clusters = stamp.inventory.azure(crate::model::azure::CLUSTER);
            clusters.into_iter().any(|c| means(id, c))
        })
    })?;
    let group = member.body.look("properties.group").known().and_then(Value::as_str);
    Some(group.unwrap_or("default").to_lowercase())
}

fn means(id: &Value, cluster: &Resource) -> bool {
    match &cluster.identity {
        crate::model::Identity::Azure { id: own, .. } => {
            crate::model::azure::same_id(id, own) != crate::model::azure::Same::No
        }
        crate::model::Identity::Kubernetes { .. } => false,
    }
}
