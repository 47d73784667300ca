//! Text that nobody should write: too deep, too long, cut off, shuffled. Nothing here may panic, hang or grow.

use super::tests::{parameters, template};
use crate::read::bicep::ast::{ExprKind, File, Item};
use crate::source::Code;

/// One of everything.
const ALL: &str = include_str!("all.bicep");

fn both(text: &str) -> [File; 2] {
    [template(text), parameters(text)]
}

/// What holds for every text.
fn check(text: &str) {
    for file in both(text) {
        let mut last = 0;
        for declaration in &file.declarations {
            assert!(declaration.span.start >= last, "order in {text:?}");
            assert!(declaration.span.end as usize <= text.len());
            assert!(text.get(declaration.span.range()).is_some(), "borders in {text:?}");
            last = declaration.span.end;
        }
        for problem in &file.problems {
            assert!(text.get(problem.span.range()).is_some(), "{problem:?} in {text:?}");
        }
        let broken = file.declarations.iter().any(|d| matches!(d.item, Item::Broken));
        assert!(!broken || !file.problems.is_empty(), "said in {text:?}");
    }
}

#[test]
fn every_construct_parses() {
    assert_eq!(template(ALL).problems, []);
}

#[test]
fn prefixes_parse_somehow() {
    for (end, _) in ALL.char_indices().step_by(13) {
        check(&ALL[..end]);
    }
}

#[test]
fn texts_with_a_hole_parse_somehow() {
    for (at, c) in ALL.char_indices().step_by(17) {
        check(&format!("{}{}", &ALL[..at], &ALL[at + c.len_utf8()..]));
    }
}

#[test]
fn random_edits_parse_somehow() {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "'",
        "'''",
        "${",
        "$",
        "\n",
        "\r\n",
        ",",
        ":",
        "::",
        "?",
        "??",
        ".?",
        "=",
        "=>",
        "|",
        "*",
        "@",
        "...",
        "//",
        "/*",
        "*/",
        "#disable-next-line",
        "if",
        "for",
        "resource",
        "param x ",
        "\\",
        "\\u{",
        "{{",
        "é",
        "\u{1F600}",
        "\0",
        "!",
        "-",
        "<",
        ">",
        "999999999999999999999999",
    ];
    let mut seed = 0x9E37_79B9_7F4A_7C15u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let boundaries: Vec<usize> = ALL.char_indices().map(|(at, _)| at).collect();
    for _ in 0..250 {
        let mut text = ALL.to_owned();
        for _ in 0..=random(4) {
            let mut at = boundaries[random(boundaries.len())].min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            if random(3) == 0 {
                let mut end = (at + random(200)).min(text.len());
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                text.replace_range(at..end.max(at), "");
            } else {
                text.insert_str(at, pieces[random(pieces.len())]);
            }
        }
        check(&text);
    }
}

/// Ways to nest, with what closes one level.
const NESTS: [(&str, &str, &str); 24] = [
    ("var a = ", "(", ")"),
    ("var a = ", "[", "]"),
    ("var a = ", "{ a: ", "}"),
    ("var a = ", "f(", ")"),
    ("var a = ", "!", ""),
    ("var a = ", "-", ""),
    ("var a = ", "x => ", ""),
    ("var a = ", "(x, y) => ", ""),
    ("var a = ", "'${", "}'"),
    ("var a = ", "$'''${", "}'''"),
    ("var a = ", "b ? c : ", ""),
    ("var a = ", "b ? ", " : c"),
    ("var a = ", "[for a in ", ": b]"),
    ("var a = ", "[for a in b: ", "]"),
    ("var a = ", "b[", "]"),
    ("var a = ", "a ?? b || c && d == e < f + g * (", ")"),
    ("type a = ", "(", ")"),
    ("type a = ", "[\n", "\n]"),
    ("type a = ", "{ a: ", "}"),
    ("type a = ", "b<", ">"),
    ("type a = ", "(a | ", ")"),
    ("", "resource a 'b' = {\n", "\n}"),
    ("", "resource a 'b' = if (c) {\n", "\n}"),
    ("", "resource a 'b' = [for c in d: if (e) {\n", "\n}]"),
];

/// Ways to make a tree deep without nesting brackets.
const CHAINS: [(&str, &str); 11] = [
    ("var a = b", ".c"),
    ("var a = b", "[0]"),
    ("var a = b", "!"),
    ("var a = b", "::c"),
    ("var a = b", ".c()"),
    ("var a = b", " + c"),
    ("type a = b", "[]"),
    ("type a = b", "!"),
    ("type a = b", ".c"),
    ("type a = b", ".*"),
    ("type a = b", "[*]"),
];

/// Unoptimised code takes several times the stack of what users run, more than a test's thread has.
fn with_room(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(16 << 20).spawn(test);
    thread.unwrap().join().unwrap();
}

fn limits(file: &File) -> usize {
    file.problems.iter().filter(|p| p.code == Code::Limit).count()
}

#[test]
fn nesting_is_limited() {
    with_room(nests);
}

fn nests() {
    for (start, open, close) in NESTS {
        for levels in [60, 600, 2000] {
            let inner = if start.is_empty() { "" } else { "x" };
            let text = format!("{start}{}{inner}{}\nvar z = 1\n", open.repeat(levels), close.repeat(levels));
            let file = template(&text);
            assert_eq!(limits(&file) > 0, levels > 60, "{open:?} {levels} {:?}", file.problems.first());
            let open_only = format!("{start}{}", open.repeat(levels));
            check(&open_only);
        }
    }
}

#[test]
fn chains_are_limited() {
    for (start, link) in CHAINS {
        for length in [100, 1000, 20_000] {
            let text = format!("{start}{}\nvar z = 1\n", link.repeat(length));
            let file = template(&text);
            assert_eq!(limits(&file), usize::from(length > 100), "{link:?} {length}");
            assert_eq!(file.declarations.len(), 2, "{link:?} {length}");
            assert!(matches!(&file.declarations[1].item, Item::Var(v) if matches!(v.value.kind, ExprKind::Int(1))));
        }
    }
}

#[test]
fn chains_inside_nests_are_limited_together() {
    let link = ".a".repeat(100);
    let text = format!("var a = {}x{}", "(".repeat(20), format!("){link}").repeat(20));
    assert_eq!(limits(&template(&text)), 1);
}

/// Each of these took time in the square of its length once, or would if an obvious shortcut were taken.
#[test]
fn long_texts_end() {
    with_room(long_texts);
}

fn long_texts() {
    for unit in [
        "{{ a }},",
        "{{ a }}\n",
        "var a = (\n'${\n",
        "resource a 'b' = {\n",
        "@f(\n",
        "import { a\n",
        "a ? \n// b\n",
        "([{",
    ] {
        let text = unit.repeat(100_000 / unit.len());
        check(&text);
        check(&format!("var a = [{text}]"));
    }
}
