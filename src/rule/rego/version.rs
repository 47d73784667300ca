//! Which version of the language a file is written in.

use super::lex::{Token, begins_rule, tokens};

/// A version of the language.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Version {
    /// Before 1.0: bodies without `if`, sets without `contains`.
    V0,
    /// 1.0 and later.
    #[default]
    V1,
}

/// The version that the text is written in: the old one when a rule has a body without `if`, or a set is built
/// without `contains`; the new one otherwise, also where both would do.
#[must_use]
pub fn version_of(text: &str) -> Version {
    let tokens = tokens(text);
    if imports_v1(&tokens) {
        return Version::V1;
    }
    let mut starts = (0..tokens.len()).filter(|i| begins_rule(&tokens, *i)).peekable();
    while let Some(start) = starts.next() {
        let end = starts.peek().copied().unwrap_or(tokens.len());
        if tokens.get(start..end).is_some_and(is_old) {
            return Version::V0;
        }
    }
    Version::V1
}

fn imports_v1(tokens: &[Token<'_>]) -> bool {
    tokens.windows(4).any(|w| {
        matches!(w, [import, rego, dot, v1]
            if import.is("import") && rego.is("rego") && dot.is(".") && v1.is("v1"))
    })
}

/// Whether one rule can only be old.
fn is_old(rule: &[Token<'_>]) -> bool {
    let Some(name) = rule.first() else {
        return false;
    };
    if matches!(name.text, "package" | "import" | "default") {
        return false;
    }
    let mut new = false;
    for (i, token) in rule.iter().enumerate().filter(|(_, t)| t.depth == 0) {
        if token.is("if") || token.is("contains") {
            new = true;
        }
        // A brace after a term opens a body; after an operator it opens a set or an object.
        let before = i.checked_sub(1).and_then(|b| rule.get(b));
        if token.is("{") && before.is_some_and(|b| b.ends_term() || b.is("else")) && !new {
            return true;
        }
    }
    // `deny[x]` alone is a set's head in the old language and nothing in the new one.
    let bare_bracket = rule.get(1).is_some_and(|t| t.is("["))
        && !rule.iter().any(|t| t.depth == 0 && (t.is("=") || t.is(":=") || t.is("if")));
    bare_bracket && !new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_by_what_only_one_version_has() {
        let cases = [
            ("package a\ndeny[msg] { msg := 1 }", Version::V0),
            ("package a\ndeny contains msg if { msg := 1 }", Version::V1),
            ("package a\nallow { true }", Version::V0),
            ("package a\nf(x) = y { y := x }", Version::V0),
            ("package a\nf(x) := {\"a\": x}", Version::V1),
            ("package a\nx = {1, 2}", Version::V1),
            ("package a\ndefault x = {}\ny { x }", Version::V0),
            ("package a\nimport rego.v1\nx := 1", Version::V1),
            ("package a\nimport future.keywords\nx if { true }\ny { true }", Version::V0),
            ("package a\nx := 1 { true } else = 2 { false }", Version::V0),
            ("package a\nx := 1 if { true } else := 2 if { false }", Version::V1),
            ("package a\nx[\"a\"]", Version::V0),
            ("package a\nx[\"a\"] := 1", Version::V1),
            ("package a\nx := [y | y := 1]", Version::V1),
            ("package a\nx := every_thing {\n true }", Version::V0),
        ];
        for (text, version) in cases {
            assert_eq!(version_of(text), version, "{text}");
        }
    }
}
