//! Go's template syntax.

/// Deeper blocks and parentheses are no template of a policy.
const DEEPEST: usize = 32;

#[derive(Debug)]
pub(super) enum Node {
    Text(String),
    Print(Pipe),
    If(Pipe, Vec<Node>, Vec<Node>),
    With(Pipe, Vec<Node>, Vec<Node>),
    Range(Pipe, Vec<Node>, Vec<Node>),
}

/// Commands, each with the result of the one before as its last argument.
#[derive(Clone, Debug)]
pub(super) struct Pipe {
    /// The variables that it sets.
    pub variables: Vec<String>,
    /// Whether the variable is there already.
    pub assigns: bool,
    pub commands: Vec<Command>,
}

/// An operand, or a function with its arguments.
pub(super) type Command = Vec<Operand>;

#[derive(Clone, Debug)]
pub(super) enum Operand {
    Dot(Vec<String>),
    Variable(String, Vec<String>),
    Group(Box<Pipe>, Vec<String>),
    Name(String),
    Text(String),
    Int(i64),
    Float(f64),
}

/// The nodes of a template; `None` for what is none, or uses more of the language than is known here.
pub(super) fn parse(text: &str) -> Option<Vec<Node>> {
    let mut parts = parts(text)?.into_iter().peekable();
    let (nodes, end) = block(&mut parts, 0)?;
    (end == End::Text).then_some(nodes)
}

enum Part {
    Text(String),
    Action(Vec<Token>),
}

#[derive(Clone, PartialEq, Debug)]
enum Token {
    Word(String),
    Text(String),
    Int(i64),
    Float(f64),
    Symbol(&'static str),
}

fn parts(text: &str) -> Option<Vec<Part>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut trim = false;
    while let Some((before, after)) = rest.split_once("{{") {
        let after_trim = after.strip_prefix('-').filter(|a| a.starts_with([' ', '\t', '\n', '\r']));
        let before = if trim { before.trim_start() } else { before };
        let before = if after_trim.is_some() { before.trim_end() } else { before };
        found.push(Part::Text(before.to_owned()));
        let inside = after_trim.unwrap_or(after);
        if let Some(comment) = inside.trim_start().strip_prefix("/*") {
            let (_, after) = comment.split_once("*/")?;
            (trim, rest) = close(after.trim_start())?;
            continue;
        }
        let (tokens, after) = tokens(inside)?;
        (trim, rest) = close(after)?;
        found.push(Part::Action(tokens));
    }
    found.push(Part::Text(if trim { rest.trim_start() } else { rest }.to_owned()));
    Some(found)
}

/// What follows `}}`, and whether its spaces go.
fn close(text: &str) -> Option<(bool, &str)> {
    match text.strip_prefix("-}}") {
        Some(rest) => Some((true, rest)),
        None => text.strip_prefix("}}").map(|rest| (false, rest)),
    }
}

fn tokens(text: &str) -> Option<(Vec<Token>, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        let spaced = trimmed.len() < rest.len();
        rest = trimmed;
        if rest.starts_with("}}") || spaced && rest.starts_with("-}}") {
            return Some((found, rest));
        }
        let first = rest.chars().next()?;
        if let Some(symbol) = [":=", "=", "|", "(", ")", ","].into_iter().find(|s| rest.starts_with(s)) {
            found.push(Token::Symbol(symbol));
            rest = rest.get(symbol.len()..)?;
            continue;
        }
        let end = match first {
            '"' => quoted(rest)?,
            '`' => rest.get(1..)?.find('`')? + 2,
            _ => rest
                .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '-' | '+')))
                .unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at_checked(end).filter(|(word, _)| !word.is_empty())?;
        found.push(match first {
            '"' => Token::Text(serde_json::from_str(word).ok()?),
            '`' => Token::Text(word.trim_matches('`').to_owned()),
            '0'..='9' | '-' | '+' => match (word.parse(), word.parse()) {
                (Ok(n), _) => Token::Int(n),
                (_, Ok(n)) => Token::Float(n),
                _ => return None,
            },
            _ => Token::Word(word.to_owned()),
        });
        rest = after;
    }
}

fn quoted(text: &str) -> Option<usize> {
    let mut escaped = true;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[derive(PartialEq)]
enum End {
    Text,
    Closed,
    Else(Vec<Token>),
}

type Parts = std::iter::Peekable<std::vec::IntoIter<Part>>;

fn block(parts: &mut Parts, depth: usize) -> Option<(Vec<Node>, End)> {
    if depth > DEEPEST {
        return None;
    }
    let mut nodes = Vec::new();
    while let Some(part) = parts.next() {
        let tokens = match part {
            Part::Text(text) => {
                nodes.push(Node::Text(text));
                continue;
            }
            Part::Action(tokens) => tokens,
        };
        let word = match tokens.first() {
            Some(Token::Word(word)) => word.clone(),
            _ => String::new(),
        };
        let rest = tokens.get(1..).unwrap_or_default();
        match word.as_str() {
            "end" => return rest.is_empty().then_some((nodes, End::Closed)),
            "else" => return Some((nodes, End::Else(rest.to_vec()))),
            "if" | "with" | "range" => nodes.push(branches(&word, rest, parts, depth)?),
            _ => nodes.push(Node::Print(pipe(&tokens, 0)?)),
        }
    }
    Some((nodes, End::Text))
}

fn branches(word: &str, head: &[Token], parts: &mut Parts, depth: usize) -> Option<Node> {
    let head = pipe(head, 0)?;
    let (then, end) = block(parts, depth + 1)?;
    let otherwise = match end {
        End::Text => return None,
        End::Closed => Vec::new(),
        End::Else(rest) => match rest.split_first() {
            None => {
                let (nodes, end) = block(parts, depth + 1)?;
                (end == End::Closed).then_some(nodes)?
            }
            // `else if` is an `if` of its own that shares the `end`.
            Some((Token::Word(next), rest)) if next == word && word != "range" => {
                vec![branches(next, rest, parts, depth + 1)?]
            }
            Some(_) => return None,
        },
    };
    if depth > DEEPEST {
        return None;
    }
    Some(match word {
        "if" => Node::If(head, then, otherwise),
        "with" => Node::With(head, then, otherwise),
        _ => Node::Range(head, then, otherwise),
    })
}

fn pipe(tokens: &[Token], depth: usize) -> Option<Pipe> {
    if depth > DEEPEST {
        return None;
    }
    let set = tokens.iter().position(|t| matches!(t, Token::Symbol(":=" | "=")));
    let (variables, assigns, rest) = match set {
        Some(at) => {
            let names = tokens.get(..at)?.iter().filter(|t| **t != Token::Symbol(","));
            let names = names.map(|t| match t {
                Token::Word(word) => word.strip_prefix('$').filter(|n| !n.is_empty()).map(str::to_owned),
                _ => None,
            });
            (names.collect::<Option<Vec<_>>>()?, tokens.get(at) == Some(&Token::Symbol("=")), tokens.get(at + 1..)?)
        }
        None => (Vec::new(), false, tokens),
    };
    let mut commands: Vec<Command> = vec![Vec::new()];
    let mut at = 0;
    while let Some(token) = rest.get(at) {
        at += 1;
        let operand = match token {
            Token::Symbol("|") => {
                commands.push(Vec::new());
                continue;
            }
            Token::Symbol("(") => {
                let end = closing(rest, at)?;
                let inner = pipe(rest.get(at..end)?, depth + 1)?;
                at = end + 1;
                let path = match rest.get(at) {
                    Some(Token::Word(word)) if word.starts_with('.') => {
                        at += 1;
                        path(word)?
                    }
                    _ => Vec::new(),
                };
                Operand::Group(Box::new(inner), path)
            }
            Token::Symbol(_) => return None,
            Token::Text(text) => Operand::Text(text.clone()),
            Token::Int(n) => Operand::Int(*n),
            Token::Float(n) => Operand::Float(*n),
            Token::Word(word) if word.starts_with('.') => Operand::Dot(path(word)?),
            Token::Word(word) => match word.strip_prefix('$') {
                Some(rest) => {
                    let (name, fields) = rest.split_once('.').unwrap_or((rest, ""));
                    let fields = if fields.is_empty() { Vec::new() } else { path(fields)? };
                    Operand::Variable(name.to_owned(), fields)
                }
                None => Operand::Name(word.clone()),
            },
        };
        commands.last_mut()?.push(operand);
    }
    commands.iter().all(|c| !c.is_empty()).then_some(Pipe { variables, assigns, commands })
}

fn closing(tokens: &[Token], from: usize) -> Option<usize> {
    let mut open = 0;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token {
            Token::Symbol("(") => open += 1,
            Token::Symbol(")") if open == 0 => return Some(at),
            Token::Symbol(")") => open -= 1,
            _ => {}
        }
    }
    None
}

fn path(word: &str) -> Option<Vec<String>> {
    let names: Vec<String> = word.split('.').filter(|n| !n.is_empty()).map(str::to_owned).collect();
    let plain = |n: &String| n.chars().all(|c| c.is_alphanumeric() || c == '_');
    names.iter().all(plain).then_some(names)
}
