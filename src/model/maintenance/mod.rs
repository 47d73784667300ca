//! When stamps are upgraded: maintenance windows of clusters, of machines and of Kured, laid out in UTC.
//!
//! Windows recur by their own clock: an offset, a time zone with its summer time, or UTC. Laid out over a year they can
//! be compared whatever the clock.

mod kured;
mod recur;
mod zone;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, Time, date};

use crate::model::azure::{CLUSTER, KUBERNETES_CHANNEL, NODE_OS_CHANNEL, upgrade_channel};
use crate::model::{Resource, Stamp};
use crate::tree::{Lookup, Path, Value};

pub use recur::Recurrence;
pub use zone::Clock;

const OF_CLUSTER: &str = "Microsoft.ContainerService/managedClusters/maintenanceConfigurations";
const OF_MACHINES: &str = "Microsoft.Maintenance/maintenanceConfigurations";

/// A window of a stamp.
#[derive(Clone, Debug)]
pub struct Window<'s> {
    /// What declares it.
    pub resource: &'s Arc<Resource>,
    /// Where it says when.
    pub path: Path,
    /// What happens in it, in words.
    pub what: &'static str,
    /// When it comes back.
    pub recurrence: Recurrence,
    /// When it begins, by its clock, and how long it is open, in minutes.
    pub times: Vec<(Time, i64)>,
    /// Its clock.
    pub clock: Clock,
}

/// A window whose time cannot be told.
#[derive(Clone, Debug)]
pub struct Unclear<'s> {
    /// What declares it.
    pub resource: &'s Arc<Resource>,
    /// Where.
    pub path: Path,
}

/// The windows of a stamp, and those that cannot be laid out.
#[must_use]
pub fn windows(stamp: &Stamp) -> (Vec<Window<'_>>, Vec<Unclear<'_>>) {
    let (mut found, mut unclear) = (Vec::new(), Vec::new());
    let mut all: Vec<(&Arc<Resource>, &str, Option<Window<'_>>)> = Vec::new();
    let own = stamp.own.resources.iter().filter(|r| !r.existing);
    for resource in own.clone().filter(|r| r.is_azure(OF_CLUSTER)) {
        if let Some(what) = upgraded(resource, stamp) {
            if !resource.body.look("properties.timeInWeek").is_absent() {
                all.push((resource, "properties.timeInWeek", in_week(resource, what)));
            }
            if !resource.body.look("properties.maintenanceWindow").is_absent() {
                all.push((resource, "properties.maintenanceWindow", of_cluster(resource, what)));
            }
        }
    }
    for resource in own.clone().filter(|r| r.is_azure(OF_MACHINES)) {
        if !resource.body.look("properties.maintenanceWindow").is_absent() {
            all.push((resource, "properties.maintenanceWindow", of_machines(resource)));
        }
    }
    for resource in stamp.inventory.kind("DaemonSet") {
        if let Some(window) = kured::window(resource) {
            all.push((resource, "spec.template.spec.containers", window));
        }
    }
    for (resource, path, window) in all {
        match window {
            Some(window) => found.push(window),
            None => unclear.push(Unclear { resource, path: Path::dotted(path) }),
        }
    }
    (found, unclear)
}

/// What a configuration of a cluster is for; none where the upgrade that it is for is off.
fn upgraded(resource: &Resource, stamp: &Stamp) -> Option<&'static str> {
    let (cluster, name) = resource.name().rsplit_once('/')?;
    let off = |path: &str| {
        let clusters = stamp.inventory.azure(CLUSTER).filter(|c| c.name().eq_ignore_ascii_case(cluster) && !c.existing);
        let channel = clusters.into_iter().find_map(|c| upgrade_channel(c, path));
        channel.is_some_and(|c| matches!(c.as_str(), "none" | "unmanaged"))
    };
    match name.to_ascii_lowercase().as_str() {
        "aksmanagedautoupgradeschedule" => (!off(KUBERNETES_CHANNEL)).then_some("Kubernetes upgrades"),
        "aksmanagednodeosupgradeschedule" => (!off(NODE_OS_CHANNEL)).then_some("node OS upgrades"),
        _ => Some("maintenance"),
    }
}

/// Hours of a week, in UTC.
fn in_week<'s>(resource: &'s Arc<Resource>, what: &'static str) -> Option<Window<'s>> {
    let list = resource.body.look("properties.timeInWeek").known()?;
    let mut recurrence = Vec::new();
    for item in list.items() {
        let day = zone::weekday(item.get_ci("day")?.as_str()?)?;
        for hour in item.get_ci("hourSlots")?.items() {
            recurrence.push((day, i8::try_from(hour.as_i64()?).ok().filter(|h| (0..24).contains(h))?));
        }
    }
    Some(Window {
        resource,
        path: Path::dotted("properties.timeInWeek"),
        what,
        recurrence: Recurrence::Hours(recurrence),
        times: Vec::new(),
        clock: Clock::utc(),
    })
}

fn of_cluster<'s>(resource: &'s Arc<Resource>, what: &'static str) -> Option<Window<'s>> {
    let base = "properties.maintenanceWindow";
    let window = resource.body.look(base).known()?;
    let text = |key: &str| match window.look(key) {
        Lookup::Known(value) => Some(value.as_str()),
        Lookup::Absent => Some(None),
        Lookup::Unknown(_) => None,
    };
    let start = match text("startTime")? {
        Some(given) => zone::time(given)?,
        None => Time::midnight(),
    };
    let clock = match text("utcOffset")? {
        Some(given) => Clock::offset(given)?,
        None => Clock::utc(),
    };
    let from = match text("startDate")? {
        Some(given) => Some(given.get(..10).unwrap_or(given).parse::<Date>().ok().filter(|d| *d < LAST)?),
        None => None,
    };
    let hours = match window.look("durationHours") {
        Lookup::Known(value) => value.as_i64().filter(|h| (1..=24).contains(h))?,
        Lookup::Absent => SHORTEST_HOURS,
        Lookup::Unknown(_) => return None,
    };
    let schedule = window.look("schedule").known()?;
    let (recurrence, leaves) = recur::of_schedule(schedule, from)?;
    let candidates = leaves.iter().map(|leaf| format!("{base}.schedule.{leaf}")).chain([format!("{base}.startTime")]);
    Some(Window {
        resource,
        path: decisive(resource, candidates.collect()),
        what,
        recurrence,
        times: vec![(start, hours * 60)],
        clock,
    })
}

/// Azure opens a window for no less.
const SHORTEST_HOURS: i64 = 4;

/// Of the leaves that say when, the one that a parameter gives, else the first that is there.
fn decisive(resource: &Resource, candidates: Vec<String>) -> Path {
    let there = candidates.iter().filter_map(|c| Some((c, resource.body.look(c).known()?)));
    let given = there.clone().find(|(_, v)| v.origin.leads_through(&mut |step| step.name.is_some()));
    let path = given.or_else(|| there.into_iter().next()).map(|(path, _)| path.as_str());
    Path::dotted(path.unwrap_or("properties.maintenanceWindow"))
}

fn of_machines(resource: &Arc<Resource>) -> Option<Window<'_>> {
    let base = "properties.maintenanceWindow";
    let look = |key: &str| resource.body.look(&format!("{base}.{key}")).known().and_then(Value::as_str);
    let start: jiff::civil::DateTime = look("startDateTime")?.replacen(' ', "T", 1).parse().ok()?;
    let minutes = zone::minutes(look("duration")?).filter(|_| start.date() < LAST)?;
    let clock = Clock::named(look("timeZone")?)?;
    Some(Window {
        resource,
        path: Path::dotted(&format!("{base}.startDateTime")),
        what: "machine updates",
        recurrence: recur::of_text(look("recurEvery")?, start.date())?,
        times: vec![(start.time(), minutes)],
        clock,
    })
}

/// The days over which windows are laid out: all recurrences of a year, and summer time twice.
const DAYS: i64 = 372;

impl Window<'_> {
    /// Whether it recurs from a day that nobody gave: in which weeks or months it comes is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.recurrence.is_open()
    }

    /// When it is open, as seconds of UTC, in order, over the year from a day on.
    #[must_use]
    pub fn spans(&self, from: Date) -> Vec<(i64, i64)> {
        let mut spans = Vec::new();
        let mut add = |day: Date, time: Time, minutes: i64| {
            if let Some(start) = self.clock.timestamp(day, time).map(Timestamp::as_second) {
                spans.push((start, start + minutes * 60));
            }
        };
        for offset in 0..DAYS {
            let Ok(day) = from.checked_add(jiff::Span::new().days(offset)) else { break };
            if let Recurrence::Hours(hours) = &self.recurrence {
                for (_, hour) in hours.iter().filter(|(weekday, _)| *weekday == day.weekday()) {
                    if let Ok(time) = Time::new(*hour, 0, 0, 0) {
                        add(day, time, 60);
                    }
                }
            } else if self.recurrence.falls_on(day) {
                self.times.iter().for_each(|(time, minutes)| add(day, *time, *minutes));
            }
        }
        spans.sort_unstable();
        spans
    }

    /// The first day that its recurrence is sure to have begun on.
    #[must_use]
    pub fn begins(&self) -> Date {
        self.recurrence.begins().unwrap_or(EPOCH).max(EPOCH)
    }
}

/// A day before which no window is looked at. Fixed, so that a result does not depend on the day of the run.
const EPOCH: Date = date(2026, 1, 1);

/// A window that begins later than this is nobody's plan.
const LAST: Date = date(2100, 1, 1);

/// The first time, in seconds of UTC, at which two windows are both open.
#[must_use]
pub fn meet(a: &[(i64, i64)], b: &[(i64, i64)]) -> Option<i64> {
    let (mut i, mut j) = (0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if x.0 < y.1 && y.0 < x.1 {
            return Some(x.0.max(y.0));
        }
        if x.1 <= y.1 { i += 1 } else { j += 1 }
    }
    None
}
