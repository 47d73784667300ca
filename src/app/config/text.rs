//! `{name}` and its like in the config's strings.

use super::check::Fault;
use crate::rule::nearest;
use crate::source::Span;
use crate::tree::{Entry, Text, Value};

/// What the words of a stamp stand for.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// The stamp's name; none in what is shared.
    pub stamp: Option<Text>,
    /// Words in braces with what they stand for: `name`, `region`, `vars.n`.
    pub words: Vec<(String, String)>,
}

/// A word in braces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Braced<'t> {
    /// Where the opening brace stands.
    pub start: usize,
    /// One past the closing brace.
    pub end: usize,
    /// The word.
    pub word: &'t str,
}

/// The words in braces of a text. Braces around anything else (`{a,b}` of a glob, JSON) are left alone.
pub fn braced(text: &str) -> impl Iterator<Item = Braced<'_>> {
    text.match_indices('{').filter_map(move |(start, _)| {
        let rest = text.get(start + 1..)?;
        let word = rest.get(..rest.find('}')?)?;
        let fits = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        fits.then_some(Braced { start, end: start + word.len() + 2, word })
    })
}

/// Whether a word names an output of a deployment: `hub.outputs.id`, `shared.hub.outputs.id`.
#[must_use]
pub fn is_output(word: &str) -> bool {
    word.split('.').rev().nth(1) == Some("outputs") && word.split('.').count() >= 3
}

impl Words {
    /// Puts the stamp's words into a text. Outputs of deployments stay as they are.
    pub fn fill(&self, text: &str, span: Span, faults: &mut Vec<Fault>) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut done = 0;
        for braced in braced(text) {
            filled.push_str(text.get(done..braced.start).unwrap_or_default());
            done = braced.end;
            let whole = text.get(braced.start..braced.end).unwrap_or_default();
            match self.words.iter().find(|(w, _)| w == braced.word) {
                Some((_, value)) => filled.push_str(value),
                None => {
                    filled.push_str(whole);
                    if !is_output(braced.word) {
                        faults.push(self.unknown(braced.word, span));
                    }
                }
            }
        }
        filled.push_str(text.get(done..).unwrap_or_default());
        filled
    }

    fn unknown(&self, word: &str, span: Span) -> Fault {
        let message = match &self.stamp {
            Some(stamp) => format!("`{{{word}}}` stands for nothing in stamp `{stamp}`"),
            None => format!("`{{{word}}}` stands for nothing in what is shared"),
        };
        let help = nearest(word, self.words.iter().map(|(w, _)| w.as_str())).or_else(|| {
            let known: Vec<String> = self.words.iter().map(|(w, _)| format!("`{{{w}}}`")).collect();
            (!known.is_empty()).then(|| format!("known here: {}", known.join(", ")))
        });
        Fault::new(span, message, "unknown word in braces").help(help)
    }

    /// The same for all strings in a value.
    pub fn fill_value(&self, value: &Value, faults: &mut Vec<Fault>) -> Value {
        let filled = match (value.as_str(), value.as_list(), value.as_map()) {
            (Some(text), _, _) if text.contains('{') => Value::string(self.fill(text, value.span, faults), value.span),
            (_, Some(items), _) => Value::list(items.iter().map(|i| self.fill_value(i, faults)).collect(), value.span),
            (_, _, Some(map)) => Value::map(
                map.iter().map(|e| Entry::new(e.key.clone(), e.key_span, self.fill_value(&e.value, faults))).collect(),
                value.span,
            ),
            _ => return value.clone(),
        };
        Value { style: value.style, ..filled }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words {
            stamp: Some("eu".into()),
            words: vec![("name".to_owned(), "eu".to_owned()), ("vars.n".to_owned(), "1".to_owned())],
        }
    }

    #[test]
    fn words_are_filled_in_and_all_else_is_left_alone() {
        let cases = [
            ("a.{name}.json", "a.eu.json"),
            ("{name}{vars.n}", "eu1"),
            ("*.{yaml,yml}", "*.{yaml,yml}"),
            ("{hub.outputs.id}", "{hub.outputs.id}"),
            ("{shared.a-b.outputs.x}", "{shared.a-b.outputs.x}"),
            ("{\"a\": 1} {0} { name }", "{\"a\": 1} {0} { name }"),
            ("{", "{"),
        ];
        for (text, expected) in cases {
            let mut faults = Vec::new();
            assert_eq!(words().fill(text, Span::NONE, &mut faults), expected);
            assert_eq!(faults, []);
        }
    }

    #[test]
    fn an_unknown_word_is_a_fault() {
        let mut faults = Vec::new();
        words().fill("x-{nmae}", Span::NONE, &mut faults);
        assert_eq!(faults[0].message, "`{nmae}` stands for nothing in stamp `eu`");
        assert_eq!(faults[0].help.as_deref(), Some("did you mean `name`?"));
    }
}
