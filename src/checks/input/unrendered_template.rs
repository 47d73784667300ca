//! `unrendered-template`: what counts as rendered holds no `{{ }}` or `${VAR}` where a value was to be. (A template that
//! is YAML by accident, read as a map key, is a problem that the reader reports.)

use std::sync::Arc;

use super::schema::{self, CONTAINER, POD, Type};
use super::template::unrendered;
use crate::model::Resource;
use crate::model::image::image_uses;
use crate::model::kubernetes::{self, PodTemplate};
use crate::rule::{Finding, Findings, StampCx};
use crate::tree::{Case, Path, Value};

/// Names, namespaces, hosts, ports and counts: what is never meant to hold a template's delimiters.
const FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "spec.replicas",
    "spec.minReplicas",
    "spec.maxReplicas",
    "spec.minReplicaCount",
    "spec.maxReplicaCount",
    "spec.minAvailable",
    "spec.maxUnavailable",
    "spec.loadBalancerIP",
    "spec.ports[].port",
    "spec.ports[].targetPort",
    "spec.ports[].nodePort",
    "spec.rules[].host",
    "spec.tls[].hosts[]",
    "spec.hostnames[]",
    "spec.listeners[].hostname",
    "spec.servers[].hosts[]",
    "spec.hosts[]",
    "spec.scaleTargetRef.name",
];

/// Judges the manifests of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let flux = cx
        .inventory()
        .kind("Kustomization")
        .any(|k| k.group() == "kustomize.toolkit.fluxcd.io" && k.body.look("spec.postBuild").known().is_some());
    let manifests = cx.inventory().all().iter().filter(|r| r.is_kubernetes() && !defines_templates(r));
    for resource in manifests {
        // Flux puts `${VAR}` in after the build, unless the object opts out.
        let substituted = flux && !opts_out(resource);
        // What the schema gives a type of its own is no text, so no template can stand there either.
        let typed = schema::rows(resource).filter(|(_, ty)| ty.is_closed()).map(|(pattern, _)| pattern);
        let mut fields: Vec<(Path, &Value)> =
            FIELDS.iter().copied().chain(typed).flat_map(|f| resource.body.select(f, Case::Exact)).collect();
        for pod in kubernetes::pods(resource) {
            of_pod(&pod, &mut fields);
        }
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        fields.dedup_by(|a, b| a.0 == b.0);
        let images = image_uses(resource, &[]).into_iter().filter_map(|i| Some((i.path, i.value?)));
        for (path, value) in fields.into_iter().chain(images) {
            if let Some(what) = unrendered(value, substituted) {
                report(resource, path, what, out);
            }
        }
    }
}

/// The typed fields of a pod, its names and its containers' names.
fn of_pod<'r>(pod: &PodTemplate<'r>, fields: &mut Vec<(Path, &'r Value)>) {
    let spec = pod.path.join("spec");
    let closed = |rows: &'static [(&'static str, Type)]| rows.iter().filter(|(_, ty)| ty.is_closed()).map(|(p, _)| *p);
    for pattern in closed(POD).chain(["serviceAccountName"]) {
        fields.extend(pod.spec.select(pattern, Case::Exact).into_iter().map(|(path, v)| (spec.extend(&path), v)));
    }
    for container in kubernetes::containers(pod) {
        for pattern in closed(CONTAINER).chain(["name"]) {
            let found = container.value.select(pattern, Case::Exact).into_iter();
            fields.extend(found.map(|(path, v)| (container.path.extend(&path), v)));
        }
    }
}

fn report(resource: &Arc<Resource>, path: Path, what: &'static str, out: &mut Findings) {
    let message = format!("{} of {} holds {what} that was not rendered", last(&path), resource.noun());
    out.push(
        Finding::at(resource, path, message).label("not rendered").help("check what is rendered, not the template"),
    );
}

fn last(path: &Path) -> String {
    path.0
        .iter()
        .rev()
        .find_map(|s| match s {
            crate::tree::Segment::Key(key) => Some(format!("`{key}`")),
            _ => None,
        })
        .unwrap_or_default()
}

/// Kinds whose very content are templates.
fn defines_templates(resource: &Resource) -> bool {
    matches!(
        resource.kind(),
        "CustomResourceDefinition"
            | "ConstraintTemplate"
            | "WorkflowTemplate"
            | "ClusterWorkflowTemplate"
            | "Workflow"
            | "CronWorkflow"
            | "ApplicationSet"
            | "ClusterPolicy"
            | "Policy"
            | "Template"
            | "Pipeline"
            | "Task"
            | "TriggerTemplate"
    )
}

fn opts_out(resource: &Resource) -> bool {
    let annotation = resource.body.select("metadata.annotations", Case::Exact);
    annotation
        .iter()
        .any(|(_, a)| a.get("kustomize.toolkit.fluxcd.io/substitute").and_then(Value::as_str) == Some("disabled"))
}
