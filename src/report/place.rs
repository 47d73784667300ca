//! Places as reports write them: paths, regions, and text with its secrets masked.

use std::borrow::Cow;
use std::fmt::Write as _;

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

    /// The file to name for what lies in none, where a format wants one: the config, else the root.
    pub(super) fn nowhere(&self) -> String {
        let stamps = self.fleet.stamps.iter().map(|s| s.declared);
        let config = self.fleet.stamps_key.into_iter().chain(stamps).find_map(|span| self.sources.get(span.source));
        config.map_or_else(|| ".".to_owned(), |source| self.file(source.path()))
    }

    /// A file's path as a person in the working folder writes it.
    pub(super) fn shown_path(&self, path: &str) -> String {
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

/// A relative path as a URI reference. A colon is encoded too: before the first slash it would end a scheme.
pub(super) fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'/' | b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'*' | b'+' | b',' | b';' | b'=' | b'@' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_relative_references() {
        assert_eq!(uri("a b/ü#?%.yaml"), "a%20b/%C3%BC%23%3F%25.yaml");
        assert_eq!(uri("c:x/{n}.yaml"), "c%3Ax/%7Bn%7D.yaml");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
    }
}
