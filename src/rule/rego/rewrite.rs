//! Constructs that OPA takes and the engine refuses, rewritten to ones that both take with one meaning. Lines stay
//! where they are. What cannot be rewritten safely is listed in `docs/rego.md`.

use super::lex::{Kind, Token, begins_rule, tokens};
use super::script::Edit;
use super::{Script, Version};

/// The script as the engine can read it.
#[must_use]
pub(super) fn rewrite(script: &Script, version: Version) -> Script {
    let tokens = tokens(&script.text);
    let mut edits = Vec::new();
    calls_over_lines(&tokens, &mut edits);
    let rules = rules(&tokens);
    for rule in &rules {
        head_only(rule, version, &mut edits);
        if version == Version::V0 {
            chained_bodies(&script.text, rule, &mut edits);
        }
    }
    late_imports(&script.text, &tokens, &rules, &mut edits);
    if edits.is_empty() {
        return script.clone();
    }
    script.edited(edits)
}

fn rules<'a, 't>(tokens: &'a [Token<'t>]) -> Vec<&'a [Token<'t>]> {
    let starts: Vec<usize> = (0..tokens.len()).filter(|i| begins_rule(tokens, *i)).collect();
    let ends = starts.iter().skip(1).copied().chain([tokens.len()]);
    starts.iter().zip(ends).filter_map(|(start, end)| tokens.get(*start..end)).collect()
}

/// A parenthesis at the start of a line begins a statement; the engine takes it for the arguments of the name that
/// ends the line before.
fn calls_over_lines(tokens: &[Token<'_>], edits: &mut Vec<Edit>) {
    for pair in tokens.windows(2) {
        if let [before, token] = pair
            && token.is("(")
            && token.first
            && token.depth > 0
            && before.ends_term()
            && (before.kind == Kind::Word || before.is("]"))
        {
            edits.push(Edit::insert(before.end(), ";"));
        }
    }
}

/// `f("a")` alone says that the function holds for `"a"`; the engine wants a value in the new version.
fn head_only(rule: &[Token<'_>], version: Version, edits: &mut Vec<Edit>) {
    if version == Version::V0 {
        return;
    }
    if let [name, open, .., close] = rule
        && name.kind == Kind::Word
        && !matches!(name.text, "package" | "import" | "default")
        && open.is("(")
        && close.is(")")
        && close.depth == 0
        && rule.iter().filter(|t| t.is("(") && t.depth == 0).count() == 1
        && rule.iter().all(|t| t.depth > 0 || !t.is("if"))
    {
        edits.push(Edit::insert(close.end(), " := true"));
    }
}

/// `deny[m] { ... } { ... }` is two rules with one head. The engine refuses that for sets and takes only the first body
/// of a function.
fn chained_bodies(text: &str, rule: &[Token<'_>], edits: &mut Vec<Edit>) {
    let Some(name) = rule.first().filter(|t| t.kind == Kind::Word && !t.is("default")) else {
        return;
    };
    if rule.iter().any(|t| t.depth == 0 && t.is("else")) {
        return;
    }
    // A brace after a term opens a body; one after `=` opens a value.
    let mut bodies = rule
        .windows(2)
        .filter(|pair| matches!(pair, [before, brace] if brace.depth == 0 && brace.is("{") && before.ends_term()))
        .filter_map(|pair| pair.last());
    let Some(first) = bodies.next() else { return };
    let head = text.get(name.start..first.start).unwrap_or_default();
    let head = head.lines().map(|l| super::lex::uncommented(l).trim()).collect::<Vec<_>>().join(" ");
    for brace in bodies {
        edits.push(Edit::insert(brace.start, format!("{} ", head.trim())));
    }
}

/// Imports may stand between rules; the engine wants them all before the first one.
fn late_imports(text: &str, tokens: &[Token<'_>], rules: &[&[Token<'_>]], edits: &mut Vec<Edit>) {
    let Some(package) = rules.first().filter(|r| r.first().is_some_and(|t| t.is("package"))) else {
        return;
    };
    let Some(package_end) = package.last().map(Token::end) else {
        return;
    };
    let first_rule = rules.iter().position(|r| r.first().is_some_and(|t| !matches!(t.text, "package" | "import")));
    let Some(first_rule) = first_rule else { return };
    let mut moved = String::new();
    for rule in rules.iter().skip(first_rule) {
        if let (Some(start), Some(end)) = (rule.first(), rule.last())
            && start.is("import")
        {
            let range = start.start..end.end();
            moved.push(' ');
            moved.push_str(text.get(range.clone()).unwrap_or_default());
            edits.push(Edit { start: range.start, end: range.end, text: String::new() });
        }
    }
    if !moved.is_empty() && !tokens.is_empty() {
        edits.push(Edit::insert(package_end, moved));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str, version: Version) -> String {
        rewrite(&Script::text("t.rego", text), version).text.to_string()
    }

    #[test]
    fn each_construct_becomes_one_that_the_engine_reads() {
        let cases = [
            (
                Version::V1,
                "package a\nx if {\n input.a\n (1 - 0) == 1\n}",
                "package a\nx if {\n input.a;\n (1 - 0) == 1\n}",
            ),
            (Version::V1, "package a\nf(\"a\")\nf(\"b\")", "package a\nf(\"a\") := true\nf(\"b\") := true"),
            (
                Version::V0,
                "package a\nv[m] {\n m := 1\n} {\n m := 2\n}",
                "package a\nv[m] {\n m := 1\n} v[m] {\n m := 2\n}",
            ),
            (Version::V1, "package a\nx := 1\nimport data.b\ny := b", "package a import data.b\nx := 1\n\ny := b"),
        ];
        for (version, text, expected) in cases {
            let got = rewritten(text, version);
            assert_eq!(got, expected);
            let mut engine = regorus::Engine::new();
            engine.set_rego_v0(version == Version::V0);
            engine.add_policy("t.rego".into(), got).unwrap();
        }
    }

    #[test]
    fn what_needs_nothing_is_left_alone() {
        for text in [
            "package a\nx if f(\n (1))",
            "package a\nimport data.b\nx := 1",
            "package a\nf(x) := y if { y := x }",
            "package a\nx := f(1)\ny := (\n 1)",
            "package a\nx if {\n not\n (1 == 2)\n}",
        ] {
            assert_eq!(rewritten(text, Version::V1), text);
        }
        let text = "package a\nx = {1} { true } else = {2} { true }\ny { x }\ndefault z = {}";
        assert_eq!(rewritten(text, Version::V0), text);
    }
}
