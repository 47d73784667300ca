//! Application Gateway's predefined TLS policies.

use std::sync::OnceLock;

#[derive(serde::Deserialize)]
struct Table {
    policies: Vec<Policy>,
    defaults: Vec<Default>,
}

#[derive(serde::Deserialize)]
struct Default {
    since: String,
    name: String,
}

#[derive(serde::Deserialize)]
struct Policy {
    name: String,
    minimum: String,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        serde_json::from_str::<Table>(include_str!("../../../data/gateway-tls-policies.json"))
            .unwrap_or(Table { policies: Vec::new(), defaults: Vec::new() })
    })
}

/// The lowest version that a predefined policy accepts: `TLSv1_2`. None for one that the table does not have.
#[must_use]
pub fn minimum(policy: &str) -> Option<&'static str> {
    table().policies.iter().find(|p| p.name.eq_ignore_ascii_case(policy)).map(|p| p.minimum.as_str())
}

/// The policy of a gateway that names none, in an API version; one that is not known is the newest.
#[must_use]
pub fn default_policy(api_version: &str) -> Option<&'static str> {
    let date = api_version.get(..10).filter(|d| d.starts_with('2')).unwrap_or("9999");
    table().defaults.iter().find(|d| date >= d.since.as_str()).map(|d| d.name.as_str())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_parses() {
        assert_eq!(super::minimum("AppGwSslPolicy20150501"), Some("TLSv1_0"));
        assert_eq!(super::minimum("appgwsslpolicy20220101"), Some("TLSv1_2"));
        assert_eq!(super::minimum("AppGwSslPolicy20990101"), None);
        assert_eq!(super::default_policy("2022-09-01"), Some("AppGwSslPolicy20150501"));
        assert_eq!(super::default_policy("2024-01-01"), Some("AppGwSslPolicy20220101"));
    }
}
