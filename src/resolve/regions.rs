//! The table of Azure's regions, from `data/regions.json`, which gives each column's source and date.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::context::Cloud;

/// One region.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Region {
    /// The name that templates use, such as `eastus2`.
    pub name: String,
    /// The name that people read, such as `East US 2`.
    pub display: String,
    /// The geography, within which data stays.
    pub geography: String,
    /// The cloud that it belongs to.
    pub cloud: Cloud,
    /// How many availability zones it has: none for 0; `None` where the table does not say.
    pub zones: Option<u8>,
    /// The region that Azure pairs it with.
    pub pair: Option<String>,
    /// Abbreviations in common use, in lower case. Each belongs to one region.
    pub short: Vec<String>,
    /// Resource types that are zone-redundant here without being told so.
    pub zone_redundant: Vec<String>,
}

impl Region {
    /// Whether it has availability zones; `None` where the table does not say.
    #[must_use]
    pub fn has_zones(&self) -> Option<bool> {
        self.zones.map(|n| n > 0)
    }

    /// Whether a resource of that type is zone-redundant here when its template says nothing of zones. The type
    /// compares without regard to case.
    #[must_use]
    pub fn zone_redundant_by_default(&self, resource_type: &str) -> bool {
        self.zone_redundant.iter().any(|t| t.eq_ignore_ascii_case(resource_type))
    }
}

#[derive(serde::Deserialize)]
struct Table {
    regions: Vec<Region>,
}

/// All regions, grouped by geography.
#[must_use]
pub fn all() -> &'static [Region] {
    static TABLE: OnceLock<Vec<Region>> = OnceLock::new();
    TABLE.get_or_init(|| {
        serde_json::from_str::<Table>(include_str!("../../data/regions.json"))
            .map(|table| table.regions)
            .unwrap_or_default()
    })
}

/// Longer texts are no names of regions.
const LONGEST: usize = 64;

/// The region of a name or display name, as Azure compares them: without regard to case and spaces.
#[must_use]
pub fn find(text: &str) -> Option<&'static Region> {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static Region>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| all().iter().map(|r| (r.name.as_str(), r)).collect());
    if text.len() > LONGEST {
        return None;
    }
    let wanted: String = text.chars().filter(|c| *c != ' ').map(|c| c.to_ascii_lowercase()).collect();
    by_name.get(wanted.as_str()).copied()
}

/// The region that an abbreviation stands for.
#[must_use]
pub fn by_abbreviation(text: &str) -> Option<&'static Region> {
    static BY_SHORT: OnceLock<HashMap<String, &'static Region>> = OnceLock::new();
    let by_short = BY_SHORT.get_or_init(|| {
        // Of two regions with one abbreviation the first counts.
        let short = all().iter().rev().flat_map(|r| r.short.iter().map(move |s| (s.to_ascii_lowercase(), r)));
        short.collect()
    });
    if text.len() > LONGEST {
        return None;
    }
    by_short.get(text.to_ascii_lowercase().as_str()).copied()
}

/// The region whose name a text holds: as a word, or at the beginning or end of one (`acreastus2`). The longest name wins.
#[must_use]
pub fn named_in(text: &str) -> Option<&'static Region> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| w.len() >= SHORTEST);
    let mut found: Option<&Region> = None;
    for word in words {
        let word = word.to_ascii_lowercase();
        let holds = |region: &&Region| {
            // What goes on with a digit is another name (`eastus` is not in `eastus2`), and a short one begins words.
            let ends = |rest: &str| {
                rest.is_empty() || (region.name.len() > SHORTEST && !rest.starts_with(|c: char| c.is_ascii_digit()))
            };
            word.strip_prefix(region.name.as_str()).is_some_and(ends) || word.ends_with(region.name.as_str())
        };
        let longest = all().iter().filter(holds).max_by_key(|r| r.name.len());
        found = found.into_iter().chain(longest).max_by_key(|r| r.name.len());
    }
    found
}

/// No region's name is shorter, and those as short are the beginnings of words.
const SHORTEST: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_parses_and_is_consistent() {
        assert!(all().len() > 60);
        for region in all() {
            let display: String = region.display.to_lowercase().replace(' ', "");
            assert_eq!(display, region.name);
            if let Some(pair) = &region.pair {
                assert!(find(pair).is_some(), "{pair}");
            }
            for short in &region.short {
                assert_eq!(by_abbreviation(short).map(|r| &r.name), Some(&region.name));
                assert!(find(short).is_none(), "{short}");
            }
            if region.zones == Some(0) {
                assert!(region.zone_redundant.is_empty(), "{}", region.name);
            }
        }
    }

    #[test]
    fn names_are_found_in_other_names() {
        assert!(all().iter().all(|r| r.name.len() >= SHORTEST));
        for (text, name) in [
            ("eastus2", Some("eastus2")),
            ("acreastus2", Some("eastus2")),
            ("eastus2-vnet", Some("eastus2")),
            ("kv.northcentralus.x", Some("northcentralus")),
            ("westusers", None),
            ("eastus2kv", Some("eastus2")),
            ("us-east-2", None),
            ("coast", None),
            ("eastus3", None),
        ] {
            assert_eq!(named_in(text).map(|r| r.name.as_str()), name, "{text}");
        }
    }

    #[test]
    fn finds_regions_as_azure_does() {
        let zones = |text| find(text).map(|r| r.zones);
        assert_eq!(zones("East US 2"), Some(Some(3)));
        assert_eq!(zones("EASTUS2"), Some(Some(3)));
        assert_eq!(zones("northcentralus"), Some(Some(0)));
        assert_eq!(zones("nowhere"), None);
        assert_eq!(by_abbreviation("weu").map(|r| r.name.as_str()), Some("westeurope"));
        let east = find("eastus2").unwrap();
        assert!(east.zone_redundant_by_default("microsoft.network/publicipaddresses"));
        assert!(!find("westus3").unwrap().zone_redundant_by_default("Microsoft.Network/publicIPAddresses"));
    }
}
