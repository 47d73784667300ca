//! Clocks that windows go by, and the spellings of days and times.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{Offset, TimeZone};

/// The clock of a window.
#[derive(Clone, Debug)]
pub struct Clock(TimeZone);

#[derive(serde::Deserialize)]
struct Table {
    zones: BTreeMap<String, String>,
}

impl Clock {
    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// A fixed offset: `+08:00`, `-07:00`.
    #[must_use]
    pub fn offset(text: &str) -> Option<Self> {
        let (sign, rest) = match text.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
        let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        Some(Self(Offset::from_seconds(sign * seconds).ok()?.to_time_zone()))
    }

    /// A zone by its name: Windows' (`Pacific Standard Time`) or the common one (`America/Los_Angeles`).
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        static TABLE: OnceLock<BTreeMap<String, String>> = OnceLock::new();
        let table = TABLE.get_or_init(|| {
            serde_json::from_str::<Table>(include_str!("../../../data/time-zones.json"))
                .map(|t| t.zones)
                .unwrap_or_default()
        });
        let name = table.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(text)).map_or(text, |(_, name)| name);
        bundled(name).map(Self)
    }

    /// When it is a day's time by this clock. A time that summer time leaves out comes as much later.
    #[must_use]
    pub fn timestamp(&self, day: Date, time: Time) -> Option<Timestamp> {
        self.0.to_ambiguous_timestamp(day.to_datetime(time)).compatible().ok()
    }
}

/// A zone from the rules that are built in: a system's own may be older, or missing.
fn bundled(name: &str) -> Option<TimeZone> {
    static ZONES: OnceLock<jiff::tz::TimeZoneDatabase> = OnceLock::new();
    ZONES.get_or_init(jiff::tz::TimeZoneDatabase::bundled).get(name).ok()
}

/// A day of the week, in full or by its first three letters.
#[must_use]
pub fn weekday(text: &str) -> Option<Weekday> {
    let lower = text.trim().to_ascii_lowercase();
    let days = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    days.into_iter().find(|(name, _)| *name == lower || name.get(..3) == Some(lower.as_str())).map(|(_, day)| day)
}

/// A time of day: `03:00`, `3:00pm`, `3pm`.
#[must_use]
pub fn time(text: &str) -> Option<Time> {
    let lower = text.trim().to_ascii_lowercase();
    let (digits, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(rest), _) => (rest, Some(0)),
        (_, Some(rest)) => (rest, Some(12)),
        _ => (lower.as_str(), None),
    };
    let (hour, minute) = digits.trim().split_once(':').unwrap_or((digits.trim(), "0"));
    if half.is_none() && !digits.contains(':') {
        return None;
    }
    let hour: i8 = hour.parse().ok()?;
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    Time::new(hour, minute.get(..2).unwrap_or(minute).parse().ok()?, 0, 0).ok()
}

/// Minutes of a duration: `05:00`.
#[must_use]
pub fn minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let total = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
    (1..=24 * 60).contains(&total).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn clocks_know_summer_time() {
        let at = |clock: Clock, day: Date| clock.timestamp(day, Time::new(2, 0, 0, 0).unwrap()).unwrap().to_string();
        let pacific = || Clock::named("Pacific Standard Time").unwrap();
        assert_eq!(at(pacific(), date(2026, 1, 10)), "2026-01-10T10:00:00Z");
        assert_eq!(at(pacific(), date(2026, 7, 10)), "2026-07-10T09:00:00Z");
        assert_eq!(at(Clock::named("Asia/Tokyo").unwrap(), date(2026, 7, 10)), "2026-07-09T17:00:00Z");
        assert_eq!(at(Clock::offset("-07:00").unwrap(), date(2026, 7, 10)), "2026-07-10T09:00:00Z");
        assert_eq!(at(Clock::offset("+05:30").unwrap(), date(2026, 7, 10)), "2026-07-09T20:30:00Z");
        assert!(Clock::named("Middle Earth Time").is_none() && Clock::offset("08:00").is_none());
    }

    #[test]
    fn every_zone_of_the_table_is_known() {
        let table: Table = serde_json::from_str(include_str!("../../../data/time-zones.json")).unwrap();
        for (windows, name) in &table.zones {
            assert!(bundled(name).is_some(), "{windows}: {name}");
        }
    }

    #[test]
    fn spellings_of_times() {
        for (text, expected) in [
            ("03:00", Some((3, 0))),
            ("3:30pm", Some((15, 30))),
            ("12am", Some((0, 0))),
            ("9am", Some((9, 0))),
            ("9", None),
            ("25:00", None),
            ("13pm", None),
        ] {
            assert_eq!(time(text).map(|t| (t.hour(), t.minute())), expected, "{text}");
        }
        assert_eq!((minutes("05:30"), minutes("5"), minutes("99:00")), (Some(330), None, None));
    }
}
