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
use crate::model::ways::ranges;
use crate::tree::Value;

/// The addresses that may pass by the check.
fn trusted(fleet: &Fleet) -> Vec<IpNet> {
    fleet.facts.front_door.trusted_addresses.iter().filter_map(Value::as_str).filter_map(ranges::parse).collect()
}
