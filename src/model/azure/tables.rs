//! Dated tables about Azure: which Kubernetes versions are supported, and what a missing property of a cluster means.

use std::sync::OnceLock;

use crate::resolve::versions::kubernetes_minors;

#[derive(serde::Deserialize)]
struct Defaults {
    defaults: Vec<Default>,
}

#[derive(serde::Deserialize)]
struct Default {
    path: String,
    since: String,
    value: String,
}

/// How many minor versions Azure supports at a time.
const SUPPORTED: usize = 3;

/// The supported minor versions of Kubernetes, the newest first: `1.35`.
#[must_use]
pub fn supported_minors() -> &'static [String] {
    let all = kubernetes_minors();
    all.get(..SUPPORTED).unwrap_or(all)
}

/// What Azure gives a cluster's missing property in an API version; none where it gives nothing, or the table does not say.
#[must_use]
pub fn cluster_default(path: &str, api_version: &str) -> Option<&'static str> {
    static TABLE: OnceLock<Vec<Default>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        serde_json::from_str::<Defaults>(include_str!("../../../data/cluster-defaults.json"))
            .map(|t| t.defaults)
            .unwrap_or_default()
    });
    // Versions are dates, so text compares as time does; a preview counts by its date. One that is not known is the newest.
    let date = api_version.get(..10).filter(|d| d.starts_with('2')).unwrap_or("9999");
    table.iter().find(|row| row.path == path && date >= row.since.as_str()).map(|row| row.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_parse() {
        assert_eq!(supported_minors().len(), SUPPORTED);
        let path = "properties.autoUpgradeProfile.nodeOSUpgradeChannel";
        assert_eq!(cluster_default(path, "2024-02-01"), Some("NodeImage"));
        assert_eq!(cluster_default(path, "2023-07-02-preview"), Some("NodeImage"));
        assert_eq!(cluster_default(path, "2023-01-01"), None);
    }
}
