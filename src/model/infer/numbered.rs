//! Series of numbers (`region1`, `region2`): they make no stamps, but join those that are there, by content.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::words::numbers;
use crate::tree::Text;

/// A file or folder whose name may be numbered.
#[derive(Clone, Debug)]
pub struct Item<'f> {
    /// Its path.
    pub path: &'f str,
    /// Addresses in it.
    pub addresses: Vec<IpAddr>,
}

/// What decides: the strings of a stamp's parameter files.
#[derive(Clone, Copy, Debug)]
pub struct Known<'f> {
    /// The strings.
    pub strings: &'f [Text],
}

/// Where a numbered file or folder goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Joined {
    /// To a stamp, by index, with the reason.
    Stamp(usize, String),
    /// Nothing decides.
    Open,
}

/// Finds numbered series and joins each member to the one stamp whose parameters know it.
#[must_use]
pub fn join<'f>(items: &[Item<'f>], stamps: &[Known<'_>]) -> BTreeMap<&'f str, Joined> {
    let mut groups: BTreeMap<String, Vec<(&Item<'f>, Vec<String>)>> = BTreeMap::new();
    for item in items {
        let (key, found) = numbers(item.path);
        if !found.is_empty() {
            groups.entry(key).or_default().push((item, found));
        }
    }
    let mut joined = BTreeMap::new();
    for members in groups.values() {
        let Some((_, first)) = members.first() else {
            continue;
        };
        let mut differing = (0..first.len()).filter(|i| members.iter().any(|(_, n)| n.get(*i) != first.get(*i)));
        let (Some(at), None) = (differing.next(), differing.next()) else {
            continue;
        };
        for (item, _) in members {
            joined.insert(item.path, stamp_of(item, at, stamps));
        }
    }
    joined
}

fn stamp_of(item: &Item<'_>, number: usize, stamps: &[Known<'_>]) -> Joined {
    let word = word(item.path, number);
    if let Some((stamp, text)) = only(stamps, |s| names(s, item.path, &word)) {
        return Joined::Stamp(stamp, format!("the stamp's parameters name `{text}`"));
    }
    match only(stamps, |s| holds(s, &item.addresses)) {
        Some((stamp, text)) => Joined::Stamp(stamp, format!("`{text}` lies in the stamp's network")),
        None => Joined::Open,
    }
}

/// The only stamp for which something is found.
fn only<'s>(stamps: &[Known<'s>], find: impl Fn(&Known<'s>) -> Option<String>) -> Option<(usize, String)> {
    let mut found = stamps.iter().enumerate().filter_map(|(i, s)| Some((i, find(s)?)));
    let one = found.next()?;
    found.next().is_none().then_some(one)
}

fn names(stamp: &Known<'_>, path: &str, word: &str) -> Option<String> {
    let same = |s: &&Text| {
        let text = s.trim_start_matches("./").trim_end_matches('/');
        text == path || text.split('/').any(|part| part == word)
    };
    stamp.strings.iter().find(same).map(ToString::to_string)
}

fn holds(stamp: &Known<'_>, addresses: &[IpAddr]) -> Option<String> {
    let networks: Vec<IpNet> = stamp
        .strings
        .iter()
        .filter_map(|s| s.parse::<IpNet>().ok())
        // A range that holds everything tells nothing.
        .filter(|n| n.prefix_len() > 0)
        .collect();
    let inside =
        |a: &&IpAddr| networks.iter().any(|n| n.contains(*a)) || stamp.strings.iter().any(|s| **s == *a.to_string());
    addresses.iter().find(inside).map(ToString::to_string)
}

/// The word around the number at a position: `region1` of `workload/traefik-region1.yaml`.
fn word(path: &str, number: usize) -> String {
    let (key, found) = numbers(path);
    let mut word = String::new();
    let mut seen = 0;
    let mut holds = false;
    for c in key.chars() {
        if c == '\u{3}' {
            word.push_str(found.get(seen).map_or("", String::as_str));
            holds |= seen == number;
            seen += 1;
        } else if c.is_alphanumeric() {
            word.push(c);
        } else {
            if holds {
                break;
            }
            word.clear();
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_or_nothing_does() {
        let item =
            |path, addresses: &[&str]| Item { path, addresses: addresses.iter().map(|a| a.parse().unwrap()).collect() };
        let items = [
            item("o/region1", &[]),
            item("o/region2", &[]),
            item("t1.yaml", &["10.1.0.4", "1.2.3.4"]),
            item("t2.yaml", &["10.2.0.4"]),
            item("t3.yaml", &["10.3.0.4"]),
            item("only1.yaml", &["10.1.0.4"]),
        ];
        let texts = |words: &[&str]| -> Vec<Text> { words.iter().map(|w| Text::from(*w)).collect() };
        let (a, b) = (texts(&["clusters/region2", "10.1.0.0/16", "0.0.0.0/0"]), texts(&["region1", "10.2.0.0/16"]));
        let joined = join(&items, &[Known { strings: &a }, Known { strings: &b }]);
        let stamp = |path: &str| match joined.get(path) {
            Some(Joined::Stamp(i, _)) => Some(*i),
            _ => None,
        };
        assert_eq!(
            [stamp("o/region1"), stamp("o/region2"), stamp("t1.yaml"), stamp("t2.yaml"), stamp("t3.yaml")],
            [Some(1), Some(0), Some(0), Some(1), None]
        );
        assert_eq!(joined.get("t3.yaml"), Some(&Joined::Open));
        assert_eq!(joined.get("only1.yaml"), None);
    }
}
