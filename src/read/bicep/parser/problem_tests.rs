//! What is said of text that does not parse, and how much of it is lost.

use super::tests::{parameters, shapes, source, template};
use crate::read::bicep::ast::File;
use crate::read::bicep::{parse, parse_params};
use crate::source::{Code, Source, Sources};

/// Problems as the text that they point at, and what they say.
fn problems(source: &Source, file: &File) -> Vec<String> {
    let show = |p: &crate::source::Problem| {
        let at = source.position_chars(p.span.start);
        format!("{}:{} {:?}: {}", at.line, at.column, source.slice(p.span), p.detail)
    };
    file.problems.iter().map(show).collect()
}

#[test]
fn problems_name_the_token() {
    for (text, expected) in [
        ("param", "1:6 \"\": expected a name for the parameter, found the end of the file"),
        ("param\n", "1:6 \"\": expected a name for the parameter, found the end of the line"),
        ("param 1 string", "1:7 \"1\": expected a name for the parameter, found `1`"),
        ("param a", "1:8 \"\": expected a type, found the end of the file"),
        ("param a string = ", "1:18 \"\": expected an expression, found the end of the file"),
        ("param a string b", "1:16 \"b\": expected `=` or the end of the line, found `b`"),
        ("var a 'x'", "1:10 \"\": expected `=`, found the end of the file"),
        ("var a = 1 2", "1:11 \"2\": expected the end of the line, found `2`"),
        ("var a = 1 +\n", "1:12 \"\": expected an expression, found the end of the line"),
        ("var a = \"x\"", "1:9 \"\\\"\": expected an expression, found the unexpected character `\"`"),
        ("var a = b &", "1:11 \"&\": expected the end of the line, found the unexpected character `&`"),
        ("var a = [1 2]", "1:12 \"2\": expected a line end or `,`, found `2`"),
        ("var a = [1,\n2]", "1:11 \",\": no `,` is allowed at the end of a line"),
        ("var a = { b }", "1:13 \"}\": expected `:`, found `}`"),
        ("var a = { 1: 2 }", "1:11 \"1\": expected the name of a property, found `1`"),
        ("var a = f(1", "1:12 \"\": expected `,` or `)`, found the end of the file"),
        ("var a = f(1\n", "1:12 \"\": expected `,` or `)`, found the end of the line"),
        ("var a = ()", "1:9 \"()\": expected exactly one expression in the parentheses"),
        ("var a = (1, 2)", "1:9 \"(1, 2)\": expected exactly one expression in the parentheses"),
        ("var a = (1, b) => 2", "1:10 \"1\": expected a name for the lambda's parameter"),
        ("var a = b ? c", "1:14 \"\": expected `:` of the ternary operator, found the end of the file"),
        ("var a = 'b", "1:9 \"'b\": this string is not closed on its line, expected `'`"),
        ("var a = 'b${c\n", "1:14 \"\": expected `}` and `'` before the end of the line"),
        ("var a = '''b", "1:9 \"'''\": this string is not closed, expected `'''`"),
        (r"var a = 'b\qc'", r#"1:11 "\\q": `\q` is no escape: those are \\ \' \n \r \t \u{…} \$"#),
        ("var a = 99999999999999999999", "1:9 \"99999999999999999999\": this number is too large"),
        ("var a = [for x of b: x]", "1:16 \"of\": expected `in`, found `of`"),
        ("var a = [for (x) in b: x]", "1:16 \")\": expected `,` and a name for the loop's index, found `)`"),
        ("var a = b.?c()", "1:12 \"c\": a function cannot be called with `.?`"),
        ("resource a = {}", "1:12 \"=\": expected the resource's type and version in quotes, found `=`"),
        ("resource a 'x' = b", "1:18 \"b\": expected `{`, `if` or `[for`, found `b`"),
        ("resource a 'x' = if b {}", "1:21 \"b\": expected `(` around the condition, found `b`"),
        (
            "resource a 'x${b}' = {}",
            "1:12 \"'x${b}'\": the resource's type and version in quotes must not hold an interpolation",
        ),
        ("module a './b' = [for x in y: z]", "1:31 \"z\": expected `{` or `if`, found `z`"),
        ("import a from 'b'", "1:8 \"a\": expected `{` or `*`, found `a`"),
        ("import { 'a' } from 'b'", "1:14 \"}\": expected `as` and a name, found `}`"),
        ("@secure\nparam a string", "1:8 \"\": expected `(` after the decorator's name, found the end of the line"),
        ("@secure() param a string", "1:11 \"param\": expected the end of the line after the decorator, found `param`"),
        (
            "@secure()\n",
            "2:1 \"\": expected a declaration such as `param`, `var` or `resource`, found the end of the file",
        ),
        ("/* a", "1:1 \"/*\": this comment is not closed, expected `*/`"),
        (
            "#disable-next-line\nvar a = 1",
            "1:1 \"#disable-next-line\": expected the code of a diagnostic after this directive",
        ),
        (
            "#nonsense",
            "1:1 \"#\": expected a declaration such as `param`, `var` or `resource`, found the unexpected character `#`",
        ),
        ("foo\nbar\n\nbaz", "1:1 \"foo\": expected a declaration such as `param`, `var` or `resource`, found `foo`"),
    ] {
        let source = source(text);
        let file = parse(&source);
        assert_eq!(problems(&source, &file), [expected], "{text}");
    }
}

#[test]
fn help_for_what_is_nearly_right() {
    for (text, params, expected) in [
        ("parm a string", false, "did you mean `param`?"),
        ("using './a.bicep'", false, "`using` belongs in a parameter file, `.bicepparam`"),
        ("output a string = 'b'", true, "`output` belongs in a template, `.bicep`"),
        ("var a = \"b\"", false, "strings are written in single quotes"),
    ] {
        let file = if params { parameters(text) } else { template(text) };
        assert_eq!(file.problems[0].help.as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn a_problem_costs_as_little_as_possible() {
    for (text, expected, count) in [
        // A member of an object, an item of an array.
        ("var a = {\n  b: 1 +\n  c: 2\n}\nvar d = 3", &["var a {b:<broken> c:2}", "var d 3"][..], 1),
        ("var a = {\n  b: f(1\n  c: 2\n}\nvar d = 3", &["var a {b:<broken> c:2}", "var d 3"], 1),
        ("var a = {\n  b: 'x\n  c: 2\n}\nvar d = 3", &["var a {b:<broken> c:2}", "var d 3"], 1),
        ("var a = {\n  b 1\n  c: 2\n}\nvar d = 3", &["var a {<broken> c:2}", "var d 3"], 1),
        ("var a = {\n  b: { c: ] }\n  d: 2\n}", &["var a {b:{c:<broken>} d:2}"], 1),
        ("var a = [\n  1\n  +\n  3\n]", &["var a [1 <broken> 3]"], 1),
        ("var a = { b: 1 2, c: 3 }", &["var a {b:<broken> c:3}"], 1),
        (
            "resource a 'x' = {\n  name: (\n  resource b 'y' = {\n    name: 1 2\n  }\n  c: 1\n}",
            &["resource a x {name:<broken> c:1}"],
            1,
        ),
        // The value of a declaration that keeps its name.
        ("param a string = (\nvar b = 1", &["param a string <broken>", "var b 1"], 1),
        ("param a = 1\nvar b = 1", &["param a <broken> <broken>", "var b 1"], 1),
        ("var a =\nvar b = 1", &["var a <broken>", "var b 1"], 1),
        ("output a string 'x'\nvar b = 1", &["output a string <broken>", "var b 1"], 1),
        ("func f(a) int => a\nvar b = 1", &["func f() <broken> <broken>", "var b 1"], 1),
        ("type a = {\n  b: string\n  c d\n}\nvar b = 1", &["type a <broken>", "var b 1"], 1),
        ("resource a 'x' {\n  name: 'b'\n}\nvar c = 1", &["resource a x {<broken>}", "var c 1"], 1),
        ("module a = {\n  name: 'b'\n}\nvar c = 1", &["module a - {<broken>}", "var c 1"], 1),
        ("resource a 'x' = if (b {\n  name: 'b'\n}\nvar c = 1", &["resource a x if <broken> {<broken>}", "var c 1"], 1),
        (
            "resource a 'x' = [for b in c: {\n  name: 'b'\n}\nvar c = 1",
            &["resource a x for b c {name:\"b\"}", "var c 1"],
            1,
        ),
        ("import { a b } from 'c'\nvar c = 1", &["import <broken> -", "var c 1"], 1),
        // A declaration without a name.
        ("param 'a' string\nvar b = 1", &["<broken>", "var b 1"], 1),
        ("hello\nworld\nvar b = 1\nfoo", &["<broken>", "var b 1", "<broken>"], 2),
        // A bracket that is not closed does not swallow the next declaration.
        (
            "var a = {\n  b: 1\n\nvar c = [\n\n@secure()\nparam d string\n",
            &["var a <broken>", "var c <broken>", "@secure() param d string"],
            2,
        ),
        (
            "resource a 'x' = {\n  b: 1\n\nresource c 'y' = {\n}\nvar d = 1",
            &["resource a x {<broken>}", "resource c y {}", "var d 1"],
            1,
        ),
        // Unless it cannot be told: declarations in a resource are resources of its own.
        ("resource a 'x' = {\nresource c 'y' = {\n}\n}\nvar d = 1", &["resource a x {resource c y {}}", "var d 1"], 0),
        // A decorator.
        ("@secure\nparam a string", &["param a string"], 1),
        ("@f(1\n@secure()\nparam a string", &["@secure() param a string"], 1),
    ] {
        let source = source(text);
        let file = parse(&source);
        assert_eq!(shapes(&file), expected, "{text}");
        assert_eq!(file.problems.len(), count, "{text}: {:#?}", problems(&source, &file));
    }
}

#[test]
fn an_unclosed_bracket_is_pointed_at() {
    let source = source("var a = 1\nvar b = {\n  c: [\n    1\n\nvar d = 2\n");
    let file = parse(&source);
    assert_eq!(problems(&source, &file), ["3:6 \"[\": not closed before the next declaration, expected `]`"]);
    assert_eq!(source.slice(file.problems[0].related[0].0), "var");
}

#[test]
fn delimiters_of_text_templates_are_told_from_mistakes() {
    let text = concat!(
        "using '../templates/x.bicep'\n",
        "param a = '{{ .region }}'\n",
        "param b = {{ .aks.count }}\n",
        "{{ if .c }}\n",
        "param c = [\n  {{ .d }}\n  1\n]\n",
        "{{ end }}\n",
        "param e = [{{ range .f }}'{{ .id }}', {{ end }}]\n",
        "param g = 1\n",
    );
    let source = Sources::new().add("main.bicepparam", text);
    let file = parse_params(&source);
    assert!(file.problems.iter().all(|p| p.code == Code::UnrenderedTemplate), "{:?}", problems(&source, &file));
    let places: Vec<&str> = file.problems.iter().map(|p| source.slice(p.span)).collect();
    assert_eq!(places, ["{{ .aks.count }}", "{{ if .c }}", "{{ .d }}", "{{ end }}", "{{ range .f }}"]);
    assert_eq!(
        shapes(&file),
        [
            "using ../templates/x.bicep",
            "assign a \"{{ .region }}\"",
            "assign b <broken>",
            "<broken>",
            "assign c [<broken> 1]",
            "<broken>",
            "assign e [<broken> <broken>]",
            "assign g 1"
        ]
    );
}

#[test]
fn text_that_is_no_bicep_is_not_worth_many_words() {
    let file = template(&"} ] ) , : var = (\n".repeat(10_000));
    assert!(file.problems.len() <= 101);
    let binary: String = (0..50_000u32).filter_map(|n| char::from_u32(n * 7 % 0xD000)).collect();
    assert!(template(&binary).problems.len() <= 101);
}
