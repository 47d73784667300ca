//! `stamplint.pods` and `stamplint.containers`: where pods stand in an object, so that no policy keeps a table of kinds.

use std::collections::BTreeMap;

use regorus::Value;

use crate::model::kubernetes;

const LISTS: [(&str, &str); 3] =
    [("initContainers", "init"), ("containers", "container"), ("ephemeralContainers", "ephemeral")];

/// A pod template: its path, its metadata and its spec.
struct Pod {
    path: Vec<Value>,
    metadata: Value,
    spec: Value,
}

pub(super) fn pods(arguments: &[Value]) -> Value {
    let pods = arguments.first().map(of).unwrap_or_default();
    Value::from(pods.iter().map(Pod::value).collect::<Vec<_>>())
}

pub(super) fn containers(arguments: &[Value]) -> Value {
    let mut found = Vec::new();
    for pod in arguments.first().map(of).unwrap_or_default() {
        let whole = pod.value();
        for (list, kind) in LISTS {
            let Some(Value::Array(items)) = field(&pod.spec, list) else {
                continue;
            };
            for (index, container) in items.iter().enumerate() {
                let mut path = pod.path.clone();
                path.extend([Value::from("spec"), Value::from(list), Value::from(index)]);
                found.push(object([
                    ("path", Value::from(path)),
                    ("kind", Value::from(kind)),
                    ("container", container.clone()),
                    ("pod", whole.clone()),
                ]));
            }
        }
    }
    Value::from(found)
}

impl Pod {
    fn value(&self) -> Value {
        object([
            ("path", Value::from(self.path.clone())),
            ("metadata", self.metadata.clone()),
            ("spec", self.spec.clone()),
        ])
    }
}

fn object(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::from(entries.into_iter().map(|(k, v)| (Value::from(k), v)).collect::<BTreeMap<_, _>>())
}

fn field(value: &Value, name: &str) -> Option<Value> {
    value.as_object().ok()?.get(&Value::from(name)).cloned()
}

/// The pods of an object; none for what runs none.
fn of(body: &Value) -> Vec<Pod> {
    let text = |name| match field(body, name) {
        Some(Value::String(text)) => text.to_string(),
        _ => String::new(),
    };
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    let mut found = Vec::new();
    for dotted in kubernetes::templates(group, &kind) {
        descend(body, dotted, Vec::new(), &mut found);
    }
    found
}

fn descend(value: &Value, dotted: &str, path: Vec<Value>, found: &mut Vec<Pod>) {
    let (head, rest) = dotted.split_once('.').unwrap_or((dotted, ""));
    let join = |path: &[Value], further: &[Value]| path.iter().chain(further).cloned().collect::<Vec<_>>();
    if head.is_empty() {
        if let Some(spec) = field(value, "spec") {
            let metadata = field(value, "metadata").unwrap_or_else(Value::new_object);
            found.push(Pod { path, metadata, spec });
        }
    } else if head == "*" {
        if let Ok(entries) = value.as_object() {
            for (key, below) in entries.iter_sorted() {
                descend(below, rest, join(&path, std::slice::from_ref(key)), found);
            }
        }
    } else if let Some(list) = head.strip_suffix("[]") {
        if let Some(Value::Array(items)) = field(value, list) {
            for (index, item) in items.iter().enumerate() {
                descend(item, rest, join(&path, &[Value::from(list), Value::from(index)]), found);
            }
        }
    } else if let Some(next) = field(value, head) {
        descend(&next, rest, join(&path, &[Value::from(head)]), found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_of_every_shape() {
        let json = |text: &str| Value::from_json_str(text).unwrap();
        let spec = r#""spec": {"containers": [{"name": "a"}], "initContainers": [{"name": "i"}]}"#;
        let cases = [
            (format!(r#"{{"apiVersion": "v1", "kind": "Pod", {spec}}}"#), r#"["spec","initContainers",0]"#),
            (
                format!(r#"{{"apiVersion": "apps/v1", "kind": "Deployment", "spec": {{"template": {{{spec}}}}}}}"#),
                r#"["spec","template","spec","initContainers",0]"#,
            ),
            (
                format!(
                    r#"{{"apiVersion": "batch.volcano.sh/v1", "kind": "Job", "spec": {{"tasks": [{{"template": {{{spec}}}}}]}}}}"#
                ),
                r#"["spec","tasks",0,"template","spec","initContainers",0]"#,
            ),
        ];
        for (body, expected) in cases {
            let found = containers(&[json(&body)]);
            assert_eq!(found[0usize]["path"].to_string(), expected);
            assert_eq!(found[0usize]["kind"], Value::from("init"));
            assert_eq!(found[1usize]["container"]["name"], Value::from("a"));
        }
        assert_eq!(pods(&[json(r#"{"kind": "Service"}"#)]).to_string(), "[]");
        assert_eq!(pods(&[Value::Null]).to_string(), "[]");
    }
}
