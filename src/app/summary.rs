//! What was read and left alone, for the closing summary.

use std::collections::BTreeSet;

use super::session::Prepared;
use super::walk::is_below;
use crate::read::FileKind;
use crate::report::{Counted, Summary};
use crate::rule::{Catalogue, Settings};

/// Counts what was read. `rendered` are the folders of the charts that helm rendered.
#[must_use]
pub fn summary(
    catalogue: &Catalogue,
    prepared: &Prepared,
    rendered: &BTreeSet<String>,
    settings: &Settings,
    resources: usize,
) -> Summary {
    let (index, plan) = (&prepared.index, &prepared.plan);
    let charts = index.neighbours().charts();
    let idle = charts
        .filter(|dir| (dir.is_empty() || index.neighbours().chart(dir).is_none()) && !rendered.contains(*dir))
        .count();
    let mut read = [0usize; CLASSES.len()];
    let mut left = [0usize; LEFT_ALONE.len()];
    let mut helm = 0;
    for (path, file) in index.files() {
        let by_helm = |chart| rendered.iter().any(|r| is_below(chart, r));
        if file.kind == FileKind::ChartTemplate && index.neighbours().chart(path).is_some_and(by_helm) {
            helm += 1;
            continue;
        }
        let add = |counts: &mut [usize], table: &[(&str, &[FileKind])]| {
            for (count, (_, kinds)) in counts.iter_mut().zip(table) {
                *count += usize::from(kinds.contains(&file.kind));
            }
        };
        add(&mut read, CLASSES);
        add(&mut left, LEFT_ALONE);
    }
    let counted = |counts: &[usize], table: &[(&str, &[FileKind])]| {
        counts
            .iter()
            .zip(table)
            .filter(|(count, _)| **count > 0)
            .map(|(count, (what, _))| Counted::new(*what, *count))
            .collect::<Vec<_>>()
    };
    let mut files = counted(&read, CLASSES);
    if helm > 0 {
        files.push(Counted::new("chart template", helm));
    }
    let mut left_alone = counted(&left, LEFT_ALONE);
    if idle > 0 {
        left_alone.insert(0, Counted::new("chart", idle));
    }
    let notes = (idle > 0 && !prepared.helm.allowed).then(|| "`--helm` renders charts".to_owned());
    Summary {
        files,
        resources,
        rules: catalogue.documents().iter().filter(|d| settings.is_on(&d.id)).count(),
        left_alone,
        inferred: plan.inferred.clone(),
        compared: false,
        notes: prepared.hints.iter().cloned().chain(notes).collect(),
    }
}

/// What the summary calls a kind of file, and whether it is read; none for kinds that it does not count.
#[must_use]
pub fn class(kind: FileKind) -> Option<(&'static str, bool)> {
    let find = |table: &'static [(&'static str, &'static [FileKind])]| {
        table.iter().find(|(_, kinds)| kinds.contains(&kind)).map(|(what, _)| *what)
    };
    find(CLASSES).map(|what| (what, true)).or_else(|| find(LEFT_ALONE).map(|what| (what, false)))
}

const CLASSES: &[(&str, &[FileKind])] = &[
    ("manifest file", &[FileKind::Manifest]),
    ("kustomization", &[FileKind::Kustomization]),
    ("template", &[FileKind::Template, FileKind::Bicep]),
    ("parameter file", &[FileKind::Parameters, FileKind::BicepParam]),
    ("values file", &[FileKind::Values]),
    ("workflow", &[FileKind::Workflow, FileKind::Pipeline]),
];

const LEFT_ALONE: &[(&str, &[FileKind])] = &[
    ("chart template", &[FileKind::ChartTemplate]),
    ("other YAML file", &[FileKind::OtherYaml]),
    ("other JSON file", &[FileKind::OtherJson]),
];
