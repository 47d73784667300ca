//! What one rendering is made of.

use std::fmt::Write;

use crate::source::Span;
use crate::tree::{Entry, Text, Value};

/// A chart with all that decides what it renders to.
#[derive(Clone, Debug)]
pub struct Release {
    /// The chart's folder, from the root of the run.
    pub chart: String,
    /// Values laid over the chart's own, later ones over earlier ones.
    pub values: Vec<Given>,
    /// Values given beside the files, laid over them; keys are helm's paths (`image.tag`, `hosts[0]`).
    pub set: Vec<Entry>,
    /// Values as the command line gives them, laid over all others: `image.tag=1,replicas=2`.
    pub raw: Vec<String>,
    /// The release's name; helm's own without it.
    pub name: Option<Text>,
    /// The namespace.
    pub namespace: Option<Text>,
    /// Where somebody asks for it.
    pub place: Span,
}

/// Values of a release.
#[derive(Clone, Debug)]
pub enum Given {
    /// A file, from the root of the run.
    File(String),
    /// A map that stands in another document.
    Inline(Value),
}

impl Release {
    /// What tells it from others: releases with the same key render to the same.
    #[must_use]
    pub fn key(&self) -> String {
        let mut key = format!("{}\0{:?}\0{:?}", self.chart, self.name, self.namespace);
        for given in &self.values {
            let _ = match given {
                Given::File(path) => write!(key, "\0f{path}"),
                // The same text elsewhere has other places.
                Given::Inline(value) => write!(key, "\0i{:x}{:?}", value.content_hash(), value.span),
            };
        }
        for entry in &self.set {
            let _ = write!(key, "\0s{}={:x}{:?}", entry.key, entry.value.content_hash(), entry.value.span);
        }
        for raw in &self.raw {
            let _ = write!(key, "\0r{raw}");
        }
        key
    }
}
