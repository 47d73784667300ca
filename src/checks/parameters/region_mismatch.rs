//! `region-mismatch`: a deployment's own location is the stamp's, and what the names of the file and of the stamp say.

use crate::model::Stamp;
use crate::resolve::regions::{self, Region};
use crate::resolve::template::{BoundParameter, Source};
use crate::rule::{Finding, Findings, Place, StampCx};

/// Judges the deployments of a stamp, and its name.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let stamp = cx.stamp;
    let own = stamp.region.as_deref().and_then(regions::find);
    for deployed in &stamp.own.deployed {
        let Some(location) = deployed.parameters.iter().find(|p| is_own_location(p)) else { continue };
        let Some(region) = location.value.as_str().and_then(regions::find) else { continue };
        let by_file = deployed.files.iter().find_map(|f| named(f.rsplit('/').next().unwrap_or(f)));
        let expected = match (by_file, own) {
            (Some(by_file), _) if by_file.name != region.name => Some((by_file, "the name of its file")),
            (_, Some(own)) if own.name != region.name => Some((own, "its stamp")),
            _ => None,
        };
        if let Some((expected, says)) = expected {
            let message = format!(
                "stamp `{}` deploys `{}` to `{}`, and {says} says `{}`",
                stamp.name, deployed.id, region.name, expected.name
            );
            out.push(
                Finding::new(Place::Value(location.value.clone()), message)
                    .label(format!("{says} says `{}`", expected.name)),
            );
        }
    }
    name_and_region(stamp, own, out);
}

fn is_own_location(parameter: &BoundParameter) -> bool {
    parameter.name.eq_ignore_ascii_case("location") && matches!(parameter.source, Source::File | Source::Set)
}

fn name_and_region(stamp: &Stamp, own: Option<&'static Region>, out: &mut Findings) {
    let (Some(own), Some(by_name), Some(from)) = (own, named(&stamp.name), &stamp.region_from) else { return };
    // A region that a parameter gave was compared above.
    let said_for_the_stamp = !stamp.own.deployed.iter().flat_map(|d| &d.parameters).any(|p| p.value.span == from.span);
    if said_for_the_stamp && by_name.name != own.name && !from.span.is_none() {
        let message =
            format!("stamp `{}` is in region `{}`, and its name says `{}`", stamp.name, own.name, by_name.name);
        out.push(Finding::new(Place::Value(from.clone()), message).label(format!("the name says `{}`", by_name.name)));
    }
}

/// The region that a name holds, if it holds exactly one: as a word of its own, in full or abbreviated.
fn named(name: &str) -> Option<&'static Region> {
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| w.len() > 2).collect();
    let full: Vec<&Region> = words.iter().filter_map(|w| regions::find(w)).collect();
    let short: Vec<&Region> = words.iter().filter_map(|w| regions::by_abbreviation(w)).collect();
    match (full.as_slice(), short.as_slice()) {
        ([one], _) => Some(one),
        ([], [one]) => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn names_hold_regions_as_words() {
        let name = |text| named(text).map(|r| r.name.as_str());
        assert_eq!(name("main.parameters.eastus2.json"), Some("eastus2"));
        assert_eq!(name("prod-weu"), Some("westeurope"));
        assert_eq!(name("main.json"), None);
        assert_eq!(name("eastus2-to-centralus.json"), None);
    }
}
