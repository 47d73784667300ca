//! What the engine says when it fails, as a problem at the policy's own line and column.

use super::Script;
use crate::source::{Code, Problem, Span};

/// An error of the engine: its text holds the place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failure {
    /// The name of the script, its line and its column, both from one.
    pub place: Option<(String, usize, usize)>,
    /// What is wrong, without the place.
    pub message: String,
}

impl Failure {
    /// Reads the engine's text, which is `--> file:line:column`, an excerpt and `error: message`.
    pub fn read(text: &str) -> Self {
        let place = text.split_once("--> ").and_then(|(_, rest)| {
            let mut parts = rest.lines().next()?.rsplitn(3, ':');
            let column = parts.next()?.trim().parse().ok()?;
            let line = parts.next()?.parse().ok()?;
            Some((parts.next()?.to_owned(), line, column))
        });
        let message = match text.split_once("\nerror: ") {
            Some((_, message)) => message.split("\n-->").next().unwrap_or(message),
            None => text,
        };
        Self {
            place,
            message: plain(&message.replace("rule conflicts with rule at", "this rule has another value than")),
        }
    }

    /// Whether the evaluation took too long.
    pub fn is_slow(&self) -> bool {
        self.message.starts_with("execution exceeded time limit")
    }

    /// The problem, placed in the script that it names, else at `fallback`.
    pub fn problem(&self, scripts: &[Script], fallback: Span) -> Problem {
        let span = self.place.as_ref().and_then(|(name, line, column)| {
            let script = scripts.iter().find(|s| *s.name == **name)?;
            Some(script.at(*line, *column))
        });
        Problem::new(Code::Policy, span.unwrap_or(fallback), self.message.clone())
    }
}

fn plain(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches(['.', ':']);
    let mut chars = line.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(std::iter::once(second)).chain(chars).collect()
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_engines_text() {
        let mut engine = regorus::Engine::new();
        let text = engine.add_policy("dir/a:b.rego".into(), "package a\nx := }".into()).unwrap_err().to_string();
        let failure = Failure::read(&text);
        assert_eq!(failure.place, Some(("dir/a:b.rego".into(), 2, 6)));
        assert!(!failure.message.contains("-->"), "{}", failure.message);
        let plain = Failure::read("Something is wrong.");
        assert_eq!((plain.place, plain.message.as_str()), (None, "something is wrong"));
    }
}
