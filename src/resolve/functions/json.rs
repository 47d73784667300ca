//! JSON text to values. The values stand at the call: text that an expression holds has no places of its own.

use super::call::{Call, Outcome};
use super::limits;
use crate::source::Span;
use crate::tree::{Entry, Kind, Number, Origin, Text, Value};

/// `json(text)`.
pub fn json(call: &Call<'_>) -> Outcome {
    if call.arg(0).is_null() {
        return call.entries(Vec::new());
    }
    parse(call, call.text(0)?)
}

/// Parses text as Azure's parser does: JSON, and beyond it comments, single quotes, bare keys and trailing commas.
pub fn parse(call: &Call<'_>, text: &str) -> Outcome {
    let made = call.make(Kind::Null);
    let mut parser =
        Parser { rest: text.trim_start_matches('\u{feff}'), site: call.site, origin: &made.origin, items: 0 };
    let parsed = parser.value(limits::JSON_DEPTH).and_then(|value| {
        parser.blanks();
        parser.rest.is_empty().then_some(value).ok_or(Broken::Syntax)
    });
    parsed.map_err(|broken| match broken {
        Broken::Syntax => call.fail("cannot parse text that is not JSON"),
        Broken::Limit => call.limit("parses JSON that is too deep or too large"),
    })
}

enum Broken {
    Syntax,
    Limit,
}

struct Parser<'t> {
    rest: &'t str,
    site: Span,
    origin: &'t Origin,
    items: usize,
}

impl Parser<'_> {
    fn blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(after) = self.rest.strip_prefix("//") {
                self.rest = after.split_once('\n').map_or("", |(_, rest)| rest);
            } else if let Some(after) = self.rest.strip_prefix("/*") {
                self.rest = after.split_once("*/").map_or("", |(_, rest)| rest);
            } else {
                return;
            }
        }
    }

    fn eat(&mut self, token: char) -> bool {
        self.blanks();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn made(&self, kind: Kind) -> Value {
        Value::new(kind, self.site).with_origin(self.origin.clone())
    }

    fn value(&mut self, depth: usize) -> Result<Value, Broken> {
        let depth = depth.checked_sub(1).ok_or(Broken::Limit)?;
        self.items += 1;
        if self.items > limits::ITEMS {
            return Err(Broken::Limit);
        }
        if self.eat('{') {
            let mut entries = Vec::new();
            while !self.eat('}') {
                let key = self.key()?;
                if !self.eat(':') {
                    return Err(Broken::Syntax);
                }
                entries.push(Entry::new(key, self.site, self.value(depth)?));
                if !self.eat(',') && !self.rest.starts_with('}') {
                    return Err(Broken::Syntax);
                }
            }
            let map = Value::map(entries, self.site);
            return Ok(map.with_origin(self.origin.clone()));
        }
        if self.eat('[') {
            let mut items = Vec::new();
            while !self.eat(']') {
                items.push(self.value(depth)?);
                if !self.eat(',') && !self.rest.starts_with(']') {
                    return Err(Broken::Syntax);
                }
            }
            let list = Value::list(items, self.site);
            return Ok(list.with_origin(self.origin.clone()));
        }
        if self.rest.starts_with(['"', '\'']) {
            let text = self.string()?;
            return Ok(self.made(Kind::String(text)));
        }
        self.word()
    }

    fn key(&mut self) -> Result<Text, Broken> {
        self.blanks();
        if self.rest.starts_with(['"', '\'']) {
            return self.string();
        }
        match self.bare() {
            "" => Err(Broken::Syntax),
            word => Ok(word.into()),
        }
    }

    fn bare(&mut self) -> &str {
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '+' | '.')))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn word(&mut self) -> Result<Value, Broken> {
        let kind = match self.bare() {
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            word if word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.')) => {
                let number = word
                    .parse()
                    .map(Number::Int)
                    .or_else(|_| word.parse().map(Number::UInt))
                    .or_else(|_| word.parse().map(Number::Float))
                    .map_err(|_| Broken::Syntax)?;
                match number {
                    Number::Float(f) if !f.is_finite() => return Err(Broken::Syntax),
                    number => Kind::Number(number),
                }
            }
            _ => return Err(Broken::Syntax),
        };
        Ok(self.made(kind))
    }

    fn string(&mut self) -> Result<Text, Broken> {
        let mut chars = self.rest.char_indices();
        let quote = chars.next().map(|(_, c)| c);
        let mut out = String::new();
        while let Some((at, c)) = chars.next() {
            if Some(c) == quote {
                self.rest = self.rest.get(at + c.len_utf8()..).unwrap_or_default();
                return Ok(out.into());
            }
            if c != '\\' {
                out.push(c);
                continue;
            }
            match chars.next().map(|(_, c)| c) {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some('b') => out.push('\u{8}'),
                Some('f') => out.push('\u{c}'),
                Some('u') => out.push(unicode(&mut chars)?),
                Some(c @ ('"' | '\'' | '\\' | '/')) => out.push(c),
                _ => return Err(Broken::Syntax),
            }
        }
        Err(Broken::Syntax)
    }
}

/// The character of `\uXXXX`, of a pair of them where one is not enough.
fn unicode(chars: &mut std::str::CharIndices<'_>) -> Result<char, Broken> {
    let unit = |chars: &mut std::str::CharIndices<'_>| -> Result<u32, Broken> {
        let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
        if digits.len() != 4 {
            return Err(Broken::Syntax);
        }
        u32::from_str_radix(&digits, 16).map_err(|_| Broken::Syntax)
    };
    let high = unit(chars)?;
    if !(0xd800..0xdc00).contains(&high) {
        return Ok(char::from_u32(high).unwrap_or('\u{fffd}'));
    }
    let mut ahead = chars.clone();
    if let (Some((_, '\\')), Some((_, 'u'))) = (ahead.next(), ahead.next()) {
        let low = unit(&mut ahead)?;
        if (0xdc00..0xe000).contains(&low) {
            *chars = ahead;
            let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            return Ok(char::from_u32(code).unwrap_or('\u{fffd}'));
        }
    }
    Ok('\u{fffd}')
}
