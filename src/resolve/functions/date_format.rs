//! .NET's standard and custom formats for dates, in the invariant culture and UTC.

use jiff::civil::DateTime;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The time in a format; `None` when there is no such format.
pub fn format(time: DateTime, pattern: &str) -> Option<String> {
    let custom = match pattern {
        "d" => "MM/dd/yyyy",
        "D" => "dddd, dd MMMM yyyy",
        "f" => "dddd, dd MMMM yyyy HH:mm",
        "F" | "U" => "dddd, dd MMMM yyyy HH:mm:ss",
        "g" => "MM/dd/yyyy HH:mm",
        "G" | "" => "MM/dd/yyyy HH:mm:ss",
        "m" | "M" => "MMMM dd",
        "o" | "O" => "yyyy-MM-ddTHH:mm:ss.fffffffZ",
        "r" | "R" => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        "u" => "yyyy-MM-dd HH:mm:ssZ",
        "y" | "Y" => "yyyy MMMM",
        one if one.chars().count() == 1 => return None,
        custom => custom,
    };
    let mut out = String::new();
    let mut rest = custom;
    while let Some(c) = rest.chars().next() {
        let run = rest.chars().take_while(|other| *other == c).count();
        let taken = match c {
            '\'' | '"' => {
                let inner = rest.get(1..)?;
                let end = inner.find(c)?;
                out.push_str(inner.get(..end)?);
                end + 2
            }
            '\\' => {
                let next = rest.get(1..)?.chars().next()?;
                out.push(next);
                1 + next.len_utf8()
            }
            '%' => {
                let next = rest.get(1..)?.chars().next()?;
                piece(time, next, 1, &mut out)?;
                1 + next.len_utf8()
            }
            _ => {
                piece(time, c, run, &mut out)?;
                run * c.len_utf8()
            }
        };
        rest = rest.get(taken..)?;
    }
    Some(out)
}

fn piece(time: DateTime, c: char, run: usize, out: &mut String) -> Option<()> {
    let hour = i32::from(time.hour());
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let number = |n: i32| format!("{n:0>width$}", width = run.min(2));
    let name = |names: &[&'static str], index: i8| names.get(usize::try_from(index).ok()?).copied();
    let text = match c {
        'd' if run <= 2 => number(i32::from(time.day())),
        'd' => {
            let day = name(&DAYS, time.date().weekday().to_sunday_zero_offset())?;
            (if run == 3 { day.get(..3)? } else { day }).to_owned()
        }
        'M' if run <= 2 => number(i32::from(time.month())),
        'M' => {
            let month = name(&MONTHS, time.month() - 1)?;
            (if run == 3 { month.get(..3)? } else { month }).to_owned()
        }
        'y' if run <= 2 => number(i32::from(time.year()) % 100),
        'y' => format!("{:0>run$}", time.year()),
        'H' => number(hour),
        'h' => number(twelve),
        'm' => number(i32::from(time.minute())),
        's' => number(i32::from(time.second())),
        'f' | 'F' if run <= 7 => {
            let digits = format!("{:09}", time.subsec_nanosecond());
            let digits = digits.get(..run)?;
            if c == 'F' { digits.trim_end_matches('0').to_owned() } else { digits.to_owned() }
        }
        'f' | 'F' => return None,
        't' => {
            let half = if hour < 12 { "AM" } else { "PM" };
            half.get(..run.min(2))?.to_owned()
        }
        'g' => "A.D.".to_owned(),
        'K' => "Z".repeat(run),
        'z' => match run {
            1 => "+0".to_owned(),
            2 => "+00".to_owned(),
            _ => "+00:00".to_owned(),
        },
        other => std::iter::repeat_n(other, run).collect(),
    };
    out.push_str(&text);
    Some(())
}
