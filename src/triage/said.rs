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

    /// Cleans what is said of one finding: the secrets of the files masked that the places lie in, all on one line, and what stands between
    /// backticks no longer than is good to read. Long values that begin alike are cut so that the difference shows.
    pub fn clean(&mut self, texts: &mut [&mut String], places: &[Span]) {
        for (i, span) in places.iter().enumerate() {
            if places.iter().take(i).any(|before| before.source == span.source) {
                continue;
            }
            let sources = self.sources;
            for secret in self.secrets.entry(span.source).or_insert_with(|| secrets(span.source, sources)) {
                for text in texts.iter_mut().filter(|t| t.contains(secret.as_str())) {
                    **text = text.replace(secret.as_str(), MASK);
                }
            }
        }
        let long: Vec<Vec<String>> = texts.iter().map(|text| long_values(text)).collect();
        let skipped = alike(&long.concat());
        for (text, long) in texts.iter_mut().zip(long) {
            **text = if long.is_empty() { flat(text) } else { shortened(text, skipped) };
        }
    }
}

/// What stands between backticks and is too long, its white space folded.
fn long_values(text: &str) -> Vec<String> {
    // An odd backtick belongs to a name; then nothing can be told apart.
    if text.chars().count() <= LONGEST_QUOTED || text.matches('`').count() % 2 == 1 {
        return Vec::new();
    }
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|q| q.chars().count() > LONGEST_QUOTED).map(folded).collect()
}

/// How many characters all values begin with alike, where there are different ones.
fn alike(values: &[String]) -> usize {
    let Some((first, others)) = values.split_first() else { return 0 };
    if others.iter().all(|other| other == first) {
        return 0;
    }
    let same = |other: &String| first.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    others.iter().map(same).filter(|n| *n < first.chars().count()).min().unwrap_or(0)
}

/// The text with its long values cut: from shortly before the characters that they have in common end.
fn shortened(text: &str, alike: usize) -> String {
    let skipped = if alike < LONGEST_QUOTED / 2 { 0 } else { alike - LONGEST_QUOTED / 4 };
    let parts = text.split('`').enumerate().map(|(i, part)| {
        if i % 2 == 0 || part.chars().count() <= LONGEST_QUOTED {
            return flat(part);
        }
        let value = folded(part);
        let shown: String = value.chars().skip(skipped).take(LONGEST_QUOTED - 2).collect();
        let before = if skipped > 0 { "…" } else { "" };
        let after = if value.chars().count() > skipped + LONGEST_QUOTED - 2 { "…" } else { "" };
        format!("{before}{shown}{after}")
    });
    parts.collect::<Vec<_>>().join("`")
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(texts: &[&str]) -> Vec<String> {
        let sources = Sources::new();
        let mut texts: Vec<String> = texts.iter().map(|t| (*t).to_owned()).collect();
        let mut all: Vec<&mut String> = texts.iter_mut().collect();
        Said::new(&sources).clean(&mut all, &[]);
        texts
    }

    #[test]
    fn long_values_are_cut_and_the_rest_stays() {
        let long = format!("`a.b` is `{}` here, and `x` there", "word  \n".repeat(60));
        let text = clean(&[&long]).concat();
        assert!(text.starts_with("`a.b` is `word word ") && text.ends_with("…` here, and `x` there"), "{text}");
        assert!(text.len() < 130 && !text.contains('\n'), "{text}");
        assert_eq!(clean(&["one\r\ntwo", "odd ` tick"]), ["one two", "odd ` tick"]);
    }

    #[test]
    fn the_difference_of_long_values_is_shown() {
        let value =
            |range: &str| format!("{}sourceRange = {range}\n{}", "same = 1\n".repeat(40), "rest = 2\n".repeat(40));
        let message = format!("`t` is `{}` in stamp `a`, and `{}` in `b`", value("10.1.0.0"), value("10.2.0.0"));
        let texts = clean(&[&message, &format!("`{}` in `b`", value("10.2.0.0"))]);
        assert!(texts[0].contains("10.1.0.0") && texts[0].contains("10.2.0.0"), "{texts:?}");
        assert!(
            texts[1].starts_with("`…") && texts[1].contains("10.2.0.0") && texts[1].ends_with("…` in `b`"),
            "{texts:?}"
        );
        assert!(texts[0].chars().count() < 220, "{texts:?}");
    }

    #[test]
    fn secrets_of_the_file_are_masked() {
        let sources = Sources::new();
        let source = sources.add("s.json", "{\"value\": \"hunter22\", \"a\": \"b\"}");
        source.redact(source.span(10, 20));
        source.redact(source.span(27, 30));
        let mut said = Said::new(&sources);
        let mut text = "`password` is `hunter22`, a bad one".to_owned();
        said.clean(&mut [&mut text], &[source.span(0, 1), source.span(3, 4)]);
        assert_eq!(text, "`password` is `***`, a bad one");
    }
}
