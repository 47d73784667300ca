//! Kustomize overlays, built as `kustomize build` builds them, with the place of every value.
//!
//! What is here: everything of `kustomization.yaml` that needs no network and no foreign program. What cannot be done
//! so (a remote base, a plugin that is a program, a chart without helm) is a problem at its line, and the rest of the
//! overlay is built. What is not here: which folders are overlays of which stamp, and what a finding is.
//!
//! A value keeps the span where a person wrote it. One that a patch or transformer put there has its span in the
//! overlay, and an [`Overlay`](crate::tree::StepKind::Overlay) step whose inputs are what it replaced; a map that a
//! patch was merged into has a step too, so that a finding about what the patch left alone can name it.

mod accumulate;
mod accumulated;
mod build;
mod configure;
mod defaults;
mod fail;
mod fields;
mod finish;
mod generate;
mod hash;
mod id;
mod images;
mod inline;
mod json_patch;
mod kustomization;
mod lists;
mod load;
mod merge;
mod names;
mod namespace;
mod order;
mod patch;
mod plugin;
mod references;
mod replacement;
mod replicas;
mod resource;
mod schema;
mod select;
mod shape;
mod shared;
mod spec;
mod structured;
mod texts;
mod transform;
mod variables;
mod words;
mod yaml_path;

pub use build::{Kustomizer, Options, Rendered, RenderedResource, build};
pub use kustomization::FILE_NAMES;

/// Whether a kind of object is known to be in no namespace.
#[must_use]
pub fn is_cluster_wide(api_version: &str, kind: &str) -> bool {
    id::Gvk::new(api_version, kind).is_cluster_wide()
}
