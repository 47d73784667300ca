//! Runs the Kubernetes samples of a checkout of Azure's policies: each template with the parameters of its scenario over
//! the objects below `violations/`, which must violate, and `good/`, which must not.
//!
//! ```text
//! cargo run --release --example azure-policy -- DIR
//! ```
//!
//! `DIR` holds `samples/KubernetesService` and `built-in-policies/policyDefinitions/Kubernetes`, whose definitions say how
//! parameters become a constraint's. It prints each object that goes otherwise, and the count of those that do not.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::indexing_slicing, reason = "a program for developers")]

mod disk;

use std::collections::BTreeMap;
use std::sync::Arc;

use disk::Disk;
use serde_json::{Value as Json, json};
use stamplint::read::yaml;
use stamplint::rule::rego::Limits;
use stamplint::rule::rego::gatekeeper::{Gatekeeper, Held, Inventory, Object};
use stamplint::source::{Files, Source};
use stamplint::tree::Value;

const SAMPLES: &str = "samples/KubernetesService";
const DEFINITIONS: &str = "built-in-policies/policyDefinitions/Kubernetes";

/// Why objects go otherwise than their folder says.
const REASONS: [(&str, &str); 8] = [
    ("image-integrity-notation-verification", "asks an external data provider, which runs in a cluster only"),
    ("violation-automount-undefined", "counts on the volume that the API server adds for the account's token"),
    ("container-allowed-pull-policy", "counts on the pull policy that the API server gives by default"),
    ("container-restricted-image-pulls", "counts on the namespace that the API server gives by default"),
    ("block-default-secret", "counts on the namespace that the API server gives by default"),
    ("restricted-node-edits", "counts on the object before the change, which the sample does not hold"),
    ("container-allowed-ports", "the scenario gives no parameters"),
    ("disallowed-host-paths", "the scenario gives no parameters"),
];

fn main() {
    let folder = std::env::args().nth(1).expect("a folder");
    let disk = Disk::new(&folder);
    let definitions: Vec<Json> = disk
        .find(&[".json"])
        .into_iter()
        .filter(|p| p.starts_with(DEFINITIONS))
        .filter_map(|p| serde_json::from_str(disk.load(&p).ok()?.text()).ok())
        .collect();
    let (mut passed, mut total) = (0, 0);
    for path in disk.find(&["template.yaml"]).into_iter().filter(|p| p.starts_with(SAMPLES)) {
        let name = path.trim_start_matches(SAMPLES).trim_matches('/').split('/').next().unwrap_or_default().to_owned();
        let scenarios = disk.find(&["policy_parameters.json"]);
        let below = format!("{SAMPLES}/{name}/");
        let mut folders: Vec<String> = disk
            .find(&[".yaml", ".yml"])
            .into_iter()
            .filter(|p| p.starts_with(&below))
            .filter_map(|p| p.split_once("/violations/").or(p.split_once("/good/")).map(|(f, _)| f.to_owned()))
            .collect();
        folders.dedup();
        for scenario in folders {
            let parameters = scenarios
                .iter()
                .find(|p| p.starts_with(&format!("{scenario}/")))
                .and_then(|p| serde_json::from_str(disk.load(p).ok()?.text()).ok())
                .unwrap_or_else(|| json!({}));
            let constraint = constraint(&name, &parameters, &definitions);
            for (part, violates) in [("violations", true), ("good", false)] {
                for object in disk.find(&[".yaml", ".yml"]) {
                    if !object.starts_with(&format!("{scenario}/{part}/")) {
                        continue;
                    }
                    let (asked, wrong) = judge(&disk, &path, &constraint, &object, violates);
                    total += asked;
                    passed += asked - wrong.len();
                    for why in wrong {
                        match REASONS.iter().find(|(part, _)| object.contains(part)) {
                            Some((_, reason)) => println!("{object}: {reason}"),
                            None => println!("{object}: not explained: {why}"),
                        }
                    }
                }
            }
        }
    }
    println!("{passed} of {total} objects go as their folder says");
}

/// The constraint that Azure would make: the definition's `values` with the scenario's parameters.
fn constraint(name: &str, given: &Json, definitions: &[Json]) -> Json {
    let fits = |d: &&Json| {
        let details = &d["properties"]["policyRule"]["then"]["details"];
        let url = [&details["templateInfo"]["url"], &details["constraintTemplate"]];
        url.iter().filter_map(|u| u.as_str()).any(|u| u.contains(&format!("/{name}/")))
    };
    let known = |d: &&Json| {
        let keys = given.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        keys.iter().all(|k| d["properties"]["parameters"].get(k).is_some())
    };
    // A definition that does not know what the scenario gives is of another version than the template.
    let Some(definition) = definitions.iter().filter(fits).find(known) else {
        let values: BTreeMap<String, Json> =
            given.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v["value"].clone())).collect();
        return json!({"spec": {"parameters": values}});
    };
    let parameters = &definition["properties"]["parameters"];
    let value = |name: &str| match given.get(name) {
        Some(given) => given["value"].clone(),
        None => parameters[name]["defaultValue"].clone(),
    };
    let details = &definition["properties"]["policyRule"]["then"]["details"];
    let values = filled(&details["values"], &value);
    let mut criteria = json!({});
    let (groups, kinds) = (filled(&details["apiGroups"], &value), filled(&details["kinds"], &value));
    if kinds.is_array() {
        criteria["kinds"] = json!([{"apiGroups": groups, "kinds": kinds}]);
    }
    json!({"spec": {"match": criteria, "parameters": if values.is_null() { json!({}) } else { values }}})
}

/// `[parameters('x')]` and `[parameters('x').y]` filled in.
fn filled(value: &Json, of: &dyn Fn(&str) -> Json) -> Json {
    match value {
        Json::String(text) => {
            let Some(inside) = text.strip_prefix("[parameters('").and_then(|t| t.strip_suffix(']')) else {
                return value.clone();
            };
            let Some((name, rest)) = inside.split_once("')") else { return value.clone() };
            rest.split('.').filter(|p| !p.is_empty()).fold(of(name), |v, key| v[key].clone())
        }
        Json::Array(items) => items.iter().map(|i| filled(i, of)).collect(),
        Json::Object(entries) => {
            entries.iter().map(|(k, v)| (k.clone(), filled(v, of))).filter(|(_, v)| !v.is_null()).collect()
        }
        other => other.clone(),
    }
}

fn judge(disk: &Disk, template: &str, constraint: &Json, object: &str, violates: bool) -> (usize, Vec<String>) {
    let source = disk.load(template).expect("a template");
    let documents =
        |source: &Arc<Source>| -> Vec<Value> { yaml::parse(source).documents.into_iter().map(|d| d.root).collect() };
    let mut all: Vec<(Value, Arc<Source>)> = documents(&source).into_iter().map(|d| (d, Arc::clone(&source))).collect();
    let kind = all
        .first()
        .and_then(|(d, _)| d.look("spec.crd.spec.names.kind").known().and_then(Value::as_str).map(str::to_owned))
        .unwrap_or_default();
    let mut constraint = constraint.clone();
    constraint["apiVersion"] = json!("constraints.gatekeeper.sh/v1beta1");
    constraint["kind"] = json!(kind);
    constraint["metadata"] = json!({"name": "c"});
    let made = disk.sources.add("constraint.json", constraint.to_string());
    all.extend(documents(&made).into_iter().map(|d| (d, Arc::clone(&made))));
    let (gatekeeper, problems) = Gatekeeper::read(all.iter().map(|(v, s)| (v, s)), Limits::default());
    let (mut asked, mut wrong) = (0, Vec::new());
    let object = disk.load(object).expect("an object");
    for document in documents(&object) {
        let inventory = Inventory::default();
        let reviewed = Object::of_admission(&document).unwrap_or_else(|| Object::new(&document));
        if gatekeeper.about(&reviewed, &inventory).is_empty() {
            continue;
        }
        asked += 1;
        match gatekeeper.judge(&reviewed, &inventory, &Held::default()) {
            Err(problem) => wrong.push(problem.detail),
            Ok(found) if found.is_empty() == violates => {
                let messages: Vec<_> = found.into_iter().map(|(v, _)| v.message).collect();
                let told = gatekeeper.problems().chain(&problems).map(|p| p.detail.clone()).collect::<Vec<_>>();
                wrong.push(format!("violations {messages:?} {told:?} with {constraint}"));
            }
            Ok(_) => {}
        }
    }
    (asked, wrong)
}
