//! What `pod-without-network-policy` and `egress-unrestricted` have in common: is each pod selected for a direction.

use globset::Glob;

use crate::model::kubernetes::Match;
use crate::model::kubernetes::network::{Direction, PolicyIndex};
use crate::rule::{Finding, Findings, Place, StampCx};

/// Reports the workloads whose pods no policy selects for a direction.
pub fn uncovered(cx: &StampCx<'_>, direction: Direction, what: &str, out: &mut Findings) {
    let index = PolicyIndex::new(cx.inventory());
    let external: Vec<_> =
        cx.options.strings("external-policies").filter_map(|g| Some(Glob::new(g).ok()?.compile_matcher())).collect();
    for pod in &index.pods {
        if external.iter().any(|glob| glob.is_match(pod.namespace)) {
            continue;
        }
        let place = || Place::name(pod.workload);
        match (pod.on_host_network(), index.covered(pod, direction)) {
            (Match::Yes, _) | (_, Match::Yes) => {}
            (Match::Unknown, _) => out.undetermined_at(place(), "whether the pods use the host's network is not known"),
            (_, Match::Unknown) => out.undetermined_at(place(), "whether a policy selects the pods is not known"),
            (Match::No, Match::No) => {
                let message = format!("no network policy selects the pods of {} for {what}", pod.workload.noun());
                let help = format!(
                    "add a NetworkPolicy in namespace `{}` whose `podSelector` matches the pods",
                    pod.namespace
                );
                out.push(Finding::new(place(), message).label(format!("no policy for {what}")).help(help));
            }
        }
    }
}
