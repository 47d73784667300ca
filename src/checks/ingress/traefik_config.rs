//! Traefik's configuration inside of ConfigMaps, TOML or YAML, with paths that lead into the text.

use std::sync::Arc;

use crate::model::{Inventory, Resource};
use crate::path;
use crate::read::embedded::DecodeMap;
use crate::read::{toml, yaml};
use crate::source::Sources;
use crate::tree::{Path, Segment, Value};

/// A configuration.
pub struct Config<'r> {
    /// The ConfigMap.
    pub resource: &'r Arc<Resource>,
    /// The path to its text, the embedded segment included.
    pub path: Path,
    /// What it says.
    pub root: Value,
}

/// The configurations of Traefik among a stamp's ConfigMaps: those that name entry points, routers, middlewares or TLS.
pub fn configs(inventory: &Inventory) -> Vec<Config<'_>> {
    inventory.kind("ConfigMap").flat_map(of).collect()
}

/// Those of one ConfigMap.
pub fn of(map: &Arc<Resource>) -> Vec<Config<'_>> {
    let data = map.body.look("data").known().map(Value::entries).unwrap_or_default();
    let mut found = Vec::new();
    for entry in data {
        let Some(text) = entry.value.as_str() else { continue };
        let format = match entry.key.rsplit('.').next() {
            Some("toml") => "toml",
            Some("yaml" | "yml") => "yaml",
            _ => continue,
        };
        if !["entryPoints", "entrypoints", "http", "tls", "providers"].iter().any(|w| text.contains(w)) {
            continue;
        }
        // Places are made from the path when a finding is shown; the tree that is searched needs none.
        let source = Sources::new().add("embedded", text);
        let whole = DecodeMap::whole(&source);
        let root = match format {
            "toml" => toml::parse(text, &whole).ok(),
            _ => yaml::parse_embedded(text, &whole).documents.into_iter().next().map(|d| d.root),
        };
        let path = path!["data", entry.key.as_str()].join(Segment::Embedded(format));
        if let Some(root) = root
            && ["entryPoints", "http", "tls", "providers"]
                .iter()
                .any(|k| root.get_ci(k).is_some_and(|v| v.as_map().is_some()))
        {
            found.push(Config { resource: map, path, root });
        }
    }
    found
}
