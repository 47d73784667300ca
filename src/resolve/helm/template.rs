//! Lines of templates: which token of a line a key or a value is, and which values the line names.

use std::sync::Arc;

use crate::source::{Source, Span};

/// A line of a template.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub source: Arc<Source>,
    /// From 0.
    pub number: usize,
}

impl Line {
    pub fn text(&self) -> &str {
        self.source.line_text(self.number).trim_end()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let from = self.source.line_starts().get(self.number).map_or(0, |s| *s as usize);
        self.source.span(from + start, from + end)
    }

    /// All of it but the blanks around it.
    pub fn whole(&self) -> Span {
        let text = self.text();
        self.span(text.len() - text.trim_start().len(), text.len())
    }

    /// A key, where the line has it; the line else.
    pub fn key(&self, key: &str) -> Span {
        match self.at_key(key) {
            Some((start, end)) => self.span(start, end),
            None => self.whole(),
        }
    }

    /// Where a key stands in it, with its quotes.
    fn at_key(&self, key: &str) -> Option<(usize, usize)> {
        let text = self.text();
        let mut from = 0;
        while let Some(at) = text.get(from..)?.find(key).map(|at| at + from) {
            let end = at + key.len();
            from = end.max(at + 1);
            let before = text.get(..at).and_then(|t| t.chars().next_back());
            let quote = before.filter(|c| matches!(c, '"' | '\''));
            let close = end + usize::from(quote.is_some_and(|q| text.get(end..).is_some_and(|t| t.starts_with(q))));
            let starts = quote.is_some() || before.is_none_or(|c| matches!(c, ' ' | '{' | ',' | '\t'));
            if starts && text.get(close..).is_some_and(|t| t.starts_with(':')) {
                return Some((at - usize::from(quote.is_some()), close));
            }
        }
        None
    }

    /// The text of a key's value on this line: an expression or a literal. Without a key that of a list's item.
    pub fn value(&self, key: Option<&str>) -> Option<Span> {
        let text = self.text();
        let start = match key {
            Some(key) => self.at_key(key).map(|(_, end)| end + 1)?,
            None => {
                let lead = text.len() - text.trim_start().len();
                lead + text.trim_start().strip_prefix('-').map(|_| 1)?
            }
        };
        let rest = text.get(start..)?;
        let from = start + (rest.len() - rest.trim_start().len());
        let rest = text.get(from..)?;
        if rest.is_empty() || rest.starts_with(['|', '>', '#']) {
            return None;
        }
        // A flow map's other entries are not its value.
        let flow = text.get(..from).is_some_and(|before| before.contains(['{', '[']));
        let action = rest.rfind("{{").and_then(|at| rest.get(at..)?.find("}}").map(|end| at + end + 2)).unwrap_or(0);
        let close = rest.get(action..).and_then(|t| t.find([',', '}', ']'])).map(|at| action + at);
        let end = close.filter(|_| flow).unwrap_or(rest.len());
        let end = rest.get(..end).and_then(|t| t.find(" #")).unwrap_or(end);
        let kept = rest.get(..end)?.trim_end().len();
        (kept > 0).then(|| self.span(from, from + kept))
    }

    /// Where the line has a text as it is, in its quotes: an item of a list that stands on one line.
    pub fn literal(&self, wanted: &str) -> Option<Span> {
        let text = self.text();
        let mut found = text.match_indices(wanted).filter(|_| !wanted.is_empty());
        let (at, _) = found.next()?;
        if found.next().is_some() {
            return None;
        }
        let end = at + wanted.len();
        let before = text.get(..at)?.chars().next_back();
        let after = text.get(end..)?.chars().next();
        let whole = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
        match before.filter(|q| matches!(q, '"' | '\'') && after == Some(*q)) {
            Some(_) => Some(self.span(at - 1, end + 1)),
            None => (whole(before) && whole(after)).then(|| self.span(at, end)),
        }
    }

    /// The values that the line's text names: `.Values.image.tag` as `image.tag`.
    pub fn named(&self, span: Span) -> Vec<Vec<String>> {
        let text = self.source.slice(span);
        let mut found = Vec::new();
        for rest in text.split(".Values.").skip(1) {
            let end =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))).unwrap_or(rest.len());
            let path = rest.get(..end).unwrap_or_default().trim_end_matches(['.', '-']);
            if !path.is_empty() {
                found.push(path.split('.').map(str::to_owned).collect());
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn tokens_of_lines() {
        for (text, key, key_text, value) in [
            ("  image: {{ .Values.image }} # c", "image", "image", Some("{{ .Values.image }}")),
            ("- \"a-b\": 'x: y'", "a-b", "\"a-b\"", Some("'x: y'")),
            ("  ports: [{containerPort: {{ .Values.p }}}]", "containerPort", "containerPort", Some("{{ .Values.p }}")),
            ("  x: {a: 1, b: 2}", "a", "a", Some("1")),
            ("  data: |", "data", "data", None),
            ("  {{ $k }}: v", "other", "{{ $k }}: v", None),
        ] {
            let line = Line { source: Sources::new().add("t", text), number: 0 };
            assert_eq!(line.source.slice(line.key(key)), key_text);
            assert_eq!(line.value(Some(key)).map(|s| line.source.slice(s)), value, "{text}");
        }
        let line = Line { source: Sources::new().add("t", "- {{ .Values.a.b }}:{{ $.Values.c-d }}"), number: 0 };
        let item = line.value(None).unwrap();
        assert_eq!(line.named(item), [vec!["a".to_owned(), "b".to_owned()], vec!["c-d".to_owned()]]);
    }
}
