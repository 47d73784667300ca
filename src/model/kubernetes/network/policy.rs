//! One policy of any of the three engines: which pods it selects, and for which directions.

use std::sync::Arc;

use super::calico::Expression;
use super::index::Pod;
use crate::model::kubernetes::selector::{is_everything, keys, matches_with};
use crate::model::kubernetes::{Labels, Match, matches};
use crate::model::{Inventory, Resource};
use crate::path;
use crate::tree::{Path, Value};

/// Whose policy it is, and so by whose rules it is read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Engine {
    /// `networking.k8s.io`
    Kubernetes,
    /// `cilium.io`
    Cilium,
    /// `projectcalico.org`
    Calico,
}

/// Which traffic of the selected pods.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    /// To the pods.
    Ingress,
    /// From the pods.
    Egress,
}

/// A policy, or one of the `specs` of a Cilium policy.
#[derive(Clone, Debug)]
pub struct Policy<'r> {
    /// The object.
    pub resource: &'r Arc<Resource>,
    /// Whose it is.
    pub engine: Engine,
    /// Where its spec stands.
    pub path: Path,
    /// Its spec.
    pub spec: &'r Value,
    /// The namespace that it is confined to; none for cluster-wide ones.
    pub namespace: Option<&'r str>,
    selector: PodSelector<'r>,
}

#[derive(Clone, Debug)]
enum PodSelector<'r> {
    Labels(Option<&'r Value>),
    Cilium(&'r Value),
    Calico { pods: Option<Expression>, namespaces: Option<Option<Expression>>, accounts: bool },
}

/// How much of a namespace's pods a policy selects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Selected {
    /// All of them.
    All,
    /// Some, none, or it cannot be told.
    NotAll,
}

const CILIUM_NAMESPACE: &str = "io.kubernetes.pod.namespace";
const CALICO_NAMESPACE: &str = "projectcalico.org/namespace";

/// The policies of a stamp.
#[must_use]
pub fn policies(inventory: &Inventory) -> Vec<Policy<'_>> {
    let kinds = ["NetworkPolicy", "GlobalNetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"];
    kinds.iter().flat_map(|kind| inventory.kind(kind)).flat_map(read).collect()
}

fn read(resource: &Arc<Resource>) -> Vec<Policy<'_>> {
    let engine = match resource.group() {
        "networking.k8s.io" | "extensions" => Engine::Kubernetes,
        "cilium.io" => Engine::Cilium,
        "projectcalico.org" | "crd.projectcalico.org" => Engine::Calico,
        _ => return Vec::new(),
    };
    let cluster_wide = resource.kind().starts_with("Global") || resource.kind().contains("Clusterwide");
    let namespace = (!cluster_wide).then(|| resource.namespace());
    let mut specs: Vec<(Path, &Value)> = resource.body.get("spec").map(|s| (path!["spec"], s)).into_iter().collect();
    let more = resource.body.get("specs").map(Value::items).unwrap_or_default().iter().enumerate();
    specs.extend(more.map(|(i, s)| (path!["specs", i], s)));
    specs
        .into_iter()
        .filter_map(|(path, spec)| {
            let selector = match engine {
                Engine::Kubernetes => PodSelector::Labels(spec.get("podSelector")),
                // A policy for nodes selects no pods.
                Engine::Cilium => PodSelector::Cilium(spec.get("endpointSelector")?),
                Engine::Calico => PodSelector::Calico {
                    pods: expression(spec, "selector"),
                    namespaces: spec.get("namespaceSelector").map(|_| expression(spec, "namespaceSelector")),
                    accounts: spec.get("serviceAccountSelector").is_some(),
                },
            };
            Some(Policy { resource, engine, path, spec, namespace, selector })
        })
        .collect()
}

/// Whether a label is one that an engine gives to pods: no file has it, so no index of labels does.
fn is_of_engine(key: &str) -> bool {
    key == CILIUM_NAMESPACE || key.starts_with("io.cilium.k8s.") || key.starts_with("projectcalico.org/")
}

/// The service account of a pod.
fn account<'p>(pod: &Pod<'p>) -> &'p str {
    let named = pod.template.spec.get("serviceAccountName").and_then(Value::as_str);
    named.filter(|n| !n.is_empty()).unwrap_or("default")
}

/// A selector that does not parse is not known; an absent one selects all.
fn expression(spec: &Value, key: &str) -> Option<Expression> {
    match spec.get(key) {
        None => Some(Expression::All),
        Some(value) => Expression::parse(value.as_str()?).ok(),
    }
}

impl Policy<'_> {
    /// Where its selector of pods stands.
    #[must_use]
    pub fn selector_path(&self) -> Path {
        self.path.join(match self.engine {
            Engine::Kubernetes => "podSelector",
            Engine::Cilium => "endpointSelector",
            Engine::Calico => "selector",
        })
    }

    /// A label that every selected pod has, for an index; none where there is no such one.
    #[must_use]
    pub fn required_label(&self) -> Option<(&str, &str)> {
        let selector = match &self.selector {
            PodSelector::Labels(selector) => (*selector)?,
            PodSelector::Cilium(selector) => selector,
            PodSelector::Calico { pods: Some(Expression::In(key, values)), .. } => {
                let one = values.first().filter(|_| values.len() == 1 && !is_of_engine(key));
                return one.map(|v| (key.as_str(), v.as_str()));
            }
            PodSelector::Calico { .. } => return None,
        };
        let first = selector.get("matchLabels").map(Value::entries).unwrap_or_default().iter();
        first.filter_map(|e| Some((plain(&e.key), e.value.as_str()?))).find(|(key, _)| !is_of_engine(key))
    }

    /// Whether it selects a pod.
    #[must_use]
    pub fn selects(&self, pod: &Pod<'_>, namespace_labels: &Labels) -> Match {
        if self.namespace.is_some_and(|n| n != pod.namespace) {
            return Match::No;
        }
        match &self.selector {
            PodSelector::Labels(selector) => selector.map_or(Match::Yes, |s| matches(s, &pod.labels)),
            PodSelector::Cilium(selector) => {
                let mut labels = pod.labels.clone();
                labels.add_known(CILIUM_NAMESPACE, pod.namespace);
                labels.add_known("io.cilium.k8s.policy.serviceaccount", account(pod));
                labels.add_unknown("io.cilium.k8s.policy.cluster");
                labels.add_all(namespace_labels, "io.cilium.k8s.namespace.labels.");
                matches_with(selector, &labels, plain)
            }
            PodSelector::Calico { pods, namespaces, accounts } => {
                let mut labels = pod.labels.clone();
                labels.add_known(CALICO_NAMESPACE, pod.namespace);
                labels.add_known("projectcalico.org/orchestrator", "k8s");
                labels.add_known("projectcalico.org/serviceaccount", account(pod));
                let by_pod = pods.as_ref().map_or(Match::Unknown, |e| e.matches(&labels));
                let by_account = if *accounts { Match::Unknown } else { Match::Yes };
                by_pod.and(in_namespace(namespaces.as_ref(), namespace_labels)).and(by_account)
            }
        }
    }

    /// Whether it selects all pods of a namespace, whatever their labels.
    #[must_use]
    pub fn selects_all_of(&self, namespace: &str, namespace_labels: &Labels) -> Selected {
        if self.namespace.is_some_and(|n| n != namespace) {
            return Selected::NotAll;
        }
        let mut labels = Labels::default();
        let all = match &self.selector {
            PodSelector::Labels(selector) => selector.is_none_or(is_everything),
            PodSelector::Cilium(selector) => {
                labels.add_known(CILIUM_NAMESPACE, namespace);
                is_everything(selector)
                    || keys(selector).all(|k| plain(k) == CILIUM_NAMESPACE)
                        && matches_with(selector, &labels, plain) == Match::Yes
            }
            PodSelector::Calico { pods: Some(pods), namespaces, accounts: false } => {
                labels.add_known(CALICO_NAMESPACE, namespace);
                labels.add_known("projectcalico.org/orchestrator", "k8s");
                pods.keys().iter().all(|k| labels.get(k).is_some())
                    && pods.matches(&labels) == Match::Yes
                    && in_namespace(namespaces.as_ref(), namespace_labels) == Match::Yes
            }
            PodSelector::Calico { .. } => false,
        };
        if all { Selected::All } else { Selected::NotAll }
    }

    /// Whether it selects everything that it can reach, so that it needs no pod to make sense.
    #[must_use]
    pub fn is_for_all(&self) -> bool {
        match &self.selector {
            PodSelector::Labels(selector) => selector.is_none_or(is_everything),
            PodSelector::Cilium(selector) => is_everything(selector),
            PodSelector::Calico { pods, .. } => matches!(pods, Some(Expression::All) | None),
        }
    }

    /// Whether it decides over a direction for the pods that it selects.
    #[must_use]
    pub fn governs(&self, direction: Direction) -> bool {
        let (types, rules) = match direction {
            Direction::Ingress => ("Ingress", "ingress"),
            Direction::Egress => ("Egress", "egress"),
        };
        let listed = |key: &str| self.spec.get(key).and_then(Value::as_list);
        let has_rules = |key: &str| listed(key).is_some_and(|l| !l.is_empty());
        let has_type = |list: &[Value]| list.iter().any(|t| t.as_str() == Some(types));
        match self.engine {
            Engine::Kubernetes => match listed("policyTypes") {
                Some(list) if !list.is_empty() => has_type(list),
                _ => direction == Direction::Ingress || has_rules("egress"),
            },
            Engine::Calico => match listed("types") {
                Some(list) if !list.is_empty() => has_type(list),
                _ => has_rules(rules) || (direction == Direction::Ingress && !has_rules("egress")),
            },
            Engine::Cilium => {
                let denies = format!("{rules}Deny");
                let default = self.spec.get("enableDefaultDeny").and_then(|d| d.get(rules)).and_then(Value::as_bool);
                default.unwrap_or(has_rules(rules) || has_rules(&denies))
            }
        }
    }

    /// Whether it decides over a direction and lets nothing through.
    #[must_use]
    pub fn denies_all(&self, direction: Direction) -> bool {
        let key = if direction == Direction::Ingress { "ingress" } else { "egress" };
        let rules = self.spec.get(key).map(Value::items).unwrap_or_default();
        self.governs(direction)
            && match self.engine {
                Engine::Kubernetes => rules.is_empty(),
                Engine::Cilium => rules.iter().all(|rule| rule.entries().is_empty() && !rule.has_unknown()),
                Engine::Calico => rules.iter().all(|rule| rule.get("action").and_then(Value::as_str) == Some("Deny")),
            }
    }
}

fn in_namespace(selector: Option<&Option<Expression>>, labels: &Labels) -> Match {
    match selector {
        None => Match::Yes,
        Some(None) => Match::Unknown,
        Some(Some(expression)) => expression.matches(labels),
    }
}

/// A label key without Cilium's source prefix.
pub(super) fn plain(key: &str) -> &str {
    ["k8s:", "any:"].iter().find_map(|prefix| key.strip_prefix(prefix)).unwrap_or(key)
}

/// Labels that a controller gives its pods, with values that no file says.
pub(super) fn is_added_by_controllers(key: &str) -> bool {
    const KEYS: [&str; 10] = [
        "pod-template-hash",
        "rollouts-pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/job-name",
        "job-name",
        "batch.kubernetes.io/controller-uid",
        "controller-uid",
    ];
    KEYS.contains(&key)
}
