//! Text that nobody writes by hand: it costs a message, never a panic, a hang, or memory without bound.

use std::time::{Duration, Instant};

use stamplint::read::yaml::{Stream, parse};
use stamplint::read::{Neighbours, classify, file, json};
use stamplint::source::{Code, Sources};

/// Reads a text as YAML, as JSON and as whatever it is, and says whether it took a reasonable time.
fn read(text: &str) -> Stream {
    let began = Instant::now();
    let sources = Sources::new();
    let source = sources.add("a.yaml", text);
    let stream = parse(&source);
    let _ = json::parse(&source, json::Options::ARM);
    let _ = json::parse(&source, json::Options::MANIFEST);
    for path in ["a.yaml", "b.json", "<stdin>"] {
        let source = sources.add(path, text);
        let _ = classify(path, &source);
        let _ = file(&source, &Neighbours::default());
    }
    assert!(began.elapsed() < Duration::from_secs(20), "took {:?}", began.elapsed());
    stream
}

fn codes(stream: &Stream) -> Vec<Code> {
    stream.problems.iter().map(|p| p.code).collect()
}

#[test]
fn nesting_without_end_is_a_limit() {
    let deep = 100_000;
    for text in [
        "[".repeat(deep),
        "{".repeat(deep),
        "{a: ".repeat(deep),
        "[{".repeat(deep),
        "[ ".repeat(deep),
        "- ".repeat(deep),
        "? ".repeat(deep),
        format!("{}1{}", "[".repeat(deep), "]".repeat(deep)),
        (0..2000).map(|n| format!("{}a:\n", " ".repeat(n))).collect(),
    ] {
        let stream = read(&text);
        assert!(codes(&stream).contains(&Code::Limit), "{:.20} {:?}", text, stream.problems);
        assert!(stream.documents.is_empty());
    }
}

#[test]
fn a_limit_costs_its_document_only() {
    let text = format!("a: 1\n---\n{}\n---\nb: 2\n", "[".repeat(1000));
    let stream = read(&text);
    assert_eq!(stream.documents.len(), 2);
    assert_eq!(codes(&stream), [Code::Limit]);
}

#[test]
fn lines_of_delimiters_take_linear_time() {
    for piece in [
        "{{a} }, ",
        "{{",
        "}}",
        "{{ ",
        "[{{,",
        "\"",
        "'",
        "''",
        "\\",
        ":",
        ": ",
        "a: ",
        "- - ",
        "&a ",
        "*a ",
        "!a ",
        "? ",
        "|",
        "#",
        " #",
        "\t",
        "\r",
        "%",
        "---",
        "...",
        "apiVersion",
        "{\"apiVersion\":1},",
        "\"kind\"",
    ] {
        read(&piece.repeat(50_000 / piece.len()));
        read(&format!("[{}", piece.repeat(50_000 / piece.len())));
        read(&format!("a: {}", piece.repeat(50_000 / piece.len())));
        read(&format!("{piece}\n").repeat(50_000 / piece.len()));
        read(&format!("---\n{piece}\n").repeat(5_000));
    }
}

#[test]
fn alias_bombs_are_a_limit() {
    let list: String = (1..30).map(|n| format!("a{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(9))).collect();
    let map: String =
        (1..30).map(|n| format!("a{n}: &a{n}\n  x: *a{m}\n  y: *a{m}\n  z: *a{m}\n", m = n - 1)).collect();
    let merge: String = (1..4000).map(|n| format!("m{n}: {{<<: [{}]}}\n", "*big, ".repeat(20))).collect();
    let big: String = (0..500).map(|n| format!("  k{n}: 1\n")).collect();
    for text in [format!("a0: &a0 x\n{list}"), format!("a0: &a0 x\n{map}"), format!("big: &big\n{big}{merge}")] {
        let stream = read(&text);
        assert_eq!(codes(&stream), [Code::Limit]);
        assert_eq!(stream.documents.len(), 1);
        // What is left can be walked.
        assert!(stream.documents[0].root.to_json().to_string().len() < 50_000_000);
    }
}

#[test]
fn aliases_cannot_nest_deeper_than_text_can() {
    let text: String =
        (1..100).map(|n| format!("a{n}: &a{n} {}*a{}{}\n", "[".repeat(100), n - 1, "]".repeat(100))).collect();
    let stream = read(&format!("a0: &a0 x\n{text}"));
    assert_eq!(codes(&stream), [Code::Limit]);
    // Dropping and comparing it is no deeper than the limit either.
    assert_ne!(stream.documents[0].root.content_hash(), 0);
}

#[test]
fn a_value_cannot_contain_itself() {
    for text in ["a: &a [*a]\n", "&a {b: *a}\n", "a: &a\n  <<: *a\n", "&a [&b [*a, *b]]\n"] {
        let stream = read(text);
        assert!(codes(&stream).contains(&Code::Syntax), "{text}");
    }
}

#[test]
fn every_prefix_of_a_manifest_is_read() {
    let text = "# c\napiVersion: v1\nkind: List\nitems:\n- &a {kind: 'Pod', \"x\": [1, 2]}\n- *a\n- data: |\n    a\n     b\n\n  d: >-\n    x\n    y # no\n  ? k\n  : v\n---\n<<: {a: !!int 3}\nb: \"\\x41\\\n  c\"\n...\n---\n{\"a\": {\"b\": null}}\n";
    for (at, _) in text.char_indices() {
        read(&text[..at]);
        read(&text[at..]);
    }
    let (crlf, bare) = (text.replace('\n', "\r\n"), text.replace('\n', "\r"));
    for other in [crlf, bare] {
        for (at, _) in other.char_indices() {
            read(&other[..at]);
        }
    }
}

#[test]
fn long_scalars_are_read_once() {
    let word = "x".repeat(5_000_000);
    let words = "x y ".repeat(1_000_000);
    for text in [
        format!("a: {word}\n"),
        format!("a: {words}\n"),
        format!("a: '{words}'\n"),
        format!("a: \"{}\"\n", words.replace(' ', "\\n")),
        format!("a: |\n{}", "  x\n".repeat(1_000_000)),
        format!("a: >\n{}", "  x\n".repeat(1_000_000)),
        format!("a:\n{}", "  x\n".repeat(1_000_000)),
        format!("a: \"{}\"\n", "x\n ".repeat(1_000_000)),
    ] {
        let stream = read(&text);
        assert_eq!(stream.problems, []);
        assert!(stream.documents[0].root.get("a").is_some_and(|v| v.as_str().is_some()));
    }
}
