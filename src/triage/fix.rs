//! From a change of a value to a change of text. Only what a person could do without looking further becomes one: a literal that is
//! replaced where it stands. Whatever is composed by an expression is left to the person.

use super::{ReadyFix, rendered};
use crate::rule::{Edit, EditKind, Finding, Place};
use crate::source::{Sources, Span};
use crate::tree::Value;

/// The fixes of a finding as changes of text. A fix of which one edit cannot be made is left out whole.
pub fn fixes(finding: &Finding, sources: &Sources) -> Vec<ReadyFix> {
    finding
        .fixes
        .iter()
        .filter_map(|fix| {
            let edits: Option<Vec<_>> = fix.edits.iter().map(|edit| text_edit(edit, sources)).collect();
            let edits = edits.unwrap_or_default();
            let ready = ReadyFix { title: fix.title.clone(), edits, text: fix.text.clone() };
            (!ready.edits.is_empty() || ready.text.is_some()).then_some(ready)
        })
        .collect()
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
