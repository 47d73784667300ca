//! What helm printed, as documents with the template that each came from.

use crate::read::yaml;
use crate::source::{Problem, Sources};
use crate::tree::{Text, Value};

/// One document of the output. Its spans point into the output, not into any file.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// The object.
    pub root: Value,
    /// The template, as helm names it: `chart/templates/x.yaml`.
    pub template: Text,
}

/// The output, read.
#[derive(Clone, Debug, Default)]
pub(super) struct Output {
    pub documents: Vec<Document>,
    /// Comments: where each stands in the output, and its text.
    pub comments: Vec<(usize, String)>,
    /// What does not read, with the template and the place in the output.
    pub problems: Vec<(Text, Problem)>,
}

/// Reads what `helm template` printed.
pub(super) fn read(text: &str) -> Output {
    let source = Sources::new().add("", text);
    let stream = yaml::parse(&source);
    let documents = stream
        .documents
        .into_iter()
        .map(|d| Document { template: d.rendered_from.clone().unwrap_or_default(), root: d.root });
    let problems = stream.problems.into_iter().map(|p| (template_at(text, p.span.start as usize), p));
    let comments = stream.comments.iter().map(|c| (c.span.start as usize, source.slice(c.span).to_owned()));
    Output { documents: documents.collect(), comments: comments.collect(), problems: problems.collect() }
}

/// The template that the text at a place comes from.
fn template_at(text: &str, at: usize) -> Text {
    let before = text.get(..at).unwrap_or_default();
    let named = before.rsplit("# Source: ").next().filter(|_| before.contains("# Source: "));
    named.and_then(|rest| rest.lines().next()).map(|line| line.trim().into()).unwrap_or_default()
}
