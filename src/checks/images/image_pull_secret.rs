//! `image-pull-secret`: images of the fleet's own registry are pulled by the kubelet's identity.

use std::sync::Arc;

use crate::model::image::{Reference, image_uses};
use crate::model::{Resource, kubernetes};
use crate::path;
use crate::rule::{Finding, Findings, StampCx};
use crate::tree::{Path, Value};

/// Judges pods and service accounts. A secret for another registry is right.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for resource in cx.inventory().all().iter().filter(|r| r.is_kubernetes()) {
        if resource.kind() == "ServiceAccount" && resource.group().is_empty() {
            account(cx, resource, out);
        }
        for pod in kubernetes::pods(resource) {
            let path = pod.path.extend(&path!["spec", "imagePullSecrets"]);
            if named(pod.spec.get("imagePullSecrets")) && all_from_azure(std::iter::once(resource)) {
                report(resource, path, out);
            }
        }
    }
}

/// A service account's secrets serve the pods that run under it.
fn account(cx: &StampCx<'_>, account: &Arc<Resource>, out: &mut Findings) {
    if !named(account.body.get("imagePullSecrets")) {
        return;
    }
    let runs_under = |r: &&Arc<Resource>| {
        r.namespace() == account.namespace()
            && kubernetes::pods(r).iter().any(|p| {
                p.spec.get("serviceAccountName").and_then(Value::as_str).unwrap_or("default") == account.name()
            })
    };
    let pods = cx.inventory().all().iter().filter(|r| r.is_kubernetes()).filter(runs_under);
    if all_from_azure(pods) {
        report(account, path!["imagePullSecrets"], out);
    }
}

fn named(secrets: Option<&Value>) -> bool {
    secrets.is_some_and(|s| s.items().iter().any(|item| item.get("name").is_some()))
}

/// Whether there are images, and each is known to come from a registry of Azure.
fn all_from_azure<'r>(resources: impl Iterator<Item = &'r Arc<Resource>>) -> bool {
    let mut any = false;
    for resource in resources {
        for image in image_uses(resource, &[]) {
            let reference = image.value.and_then(Value::as_str).and_then(|t| Reference::parse(t).ok());
            let Some(reference) = reference else { return false };
            if !(reference.host.ends_with(".azurecr.io") || reference.host == "mcr.microsoft.com") {
                return false;
            }
            any |= reference.host.ends_with(".azurecr.io");
        }
    }
    any
}

fn report(resource: &Arc<Resource>, path: Path, out: &mut Findings) {
    let message = format!("{} pulls images of the fleet's own registry with a stored secret", resource.noun());
    out.push(Finding::at(resource, path, message).label("the kubelet's identity pulls these"));
}
