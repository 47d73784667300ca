//! Label selectors as Kubernetes evaluates them, with a third answer where a label or the selector is not known.

use crate::tree::{Kind, Lookup, Text, Value};

/// Whether a selector matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Match {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It cannot be told.
    Unknown,
}

impl Match {
    /// From a truth value.
    #[must_use]
    pub fn from_bool(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Unknown,
        }
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            _ => Self::Unknown,
        }
    }

    /// The opposite.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// The labels of an object, with those that controllers add.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    known: Vec<(Text, Text)>,
    /// Labels that are there with a value that is not known.
    valueless: Vec<Text>,
    /// Whether there may be labels that are not seen.
    open: bool,
}

impl Labels {
    /// The labels of `metadata`.
    #[must_use]
    pub fn of(metadata: Option<&Value>) -> Self {
        let mut labels = Self::default();
        match Lookup::of(metadata).get("labels") {
            Lookup::Known(map) => map.entries().iter().for_each(|e| labels.add(&e.key, &e.value)),
            Lookup::Unknown(_) => labels.open = true,
            Lookup::Absent => {}
        }
        labels
    }

    fn add(&mut self, key: &Text, value: &Value) {
        match &value.kind {
            Kind::String(text) => self.known.push((key.clone(), text.clone())),
            // The API refuses other types; as text they still say what was meant.
            Kind::Number(n) => self.known.push((key.clone(), n.to_string().into())),
            Kind::Bool(b) => self.known.push((key.clone(), b.to_string().into())),
            Kind::Null => self.known.push((key.clone(), Text::default())),
            _ => self.valueless.push(key.clone()),
        }
    }

    /// Adds a label whose value only the cluster knows.
    pub fn add_unknown(&mut self, key: &str) {
        self.valueless.push(key.into());
    }

    /// Adds a label, unless it is there.
    pub fn add_known(&mut self, key: &str, value: &str) {
        if !self.known.iter().any(|(k, _)| k == key) {
            self.known.push((key.into(), value.into()));
        }
    }

    /// Labels that no file shows: any may be there.
    #[must_use]
    pub fn unseen() -> Self {
        Self { open: true, ..Self::default() }
    }

    /// Adds the labels of something else, with a prefix.
    pub fn add_all(&mut self, other: &Self, prefix: &str) {
        for (key, value) in other.known() {
            self.add_known(&format!("{prefix}{key}"), value);
        }
        for key in other.valueless() {
            self.add_unknown(&format!("{prefix}{key}"));
        }
    }

    /// The value of a label: `Some(None)` where it is there and not known.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Option<&str>> {
        let known = self.known.iter().find(|(k, _)| k == key).map(|(_, v)| Some(v.as_str()));
        known.or_else(|| self.valueless.iter().any(|k| k == key).then_some(None))
    }

    /// Labels with known values.
    pub fn known(&self) -> impl Iterator<Item = (&str, &str)> {
        self.known.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// Labels that are there with a value that is not known.
    pub fn valueless(&self) -> impl Iterator<Item = &str> {
        self.valueless.iter().map(Text::as_str)
    }

    /// Whether a label is there.
    #[must_use]
    pub fn has(&self, key: &str) -> Match {
        match self.get(key) {
            Some(_) => Match::Yes,
            None if self.open => Match::Unknown,
            None => Match::No,
        }
    }

    /// Whether a label is there with one of these values.
    #[must_use]
    pub fn has_one_of<'v>(&self, key: &str, mut values: impl Iterator<Item = &'v str>) -> Match {
        match self.get(key) {
            Some(Some(held)) => Match::from_bool(values.any(|v| v == held)),
            Some(None) => Match::Unknown,
            None if self.open => Match::Unknown,
            None => Match::No,
        }
    }
}

/// Whether a label selector that is there matches; the empty one matches everything. (What an absent one means is for
/// each API to say.)
#[must_use]
pub fn matches(selector: &Value, labels: &Labels) -> Match {
    matches_with(selector, labels, |key| key)
}

/// As [`matches`], with the selector's keys rewritten first: Cilium writes `k8s:app` for `app`.
pub fn matches_with(selector: &Value, labels: &Labels, key: impl Fn(&str) -> &str) -> Match {
    if matches!(selector.kind, Kind::Unknown(_)) {
        return Match::Unknown;
    }
    let mut verdict = Match::Yes;
    match selector.look("matchLabels") {
        Lookup::Known(map) => {
            for entry in map.entries() {
                verdict = verdict.and(equals(key(&entry.key), &entry.value, labels));
            }
        }
        Lookup::Unknown(_) => verdict = Match::Unknown,
        Lookup::Absent => {}
    }
    for expression in selector.get("matchExpressions").map(Value::items).unwrap_or_default() {
        verdict = verdict.and(expressed(expression, labels, &key));
    }
    verdict
}

/// Whether a label selector selects everything: it is there and names no label.
#[must_use]
pub fn is_everything(selector: &Value) -> bool {
    let empty = |key| {
        selector
            .get(key)
            .is_none_or(|v| v.is_null() || (v.entries().is_empty() && v.items().is_empty() && !v.has_unknown()))
    };
    (selector.as_map().is_some() || selector.is_null()) && empty("matchLabels") && empty("matchExpressions")
}

/// The keys that a label selector names.
pub fn keys(selector: &Value) -> impl Iterator<Item = &str> {
    let labels = selector.get("matchLabels").map(Value::entries).unwrap_or_default().iter().map(|e| e.key.as_str());
    let expressions = selector.get("matchExpressions").map(Value::items).unwrap_or_default();
    labels.chain(expressions.iter().filter_map(|e| e.get("key").and_then(Value::as_str)))
}

fn equals(key: &str, value: &Value, labels: &Labels) -> Match {
    match &value.kind {
        Kind::Unknown(_) | Kind::Parts(_) => labels.has(key).and(Match::Unknown),
        _ => match text(value) {
            Some(wanted) => labels.has_one_of(key, std::iter::once(wanted.as_str())),
            None => Match::No,
        },
    }
}

fn text(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::String(s) => Some(s.to_string()),
        Kind::Number(n) => Some(n.to_string()),
        Kind::Bool(b) => Some(b.to_string()),
        Kind::Null => Some(String::new()),
        _ => None,
    }
}

fn expressed(expression: &Value, labels: &Labels, rewrite: impl Fn(&str) -> &str) -> Match {
    let Some(key) = expression.get("key").and_then(Value::as_str) else {
        return Match::Unknown;
    };
    let key = rewrite(key);
    let operator = expression.get("operator").and_then(Value::as_str).unwrap_or_default();
    let listed = expression.get("values").map(Value::items).unwrap_or_default();
    if listed.iter().any(Value::has_unknown) {
        return Match::Unknown;
    }
    let values: Vec<String> = listed.iter().filter_map(text).collect();
    let one_of = || labels.has_one_of(key, values.iter().map(String::as_str));
    match operator {
        "In" => one_of(),
        // A key that is not there is in no list.
        "NotIn" => one_of().negate(),
        "Exists" => labels.has(key),
        "DoesNotExist" => labels.has(key).negate(),
        _ => Match::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    fn value(text: &str) -> Value {
        let sources = Sources::new();
        yaml::parse(&sources.add("t.yaml", text)).documents.remove(0).root
    }

    #[test]
    fn as_kubernetes_evaluates_them() {
        let labels = Labels::of(Some(&value("labels: {app: web, tier: \"1\"}")));
        for (selector, wanted) in [
            ("{}", Match::Yes),
            ("matchLabels: {app: web}", Match::Yes),
            ("matchLabels: {app: api}", Match::No),
            ("matchLabels: {app: web, zone: a}", Match::No),
            ("matchExpressions: [{key: app, operator: In, values: [api, web]}]", Match::Yes),
            ("matchExpressions: [{key: zone, operator: NotIn, values: [a]}]", Match::Yes),
            ("matchExpressions: [{key: app, operator: NotIn, values: [web]}]", Match::No),
            ("matchExpressions: [{key: app, operator: Exists}]", Match::Yes),
            ("matchExpressions: [{key: zone, operator: DoesNotExist}]", Match::Yes),
            ("matchExpressions: [{key: app, operator: Near}]", Match::Unknown),
        ] {
            assert_eq!(matches(&value(selector), &labels), wanted, "{selector}");
        }
    }
}
