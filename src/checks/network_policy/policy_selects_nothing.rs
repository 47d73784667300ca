//! `policy-selects-nothing`: a policy's selector matches some pod of the stamp.

use crate::model::Resource;
use crate::model::kubernetes::Match;
use crate::model::kubernetes::network::PolicyIndex;
use crate::rule::{Finding, Findings, StampCx};
use crate::tree::Value;

/// Judges the policies of a stamp. One that selects all pods makes sense before the first pod comes, and a stamp whose
/// workloads stand elsewhere says nothing about any.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let index = PolicyIndex::new(cx.inventory());
    if index.pods.is_empty() {
        return;
    }
    for policy in index.policies.iter().filter(|p| !p.is_for_all()) {
        let path = policy.selector_path();
        match index.selects_some(policy) {
            Match::Yes => {}
            Match::Unknown => {
                out.undetermined_at(crate::rule::Place::at(policy.resource, path), "a label or selector is not known")
            }
            Match::No if brings_pods(cx, policy.namespace) => out.undetermined_at(
                crate::rule::Place::at(policy.resource, path),
                "a chart of its namespace was not read",
            ),
            Match::No => {
                let message = format!("the selector of {} matches no pod of the stamp", policy.resource.noun());
                out.push(Finding::at(policy.resource, path, message).label("matches no pod"));
            }
        }
    }
}

/// Whether the namespace has pods that stand in no file: a Flux release or an Argo CD application puts them there.
/// None is every namespace.
fn brings_pods(cx: &StampCx<'_>, namespace: Option<&str>) -> bool {
    let releases = cx.inventory().kind("HelmRelease").chain(cx.inventory().kind("HelmChart"));
    let own = |r: &Resource, field: &str| match r.body.look(field).known().and_then(Value::as_str) {
        Some(target) => target.to_owned(),
        None => r.namespace().to_owned(),
    };
    let applications = cx.inventory().kind("Application").filter(|a| a.group() == "argoproj.io");
    releases
        .map(|r| own(r, "spec.targetNamespace"))
        .chain(applications.map(|a| own(a, "spec.destination.namespace")))
        .any(|target| namespace.is_none_or(|n| n == target))
}
