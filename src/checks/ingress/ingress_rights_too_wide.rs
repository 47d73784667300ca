//! `ingress-rights-too-wide`: an ingress controller reads what it serves from, and no more.

use crate::model::Resource;
use crate::model::kubernetes::{ingress_controller, pods};
use crate::path;
use crate::rule::{Finding, Findings, StampCx};
use crate::tree::Value;

/// Judges the cluster roles of ingress controllers.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let inventory = cx.inventory();
    let mut accounts: Vec<(&str, String)> = Vec::new();
    for workload in ["Deployment", "DaemonSet", "StatefulSet"].into_iter().flat_map(|k| inventory.kind(k)) {
        if ingress_controller(workload).is_some() {
            for pod in pods(workload) {
                let account = ["serviceAccountName", "serviceAccount"].iter().find_map(|k| pod.spec.get(k)?.as_str());
                accounts.push((workload.namespace(), account.unwrap_or("default").to_owned()));
            }
        }
    }
    let mut judged: Vec<String> = Vec::new();
    for binding in inventory.kind("ClusterRoleBinding").filter(|b| names(b, &accounts)) {
        let Some(role) = binding.body.look("roleRef.name").known().and_then(Value::as_str) else { continue };
        if judged.iter().any(|j| j == role) {
            continue;
        }
        judged.push(role.to_owned());
        if role == "cluster-admin" {
            let message = format!("{} makes an ingress controller cluster administrator", binding.noun());
            out.push(Finding::at(binding, crate::tree::Path::dotted("roleRef.name"), message).label("every right"));
            continue;
        }
        for role in inventory.kind("ClusterRole").filter(|r| r.name() == role) {
            judge(role, out);
        }
    }
}

fn names(binding: &Resource, accounts: &[(&str, String)]) -> bool {
    let subjects = binding.body.look("subjects").known().map(Value::items).unwrap_or_default();
    subjects.iter().any(|s| {
        let text = |key: &str| s.get(key).and_then(Value::as_str);
        text("kind") == Some("ServiceAccount")
            && accounts.iter().any(|(ns, name)| text("name") == Some(name) && text("namespace") == Some(ns))
    })
}

fn judge(role: &std::sync::Arc<Resource>, out: &mut Findings) {
    let rules = role.body.look("rules").known().map(Value::items).unwrap_or_default();
    for (i, rule) in rules.iter().enumerate() {
        let list = |key: &str| -> Vec<(usize, &str)> {
            let items = rule.get(key).map(Value::items).unwrap_or_default();
            items.iter().enumerate().filter_map(|(j, v)| Some((j, v.as_str()?))).collect()
        };
        let mut report = |key: &str, j: usize, why: &str| {
            let message = format!("{} gives an ingress controller too much: {why}", role.noun());
            let help = "Let it read services, endpoints, ingresses and its own kinds, and take certificates from a volume or a named secret";
            out.push(Finding::at(role, path!["rules", i, key, j], message).label(why).help(help));
        };
        let wildcard = ["resources", "verbs", "apiGroups"]
            .into_iter()
            .find_map(|key| list(key).into_iter().find(|(_, v)| *v == "*").map(|(j, _)| (key, j)));
        if let Some((key, j)) = wildcard {
            report(key, j, "a wildcard");
            continue;
        }
        let reads = list("verbs")
            .iter()
            .any(|(_, v)| matches!(*v, "get" | "list" | "watch" | "create" | "update" | "patch" | "delete"));
        let named = rule.get("resourceNames").is_some_and(|n| !n.items().is_empty());
        if let Some((j, _)) = list("resources").into_iter().find(|(_, r)| *r == "secrets").filter(|_| reads && !named) {
            report("resources", j, "every secret of the cluster");
        }
    }
}
