//! Builds the overlays that stamps consist of, each once.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::disk::Disk;
use crate::model::plan::Plan;
use crate::model::{Resource, manifest};
use crate::resolve::kustomize::{Kustomizer, Options};
use crate::source::Problem;
use crate::tree::Text;

/// What an overlay came to.
#[derive(Debug, Default)]
pub struct Built {
    /// Its objects. Stamps share them.
    pub resources: Vec<Arc<Resource>>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// The files that it was built from.
    pub files: Vec<Arc<str>>,
}

/// Builds all overlays of a plan, by folder. `remote` are bases that lie elsewhere, with the folders that stand for them.
#[must_use]
pub fn overlays(plan: &Plan, disk: &Disk, remote: &[(String, String)]) -> BTreeMap<String, Built> {
    let parts = plan.stamps.iter().map(|s| &s.own).chain([&plan.shared]);
    let mut folders: Vec<&str> = parts.flat_map(|p| &p.overlays).map(|t| t.path.as_str()).collect();
    folders.sort_unstable();
    folders.dedup();
    let remote = remote.iter().map(|(from, to)| (Text::from(from.as_str()), Text::from(to.as_str())));
    let kustomizer = Kustomizer::new(disk, Options { remote: remote.collect(), root_only: false });
    let built: Vec<(String, Built)> = folders
        .par_iter()
        .with_max_len(4)
        .map(|dir| {
            let rendered = kustomizer.build(dir);
            let resources = rendered.resources.iter().flat_map(|r| manifest::rendered(&r.value, r.declared)).collect();
            ((*dir).to_owned(), Built { resources, problems: rendered.problems, files: rendered.files })
        })
        .collect();
    built.into_iter().collect()
}
