//! What Flux and Argo CD render: a `HelmRelease` or an `Application` whose chart lies in the tree, as a release.

use super::chart::below;
use super::release::{Given, Release};
use super::set;
use crate::read::embedded::DecodeMap;
use crate::read::yaml;
use crate::source::{Code, EntryKind, Files, Problem, Sources, join};
use crate::tree::{Entry, Text, Value};

/// Where an object's values are looked for.
pub struct Around<'a> {
    /// The files of the tree.
    pub files: &'a dyn Files,
    /// The texts that spans point into.
    pub sources: &'a Sources,
    /// The object of a kind, namespace and name that is deployed beside it.
    pub objects: &'a dyn Fn(&str, &str, &str) -> Option<Value>,
}

/// What an object asks to be rendered.
#[derive(Clone, Debug, Default)]
pub struct Delivered {
    /// The releases whose charts lie in the tree.
    pub releases: Vec<Release>,
    /// What they take and is not there.
    pub problems: Vec<Problem>,
}

/// What an object asks to be rendered; nothing where it is neither a `HelmRelease` nor an `Application`.
#[must_use]
pub fn delivered(body: &Value, around: &Around<'_>) -> Delivered {
    let text = |path: &str| body.look(path).known().and_then(Value::as_str).unwrap_or_default();
    let group = text("apiVersion").split('/').next().unwrap_or_default();
    match (group, text("kind")) {
        ("helm.toolkit.fluxcd.io", "HelmRelease") => around.flux(body),
        ("argoproj.io", "Application") => around.argo(body),
        _ => Delivered::default(),
    }
}

impl Around<'_> {
    fn flux(&self, body: &Value) -> Delivered {
        let mut delivered = Delivered::default();
        let get = |path: &str| body.look(path).known();
        let text = |path: &str| get(path).and_then(Value::as_str);
        let from_tree = matches!(text("spec.chart.spec.sourceRef.kind"), Some("GitRepository" | "Bucket"));
        let Some((chart, named)) = get("spec.chart.spec.chart").and_then(|c| Some((self.chart(c.as_str()?)?, c.span)))
        else {
            return delivered;
        };
        if !from_tree {
            return delivered;
        }
        let namespace = text("metadata.namespace").unwrap_or_default();
        let mut values = Vec::new();
        let files = get("spec.chart.spec.valuesFiles").map(Value::items).unwrap_or_default();
        let files = files.iter().filter_map(|f| join("", f.as_str()?));
        values.extend(files.filter(|f| self.files.kind(f) == Some(EntryKind::File)).map(Given::File));
        for from in get("spec.valuesFrom").map(Value::items).unwrap_or_default() {
            match self.values_from(from, namespace) {
                Some(value) => values.push(Given::Inline(value)),
                None => delivered.problems.extend(missing(from)),
            }
        }
        values.extend(get("spec.values").cloned().map(Given::Inline));
        let target = text("spec.targetNamespace");
        let name = text("metadata.name").unwrap_or_default();
        let name = text("spec.releaseName")
            .map_or_else(|| target.map_or_else(|| name.to_owned(), |target| format!("{target}-{name}")), str::to_owned);
        delivered.releases.push(Release {
            chart,
            values,
            set: Vec::new(),
            raw: Vec::new(),
            name: Some(name.into()),
            namespace: target.or(Some(namespace)).filter(|n| !n.is_empty()).map(Text::from),
            place: named,
        });
        delivered
    }

    fn argo(&self, body: &Value) -> Delivered {
        let mut delivered = Delivered::default();
        let spec = body.get("spec");
        let one = spec.and_then(|s| s.get("source"));
        let more = spec.and_then(|s| s.get("sources")).map(Value::items).unwrap_or_default();
        for source in one.into_iter().chain(more) {
            let Some((chart, named)) = source.get("path").and_then(|p| Some((self.chart(p.as_str()?)?, p.span))) else {
                continue;
            };
            let helm = source.get("helm");
            let get = |key: &str| helm.and_then(|h| h.get(key));
            let mut values = Vec::new();
            for file in get("valueFiles").map(Value::items).unwrap_or_default() {
                let written = file.as_str().unwrap_or_default();
                // `$name/path` is a path in another source of the application: as a rule this very repository.
                let path = match written.strip_prefix('$').and_then(|rest| rest.split_once('/')) {
                    Some((_, rest)) => join("", rest),
                    None => join(&chart, written),
                };
                match path.filter(|p| self.files.kind(p) == Some(EntryKind::File)) {
                    Some(path) => values.push(Given::File(path)),
                    None if get("ignoreMissingValueFiles").and_then(Value::as_bool) == Some(true) => {}
                    None => {
                        let what = format!("the values file `{written}` is not in the tree");
                        delivered.problems.push(Problem::new(Code::Unreadable, file.span, what).undetermined());
                    }
                }
            }
            values.extend(get("values").and_then(|v| self.embedded(v)).map(Given::Inline));
            values.extend(get("valuesObject").cloned().map(Given::Inline));
            let name = get("releaseName").or_else(|| body.get("metadata")?.get("name"));
            let namespace = spec.and_then(|s| s.get("destination")?.get("namespace")?.as_str());
            delivered.releases.push(Release {
                chart,
                values,
                set: get("parameters").map(Value::items).unwrap_or_default().iter().filter_map(parameter).collect(),
                raw: Vec::new(),
                name: name.and_then(Value::as_str).map(Text::from),
                namespace: namespace.map(Text::from),
                place: named,
            });
        }
        delivered
    }

    /// The folder of a chart in the tree.
    fn chart(&self, path: &str) -> Option<String> {
        let dir = join("", path)?;
        (self.files.kind(&below(&dir, "Chart.yaml")) == Some(EntryKind::File)).then_some(dir)
    }

    fn values_from(&self, from: &Value, namespace: &str) -> Option<Value> {
        let text = |key: &str| from.get(key).and_then(Value::as_str);
        let object = (self.objects)(text("kind")?, namespace, text("name")?)?;
        let key = text("valuesKey").unwrap_or("values.yaml");
        let held = |field: &str| object.get(field)?.get(key);
        let value = held("stringData").or_else(|| held("data"))?;
        let value = match object.get("kind").and_then(Value::as_str) {
            Some("Secret") if held("stringData").is_none() => decoded(value)?,
            _ => value.clone(),
        };
        match text("targetPath") {
            Some(path) => {
                let mut root = Value::map(Vec::new(), value.span);
                set::put(&mut root, &set::path(path), set::scalar(value.as_str()?, value.span));
                Some(root)
            }
            None => self.embedded(&value),
        }
    }

    /// The map that the text of a scalar is.
    fn embedded(&self, scalar: &Value) -> Option<Value> {
        let text = scalar.as_str()?;
        let map = match self.sources.get(scalar.span.source) {
            Some(source) => DecodeMap::of(scalar, &source),
            None => DecodeMap::of(scalar, &Sources::new().add("", "")),
        };
        let root = yaml::parse_embedded(text, &map).documents.into_iter().next()?.root;
        root.as_map().is_some().then_some(root)
    }
}

fn parameter(parameter: &Value) -> Option<Entry> {
    let (name, value) = (parameter.get("name")?, parameter.get("value")?);
    let force = parameter.get("forceString").and_then(Value::as_bool) == Some(true);
    let typed = match value.as_str() {
        Some(text) if !force => set::scalar(text, value.span),
        _ => value.clone(),
    };
    Some(Entry::new(name.as_str()?, name.span, typed))
}

/// Data of a Secret as the text that it stands for.
fn decoded(value: &Value) -> Option<Value> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(value.as_str()?.trim()).ok()?;
    Some(Value::string(String::from_utf8(bytes).ok()?, value.span))
}

/// Others may make what a release takes its values from.
fn missing(from: &Value) -> Option<Problem> {
    if from.get("optional").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let name = from.get("name")?;
    let kind = from.get("kind").and_then(Value::as_str).unwrap_or("ConfigMap");
    let what = format!("the values of {kind} `{}` are not in the tree", name.as_str()?);
    Some(Problem::new(Code::NotAnalysed, name.span, what).undetermined())
}
