//! What was read and left alone, for the closing summary.

use super::index::Index;
use crate::model::plan::Plan;
use crate::read::FileKind;
use crate::report::{Counted, Summary};
use crate::rule::{Catalogue, Settings};

/// Counts what was read.
#[must_use]
pub fn summary(catalogue: &Catalogue, index: &Index, plan: &Plan, settings: &Settings, resources: usize) -> Summary {
    let mut read = [0usize; CLASSES.len()];
    let mut left = [0usize; LEFT_ALONE.len()];
    for (_, file) in index.files() {
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
    Summary {
        files: counted(&read, CLASSES),
        resources,
        rules: catalogue.documents().iter().filter(|d| settings.is_on(&d.id)).count(),
        left_alone: counted(&left, LEFT_ALONE),
        inferred: plan.inferred.clone(),
        notes: Vec::new(),
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
