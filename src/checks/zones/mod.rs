//! Zone spread.

pub mod workload_not_zone_spread;
