//! Places in SARIF's words: artifact, region, snippet.

use serde_json::{Value, json};

use crate::report::Run;
use crate::report::place::{masked, uri, utf16};
use crate::source::{Source, Span};
use crate::triage::{FoundBy, Label};

/// A snippet beyond this is cut: it is there to be recognised, the file holds the rest.
const LONGEST_SNIPPET: usize = 400;

/// Makes locations from spans.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places<'a> {
    run: &'a Run<'a>,
}

impl<'a> Places<'a> {
    /// For the sources of a run.
    pub fn new(run: &'a Run<'a>) -> Self {
        Self { run }
    }

    /// A span with its file and text.
    pub fn physical(&self, span: Span) -> Option<Value> {
        let source = self.run.sources.get(span.source)?;
        let mut region = region(&source, span);
        let text = masked(&source, span);
        if let (Value::Object(region), false) = (&mut region, text.is_empty()) {
            region.insert("snippet".to_owned(), json!({"text": cut(&text)}));
        }
        Some(json!({"artifactLocation": self.artifact(source.path()), "region": region}))
    }

    /// A file, by its percent-encoded path from the repository's root.
    pub fn artifact(&self, path: &str) -> Value {
        self.named(&self.run.file(path))
    }

    /// A file by a path that begins at the repository's root already.
    pub fn named(&self, path: &str) -> Value {
        json!({"uri": uri(path), "uriBaseId": "%SRCROOT%"})
    }

    /// A place with its word and, where the place is not certain, how it was found.
    pub fn location(&self, label: &Label, id: Option<usize>) -> Option<Value> {
        let mut location = json!({"physicalLocation": self.physical(label.span)?});
        super::set(&mut location, "id", id);
        let text = (!label.text.is_empty()).then(|| json!({"text": escaped(&label.text)}));
        super::set(&mut location, "message", text);
        let found = (label.found != FoundBy::Exact).then_some(label.found.word());
        let mut properties = json!({"role": label.role.word()});
        super::set(&mut properties, "found", found);
        super::set(&mut location, "properties", Some(properties));
        Some(location)
    }

    /// The replacements of an edit, with the file that they are for.
    pub fn replacement(&self, span: Span, text: &str) -> Option<(Value, Value)> {
        let source = self.run.sources.get(span.source)?;
        let replacement = json!({"deletedRegion": region(&source, span), "insertedContent": {"text": text}});
        Some((self.artifact(source.path()), replacement))
    }
}

fn region(source: &Source, span: Span) -> Value {
    let (start, end) = utf16(source, span);
    json!({
        "startLine": start.line.get(),
        "startColumn": start.column.get(),
        "endLine": end.line.get(),
        "endColumn": end.column.get(),
    })
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_SNIPPET) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Plain text as a message may hold it: brackets would begin a link.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '[' | ']') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_no_links() {
        assert_eq!(escaped(r"containers[0]\x"), r"containers\[0\]\\x");
    }
}
