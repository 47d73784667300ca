//! Front Door, and only Front Door.

mod fix;

pub mod fdid_not_checked;
pub mod fdid_wrong;
pub mod front_door_waf_off;
pub mod not_active_active;
pub mod origin_open_to_internet;
pub mod plaintext_to_origin;
pub mod stamp_not_an_origin;

use ipnet::IpNet;

use crate::model::Fleet;
use crate::model::ways::{self, ranges};
use crate::rule::Options;
use crate::tree::Value;

/// The addresses that may pass by the check.
fn trusted(fleet: &Fleet) -> Vec<IpNet> {
    fleet.facts.front_door.trusted_addresses.iter().filter_map(Value::as_str).filter_map(ranges::parse).collect()
}

/// What the config says about who may pass: `frontDoor.trustedAddresses`, and the options of `fdid-not-checked`.
#[must_use]
pub fn who_may_pass(fleet: &Fleet, options: &Options) -> ways::Options {
    ways::Options { trusted: trusted(fleet), middlewares: options.strings("middlewares").map(str::to_owned).collect() }
}
