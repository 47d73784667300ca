//! `unrendered-template`: what counts as rendered holds no `{{ }}` or `${VAR}` where a value was to be. (A template that
//! is YAML by accident, read as a map key, is a problem that the reader reports.)

use std::sync::Arc;

use crate::model::Resource;
use crate::model::image::image_uses;
use crate::rule::{Finding, Findings, StampCx};
use crate::tree::{Case, Kind, Part, Path, Style, Value};

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
    "spec.template.spec.serviceAccountName",
    "spec.template.spec.containers[].ports[].containerPort",
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
        let fields = FIELDS.iter().flat_map(|field| resource.body.select(field, Case::Exact));
        let images = image_uses(resource, &[]).into_iter().filter_map(|i| Some((i.path, i.value?)));
        for (path, value) in fields.chain(images) {
            if let Some(what) = unrendered(value, substituted) {
                report(resource, path, what, out);
            }
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

fn unrendered(value: &Value, substituted: bool) -> Option<&'static str> {
    if matches!(value.style, Style::Literal | Style::Folded) {
        return None;
    }
    let text = match &value.kind {
        Kind::String(text) => text.to_string(),
        Kind::Parts(parts) => parts.iter().map(|p| if let Part::Text(t) = p { t.as_str() } else { "" }).collect(),
        _ => return None,
    };
    if text.contains("{{") && text.contains("}}") {
        return Some("a template expression `{{ }}`");
    }
    (!substituted && has_variable(&text)).then_some("a variable `${}`")
}

/// `${NAME}` or `${NAME:-default}`; a lone `$` or `${` is text.
fn has_variable(text: &str) -> bool {
    text.match_indices("${").any(|(i, _)| {
        let rest = text.get(i + 2..).unwrap_or_default();
        let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(0);
        name > 0 && rest.get(name..).is_some_and(|after| after.starts_with(['}', ':']) && after.contains('}'))
    })
}

#[cfg(test)]
mod tests {
    use super::has_variable;

    #[test]
    fn variables_are_told_from_text() {
        for (text, is) in [
            ("${TAG}", true),
            ("a-${TAG:-v1}", true),
            ("$TAG", false),
            ("${", false),
            ("${}", false),
            ("$(TAG)", false),
        ] {
            assert_eq!(has_variable(text), is, "{text}");
        }
    }
}
