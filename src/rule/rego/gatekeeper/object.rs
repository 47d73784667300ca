//! A Kubernetes object as Gatekeeper looks at it: what `spec.match` reads, and the review that a policy gets.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regorus::Value;

use crate::rule::rego::{Projection, project};
use crate::tree;

/// Where an object came from, for `spec.match.source`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// It stands in the files.
    Original,
    /// An `ExpansionTemplate` made it.
    Generated,
}

/// An object under review. The engine's value of it is made when the first policy asks.
#[derive(Debug)]
pub struct Object<'t> {
    /// All of it.
    pub body: &'t tree::Value,
    /// Where it came from.
    pub origin: Origin,
    /// The admission request that holds it, in samples that are `AdmissionReview`s.
    request: Option<&'t tree::Value>,
    review: OnceLock<Review>,
}

/// What a policy gets as `input.review`.
#[derive(Debug)]
pub struct Review {
    /// The value.
    pub value: Value,
    /// What of the object is not known.
    pub unknown: Vec<tree::Path>,
}

impl<'t> Object<'t> {
    /// An object of the files.
    #[must_use]
    pub fn new(body: &'t tree::Value) -> Self {
        Self::with_origin(body, Origin::Original)
    }

    /// An object with its origin.
    #[must_use]
    pub fn with_origin(body: &'t tree::Value, origin: Origin) -> Self {
        Self { body, origin, request: None, review: OnceLock::new() }
    }

    /// The object of an admission review; `None` for any other document, and for a review without one.
    #[must_use]
    pub fn of_admission(document: &'t tree::Value) -> Option<Self> {
        let group = text(document, "apiVersion").split('/').next().unwrap_or_default();
        if text(document, "kind") != "AdmissionReview" || group != "admission.k8s.io" {
            return None;
        }
        let request = document.get("request")?;
        let there = |key| request.get(key).filter(|v| !v.is_null());
        Some(Self {
            body: there("object").or_else(|| there("oldObject"))?,
            origin: Origin::Original,
            request: Some(request),
            review: OnceLock::new(),
        })
    }

    /// The object before the change, in an admission review.
    #[must_use]
    pub fn old(&self) -> Option<&'t tree::Value> {
        self.request?.get("oldObject").filter(|v| !v.is_null())
    }

    /// The same object with a text in the place of each unknown leaf, to see whether a verdict hangs on them.
    #[must_use]
    pub fn guessed(&self, guess: &'t tree::Value) -> Self {
        Self { body: guess, origin: self.origin, request: None, review: OnceLock::new() }
    }

    /// Group, version and kind.
    #[must_use]
    pub fn gvk(&self) -> (&'t str, &'t str, &'t str) {
        gvk(self.body)
    }

    /// The review.
    pub fn review(&self) -> &Review {
        self.review.get_or_init(|| match self.request {
            Some(request) => of_request(request),
            None => of_object(self.body),
        })
    }
}

/// Group, version and kind of an object.
pub(super) fn gvk(body: &tree::Value) -> (&str, &str, &str) {
    let api_version = text(body, "apiVersion");
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    (group, version, text(body, "kind"))
}

/// A string below a key; empty where there is none.
pub(super) fn text<'t>(value: &'t tree::Value, key: &str) -> &'t str {
    value.get(key).and_then(tree::Value::as_str).unwrap_or_default()
}

/// A string below `metadata`; empty where there is none.
pub(super) fn metadata<'t>(body: &'t tree::Value, key: &str) -> &'t str {
    body.get("metadata").map_or("", |m| text(m, key))
}

fn object(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let entries = entries.into_iter().map(|(key, value)| (Value::from(key), value));
    Value::from(entries.collect::<BTreeMap<_, _>>())
}

fn triple(last: &'static str, (group, version, name): (&str, &str, &str)) -> Value {
    object([("group", group.into()), ("version", version.into()), (last, name.into())])
}

/// As the API server's request would be if only the object were known.
fn of_object(body: &tree::Value) -> Review {
    let Projection { value, unknown } = project(body);
    let mut entries = vec![
        ("uid", Value::from("")),
        ("kind", triple("kind", gvk(body))),
        ("resource", triple("resource", ("", "", ""))),
        ("operation", Value::from("")),
        ("userInfo", Value::new_object()),
        ("object", value),
        ("oldObject", Value::Null),
        ("options", Value::Null),
    ];
    for key in ["name", "namespace"] {
        match metadata(body, key) {
            "" => {}
            known => entries.push((key, known.into())),
        }
    }
    Review { value: object(entries), unknown }
}

fn of_request(request: &tree::Value) -> Review {
    let Projection { value, unknown } = project(request);
    let Ok(given) = value.as_object() else {
        return Review { value, unknown };
    };
    let mut entries: BTreeMap<Value, Value> = given.iter_sorted().map(|(k, v)| (k.clone(), v.clone())).collect();
    for (key, default) in [
        ("uid", Value::from("")),
        ("operation", Value::from("")),
        ("userInfo", Value::new_object()),
        ("oldObject", Value::Null),
        ("options", Value::Null),
    ] {
        entries.entry(Value::from(key)).or_insert(default);
    }
    // What is deleted is reviewed as if it were there.
    if entries.get(&Value::from("operation")) == Some(&Value::from("DELETE"))
        && let Some(old) = entries.get(&Value::from("oldObject")).cloned()
    {
        entries.insert(Value::from("object"), old);
    }
    Review { value: Value::from(entries), unknown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    fn parsed(text: &str) -> tree::Value {
        let sources = Sources::new();
        yaml::parse(&sources.add("a.yaml", text)).documents[0].root.clone()
    }

    #[test]
    fn reviews_are_shaped_like_requests() {
        let body = parsed("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: b}");
        let object = Object::new(&body);
        let json = object.review().value.to_string();
        assert!(json.contains(r#""kind":{"group":"apps","kind":"Deployment","version":"v1"}"#), "{json}");
        assert!(json.contains(r#""name":"a""#) && json.contains(r#""namespace":"b""#));
        let core = parsed("apiVersion: v1\nkind: Pod");
        assert_eq!(Object::new(&core).gvk(), ("", "v1", "Pod"));
    }

    #[test]
    fn admission_reviews_give_their_request() {
        let review = parsed(
            "apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest:\n  operation: DELETE\n  oldObject: {kind: Pod, apiVersion: v1}\n",
        );
        let object = Object::of_admission(&review).unwrap();
        assert_eq!(object.gvk().2, "Pod");
        let seen = &object.review().value;
        assert_eq!(seen["object"], seen["oldObject"]);
        assert!(Object::of_admission(&parsed("kind: Pod")).is_none());
    }
}
