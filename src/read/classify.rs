//! Which file is which: by its name, by what stands beside it, and by a look at its text. Nothing is parsed here; what
//! only the parsed tree can tell is settled in [`file`](super::file).

use std::collections::BTreeSet;

use crate::source::{Source, parent};
use crate::tree::Value;

/// What a file is to us.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum FileKind {
    /// YAML or JSON with Kubernetes objects.
    Manifest,
    /// A kustomization or a component of kustomize.
    Kustomization,
    /// A deployment template of Azure Resource Manager.
    Template,
    /// A parameter file of Azure Resource Manager.
    Parameters,
    /// Bicep.
    Bicep,
    /// Bicep parameters.
    BicepParam,
    /// `bicepconfig.json`.
    BicepConfig,
    /// `Chart.yaml`.
    Chart,
    /// Values of a chart.
    Values,
    /// A chart's template: only helm can read it.
    ChartTemplate,
    /// A workflow of GitHub.
    Workflow,
    /// A pipeline of Azure DevOps.
    Pipeline,
    /// A script that may hold deployment commands.
    Script,
    /// `stamplint.yaml`.
    Config,
    /// Templates of Gatekeeper, and nothing else.
    GatekeeperTemplate,
    /// Constraints of Gatekeeper, and nothing else.
    GatekeeperConstraint,
    /// A suite of Gatekeeper's own tests.
    GatekeeperSuite,
    /// Rego.
    Policy,
    /// Terraform, or its variables.
    Terraform,
    /// YAML that is nothing of the above.
    OtherYaml,
    /// JSON that is nothing of the above.
    OtherJson,
    /// Anything else.
    Foreign,
}

impl FileKind {
    /// Whether what does not parse in it is a fault of its own. Files that are none of ours are counted only.
    #[must_use]
    pub fn is_ours(self) -> bool {
        !matches!(self, Self::OtherYaml | Self::OtherJson | Self::Foreign | Self::ChartTemplate)
    }
}

/// What the folders of a run say about the files in them: where charts are.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    charts: BTreeSet<String>,
}

impl Neighbours {
    /// From the paths of all files of a run.
    #[must_use]
    pub fn of<'p>(paths: impl IntoIterator<Item = &'p str>) -> Self {
        let charts =
            paths.into_iter().filter(|path| name(path) == "Chart.yaml").map(|path| parent(path).to_owned()).collect();
        Self { charts }
    }

    /// The folder of the chart that a file belongs to: the nearest one above it.
    #[must_use]
    pub fn chart<'p>(&self, path: &'p str) -> Option<&'p str> {
        let mut dir = parent(path);
        loop {
            if self.charts.contains(dir) {
                return Some(dir);
            }
            if dir.is_empty() {
                return None;
            }
            dir = parent(dir);
        }
    }

    /// The folders of all charts, in order.
    pub fn charts(&self) -> impl Iterator<Item = &str> {
        self.charts.iter().map(String::as_str)
    }
}

/// What a file is, as far as its path and a look at its text tell.
#[must_use]
pub fn classify(path: &str, source: &Source) -> FileKind {
    classify_among(path, source, &Neighbours::default())
}

/// The same, where it is known which charts there are.
#[must_use]
pub fn classify_among(path: &str, source: &Source, neighbours: &Neighbours) -> FileKind {
    let text: &str = source.text();
    let name = name(path);
    let lower = name.to_ascii_lowercase();
    match extension(&lower) {
        "yaml" | "yml" => yaml(path, name, text, neighbours),
        "json" | "jsonc" => json(&lower, text),
        "bicep" => FileKind::Bicep,
        "bicepparam" => FileKind::BicepParam,
        "rego" => FileKind::Policy,
        "tf" | "tfvars" => FileKind::Terraform,
        "sh" | "bash" | "ps1" | "azcli" => FileKind::Script,
        "tpl" if neighbours.chart(path).is_some() => FileKind::ChartTemplate,
        _ if name == "Kustomization" => FileKind::Kustomization,
        _ if path.starts_with('<') => standard_input(text),
        _ => FileKind::Foreign,
    }
}

/// Standard input has no name: JSON begins with its bracket, all else is read as YAML.
fn standard_input(text: &str) -> FileKind {
    if text.trim_start().starts_with(['{', '[']) { json("", text) } else { yaml("", "", text, &Neighbours::default()) }
}

fn yaml(path: &str, name: &str, text: &str, neighbours: &Neighbours) -> FileKind {
    let chart = neighbours.chart(path);
    match name {
        "stamplint.yaml" | "stamplint.yml" => return FileKind::Config,
        "Chart.yaml" => return FileKind::Chart,
        "kustomization.yaml" | "kustomization.yml" => {
            return match has_line(text, "apiVersion: kustomize.toolkit.fluxcd.io/") {
                true => FileKind::Manifest,
                false => FileKind::Kustomization,
            };
        }
        _ => {}
    }
    if in_templates(path, chart, text) {
        return FileKind::ChartTemplate;
    }
    if is_below(path, ".github/workflows") {
        return FileKind::Workflow;
    }
    let values = name.starts_with("values") || name.ends_with("values.yaml") || name.ends_with("values.yml");
    if looks_like_manifest(text) {
        return FileKind::Manifest;
    }
    if values {
        return FileKind::Values;
    }
    if has_line(text, "jobs:") && (has_line(text, "on:") || has_line(text, "\"on\":") || has_line(text, "'on':")) {
        return FileKind::Workflow;
    }
    if name.starts_with("azure-pipelines") || is_pipeline(text) {
        return FileKind::Pipeline;
    }
    FileKind::OtherYaml
}

/// Whether a file is a template of a chart: it lies in `templates` of one that is known, or in some `templates`
/// folder and holds what only helm understands.
fn in_templates(path: &str, chart: Option<&str>, text: &str) -> bool {
    match chart {
        Some(dir) => crate::source::relative_to(path, dir).starts_with("templates/"),
        None => is_below(path, "templates") && text.contains("{{"),
    }
}

/// Whether a path leads through a folder (or a sequence of folders) of this name.
fn is_below(path: &str, folder: &str) -> bool {
    path.match_indices(folder).any(|(at, found)| {
        let before = path.get(..at).unwrap_or_default();
        let after = path.get(at + found.len()..).unwrap_or_default();
        (before.is_empty() || before.ends_with('/')) && after.starts_with('/')
    })
}

fn is_pipeline(text: &str) -> bool {
    ["stages:", "jobs:", "steps:", "extends:"].iter().any(|k| has_line(text, k))
        && ["trigger:", "pool:", "pr:", "resources:", "parameters:"].iter().any(|k| has_line(text, k))
        && !has_line(text, "apiVersion:")
}

/// Whether some document has the two keys of a Kubernetes object, as far as lines tell. Flow style counts by its text.
fn looks_like_manifest(text: &str) -> bool {
    if has_line(text, "apiVersion:") && has_line(text, "kind:") {
        return true;
    }
    // Keys in quotes, a document in flow style, or a whole document that is indented.
    let quoted = |word: &str| {
        text.match_indices(word).any(|(at, _)| {
            // What stands just before it; lines can be very long.
            let before = text.get(..at).unwrap_or_default();
            let near = (before.len().saturating_sub(64)..=before.len()).find_map(|from| before.get(from..));
            let line = near.unwrap_or_default().rsplit(['\n', '\r']).next().unwrap_or_default();
            line.trim_start().is_empty() || line.trim_end().ends_with(['{', ',', '"', '\'', '-'])
        })
    };
    let unusual = text.contains("\"apiVersion\"")
        || text.contains("'apiVersion'")
        || text.trim_start().starts_with(['{', '['])
        || first_line(text).starts_with([' ', '-']);
    unusual && quoted("apiVersion") && quoted("kind")
}

fn first_line(text: &str) -> &str {
    text.lines()
        .find(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#') && !line.starts_with("---")
        })
        .unwrap_or_default()
}

/// Whether some line begins with `start`, at its first column or after `--- `.
fn has_line(text: &str, start: &str) -> bool {
    text.match_indices(start).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        before.is_empty() || before.ends_with(['\n', '\r']) || before.ends_with("--- ")
    })
}

fn json(lower: &str, text: &str) -> FileKind {
    if lower == "bicepconfig.json" {
        return FileKind::BicepConfig;
    }
    if lower.ends_with(".tfvars.json") || lower.ends_with(".tf.json") {
        return FileKind::Terraform;
    }
    // The schema of the file itself stands first by custom; a nested template has one too.
    let at = |word: &str| text.find(word);
    let template = [at("eploymentTemplate.json"), at("EPLOYMENTTEMPLATE.JSON")].into_iter().flatten().min();
    let parameters = at("eploymentParameters.json");
    match (template, parameters) {
        (Some(template), Some(parameters)) if parameters < template => return FileKind::Parameters,
        (Some(_), _) => return FileKind::Template,
        (None, Some(_)) => return FileKind::Parameters,
        (None, None) => {}
    }
    if text.contains("\"apiVersion\"") && text.contains("\"kind\"") {
        return FileKind::Manifest;
    }
    if lower.contains(".parameters.") && text.contains("\"parameters\"") {
        return FileKind::Parameters;
    }
    FileKind::OtherJson
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Whether a document is a Kubernetes object or a list of them: it has an `apiVersion` and a `kind`.
#[must_use]
pub fn is_manifest(root: &Value) -> bool {
    let has = |key: &str| root.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    has("apiVersion") && has("kind")
}

/// The group of a document's `apiVersion`; empty for the core group.
pub(super) fn group(root: &Value) -> &str {
    let version = root.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    version.rsplit_once('/').map_or("", |(group, _)| group)
}
