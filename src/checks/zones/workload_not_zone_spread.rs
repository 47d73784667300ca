//! `workload-not-zone-spread`: a workload with two replicas or more spreads over zones.

use std::sync::Arc;

use crate::model::Resource;
use crate::model::kubernetes::{self, Labels, Match, PodTemplate, Replicas};
use crate::path;
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Kind, Lookup, Path, Value};

const ZONE: &str = "topology.kubernetes.io/zone";
const FORMER_ZONE: &str = "failure-domain.beta.kubernetes.io/zone";
const KINDS: [&str; 4] = ["Deployment", "StatefulSet", "ReplicaSet", "Rollout"];

/// Judges the workloads of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    for workload in KINDS.iter().flat_map(|kind| cx.inventory().kind(kind)) {
        let Some(pod) = kubernetes::pods(workload).into_iter().next() else {
            continue;
        };
        match kubernetes::replicas(workload, cx.inventory()) {
            Replicas::AtLeast(n) if n < 2 => {}
            Replicas::AtLeast(_) => judge(workload, &pod, cx.options.flag("strict"), out),
            Replicas::Unknown(unknown) => out.undetermined(workload, path!["spec", "replicas"], unknown),
        }
    }
}

fn judge(workload: &Arc<Resource>, pod: &PodTemplate<'_>, strict: bool, out: &mut Findings) {
    let labels = kubernetes::pod_labels(workload, pod);
    let candidates: Vec<Candidate<'_>> = constraints(pod).into_iter().chain(anti_affinities(pod, workload)).collect();
    let verdict = candidates.iter().filter(|c| !strict || c.hard).fold(Match::No, |all, c| all.or(c.matches(&labels)));
    match verdict {
        Match::Yes => {}
        Match::Unknown => {
            out.undetermined_at(Place::at(workload, candidates_path(pod)), "the selector or a label is not known")
        }
        Match::No => out.push(finding(workload, pod, &candidates, strict)),
    }
}

/// Something that could spread the pods over zones.
struct Candidate<'r> {
    path: Path,
    key: Option<&'r Value>,
    selector: Option<&'r Value>,
    namespaces: Match,
    hard: bool,
}

impl Candidate<'_> {
    fn over_zones(&self) -> Match {
        match self.key.map(|k| &k.kind) {
            Some(Kind::String(key)) => Match::from_bool(key == ZONE),
            Some(Kind::Unknown(_) | Kind::Parts(_)) => Match::Unknown,
            _ => Match::No,
        }
    }

    fn matches(&self, labels: &Labels) -> Match {
        // An absent selector matches no pods, an empty one all.
        let selected = self.selector.map_or(Match::No, |selector| kubernetes::matches(selector, labels));
        self.over_zones().and(selected).and(self.namespaces)
    }
}

fn constraints<'r>(pod: &PodTemplate<'r>) -> Vec<Candidate<'r>> {
    let list = pod.spec.get("topologySpreadConstraints");
    let candidate = |(i, item): (usize, &'r Value)| Candidate {
        path: pod.path.extend(&path!["spec", "topologySpreadConstraints", i]),
        key: item.get("topologyKey"),
        selector: given(item, "labelSelector"),
        namespaces: Match::Yes,
        hard: item.get("whenUnsatisfiable").and_then(Value::as_str) != Some("ScheduleAnyway"),
    };
    list.map(Value::items).unwrap_or_default().iter().enumerate().map(candidate).collect()
}

fn anti_affinities<'r>(pod: &PodTemplate<'r>, workload: &Resource) -> Vec<Candidate<'r>> {
    let Lookup::Known(anti) = pod.spec.look("affinity.podAntiAffinity") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (list, below, hard) in [
        ("requiredDuringSchedulingIgnoredDuringExecution", None, true),
        ("preferredDuringSchedulingIgnoredDuringExecution", Some("podAffinityTerm"), false),
    ] {
        for (i, item) in anti.get(list).map(Value::items).unwrap_or_default().iter().enumerate() {
            let mut path = pod.path.extend(&path!["spec", "affinity", "podAntiAffinity", list, i]);
            let mut term = item;
            if let Some(key) = below {
                let Some(inner) = item.get(key) else { continue };
                path = path.join(key);
                term = inner;
            }
            found.push(Candidate {
                path,
                key: term.get("topologyKey"),
                selector: given(term, "labelSelector"),
                namespaces: own_namespace(term, workload),
                hard,
            });
        }
    }
    found
}

/// A key's value; null is as good as none.
fn given<'r>(map: &'r Value, key: &str) -> Option<&'r Value> {
    map.get(key).filter(|v| !v.is_null())
}

/// Whether a term looks at the workload's own namespace, as it does unless it names others.
fn own_namespace(term: &Value, workload: &Resource) -> Match {
    let named = term.get("namespaces").map(Value::items).unwrap_or_default();
    match Lookup::of(given(term, "namespaceSelector")) {
        // Labels of namespaces stand elsewhere; the empty selector takes all of them.
        Lookup::Known(selector) if selector.entries().is_empty() => Match::Yes,
        Lookup::Known(_) | Lookup::Unknown(_) => Match::Unknown,
        Lookup::Absent if named.is_empty() => Match::Yes,
        Lookup::Absent => Match::from_bool(named.iter().any(|n| n.as_str() == Some(workload.namespace()))),
    }
}

fn candidates_path(pod: &PodTemplate<'_>) -> Path {
    pod.path.extend(&path!["spec", "topologySpreadConstraints"])
}

/// The place is what is almost right: a selector that misses, a key that is no zone; else where the constraints would stand.
fn finding(workload: &Arc<Resource>, pod: &PodTemplate<'_>, candidates: &[Candidate<'_>], strict: bool) -> Finding {
    let noun = workload.noun();
    let help = "add a `topologySpreadConstraints` item with `topologyKey: topology.kubernetes.io/zone` and a selector that matches the pod's labels";
    if let Some(near) = candidates.iter().find(|c| c.over_zones() == Match::Yes) {
        if strict && !near.hard {
            let message = format!("{noun} spreads over zones only where the scheduler finds it easy");
            return Finding::at(workload, near.path.join("whenUnsatisfiable"), message)
                .label("not strict")
                .help("set `whenUnsatisfiable: DoNotSchedule`");
        }
        let message = format!("{noun} spreads over zones by a selector that does not match its own pods");
        return Finding::at(workload, near.path.join("labelSelector"), message)
            .label("matches other pods")
            .help("select the labels of the pod template");
    }
    let message = format!("{noun} has two replicas or more and does not spread over zones");
    let former = candidates.iter().find(|c| c.key.and_then(Value::as_str) == Some(FORMER_ZONE));
    let place = former.map_or_else(|| candidates_path(pod), |c| c.path.join("topologyKey"));
    let label = if former.is_some() { "a former label, which does not count" } else { "no spread over zones" };
    Finding::at(workload, place, message).label(label).help(help)
}
