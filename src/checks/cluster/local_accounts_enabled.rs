//! `local-accounts-enabled`: local accounts of the cluster are disabled.

use crate::rule::{Edit, EditKind, Finding, Findings, Fix, Place, ResourceCx};
use crate::tree::{Lookup, Path};

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let path = Path::dotted("properties.disableLocalAccounts");
    let finding = |message: String| Finding::at(cx.resource, path.clone(), message);
    let noun = cx.resource.noun();
    match cx.resource.body.look("properties.disableLocalAccounts") {
        Lookup::Known(value) if value.as_bool() == Some(true) => {}
        Lookup::Known(_) => {
            let fix = Fix {
                title: "disable local accounts".to_owned(),
                edits: vec![Edit {
                    place: Place::at(cx.resource, path.clone()),
                    kind: EditKind::Set("true".to_owned()),
                }],
                text: None,
            };
            let message = format!("local accounts are not disabled on {noun}");
            out.push(finding(message).label("`disableLocalAccounts` is not true").fix(fix));
        }
        Lookup::Absent => {
            let message = format!(
                "local accounts are not disabled on {noun}: `disableLocalAccounts` is missing, and its default is false"
            );
            out.push(finding(message).label("no `disableLocalAccounts` here"));
        }
        Lookup::Unknown(unknown) => out.undetermined(cx.resource, path.clone(), unknown),
    }
}
