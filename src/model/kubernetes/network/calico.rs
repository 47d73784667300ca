//! Calico's selector language: `app == 'web' && tier in {'a', 'b'} || !has(legacy)`, `all()`.

use crate::model::kubernetes::{Labels, Match};

/// A parsed selector.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expression {
    /// `all()`, and the empty selector.
    All,
    /// `global()`: nothing that is in a namespace.
    Global,
    /// `has(key)`
    Has(String),
    /// `key == 'v'` or `key in {…}`
    In(String, Vec<String>),
    /// `key contains 'v'`, `starts with`, `ends with`
    Text(String, TextTest, String),
    /// `!`; `key != 'v'` and `not in`
    Not(Box<Expression>),
    /// `&&`
    And(Vec<Expression>),
    /// `||`
    Or(Vec<Expression>),
}

/// How text is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextTest {
    /// `contains`
    Contains,
    /// `starts with`
    StartsWith,
    /// `ends with`
    EndsWith,
}

/// Why a selector does not parse.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{what} at offset {offset}")]
pub struct ExpressionError {
    /// What was expected.
    pub what: &'static str,
    /// Byte offset in the selector.
    pub offset: usize,
}

/// Nesting of parentheses and `!` beyond this is refused.
const DEPTH: usize = 64;

impl Expression {
    /// Reads a selector.
    ///
    /// # Errors
    /// When it is not of the grammar.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        parser.space();
        if parser.rest().is_empty() {
            return Ok(Self::All);
        }
        let expression = parser.or()?;
        if parser.rest().is_empty() { Ok(expression) } else { Err(parser.error("expected `&&`, `||` or the end")) }
    }

    /// Whether it selects labels.
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> Match {
        match self {
            Self::All => Match::Yes,
            Self::Global => Match::No,
            Self::Has(key) => labels.has(key),
            Self::In(key, values) => labels.has_one_of(key, values.iter().map(String::as_str)),
            Self::Text(key, test, wanted) => match labels.get(key) {
                Some(Some(held)) => Match::from_bool(match test {
                    TextTest::Contains => held.contains(wanted.as_str()),
                    TextTest::StartsWith => held.starts_with(wanted.as_str()),
                    TextTest::EndsWith => held.ends_with(wanted.as_str()),
                }),
                Some(None) => Match::Unknown,
                None => labels.has(key),
            },
            Self::Not(inner) => inner.matches(labels).negate(),
            Self::And(all) => all.iter().fold(Match::Yes, |m, e| m.and(e.matches(labels))),
            Self::Or(any) => any.iter().fold(Match::No, |m, e| m.or(e.matches(labels))),
        }
    }

    /// The label keys that it names.
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Self::All | Self::Global => Vec::new(),
            Self::Has(key) | Self::In(key, _) | Self::Text(key, _, _) => vec![key],
            Self::Not(inner) => inner.keys(),
            Self::And(all) | Self::Or(all) => all.iter().flat_map(Self::keys).collect(),
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, ExpressionError>;

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn error(&self, what: &'static str) -> ExpressionError {
        ExpressionError { what, offset: self.at }
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
            self.space();
        }
        found
    }

    /// A word that no identifier character follows.
    fn word(&mut self, word: &str) -> bool {
        let after = self.rest().strip_prefix(word);
        after.is_some_and(|a| !a.starts_with(identifier)) && self.take(word)
    }

    fn or(&mut self) -> Parsed<Expression> {
        let mut any = vec![self.and()?];
        while self.take("||") {
            any.push(self.and()?);
        }
        Ok(if any.len() == 1 { any.swap_remove(0) } else { Expression::Or(any) })
    }

    fn and(&mut self) -> Parsed<Expression> {
        let mut all = vec![self.unary()?];
        while self.take("&&") {
            all.push(self.unary()?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Expression::And(all) })
    }

    fn unary(&mut self) -> Parsed<Expression> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.error("nesting is too deep"));
        }
        let parsed = if !self.rest().starts_with("!=") && self.take("!") {
            self.unary().map(|e| Expression::Not(Box::new(e)))
        } else if self.take("(") {
            self.or().and_then(|e| self.close(e))
        } else {
            self.term()
        };
        self.depth -= 1;
        parsed
    }

    fn close(&mut self, expression: Expression) -> Parsed<Expression> {
        if self.take(")") { Ok(expression) } else { Err(self.error("expected `)`")) }
    }

    fn term(&mut self) -> Parsed<Expression> {
        for (call, made) in [("all(", Expression::All), ("global(", Expression::Global)] {
            if self.take(call) {
                return self.close(made);
            }
        }
        if self.take("has(") {
            let key = self.key()?;
            return self.close(Expression::Has(key));
        }
        let key = self.key()?;
        if self.take("==") {
            return Ok(Expression::In(key, vec![self.literal()?]));
        }
        if self.take("!=") {
            return Ok(Expression::Not(Box::new(Expression::In(key, vec![self.literal()?]))));
        }
        for (words, test) in [
            (&["contains"][..], TextTest::Contains),
            (&["starts", "with"][..], TextTest::StartsWith),
            (&["ends", "with"][..], TextTest::EndsWith),
        ] {
            let start = self.at;
            if words.iter().all(|w| self.word(w)) {
                return Ok(Expression::Text(key, test, self.literal()?));
            }
            self.at = start;
        }
        let negated = self.word("not");
        if !self.word("in") {
            return Err(self.error("expected an operator"));
        }
        let listed = Expression::In(key, self.set()?);
        Ok(if negated { Expression::Not(Box::new(listed)) } else { listed })
    }

    fn key(&mut self) -> Parsed<String> {
        let rest = self.rest();
        let end = rest.find(|c| !identifier(c)).unwrap_or(rest.len());
        let key = rest.get(..end).filter(|k| !k.is_empty()).ok_or_else(|| self.error("expected a label"))?;
        self.at += end;
        self.space();
        Ok(key.to_owned())
    }

    fn literal(&mut self) -> Parsed<String> {
        let rest = self.rest();
        let quote = rest
            .chars()
            .next()
            .filter(|c| matches!(c, '\'' | '"'))
            .ok_or_else(|| self.error("expected text in quotes"))?;
        let inner = rest.get(1..).unwrap_or_default();
        let end = inner.find(quote).ok_or_else(|| self.error("expected a closing quote"))?;
        self.at += end + 2;
        self.space();
        Ok(inner.get(..end).unwrap_or_default().to_owned())
    }

    fn set(&mut self) -> Parsed<Vec<String>> {
        if !self.take("{") {
            return Err(self.error("expected `{`"));
        }
        let mut values = Vec::new();
        while !self.take("}") {
            values.push(self.literal()?);
            if !self.take(",") && !self.rest().starts_with('}') {
                return Err(self.error("expected `,` or `}`"));
            }
        }
        Ok(values)
    }
}

fn identifier(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_match_as_calico_does() {
        let mut labels = Labels::default();
        labels.add_known("app", "ledger");
        labels.add_known("tier", "api");
        for (text, wanted) in [
            ("", Match::Yes),
            ("all()", Match::Yes),
            ("app == 'ledger' && tier in {'api', 'worker'} && !has(legacy)", Match::Yes),
            ("app == \"x\" || tier == 'api'", Match::Yes),
            ("app != 'ledger'", Match::No),
            ("zone != 'a'", Match::Yes),
            ("zone not in {'a'}", Match::Yes),
            ("tier not in {'api'}", Match::No),
            ("app starts with 'led' && app ends with 'ger' && app contains 'dg'", Match::Yes),
            ("!(app == 'ledger')", Match::No),
            ("global()", Match::No),
        ] {
            assert_eq!(Expression::parse(text).unwrap().matches(&labels), wanted, "{text}");
        }
        for text in ["app =", "app in {'a'", "(app == 'x'", "== 'x'", &"!".repeat(100)] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
    }
}
