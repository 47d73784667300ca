//! `roleDefinitions(name)`, from the table of built-in roles in `data/role-definitions.json`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::call::{Call, Outcome};
use crate::source::Span;
use crate::tree::Entry;

#[derive(serde::Deserialize)]
struct Table {
    roles: BTreeMap<String, String>,
}

/// Built-in roles: the name as Azure shows it, and the id.
fn table() -> &'static BTreeMap<String, String> {
    static TABLE: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    TABLE.get_or_init(|| {
        serde_json::from_str::<Table>(include_str!("../../../data/role-definitions.json"))
            .map(|table| table.roles)
            .unwrap_or_default()
    })
}

/// The name and the id of a built-in role, by its name without regard to case or by its id.
#[must_use]
pub fn built_in_role(wanted: &str) -> Option<(&'static str, &'static str)> {
    table()
        .iter()
        .find(|(name, id)| name.eq_ignore_ascii_case(wanted) || id.eq_ignore_ascii_case(wanted))
        .map(|(name, id)| (name.as_str(), id.as_str()))
}

pub fn role_definitions(call: &Call<'_>) -> Outcome {
    let wanted = call.text(0)?;
    let Some((_, id)) = built_in_role(wanted) else {
        return Err(call.not_offline(format!("the id of the role `{wanted}`")));
    };
    call.entries(vec![
        Entry::new("id", Span::NONE, call.string(format!("/providers/Microsoft.Authorization/roleDefinitions/{id}"))),
        Entry::new("roleDefinitionId", Span::NONE, call.string(id)),
    ])
}
