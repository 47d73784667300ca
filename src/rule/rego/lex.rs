//! A scan of Rego text into tokens, good enough to choose a version and to place edits. It never fails: what is no
//! Rego is left for the engine's own parser to complain about.

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A name or a keyword.
    Word,
    /// A number.
    Number,
    /// A string in quotes or backticks, delimiters included.
    String,
    /// Anything else: brackets, operators, separators.
    Symbol,
}

/// One token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub text: &'t str,
    /// First byte.
    pub start: usize,
    /// Whether it is the first one on its line.
    pub first: bool,
    /// How many brackets of any kind are open before it.
    pub depth: u32,
}

impl Token<'_> {
    /// One past its last byte.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is this symbol or word.
    pub fn is(&self, text: &str) -> bool {
        self.kind != Kind::String && self.text == text
    }

    /// Whether a rule, a function or a reference may end with it.
    pub fn ends_term(&self) -> bool {
        match self.kind {
            Kind::Word => !KEYWORDS.contains(&self.text),
            Kind::Number | Kind::String => true,
            Kind::Symbol => matches!(self.text, ")" | "]" | "}"),
        }
    }
}

/// Words after which a term must follow.
const KEYWORDS: [&str; 14] = [
    "package", "import", "as", "default", "not", "some", "every", "in", "with", "if", "else", "contains", "return",
    "and",
];

/// The tokens of a text, comments left out.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::with_capacity(text.len() / 6);
    let (mut at, mut first, mut depth) = (0, true, 0u32);
    while let Some(&byte) = bytes.get(at) {
        let (kind, end) = match byte {
            b'\n' => {
                first = true;
                at += 1;
                continue;
            }
            b' ' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            b'#' => {
                at = find(bytes, at, b'\n');
                continue;
            }
            b'"' => (Kind::String, quoted(bytes, at)),
            b'`' => (Kind::String, (find(bytes, at + 1, b'`') + 1).min(bytes.len())),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => (Kind::Word, run(bytes, at, is_word)),
            b'0'..=b'9' => (Kind::Number, run(bytes, at, |b| is_word(b) || b == b'.')),
            _ => (Kind::Symbol, symbol(text, at)),
        };
        let slice = text.get(at..end).unwrap_or_default();
        if kind == Kind::Symbol && matches!(slice, ")" | "]" | "}") {
            depth = depth.saturating_sub(1);
        }
        tokens.push(Token { kind, text: slice, start: at, first, depth });
        if kind == Kind::Symbol && matches!(slice, "(" | "[" | "{") {
            depth += 1;
        }
        first = false;
        at = end.max(at + 1);
    }
    tokens
}

/// A line without the comment that ends it.
pub(super) fn uncommented(line: &str) -> &str {
    let end = tokens(line).last().map_or(0, Token::end);
    line.get(..end).unwrap_or(line)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn find(bytes: &[u8], from: usize, wanted: u8) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|b| *b == wanted).unwrap_or(rest.len())
}

fn run(bytes: &[u8], from: usize, accepts: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|b| !accepts(*b)).unwrap_or(rest.len())
}

/// The end of a quoted string; of one that is not closed, the end of its line.
fn quoted(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn symbol(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    if [":=", "==", "!=", "<=", ">="].iter().any(|two| rest.starts_with(two)) {
        return at + 2;
    }
    at + rest.chars().next().map_or(1, char::len_utf8)
}

/// Whether the token at `index` begins a rule, an import or the package at the top level.
pub(super) fn begins_rule(tokens: &[Token<'_>], index: usize) -> bool {
    let Some(token) = tokens.get(index) else {
        return false;
    };
    let starter = token.kind == Kind::Word && !matches!(token.text, "if" | "else" | "contains" | "in" | "with" | "as");
    let before = index.checked_sub(1).and_then(|i| tokens.get(i));
    token.depth == 0 && token.first && starter && before.is_none_or(Token::ends_term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_comments_and_depth() {
        let text = "package a # x {\nr[`}\n`] { s := \"a\\\"}\"; f(1) }\nq := 1";
        let got: Vec<_> = tokens(text).iter().map(|t| (t.text, t.depth)).collect();
        assert_eq!(
            got,
            [
                ("package", 0),
                ("a", 0),
                ("r", 0),
                ("[", 0),
                ("`}\n`", 1),
                ("]", 0),
                ("{", 0),
                ("s", 1),
                (":=", 1),
                ("\"a\\\"}\"", 1),
                (";", 1),
                ("f", 1),
                ("(", 1),
                ("1", 2),
                (")", 1),
                ("}", 0),
                ("q", 0),
                (":=", 0),
                ("1", 0),
            ]
        );
    }

    #[test]
    fn rules_begin_where_a_term_has_ended() {
        let text = "package a\nx := 1 +\n  y\nf(a) if {\n b\n} else := 2 if c\ng if h";
        let tokens = tokens(text);
        let starts: Vec<_> = (0..tokens.len()).filter(|i| begins_rule(&tokens, *i)).map(|i| tokens[i].text).collect();
        assert_eq!(starts, ["package", "x", "f", "g"]);
    }

    #[test]
    fn hostile_text_does_not_hang() {
        for text in ["\"", "`", "\"\\", "é{", "}}}", "$\"{"] {
            let _ = tokens(text);
        }
    }
}
