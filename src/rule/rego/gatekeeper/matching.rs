//! `spec.match` of a constraint or an expansion: which objects it is about.

use super::object::{Object, Origin, gvk, metadata, text};
use crate::source::Span;
use crate::tree::{Kind, Lookup, Value};

/// Whether an object is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Matched {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// What decides is not known: labels, or a namespace that is not among the files.
    Unknown,
}

impl Matched {
    fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::Unknown => match other() {
                Self::No => Self::No,
                _ => Self::Unknown,
            },
        }
    }
}

impl From<bool> for Matched {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// The criteria. An absent one holds for every object.
#[derive(Clone, Debug, Default)]
pub struct Match {
    kinds: Vec<(Vec<String>, Vec<String>)>,
    namespaces: Vec<String>,
    excluded: Vec<String>,
    labels: Option<Selector>,
    namespace_labels: Option<Selector>,
    scope: String,
    name: String,
    source: String,
}

/// What is known of a namespace.
#[derive(Clone, Copy, Debug)]
pub enum Namespace<'a> {
    /// Its object is among the files.
    Known(&'a Value),
    /// It is not.
    Absent,
}

impl Match {
    /// Reads `spec.match`.
    #[must_use]
    pub fn read(value: Option<&Value>) -> Self {
        let Some(value) = value else {
            return Self::default();
        };
        let kinds = value.get("kinds").map(Value::items).unwrap_or_default();
        Self {
            kinds: kinds.iter().map(|k| (strings(k.get("apiGroups")), strings(k.get("kinds")))).collect(),
            namespaces: strings(value.get("namespaces")),
            excluded: strings(value.get("excludedNamespaces")),
            labels: Selector::read(value.get("labelSelector")),
            namespace_labels: Selector::read(value.get("namespaceSelector")),
            scope: text(value, "scope").to_owned(),
            name: text(value, "name").to_owned(),
            source: text(value, "source").to_owned(),
        }
    }

    /// What Gatekeeper's API would refuse, with its place: such a constraint never comes to be in a cluster.
    #[must_use]
    pub fn faults(value: Option<&Value>) -> Vec<(Span, String)> {
        let mut found = Vec::new();
        let Some(value) = value else { return found };
        let lists =
            ["namespaces", "excludedNamespaces"].map(|key| value.get(key).map(Value::items).unwrap_or_default());
        for pattern in lists.into_iter().flatten().chain(value.get("name")) {
            let inner = pattern.as_str().unwrap_or_default();
            let inner = inner.strip_prefix('*').unwrap_or(inner);
            let inner = inner.strip_suffix('*').unwrap_or(inner);
            if inner.contains('*') {
                let message = "a pattern of `spec.match` has `*` at its front or its end, nowhere else";
                found.push((pattern.span, message.to_owned()));
            }
        }
        for (key, words) in [("scope", &["*", "Cluster", "Namespaced"]), ("source", &["All", "Generated", "Original"])]
        {
            if let Some(word) =
                value.get(key).filter(|w| w.as_str().is_some_and(|w| !w.is_empty() && !words.contains(&w)))
            {
                found.push((word.span, format!("`{key}` is one of `{}`", words.join("`, `"))));
            }
        }
        for selector in ["labelSelector", "namespaceSelector"].into_iter().filter_map(|key| value.get(key)) {
            for term in selector.get("matchExpressions").map(Value::items).unwrap_or_default() {
                let values = term.get("values").map_or(0, |v| v.items().len());
                let fault = match (text(term, "operator"), values) {
                    ("In" | "NotIn", 0) => "`In` and `NotIn` need `values`",
                    ("Exists" | "DoesNotExist", 1..) => "`Exists` and `DoesNotExist` take no `values`",
                    ("In" | "NotIn" | "Exists" | "DoesNotExist", _) => continue,
                    _ => "an operator is one of `In`, `NotIn`, `Exists`, `DoesNotExist`",
                };
                found.push((term.get("operator").map_or(term.span, |o| o.span), fault.to_owned()));
            }
        }
        found
    }

    /// The kinds that it names; `None` where it is about every kind.
    #[must_use]
    pub fn kinds(&self) -> Option<Vec<&str>> {
        if self.kinds.is_empty() {
            return None;
        }
        let mut found = Vec::new();
        for (_, kinds) in &self.kinds {
            if kinds.is_empty() || kinds.iter().any(|k| k == "*") {
                return None;
            }
            found.extend(kinds.iter().map(String::as_str));
        }
        Some(found)
    }

    /// Whether the labels of an object's namespace decide.
    #[must_use]
    pub fn asks_for_namespace(&self) -> bool {
        self.namespace_labels.is_some()
    }

    /// Whether an object is meant. `namespace` finds the object of a namespace.
    #[must_use]
    pub fn matches<'a>(&self, object: &Object<'_>, namespace: impl Fn(&str) -> Namespace<'a>) -> Matched {
        let one = |body: &Value| self.one(body, object.origin, &namespace);
        match object.old() {
            // In a change, either side decides.
            Some(old) if !std::ptr::eq(old, object.body) => match (one(object.body), one(old)) {
                (Matched::No, other) | (other, Matched::No) => other,
                (Matched::Unknown, Matched::Unknown) => Matched::Unknown,
                _ => Matched::Yes,
            },
            _ => one(object.body),
        }
    }

    fn one<'a>(&self, body: &Value, origin: Origin, namespace: &impl Fn(&str) -> Namespace<'a>) -> Matched {
        let (group, _, kind) = gvk(body);
        let is_namespace = kind == "Namespace" && group.is_empty();
        let home = Home::of(body);
        let certain = self.kind_matches(group, kind)
            && match self.scope.as_str() {
                "Cluster" => is_namespace || home == Home::None,
                "Namespaced" => !is_namespace && home != Home::None,
                _ => true,
            }
            && match self.source.as_str() {
                "Original" => origin == Origin::Original,
                "Generated" => origin == Origin::Generated,
                _ => true,
            };
        Matched::from(certain)
            .and(|| home.among(&self.namespaces))
            .and(|| home.outside(&self.excluded))
            .and(|| self.name_matches(body))
            .and(|| self.labels.as_ref().map_or(Matched::Yes, |s| s.matches(body)))
            .and(|| match (&self.namespace_labels, home) {
                (None, _) | (Some(_), Home::None) => Matched::Yes,
                (Some(selector), Home::Named(name)) => match namespace(name) {
                    _ if is_namespace => selector.matches_namespace(name, Some(body)),
                    Namespace::Known(found) => selector.matches_namespace(name, Some(found)),
                    Namespace::Absent => selector.matches_namespace(name, None),
                },
                (Some(selector), Home::Given | Home::Unknown) if selector.0.is_empty() => Matched::Yes,
                (Some(_), Home::Given | Home::Unknown) => Matched::Unknown,
            })
    }

    fn kind_matches(&self, group: &str, kind: &str) -> bool {
        let holds = |names: &[String], name: &str| names.is_empty() || names.iter().any(|n| n == "*" || n == name);
        self.kinds.is_empty() || self.kinds.iter().any(|(groups, kinds)| holds(kinds, kind) && holds(groups, group))
    }

    fn name_matches(&self, body: &Value) -> Matched {
        let holds = |key: &str| match body.look(key) {
            Lookup::Known(name) => Matched::from(name.as_str().is_some_and(|n| glob(&self.name, n))),
            Lookup::Absent => Matched::No,
            Lookup::Unknown(_) => Matched::Unknown,
        };
        match self.name.as_str() {
            "" => Matched::Yes,
            // The end of a generated name is anything.
            pattern if pattern.ends_with('*') => match holds("metadata.name") {
                Matched::No => holds("metadata.generateName"),
                other => other,
            },
            _ => holds("metadata.name"),
        }
    }
}

/// The namespace that an object counts as being in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Home<'t> {
    /// Its own, or, of a namespace, itself.
    Named(&'t str),
    /// It belongs to the cluster, or to who knows what: it says nothing, and its kind is none that must be in one.
    None,
    /// Whoever applies it gives it one, `default` unless they say otherwise.
    Given,
    /// It is written, but not known.
    Unknown,
}

/// Kinds of Kubernetes itself whose objects are in a namespace, by group.
const NAMESPACED: [(&str, &[&str]); 8] = [
    (
        "",
        &[
            "ConfigMap",
            "Endpoints",
            "LimitRange",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
    ),
    ("apps", &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
    ("autoscaling", &["HorizontalPodAutoscaler"]),
    ("batch", &["CronJob", "Job"]),
    ("networking.k8s.io", &["Ingress", "NetworkPolicy"]),
    ("policy", &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", &["Role", "RoleBinding"]),
    ("coordination.k8s.io", &["Lease"]),
];

impl<'t> Home<'t> {
    fn of(body: &'t Value) -> Self {
        let (group, _, kind) = gvk(body);
        if kind == "Namespace" && group.is_empty() {
            return Self::Named(metadata(body, "name"));
        }
        match body.look("metadata.namespace") {
            Lookup::Unknown(_) => Self::Unknown,
            Lookup::Known(name) if name.as_str().is_some_and(|n| !n.is_empty()) => {
                Self::Named(name.as_str().unwrap_or_default())
            }
            _ if NAMESPACED.iter().any(|(g, kinds)| *g == group && kinds.contains(&kind)) => Self::Given,
            _ => Self::None,
        }
    }

    fn among(self, globs: &[String]) -> Matched {
        let holds = |name: &str| globs.iter().any(|g| glob(g, name));
        match self {
            _ if globs.is_empty() || globs.iter().any(|g| g == "*") => Matched::Yes,
            Self::Named(name) => holds(name).into(),
            Self::None => Matched::Yes,
            Self::Given if holds("default") => Matched::Yes,
            Self::Given | Self::Unknown => Matched::Unknown,
        }
    }

    fn outside(self, globs: &[String]) -> Matched {
        let holds = |name: &str| globs.iter().any(|g| glob(g, name));
        match self {
            Self::None => Matched::Yes,
            _ if globs.is_empty() => Matched::Yes,
            _ if globs.iter().any(|g| g == "*") => Matched::No,
            Self::Named(name) => (!holds(name)).into(),
            Self::Given if !holds("default") => Matched::Yes,
            Self::Given | Self::Unknown => Matched::Unknown,
        }
    }
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.map(Value::items).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A name with `*` at its front, its end, or both.
fn glob(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(rest), Some(_)) => name.contains(rest.strip_suffix('*').unwrap_or(rest)),
        (Some(end), None) => name.ends_with(end),
        (None, Some(start)) => name.starts_with(start),
        (None, None) => pattern == name,
    }
}

/// A label selector.
#[derive(Clone, Debug)]
struct Selector(Vec<(String, String, Vec<String>)>);

impl Selector {
    fn read(value: Option<&Value>) -> Option<Self> {
        let value = value.filter(|v| !v.is_null())?;
        let mut terms = Vec::new();
        for entry in value.get("matchLabels").map(Value::entries).unwrap_or_default() {
            let wanted = entry.value.as_str().unwrap_or_default().to_owned();
            terms.push((entry.key.to_string(), "In".to_owned(), vec![wanted]));
        }
        for term in value.get("matchExpressions").map(Value::items).unwrap_or_default() {
            terms.push((text(term, "key").to_owned(), text(term, "operator").to_owned(), strings(term.get("values"))));
        }
        Some(Self(terms))
    }

    fn matches(&self, body: &Value) -> Matched {
        self.0.iter().fold(Matched::Yes, |so_far, term| so_far.and(|| Self::term(term, body)))
    }

    /// The same for a namespace's labels, one of which the API server gives to every namespace.
    fn matches_namespace(&self, name: &str, namespace: Option<&Value>) -> Matched {
        let one = |term: &(String, String, Vec<String>)| match (term, namespace) {
            ((key, operator, values), _) if key == "kubernetes.io/metadata.name" => {
                Matched::from(match operator.as_str() {
                    "In" => values.iter().any(|v| v == name),
                    "NotIn" => !values.iter().any(|v| v == name),
                    "Exists" => true,
                    _ => false,
                })
            }
            (term, Some(namespace)) => Self::term(term, namespace),
            (_, None) => Matched::Unknown,
        };
        self.0.iter().fold(Matched::Yes, |so_far, term| so_far.and(|| one(term)))
    }

    fn term((key, operator, values): &(String, String, Vec<String>), body: &Value) -> Matched {
        let labels = match body.look("metadata.labels") {
            Lookup::Known(labels) => Some(labels),
            Lookup::Absent => None,
            Lookup::Unknown(_) => return Matched::Unknown,
        };
        let label = labels.and_then(|l| l.get(key));
        let among = match label.map(|l| &l.kind) {
            None => None,
            Some(Kind::Unknown(_) | Kind::Parts(_)) if matches!(operator.as_str(), "In" | "NotIn") => {
                return Matched::Unknown;
            }
            Some(_) => Some(label.and_then(Value::as_str).is_some_and(|l| values.iter().any(|v| v == l))),
        };
        Matched::from(match operator.as_str() {
            "In" => among == Some(true),
            "NotIn" => among != Some(true),
            "Exists" => label.is_some(),
            "DoesNotExist" => label.is_none(),
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    fn parsed(text: &str) -> Value {
        let sources = Sources::new();
        yaml::parse(&sources.add("a.yaml", text)).documents[0].root.clone()
    }

    #[test]
    fn what_the_api_refuses_is_told() {
        for (criteria, faults) in [
            ("{namespaces: ['*a*', b], name: 'c*', scope: Cluster, source: All}", 0),
            ("{namespaces: ['a*b'], excludedNamespaces: ['*a*b'], name: 'a*b*'}", 3),
            ("{scope: Clustered, source: Made}", 2),
            (
                "{labelSelector: {matchExpressions: [{key: a, operator: In}, {key: a, operator: Exists, values: [b]}]}}",
                2,
            ),
            (
                "{namespaceSelector: {matchExpressions: [{key: a, operator: Is}, {key: a, operator: NotIn, values: [b]}]}}",
                1,
            ),
        ] {
            assert_eq!(Match::faults(Some(&parsed(criteria))).len(), faults, "{criteria}");
        }
    }

    #[test]
    fn each_criterion_decides() {
        const POD: &str = "{apiVersion: v1, kind: Pod, metadata: {name: api-1, namespace: shop, labels: {app: api}}}";
        const BARE: &str = "{apiVersion: v1, kind: Pod, metadata: {generateName: api-}}";
        const CUSTOM: &str = "{apiVersion: contoso.com/v1, kind: Pod, metadata: {name: c}}";
        const NAMESPACE: &str = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}";
        const ROLE: &str = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}}";
        use Matched::{No, Unknown, Yes};
        let cases = [
            ("{}", POD, Yes),
            ("{kinds: [{apiGroups: [''], kinds: [Pod]}]}", POD, Yes),
            ("{kinds: [{apiGroups: [apps], kinds: [Pod]}]}", POD, No),
            ("{kinds: [{apiGroups: ['*'], kinds: [Deployment, '*']}]}", POD, Yes),
            ("{kinds: [{kinds: [Service]}]}", POD, No),
            ("{namespaces: [shop-*]}", POD, No),
            ("{namespaces: [sh*]}", POD, Yes),
            ("{namespaces: [other]}", NAMESPACE, No),
            ("{namespaces: [other]}", ROLE, Yes),
            ("{excludedNamespaces: ['*op']}", POD, No),
            ("{excludedNamespaces: ['*ho*']}", NAMESPACE, No),
            ("{excludedNamespaces: ['*']}", ROLE, Yes),
            ("{labelSelector: {matchLabels: {app: api}}}", POD, Yes),
            ("{labelSelector: {matchExpressions: [{key: app, operator: NotIn, values: [api]}]}}", POD, No),
            ("{labelSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}}", POD, Yes),
            ("{labelSelector: {matchExpressions: [{key: tier, operator: Exists}]}}", POD, No),
            ("{namespaceSelector: {matchLabels: {team: a}}}", POD, Unknown),
            ("{namespaceSelector: {matchLabels: {team: a}}, name: b}", POD, No),
            ("{namespaceSelector: {matchLabels: {team: b}}}", NAMESPACE, No),
            ("{namespaceSelector: {matchLabels: {team: b}}}", ROLE, Yes),
            ("{scope: Cluster}", POD, No),
            ("{scope: Cluster}", NAMESPACE, Yes),
            ("{scope: Namespaced}", ROLE, No),
            ("{name: api-*}", POD, Yes),
            ("{name: api}", POD, No),
            ("{source: Generated}", POD, No),
            ("{namespaceSelector: {}}", POD, Yes),
            ("{namespaceSelector: {}}", BARE, Yes),
            ("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}", POD, Yes),
            ("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}}", POD, No),
            // Nobody said where it goes: `default`, unless whoever applies it says otherwise.
            ("{namespaces: [shop]}", BARE, Unknown),
            ("{namespaces: [def*]}", BARE, Yes),
            ("{namespaces: ['*']}", BARE, Yes),
            ("{excludedNamespaces: [kube-*]}", BARE, Yes),
            ("{excludedNamespaces: [default]}", BARE, Unknown),
            ("{excludedNamespaces: ['*']}", BARE, No),
            ("{scope: Namespaced}", BARE, Yes),
            ("{scope: Cluster}", BARE, No),
            ("{namespaceSelector: {matchLabels: {team: a}}}", BARE, Unknown),
            ("{name: api-*}", BARE, Yes),
            ("{name: api-1}", BARE, No),
            // A kind that nobody knows may belong to the cluster.
            ("{namespaces: [shop]}", CUSTOM, Yes),
            ("{scope: Cluster}", CUSTOM, Yes),
        ];
        for (criteria, object, expected) in cases {
            let (criteria, body) = (parsed(criteria), parsed(object));
            let found = Match::read(Some(&criteria)).matches(&Object::new(&body), |_| Namespace::Absent);
            assert_eq!(found, expected, "{criteria:?} {object}");
        }
        let (criteria, body, home) =
            (parsed("{namespaceSelector: {matchLabels: {team: a}}}"), parsed(POD), parsed(NAMESPACE));
        let found = Match::read(Some(&criteria)).matches(&Object::new(&body), |_| Namespace::Known(&home));
        assert_eq!(found, Yes);
    }
}
