//! One file, read once: what it is and what it holds.

use super::classify::{FileKind, Neighbours, classify_among, group, is_manifest};
use super::yaml::{Document, Stream, Typing};
use super::{json, yaml};
use crate::source::{Code, Source};
use crate::tree::Value;

/// What a file is, with its content where it was read.
#[derive(Clone, Debug)]
pub struct File {
    /// What it is.
    pub kind: FileKind,
    /// Its documents, comments and problems. Nothing for kinds that other readers read (Bicep, Rego, chart templates)
    /// and for what is none of ours.
    pub stream: Option<Stream>,
}

/// Tells what a file is and reads it, if it is YAML or JSON of ours. Problems of files that turn out to be none of
/// ours are dropped: they are no faults.
#[must_use]
pub fn file(source: &Source, neighbours: &Neighbours) -> File {
    let path: &str = source.path();
    let guess = classify_among(path, source, neighbours);
    let is_json = path.ends_with(".json")
        || path.ends_with(".jsonc")
        || path.starts_with('<') && source.text().trim_start().starts_with(['{', '[']);
    let stream = match guess {
        FileKind::Template | FileKind::Parameters => json::parse(source, json::Options::ARM),
        FileKind::BicepConfig => json::parse(source, json::Options::SETTINGS),
        FileKind::Manifest if is_json => json::parse(source, json::Options::MANIFEST),
        FileKind::Workflow | FileKind::Pipeline => yaml::parse_with(source, Typing::Core),
        FileKind::Manifest | FileKind::Kustomization | FileKind::Chart | FileKind::Values | FileKind::Config => {
            yaml::parse(source)
        }
        _ => {
            return File { kind: guess, stream: None };
        }
    };
    settle(guess, stream, is_json)
}

/// Corrects the first guess by what was read.
fn settle(guess: FileKind, stream: Stream, is_json: bool) -> File {
    let roots = || stream.documents.iter().map(|d: &Document| &d.root);
    let broken = stream.problems.iter().any(|p| matches!(p.code, Code::Syntax | Code::Template | Code::Limit));
    let other = if is_json { FileKind::OtherJson } else { FileKind::OtherYaml };
    let kind = match guess {
        // A policy definition holds templates too; its own schema is another one, or none.
        FileKind::Template | FileKind::Parameters => match roots().next() {
            Some(root) => match arm(root) {
                Some(kind) => kind,
                None if guess == FileKind::Parameters && root.get_ci("parameters").is_some() => guess,
                None => other,
            },
            None => guess,
        },
        FileKind::Manifest => match roots().find(|root| is_manifest(root)) {
            Some(_) => manifest(&stream),
            None if roots().next().is_some_and(|root| root.as_list().is_some_and(|l| l.iter().any(is_manifest))) => {
                guess
            }
            None if broken => guess,
            None => other,
        },
        kind => kind,
    };
    let stream = kind.is_ours().then_some(stream);
    File { kind, stream }
}

/// Which of ARM's files a root is, by its `$schema`.
fn arm(root: &Value) -> Option<FileKind> {
    let schema = root.get_ci("$schema")?.as_str()?.to_ascii_lowercase();
    if schema.contains("deploymenttemplate.json") {
        Some(FileKind::Template)
    } else if schema.contains("deploymentparameters.json") {
        Some(FileKind::Parameters)
    } else {
        None
    }
}

/// Manifests that only one tool reads are kinds of their own.
fn manifest(stream: &Stream) -> FileKind {
    let all = |wanted: &dyn Fn(&Value) -> bool| stream.documents.iter().all(|d| wanted(&d.root));
    let kind = |root: &Value, name: &str| root.get("kind").and_then(Value::as_str) == Some(name);
    if all(&|root| group(root) == "kustomize.config.k8s.io") {
        FileKind::Kustomization
    } else if all(&|root| group(root) == "templates.gatekeeper.sh" && kind(root, "ConstraintTemplate")) {
        FileKind::GatekeeperTemplate
    } else if all(&|root| group(root) == "constraints.gatekeeper.sh") {
        FileKind::GatekeeperConstraint
    } else if all(&|root| group(root) == "test.gatekeeper.sh") {
        FileKind::GatekeeperSuite
    } else {
        FileKind::Manifest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn kind(path: &str, text: &str) -> FileKind {
        let neighbours = Neighbours::of(["charts/app/Chart.yaml"]);
        file(&Sources::new().add(path, text), &neighbours).kind
    }

    #[test]
    fn files_are_told_apart_by_content() {
        let cases = [
            ("a.yaml", "apiVersion: v1\nkind: Pod\n", FileKind::Manifest),
            ("a.yml", "{apiVersion: v1, kind: Pod}", FileKind::Manifest),
            ("a.json", r#"{"apiVersion": "v1", "kind": "Pod"}"#, FileKind::Manifest),
            ("<stdin>", r#"{"apiVersion": "v1", "kind": "Pod"}"#, FileKind::Manifest),
            ("<stdin>", "apiVersion: v1\nkind: Pod\n", FileKind::Manifest),
            ("a.yaml", "# c\n\"apiVersion\": v1\n\"kind\": Pod\n", FileKind::Manifest),
            ("a.yaml", "- apiVersion: v1\n  kind: Pod\n", FileKind::Manifest),
            ("a.yaml", "apiVersion: v1\nkind: Pod\n  broken: [\n", FileKind::Manifest),
            ("a.yaml", "objects: |\n  apiVersion: v1\n  kind: Pod\n", FileKind::OtherYaml),
            ("a.yaml", "x: [\n", FileKind::OtherYaml),
            ("a.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n", FileKind::Kustomization),
            ("x/kustomization.yaml", "resources: [a.yaml]\n", FileKind::Kustomization),
            (
                "x/kustomization.yaml",
                "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n",
                FileKind::Manifest,
            ),
            ("charts/app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n", FileKind::Chart),
            ("charts/app/values.yaml", "image: x\n", FileKind::Values),
            ("values-eastus2.yaml", "image: x\n", FileKind::Values),
            ("charts/app/templates/sa.yaml", "apiVersion: v1\nkind: ServiceAccount\n", FileKind::ChartTemplate),
            ("charts/app/crds/a.yaml", "apiVersion: v1\nkind: ConfigMap\n", FileKind::Manifest),
            (
                "other/templates/a.yaml",
                "apiVersion: v1\nkind: ConfigMap\nx: {{ .Values.x }}\n",
                FileKind::ChartTemplate,
            ),
            ("other/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\n", FileKind::Manifest),
            (".github/workflows/ci.yml", "on: push\njobs: {}\n", FileKind::Workflow),
            ("azure-pipelines.yml", "steps: []\n", FileKind::Pipeline),
            ("stamplint.yaml", "fleet: x\n", FileKind::Config),
            (
                "t.json",
                r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"}"#,
                FileKind::Template,
            ),
            (
                "t.json",
                r#"{"$schema": "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#"}"#,
                FileKind::Template,
            ),
            (
                "p.json",
                r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"}"#,
                FileKind::Parameters,
            ),
            (
                "policy.json",
                r#"{"then": {"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"}}"#,
                FileKind::OtherJson,
            ),
            ("package.json", r#"{"name": "x"}"#, FileKind::OtherJson),
            (
                "c.yaml",
                "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\n",
                FileKind::GatekeeperTemplate,
            ),
            (
                "c.yaml",
                "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sAllowedRepos\n",
                FileKind::GatekeeperConstraint,
            ),
            ("policy/a.rego", "package main\n", FileKind::Policy),
            ("main.bicep", "", FileKind::Bicep),
            ("README.md", "", FileKind::Foreign),
        ];
        for (path, text, expected) in cases {
            assert_eq!(kind(path, text), expected, "{path}: {text}");
        }
    }
}
