//! Renders the charts that stamps consist of: each once for each distinct set of values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::disk::Disk;
use super::helm::HelmProgram;
use super::render::Built;
use crate::model::plan::{ChartUse, Plan};
use crate::model::{Identity, Resource, manifest};
use crate::resolve::helm::{Given, Helm, Release, RenderedResource};
use crate::resolve::kustomize::is_cluster_wide;
use crate::source::Span;
use crate::tree::{Entry, StepKind, Text, Traced, Value};

/// What charts came to, and which of them each part takes. Parts are the stamps in their order, then what is shared.
#[derive(Debug, Default)]
pub struct Charts {
    built: BTreeMap<String, Built>,
    parts: Vec<Vec<String>>,
    /// The folders of the charts that were rendered.
    pub rendered: BTreeSet<String>,
}

impl Charts {
    /// What the charts of a part came to.
    pub fn of(&self, part: usize) -> impl Iterator<Item = &Built> {
        self.parts.get(part).into_iter().flatten().filter_map(|key| self.built.get(key))
    }
}

/// Renders all charts of a plan, and those that objects of it ask for: each once for each distinct set of values.
#[must_use]
pub fn charts(plan: &Plan, delivered: &[Vec<Release>], disk: &Disk, program: &HelmProgram) -> Charts {
    let mut charts = Charts::default();
    let mut releases: BTreeMap<String, (Release, bool)> = BTreeMap::new();
    let is_delivered = |chart: &str| delivered.iter().flatten().any(|r| r.chart == chart);
    for (i, part) in plan.stamps.iter().map(|s| &s.own).chain([&plan.shared]).enumerate() {
        // A chart that was but found is rendered as an object asks for it, where one does.
        let wanted =
            part.charts.iter().filter(|c| is_asked_for(c) || !c.chart.as_ref().is_some_and(|c| is_delivered(&c.path)));
        let planned = wanted.filter_map(|c| Some((release(c)?, is_asked_for(c))));
        let asked = delivered.get(i).into_iter().flatten().map(|r| (r.clone(), false));
        let mut keys = Vec::new();
        for (release, asked) in planned.chain(asked).filter(|(_, asked)| *asked || program.allowed) {
            let key = release.key();
            charts.rendered.insert(release.chart.clone());
            releases.entry(key.clone()).or_insert((release, asked));
            keys.push(key);
        }
        charts.parts.push(keys);
    }
    let releases: Vec<_> = releases.into_iter().collect();
    let built: Vec<(String, Built)> = releases
        .into_par_iter()
        .with_max_len(1)
        .map(|(key, (release, asked))| {
            // A config that names a chart asks for helm.
            let program = HelmProgram { allowed: program.allowed || asked, ..program.clone() };
            (key, built(&release, disk, &program))
        })
        .collect();
    charts.built = built.into_iter().collect();
    charts
}

fn built(release: &Release, disk: &Disk, program: &HelmProgram) -> Built {
    let rendered = Helm::new(disk, program).render(release);
    let of = |r: &RenderedResource| {
        let mut found = manifest::rendered(&r.value, r.declared);
        for resource in found.iter_mut().filter_map(Arc::get_mut) {
            resource.rendered_from = Some(r.template.clone());
            if let Some(namespace) = &release.namespace {
                settle(resource, namespace, release.place);
            }
        }
        found
    };
    let resources: Vec<Arc<Resource>> = rendered.resources.iter().flat_map(of).collect();
    for secret in resources.iter().filter(|r| r.kind() == "Secret" && r.group().is_empty()) {
        for data in ["data", "stringData"].iter().filter_map(|field| secret.body.get(field)) {
            data.entries().iter().for_each(|e| hide(&e.value, disk));
        }
    }
    Built { resources, problems: rendered.problems, files: rendered.files.into_iter().map(Into::into).collect() }
}

/// Keeps the values that went into a Secret out of every report.
fn hide(value: &Value, disk: &Disk) {
    for step in value.origin.steps() {
        if let StepKind::Rendered(Traced::Value | Traced::Near) = step.kind {
            // The template's expression is no secret.
            let values = step.inputs.iter().map(|i| i.span).chain([value.span]);
            values.filter(|span| *span != step.span).for_each(|span| disk.sources().redact(span));
        }
    }
}

/// What names no namespace goes to the release's.
fn settle(resource: &mut Resource, release: &Text, place: Span) {
    if let Identity::Kubernetes { api_version, kind, namespace: namespace @ None, .. } = &mut resource.identity
        && !is_cluster_wide(api_version, kind)
    {
        *namespace = Some(release.clone());
        let metadata = resource.body.get_mut("metadata").and_then(Value::entries_mut);
        if let Some(entries) = metadata.filter(|m| !m.iter().any(|e| e.key == "namespace")) {
            entries.push(Entry::new("namespace", place, Value::string(release.clone(), place)));
        }
    }
}

/// Whether a config names the chart; an inferred one is one that somebody may render.
fn is_asked_for(chart: &ChartUse) -> bool {
    chart.chart.as_ref().is_some_and(|c| !c.named.is_none())
}

/// What a stamp's chart is rendered with; nothing where it was rendered before.
fn release(chart: &ChartUse) -> Option<Release> {
    let folder = chart.chart.as_ref()?;
    Some(Release {
        chart: folder.path.clone(),
        values: chart.values.iter().map(|v| Given::File(v.path.clone())).collect(),
        set: chart.set.clone(),
        raw: Vec::new(),
        name: chart.release.clone(),
        namespace: chart.namespace.clone(),
        place: folder.named,
    })
}
