//! `unapproved-registry`: every image comes from an approved registry.
//!
//! It runs stamp by stamp, since a stamp's own registry is approved where the config names none.

use std::sync::Arc;

use crate::model::Resource;
use crate::model::image::{Approval, Pattern, Reference, approved_registries, image_uses};
use crate::rule::{Finding, Findings, Options, Place, StampCx};
use crate::tree::Value;

/// The approved registries: that is all that the rest of the stamp decides.
pub fn beside(cx: &StampCx<'_>) -> String {
    format!("{:?}", approved_registries(cx.options.strings("approved"), cx.stamp))
}

/// Judges every image of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    judge(cx, cx.inventory().all().iter().filter(|r| r.is_kubernetes()), out);
}

/// The same for the images of Azure's resources.
pub fn check_azure(cx: &StampCx<'_>, out: &mut Findings) {
    judge(cx, cx.inventory().all().iter().filter(|r| !r.is_kubernetes() && !r.existing), out);
}

fn judge<'r>(cx: &StampCx<'r>, resources: impl Iterator<Item = &'r Arc<Resource>>, out: &mut Findings) {
    let patterns = approved_registries(cx.options.strings("approved"), cx.stamp);
    let kinds: Vec<(&str, &str)> = more_kinds(cx.options);
    for resource in resources {
        for image in image_uses(resource, &kinds) {
            let Some(value) = image.value else { continue };
            let place = || Place::at(resource, image.path.clone());
            let Some(patterns) = &patterns else {
                out.undetermined_at(place(), "no registry is approved, and no template of the stamp names its own");
                continue;
            };
            match Pattern::judge(patterns, value) {
                Some(Approval::NotApproved) => {
                    let registry = registry_of(value);
                    let message =
                        format!("{} of {} comes from {registry}, which is not approved", image.noun, resource.noun());
                    out.push(Finding::new(place(), message).label(format!("{registry} is not approved")));
                }
                Some(Approval::Unknown) => {
                    out.undetermined_at(place(), "the registry's name is known only at run time");
                }
                Some(Approval::Approved) | None => {}
            }
        }
    }
    if patterns.is_none() {
        out.note("no registry is approved: set `rules.unapproved-registry.approved`; every image is undetermined");
    }
}

fn more_kinds(options: &Options) -> Vec<(&str, &str)> {
    let entries = options.get("kinds").map(Value::entries).unwrap_or_default();
    entries
        .iter()
        .flat_map(|e| {
            let paths = e.value.as_str().into_iter().chain(e.value.items().iter().filter_map(Value::as_str));
            paths.map(move |path| (e.key.as_str(), path))
        })
        .collect()
}

fn registry_of(image: &Value) -> String {
    let text = image.as_str().and_then(|t| Reference::parse(t).ok());
    text.map_or_else(|| "another registry".to_owned(), |r| format!("`{}`", r.registry()))
}
