//! `mutable-image-tag`: an image is pinned by a digest, or by a tag that is not `latest`.

use crate::model::image::{Reference, image_uses};
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Kind, Part};

/// Judges the images of one resource.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let digest_required = cx.options.text("require") == Some("digest");
    for image in image_uses(cx.resource, &[]).into_iter().filter(|i| !i.tag_elsewhere) {
        let Some(value) = image.value else { continue };
        let why = match &value.kind {
            Kind::String(text) => match Reference::parse(text) {
                Ok(reference) => offence(&reference, digest_required),
                Err(_) => None,
            },
            Kind::Unknown(unknown) => {
                out.undetermined(cx.resource, image.path.clone(), unknown);
                None
            }
            // Only the end decides: known text there that is a tag or digest pins the image.
            Kind::Parts(parts) => match parts.last() {
                Some(Part::Text(end)) if end.contains('@') => None,
                Some(Part::Text(end)) => {
                    let last = end.rsplit('/').next().unwrap_or(end);
                    let whole = if last.len() < end.len() { last } else { "" };
                    match (last.split_once(':'), whole.is_empty()) {
                        (Some((_, "latest")), _) => Some("uses the tag `latest`"),
                        (Some(_), _) if digest_required => Some("has no digest"),
                        (Some(_), _) => None,
                        (None, false) => Some("has neither tag nor digest, which is `latest`"),
                        (None, true) => None,
                    }
                }
                Some(Part::Unknown(unknown)) => {
                    out.undetermined(cx.resource, image.path.clone(), unknown);
                    None
                }
                None => None,
            },
            _ => None,
        };
        if let Some(why) = why {
            let message = format!("{} of {} {why}", image.noun, cx.resource.noun());
            out.push(Finding::at(cx.resource, image.path, message).label(why));
        }
    }
}

fn offence(reference: &Reference, digest_required: bool) -> Option<&'static str> {
    match (&reference.digest, reference.tag.as_deref()) {
        (Some(_), _) => None,
        (None, Some("latest")) => Some("uses the tag `latest`"),
        (None, None) => Some("has neither tag nor digest, which is `latest`"),
        (None, Some(_)) if digest_required => Some("has no digest"),
        (None, Some(_)) => None,
    }
}
