//! Which text of a manifest is secret: the data of Secrets, also of those that cannot be read. Nothing is masked here;
//! the spans are made known to the source, and every renderer asks it.

use std::ops::Range;

use super::Resource;
use crate::source::{Code, Problem, Span};
use crate::tree::Value;

const DATA: [&str; 2] = ["data", "stringData"];
/// A copy of the whole object, which `kubectl apply` leaves.
const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The secret values of a resource. `problems` are those of its file: of a key that is given twice the reader keeps the
/// last value only, and the first one is as secret.
#[must_use]
pub fn of_resource(resource: &Resource, problems: &[Problem]) -> Vec<Span> {
    if resource.kind() != "Secret" || !resource.group().is_empty() {
        return Vec::new();
    }
    let body = resource.body.span;
    let twice = problems.iter().filter(|p| p.code == Code::DuplicateKey && body.contains(p.span));
    let first = twice.flat_map(|again| again.related.iter().map(|(first, _)| (*first, again.span)));
    let dropped = first.filter(|(first, again)| first.end <= again.start);
    let dropped = dropped.map(|(first, again)| Span { start: first.end, end: again.start, ..first });
    let held = resource.body.entries().iter().filter(|e| DATA.contains(&e.key.as_str())).map(|e| &e.value);
    let values = held.flat_map(|map| match map.entries() {
        [] => std::slice::from_ref(map).iter().collect::<Vec<&Value>>(),
        entries => entries.iter().map(|e| &e.value).collect(),
    });
    let annotations = resource.body.get("metadata").and_then(|m| m.get("annotations"));
    let applied = annotations.and_then(|a| a.get(APPLIED));
    values.chain(applied).map(|value| value.span).chain(dropped).filter(|span| !span.is_none()).collect()
}

/// What is probably secret in a text that does not parse: in a document of kind Secret, all below `data`.
#[must_use]
pub fn of_broken_text(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for document in text.split_inclusive("\n---") {
        let (range, start) = (at..at + document.len(), at);
        at = range.end;
        if is_secret(document) {
            for word in DATA {
                let keys = document.match_indices(word).filter(|(i, _)| is_key(document, *i, word));
                found.extend(keys.map(|(i, _)| below(document, i, word)).map(|r| r.start + start..r.end + start));
            }
        }
    }
    found
}

fn is_secret(document: &str) -> bool {
    document.match_indices("kind").any(|(i, word)| {
        let after = document.get(i + word.len()..).unwrap_or_default();
        let value = after.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':').unwrap_or_default();
        value.trim_start().trim_start_matches(['"', '\'']).starts_with("Secret")
    })
}

/// Whether a word is a key: nothing of a longer word before it, a colon after it.
fn is_key(document: &str, at: usize, word: &str) -> bool {
    let before = document.get(..at).unwrap_or_default();
    let after = document.get(at + word.len()..).unwrap_or_default();
    !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && after.trim_start_matches(['"', '\'']).trim_start().starts_with(':')
}

/// What stands below a key: to the next line that is not deeper; in brackets, to the end of the document.
fn below(document: &str, at: usize, word: &str) -> Range<usize> {
    let start = at + word.len();
    let line = document.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    if !line.trim_start_matches(['"', '\'']).trim().is_empty() {
        return start..document.len();
    }
    let depth = line.len();
    let mut end = start;
    for (i, below) in document.get(start..).unwrap_or_default().split_inclusive('\n').enumerate() {
        let text = below.trim();
        let indent = below.len() - below.trim_start().len();
        if i > 0 && !text.is_empty() && indent <= depth {
            break;
        }
        end += below.len();
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::manifest;
    use crate::read::yaml;
    use crate::source::Sources;

    fn texts(text: &str) -> Vec<String> {
        let source = Sources::new().add("a.yaml", text);
        let stream = yaml::parse(&source);
        let resources = stream.documents.iter().flat_map(|d| manifest::resources(&d.root, None));
        let spans = resources.flat_map(|r| of_resource(&r, &stream.problems));
        spans.map(|span| source.slice(span).to_owned()).collect()
    }

    #[test]
    fn data_of_secrets_is_secret_and_nothing_else() {
        let secret =
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  x: aGk=\nstringData: {y: \"b\", z: |\n";
        assert_eq!(texts(&format!("{}}}\n", secret.trim_end_matches(", z: |\n"))), ["aGk=", "\"b\""]);
        assert_eq!(texts("apiVersion: v1\nkind: Secret\nstringData: {y: one, y: two}\n"), ["two", ": one, "]);
        assert_eq!(texts("apiVersion: v1\nkind: ConfigMap\ndata: {y: one}\n"), [""; 0]);
        assert_eq!(texts("apiVersion: x.io/v1\nkind: Secret\ndata: {y: one}\n"), [""; 0]);
    }

    #[test]
    fn what_does_not_parse_may_still_be_secret() {
        let cases = [
            ("kind: Secret\ndata:\n  a: \"x\n  b: y\nmetadata: {}\n", vec![":\n  a: \"x\n  b: y\n"]),
            ("kind: Secret\nstringData: {a: x\nb: y", vec![": {a: x\n"]),
            ("{\"kind\": \"Secret\", \"data\": {\"a\": \"x\"", vec!["\": {\"a\": \"x\""]),
            ("kind: ConfigMap\ndata: {a: x", vec![]),
            ("kind: Pod\ndata: [\n---\nkind: Secret\ndata: {a\n---\nkind: Pod\ndata: [\n", vec![": {a\n"]),
            ("kind: Secret\nmetadata: {name: my-data: x\n", vec![]),
        ];
        for (text, wanted) in cases {
            let found: Vec<&str> = of_broken_text(text).into_iter().map(|r| &text[r]).collect();
            assert_eq!(found, wanted, "{text}");
        }
    }
}
