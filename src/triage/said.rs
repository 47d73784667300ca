//! What rules say, made fit to be printed: values that they quote are cut, secrets that they quote are masked.

use std::collections::HashMap;

use crate::source::{SourceId, Sources, Span};

/// A quoted value longer than this, in characters, is cut.
const LONGEST_QUOTED: usize = 80;

/// Shorter secrets are not looked for in messages: a short text is in many a word.
const SHORTEST_SECRET: usize = 5;

/// What stands for a secret.
const MASK: &str = "***";

/// So many secrets of a file are looked for, the longest first: this is a net below the rules, which quote no secret knowingly.
const MOST_SECRETS: usize = 1000;

/// Cuts and masks what rules said.
#[derive(Debug)]
pub struct Said<'a> {
    sources: &'a Sources,
    secrets: HashMap<SourceId, Vec<String>>,
}

impl<'a> Said<'a> {
    /// For findings in these files.
    pub fn new(sources: &'a Sources) -> Self {
        Self { sources, secrets: HashMap::new() }
    }

    /// The text with the secrets of the files masked that the places lie in, on one line, and what stands between backticks no longer than
    /// is good to read.
    pub fn clean(&mut self, text: &str, places: &[Span]) -> String {
        let mut masked = text.to_owned();
        for (i, span) in places.iter().enumerate() {
            if places.iter().take(i).any(|before| before.source == span.source) {
                continue;
            }
            let sources = self.sources;
            for secret in self.secrets.entry(span.source).or_insert_with(|| secrets(span.source, sources)) {
                if masked.contains(secret.as_str()) {
                    masked = masked.replace(secret.as_str(), MASK);
                }
            }
        }
        let quotes = masked.matches('`').count();
        if quotes % 2 == 1 || masked.chars().count() <= LONGEST_QUOTED {
            return flat(&masked);
        }
        let parts = masked.split('`').enumerate();
        let parts: Vec<String> = parts.map(|(i, part)| if i % 2 == 1 { cut(part) } else { flat(part) }).collect();
        parts.join("`")
    }
}

fn secrets(id: SourceId, sources: &Sources) -> Vec<String> {
    let Some(source) = sources.get(id) else { return Vec::new() };
    let texts = source
        .redactions()
        .into_iter()
        .map(|span| source.slice(span).trim().trim_matches(['"', '\'']).trim().to_owned());
    let mut secrets: Vec<String> = texts.filter(|secret| secret.len() >= SHORTEST_SECRET).collect();
    secrets.sort_by_key(|s| std::cmp::Reverse(s.len()));
    secrets.truncate(MOST_SECRETS);
    secrets
}

fn flat(text: &str) -> String {
    text.replace("\r\n", " ").replace(['\n', '\r'], " ")
}

fn cut(quoted: &str) -> String {
    let one_line = flat(quoted);
    match one_line.char_indices().nth(LONGEST_QUOTED) {
        None => one_line,
        Some(_) => {
            let words = one_line.split_whitespace().collect::<Vec<_>>().join(" ");
            match words.char_indices().nth(LONGEST_QUOTED - 1) {
                Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
                None => words,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_and_the_rest_stays() {
        let sources = Sources::new();
        let mut said = Said::new(&sources);
        let long = format!("`a.b` is `{}` here, and `x` there", "word  \n".repeat(60));
        let clean = said.clean(&long, &[]);
        assert!(clean.starts_with("`a.b` is `word word ") && clean.ends_with("…` here, and `x` there"), "{clean}");
        assert!(clean.len() < 130 && !clean.contains('\n'), "{clean}");
        assert_eq!(said.clean("one\r\ntwo", &[]), "one two");
        assert_eq!(said.clean("odd ` tick", &[]), "odd ` tick");
    }

    #[test]
    fn secrets_of_the_file_are_masked() {
        let sources = Sources::new();
        let source = sources.add("s.json", "{\"value\": \"hunter22\", \"a\": \"b\"}");
        source.redact(source.span(10, 20));
        source.redact(source.span(27, 30));
        let mut said = Said::new(&sources);
        let spans = [source.span(0, 1), source.span(3, 4)];
        assert_eq!(said.clean("`password` is `hunter22`, a bad one", &spans), "`password` is `***`, a bad one");
        assert_eq!(said.clean("`hunter22`", &[]), "`hunter22`");
    }
}
