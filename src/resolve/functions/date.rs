//! Dates: `utcNow`, `dateTimeAdd`, and the seconds since 1970. All is UTC.

use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::call::{Call, Outcome, Stop, unknown_of};
use super::date_format;
use crate::resolve::context::Context;

/// How a time was written, so that a result can be written alike.
#[derive(Clone, Copy)]
enum Form {
    /// `2020-04-07T14:53:14Z`, with decimals or without.
    Extended { decimals: usize },
    /// `2020-04-07 14:53:14Z`.
    Spaced,
    /// `20200407T145314Z`.
    Basic,
}

impl Form {
    fn pattern(self) -> String {
        match self {
            Self::Extended { decimals: 0 } => "yyyy-MM-ddTHH:mm:ssZ".to_owned(),
            Self::Extended { decimals } => {
                format!("yyyy-MM-ddTHH:mm:ss.{}Z", "f".repeat(decimals.min(7)))
            }
            Self::Spaced => "yyyy-MM-dd HH:mm:ssZ".to_owned(),
            Self::Basic => "yyyyMMddTHHmmssZ".to_owned(),
        }
    }
}

/// `utcNow(format)`: the context's time.
pub fn utc_now(call: &Call<'_>) -> Outcome {
    let Some(time) = &call.cx.time else {
        return Err(Stop::Unknown(Arc::new(Context::missing("time"))));
    };
    if let Some(stop) = unknown_of(time) {
        return Err(stop);
    }
    let (now, _) =
        time.as_str().and_then(read).ok_or_else(|| call.fail("wants a time in ISO 8601 form from the context"))?;
    let pattern = call.optional_text(0)?.unwrap_or("yyyyMMddTHHmmssZ");
    show(call, now, pattern)
}

/// `dateTimeAdd(base, duration, format)`. Without a format the result is written as the base is.
pub fn add(call: &Call<'_>) -> Outcome {
    let (base, form) = base(call)?;
    let duration = call.text(1)?;
    let duration = read_duration(duration).ok_or_else(|| {
        call.fail(format_args!(
            "expects an ISO 8601 duration such as `P1D`, not `{}`",
            super::utf16::slice(duration, 0, 60)
        ))
    })?;
    let sum = base.checked_add(duration).map_err(|_| call.fail("leaves the range of dates"))?;
    match call.optional_text(2)? {
        Some(pattern) => show(call, sum, pattern),
        None => show(call, sum, &form.pattern()),
    }
}

pub fn to_epoch(call: &Call<'_>) -> Outcome {
    let (time, _) = base(call)?;
    Ok(call.number(time.as_second()))
}

pub fn from_epoch(call: &Call<'_>) -> Outcome {
    let time = Timestamp::from_second(call.int(0)?).map_err(|_| call.fail("leaves the range of dates"))?;
    show(call, time, "yyyy-MM-ddTHH:mm:ssZ")
}

fn base(call: &Call<'_>) -> Result<(Timestamp, Form), Stop> {
    let text = call.text(0)?;
    read(text).ok_or_else(|| {
        call.fail(format_args!("expects a time in ISO 8601 form, not `{}`", super::utf16::slice(text, 0, 60)))
    })
}

fn show(call: &Call<'_>, time: Timestamp, pattern: &str) -> Outcome {
    let civil = time.to_zoned(TimeZone::UTC).datetime();
    if civil.year() < 1 {
        return Err(call.fail("leaves the range of dates"));
    }
    match date_format::format(civil, pattern) {
        Some(text) => Ok(call.string(text)),
        None => Err(call.fail(format_args!("has no date format `{}`", super::utf16::slice(pattern, 0, 60)))),
    }
}

/// A cursor over digits and marks.
struct Scan<'t>(&'t str);

impl Scan<'_> {
    fn number(&mut self, digits: usize) -> Option<i16> {
        let (text, rest) = self.0.split_at_checked(digits)?;
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        text.parse().ok()
    }

    fn mark(&mut self, mark: char) -> bool {
        match self.0.strip_prefix(mark) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }
}

/// A time in ISO 8601 form, extended or basic, with an offset or in UTC.
fn read(text: &str) -> Option<(Timestamp, Form)> {
    let mut scan = Scan(text.trim());
    let year = scan.number(4)?;
    let extended = scan.mark('-');
    let month = scan.number(2)?;
    if extended && !scan.mark('-') {
        return None;
    }
    let day = scan.number(2)?;
    let spaced = scan.mark(' ');
    let (mut hour, mut minute, mut second, mut nanos, mut decimals) = (0, 0, 0, 0i32, 0);
    if spaced || scan.mark('T') || scan.mark('t') {
        hour = scan.number(2)?;
        if extended && !scan.mark(':') {
            return None;
        }
        minute = scan.number(2)?;
        if if extended { scan.mark(':') } else { scan.0.starts_with(|c: char| c.is_ascii_digit()) } {
            second = scan.number(2)?;
        }
        if scan.mark('.') {
            while decimals < 9 && scan.0.starts_with(|c: char| c.is_ascii_digit()) {
                nanos = nanos * 10 + i32::from(scan.number(1)?);
                decimals += 1;
            }
            nanos *= 10i32.pow(9 - u32::try_from(decimals).ok()?);
        }
    }
    let offset = offset(&mut scan)?;
    if !scan.0.is_empty() {
        return None;
    }
    let small = |n: i16| i8::try_from(n).ok();
    let civil =
        DateTime::new(year, small(month)?, small(day)?, small(hour)?, small(minute)?, small(second)?, nanos).ok()?;
    let utc = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let form = match (extended, spaced) {
        (false, _) => Form::Basic,
        (true, true) => Form::Spaced,
        (true, false) => Form::Extended { decimals },
    };
    Some((utc.checked_sub(offset).ok()?, form))
}

fn offset(scan: &mut Scan<'_>) -> Option<SignedDuration> {
    if scan.0.is_empty() || scan.mark('Z') || scan.mark('z') {
        return Some(SignedDuration::ZERO);
    }
    let sign = if scan.mark('+') {
        1
    } else if scan.mark('-') {
        -1
    } else {
        return None;
    };
    let hours = scan.number(2)?;
    scan.mark(':');
    let minutes = if scan.0.is_empty() { 0 } else { scan.number(2)? };
    Some(SignedDuration::from_mins(sign * (i64::from(hours) * 60 + i64::from(minutes))))
}

/// An ISO 8601 duration as .NET's time span holds it: a year is 365 days, a month 30.
fn read_duration(text: &str) -> Option<SignedDuration> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut rest = text.strip_prefix('P')?;
    let mut total = SignedDuration::ZERO;
    let (mut time, mut any) = (false, false);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            if time {
                return None;
            }
            time = true;
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (digits, after) = rest.split_at(end);
        let unit = after.chars().next()?;
        let seconds = match (unit, time) {
            ('Y', false) => 365 * 86_400,
            ('M', false) => 30 * 86_400,
            ('W', false) => 7 * 86_400,
            ('D', false) => 86_400,
            ('H', true) => 3_600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole: i64 = whole.parse().ok()?;
        let mut part = SignedDuration::from_secs(whole.checked_mul(seconds)?);
        if !fraction.is_empty() {
            if unit != 'S' || fraction.len() > 9 {
                return None;
            }
            let nanos: i64 = format!("{fraction:0<9}").parse().ok()?;
            part = part.checked_add(SignedDuration::from_nanos(nanos))?;
        }
        total = total.checked_add(part)?;
        any = true;
        rest = after.get(unit.len_utf8()..)?;
    }
    any.then_some(if sign < 0 { -total } else { total })
}
