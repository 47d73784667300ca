//! `no-default-deny`: each workload namespace has a policy that selects all pods and lets nothing in.

use std::collections::BTreeMap;

use crate::model::kubernetes::Match;
use crate::model::kubernetes::network::{Direction, Pod, PolicyIndex, Selected};
use crate::rule::{Finding, Findings, Place, StampCx};

/// Judges the namespaces that have workloads.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let index = PolicyIndex::new(cx.inventory());
    let mut first: BTreeMap<&str, &Pod<'_>> = BTreeMap::new();
    // Which namespace a template's delimiters stand for is not known; that they are left is a finding of its own.
    let judged = |p: &&Pod<'_>| !cx.is_exempt(p.namespace) && !p.namespace.contains("{{");
    for pod in index.pods.iter().filter(|p| p.on_host_network() != Match::Yes).filter(judged) {
        first.entry(pod.namespace).or_insert(pod);
    }
    for (namespace, pod) in first {
        let mut missing = Vec::new();
        for (direction, word, asked) in
            [(Direction::Ingress, "ingress", true), (Direction::Egress, "egress", cx.options.flag("egress"))]
        {
            if asked && !denied(&index, namespace, direction) {
                missing.push(word);
            }
        }
        if missing.is_empty() {
            continue;
        }
        let declared = cx.inventory().kind("Namespace").find(|n| n.name() == namespace);
        let holder = declared.unwrap_or(pod.workload);
        let message = format!("namespace `{namespace}` has no policy that denies {} by default", missing.join(" and "));
        let help = "add a NetworkPolicy with `podSelector: {}`, `policyTypes: [Ingress]` and no rules";
        out.push(Finding::new(Place::name(holder), message).label("no default-deny").help(help));
    }
}

fn denied(index: &PolicyIndex<'_>, namespace: &str, direction: Direction) -> bool {
    let labels = index.namespace_labels(namespace);
    let fits =
        |p: &&_| crate::model::kubernetes::network::Policy::selects_all_of(p, namespace, &labels) == Selected::All;
    index.policies.iter().filter(fits).any(|p| p.denies_all(direction))
}
