//! `parameter-drift`: stamps of one template and one environment differ only in the parameters that may.

use std::collections::BTreeMap;

use super::explained::Explained;
use crate::checks::setting::said;
use crate::model::compare::{Tokens, differing_leaves, environments, outliers};
use crate::model::drift::Allowed;
use crate::model::{Deployed, Stamp, StampSet};
use crate::resolve::template::{BoundParameter, Source};
use crate::rule::{Finding, Findings, FleetCx, Place};
use crate::tree::{Text, Value};

/// Compares the parameters of each environment's stamps, template by template.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    let allowed = Allowed::of(&cx.fleet.facts.drift);
    for stamps in environments(cx.fleet) {
        let tokens: Vec<Tokens> = stamps.iter().map(|s| Tokens::of(s)).collect();
        let explained = Explained::of(cx, &stamps);
        for ((id, name), _) in parameters(&stamps) {
            if allowed.parameter(&name) || explained.elsewhere(&id, &name) {
                continue;
            }
            let found: Vec<Option<(&Deployed, &BoundParameter)>> =
                stamps.iter().map(|s| parameter(s, &id, &name)).collect();
            compare(&stamps, &tokens, &name, &found, &explained, out);
        }
    }
}

/// Every parameter of every deployment of a group, once.
fn parameters(stamps: &[&Stamp]) -> BTreeMap<(Text, Text), ()> {
    let all = stamps.iter().flat_map(|s| &s.own.deployed);
    all.flat_map(|d| d.parameters.iter().map(|p| ((d.id.clone(), p.name.clone()), ()))).collect()
}

fn parameter<'s>(stamp: &'s Stamp, id: &str, name: &str) -> Option<(&'s Deployed, &'s BoundParameter)> {
    let deployed = stamp.own.deployed.iter().find(|d| d.id == id)?;
    let parameter = deployed.parameters.iter().find(|p| p.name == name)?;
    // What nobody gave, or is secret, cannot be compared.
    let known = parameter.source != Source::Missing && !parameter.secure && !parameter.value.has_unknown();
    known.then_some((deployed, parameter))
}

type Bound<'s> = (&'s Deployed, &'s BoundParameter);

fn compare(
    stamps: &[&Stamp],
    tokens: &[Tokens],
    name: &str,
    found: &[Option<Bound<'_>>],
    explained: &Explained<'_>,
    out: &mut Findings,
) {
    // Values that differ only by their nature fall into one class: each is compared with the first of its class.
    let mut classes: Vec<usize> = Vec::new();
    let class_of: Vec<Option<usize>> = found
        .iter()
        .enumerate()
        .map(|(i, value)| {
            let (_, parameter) = (*value)?;
            let same = |first: &usize| {
                let (Some(Some((_, other))), Some(a), Some(b)) = (found.get(*first), tokens.get(*first), tokens.get(i))
                else {
                    return false;
                };
                differing_leaves(&other.value, a, &parameter.value, b).is_empty()
            };
            let class = classes.iter().position(same).unwrap_or_else(|| {
                classes.push(i);
                classes.len() - 1
            });
            Some(class)
        })
        .collect();
    for outlier in outliers(&class_of) {
        let Some(Some((_, norm))) = found.get(outlier.norm) else { continue };
        for odd in outlier.odd {
            let (Some(Some((deployed, parameter))), Some(stamp), Some(norm_stamp)) =
                (found.get(odd), stamps.get(odd), stamps.get(outlier.norm))
            else {
                continue;
            };
            let (Some(a), Some(b)) = (tokens.get(odd), tokens.get(outlier.norm)) else { continue };
            if explained.value(&parameter.value) {
                continue;
            }
            report(name, stamp, norm_stamp, (deployed, parameter), norm, (a, b), out);
        }
    }
}

fn report(
    name: &str,
    stamp: &Stamp,
    norm_stamp: &Stamp,
    odd: Bound<'_>,
    norm: &BoundParameter,
    tokens: (&Tokens, &Tokens),
    out: &mut Findings,
) {
    let (deployed, parameter) = odd;
    let stamps = StampSet::one(stamp.index);
    if parameter.source == Source::Default && norm.source != Source::Default {
        let message = format!(
            "stamp `{}` leaves `{name}` to its default, {}, and `{}` sets {}",
            stamp.name,
            said(&parameter.value),
            norm_stamp.name,
            said(&norm.value)
        );
        let place = Place::Value(Value::null(deployed.anchor));
        let finding = Finding::new(place, message).label(format!("no `{name}` here")).stamps(stamps);
        out.push(finding.related(Place::Value(norm.value.clone()), format!("`{}` sets it here", norm_stamp.name)));
        return;
    }
    for leaf in differing_leaves(&parameter.value, tokens.0, &norm.value, tokens.1) {
        let inside = if leaf.path.0.is_empty() { String::new() } else { format!(".{}", leaf.path) };
        let ours = leaf.first.map_or("nothing".to_owned(), said);
        let theirs = leaf.second.map_or("nothing".to_owned(), said);
        let message =
            format!("`{name}{inside}` is {ours} in stamp `{}`, and {theirs} in `{}`", stamp.name, norm_stamp.name);
        let place = leaf.first.cloned().unwrap_or_else(|| parameter.value.clone());
        let other = leaf.second.cloned().unwrap_or_else(|| norm.value.clone());
        let finding = Finding::new(Place::Value(place), message).label(format!("{theirs} in `{}`", norm_stamp.name));
        out.push(
            finding.stamps(stamps.clone()).related(Place::Value(other), format!("as `{}` has it", norm_stamp.name)),
        );
    }
}
