//! Places as reports write them: paths, regions, and text with its secrets masked.

use std::borrow::Cow;

use super::Run;
use crate::source::{Position, Source, Span};

/// What stands for a secret.
pub(super) const MASK: &str = "***";

impl Run<'_> {
    /// A file's path as reports for machines name it: from the repository's root.
    pub(super) fn file(&self, path: &str) -> String {
        if self.prefix.is_empty() || path.starts_with('<') {
            path.to_owned()
        } else {
            format!("{}/{path}", self.prefix.trim_end_matches('/'))
        }
    }

    /// A file's path as a person in the working folder writes it.
    pub(super) fn from_here(&self, path: &str) -> String {
        if self.working.is_empty() || path.starts_with('<') {
            return path.to_owned();
        }
        let mut up = String::new();
        let mut dir = self.working;
        loop {
            let prefix =
                if dir.is_empty() { Some(path) } else { path.strip_prefix(dir).and_then(|p| p.strip_prefix('/')) };
            if let Some(rest) = prefix {
                return format!("{up}{rest}");
            }
            up.push_str("../");
            dir = crate::source::parent(dir);
        }
    }
}

/// First and last position of a span, columns in UTF-16 units. The end is exclusive.
pub(super) fn utf16(source: &Source, span: Span) -> (Position, Position) {
    (source.position_utf16(span.start), source.position_utf16(span.end))
}

/// First and last position of a span, columns in characters. The end is exclusive.
pub(super) fn chars(source: &Source, span: Span) -> (Position, Position) {
    (source.position_chars(span.start), source.position_chars(span.end))
}

/// The text of a span with its secrets masked.
pub(super) fn masked(source: &Source, span: Span) -> Cow<'_, str> {
    let text = source.slice(span);
    let mut out: Option<String> = None;
    let mut at = span.start;
    for secret in source.redactions() {
        let (from, to) = (secret.start.max(at), secret.end.min(span.end));
        if from >= to {
            continue;
        }
        let out = out.get_or_insert_default();
        out.push_str(source.slice(Span { start: at, end: from, ..span }));
        out.push_str(MASK);
        at = to;
    }
    match out {
        None => Cow::Borrowed(text),
        Some(mut out) => {
            out.push_str(source.slice(Span { start: at, ..span }));
            Cow::Owned(out)
        }
    }
}
