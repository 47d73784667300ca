//! `maintenance-window-missing`: each upgrade that is on has a window, often enough.

use std::sync::Arc;

use crate::model::Resource;
use crate::model::azure::{CLUSTER, KUBERNETES_CHANNEL, NODE_OS_CHANNEL, upgrade_channel};
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Lookup, Path, Value};

const WINDOWS: &str = "Microsoft.ContainerService/managedClusters/maintenanceConfigurations";

/// Judges the clusters of a stamp with their maintenance configurations.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for cluster in cx.inventory().azure(CLUSTER).filter(|c| !c.existing) {
        let prefix = format!("{}/", cluster.name().to_ascii_lowercase());
        let own: Vec<&Arc<Resource>> =
            cx.inventory().azure(WINDOWS).filter(|w| w.name().to_ascii_lowercase().starts_with(&prefix)).collect();
        let named = |name: &str| {
            own.iter().find(|w| w.name().rsplit('/').next().is_some_and(|n| n.eq_ignore_ascii_case(name))).copied()
        };
        // Which window one of an unknown name is for cannot be told.
        if own.iter().any(|w| w.name().ends_with('…')) {
            out.undetermined_at(Place::name(cluster), "the name of a maintenance configuration is not known");
            continue;
        }
        match upgrade_channel(cluster, KUBERNETES_CHANNEL).as_deref() {
            None => out.undetermined_at(Place::name(cluster), "the upgrade channel is not known"),
            Some("none") => {}
            Some(_) => require(
                cluster,
                named("aksManagedAutoUpgradeSchedule"),
                "Kubernetes upgrades",
                "aksManagedAutoUpgradeSchedule",
                None,
                out,
            ),
        }
        let most = match upgrade_channel(cluster, NODE_OS_CHANNEL).as_deref() {
            None => {
                out.undetermined_at(Place::name(cluster), "the node OS upgrade channel is not known");
                continue;
            }
            Some("nodeimage") => 7,
            Some("securitypatch") => 2,
            Some(_) => continue,
        };
        require(
            cluster,
            named("aksManagedNodeOSUpgradeSchedule"),
            "node OS upgrades",
            "aksManagedNodeOSUpgradeSchedule",
            Some(most),
            out,
        );
    }
}

fn require(
    cluster: &Arc<Resource>,
    window: Option<&Arc<Resource>>,
    what: &str,
    name: &str,
    most_days: Option<i64>,
    out: &mut Findings,
) {
    let Some(window) = window else {
        let message = format!("{} has no maintenance window for {what}", cluster.noun());
        let help = format!("add a maintenance configuration called `{name}`");
        return out.push(Finding::new(Place::name(cluster), message).label(format!("no window for {what}")).help(help));
    };
    let (Some(most), schedule) = (most_days, window.body.look("properties.maintenanceWindow.schedule")) else { return };
    let path = Path::dotted("properties.maintenanceWindow.schedule");
    let days = match schedule {
        Lookup::Unknown(unknown) => return out.undetermined(window, path, unknown),
        Lookup::Absent => return,
        Lookup::Known(schedule) => interval(schedule),
    };
    match days {
        None => out.undetermined_at(Place::at(window, path), "how often the window comes is not known"),
        Some(days) if days > most => {
            let message = format!(
                "the window for {what} of {} comes every {days} days, and is to come every {most}",
                cluster.noun()
            );
            out.push(Finding::at(window, path, message).label(format!("every {days} days")));
        }
        Some(_) => {}
    }
}

/// How many days lie between two windows.
fn interval(schedule: &Value) -> Option<i64> {
    let number = |path: &str| match schedule.look(path) {
        Lookup::Known(value) => value.as_i64(),
        Lookup::Absent => Some(1),
        Lookup::Unknown(_) => None,
    };
    if !schedule.look("daily").is_absent() {
        return number("daily.intervalDays");
    }
    if !schedule.look("weekly").is_absent() {
        return number("weekly.intervalWeeks").map(|w| w * 7);
    }
    let monthly = ["absoluteMonthly", "relativeMonthly"].iter().find(|key| !schedule.look(key).is_absent())?;
    number(&format!("{monthly}.intervalMonths")).map(|m| m * 30)
}
