//! Kured: reboots nodes within a window that its command line gives.

use std::sync::Arc;

use jiff::civil::Time;

use super::zone::{time, weekday};
use super::{Clock, Recurrence, Window};
use crate::model::{Resource, kubernetes};
use crate::path;
use crate::tree::{Path, Value};

/// The window of a `DaemonSet` that runs Kured: none for any other, and for one that reboots at any time; `Some(None)` where it
/// cannot be told.
pub fn window(resource: &Arc<Resource>) -> Option<Option<Window<'_>>> {
    kubernetes::pods(resource).first()?;
    let containers = resource.body.look("spec.template.spec.containers").known()?.items();
    let (at, container) = containers.iter().enumerate().find(|(_, c)| {
        let image = c.get("image").and_then(Value::as_str).unwrap_or_default();
        image
            .rsplit('/')
            .next()
            .is_some_and(|name| name == "kured" || name.starts_with("kured:") || name.starts_with("kured@"))
    })?;
    let mut flags: Vec<(&str, &str, Path)> = Vec::new();
    for key in ["command", "args"] {
        let items = container.get(key).map(Value::items).unwrap_or_default();
        for (i, text) in items.iter().enumerate().filter_map(|(i, v)| Some((i, v.as_str()?))) {
            let Some((name, value)) = text.strip_prefix("--").and_then(|t| t.split_once('=')) else { continue };
            flags.push((name, value.trim_matches('"'), path!["spec", "template", "spec", "containers", at, key, i]));
        }
    }
    let flag = |name: &str| flags.iter().find(|(n, _, _)| *n == name);
    let place = ["start-time", "reboot-days", "end-time"].iter().find_map(|n| flag(n))?;
    Some(laid_out(resource, &|name| flag(name).map(|(_, value, _)| *value), place.2.clone()))
}

fn laid_out<'r, 'f>(
    resource: &'r Arc<Resource>,
    flag: &dyn Fn(&str) -> Option<&'f str>,
    path: Path,
) -> Option<Window<'r>> {
    let start = flag("start-time").map_or(Some(Time::midnight()), time)?;
    let end = flag("end-time").map(|t| time(t).or_else(|| last(t))).unwrap_or(Some(Time::MAX))?;
    let days = match flag("reboot-days") {
        Some(list) => list.split(',').map(weekday).collect::<Option<Vec<_>>>()?,
        None => ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().filter_map(|d| weekday(d)).collect(),
    };
    let clock = flag("time-zone").map_or(Some(Clock::utc()), Clock::named)?;
    let minute = |t: Time| i64::from(t.hour()) * 60 + i64::from(t.minute());
    let (from, to) = (minute(start), if end == Time::MAX { 24 * 60 } else { minute(end) });
    // An end before the start is the next day's.
    let minutes = if to > from { to - from } else { to + 24 * 60 - from };
    let recurrence = Recurrence::Weeks(1, days, None);
    Some(Window { resource, path, what: "node reboots", recurrence, times: vec![(start, minutes)], clock })
}

/// `23:59:59`, which Kured has by default.
fn last(text: &str) -> Option<Time> {
    (text == "23:59:59").then_some(Time::MAX)
}
