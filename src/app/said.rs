//! What the config and the command line say together: which helm may run, which layers of rules hold for a stamp.

use std::path::Path;

use super::config::Config;
use super::helm::{HelmProgram, SECONDS};
use crate::model::Fleet;
use crate::rule::StampLayers;
use crate::tree::Value;

/// What the command line says of helm, else the config.
pub fn helm(asked: Option<&str>, config: Option<&Config>, root: &Path) -> HelmProgram {
    let said = config.and_then(|c| c.root.get("helm")).filter(|h| !h.is_null());
    let get = |key: &str| said.and_then(|h| h.get(key));
    // A path within the tree that is checked would let that tree say what is run.
    let is_elsewhere = |path: &Path| {
        path.components().count() == 1
            || path.is_absolute() && std::fs::canonicalize(path).is_ok_and(|full| !full.starts_with(root))
    };
    let named = get("program").and_then(Value::as_str).filter(|p| is_elsewhere(Path::new(p)));
    let seconds = get("timeout").and_then(Value::as_i64).and_then(|n| u64::try_from(n).ok());
    HelmProgram {
        program: asked.filter(|a| !a.is_empty()).or(named).unwrap_or("helm").to_owned(),
        seconds: seconds.unwrap_or(SECONDS).clamp(1, 3600),
        allowed: asked.is_some() || said.is_some(),
    }
}

/// The layers of rules of each stamp: the config's, its environment's, its own.
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
