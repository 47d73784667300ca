//! Snippets of nginx configuration: directives with words and blocks. What they do is not known here.

use std::ops::Range;

/// Deeper nesting than this is refused.
const DEPTH: usize = 32;

/// A directive, as `return 403;` or `if (…) { … }`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// Its name.
    pub name: String,
    /// Its arguments without quotes; those of `if` without its parentheses.
    pub arguments: Vec<String>,
    /// What stands in its block; none where it has none.
    pub block: Option<Vec<Directive>>,
    /// Where it begins and ends in the text, its block left out, in bytes.
    pub at: Range<usize>,
}

/// Why a snippet does not parse.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    /// Where, in bytes of the text.
    pub at: usize,
    /// What is wrong.
    pub message: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
    Word(String),
    Open,
    Close,
    End,
}

/// Reads a snippet.
///
/// # Errors
/// Where it does not parse: nginx would not load it.
pub fn parse(text: &str) -> Result<Vec<Directive>, Error> {
    let tokens = tokens(text)?;
    let mut at = 0;
    let directives = block(&tokens, &mut at, 0, text.len())?;
    match tokens.get(at) {
        None => Ok(directives),
        Some((_, place)) => Err(Error { at: place.start, message: "`}` without `{`".into() }),
    }
}

fn block(tokens: &[(Token, Range<usize>)], at: &mut usize, depth: usize, end: usize) -> Result<Vec<Directive>, Error> {
    let mut found = Vec::new();
    if depth > DEPTH {
        return Err(Error { at: end, message: "nested too deeply".into() });
    }
    while let Some((token, place)) = tokens.get(*at) {
        let name = match token {
            Token::Close => return Ok(found),
            Token::Word(word) => word.clone(),
            Token::Open | Token::End => {
                return Err(Error { at: place.start, message: "a directive was expected".into() });
            }
        };
        let start = place.start;
        let mut last = place.end;
        let mut arguments = Vec::new();
        *at += 1;
        let directive = loop {
            match tokens.get(*at) {
                Some((Token::Word(word), place)) => {
                    arguments.push(word.clone());
                    last = place.end;
                    *at += 1;
                }
                Some((Token::End, _)) => {
                    *at += 1;
                    break Directive { name, arguments, block: None, at: start..last };
                }
                Some((Token::Open, _)) => {
                    *at += 1;
                    let inner = block(tokens, at, depth + 1, end)?;
                    if !matches!(tokens.get(*at), Some((Token::Close, _))) {
                        return Err(Error { at: start, message: format!("the block of `{name}` does not end") });
                    }
                    *at += 1;
                    if name == "if" {
                        arguments = condition(arguments);
                    }
                    break Directive { name, arguments, block: Some(inner), at: start..last };
                }
                Some((Token::Close, _)) | None => {
                    return Err(Error { at: start, message: format!("`;` is missing after `{name}`") });
                }
            }
        };
        found.push(directive);
    }
    Ok(found)
}

/// The words of a condition without its parentheses.
fn condition(mut words: Vec<String>) -> Vec<String> {
    if let Some(first) = words.first_mut()
        && let Some(inner) = first.strip_prefix('(')
    {
        *first = inner.to_owned();
    }
    if let Some(last) = words.last_mut()
        && let Some(inner) = last.strip_suffix(')')
    {
        *last = inner.to_owned();
    }
    words.retain(|w| !w.is_empty());
    words
}

fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, Error> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'#' => at += bytes.iter().skip(at).take_while(|b| **b != b'\n').count(),
            b';' => {
                found.push((Token::End, at..at + 1));
                at += 1;
            }
            b'{' => {
                found.push((Token::Open, at..at + 1));
                at += 1;
            }
            b'}' => {
                found.push((Token::Close, at..at + 1));
                at += 1;
            }
            b'"' | b'\'' => {
                let (word, end) = quoted(text, at, *byte)?;
                found.push((Token::Word(if word.is_empty() { "\"\"".to_owned() } else { word }), at..end));
                at = end;
            }
            _ => {
                let start = at;
                // `${name}` is part of a word.
                while let Some(b) = bytes.get(at) {
                    if *b == b'$' && bytes.get(at + 1) == Some(&b'{') {
                        at += 2;
                        while bytes.get(at).is_some_and(|b| *b != b'}') {
                            at += 1;
                        }
                    } else if matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{') {
                        break;
                    }
                    at += 1;
                }
                let at_end = at.min(bytes.len());
                found.push((Token::Word(text.get(start..at_end).unwrap_or_default().to_owned()), start..at_end));
            }
        }
    }
    Ok(found)
}

fn quoted(text: &str, open: usize, quote: u8) -> Result<(String, usize), Error> {
    let mut word = String::new();
    let mut escaped = false;
    for (i, c) in text.char_indices().skip_while(|(i, _)| *i <= open) {
        if std::mem::take(&mut escaped) {
            if c != quote as char && c != '\\' {
                word.push('\\');
            }
            word.push(c);
        } else if c == '\\' {
            escaped = true;
        } else if c == quote as char {
            return Ok((word, i + 1));
        } else {
            word.push(c);
        }
    }
    Err(Error { at: open, message: "the string does not end".into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_conditions() {
        let text = "# c\nif ($http_x_azure_fdid != \"a;b\") {\n  return 403;\n}\nset $ok '';\nif ($ok) { break; }";
        let found = parse(text).unwrap();
        let names: Vec<_> = found.iter().map(|d| (d.name.as_str(), d.arguments.join("|"))).collect();
        assert_eq!(
            names,
            [("if", "$http_x_azure_fdid|!=|a;b".into()), ("set", "$ok|\"\"".into()), ("if", "$ok".to_owned())]
        );
        assert_eq!(found[0].block.as_ref().unwrap()[0].arguments, ["403"]);
        assert_eq!(&text[found[0].at.clone()], "if ($http_x_azure_fdid != \"a;b\")");
    }

    #[test]
    fn errors_have_places() {
        for (text, at) in [("return 403", 0), ("if ($a) { return 403; ", 0), ("}", 0), ("set $a \"b;", 7), (";", 0)] {
            assert_eq!(parse(text).unwrap_err().at, at, "{text}");
        }
        assert!(parse(&"a {".repeat(5000)).is_err());
    }
}
