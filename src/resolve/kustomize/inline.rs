//! Documents that stand in a scalar of a kustomization: inline patches and transformers. Their values' spans lie in the
//! kustomization, where the scalar's text can be told to stand there line by line; else they are the scalar's.

use super::load::Parsed;
use super::texts::Texts;
use crate::read::yaml::{Typing, parse_with};
use crate::source::{Problem, Source, Sources, Span};
use crate::tree::{Kind, Style, Value};

/// Reads a scalar's text as YAML.
pub(super) fn parse(scalar: &Value, texts: &Texts, typing: Typing) -> Parsed {
    let Some(text) = scalar.as_str() else {
        return Parsed::default();
    };
    let scratch = Sources::new().add("<inline>", text);
    let stream = parse_with(&scratch, typing);
    let home = texts.get(scalar.span.source);
    let lines = home.as_deref().map_or(Lines::Unknown(scalar.span), |home| Lines::of(scalar, text, home));
    let mut parsed = Parsed::of(stream, None);
    for document in &mut parsed.documents {
        lines.settle(document);
    }
    for problem in &mut parsed.problems {
        lines.settle_problem(problem);
    }
    parsed
}

/// Where the lines of a scalar's text stand.
enum Lines {
    /// Each line of the text, with the offset in the source at which it begins.
    Known {
        span: Span,
        /// Offsets in the text, in the source.
        starts: Vec<(u32, u32)>,
    },
    Unknown(Span),
}

impl Lines {
    fn of(scalar: &Value, text: &str, home: &Source) -> Self {
        let span = scalar.span;
        let written = home.slice(span);
        let begin = span.start;
        match scalar.style {
            Style::Plain if written == text => Self::Known { span, starts: vec![(0, begin)] },
            Style::Single | Style::Double if written.get(1..written.len().saturating_sub(1)) == Some(text) => {
                Self::Known { span, starts: vec![(0, begin + 1)] }
            }
            Style::Literal => Self::block(span, written, text),
            _ => Self::Unknown(span),
        }
    }

    /// A literal block: the same lines, indented.
    fn block(span: Span, written: &str, text: &str) -> Self {
        let mut starts = Vec::new();
        let mut in_text = 0usize;
        let mut in_source = span.start as usize;
        let mut source_lines = written.split_inclusive('\n');
        // The header.
        in_source += source_lines.next().map_or(0, str::len);
        for line in text.split_inclusive('\n') {
            let Some(source_line) = source_lines.next() else {
                break;
            };
            let content = line.trim_end_matches('\n');
            let at = source_line.trim_end_matches(['\n', '\r']);
            let Some(indent) = at.len().checked_sub(content.len()) else {
                return Self::Unknown(span);
            };
            if at.get(indent..) != Some(content) {
                return Self::Unknown(span);
            }
            let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            starts.push((offset(in_text), offset(in_source + indent)));
            in_text += line.len();
            in_source += source_line.len();
        }
        if starts.is_empty() {
            return Self::Unknown(span);
        }
        Self::Known { span, starts }
    }

    fn place(&self, inner: Span) -> Span {
        match self {
            Self::Unknown(span) => *span,
            Self::Known { span, starts } => {
                let offset = |at: u32| {
                    let line = starts.partition_point(|(text, _)| *text <= at).saturating_sub(1);
                    let (text, source) = starts.get(line).copied().unwrap_or((0, span.start));
                    source + (at - text)
                };
                let start = offset(inner.start);
                // An end at a line's start is the end of the line before it.
                let end = if inner.end > inner.start { offset(inner.end - 1) + 1 } else { start };
                Span { source: span.source, start, end: end.max(start) }
            }
        }
    }

    fn settle(&self, value: &mut Value) {
        if !value.span.is_none() {
            value.span = self.place(value.span);
        }
        if !value.origin.is_empty() {
            // Aliases inside such a text: their way is not worth a second translation.
            value.origin = crate::tree::Origin::default();
        }
        match &value.kind {
            Kind::List(_) => {
                for item in value.items_mut().into_iter().flatten() {
                    self.settle(item);
                }
            }
            Kind::Map(_) => {
                for entry in value.entries_mut().into_iter().flatten() {
                    if !entry.key_span.is_none() {
                        entry.key_span = self.place(entry.key_span);
                    }
                    self.settle(&mut entry.value);
                }
            }
            _ => {}
        }
    }

    fn settle_problem(&self, problem: &mut Problem) {
        problem.span = self.place(problem.span);
        for (span, _) in &mut problem.related {
            *span = self.place(*span);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<String> {
        let sources = Sources::new();
        let home = sources.add("kustomization.yaml", text);
        let texts = Texts::default();
        texts.add(&home);
        let root = parse_with(&home, Typing::Kustomize).documents.remove(0).root;
        let parsed = parse(root.get("patch").unwrap(), &texts, Typing::Kustomize);
        let mut found = Vec::new();
        collect(parsed.documents.first().unwrap(), &home, &mut found);
        found
    }

    fn collect(value: &Value, home: &Source, found: &mut Vec<String>) {
        for entry in value.entries() {
            found.push(home.slice(entry.key_span).to_owned());
            collect(&entry.value, home, found);
        }
        value.items().iter().for_each(|item| collect(item, home, found));
        if super::super::texts::is_scalar(value) {
            found.push(home.slice(value.span).to_owned());
        }
    }

    #[test]
    fn values_of_inline_documents_stand_in_the_kustomization() {
        assert_eq!(
            places("patch: |-\n  - op: add\n    path: /a\n\n    value: 'é x'\n"),
            ["op", "add", "path", "/a", "value", "'é x'"]
        );
        assert_eq!(places("patch: '[{op: add}]'\n"), ["op", "add"]);
        assert_eq!(places("patch: \"{a: 1}\"\n"), ["a", "1"]);
        let folded = places("patch: >-\n  {a: 1,\n  b: 2}\n");
        assert!(folded.iter().all(|t| t.starts_with(">-")), "{folded:?}");
    }
}
