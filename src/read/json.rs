//! JSON, as far as ARM stretches it: comments and line breaks in strings. Ends in the same values as YAML.
//!
//! Tokens come from a library, the tree is built here without recursion, so that depth costs nothing.

use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};

use super::yaml::{Document, Stream};
use super::{Comment, DEPTH_LIMIT, VALUE_LIMIT};
use crate::source::{Code, Problem, Source, Span};
use crate::tree::{Entry, Kind, Number, Style, Text, Value};

/// What is accepted beyond JSON, and how problems are called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// `//` and `/* */`.
    pub comments: bool,
    /// A comma after the last item or property.
    pub trailing_commas: bool,
    /// Line breaks inside of strings.
    pub multi_line_strings: bool,
    /// Several values, one after the other.
    pub several: bool,
    /// The code of syntax errors.
    pub code: Code,
}

impl Options {
    /// A manifest: JSON to the letter, but several documents in a file.
    pub const MANIFEST: Self =
        Self { comments: false, trailing_commas: false, multi_line_strings: false, several: true, code: Code::Syntax };
    /// A template or parameter file of Azure Resource Manager.
    pub const ARM: Self =
        Self { comments: true, trailing_commas: true, multi_line_strings: true, several: false, code: Code::Template };
    /// A file of settings (`bicepconfig.json`).
    pub const SETTINGS: Self =
        Self { comments: true, trailing_commas: true, multi_line_strings: false, several: false, code: Code::Syntax };
}

/// Reads a file. What does not parse ends the reading there: the values before it are kept.
#[must_use]
pub fn parse(source: &Source, options: Options) -> Stream {
    let mut reader = Reader {
        source,
        text: source.text(),
        options,
        scanner: Scanner::new(source.text(), &STRICT),
        stream: Stream::default(),
        made: 0,
    };
    // The error is in the problems; the values before it are kept.
    let _ = reader.values();
    reader.stream.problems.sort_by_key(|p| p.span.start);
    reader.stream
}

const STRICT: ScannerOptions = ScannerOptions {
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// A problem was reported and the rest of the file cannot be read.
struct Stop;

struct Reader<'s> {
    source: &'s Source,
    text: &'s str,
    options: Options,
    scanner: Scanner<'s>,
    stream: Stream,
    made: usize,
}

struct Frame {
    start: usize,
    items: Items,
}

enum Items {
    List(Vec<Value>),
    Map(Vec<Entry>, Option<(Text, Span)>),
}

/// What may come next inside of a collection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// An item or property, or the end.
    FirstOrEnd,
    /// An item or property; the end only where trailing commas are allowed.
    Next,
    /// A value after a colon, or the root.
    Value,
    /// A comma or the end.
    CommaOrEnd,
}

impl<'s> Reader<'s> {
    fn values(&mut self) -> Result<(), Stop> {
        let mut begins = 0;
        let mut token = self.next()?;
        if token.is_none() {
            let span = self.source.span(0, 0);
            return self.fail(span, "the file is empty");
        }
        while let Some(first) = token {
            if !self.stream.documents.is_empty() && !self.options.several {
                let span = self.here();
                return self.fail(span, "nothing but one value may stand in the file");
            }
            let root = self.value(first)?;
            let ends = root.span.range().end;
            self.stream.documents.push(Document {
                root,
                span: self.source.span(begins, ends),
                rendered_from: None,
                index: self.stream.documents.len(),
            });
            begins = ends;
            token = self.next()?;
        }
        if let Some(last) = self.stream.documents.last_mut() {
            last.span = self.source.span(last.span.range().start, self.text.len());
        }
        Ok(())
    }

    fn value(&mut self, first: Token<'s>) -> Result<Value, Stop> {
        let mut frames: Vec<Frame> = Vec::new();
        let mut token = first;
        let mut expect = Expect::Value;
        loop {
            let at = self.here();
            let is_list = matches!(frames.last(), Some(Frame { items: Items::List(_), .. }));
            let mut done = None;
            match (&token, expect) {
                (Token::Comma, Expect::CommaOrEnd) => expect = Expect::Next,
                (Token::CloseBrace, Expect::FirstOrEnd | Expect::CommaOrEnd | Expect::Next) if !is_list => {
                    self.trailing(expect, at)?;
                    done = frames.pop();
                }
                (Token::CloseBracket, Expect::FirstOrEnd | Expect::CommaOrEnd | Expect::Next) if is_list => {
                    self.trailing(expect, at)?;
                    done = frames.pop();
                }
                (_, Expect::CommaOrEnd) => {
                    let what = if is_list { "`,` or `]`" } else { "`,` or `}`" };
                    let after = self.previous_end(at);
                    let begins = starts_value(&token) && (is_list || matches!(token, Token::String(_)));
                    if !begins || after.start == at.start {
                        return self.unexpected(&token, at, what);
                    }
                    // A comma that was forgotten costs no more than itself.
                    self.problem(after, format!("{what} is missing"));
                    expect = Expect::Next;
                    continue;
                }
                (Token::String(key), Expect::FirstOrEnd | Expect::Next) if !is_list => {
                    let key = Text::from(key.as_ref());
                    self.check_lines(at)?;
                    match self.next()? {
                        Some(Token::Colon) => {}
                        Some(other) => {
                            let at = self.here();
                            return self.unexpected(&other, at, "`:`");
                        }
                        None => return self.unfinished(&frames),
                    }
                    if let Some(Frame { items: Items::Map(_, slot), .. }) = frames.last_mut() {
                        *slot = Some((key, at));
                    }
                    expect = Expect::Value;
                }
                (_, Expect::FirstOrEnd | Expect::Next) if !is_list => {
                    return self.unexpected(&token, at, "a property name in double quotes");
                }
                (Token::OpenBrace | Token::OpenBracket, _) => {
                    if frames.len() >= DEPTH_LIMIT {
                        let detail = format!("nested deeper than {DEPTH_LIMIT} levels");
                        self.stream.problems.push(Problem::new(Code::Limit, at, detail));
                        return Err(Stop);
                    }
                    let items = match token {
                        Token::OpenBrace => Items::Map(Vec::new(), None),
                        _ => Items::List(Vec::new()),
                    };
                    frames.push(Frame { start: at.range().start, items });
                    expect = Expect::FirstOrEnd;
                }
                (_, _) => {
                    let value = self.scalar(&token, at)?;
                    match self.place(&mut frames, value) {
                        Some(root) => return Ok(root),
                        None => expect = Expect::CommaOrEnd,
                    }
                }
            }
            if let Some(frame) = done {
                let span = self.source.span(frame.start, at.range().end);
                let value = match frame.items {
                    Items::List(items) => Value::list(items, span),
                    Items::Map(entries, _) => {
                        self.duplicates(&entries);
                        Value::map(entries, span)
                    }
                };
                match self.place(&mut frames, value) {
                    Some(root) => return Ok(root),
                    None => expect = Expect::CommaOrEnd,
                }
            }
            token = match self.next()? {
                Some(token) => token,
                None => return self.unfinished(&frames),
            };
        }
    }

    /// Puts a value where it belongs, or gives it back when it is the root.
    fn place(&mut self, frames: &mut [Frame], value: Value) -> Option<Value> {
        self.made += 1;
        match frames.last_mut().map(|f| &mut f.items) {
            None => return Some(value),
            Some(Items::List(items)) => items.push(value),
            Some(Items::Map(entries, key)) => {
                if let Some((key, span)) = key.take() {
                    entries.push(Entry::new(key, span, value));
                }
            }
        }
        None
    }

    fn scalar(&mut self, token: &Token<'s>, at: Span) -> Result<Value, Stop> {
        let kind = match token {
            Token::String(text) => {
                self.check_lines(at)?;
                Kind::String(Text::from(text.as_ref()))
            }
            Token::Boolean(value) => Kind::Bool(*value),
            Token::Null => Kind::Null,
            Token::Number(text) => match number(text) {
                Some(number) => Kind::Number(number),
                None => return self.fail(at, format!("`{text}` is too large a number")),
            },
            other => return self.unexpected(other, at, "a value"),
        };
        let mut value = Value::new(kind, at);
        if matches!(token, Token::String(_)) {
            value.style = Style::Double;
        }
        Ok(value)
    }

    /// The next token that is no comment.
    fn next(&mut self) -> Result<Option<Token<'s>>, Stop> {
        loop {
            if self.made > VALUE_LIMIT {
                let detail = format!("the file holds more than {VALUE_LIMIT} values");
                let span = self.source.span(0, 0);
                self.stream.problems.push(Problem::new(Code::Limit, span, detail));
                return Err(Stop);
            }
            match self.scanner.scan() {
                Ok(Some(Token::CommentLine(_) | Token::CommentBlock(_))) => {
                    let span = self.here();
                    self.stream.comments.push(Comment { span });
                    if !self.options.comments {
                        self.problem(span, "comments are not allowed in JSON");
                    }
                }
                Ok(token) => return Ok(token),
                Err(error) => {
                    let range = error.range();
                    let span = self.source.span(range.start, range.end);
                    let mut detail = error.kind().to_string();
                    if let Some(first) = detail.get_mut(..1) {
                        first.make_ascii_lowercase();
                    }
                    return self.fail(span, detail);
                }
            }
        }
    }

    fn here(&self) -> Span {
        self.source.span(self.scanner.token_start(), self.scanner.token_end())
    }

    /// Where what stands before a token ends.
    fn previous_end(&self, at: Span) -> Span {
        let before = self.text.get(..at.range().start).unwrap_or_default();
        let end = before.trim_end().len();
        self.source.span(end, end)
    }

    fn trailing(&mut self, expect: Expect, at: Span) -> Result<(), Stop> {
        if expect == Expect::Next && !self.options.trailing_commas {
            return self.fail(at, "a value is missing after the last `,`");
        }
        Ok(())
    }

    fn check_lines(&mut self, at: Span) -> Result<(), Stop> {
        if self.options.multi_line_strings {
            return Ok(());
        }
        let text = self.source.slice(at);
        match text.find(['\n', '\r']) {
            Some(_) => self.fail(at, "a string must end on its line"),
            None => Ok(()),
        }
    }

    fn duplicates(&mut self, entries: &[Entry]) {
        let problems = &mut self.stream.problems;
        super::yaml::repeats(entries, |first, again| {
            if let (Some(first), Some(again)) = (entries.get(first), entries.get(again)) {
                let detail = format!("key `{}` is given twice; the last one counts", again.key);
                problems.push(
                    Problem::new(Code::DuplicateKey, again.key_span, detail)
                        .related(first.key_span, "first given here"),
                );
            }
        });
    }

    fn problem(&mut self, span: Span, detail: impl Into<String>) {
        self.stream.problems.push(Problem::new(self.options.code, span, detail));
    }

    fn fail<T>(&mut self, span: Span, detail: impl Into<String>) -> Result<T, Stop> {
        self.problem(span, detail);
        Err(Stop)
    }

    fn unexpected<T>(&mut self, token: &Token<'_>, at: Span, wanted: &str) -> Result<T, Stop> {
        let found = match token {
            Token::String(_) => "a string".to_owned(),
            Token::Number(_) => "a number".to_owned(),
            other => format!("`{}`", super::yaml::short(other.as_str())),
        };
        self.fail(at, format!("expected {wanted}, found {found}"))
    }

    fn unfinished<T>(&mut self, frames: &[Frame]) -> Result<T, Stop> {
        let end = self.text.trim_end().len();
        let span = self.source.span(end, end);
        let Some(open) = frames.last() else {
            return self.fail(span, "a value is missing");
        };
        let bracket = match open.items {
            Items::List(_) => '[',
            Items::Map(..) => '{',
        };
        let problem = Problem::new(self.options.code, span, format!("the file ends inside of `{bracket}`"))
            .related(self.source.span(open.start, open.start + 1), "which begins here");
        self.stream.problems.push(problem);
        Err(Stop)
    }
}

fn starts_value(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::OpenBrace | Token::OpenBracket | Token::String(_) | Token::Number(_) | Token::Boolean(_) | Token::Null
    )
}

fn number(text: &str) -> Option<Number> {
    if let Ok(n) = text.parse::<i64>() {
        return Some(Number::Int(n));
    }
    if let Ok(n) = text.parse::<u64>() {
        return Some(Number::UInt(n));
    }
    let float = text.parse::<f64>().ok()?;
    float.is_finite().then_some(Number::Float(float))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn read(text: &str, options: Options) -> (std::sync::Arc<Source>, Stream) {
        let source = Sources::new().add("a.json", text);
        let stream = parse(&source, options);
        (source, stream)
    }

    #[test]
    fn arm_may_have_comments_and_long_strings() {
        let text = "// head\n{\n  \"a\": \"one\n  two\", /* b */\n  \"b\": [1, -2.5e1, true, null,],\n}\n";
        let (source, stream) = read(text, Options::ARM);
        assert_eq!(stream.problems, []);
        let root = &stream.documents[0].root;
        assert_eq!(root.json().to_string(), r#"{"a":"one\n  two","b":[1,-25,true,null]}"#);
        assert_eq!(source.slice(root.get("b").unwrap().span), "[1, -2.5e1, true, null,]");
        assert_eq!(source.slice(root.entries()[0].key_span), "\"a\"");
        assert_eq!(source.slice(root.span), text.trim_start_matches("// head\n").trim_end());
        let comments: Vec<_> = stream.comments.iter().map(|c| source.slice(c.span)).collect();
        assert_eq!(comments, ["// head", "/* b */"]);
    }

    #[test]
    fn faults_are_named_at_their_place() {
        let cases = [
            (r#"{"a": 1 "b": 2}"#, Options::ARM, "`,` or `}` is missing", 7..7, true),
            (r#"{"a": 1, "a": 2}"#, Options::ARM, "key `a` is given twice; the last one counts", 9..12, true),
            (r#"{"a": [1}"#, Options::ARM, "expected `,` or `]`, found `}`", 8..9, false),
            (r#"{"a": }"#, Options::ARM, "expected a value, found `}`", 6..7, false),
            (r#"{"a" 1}"#, Options::ARM, "expected `:`, found a number", 5..6, false),
            (r#"{a: 1}"#, Options::ARM, "expected a property name in double quotes, found `a`", 1..2, false),
            (r#"{"a": 1"#, Options::ARM, "the file ends inside of `{`", 7..7, false),
            (r#"{"a": 01}"#, Options::ARM, "expected `,` or `}`, found a number", 7..8, false),
            (r#"{"a": 1e999}"#, Options::ARM, "`1e999` is too large a number", 6..11, false),
            (r#"{"a": 1} x"#, Options::ARM, "nothing but one value may stand in the file", 9..10, true),
            (r#"{"a": 1,}"#, Options::MANIFEST, "a value is missing after the last `,`", 8..9, false),
            ("{\"a\": \"x\ny\"}", Options::MANIFEST, "a string must end on its line", 6..11, false),
            ("{} // c", Options::MANIFEST, "comments are not allowed in JSON", 3..7, true),
            ("", Options::ARM, "the file is empty", 0..0, false),
        ];
        for (text, options, detail, at, kept) in cases {
            let (_, stream) = read(text, options);
            assert_eq!(stream.problems.len(), 1, "{text}: {:?}", stream.problems);
            assert_eq!((stream.problems[0].detail.as_str(), stream.problems[0].span.range()), (detail, at), "{text}");
            assert_eq!(stream.documents.len(), usize::from(kept), "{text}");
        }
    }

    #[test]
    fn several_documents_follow_one_another() {
        let (_, stream) = read("{\"a\": 1}\n{\"b\": 2} [3]", Options::MANIFEST);
        assert_eq!(stream.problems, []);
        let spans: Vec<_> = stream.documents.iter().map(|d| d.span.range()).collect();
        assert_eq!(spans, [0..8, 8..17, 17..21]);
    }

    /// What the JSON library of the language takes, we take, and the other way round.
    #[test]
    fn strict_json_is_what_the_library_takes() {
        use proptest::prelude::*;
        let token = proptest::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"b\"",
            "1",
            "-1.5",
            "1e3",
            "true",
            "null",
            " ",
            "\n",
            "\"\\n\\u0041\"",
            "-",
            "x",
            "{\"k\": [1, 2]}",
            "\"\\x\"",
            "01",
            "1.",
            ".5",
            "\"\\ud83d\\ude00\"",
        ]);
        let options = Options { several: false, ..Options::MANIFEST };
        proptest!(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() },
        |(tokens in proptest::collection::vec(token, 1..8))| {
            let text = tokens.concat();
            let (_, stream) = read(&text, options);
            let problem = stream.problems.iter().find(|p| p.code != Code::DuplicateKey);
            match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(wanted) => {
                    prop_assert!(problem.is_none(), "{}: {:?}", text, problem);
                    let found = stream.documents[0].root.to_json();
                    // `1e3` is a float to the library, a whole number to us.
                    let whole = |v: &serde_json::Value| v.to_string().replace(".0", "");
                    prop_assert_eq!(whole(&wanted), whole(&found));
                }
                Err(error) => prop_assert!(problem.is_some(), "{text}: {error}"),
            }
        });
    }
}
