//! Which layers of rules hold for each stamp.

use super::Config;
use crate::model::Fleet;
use crate::rule::StampLayers;

/// The layers of rules of each stamp: the config's, its environment's, its own.
#[must_use]
pub fn layers<'c>(config: Option<&'c Config>, fleet: &Fleet) -> Vec<StampLayers<'c>> {
    let stamps = fleet.stamps.iter().map(|stamp| {
        let Some(config) = config else {
            return Vec::new();
        };
        let environment = config
            .environments
            .iter()
            .filter(|(name, _)| stamp.environment.as_ref() == Some(name))
            .map(|(_, layer)| layer);
        let own = config.stamp_rules.get(stamp.index).filter(|_| fleet.declared);
        std::iter::once(&config.rules).chain(environment).chain(own).collect()
    });
    stamps.collect()
}
