//! Which policies select a pod, without asking each policy about each pod.

use std::collections::HashMap;
use std::sync::Arc;

use super::policy::{Direction, Policy, policies};
use crate::model::kubernetes::{Labels, Match, PodTemplate, pod_labels, pods};
use crate::model::{Inventory, Resource};
use crate::tree::Value;

/// The pods of a workload.
#[derive(Clone, Debug)]
pub struct Pod<'r> {
    /// What runs them.
    pub workload: &'r Arc<Resource>,
    /// Their template.
    pub template: PodTemplate<'r>,
    /// Their labels, with those that controllers add.
    pub labels: Labels,
    /// Their namespace.
    pub namespace: &'r str,
}

impl Pod<'_> {
    /// Whether they use the host's network, which policies do not reach.
    #[must_use]
    pub fn on_host_network(&self) -> Match {
        match self.template.spec.get("hostNetwork") {
            Some(value) if value.has_unknown() => Match::Unknown,
            value => Match::from_bool(value.and_then(Value::as_bool) == Some(true)),
        }
    }
}

/// The pods and policies of a stamp.
#[derive(Debug)]
pub struct PolicyIndex<'r> {
    /// Every pod template.
    pub pods: Vec<Pod<'r>>,
    /// Every policy.
    pub policies: Vec<Policy<'r>>,
    by_label: HashMap<(Option<&'r str>, String, String), Vec<usize>>,
    by_key: HashMap<(Option<&'r str>, String), Vec<usize>>,
    without_label: HashMap<Option<&'r str>, Vec<usize>>,
    pods_by_label: HashMap<(Option<&'r str>, String, String), Vec<usize>>,
    pods_by_namespace: HashMap<Option<&'r str>, Vec<usize>>,
    namespace_labels: HashMap<&'r str, Labels>,
}

impl<'r> PolicyIndex<'r> {
    /// Indexes a stamp.
    #[must_use]
    pub fn new(inventory: &'r Inventory) -> Self {
        let policies = policies(inventory);
        let mut by_label: HashMap<_, Vec<usize>> = HashMap::new();
        let mut by_key: HashMap<_, Vec<usize>> = HashMap::new();
        let mut without_label: HashMap<_, Vec<usize>> = HashMap::new();
        for (i, policy) in policies.iter().enumerate() {
            match policy.required_label() {
                Some((key, value)) => {
                    by_label.entry((policy.namespace, key.to_owned(), value.to_owned())).or_default().push(i);
                    by_key.entry((policy.namespace, key.to_owned())).or_default().push(i);
                }
                None => without_label.entry(policy.namespace).or_default().push(i),
            }
        }
        let mut namespace_labels = HashMap::new();
        for namespace in inventory.kind("Namespace") {
            let labels = Labels::of(namespace.body.get("metadata"));
            namespace_labels.insert(namespace.name(), with_name(labels, namespace.name()));
        }
        let pods = pods_of(inventory);
        let mut pods_by_label: HashMap<_, Vec<usize>> = HashMap::new();
        let mut pods_by_namespace: HashMap<_, Vec<usize>> = HashMap::new();
        for (i, pod) in pods.iter().enumerate() {
            for scope in [Some(pod.namespace), None] {
                pods_by_namespace.entry(scope).or_default().push(i);
                for (key, value) in pod.labels.known() {
                    pods_by_label.entry((scope, key.to_owned(), value.to_owned())).or_default().push(i);
                }
            }
        }
        Self { pods, policies, by_label, by_key, without_label, pods_by_label, pods_by_namespace, namespace_labels }
    }

    /// Whether a policy selects some pod.
    #[must_use]
    pub fn selects_some(&self, policy: &Policy<'_>) -> Match {
        let all = self.pods_by_namespace.get(&policy.namespace).map(Vec::as_slice).unwrap_or_default();
        let named = match policy.required_label() {
            Some((key, value)) => self
                .pods_by_label
                .get(&(policy.namespace, key.to_owned(), value.to_owned()))
                .map(Vec::as_slice)
                .unwrap_or_default(),
            None => all,
        };
        let judge = |list: &[usize]| {
            let mut verdict = Match::No;
            for pod in list.iter().filter_map(|i| self.pods.get(*i)) {
                verdict = verdict.or(policy.selects(pod, &self.namespace_labels(pod.namespace)));
                if verdict == Match::Yes {
                    break;
                }
            }
            verdict
        };
        match judge(named) {
            // Labels whose value only the cluster knows are in no index.
            Match::No
                if policy.required_label().is_some_and(|(key, _)| super::policy::is_added_by_controllers(key)) =>
            {
                judge(all)
            }
            verdict => verdict,
        }
    }

    /// The labels of a namespace; one that no file declares has those that the cluster gives every namespace, and any other.
    #[must_use]
    pub fn namespace_labels(&self, namespace: &str) -> Labels {
        self.namespace_labels.get(namespace).cloned().unwrap_or_else(|| with_name(Labels::unseen(), namespace))
    }

    /// Whether some policy selects a pod for a direction.
    #[must_use]
    pub fn covered(&self, pod: &Pod<'_>, direction: Direction) -> Match {
        let labels = self.namespace_labels(pod.namespace);
        let mut verdict = Match::No;
        for policy in self.candidates(pod).filter(|p| p.governs(direction)) {
            verdict = verdict.or(policy.selects(pod, &labels));
            if verdict == Match::Yes {
                break;
            }
        }
        verdict
    }

    fn candidates<'s>(&'s self, pod: &'s Pod<'_>) -> impl Iterator<Item = &'s Policy<'r>> {
        let mut found: Vec<usize> = Vec::new();
        for scope in [Some(pod.namespace), None] {
            let labelled =
                pod.labels.known().filter_map(|(k, v)| self.by_label.get(&(scope, k.to_owned(), v.to_owned())));
            // A label whose value only the cluster knows may be what a policy asks for.
            let valueless = pod.labels.valueless().filter_map(|k| self.by_key.get(&(scope, k.to_owned())));
            found.extend(labelled.chain(valueless).chain(self.without_label.get(&scope)).flatten());
        }
        found.sort_unstable();
        found.into_iter().filter_map(|i| self.policies.get(i))
    }
}

fn with_name(mut labels: Labels, name: &str) -> Labels {
    for key in ["kubernetes.io/metadata.name", "projectcalico.org/name"] {
        labels.add_known(key, name);
    }
    labels
}

fn pods_of(inventory: &Inventory) -> Vec<Pod<'_>> {
    let runs = |r: &&Arc<Resource>| r.is_kubernetes() && r.kind() != "PodTemplate" && !r.is_test_hook();
    let objects = inventory.all().iter().filter(runs);
    objects
        .flat_map(|workload| {
            pods(workload).into_iter().map(move |template| Pod {
                labels: pod_labels(workload, &template),
                namespace: workload.namespace(),
                workload,
                template,
            })
        })
        .collect()
}
