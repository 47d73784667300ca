//! The documents below `data` that our own policies see beside the input.

use std::collections::{BTreeMap, BTreeSet};

use regorus::Value;
use xxhash_rust::xxh3::Xxh3;

use crate::model::{Fleet, Identity, Inventory, Resource, Stamp};
use crate::rule::Options;
use crate::rule::rego::{Reads, project};
use crate::tree;

fn object(entries: impl IntoIterator<Item = (impl Into<Value>, Value)>) -> Value {
    Value::from(entries.into_iter().map(|(k, v)| (k.into(), v)).collect::<BTreeMap<_, _>>())
}

/// `data.options`.
pub(super) fn options(options: &Options) -> Value {
    let values = options.all().iter().map(|(name, value)| (name.as_str(), project(value).value));
    object([("options", object(values))])
}

/// `data.stamp`.
pub(super) fn stamp(stamp: &Stamp) -> Value {
    object([("stamp", about(stamp))])
}

fn about(stamp: &Stamp) -> Value {
    let optional = |text: &Option<tree::Text>| text.as_ref().map_or(Value::Null, |t| Value::from(t.as_str()));
    let vars = stamp.vars.iter().map(|(k, v)| (k.as_str(), Value::from(v.as_str())));
    object([
        ("name", Value::from(stamp.name.as_str())),
        ("region", optional(&stamp.region)),
        ("environment", optional(&stamp.environment)),
        ("vars", object(vars)),
    ])
}

/// Equal for stamps of which `data.stamp` and `data.inventory` are equal, as far as a policy reads them.
pub(super) fn key(stamp: &Stamp, reads: &Reads) -> u128 {
    let mut hasher = Xxh3::new();
    if reads.stamp {
        hasher.update(about(stamp).to_string().as_bytes());
    }
    if reads.inventory {
        for resource in shown(&stamp.inventory, reads.kinds.as_ref()) {
            hasher.update(&resource.body.content_hash().to_le_bytes());
            if let Identity::Azure { ty, name, .. } = &resource.identity {
                hasher.update(format!("{ty}\n{name}\n{}\n", resource_group(resource)).as_bytes());
            }
        }
    }
    hasher.digest128()
}

/// The resources of `data.inventory`: those of some Kubernetes kinds where a policy looks up no others.
fn shown<'i>(inventory: &'i Inventory, kinds: Option<&'i BTreeSet<String>>) -> Vec<&'i Resource> {
    match kinds {
        Some(kinds) => {
            kinds.iter().flat_map(|k| inventory.kind(k)).filter(|r| r.is_kubernetes()).map(AsRef::as_ref).collect()
        }
        None => inventory.all().iter().map(AsRef::as_ref).collect(),
    }
}

/// `data.inventory`, with Kubernetes objects of some kinds only where the policy looks up these by name.
pub(super) fn inventory(inventory: &Inventory, kinds: Option<&BTreeSet<String>>) -> Value {
    object([("inventory", resources(inventory, kinds))])
}

/// `data.stamps`.
pub(super) fn stamps(fleet: &Fleet) -> Value {
    let each = fleet.stamps.iter().map(|stamp| {
        let mut about = about(stamp);
        if let Ok(fields) = about.as_object_mut() {
            fields.insert(Value::from("inventory"), resources(&stamp.inventory, None));
        }
        (stamp.name.as_str(), about)
    });
    object([("stamps", object(each))])
}

type Nested = BTreeMap<String, BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>>;

/// `{kubernetes: {apiVersion: {kind: {namespace: {name: …}}}}, azure: {type: {resource group: {name: …}}}}`.
fn resources(inventory: &Inventory, kinds: Option<&BTreeSet<String>>) -> Value {
    let mut kubernetes: Nested = BTreeMap::new();
    let mut azure: BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>> = BTreeMap::new();
    for resource in shown(inventory, kinds) {
        let body = project(&resource.body).value;
        match &resource.identity {
            Identity::Kubernetes { api_version, kind, namespace, name } => {
                let kinds = kubernetes.entry(api_version.to_string()).or_default();
                let namespaces = kinds.entry(kind.to_string()).or_default();
                let names = namespaces.entry(namespace.as_deref().unwrap_or_default().to_owned()).or_default();
                names.insert(name.to_string(), body);
            }
            Identity::Azure { ty, name, .. } => {
                let groups = azure.entry(ty.to_ascii_lowercase().into()).or_default();
                groups.entry(resource_group(resource)).or_default().insert(name.to_string(), body);
            }
        }
    }
    let names = |names: BTreeMap<String, Value>| object(names);
    let groups =
        |groups: BTreeMap<String, BTreeMap<String, Value>>| object(groups.into_iter().map(|(k, v)| (k, names(v))));
    let kinds = kubernetes
        .into_iter()
        .map(|(version, kinds)| (version, object(kinds.into_iter().map(|(kind, below)| (kind, groups(below))))));
    object([("kubernetes", object(kinds)), ("azure", object(azure.into_iter().map(|(ty, below)| (ty, groups(below)))))])
}

/// The resource group that an id names; empty where it is not known.
fn resource_group(resource: &Resource) -> String {
    let Identity::Azure { id, .. } = &resource.identity else {
        return String::new();
    };
    let id = id.as_str().unwrap_or_default();
    let mut parts = id.split('/').skip_while(|p| !p.eq_ignore_ascii_case("resourceGroups"));
    parts.nth(1).unwrap_or_default().to_owned()
}
