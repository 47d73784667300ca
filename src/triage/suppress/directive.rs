//! What a suppression says: `allow RULE[, RULE] [in STAMP[, STAMP]] -- reason [until 2027-01-31]`. Text only; what the
//! names stand for is settled elsewhere.

use std::ops::Range;

use jiff::civil::Date;

/// A word with its place in the text that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Its bytes in the text.
    pub range: Range<usize>,
}

/// Why something is accepted, where and how long.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Grounds {
    /// The stamps that it is limited to; none for all.
    pub stamps: Vec<Word>,
    /// The reason; empty where none is given.
    pub reason: String,
    /// How long.
    pub until: Until,
}

/// How long a suppression holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Until {
    /// For good.
    #[default]
    Always,
    /// To the end of this day.
    Day(Date),
    /// To a day that is none.
    NoDay(String),
}

/// What a comment says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// Nothing that is meant for us.
    Nothing,
    /// It accepts findings.
    Allow {
        /// The rules.
        rules: Vec<Word>,
        /// Whether it holds for the whole file.
        file: bool,
        /// Why.
        grounds: Grounds,
    },
    /// It is addressed to us and cannot be understood.
    Unclear {
        /// What is wrong.
        message: String,
        /// What to write.
        help: String,
    },
}

/// How every form begins.
pub const ADDRESS: &str = "stamplint:";

const FORM: &str = "`stamplint: allow RULE -- reason`";

/// Reads the text of a comment, its `#`, `//` or `/*` included.
#[must_use]
pub fn comment(text: &str) -> Said {
    let marks = text.len() - text.trim_start_matches(['#', '/', '*', ' ', '\t', '\r', '\n']).len();
    let Some(rest) = text.get(marks..).and_then(|t| t.strip_prefix(ADDRESS)) else {
        return Said::Nothing;
    };
    let rest = rest.strip_suffix("*/").unwrap_or(rest);
    let at = marks + ADDRESS.len();
    let verb_at = at + (rest.len() - rest.trim_start().len());
    let rest = rest.trim_start();
    let end = rest.find(|c: char| c.is_whitespace() || c == ':').unwrap_or(rest.len());
    let (verb, after) = rest.split_at(end);
    match verb {
        "allow" | "allow-file" => allow(after, verb_at + end, verb == "allow-file"),
        _ if is_meant(verb) => Said::Unclear {
            message: format!("`{verb}` is no word of a suppression"),
            help: format!("write {FORM}, or `allow-file` for the whole file"),
        },
        _ => Said::Nothing,
    }
}

/// Whether a word was probably meant to accept something: a plain remark about the tool is none.
fn is_meant(verb: &str) -> bool {
    let verb = verb.to_ascii_lowercase();
    let known = ["ignore", "disable", "suppress", "skip", "noqa", "nolint", "accept", "exclude"];
    known.iter().any(|k| verb == *k || verb.strip_prefix(k).is_some_and(|rest| rest.starts_with('-')))
        || verb.starts_with("allow")
        || strsim::damerau_levenshtein(&verb, "allow") == 1
}

fn allow(text: &str, at: usize, file: bool) -> Said {
    let (names, why) = match dashes(text) {
        Some((names, why)) => (names, Some(why)),
        // No reason, but a day.
        None => match last_until(text) {
            Some((names, _)) => (names, text.get(names.len()..)),
            None => (text, None),
        },
    };
    let (rules, stamps) = match in_word(names) {
        Some(i) => (names.get(..i).unwrap_or_default(), names.get(i..).unwrap_or_default()),
        None => (names, ""),
    };
    let after_in = stamps.trim_start().strip_prefix("in").unwrap_or_default();
    let rules = words(rules, at);
    if rules.is_empty() {
        return Said::Unclear { message: "the suppression names no rule".to_owned(), help: format!("write {FORM}") };
    }
    if !stamps.is_empty() && after_in.trim().is_empty() {
        return Said::Unclear {
            message: "the suppression names no stamp after `in`".to_owned(),
            help: "write `in STAMP`, or leave `in` out for all stamps".to_owned(),
        };
    }
    let stamps = words(after_in, at + names.len() - after_in.len());
    let (reason, until) = reason(why.unwrap_or_default());
    Said::Allow { rules, file, grounds: Grounds { stamps, reason, until } }
}

/// Splits at the dashes that begin the reason. An em or en dash, which editors put in their place, counts too.
fn dashes(text: &str) -> Option<(&str, &str)> {
    let found = ["--", "—", "–"].iter().filter_map(|d| text.find(d).map(|i| (i, d.len()))).min()?;
    Some((text.get(..found.0)?, text.get(found.0..)?.trim_start_matches(['-', '—', '–'])))
}

/// Where the word `in` stands between rules and stamps.
fn in_word(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(i) = text.get(from..)?.find("in").map(|i| i + from) {
        let before = text.get(..i)?.chars().last();
        let after = text.get(i + 2..)?.chars().next();
        if before.is_some_and(char::is_whitespace) && after.is_none_or(char::is_whitespace) {
            return Some(i);
        }
        from = i + 2;
    }
    None
}

/// Words between commas, each with its place.
fn words(text: &str, at: usize) -> Vec<Word> {
    let mut found = Vec::new();
    let mut start = 0;
    for piece in text.split(',') {
        let word = piece.trim();
        if !word.is_empty() {
            let from = at + start + (piece.len() - piece.trim_start().len());
            found.push(Word { text: word.to_owned(), range: from..from + word.len() });
        }
        start += piece.len() + 1;
    }
    found
}

/// The text of an annotation: `[in STAMP[, STAMP]:] reason [until 2027-01-31]`.
#[must_use]
pub fn annotation(text: &str) -> Grounds {
    let stamps = text.trim_start().strip_prefix("in").filter(|rest| rest.starts_with(char::is_whitespace));
    let limited = stamps.and_then(|rest| rest.split_once(':')).filter(|(names, _)| {
        let mut names = names.split(',').map(str::trim);
        names.all(|name| !name.is_empty() && !name.contains(char::is_whitespace))
    });
    let (stamps, why) = match limited {
        Some((names, why)) => (words(names, 0), why),
        None => (Vec::new(), text),
    };
    let (reason, until) = reason(why);
    Grounds { stamps, reason, until }
}

/// A reason and the day that it ends with. `until` before what is no day is a word like any other, unless a day was
/// plainly meant.
#[must_use]
pub fn reason(text: &str) -> (String, Until) {
    let text = text.trim();
    let Some((before, after)) = last_until(text) else {
        return (text.to_owned(), Until::Always);
    };
    let word = after.split_whitespace().next().unwrap_or_default().trim_end_matches(['.', ',', ';', ')', ']']);
    let trimmed = |text: &str| text.trim().trim_end_matches(['(', '[', ',', ';']).trim_end().to_owned();
    match day(word) {
        Some(day) => (trimmed(before), Until::Day(day)),
        None if is_year_in(after) || after.trim().is_empty() => {
            (trimmed(before), Until::NoDay(after.trim().to_owned()))
        }
        None => (text.to_owned(), Until::Always),
    }
}

/// A day as it is to be written. The library reads more, such as weeks and times of day.
#[must_use]
pub fn day(text: &str) -> Option<Date> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    if form { text.parse().ok() } else { None }
}

fn last_until(text: &str) -> Option<(&str, &str)> {
    let mut end = text.len();
    while let Some(i) = text.get(..end)?.rfind("until") {
        let before = text.get(..i)?;
        let after = text.get(i + 5..)?;
        let opens = before.chars().last().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | ',' | ';'));
        if opens && after.chars().next().is_none_or(char::is_whitespace) {
            return Some((before, after));
        }
        end = i;
    }
    None
}

/// Whether text names a year of this century.
fn is_year_in(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|n| n.starts_with("20") && (n.len() == 4 || n.len() == 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match comment(text) {
            Said::Nothing => "nothing".to_owned(),
            Said::Unclear { message, .. } => message,
            Said::Allow { rules, file, grounds } => {
                for word in rules.iter().chain(&grounds.stamps) {
                    assert_eq!(text.get(word.range.clone()), Some(word.text.as_str()), "{text}");
                }
                let list = |words: &[Word]| words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join("+");
                let until = match grounds.until {
                    Until::Always => String::new(),
                    Until::Day(day) => day.to_string(),
                    Until::NoDay(text) => format!("no day {text}"),
                };
                let file = if file { "file " } else { "" };
                format!("{file}{} | {} | {} | {until}", list(&rules), list(&grounds.stamps), grounds.reason)
            }
        }
    }

    #[test]
    fn comments_are_read() {
        for (text, expected) in [
            ("# stamplint: allow a-b -- why", "a-b |  | why | "),
            ("#stamplint:allow a-b--why", "a-b |  | why | "),
            ("// stamplint: allow a, b in east,west -- why until 2027-01-31", "a+b | east+west | why | 2027-01-31"),
            ("/* stamplint: allow a -- why */", "a |  | why | "),
            ("/*\n * stamplint: allow a -- why\n */", "a |  | why | "),
            ("# stamplint: allow-file a -- why -- really", "file a |  | why -- really | "),
            ("# stamplint: allow in-a in in -- in it", "in-a | in | in it | "),
            ("# stamplint: allow a — why", "a |  | why | "),
            ("# stamplint: allow a", "a |  |  | "),
            ("# stamplint: allow a --", "a |  |  | "),
            ("# stamplint: allow a until 2027-01-31", "a |  |  | 2027-01-31"),
            ("# stamplint: allow a -- until 2027-01-31", "a |  |  | 2027-01-31"),
            ("# stamplint: allow a -- why (until 2027-01-31).", "a |  | why | 2027-01-31"),
            ("# stamplint: allow a -- wait until it ships", "a |  | wait until it ships | "),
            ("# stamplint: allow a -- wait until 1.30.2", "a |  | wait until 1.30.2 | "),
            ("# stamplint: allow a -- why until 2027-02-30", "a |  | why | no day 2027-02-30"),
            ("# stamplint: allow a -- why until 31.01.2027", "a |  | why | no day 31.01.2027"),
            ("# stamplint: allow a -- why until January 2027", "a |  | why | no day January 2027"),
            ("# stamplint: allow a -- why until", "a |  | why | no day "),
            ("# stamplint: allow gatekeeper/no-latest -- why", "gatekeeper/no-latest |  | why | "),
            ("# stamplint: allow", "the suppression names no rule"),
            ("# stamplint: allow -- why", "the suppression names no rule"),
            ("# stamplint: allow a in -- why", "the suppression names no stamp after `in`"),
            ("# stamplint: ignore a", "`ignore` is no word of a suppression"),
            ("# stamplint: alow a -- why", "`alow` is no word of a suppression"),
            ("# stamplint: allow-line a -- why", "`allow-line` is no word of a suppression"),
            ("# stamplint: checked by the platform team", "nothing"),
            ("# see stamplint: allow a -- why", "nothing"),
            ("# stamplint allow a", "nothing"),
            ("# mystamplint: allow a", "nothing"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn annotations_are_read() {
        for (text, stamps, reason) in [
            ("why", 0, "why"),
            ("in east: why", 1, "why"),
            ("in east, west: why: really", 2, "why: really"),
            ("in short: see the ticket", 1, "see the ticket"),
            ("in the office: why", 0, "in the office: why"),
            ("inside: why", 0, "inside: why"),
            ("", 0, ""),
        ] {
            let grounds = annotation(text);
            assert_eq!((grounds.stamps.len(), grounds.reason.as_str()), (stamps, reason), "{text}");
        }
    }
}
