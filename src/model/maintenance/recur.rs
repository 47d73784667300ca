//! On which days a window comes.

use jiff::civil::{Date, Weekday};

use super::zone::weekday;
use crate::tree::{Lookup, Value};

/// On which days a window comes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Recurrence {
    /// Every so many days, counted from a day.
    Days(i64, Option<Date>),
    /// On weekdays, every so many weeks.
    Weeks(i64, Vec<Weekday>, Option<Date>),
    /// On days of the month, every so many months.
    MonthDays(i64, Vec<i8>, Option<Date>),
    /// On the n-th weekday of the month (-1: the last), every so many months.
    MonthWeekday(i64, i8, Weekday, Option<Date>),
    /// In hours of the week.
    Hours(Vec<(Weekday, i8)>),
}

impl Recurrence {
    /// Whether the day that it counts from is open, and matters.
    pub fn is_open(&self) -> bool {
        match self {
            Self::Days(n, from)
            | Self::Weeks(n, _, from)
            | Self::MonthDays(n, _, from)
            | Self::MonthWeekday(n, _, _, from) => *n > 1 && from.is_none(),
            Self::Hours(_) => false,
        }
    }

    /// The day that it counts from.
    pub fn begins(&self) -> Option<Date> {
        match self {
            Self::Days(_, from)
            | Self::Weeks(_, _, from)
            | Self::MonthDays(_, _, from)
            | Self::MonthWeekday(_, _, _, from) => *from,
            Self::Hours(_) => None,
        }
    }

    /// Whether it comes on a day. Where it is open, on every day that it may.
    pub fn falls_on(&self, day: Date) -> bool {
        if self.begins().is_some_and(|from| day < from) {
            return false;
        }
        let nth = |n: i64, passed: Option<i64>| n <= 1 || passed.is_none_or(|p| p % n == 0);
        let months = |from: Option<Date>| {
            from.map(|f| {
                (i64::from(day.year()) - i64::from(f.year())) * 12 + i64::from(day.month()) - i64::from(f.month())
            })
        };
        match self {
            Self::Days(n, from) => nth(*n, from.map(|f| days_between(f, day))),
            Self::Weeks(n, on, from) => {
                // Weeks are counted from the first day that fits: the week of the first occurrence.
                let first = from.and_then(|f| (0..7).filter_map(|i| add(f, i)).find(|d| on.contains(&d.weekday())));
                on.contains(&day.weekday()) && nth(*n, first.map(|f| days_between(monday(f), monday(day)) / 7))
            }
            Self::MonthDays(n, on, from) => on.contains(&day.day()) && nth(*n, months(*from)),
            Self::MonthWeekday(n, index, on, from) => {
                let fits =
                    if *index < 0 { day.day() + 7 > day.days_in_month() } else { (day.day() - 1) / 7 + 1 == *index };
                day.weekday() == *on && fits && nth(*n, months(*from))
            }
            Self::Hours(_) => false,
        }
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map(|span| i64::from(span.get_days())).unwrap_or(0)
}

fn add(day: Date, days: i64) -> Option<Date> {
    day.checked_add(jiff::Span::new().days(days)).ok()
}

fn monday(day: Date) -> Date {
    add(day, -i64::from(day.weekday().to_monday_zero_offset())).unwrap_or(day)
}

/// A cluster's `schedule`, and the keys that say when. None where a value of it is not known.
pub fn of_schedule(schedule: &Value, from: Option<Date>) -> Option<(Recurrence, Vec<&'static str>)> {
    let number = |path: &str| match schedule.look(path) {
        Lookup::Known(value) => value.as_i64().filter(|n| (1..=366).contains(n)),
        Lookup::Absent => Some(1),
        Lookup::Unknown(_) => None,
    };
    let text = |path: &str| schedule.look(path).known().and_then(Value::as_str);
    if !schedule.look("daily").is_absent() {
        return Some((Recurrence::Days(number("daily.intervalDays")?, from), vec![]));
    }
    if !schedule.look("weekly").is_absent() {
        let on = vec![weekday(text("weekly.dayOfWeek")?)?];
        return Some((Recurrence::Weeks(number("weekly.intervalWeeks")?, on, from), vec!["weekly.dayOfWeek"]));
    }
    if !schedule.look("absoluteMonthly").is_absent() {
        let on = i8::try_from(number("absoluteMonthly.dayOfMonth")?).ok()?;
        let n = number("absoluteMonthly.intervalMonths")?;
        return Some((Recurrence::MonthDays(n, vec![on], from), vec!["absoluteMonthly.dayOfMonth"]));
    }
    let on = weekday(text("relativeMonthly.dayOfWeek")?)?;
    let index = index(text("relativeMonthly.weekIndex")?)?;
    let n = number("relativeMonthly.intervalMonths")?;
    Some((Recurrence::MonthWeekday(n, index, on, from), vec!["relativeMonthly.weekIndex", "relativeMonthly.dayOfWeek"]))
}

fn index(text: &str) -> Option<i8> {
    let words = ["first", "second", "third", "fourth", "last"];
    let at = words.iter().position(|w| text.eq_ignore_ascii_case(w))?;
    i8::try_from(at + 1).ok().map(|n| if n == 5 { -1 } else { n })
}

/// `recurEvery` of machines: `Day`, `2Days`, `Week Saturday,Sunday`, `3Weeks`, `Month Third Sunday`, `Month day23,day24`.
pub fn of_text(text: &str, start: Date) -> Option<Recurrence> {
    let mut words = text.split_whitespace();
    let every = words.next()?.to_ascii_lowercase();
    let rest: Vec<&str> = words.collect();
    let digits = every.chars().take_while(char::is_ascii_digit).count();
    let n = every.get(..digits).filter(|d| !d.is_empty()).map_or(Some(1), |d| d.parse().ok())?;
    let list = rest.join(" ");
    let items = || list.split([',', ' ']).filter(|w| !w.is_empty());
    match every.get(digits..)?.trim_end_matches('s') {
        "day" => Some(Recurrence::Days(n, Some(start))),
        "week" if rest.is_empty() => Some(Recurrence::Weeks(n, vec![start.weekday()], Some(start))),
        "week" => Some(Recurrence::Weeks(n, items().map(weekday).collect::<Option<_>>()?, Some(start))),
        "month" => match rest.as_slice() {
            [] => Some(Recurrence::MonthDays(n, vec![start.day()], Some(start))),
            [first, day, ..] if index(first).is_some() => {
                Some(Recurrence::MonthWeekday(n, index(first)?, weekday(day)?, Some(start)))
            }
            _ => {
                let day = |w: &str| w.to_ascii_lowercase().strip_prefix("day")?.parse::<i8>().ok();
                Some(Recurrence::MonthDays(n, items().map(day).collect::<Option<_>>()?, Some(start)))
            }
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_of_recurrences() {
        let start = date(2026, 1, 7);
        let falls = |text: &str, day: Date| of_text(text, start).unwrap().falls_on(day);
        for (text, day, is) in [
            ("Day", date(2026, 1, 8), true),
            ("2Days", date(2026, 1, 8), false),
            ("2Days", date(2026, 1, 9), true),
            ("Day", date(2026, 1, 6), false),
            ("Week", date(2026, 1, 14), true),
            ("Week Saturday,Sunday", date(2026, 1, 11), true),
            ("2Weeks Monday", date(2026, 1, 19), false),
            ("2Weeks Monday", date(2026, 1, 26), true),
            ("Month Third Sunday", date(2026, 2, 15), true),
            ("Month Last Sunday", date(2026, 2, 22), true),
            ("Month Last Sunday", date(2026, 3, 22), false),
            ("Month day23,day24", date(2026, 1, 24), true),
            ("2Months day1", date(2026, 2, 1), false),
        ] {
            assert_eq!(falls(text, day), is, "{text} {day}");
        }
        for text in ["", "Fortnight", "Week Someday", "Month Third", "0x"] {
            assert_eq!(of_text(text, start), None, "{text}");
        }
    }
}
