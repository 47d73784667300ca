//! The expression language of Azure Resource Manager, `[concat('a', parameters('b'))]`: what stands inside of the
//! strings of a template, parsed with the place of every call and argument in the file. It calls nothing.

use super::DEPTH_LIMIT;
pub use super::bicep::ast::Name;
use super::embedded::DecodeMap;
use crate::source::{Code, Problem, Span};
use crate::tree::Text;

/// An expression.
#[derive(Clone, Debug)]
pub struct ArmExpr {
    /// All of it.
    pub span: Span,
    /// What it is.
    pub kind: ArmKind,
}

/// What an expression is. There are no operators, and `true`, `false` and `null` are functions.
#[derive(Clone, Debug)]
pub enum ArmKind {
    /// `'text'`, doubled quotes resolved.
    String(Text),
    /// A whole number.
    Int(i64),
    /// `name(a, b)`
    Call(Box<ArmCall>),
    /// `object.name`
    Property(Box<ArmProperty>),
    /// `object[index]`
    Index(Box<ArmIndex>),
}

/// A call. Names of functions do not heed case.
#[derive(Clone, Debug)]
pub struct ArmCall {
    /// Before the dot: the namespace of a function that the template defines.
    pub namespace: Option<Name>,
    /// The function.
    pub name: Name,
    /// Its arguments.
    pub args: Vec<ArmExpr>,
}

/// A property of a value.
#[derive(Clone, Debug)]
pub struct ArmProperty {
    /// Before the dot.
    pub object: ArmExpr,
    /// After it.
    pub name: Name,
}

/// An item of a value.
#[derive(Clone, Debug)]
pub struct ArmIndex {
    /// Before the bracket.
    pub object: ArmExpr,
    /// In it.
    pub index: ArmExpr,
}

/// How a string of a template is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form<'t> {
    /// As it stands.
    Literal(&'t str),
    /// As this text: it began with `[[`, which stands for `[`.
    Escaped(&'t str),
    /// As an expression, for [`parse`].
    Expression,
}

/// Tells expressions from text. Only a string that also ends with `]` is one.
#[must_use]
pub fn form(text: &str) -> Form<'_> {
    let bracketed = text.len() >= 2 && text.starts_with('[') && text.ends_with(']');
    match text.get(1..) {
        Some(rest) if bracketed && rest.starts_with('[') => Form::Escaped(rest),
        Some(_) if bracketed => Form::Expression,
        _ => Form::Literal(text),
    }
}

/// Parses a string of the form `[…]` that stands at `span`, with or without quotes. Where the string holds escapes
/// every part gets the place of the whole; [`parse_mapped`] does better then.
///
/// # Errors
/// The first thing that does not parse.
pub fn parse(text: &str, span: Span) -> Result<ArmExpr, Problem> {
    let before = (span.end.saturating_sub(span.start) as usize).checked_sub(text.len());
    let place = match before {
        _ if span.is_none() => Place::Whole(span),
        Some(0) => Place::From(span.start, span),
        Some(2) => Place::From(span.start + 1, span),
        _ => Place::Whole(span),
    };
    run(text, place)
}

/// Parses a string of the form `[…]` of which every part gets the place of the whole.
///
/// # Errors
/// The first thing that does not parse.
pub fn parse_whole(text: &str, span: Span) -> Result<ArmExpr, Problem> {
    run(text, Place::Whole(span))
}

/// Parses a string of the form `[…]` whose bytes are found in the file through a map.
///
/// # Errors
/// The first thing that does not parse.
pub fn parse_mapped(text: &str, map: &DecodeMap) -> Result<ArmExpr, Problem> {
    run(text, Place::Map(map))
}

/// Where the bytes of the text stand.
#[derive(Clone, Copy)]
enum Place<'m> {
    From(u32, Span),
    Whole(Span),
    Map(&'m DecodeMap),
}

fn run(text: &str, place: Place<'_>) -> Result<ArmExpr, Problem> {
    let mut parser = Parser { text, place, at: 1, end: text.len().saturating_sub(1), depth: 0, height: 0 };
    let parsed = parser.expression();
    let expr = parsed.map_err(|fault| *fault)?;
    parser.blanks();
    if parser.at < parser.end {
        return Err(*parser.expected("the end of the expression"));
    }
    Ok(expr)
}

type Parsed<T> = Result<T, Box<Problem>>;

struct Parser<'t> {
    text: &'t str,
    place: Place<'t>,
    at: usize,
    /// The closing bracket of the whole.
    end: usize,
    depth: usize,
    /// How deep the expression is that was made last.
    height: usize,
}

impl<'t> Parser<'t> {
    fn byte(&self) -> u8 {
        if self.at >= self.end {
            return 0;
        }
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    fn blanks(&mut self) {
        while matches!(self.byte(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    /// The next byte that is no blank.
    fn next(&mut self) -> u8 {
        self.blanks();
        self.byte()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        match self.place {
            Place::From(offset, whole) => {
                Span { source: whole.source, start: offset + start as u32, end: offset + end as u32 }
            }
            Place::Whole(span) => span,
            Place::Map(map) => map.span(start..end),
        }
    }

    #[cold]
    fn problem(&self, start: usize, end: usize, detail: String) -> Box<Problem> {
        Box::new(Problem::new(Code::Template, self.span(start, end), detail))
    }

    #[cold]
    fn expected(&self, what: &str) -> Box<Problem> {
        let rest = self.rest();
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()).min(40);
        let length = match rest.chars().next() {
            Some(c) if word == 0 => c.len_utf8(),
            _ => (0..=word).rev().find(|n| rest.is_char_boundary(*n)).unwrap_or(0),
        };
        match rest.get(..length) {
            None | Some("") => {
                let detail = format!("expected {what}, found the end of the expression");
                self.problem(self.at.min(self.text.len()), (self.at + 1).min(self.text.len()), detail)
            }
            Some(found) => self.problem(self.at, self.at + length, format!("expected {what}, found `{found}`")),
        }
    }

    fn too_deep(&self) -> Box<Problem> {
        let detail = format!("nested more than {DEPTH_LIMIT} levels deep");
        Box::new(Problem::new(Code::Limit, self.span(self.at, self.at), detail))
    }

    fn grow(&mut self, height: usize) -> Parsed<()> {
        self.height = height + 1;
        if self.height > DEPTH_LIMIT { Err(self.too_deep()) } else { Ok(()) }
    }

    fn expression(&mut self) -> Parsed<ArmExpr> {
        if self.depth >= DEPTH_LIMIT {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let first = self.next();
        let start = self.at;
        self.height = 1;
        let mut value = match first {
            b'\'' => self.string()?,
            b'0'..=b'9' | b'-' | b'+' => self.number()?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.call()?,
            _ => return Err(self.expected("a function, a string or a number")),
        };
        loop {
            match self.next() {
                b'.' => {
                    let height = self.height;
                    self.at += 1;
                    self.blanks();
                    let name = self.name("the name of a property")?;
                    self.grow(height)?;
                    let span = self.span(start, self.at);
                    let property = ArmProperty { object: value, name };
                    value = ArmExpr { span, kind: ArmKind::Property(Box::new(property)) };
                }
                b'[' => {
                    let height = self.height;
                    self.at += 1;
                    let index = self.expression()?;
                    if self.next() != b']' {
                        return Err(self.expected("`]`"));
                    }
                    self.at += 1;
                    self.grow(height.max(self.height))?;
                    let span = self.span(start, self.at);
                    value = ArmExpr { span, kind: ArmKind::Index(Box::new(ArmIndex { object: value, index })) };
                }
                _ => break,
            }
        }
        self.depth -= 1;
        Ok(value)
    }

    fn string(&mut self) -> Parsed<ArmExpr> {
        let start = self.at;
        self.at += 1;
        let mut doubled = false;
        loop {
            let Some(quote) = self.rest().find('\'') else {
                return Err(self.problem(start, start + 1, "this string is not closed, expected `'`".to_owned()));
            };
            self.at += quote + 1;
            if self.byte() != b'\'' {
                break;
            }
            doubled = true;
            self.at += 1;
        }
        let raw = self.text.get(start + 1..self.at - 1).unwrap_or_default();
        let text = if doubled { raw.replace("''", "'").into() } else { raw.into() };
        Ok(ArmExpr { span: self.span(start, self.at), kind: ArmKind::String(text) })
    }

    fn number(&mut self) -> Parsed<ArmExpr> {
        let start = self.at;
        if matches!(self.byte(), b'-' | b'+') {
            self.at += 1;
        }
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return Err(self.expected("a digit"));
        }
        self.at += digits;
        let fraction = self.rest().as_bytes();
        if fraction.first() == Some(&b'.') && fraction.get(1).is_some_and(u8::is_ascii_digit) {
            let detail = "numbers with a fraction have to be written as text for `json()`".to_owned();
            return Err(self.problem(start, self.at + 2, detail));
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        match text.parse() {
            Ok(value) => Ok(ArmExpr { span: self.span(start, self.at), kind: ArmKind::Int(value) }),
            Err(_) => Err(self.problem(start, self.at, "this number is too large".to_owned())),
        }
    }

    fn name(&mut self, what: &str) -> Parsed<Name> {
        let start = self.at;
        let mut bytes = self.rest().bytes();
        if !bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_') {
            return Err(self.expected(what));
        }
        self.at += 1 + bytes.take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let text = self.text.get(start..self.at).unwrap_or_default().into();
        Ok(Name { text, span: self.span(start, self.at) })
    }

    fn call(&mut self) -> Parsed<ArmExpr> {
        let start = self.at;
        let mut name = self.name("the name of a function")?;
        let mut namespace = None;
        if self.next() == b'.' {
            self.at += 1;
            self.blanks();
            namespace = Some(name);
            name = self.name("the name of a function")?;
        }
        if self.next() != b'(' {
            return Err(self.expected("`(`"));
        }
        self.at += 1;
        let mut args = Vec::new();
        let mut height = 0;
        if self.next() != b')' {
            loop {
                args.push(self.expression()?);
                height = height.max(self.height);
                if self.next() != b',' {
                    break;
                }
                self.at += 1;
            }
        }
        if self.next() != b')' {
            return Err(self.expected("`,` or `)`"));
        }
        self.at += 1;
        self.grow(height)?;
        let call = ArmCall { namespace, name, args };
        Ok(ArmExpr { span: self.span(start, self.at), kind: ArmKind::Call(Box::new(call)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::json::{self, Options};
    use crate::source::{Source, Sources};
    use crate::tree::Value;

    /// The first property of an object, with the source that it stands in.
    fn read(json: &str) -> (std::sync::Arc<Source>, Value) {
        let source = Sources::new().add("main.json", json);
        let stream = json::parse(&source, Options::ARM);
        assert_eq!(stream.problems, []);
        let value = stream.documents[0].root.get("a").unwrap().clone();
        (source, value)
    }

    /// The expression with each part as it stands in the file.
    fn show(source: &Source, e: &ArmExpr) -> String {
        let place = source.slice(e.span);
        match &e.kind {
            ArmKind::String(s) => format!("{place}={s:?}"),
            ArmKind::Int(n) => format!("{place}={n}"),
            ArmKind::Call(c) => {
                let args: Vec<String> = c.args.iter().map(|a| show(source, a)).collect();
                let namespace = c.namespace.as_ref().map_or(String::new(), |n| format!("{}:", &**n));
                assert_eq!(source.slice(c.name.span), &*c.name.text);
                format!("{namespace}{}({})", &*c.name, args.join(" "))
            }
            ArmKind::Property(p) => {
                assert_eq!(source.slice(p.name.span), &*p.name.text);
                format!("{}.{}", show(source, &p.object), &*p.name)
            }
            ArmKind::Index(i) => format!("{}[{}]", show(source, &i.object), show(source, &i.index)),
        }
    }

    #[test]
    fn forms() {
        for (text, expected) in [
            ("", Form::Literal("")),
            ("[", Form::Literal("[")),
            ("abc", Form::Literal("abc")),
            ("[a", Form::Literal("[a")),
            ("a]", Form::Literal("a]")),
            ("[[a", Form::Literal("[[a")),
            ("[a] ", Form::Literal("[a] ")),
            ("[[a]", Form::Escaped("[a]")),
            ("[[a]]", Form::Escaped("[a]]")),
            ("[[]", Form::Escaped("[]")),
            ("[a()]", Form::Expression),
            ("[]", Form::Expression),
        ] {
            assert_eq!(form(text), expected, "{text}");
        }
    }

    #[test]
    fn expressions_parse_with_their_places() {
        for (text, expected) in [
            ("[parameters('a')]", "parameters('a'='a')"),
            ("[ concat( 'it''s' , -12,f() ) ]", r#"concat('it''s'="it's" -12=-12 f())"#),
            ("[resourceGroup().location]", "resourceGroup().location"),
            ("[a().b[c(1)].d[0]]", "a().b[c(1=1)].d[0=0]"),
            ("[__bicep.fn(1)]", "__bicep:fn(1=1)"),
            ("[ns . fn (1) . x]", "ns:fn(1=1).x"),
            ("['é ]']", "'é ]'='é ]'"),
            ("[f(\n  1\n)]", "f(1=1)"),
            ("[9223372036854775807]", "9223372036854775807=9223372036854775807"),
        ] {
            let json = format!("{{\"a\": \"{text}\"}}");
            let (source, value) = read(&json);
            let expr = parse(value.as_str().unwrap(), value.span).unwrap();
            assert_eq!(show(&source, &expr).replace('"', "'"), expected.replace('"', "'"), "{text}");
        }
    }

    #[test]
    fn escapes_keep_their_places_through_a_map() {
        let (source, value) = read(r#"{"a": "[f('\u0041\\', 'b\"', g())]"}"#);
        let text = value.as_str().unwrap();
        assert_eq!(text, r#"[f('A\', 'b"', g())]"#);
        let coarse = parse(text, value.span).unwrap();
        assert_eq!(coarse.span, value.span);
        let expr = parse_mapped(text, &DecodeMap::of(&value, &source)).unwrap();
        let ArmKind::Call(call) = &expr.kind else { panic!("a call") };
        let places: Vec<&str> = call.args.iter().map(|a| source.slice(a.span)).collect();
        assert_eq!(places, [r"'\u0041\\'", r#"'b\"'"#, "g()"]);
    }

    #[test]
    fn problems_point_at_the_token() {
        for (text, place, detail) in [
            ("[]", "]", "expected a function, a string or a number, found the end of the expression"),
            ("[a]", "]", "expected `(`, found the end of the expression"),
            ("[f(1 2)]", "2", "expected `,` or `)`, found `2`"),
            ("[f(1]", "]", "expected `,` or `)`, found the end of the expression"),
            ("[f(1,)]", ")", "expected a function, a string or a number, found `)`"),
            ("[f() g()]", "g", "expected the end of the expression, found `g`"),
            ("[f().]", "]", "expected the name of a property, found the end of the expression"),
            ("[f(true)]", ")", "expected `(`, found `)`"),
            ("[f('a)]", "'", "this string is not closed, expected `'`"),
            ("[f()[1)]", ")", "expected `]`, found `)`"),
            ("[f(é)]", "é", "expected a function, a string or a number, found `é`"),
            ("[f(1.5)]", "1.5", "numbers with a fraction have to be written as text for `json()`"),
            ("[99999999999999999999]", "99999999999999999999", "this number is too large"),
        ] {
            let (source, value) = read(&format!("{{\"a\": \"{text}\"}}"));
            let problem = parse(value.as_str().unwrap(), value.span).unwrap_err();
            assert_eq!((source.slice(problem.span), problem.detail.as_str()), (place, detail), "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        for text in
            [format!("[{}1{}]", "f(".repeat(100_000), ")".repeat(100_000)), format!("[f(){}]", ".a".repeat(100_000))]
        {
            assert_eq!(parse(&text, Span::NONE).unwrap_err().code, Code::Limit);
        }
        let deep = format!("[{}1{}]", "f(".repeat(500), ")".repeat(500));
        assert!(parse(&deep, Span::NONE).is_ok());
    }

    #[test]
    fn every_prefix_and_edit_parses_somehow() {
        let text = "[if(equals(a.b('x''y', -1), c()[d(2)].e), 'é', f(g()))]";
        let inserts = ["'", "(", ")", "[", "]", ",", ".", "-", "é", "1", " "];
        for (at, _) in text.char_indices() {
            let _ = parse(&text[..at], Span::NONE);
            for insert in inserts {
                let _ = parse(&format!("{}{insert}{}", &text[..at], &text[at..]), Span::NONE);
            }
        }
    }
}
