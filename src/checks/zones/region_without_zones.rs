//! `region-without-zones`: a stamp's region has availability zones.

use crate::model::azure::{Place as Region, clusters, region_of};
use crate::resolve::regions;
use crate::rule::{Finding, Findings, Place, StampCx};

/// Judges a stamp: by its clusters' locations, and without any by its own region.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let clusters = clusters(cx.inventory());
    let mut said = false;
    for cluster in clusters.iter().filter(|c| !c.resource.existing) {
        let place = Place::at(cluster.resource, crate::path!["location"]);
        match region_of(cluster.resource, cx.stamp) {
            Region::Region(region) if region.has_zones() == Some(false) => {
                let message = format!("region `{}` has no availability zones", region.name);
                out.push(Finding::new(place, message).label("no availability zones").about(cluster.resource));
            }
            Region::Region(_) => {}
            Region::Unknown => out.undetermined_at(place, "the region is not known"),
        }
        said = true;
    }
    if said {
        return;
    }
    let without = cx.stamp.region.as_deref().and_then(regions::find).filter(|r| r.has_zones() == Some(false));
    if let (Some(region), Some(from)) = (without, &cx.stamp.region_from) {
        let message = format!("region `{}` has no availability zones", region.name);
        out.push(Finding::new(Place::Value(from.clone()), message).label("no availability zones"));
    }
}
