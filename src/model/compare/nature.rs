//! What differs between stamps by its nature: addresses, ids, certificates, and text that is the same once each stamp's
//! own tokens are taken out.

use ipnet::IpNet;

use crate::model::Stamp;
use crate::resolve::regions;
use crate::tree::{Kind, Part, Value};

/// The words that tell a stamp from the others: its name, its region and what that is called for short, its variables.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// In lower case, the longest first.
    words: Vec<String>,
}

/// The number that a parameter gives a stamp among its fellows: `03` of an `appInstanceId`, or `region1` of anything. A
/// count, a size or a version is none.
fn number(name: &str, value: &str) -> Option<String> {
    let value = value.to_lowercase();
    let word = value.trim_end_matches(|c: char| c.is_ascii_digit());
    let counted = ["region", "stamp", "cell", "unit", "instance", "ring", "shard"];
    if word.len() == value.len() {
        return None;
    }
    let name = name.to_lowercase();
    let names_one =
        name.ends_with("id") || ["instance", "stamp", "region", "index", "number"].iter().any(|w| name.ends_with(w));
    let is_one =
        counted.contains(&word.trim_end_matches(['-', '_'])) || (word.is_empty() && value.len() <= 3 && names_one);
    is_one.then_some(value)
}

/// Whether a key of this name holds the number of a stamp: `region: "1"` of labels and annotations.
pub(super) fn holds_number(key: &str, value: &str) -> bool {
    let names = ["region", "stamp", "cell", "unit", "instance", "ring", "shard"];
    names.iter().any(|n| key.eq_ignore_ascii_case(n)) && number(key, value).is_some()
}

/// What every stamp's own token is replaced by.
const OWN: &str = "\u{1}";

impl Tokens {
    /// The tokens of a stamp.
    #[must_use]
    pub fn of(stamp: &Stamp) -> Self {
        Self::of_all(std::iter::once(stamp))
    }

    /// The tokens of some stamps together.
    #[must_use]
    pub fn of_all<'s>(stamps: impl Iterator<Item = &'s Stamp>) -> Self {
        let mut words: Vec<String> = stamps.flat_map(Self::words_of).collect();
        words.retain(|w| !w.is_empty());
        words.sort_by(|a, b| (b.len(), a).cmp(&(a.len(), b)));
        words.dedup();
        Self { words }
    }

    fn words_of(stamp: &Stamp) -> Vec<String> {
        let mut words: Vec<String> = vec![stamp.name.to_lowercase().into()];
        let of_name = stamp.name.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(regions::find);
        let region = stamp.region.as_deref().and_then(regions::find);
        for region in region.into_iter().chain(of_name) {
            words.push(region.name.clone());
            words.push(region.display.to_lowercase());
            words.extend(region.short.iter().cloned());
        }
        words.extend(stamp.environment.iter().map(|e| e.to_lowercase().into()));
        words.extend(stamp.region.iter().map(|r| r.to_lowercase().into()));
        words.extend(
            stamp.own.deployed.iter().flat_map(|d| &d.parameters).filter_map(|p| number(&p.name, p.value.as_str()?)),
        );
        words.extend(stamp.vars.iter().map(|(_, value)| value.to_lowercase().into()));
        words
    }

    /// Text in lower case with the stamp's own tokens taken out. A short token counts as a word of its own only.
    #[must_use]
    pub fn take_out(&self, text: &str) -> String {
        let mut text = text.to_lowercase();
        for word in &self.words {
            text = if word.len() > 3 { text.replace(word.as_str(), OWN) } else { replace_word(&text, word) };
        }
        text
    }
}

fn replace_word(text: &str, word: &str) -> String {
    let digits = word.bytes().all(|b| b.is_ascii_digit());
    // A number is a token beside letters too (`region1`), a word only between what is no letter or digit.
    let joins = |c: char| if digits { c.is_ascii_digit() } else { c.is_ascii_alphanumeric() };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let before = rest.get(..at).unwrap_or_default();
        let after = rest.get(at + word.len()..).unwrap_or_default();
        let last = before.chars().last().or_else(|| out.chars().last());
        let alone = !last.is_some_and(joins) && !after.starts_with(joins);
        out.push_str(before);
        out.push_str(if alone { OWN } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether two values of two stamps differ by their nature, or not at all.
#[must_use]
pub fn natural(a: &Value, of_a: &Tokens, b: &Value, of_b: &Tokens) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Unknown(_), _) | (_, Kind::Unknown(_)) => true,
        (Kind::Parts(x), Kind::Parts(y)) => known(x, of_a) == known(y, of_b),
        (Kind::Parts(_), Kind::String(_)) | (Kind::String(_), Kind::Parts(_)) => true,
        (Kind::String(x), Kind::String(y)) => {
            x == y
                || nature(x).is_some_and(|n| nature(y) == Some(n))
                || same_list(x, y)
                || without_addresses(&of_a.take_out(x)) == without_addresses(&of_b.take_out(y))
                || without_hash(x)
                    .is_some_and(|a| without_hash(y).is_some_and(|b| of_a.take_out(a) == of_b.take_out(b)))
        }
        _ => a == b,
    }
}

/// What is left of a text without what differs by its nature: equal for texts of two stamps between which nothing else does.
pub(super) fn essence(text: &str, tokens: &Tokens) -> String {
    match nature(text) {
        Some(nature) => format!("{nature:?}"),
        None if same_list(text, text) => "Addresses".to_owned(),
        None => without_addresses(&tokens.take_out(without_hash(text).unwrap_or(text))),
    }
}

/// A name without the hash of its content that kustomize puts after it; none where it has none.
pub(super) fn without_hash(name: &str) -> Option<&str> {
    let (stem, hash) = name.rsplit_once('-')?;
    // The signs that kustomize writes hashes in: no vowels, and digits for signs that look alike.
    let is_sign = |b: u8| b"2456789bcdfghkmt".contains(&b);
    (hash.len() == 10 && hash.bytes().all(is_sign) && !stem.is_empty()).then_some(stem)
}

fn known(parts: &[Part], tokens: &Tokens) -> Vec<Option<String>> {
    parts.iter().map(|p| if let Part::Text(text) = p { Some(tokens.take_out(text)) } else { None }).collect()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Nature {
    Address,
    Guid,
    ResourceId,
    Certificate,
}

fn nature(text: &str) -> Option<Nature> {
    if text.parse::<IpNet>().is_ok() || text.parse::<std::net::IpAddr>().is_ok() {
        Some(Nature::Address)
    } else if is_guid(text) {
        Some(Nature::Guid)
    } else if text.starts_with("/subscriptions/") || text.starts_with("/providers/") {
        Some(Nature::ResourceId)
    } else if is_certificate(text) {
        Some(Nature::Certificate)
    } else {
        None
    }
}

/// Addresses in one text, separated by commas or spaces.
fn same_list(a: &str, b: &str) -> bool {
    let addresses = |text: &str| {
        let mut parts = text.split([',', ' ', ';']).filter(|p| !p.is_empty()).peekable();
        parts.peek().is_some() && parts.all(|p| nature(p) == Some(Nature::Address))
    };
    addresses(a) && addresses(b)
}

/// Text with the addresses and GUIDs in it replaced: a configuration file names its stamp's ranges.
fn without_addresses(text: &str) -> String {
    let joins = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '/' | '-');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(joins) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !joins(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(before);
        let natural = matches!(nature(word), Some(Nature::Address | Nature::Guid));
        out.push_str(if natural { OWN } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}

pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text
            .char_indices()
            .all(|(i, c)| if matches!(i, 8 | 13 | 18 | 23) { c == '-' } else { c.is_ascii_hexdigit() })
}

fn is_certificate(text: &str) -> bool {
    text.starts_with("-----BEGIN")
        || (text.len() > 200
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'\n')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_within_text() {
        let same = |a: &str, b: &str| without_addresses(a) == without_addresses(b);
        assert!(same("trustedIPs = [\"10.243.5.0/24\"]", "trustedIPs = [\"10.244.5.0/24\"]"));
        assert!(!same("level = \"debug\"", "level = \"info\""));
        assert!(!same("version = 1.11", "version = 1.12"));
    }

    #[test]
    fn hashes_of_content_are_told_from_words() {
        assert_eq!(without_hash("settings-6ct58987ht"), Some("settings"));
        for name in ["settings", "settings-production", "a-6ct58987h", "-6ct58987ht", "web-6CT58987HT"] {
            assert_eq!(without_hash(name), None, "{name}");
        }
    }

    #[test]
    fn numbers_of_stamps() {
        for (name, value, is) in [
            ("appInstanceId", "03", true),
            ("directory", "region1", true),
            ("userNodes", "3", false),
            ("vmSize", "Standard_D4s_v5", false),
            ("kubernetesVersion", "1.32", false),
        ] {
            assert_eq!(number(name, value).is_some(), is, "{name} {value}");
        }
        assert!(holds_number("region", "1") && holds_number("stamp", "region2"));
        assert!(!holds_number("nodesPerRegion", "1") && !holds_number("region", "north") && !holds_number("zone", "1"));
    }

    #[test]
    fn own_tokens_are_taken_out() {
        let east = Tokens { words: vec!["eastus2".into(), "eus2".into(), "1".into()] };
        let central = Tokens { words: vec!["centralus".into(), "cus".into(), "2".into()] };
        for (a, b, same) in [
            ("vnet-eastus2", "vnet-centralus", true),
            ("kv-eus2-01", "kv-cus-01", true),
            ("region1", "region2", true),
            ("focus", "fo1", false),
            ("10.1.0.0", "10.2.0.0", true),
            ("v1.11", "v1.12", false),
        ] {
            assert_eq!(east.take_out(a) == central.take_out(b), same, "{a} {b}");
        }
    }
}
