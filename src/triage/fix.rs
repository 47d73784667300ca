//! From a change of a value to a change of text. Only what a person could do without looking further becomes one: a literal that is
//! replaced where it stands. Whatever is composed by an expression is left to the person.

use super::{ReadyFix, rendered};
use crate::rule::{Document, Edit, EditKind, Finding, Fix, Place, Verdict};
use crate::source::{Sources, Span};
use crate::tree::{Point, Segment, Value};

/// The fixes of a finding as changes of text. A fix of which one edit cannot be made is left out whole.
pub fn fixes(finding: &Finding, rule: &Document, sources: &Sources) -> Vec<ReadyFix> {
    let known = if finding.fixes.is_empty() { negation(finding, rule) } else { None };
    finding
        .fixes
        .iter()
        .chain(&known)
        .filter_map(|fix| {
            let edits: Option<Vec<_>> = fix.edits.iter().map(|edit| text_edit(edit, sources)).collect();
            let edits = edits.unwrap_or_default();
            let ready = ReadyFix { title: fix.title.clone(), edits, text: fix.text.clone() };
            (!ready.edits.is_empty() || ready.text.is_some()).then_some(ready)
        })
        .collect()
}

/// A boolean that is wrong is right the other way round, where the rule judges this very value. What compares stamps
/// does not: which of them is right, a person knows.
fn negation(finding: &Finding, rule: &Document) -> Option<Fix> {
    let compares = &*rule.family == "fleet" || rule.id.contains('/');
    if compares || finding.inferred || finding.verdict != Verdict::Fail {
        return None;
    }
    let Place::Resource { resource, path, point: Point::Value } = &finding.place else {
        return None;
    };
    let is = |s: &Segment, word: &str| matches!(s, Segment::Key(key) if key.as_str() == word);
    // What is a string by its place is wrong as a truth value of either kind.
    if path.0.iter().any(|s| is(s, "annotations") || is(s, "labels")) {
        return None;
    }
    let right = !resource.body.at(path)?.as_bool()?;
    let name = path.0.iter().rev().find_map(|s| match s {
        Segment::Key(key) => Some(key.as_str()),
        _ => None,
    });
    let title = format!("set `{}` to {right}", name?);
    let edits = vec![Edit { place: finding.place.clone(), kind: EditKind::Set(right.to_string()) }];
    Some(Fix { title, edits, text: None })
}

fn text_edit(edit: &Edit, sources: &Sources) -> Option<(Span, String)> {
    let value = match &edit.place {
        Place::Resource { resource, path, .. } => resource.body.at(path)?,
        Place::Value(value) => value,
        Place::Span(_) | Place::Nowhere => return None,
    };
    match &edit.kind {
        EditKind::Set(_) if rendered::is_other_text(value) => None,
        EditKind::Set(text) => set(value, text, sources),
        // Inserting and removing need the layout of what is around; a person sees it.
        EditKind::Insert(..) | EditKind::Remove => None,
    }
}

/// Replaces a literal, in the quotes that it has.
fn set(value: &Value, text: &str, sources: &Sources) -> Option<(Span, String)> {
    let old = sources.text(value.span);
    let quote = literal(&old)?;
    let new = match quote {
        Some(quote) if !is_plain(text) => {
            // What needs escaping is escaped differently in each language.
            let simple = !text.contains(['\'', '"', '\\', '$', '\n']) && !text.starts_with('[');
            simple.then(|| format!("{quote}{text}{quote}"))?
        }
        _ => text.to_owned(),
    };
    Some((value.span, new))
}

/// Whether text is a literal of every language that is read, and with which quote if it has one.
fn literal(text: &str) -> Option<Option<char>> {
    for quote in ['\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote)) {
            let expression = inner.starts_with('[') || inner.contains("${") || inner.contains(quote);
            return (!expression).then_some(Some(quote));
        }
    }
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | ':' | '@');
    // A word that is no literal in Bicep is the name of something; only true, false, null and numbers are neither.
    (is_plain(text) && text.chars().all(word)).then_some(None)
}

/// Whether text is `true`, `false`, `null` or a number, which all languages write alike.
fn is_plain(text: &str) -> bool {
    let number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && text.parse::<f64>().is_ok();
    number || matches!(text, "true" | "false" | "null")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str, old: &str, new: &str) -> Option<String> {
        let sources = Sources::new();
        let source = sources.add("f", text);
        let at = text.find(old).unwrap();
        let value = Value::string("x", source.span(at, at + old.len()));
        let (span, with) = set(&value, new, &sources)?;
        Some(format!("{}{with}{}", &text[..span.start as usize], &text[span.end as usize..]))
    }

    #[test]
    fn literals_are_replaced_in_their_quotes() {
        for (text, old, new, want) in [
            ("{\"value\": false}", "false", "true", "{\"value\": true}"),
            ("{\"value\": \"false\"}", "\"false\"", "true", "{\"value\": true}"),
            ("tier: 'Free'", "'Free'", "Standard", "tier: 'Standard'"),
            ("count: 1 # one", "1", "3", "count: 3 # one"),
        ] {
            assert_eq!(replaced(text, old, new).as_deref(), Some(want));
        }
    }

    #[test]
    fn expressions_are_left_alone() {
        for (text, old) in [
            ("a: disable", "disable"),
            ("a: nan", "nan"),
            ("a: !enable", "!enable"),
            ("a: 'x${y}'", "'x${y}'"),
            ("{\"a\": \"[parameters('b')]\"}", "\"[parameters('b')]\""),
            ("a: cond ? true : false", "cond ? true : false"),
        ] {
            assert_eq!(replaced(text, old, "true"), None, "{text}");
        }
        assert_eq!(replaced("a: 'b'", "'b'", "it's"), None);
    }
}
