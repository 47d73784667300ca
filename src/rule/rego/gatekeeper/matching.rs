//! `spec.match` of a constraint or an expansion: which objects it is about.

use super::object::{Object, Origin, gvk, metadata, text};
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
        let own_namespace = metadata(body, "namespace");
        let namespaced = !own_namespace.is_empty();
        let home = if is_namespace { metadata(body, "name") } else { own_namespace };
        let homeless = home.is_empty();
        let in_namespaces = |globs: &[String]| globs.iter().any(|g| glob(g, home));
        let certain = self.kind_matches(group, kind)
            && match self.scope.as_str() {
                "Cluster" => is_namespace || !namespaced,
                "Namespaced" => !is_namespace && namespaced,
                _ => true,
            }
            && (self.namespaces.is_empty() || homeless || in_namespaces(&self.namespaces))
            && (self.excluded.is_empty() || homeless || !in_namespaces(&self.excluded))
            && self.name_matches(body)
            && match self.source.as_str() {
                "Original" => origin == Origin::Original,
                "Generated" => origin == Origin::Generated,
                _ => true,
            };
        Matched::from(certain).and(|| self.labels.as_ref().map_or(Matched::Yes, |s| s.matches(body))).and(
            || match &self.namespace_labels {
                None => Matched::Yes,
                Some(selector) if is_namespace => selector.matches(body),
                Some(_) if !namespaced => Matched::Yes,
                Some(selector) => match namespace(own_namespace) {
                    Namespace::Known(found) => selector.matches(found),
                    Namespace::Absent => Matched::Unknown,
                },
            },
        )
    }

    fn kind_matches(&self, group: &str, kind: &str) -> bool {
        let holds = |names: &[String], name: &str| names.is_empty() || names.iter().any(|n| n == "*" || n == name);
        self.kinds.is_empty() || self.kinds.iter().any(|(groups, kinds)| holds(kinds, kind) && holds(groups, group))
    }

    fn name_matches(&self, body: &Value) -> bool {
        self.name.is_empty()
            || glob(&self.name, metadata(body, "name"))
            || (self.name.ends_with('*') && {
                let generated = metadata(body, "generateName");
                !generated.is_empty() && glob(&self.name, generated)
            })
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
    fn each_criterion_decides() {
        const POD: &str = "{apiVersion: v1, kind: Pod, metadata: {name: api-1, namespace: shop, labels: {app: api}}}";
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
