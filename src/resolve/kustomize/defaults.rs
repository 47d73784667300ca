//! The lists that kustomize has built in, from `data/fieldspecs.txt`.

use std::sync::{Arc, LazyLock};

use super::id::Gvk;
use super::spec::{Config, FieldSpec, Reference};

/// The built-in lists.
pub(super) fn config() -> Arc<Config> {
    static DEFAULT: LazyLock<Arc<Config>> = LazyLock::new(|| Arc::new(read(include_str!("data/fieldspecs.txt"))));
    Arc::clone(&DEFAULT)
}

/// A kind that holds a pod, with the path to the pod's `spec`, and the words that stand for it: `pods`, `pods+`, `pods*`.
const PODS: &[(&str, &str, &[&str])] = &[
    ("Pod", "spec", &["pods", "pods+", "pods*"]),
    ("PodTemplate", "template/spec", &["pods"]),
    ("Deployment", "spec/template/spec", &["pods", "pods+", "pods*"]),
    ("ReplicaSet", "spec/template/spec", &["pods", "pods*"]),
    ("ReplicationController", "spec/template/spec", &["pods+"]),
    ("DaemonSet", "spec/template/spec", &["pods", "pods+", "pods*"]),
    ("StatefulSet", "spec/template/spec", &["pods", "pods+", "pods*"]),
    ("Job", "spec/template/spec", &["pods", "pods+", "pods*"]),
    ("CronJob", "spec/jobTemplate/spec/template/spec", &["pods", "pods+", "pods*"]),
];

fn read(table: &str) -> Config {
    let mut config = Config::default();
    let mut section = "";
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        if let Some(head) = line.strip_prefix('[') {
            section = head.trim_end_matches(']');
            if let Some(target) = section.strip_prefix("reference ") {
                config.name_reference.push(Reference { target: target_of(target), referrers: Vec::new() });
            }
            continue;
        }
        for spec in specs(line.trim()) {
            add(&mut config, section, spec);
        }
    }
    config.sort();
    config
}

fn add(config: &mut Config, section: &str, spec: FieldSpec) {
    if section.starts_with("reference ") {
        if let Some(reference) = config.name_reference.last_mut() {
            reference.referrers.push(spec);
        }
        return;
    }
    for name in section.split(' ') {
        if let Some(list) = config.section(name) {
            list.push(spec.clone());
        }
    }
}

/// `ClusterRole rbac.authorization.k8s.io/`, `Secret v1`, `Deployment`.
fn target_of(words: &str) -> Gvk {
    let (kind, api) = words.split_once(' ').unwrap_or((words, ""));
    let (group, version) = api.rsplit_once('/').unwrap_or(("", api));
    Gvk { group: group.into(), version: version.into(), kind: kind.into() }
}

/// `[+] PATH [of KIND [in GROUP[/VERSION]]]`.
fn specs(line: &str) -> Vec<FieldSpec> {
    let (create, rest) = match line.strip_prefix("+ ") {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let (path, of) = rest.split_once(" of ").unwrap_or((rest, ""));
    let pods: Vec<_> = PODS.iter().filter(|(_, _, words)| words.contains(&of)).collect();
    if !pods.is_empty() {
        let at = |(kind, prefix, _): &&(&str, &str, &[&str])| {
            FieldSpec::new(kind_in(kind, ""), &format!("{prefix}/{path}"), create)
        };
        return pods.iter().map(at).collect();
    }
    let (kind, group) = of.split_once(" in ").unwrap_or((of, ""));
    vec![FieldSpec::new(kind_in(kind, group), path, create)]
}

fn kind_in(kind: &str, group: &str) -> Gvk {
    let (group, version) = group.split_once('/').unwrap_or((group, ""));
    Gvk { group: group.into(), version: version.into(), kind: kind.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads() {
        let config = config();
        assert_eq!(config.name_prefix.len(), 1);
        assert_eq!(config.images.len(), 7);
        let secret = config.name_reference.iter().find(|r| r.target.kind == "Secret").unwrap();
        assert!(secret.referrers.iter().any(|s| {
            s.gvk.kind == "CronJob" && s.path == "spec/jobTemplate/spec/template/spec/imagePullSecrets/name"
        }));
        assert!(config.common_labels.iter().any(|s| s.create && s.gvk.version == "v1" && s.gvk.kind == "Service"));
    }
}
