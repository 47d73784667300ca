//! `unanchored-image-pattern`: the allowed-images expression of an Azure Policy assignment is anchored at its start in
//! every branch, and matches only approved registries. Decided on the expression's syntax tree, not by trying strings.

use crate::model::azure::Id;
use crate::model::image::{Approval, HostShape, Pattern, approved_registries, host_shapes, is_anchored};
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Kind, Part, Path, Value};

const ASSIGNMENTS: &str = "Microsoft.Authorization/policyAssignments";
/// "Kubernetes cluster containers should only use allowed images".
const DEFINITION: &str = "febd0533-8e55-448f-b837-bd0e06f16469";
/// Stands for what is known only at run time: letters that need no escaping and that nobody writes.
const UNKNOWN: &str = "zzunknownzz";

/// Judges the assignments of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let approved = approved_registries(cx.options.strings("approved"), cx.stamp);
    let path = Path::dotted("properties.parameters.allowedContainerImagesRegex.value");
    for assignment in cx.inventory().azure(ASSIGNMENTS).filter(|a| !a.existing) {
        let definition = assignment.body.look("properties.policyDefinitionId").known();
        let Some(value) = assignment.body.at(&path).filter(|_| definition.is_some_and(is_allowed_images)) else {
            continue;
        };
        let Some(text) = expression(value) else {
            out.undetermined_at(Place::at(assignment, path.clone()), "the expression is not known");
            continue;
        };
        if let Some(why) = offence(&text, approved.as_deref()) {
            let message = format!("the allowed-images expression of {} {why}", assignment.noun());
            out.push(Finding::at(assignment, path.clone(), message).label(why));
        }
    }
}

fn is_allowed_images(definition: &Value) -> bool {
    Id::of(definition).is_some_and(|id| id.name().is_some_and(|n| n.eq_ignore_ascii_case(DEFINITION)))
}

fn expression(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::String(text) => Some(text.to_string()),
        Kind::Parts(parts) => {
            Some(parts.iter().map(|p| if let Part::Text(t) = p { t.as_str() } else { UNKNOWN }).collect())
        }
        _ => None,
    }
}

fn offence(text: &str, approved: Option<&[Pattern]>) -> Option<String> {
    let tree = match regex_syntax::parse(text) {
        Ok(tree) => tree,
        Err(error) => return Some(format!("does not parse: {}", error.to_string().lines().last().unwrap_or_default())),
    };
    if !is_anchored(&tree) {
        return Some("is not anchored by `^` in every branch: an image may hold it anywhere".to_owned());
    }
    host_shapes(&tree).into_iter().find_map(|shape| match shape {
        HostShape::Open(host) => {
            Some(format!("does not close the registry's host by `/`: it also admits `{host}.example.com`"))
        }
        HostShape::AnyCharacter(host) => {
            Some(format!("has a dot that is not escaped in `{host}`: it stands for any character"))
        }
        HostShape::Exact(host) => {
            let patterns = approved.filter(|_| !host.contains(UNKNOWN) && host.contains('.'))?;
            (!patterns.iter().any(|p| p.names_host(&host))).then(|| format!("admits `{host}`, which is not approved"))
        }
        HostShape::Ending(end) => {
            let image = Value::new(
                Kind::Parts([unknown(), Part::Text(format!("{end}/x").into())].into()),
                crate::source::Span::NONE,
            );
            let judged = Pattern::judge(approved?, &image)?;
            (judged != Approval::Approved).then(|| format!("admits every registry that ends in `{end}`"))
        }
    })
}

fn unknown() -> Part {
    use crate::tree::{Reason, Unknown, WaitsFor};
    Part::Unknown(std::sync::Arc::new(Unknown::new(Reason::Runtime, WaitsFor::Nothing)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_expression_admits() {
        let approved =
            [Pattern::parse("contoso.azurecr.io").unwrap(), Pattern::parse("mcr.microsoft.com/dotnet").unwrap()];
        let judge = |text: &str| offence(text, Some(&approved)).is_none();
        for (text, holds) in [
            (r"^contoso\.azurecr\.io/.+$", true),
            (r"^(contoso\.azurecr\.io|mcr\.microsoft\.com)/.+$", true),
            (r"^contoso\.azurecr\.io/.+$|^mcr\.microsoft\.com/dotnet/.+$", true),
            (r"^zzunknownzz\.azurecr\.io/.+$", true),
            (r"^(?i)contoso\.azurecr\.io/.+$", true),
            (r"^contoso\.azurecr\.io.+$", false),
            (r"^contoso.azurecr.io/.+$", false),
            (r"^docker\.io/.+$", false),
            (r"^.+\.azurecr\.io/.+$", false),
            (r"^[a-z0-9]+\.azurecr\.io/.+$", false),
            (r"contoso\.azurecr\.io/.+$", false),
        ] {
            assert_eq!(judge(text), holds, "{text}");
        }
        let wide = [Pattern::parse("*.azurecr.io").unwrap()];
        assert!(offence(r"^[a-z0-9]+\.azurecr\.io/.+$", Some(&wide)).is_none());
    }
}
