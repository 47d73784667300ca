//! `image-drift`: one workload runs the same image in every stamp of an environment.

use std::collections::BTreeMap;

use crate::model::compare::{Role, Tokens, environments, outliers, role_of, unshared};
use crate::model::drift::runs_ahead;
use crate::model::image::{Approval, Pattern, Reference, approved_registries, image_uses};
use crate::model::{Resource, Stamp, StampSet};
use crate::rule::{Finding, Findings, FleetCx, Place};
use crate::tree::{Path, Value};
use std::sync::Arc;

/// Compares the images of each environment's stamps. Stamps that run ahead on purpose take no part.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    for stamps in environments(cx.fleet) {
        let stamps: Vec<&Stamp> = stamps.into_iter().filter(|s| !runs_ahead(&cx.fleet.facts.drift, s)).collect();
        let mut uses: BTreeMap<(Role, String), Vec<Option<Used<'_>>>> = BTreeMap::new();
        for (i, (stamp, objects)) in stamps.iter().zip(unshared(&stamps)).enumerate() {
            let approved = cx
                .options_of(stamp)
                .and_then(|o| approved_registries(o.strings("approved"), stamp))
                .unwrap_or_default();
            let tokens = Tokens::of(stamp);
            for resource in objects {
                for image in image_uses(resource, &[]) {
                    let Some(used) = image.value.and_then(|v| Used::of(resource, &image.path, v, &approved)) else {
                        continue;
                    };
                    let held = uses
                        .entry((role_of(resource, &tokens), image.noun.clone()))
                        .or_insert_with(|| vec![None; stamps.len()]);
                    if let Some(slot) = held.get_mut(i) {
                        slot.get_or_insert(used);
                    }
                }
            }
        }
        for ((_, noun), held) in &uses {
            compare(&stamps, noun, held, out);
        }
    }
}

/// An image of a container, as far as stamps have to agree on it.
#[derive(Clone)]
struct Used<'r> {
    resource: &'r Arc<Resource>,
    path: Path,
    text: String,
    /// The registry, unless it is approved: approved ones may differ.
    registry: Option<String>,
    repository: String,
    version: String,
}

impl PartialEq for Used<'_> {
    fn eq(&self, other: &Self) -> bool {
        (&self.registry, &self.repository, &self.version) == (&other.registry, &other.repository, &other.version)
    }
}

impl<'r> Used<'r> {
    fn of(resource: &'r Arc<Resource>, path: &Path, value: &Value, approved: &[Pattern]) -> Option<Self> {
        let text = value.as_str()?;
        let reference = Reference::parse(text).ok()?;
        let is_approved = approved.iter().any(|p| p.approves(&reference) != Approval::NotApproved);
        let own = is_approved || (approved.is_empty() && reference.host.ends_with(".azurecr.io"));
        Some(Self {
            resource,
            path: path.clone(),
            text: text.to_owned(),
            registry: (!own).then(|| reference.registry()),
            // A digest says all; a tag beside it is for people.
            version: reference.digest.or(reference.tag).unwrap_or_else(|| "latest".to_owned()),
            repository: reference.repository,
        })
    }
}

fn compare(stamps: &[&Stamp], noun: &str, held: &[Option<Used<'_>>], out: &mut Findings) {
    for outlier in outliers(held) {
        let Some(Some(norm)) = held.get(outlier.norm) else { continue };
        for odd in outlier.odd {
            let (Some(Some(used)), Some(stamp), Some(norm_stamp)) =
                (held.get(odd), stamps.get(odd), stamps.get(outlier.norm))
            else {
                continue;
            };
            let message = format!(
                "{noun} of {} runs `{}` in stamp `{}`, and `{}` in `{}`",
                used.resource.noun(),
                used.text,
                stamp.name,
                norm.text,
                norm_stamp.name
            );
            let finding = Finding::at(used.resource, used.path.clone(), message)
                .label(format!("`{}` in `{}`", norm.text, norm_stamp.name));
            out.push(
                finding
                    .stamps(StampSet::one(stamp.index))
                    .related(Place::at(norm.resource, norm.path.clone()), format!("as `{}` runs it", norm_stamp.name)),
            );
        }
    }
}
