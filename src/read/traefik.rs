//! Traefik's rule grammar (v2 and v3): matchers joined by `&&`, `||`, `!` and parentheses. What the matchers mean is
//! not known here.

use std::ops::Range;

/// Deeper nesting than this is refused.
const DEPTH: usize = 64;

/// A router's rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rule {
    /// All of them.
    And(Vec<Rule>),
    /// One of them.
    Or(Vec<Rule>),
    /// Not it.
    Not(Box<Rule>),
    /// A matcher, as `Host(`shop.example`)`.
    Matcher(Matcher),
}

/// A matcher with its arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Matcher {
    /// Its name as written.
    pub name: String,
    /// Its arguments, decoded.
    pub arguments: Vec<String>,
    /// Where it stands in the text, in bytes.
    pub at: Range<usize>,
}

/// Why a rule does not parse.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    /// Where, in bytes of the text.
    pub at: usize,
    /// What is wrong.
    pub message: String,
}

const NAMES: &[&str] = &[
    "Host",
    "HostHeader",
    "HostRegexp",
    "HostSNI",
    "HostSNIRegexp",
    "Path",
    "PathPrefix",
    "PathRegexp",
    "Method",
    "Header",
    "HeaderRegexp",
    "Headers",
    "HeadersRegexp",
    "Query",
    "QueryRegexp",
    "ClientIP",
    "ALPN",
];

/// Reads a rule.
///
/// # Errors
/// Where it does not parse, and for a matcher that neither version has.
pub fn parse(text: &str) -> Result<Rule, Error> {
    let mut reader = Reader { text, at: 0 };
    let rule = reader.or(0)?;
    reader.blanks();
    if reader.at < text.len() { Err(reader.error("`&&`, `||` or the end was expected")) } else { Ok(rule) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn error(&self, message: impl Into<String>) -> Error {
        Error { at: self.at, message: message.into() }
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn or(&mut self, depth: usize) -> Result<Rule, Error> {
        let mut any = vec![self.and(depth)?];
        while self.take("||") {
            any.push(self.and(depth)?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Rule::Or(any) })
    }

    fn and(&mut self, depth: usize) -> Result<Rule, Error> {
        let mut all = vec![self.unary(depth)?];
        while self.take("&&") {
            all.push(self.unary(depth)?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Rule::And(all) })
    }

    fn unary(&mut self, depth: usize) -> Result<Rule, Error> {
        if depth > DEPTH {
            return Err(self.error("nested too deeply"));
        }
        if self.take("!") {
            return Ok(Rule::Not(Box::new(self.unary(depth + 1)?)));
        }
        if self.take("(") {
            let inner = self.or(depth + 1)?;
            return if self.take(")") { Ok(inner) } else { Err(self.error("`)` is missing")) };
        }
        self.matcher()
    }

    fn matcher(&mut self) -> Result<Rule, Error> {
        self.blanks();
        let start = self.at;
        let length = self.rest().bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = self.rest().get(..length).unwrap_or_default().to_owned();
        if name.is_empty() {
            return Err(self.error("a matcher was expected"));
        }
        if !NAMES.iter().any(|n| n.eq_ignore_ascii_case(&name)) {
            return Err(self.error(format!("there is no matcher `{name}`")));
        }
        self.at += length;
        if !self.take("(") {
            return Err(self.error("`(` is missing"));
        }
        let mut arguments = vec![self.string()?];
        while self.take(",") {
            arguments.push(self.string()?);
        }
        if !self.take(")") {
            return Err(self.error("`)` is missing"));
        }
        Ok(Rule::Matcher(Matcher { name, arguments, at: start..self.at }))
    }

    fn string(&mut self) -> Result<String, Error> {
        self.blanks();
        let open = self.at;
        if self.take("`") {
            let Some(end) = self.rest().find('`') else {
                return Err(Error { at: open, message: "the string does not end".into() });
            };
            let text = self.rest().get(..end).unwrap_or_default().to_owned();
            self.at += end + 1;
            return Ok(text);
        }
        if !self.take("\"") {
            return Err(self.error("a string in backticks or double quotes was expected"));
        }
        let mut text = String::new();
        let mut escaped = false;
        for (i, c) in self.rest().char_indices() {
            match c {
                _ if std::mem::take(&mut escaped) => text.push(c),
                '\\' => escaped = true,
                '"' => {
                    self.at += i + 1;
                    return Ok(text);
                }
                _ => text.push(c),
            }
        }
        Err(Error { at: open, message: "the string does not end".into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rule: &Rule) -> String {
        let list = |rules: &[Rule], op: &str| rules.iter().map(shown).collect::<Vec<_>>().join(op);
        match rule {
            Rule::And(all) => format!("({})", list(all, " & ")),
            Rule::Or(any) => format!("({})", list(any, " | ")),
            Rule::Not(inner) => format!("!{}", shown(inner)),
            Rule::Matcher(m) => format!("{}<{}>", m.name, m.arguments.join(",")),
        }
    }

    #[test]
    fn and_binds_tighter_than_or() {
        let rule = parse("Host(`a`) && Header(`X`, `1`) || !(Path(\"/b\") || Method(`GET`,`PUT`))").unwrap();
        assert_eq!(shown(&rule), "((Host<a> & Header<X,1>) | !(Path</b> | Method<GET,PUT>))");
    }

    #[test]
    fn errors_have_places() {
        for (text, at) in [
            ("", 0),
            ("Host(`a`", 8),
            ("Host(`a`) Path(`/`)", 10),
            ("Hots(`a`)", 0),
            ("Host(`a)", 5),
            ("Host(a)", 5),
            ("Host(`a`) &&", 12),
            ("(Host(`a`)", 10),
        ] {
            assert_eq!(parse(text).unwrap_err().at, at, "{text}");
        }
        assert!(parse(&"!".repeat(10_000)).is_err());
    }
}
