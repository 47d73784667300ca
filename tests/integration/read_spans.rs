//! Properties of the YAML reader that hold for every text: what stands at a span is the value, spans lie in one another,
//! decoded text is traced to its file, and nothing panics.

use std::sync::Arc;

use proptest::prelude::*;
use stamplint::read::embedded::DecodeMap;
use stamplint::read::yaml::{Stream, parse};
use stamplint::source::{Source, Sources};
use stamplint::tree::{Kind, Style, Value};

fn read(text: &str) -> (Arc<Source>, Stream) {
    let source = Sources::new().add("a.yaml", text);
    let stream = parse(&source);
    (source, stream)
}

/// Checks every span of a stream.
fn check(text: &str) {
    let (source, stream) = read(text);
    let mut end = 0;
    for document in &stream.documents {
        let span = document.span.range();
        assert!(span.start >= end && span.end <= text.len(), "documents overlap: {text:?}");
        end = span.end;
        assert!(document.span.contains(document.root.span), "{text:?}");
        check_value(&source, &document.root);
    }
    for comment in &stream.comments {
        let shown = source.slice(comment.span);
        assert!(shown.starts_with('#') && !shown.contains(['\n', '\r']), "{shown:?} in {text:?}");
    }
    for problem in &stream.problems {
        assert!(text.get(problem.span.range()).is_some(), "{problem:?} in {text:?}");
        assert!(!problem.detail.is_empty());
    }
}

fn check_value(source: &Source, value: &Value) {
    let text = source.text();
    let shown = text.get(value.span.range()).unwrap_or_else(|| panic!("no text at {:?} in {text:?}", value.span));
    let inside = |span| value.span.contains(span);
    match &value.kind {
        Kind::List(list) => {
            for item in list.iter() {
                assert!(inside(item.span) || !item.origin.is_empty(), "{:?} in {text:?}", item.span);
                check_value(source, item);
            }
        }
        Kind::Map(map) => {
            for entry in map.iter() {
                let merged = !entry.value.origin.is_empty() || !inside(entry.key_span);
                assert!(merged || inside(entry.value.span), "{} in {text:?}", entry.key);
                check_value(source, &entry.value);
            }
        }
        Kind::Unknown(_) => {}
        // Breaks that only YAML 1.1 knows are not traced: the whole scalar is the place then.
        _ if text.contains(['\u{85}', '\u{2028}', '\u{2029}']) => {}
        _ => check_scalar(source, value, shown),
    }
}

/// Reads a scalar's own text again.
fn check_scalar(source: &Source, value: &Value, shown: &str) {
    let text = source.text();
    let tagged = tagged(text, value);
    // Columns that the header counts from what is around it cannot be read alone, and `+` keeps what is not shown.
    let header: String = shown.lines().next().unwrap_or_default().chars().take(3).collect();
    let relative =
        matches!(value.style, Style::Literal | Style::Folded) && header.contains(|c: char| c.is_ascii_digit());
    let nothing = shown.is_empty() || value.as_str().is_some_and(|s| s.trim_matches('\n').is_empty());
    if !tagged && !relative && !nothing {
        let ends = text.get(value.span.range().end..).is_some_and(str::is_empty);
        let alone = format!(" {shown}{}", if ends { "" } else { "\n" });
        let (_, again) = read(&alone);
        let found = again.documents.first().map(|d| d.root.to_json());
        assert_eq!(found, Some(value.to_json()), "{shown:?} in {text:?}");
    }
    if let Some(string) = value.as_str().filter(|s| !s.is_empty() && !tagged) {
        let map = DecodeMap::of(value, source);
        for (at, c) in string.char_indices() {
            let span = map.span(at..at + c.len_utf8());
            assert!(text.get(span.range()).is_some(), "{text:?}");
            let traced = source.slice(span);
            let is_break = c == '\n' || c == ' ';
            assert!(
                traced == c.to_string() || traced.starts_with(['\\', '\'']) || is_break && traced.trim().is_empty(),
                "{c:?} is traced to {traced:?} in {text:?}"
            );
        }
    }
}

/// Whether a tag stands before a value: it decides what the value is.
fn tagged(text: &str, value: &Value) -> bool {
    let before = text.get(..value.span.range().start).unwrap_or_default();
    before.rsplit("\n---").next().unwrap_or_default().contains('!')
}

/// Pieces of YAML that mean something.
fn token() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "a",
        "b: ",
        "- ",
        "? ",
        ": ",
        "x",
        "'q'",
        "\"d\"",
        "'m\n  n'",
        "\"e\n f\"",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "\n",
        "\n  ",
        "\n ",
        "\n    ",
        "&a ",
        "*a",
        "!t ",
        "!!str ",
        "|",
        "|-",
        "|+",
        "|2",
        ">",
        ">-\n",
        "# c",
        "#",
        "\t",
        "  ",
        "key: ",
        "key:",
        "---",
        "\n---\n",
        "...",
        "<<: ",
        "1",
        "null",
        "%",
        "@",
        "\\",
        "\n- ",
        "\n- - ",
        "\nb:\n",
        "\n  c: ",
        "\n\n",
        " #c\n",
        "|\n  t\n",
        "|\n  t\n   u\n",
        ">\n  t\n  u\n\n  v\n",
        "'it''s'",
        "\"\\n\\x41\"",
        "\"a\\\n  b\"",
        "-1",
        "?a",
        "a:b",
        "a#b",
        "[a, b]",
        "{a: b}",
        "[a: b]",
        "? a\n: b\n",
        "{{ .Values.x }}",
        "é",
        "\u{2028}",
        "\r\n",
        "\u{FEFF}",
    ])
}

/// Lines that look like a manifest's.
fn line() -> impl Strategy<Value = String> {
    let head = proptest::sample::select(vec!["", "- ", "- - ", "? ", ": "]);
    let body = proptest::sample::select(vec![
        "a:",
        "b:",
        "c: 1",
        "d: x y",
        "e: 'q'",
        "f: \"d",
        "g: [1,",
        "h: {a: b}",
        "i: |",
        "j: >-",
        "text",
        "- x",
        "k: &a",
        "l: *a",
        "&b m: n",
        "!!str o: p",
        "'q': r",
        "\"s\": t",
        "x]",
        "d\"",
        "# c",
        "",
        "<<: *a",
        "u: &a {v: w}",
        "[1]: 2",
        "? z",
        "{{ x }}: y",
    ]);
    (0usize..4, head, body, proptest::sample::select(vec!["", "", "", " ", "  # c"]))
        .prop_map(|(indent, head, body, tail)| format!("{}{head}{body}{tail}\n", "  ".repeat(indent)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tokens(tokens in proptest::collection::vec(token(), 0..14)) {
        check(&tokens.concat());
    }

    #[test]
    fn any_lines(lines in proptest::collection::vec(line(), 0..8)) {
        check(&lines.concat());
    }

    #[test]
    fn any_text(text in "\\PC{0,80}") {
        check(&text);
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok((text, _)) = stamplint::read::decode(&bytes) {
            check(&text);
        }
    }
}
