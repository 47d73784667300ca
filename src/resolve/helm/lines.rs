//! Templates with a comment above each line of YAML that says where the line stands: a render of them tells which line of
//! which template each key of the output comes from.

use std::fmt::Write;

/// How such a comment begins.
const SIGN: &str = "#zl";

/// The text with its comments. `file` is the template's number.
pub(super) fn with_lines(text: &str, file: usize) -> String {
    let mut out = String::with_capacity(text.len() * 3 / 2);
    let mut state = State::Text;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if state == State::Text && is_yaml(line) {
            let lead = line.len() - line.trim_start().len();
            out.push_str(line.get(..lead).unwrap_or_default());
            let _ = writeln!(out, "{SIGN}{file}:{number}");
        }
        out.push_str(line);
        state = state.after(line);
    }
    out
}

/// The template's number and the line's (from 0) that a comment names.
pub(super) fn line_of(comment: &str) -> Option<(usize, usize)> {
    let (file, line) = comment.trim().strip_prefix(SIGN)?.split_once(':')?;
    Some((file.parse().ok()?, line.parse().ok()?))
}

/// A text of several lines without such comments.
pub(super) fn without_lines(text: &str) -> String {
    if !text.contains(SIGN) {
        return text.to_owned();
    }
    text.split_inclusive('\n').filter(|line| line_of(line).is_none()).collect()
}

/// Whether a line is one of a map or a list, as far as its literal text tells.
fn is_yaml(line: &str) -> bool {
    let mut rest = line.trim();
    let is_item = rest.starts_with("- ");
    while let Some(inner) = rest.strip_prefix("- ") {
        rest = inner.trim_start();
    }
    is_item || has_key(rest)
}

/// Whether text begins with a key: literal, or one that a template gives without cutting the blanks before it.
pub(super) fn has_key(text: &str) -> bool {
    let after = if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        text.get(1..).and_then(|t| t.split_once(quote)).map(|(_, after)| after)
    } else if text.starts_with("{{") && !text.starts_with("{{-") {
        text.split_once("}}").map(|(_, after)| after)
    } else {
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '$')));
        end.filter(|at| *at > 0).and_then(|at| text.get(at..))
    };
    after.and_then(|a| a.strip_prefix(':')).is_some_and(|a| a.is_empty() || a.starts_with([' ', '\t']))
}

/// Where a line ends: in text, or within an action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Text,
    Action,
    /// Within quotes of an action; only a raw string reaches over lines.
    Quoted(char),
    Comment,
}

impl State {
    fn after(self, line: &str) -> Self {
        let mut state = self;
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let mut step = c.len_utf8();
            match state {
                Self::Text if rest.starts_with("{{") => {
                    let inner = rest.trim_start_matches('{').trim_start_matches('-').trim_start();
                    state = if inner.starts_with("/*") { Self::Comment } else { Self::Action };
                    step = 2;
                }
                Self::Action if rest.starts_with("}}") => {
                    state = Self::Text;
                    step = 2;
                }
                Self::Action if matches!(c, '"' | '`' | '\'') => state = Self::Quoted(c),
                Self::Quoted(quote) if c == '\\' && quote != '`' => {
                    step += rest.chars().nth(1).map_or(0, char::len_utf8);
                }
                Self::Quoted(quote) if c == quote => state = Self::Action,
                Self::Comment if rest.starts_with("*/") => {
                    state = Self::Action;
                    step = 2;
                }
                _ => {}
            }
            rest = rest.get(step..).unwrap_or_default();
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_yaml_are_named_and_nothing_else() {
        let text = "{{/* a: 1\nb: 2 */}}\na: 1\n  - {{ x }}\n{{- if (eq .x `\nc: 3\n`) }}\n  \"q r\": {{ y }}\n{{ $k }}: z\n{{- $k }}: z\nplain text: no\n{{- end }}\n{{ .r }}:{{ .t }}\nhttp://x\n";
        let out = with_lines(text, 3);
        let named: Vec<(usize, usize)> = out.lines().filter_map(line_of).collect();
        assert_eq!(named, [(3, 2), (3, 3), (3, 7), (3, 8)]);
        assert!(out.contains("\n  #zl3:3\n  - {{ x }}\n"), "{out}");
        assert_eq!(without_lines(&out), text);
    }
}
