//! The prose of a rule's document: why, and how to fix.

use crate::rule::Document;
use crate::triage::Reported;

/// What to do about a finding: its own words, else the first sentence of its rule's *How to fix*. Begins with a capital, since sentences do
/// and a reader should not see which of the two it is.
pub(super) fn advice(finding: &Reported) -> Option<String> {
    let text = finding.help.clone().or_else(|| Prose::of(&finding.rule).advice())?;
    let mut rest = text.chars();
    let first = rest.next()?;
    Some(first.to_uppercase().chain(rest).collect())
}

/// Messages of folded findings beyond this are counted.
const MOST_ALSO: usize = 3;

/// What else is wrong at a finding's place: the first of it, and how much more.
pub(super) fn also(finding: &Reported) -> Vec<String> {
    let mut also: Vec<String> = finding.also.iter().take(MOST_ALSO).cloned().collect();
    if finding.also.len() > MOST_ALSO {
        also.push(format!("{} more at this place", finding.also.len() - MOST_ALSO));
    }
    also
}

/// The prose parts of a document, as Markdown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Prose<'d> {
    /// What stands before the first heading: why the rule is there.
    pub why: &'d str,
    /// What stands below `How to fix`.
    pub fix: &'d str,
}

impl<'d> Prose<'d> {
    /// Takes a document apart. Examples are left out.
    #[must_use]
    pub fn of(rule: &'d Document) -> Self {
        let body: &'d str = &rule.body;
        let mut prose = Self::default();
        let mut heading = None;
        let mut start = 0;
        let mut fenced = false;
        let mut offset = 0;
        for line in body.split_inclusive('\n') {
            if line.starts_with("```") {
                fenced = !fenced;
            }
            if !fenced && line.starts_with("## ") {
                prose.take(heading, body.get(start..offset).unwrap_or_default());
                heading = Some(line.trim_start_matches('#').trim());
                start = offset + line.len();
            }
            offset += line.len();
        }
        prose.take(heading, body.get(start..).unwrap_or_default());
        prose
    }

    fn take(&mut self, heading: Option<&str>, text: &'d str) {
        match heading {
            None | Some("Why") if self.why.is_empty() => self.why = text.trim(),
            Some("How to fix") => self.fix = text.trim(),
            _ => {}
        }
    }

    /// The first sentence of how to fix, on one line.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let paragraph = self.fix.split("\n\n").next().unwrap_or_default();
        let sentence = first_sentence(paragraph);
        (!sentence.is_empty()).then_some(sentence)
    }
}

/// The first sentence of a paragraph, on one line, without its full stop.
fn first_sentence(paragraph: &str) -> String {
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line
        .match_indices(". ")
        .map(|(i, _)| i)
        .find(|i| {
            let before = line.get(..*i).unwrap_or_default();
            !["e.g", "i.e", "etc"].iter().any(|a| before.ends_with(a))
                && line.get(i + 2..).and_then(|rest| rest.chars().next()).is_some_and(|c| !c.is_lowercase())
        })
        .unwrap_or(line.len());
    let sentence = line.get(..end).unwrap_or_default();
    sentence.strip_suffix('.').unwrap_or(sentence).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_ends_where_a_sentence_ends() {
        for (paragraph, sentence) in [
            ("Set it to true. Then wait.", "Set it to true"),
            ("Name a version, e.g. 1.2\nor its digest. More.", "Name a version, e.g. 1.2 or its digest"),
            ("Use v1.29 or later.", "Use v1.29 or later"),
            ("Two words", "Two words"),
            ("", ""),
        ] {
            assert_eq!(first_sentence(paragraph), sentence);
        }
    }
}
