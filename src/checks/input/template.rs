//! Which values are the text of a template that nobody rendered.

use crate::tree::{Kind, Part, Style, Value};

/// What of a template a value holds; nothing where text may be anything. With `substituted`, `${VAR}` is put in later.
#[must_use]
pub fn unrendered(value: &Value, substituted: bool) -> Option<&'static str> {
    if matches!(value.style, Style::Literal | Style::Folded) {
        return None;
    }
    let text = match &value.kind {
        Kind::String(text) => text.to_string(),
        Kind::Parts(parts) => parts.iter().map(|p| if let Part::Text(t) = p { t.as_str() } else { "" }).collect(),
        _ => return None,
    };
    if text.contains("{{") && text.contains("}}") {
        return Some("a template expression `{{ }}`");
    }
    (!substituted && has_variable(&text)).then_some("a variable `${}`")
}

/// `${NAME}` or `${NAME:-default}`; a lone `$` or `${` is text.
fn has_variable(text: &str) -> bool {
    text.match_indices("${").any(|(i, _)| {
        let rest = text.get(i + 2..).unwrap_or_default();
        let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(0);
        name > 0 && rest.get(name..).is_some_and(|after| after.starts_with(['}', ':']) && after.contains('}'))
    })
}

#[cfg(test)]
mod tests {
    use super::has_variable;

    #[test]
    fn variables_are_told_from_text() {
        for (text, is) in [
            ("${TAG}", true),
            ("a-${TAG:-v1}", true),
            ("$TAG", false),
            ("${", false),
            ("${}", false),
            ("$(TAG)", false),
        ] {
            assert_eq!(has_variable(text), is, "{text}");
        }
    }
}
