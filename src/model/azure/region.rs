//! Which region a resource goes to, and what that region has.

use crate::model::{Resource, Stamp};
use crate::resolve::regions::{self, Region};
use crate::tree::Lookup;

/// Where a resource goes.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// To this region.
    Region(&'static Region),
    /// To a region that the table does not have, or that is not known.
    Unknown,
}

/// The region of a resource: its `location`, else the stamp's.
#[must_use]
pub fn region_of(resource: &Resource, stamp: &Stamp) -> Place {
    let own = match resource.body.look("location") {
        Lookup::Known(value) => value.as_str(),
        Lookup::Absent | Lookup::Unknown(_) => None,
    };
    let name = own.or(stamp.region.as_deref());
    name.and_then(regions::find).map_or(Place::Unknown, Place::Region)
}
