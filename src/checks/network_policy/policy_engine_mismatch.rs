//! `policy-engine-mismatch`: policies of Calico or Cilium are used only with that engine in the stamp's cluster.

use crate::model::Resource;
use crate::model::kubernetes::Match;
use crate::model::kubernetes::network::{Engine, policies};
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::Lookup;

/// Judges the policies of a stamp against its clusters.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let clusters: Vec<&Resource> =
        cx.inventory().azure("Microsoft.ContainerService/managedClusters").map(AsRef::as_ref).collect();
    let mut seen: Vec<*const Resource> = Vec::new();
    for policy in policies(cx.inventory()) {
        let (word, has): (_, fn(&Resource) -> Match) = match policy.engine {
            Engine::Kubernetes => continue,
            Engine::Cilium => ("cilium", |c| engine(c, "cilium").or(dataplane(c)).or(automatic(c))),
            Engine::Calico => ("calico", |c| engine(c, "calico")),
        };
        // The specs of one object are one policy.
        let pointer = std::sync::Arc::as_ptr(policy.resource);
        if clusters.is_empty() || seen.contains(&pointer) {
            continue;
        }
        seen.push(pointer);
        let place = Place::declaration(policy.resource);
        match clusters.iter().fold(Match::No, |m, c| m.or(has(c))) {
            Match::Yes => {}
            Match::Unknown => out.undetermined_at(place, "the cluster's engine is not known"),
            Match::No => {
                let message = format!(
                    "{} needs the engine `{word}`, and the stamp's cluster has another",
                    policy.resource.noun()
                );
                out.push(Finding::new(place, message).label(format!("enforced only by `{word}`")));
            }
        }
    }
}

fn engine(cluster: &Resource, word: &str) -> Match {
    // With `networkPlugin: none` somebody brings an engine of their own.
    match (
        is(cluster, "properties.networkProfile.networkPolicy", word),
        is(cluster, "properties.networkProfile.networkPlugin", "none"),
    ) {
        (Match::No, Match::Yes) => Match::Unknown,
        (verdict, _) if cluster.existing && verdict == Match::No => Match::Unknown,
        (verdict, _) => verdict,
    }
}

fn dataplane(cluster: &Resource) -> Match {
    is(cluster, "properties.networkProfile.networkDataplane", "cilium")
}

fn automatic(cluster: &Resource) -> Match {
    is(cluster, "sku.name", "Automatic")
}

fn is(cluster: &Resource, path: &str, word: &str) -> Match {
    match cluster.body.look(path) {
        Lookup::Known(value) => Match::from_bool(value.as_str().is_some_and(|s| s.eq_ignore_ascii_case(word))),
        Lookup::Absent => Match::No,
        Lookup::Unknown(_) => Match::Unknown,
    }
}
