//! Parameter files in JSON.

use std::sync::Arc;

use crate::read::json;
use crate::resolve::template::{Given, ParameterContent, ParameterFile, TemplateLink};
use crate::source::{Code, Problem, Source, Span};
use crate::tree::{Entry, Reason, Unknown, Value, WaitsFor};

/// The parameter file of a source.
pub(in crate::resolve) fn parameters(source: &Source) -> ParameterFile {
    let stream = json::parse(source, json::Options::ARM);
    let mut problems = stream.problems;
    let root = stream.documents.into_iter().next().map(|d| d.root);
    let mut file = ParameterFile {
        path: source.path().clone(),
        anchor: source.span(0, 0),
        template: None,
        is_base: false,
        content: ParameterContent::Values(Vec::new()),
        problems: Vec::new(),
    };
    if let Some(root) = &root {
        let holder = root.as_map().and_then(|m| m.entry_ci("parameters"));
        // Azure's command line takes the bare map, too.
        let bare = holder.is_none() && root.get_ci("$schema").is_none();
        let (entries, anchor) = match holder {
            Some(holder) => (holder.value.entries(), holder.key_span),
            None if bare => (root.entries(), first(root.span)),
            None => (&[][..], first(root.span)),
        };
        file.anchor = anchor;
        file.template = link(root, source);
        let given = entries.iter().filter_map(|e| given(e, &mut problems));
        file.content = ParameterContent::Values(given.collect());
    }
    file.problems = problems;
    file
}

fn first(span: Span) -> Span {
    Span { end: span.end.min(span.start.saturating_add(1)), ..span }
}

fn given(entry: &Entry, problems: &mut Vec<Problem>) -> Option<Given> {
    let made = |value: Value, from_vault: bool| Given {
        name: entry.key.clone(),
        name_span: entry.key_span,
        value,
        from_vault,
        in_file: true,
    };
    let parts = &entry.value;
    if let Some(value) = parts.get_ci("value") {
        return Some(made(value.clone(), false));
    }
    let unknown = |reason: Reason, from: WaitsFor, at: &Value| Value::unknown(Unknown::new(reason, from), at.span);
    let name = || WaitsFor::Parameter(entry.key.clone());
    if let Some(reference) = parts.get_ci("reference") {
        return Some(made(unknown(Reason::Secure, name(), reference), true));
    }
    if let Some(expression) = parts.get_ci("expression") {
        return Some(made(unknown(Reason::Context, name(), expression), false));
    }
    let detail = format!("the parameter `{}` has neither `value` nor `reference`", entry.key);
    problems.push(Problem::new(Code::Template, entry.key_span, detail));
    None
}

/// The template that the file names in its metadata.
fn link(root: &Value, source: &Source) -> Option<TemplateLink> {
    let value = root.get_ci("metadata")?.get_ci("template")?;
    let written = value.as_str()?;
    let dir = crate::source::parent(source.path());
    Some(TemplateLink {
        written: written.into(),
        path: crate::source::join(dir, written).map(Arc::from),
        span: value.span,
    })
}
