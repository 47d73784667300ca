//! YAML, and JSON given as YAML: a stream of documents with spans and comments, typed as Kubernetes types it.
//!
//! What is not here: which file is a manifest (`read::classify`), and what its keys mean.

mod block;
mod build;
mod cursor;
mod flow;
mod literal;
mod parser;
mod place;
mod plain;
mod props;
mod quoted;
mod scalar;
mod tag;

pub(in crate::read) use place::{repeats, short};
pub use scalar::{Typing, plain as typed};

use super::Comment;
use super::embedded::DecodeMap;
use crate::source::{Problem, Source, Sources, Span};
use crate::tree::{Entry, Kind, Text, Value};

/// All that one YAML file holds.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    /// The documents that have content, in order. One that does not parse is not among them.
    pub documents: Vec<Document>,
    /// All comments, in order.
    pub comments: Vec<Comment>,
    /// What was wrong, in order of place.
    pub problems: Vec<Problem>,
}

/// One document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its value.
    pub root: Value,
    /// From its `---`, or from the end of the document before, to the next one's `---` or the end of the file; with
    /// the comments above its content.
    pub span: Span,
    /// The chart's template that helm made it from, as the `# Source:` line above it says.
    pub rendered_from: Option<Text>,
    /// Its number in the file, from 0, empty documents counted.
    pub index: usize,
}

/// Reads a file as Kubernetes does.
#[must_use]
pub fn parse(source: &Source) -> Stream {
    parse_with(source, Typing::Kubernetes)
}

/// Reads a file with the given typing of plain scalars.
#[must_use]
pub fn parse_with(source: &Source, typing: Typing) -> Stream {
    parser::Parser::new(source, typing).run()
}

/// Reads YAML that stands inside of a scalar, such as a file in a `ConfigMap`; `map` says where. Comments and problems
/// have their places in the file too.
#[must_use]
pub fn parse_embedded(text: &str, map: &DecodeMap) -> Stream {
    let source = Sources::new().add("", text);
    let mut stream = parse(&source);
    let place = |span: Span| map.span(span.range());
    for document in &mut stream.documents {
        document.span = place(document.span);
        document.root = moved(&document.root, &place);
    }
    for comment in &mut stream.comments {
        comment.span = place(comment.span);
    }
    for problem in &mut stream.problems {
        problem.span = place(problem.span);
        for (span, _) in &mut problem.related {
            *span = place(*span);
        }
    }
    stream
}

/// The value with its spans elsewhere. Origins within the text (aliases) are left out.
fn moved(value: &Value, place: &dyn Fn(Span) -> Span) -> Value {
    let span = place(value.span);
    let mut moved_value = match &value.kind {
        Kind::List(list) => Value::list(list.iter().map(|v| moved(v, place)).collect(), span),
        Kind::Map(map) => {
            let entry = |e: &Entry| Entry::new(e.key.clone(), place(e.key_span), moved(&e.value, place));
            Value::map(map.iter().map(entry).collect(), span)
        }
        other => Value::new(other.clone(), span),
    };
    moved_value.style = value.style;
    moved_value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Number, Style};

    fn read(text: &str) -> (std::sync::Arc<Source>, Stream) {
        let source = Sources::new().add("a.yaml", text);
        let stream = parse(&source);
        (source, stream)
    }

    fn one(text: &str) -> Value {
        let (_, stream) = read(text);
        assert_eq!(stream.problems, [], "{text}");
        stream.documents.into_iter().next().unwrap().root
    }

    #[test]
    fn words_are_typed_as_kubernetes_types_them() {
        let cases = [
            ("yes", "true"),
            ("off", "false"),
            ("0644", "420"),
            ("0o17", "15"),
            ("0x1F", "31"),
            ("0b11", "3"),
            ("1_000", "1000"),
            ("-12", "-12"),
            ("+5", "5"),
            ("08", "8"),
            ("1e3", "1000"),
            (".5", "0.5"),
            ("1.", "1"),
            ("~", "null"),
            ("Null", "null"),
            ("18446744073709551615", "18446744073709551615"),
            ("1:30", "\"1:30\""),
            ("2001-01-01", "\"2001-01-01\""),
            ("1.2.3", "\"1.2.3\""),
            ("0x", "\"0x\""),
            ("1e400", "\"1e400\""),
            ("_1", "\"_1\""),
            ("'yes'", "\"yes\""),
            ("!!str 12", "\"12\""),
            ("!!float 1", "1"),
            ("!!binary aGk=", "\"hi\""),
            ("|\n  x", "\"x\""),
            ("|\n  x\n  ", "\"x\\n\""),
            (">+\n  x\n  y", "\"x y\""),
            ("!custom 12", "\"12\""),
        ];
        for (text, expected) in cases {
            let found = match one(text).kind {
                Kind::Null => "null".to_owned(),
                Kind::Bool(b) => b.to_string(),
                Kind::Number(Number::Float(f)) => f.to_string(),
                Kind::Number(n) => n.to_string(),
                Kind::String(s) => format!("{s:?}"),
                other => format!("{other:?}"),
            };
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn spans_are_exact() {
        let text = "# c\nm: # x\n  k: 'a b' # y\n  l: # z\n  - 1\n  - [2, {a: b}]\n  b: |2-  # h\n      t\n     u\n\n  # not text\n  e:\nz: >+\n  a\n\n";
        let (source, stream) = read(text);
        assert_eq!(stream.problems, []);
        let root = &stream.documents[0].root;
        let at = |path: &str| source.slice(root.look(path).known().unwrap().span).to_owned();
        assert_eq!(at("m.k"), "'a b'");
        assert_eq!(at("m.l"), "- 1\n  - [2, {a: b}]");
        assert_eq!(at("m.b"), "|2-  # h\n      t\n     u");
        assert_eq!(at("z"), ">+\n  a\n");
        let m = root.get("m").unwrap();
        assert_eq!(source.slice(m.span).lines().next(), Some("k: 'a b' # y"));
        assert!(source.slice(m.span).ends_with("\n  e:"));
        let null = m.get("e").unwrap();
        assert_eq!(null.span.range(), m.span.range().end..m.span.range().end);
        assert_eq!(m.get("b").unwrap().style, Style::Literal);
        let comments: Vec<_> = stream.comments.iter().map(|c| source.slice(c.span)).collect();
        assert_eq!(comments, ["# c", "# x", "# y", "# z", "# h", "# not text"]);
    }

    #[test]
    fn a_broken_document_costs_itself_only() {
        let (source, stream) = read("a: 1\n---\nb: [1\n---\n# only a comment\n---\nc: \"x\n---\nd: 2\n");
        let keys: Vec<_> =
            stream.documents.iter().map(|d| (d.index, d.root.entries()[0].key.as_str().to_owned())).collect();
        assert_eq!(keys, [(0, "a".to_owned()), (4, "d".to_owned())]);
        assert_eq!(stream.problems.len(), 2);
        let lines: Vec<_> = stream.problems.iter().map(|p| source.line(p.span.start).get()).collect();
        assert_eq!(lines, [3, 7]);
    }

    #[test]
    fn faults_are_named_at_their_place() {
        let cases = [
            ("a:\n\tb: 1\n", 3..4, "a tab cannot indent: use blanks"),
            ("a: 1\n b: 2\n", 7..8, "`:` cannot stand here: the line goes on from the one above"),
            ("a: 'x\nb: 1\n", 3..4, "the text ends inside of quotes that begin here"),
            ("a: [1, 2\n", 3..4, "`[` is not closed"),
            ("[a]: 1\n", 3..4, "`:` cannot stand here: only a scalar can be a key"),
            ("a: 1\nfoo\n", 5..8, "`:` is missing after `foo`"),
            ("a: *x\n", 3..5, "no anchor `&x` stands before this alias"),
            ("a: \"\\d\"\n", 4..6, "`\\d` is no escape that YAML knows"),
            ("{{- if .x }}\na: 1\n", 0..12, "`{{- if .x }}` is a template's line"),
            ("a: {{ .x }}-y # c\n", 3..13, "the template `{{ .x }}-y` was not rendered"),
            ("a: .inf\n", 3..7, "`.inf` has no form in JSON, which the API speaks"),
            ("a: \u{7}\n", 3..4, "the control character U+0007 is not allowed"),
            ("b: 1\nb: 2\n", 5..6, "key `b` is given twice; the last one counts"),
            ("a: é\n%x\n", 6..8, "no such directive is known"),
        ];
        for (text, at, detail) in cases {
            let (_, stream) = read(text);
            let found: Vec<_> = stream.problems.iter().map(|p| (p.span.range(), p.detail.as_str())).collect();
            assert_eq!(found, [(at, detail)], "{text}");
        }
    }

    #[test]
    fn merges_and_aliases_keep_their_places() {
        let text = "a: &a {x: 1, z: 2}\nb:\n  x: 0\n  <<: *a\n  z: 3\nc: *a\n";
        let (source, stream) = read(text);
        assert_eq!(stream.problems, []);
        let root = &stream.documents[0].root;
        // As Kubernetes' library has it: what stands later wins.
        assert_eq!(root.get("b").unwrap().json().to_string(), r#"{"x":1,"z":3}"#);
        let x = root.look("b.x").known().unwrap();
        assert_eq!(source.slice(x.span), "1");
        assert_eq!(x.origin.steps().map(|s| source.slice(s.span)).collect::<Vec<_>>(), ["*a"]);
        let c = root.get("c").unwrap();
        assert_eq!(source.slice(c.span), "{x: 1, z: 2}");
        assert_eq!(c.origin.steps().next().and_then(|s| s.name.clone()).as_deref(), Some("a"));
    }

    #[test]
    fn helm_says_where_a_document_comes_from() {
        let (source, stream) = read(
            "# Source: a/t/x.yaml\na: 1\n---\n# Source: a/t/y.yaml\n---\n# c\n# Source: a/t/z.yaml\nb: 1\n# Source: no\n",
        );
        let found: Vec<_> = stream.documents.iter().map(|d| (d.index, d.rendered_from.as_deref())).collect();
        assert_eq!(found, [(0, Some("a/t/x.yaml")), (2, Some("a/t/z.yaml"))]);
        assert!(source.slice(stream.documents[1].span).starts_with("---\n# c\n"));
    }

    #[test]
    fn workflows_are_typed_by_yaml_1_2() {
        let source = Sources::new().add("a.yaml", "on: push\nx: yes\ny: 0o7\nz: 010\n");
        let stream = parse_with(&source, Typing::Core);
        assert_eq!(stream.documents[0].root.json().to_string(), r#"{"on":"push","x":"yes","y":7,"z":10}"#);
    }
}
