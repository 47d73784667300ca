//! Where resources name container images: pods, custom kinds without a pod template, and Azure's container resources.

use crate::model::{Resource, kubernetes};
use crate::path;
use crate::tree::{Case, Path, Value};

/// One image that a resource names.
#[derive(Clone, Debug)]
pub struct ImageUse<'r> {
    /// Where it stands.
    pub path: Path,
    /// The value; absent where a container names none.
    pub value: Option<&'r Value>,
    /// What it is for: `container \`app\``.
    pub noun: String,
    /// Whether it belongs to a container of a pod template.
    pub in_pod: bool,
    /// Whether it is a repository whose tag or digest stands in a setting of its own.
    pub tag_elsewhere: bool,
}

/// Kinds that name images outside a pod template: API group, kind, pattern as in [`Value::select`].
const CUSTOM_KINDS: &[(&str, &str, &str)] = &[
    ("monitoring.coreos.com", "Prometheus", "spec.image"),
    ("monitoring.coreos.com", "Prometheus", "spec.thanos.image"),
    ("monitoring.coreos.com", "Prometheus", "spec.containers[].image"),
    ("monitoring.coreos.com", "PrometheusAgent", "spec.image"),
    ("monitoring.coreos.com", "Alertmanager", "spec.image"),
    ("monitoring.coreos.com", "Alertmanager", "spec.containers[].image"),
    ("monitoring.coreos.com", "ThanosRuler", "spec.image"),
    ("opentelemetry.io", "OpenTelemetryCollector", "spec.image"),
    ("opentelemetry.io", "Instrumentation", "spec.*.image"),
    ("postgresql.cnpg.io", "Cluster", "spec.imageName"),
    ("kafka.strimzi.io", "Kafka", "spec.kafka.image"),
    ("kafka.strimzi.io", "Kafka", "spec.zookeeper.image"),
    ("kafka.strimzi.io", "KafkaConnect", "spec.image"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch", "spec.image"),
    ("kibana.k8s.elastic.co", "Kibana", "spec.image"),
    ("argoproj.io", "Workflow", "spec.templates[].container.image"),
    ("argoproj.io", "Workflow", "spec.templates[].script.image"),
    ("argoproj.io", "Workflow", "spec.templates[].initContainers[].image"),
    ("argoproj.io", "Workflow", "spec.templates[].sidecars[].image"),
    ("argoproj.io", "WorkflowTemplate", "spec.templates[].container.image"),
    ("argoproj.io", "WorkflowTemplate", "spec.templates[].script.image"),
    ("argoproj.io", "ClusterWorkflowTemplate", "spec.templates[].container.image"),
    ("argoproj.io", "CronWorkflow", "spec.workflowSpec.templates[].container.image"),
    ("tekton.dev", "Task", "spec.steps[].image"),
    ("tekton.dev", "Task", "spec.sidecars[].image"),
    ("tekton.dev", "ClusterTask", "spec.steps[].image"),
    ("jaegertracing.io", "Jaeger", "spec.allInOne.image"),
];

/// Azure resources that run images: type and pattern.
const AZURE: &[(&str, &str)] = &[
    ("microsoft.containerinstance/containergroups", "properties.containers[].properties.image"),
    ("microsoft.containerinstance/containergroups", "properties.initContainers[].properties.image"),
    ("microsoft.containerinstance/containergroupprofiles", "properties.containers[].properties.image"),
    ("microsoft.app/containerapps", "properties.template.containers[].image"),
    ("microsoft.app/containerapps", "properties.template.initContainers[].image"),
    ("microsoft.app/jobs", "properties.template.containers[].image"),
    ("microsoft.app/jobs", "properties.template.initContainers[].image"),
];

/// What is installed into a cluster with the settings of a chart.
const EXTENSION: &str = "Microsoft.KubernetesConfiguration/extensions";

/// Every image of a resource, in the order of the text. `more` adds kinds: name and pattern.
#[must_use]
pub fn image_uses<'r>(resource: &'r Resource, more: &[(&str, &str)]) -> Vec<ImageUse<'r>> {
    let mut uses = Vec::new();
    if !resource.is_kubernetes() {
        let ty = resource.azure_type();
        for (_, dotted) in AZURE.iter().filter(|(t, _)| ty.eq_ignore_ascii_case(t)) {
            select(resource, dotted, Case::Ignore, &mut uses);
        }
        if resource.is_azure(EXTENSION) {
            settings(resource, &mut uses);
        }
        return uses;
    }
    for pod in kubernetes::pods(resource) {
        for container in kubernetes::containers(&pod) {
            uses.push(ImageUse {
                path: container.path.join("image"),
                value: container.value.get("image"),
                noun: container.noun(),
                in_pod: true,
                tag_elsewhere: false,
            });
        }
        for (i, volume) in pod.spec.get("volumes").map(Value::items).unwrap_or_default().iter().enumerate() {
            if let Some(value) = volume.get("image").and_then(|image| image.get("reference")) {
                let name = volume.get("name").and_then(Value::as_str).unwrap_or("?");
                let path = pod.path.extend(&path!["spec", "volumes", i, "image", "reference"]);
                uses.push(ImageUse {
                    path,
                    value: Some(value),
                    noun: format!("volume `{name}`"),
                    in_pod: false,
                    tag_elsewhere: false,
                });
            }
        }
    }
    for (_, _, dotted) in CUSTOM_KINDS.iter().filter(|(g, k, _)| *g == resource.group() && *k == resource.kind()) {
        select(resource, dotted, Case::Exact, &mut uses);
    }
    for (_, dotted) in more.iter().filter(|(kind, _)| *kind == resource.kind()) {
        select(resource, dotted, Case::Exact, &mut uses);
    }
    uses
}

fn select<'r>(resource: &'r Resource, pattern: &str, case: Case, uses: &mut Vec<ImageUse<'r>>) {
    for (path, value) in resource.body.select(pattern, case) {
        if !value.is_null() {
            let noun = "the image".to_owned();
            uses.push(ImageUse { path, value: Some(value), noun, in_pod: false, tag_elsewhere: false });
        }
    }
}

/// Images among the settings of a cluster extension, which are a chart's values: `web.image`, `web.image.repository`.
/// Only text that names a registry counts: without one the chart decides it.
fn settings<'r>(extension: &'r Resource, uses: &mut Vec<ImageUse<'r>>) {
    let holder = path!["properties", "configurationSettings"];
    let settings = extension.body.look("properties.configurationSettings").known().map(Value::entries);
    for entry in settings.unwrap_or_default() {
        let key = entry.key.to_ascii_lowercase();
        let repository = key.strip_suffix(".repository");
        let names_image = repository.unwrap_or(&key).rsplit('.').next().is_some_and(|last| last.ends_with("image"));
        let with_registry = entry
            .value
            .as_str()
            .and_then(|text| text.split_once('/'))
            .is_some_and(|(host, _)| host.contains(['.', ':']) && !host.is_empty());
        if names_image && with_registry {
            uses.push(ImageUse {
                path: holder.join(&entry.key),
                value: Some(&entry.value),
                noun: format!("setting `{}`", entry.key),
                in_pod: false,
                tag_elsewhere: repository.is_some(),
            });
        }
    }
}
