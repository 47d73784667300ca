//! `regions-not-paired`: the regions of an environment's stamps form pairs, where the regions have pairs.

use crate::model::compare::environments;
use crate::model::{Stamp, StampSet};
use crate::resolve::regions::{self, Region};
use crate::rule::{Finding, Findings, FleetCx, Place};
use crate::tree::Value;

/// Judges environments of two regions or more; one region is `single-region`'s.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    for stamps in environments(cx.fleet) {
        let held: Vec<(&Stamp, &'static Region)> =
            stamps.iter().filter_map(|s| Some((*s, s.region.as_deref().and_then(regions::find)?))).collect();
        // A region that is not known may be the other half of any pair.
        if held.len() < stamps.len() {
            continue;
        }
        let paired = |region: &Region| {
            held.iter().any(|(_, other)| {
                region.pair.as_ref() == Some(&other.name) || other.pair.as_ref() == Some(&region.name)
            })
        };
        let alone: Vec<&(&Stamp, &Region)> = held.iter().filter(|(_, r)| r.pair.is_some() && !paired(r)).collect();
        let several = held.iter().any(|(_, r)| held.first().is_some_and(|(_, first)| first.name != r.name));
        let (Some((stamp, region)), true) = (alone.last(), several) else { continue };
        report(cx, stamp, region, &alone, out);
    }
}

fn report(cx: &FleetCx<'_>, stamp: &Stamp, region: &Region, alone: &[&(&Stamp, &Region)], out: &mut Findings) {
    let pair = region.pair.as_deref().unwrap_or_default();
    let message = format!("`{}` is paired with `{pair}`, and no stamp is there", region.name);
    let mut finding = Finding::new(place(cx, stamp), message).label(format!("its pair is `{pair}`"));
    let others = alone.iter().filter(|(_, r)| r.name != region.name);
    for (other, its) in others.clone() {
        finding =
            finding.related(place(cx, other), format!("its pair is `{}`", its.pair.as_deref().unwrap_or_default()));
    }
    let stamps = alone.iter().map(|(s, _)| s.index);
    out.push(finding.stamps(StampSet::from_indexes(stamps)));
}

/// Where the region was said, else where the stamps are declared.
fn place(cx: &FleetCx<'_>, stamp: &Stamp) -> Place {
    let said: Option<&Value> = stamp.region_from.as_ref().filter(|v| !v.span.is_none());
    match (said, cx.fleet.stamps_key) {
        (Some(value), _) => Place::Value(value.clone()),
        (None, _) if !stamp.declared.is_none() => Place::Span(stamp.declared),
        (None, Some(span)) => Place::Span(span),
        (None, None) => Place::Nowhere,
    }
}
