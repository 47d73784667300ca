//! Tokens to the syntax tree, by recursive descent. Each nesting is counted, so that no text can exhaust the stack,
//! neither here nor in whoever walks the tree.

mod access;
mod body;
mod collections;
mod declaration;
mod expression;
mod imports;
mod names;
mod recovery;
mod report;
mod strings;
mod types;

use super::ast::{ArrayItem, Directive, DirectiveKind, File, Member};
use super::lexer::{Lexed, lex};
use super::token::{Token, TokenKind};
use crate::read::{Comment, DEPTH_LIMIT, VALUE_LIMIT};
use crate::source::{Problem, Source, SourceId, Span};
use recovery::Structure;

/// How deep a tree may be: brackets in brackets, operators on operators.
pub const MAX_DEPTH: u32 = DEPTH_LIMIT as u32;

/// Which declarations a file may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Template,
    Parameters,
}

/// A problem has been reported and this construct is given up.
struct Fail;

type Parsed<T> = Result<T, Fail>;

struct Parser<'t> {
    text: &'t str,
    source: SourceId,
    dialect: Dialect,
    tokens: &'t [Token],
    at: usize,
    token: Token,
    /// Where the last token that was taken ends.
    taken: u32,
    /// How deep the parser is in nested constructs.
    depth: u32,
    /// How often a limit was reported.
    limits: usize,
    /// Where the last line ends that holds a template's delimiter.
    delimiter_line: u32,
    /// How many nodes were begun.
    nodes: usize,
    /// How deep the tree is that was made last.
    height: u32,
    problems: Vec<Problem>,
    /// Members of the objects that are still open, the innermost one's last: each object takes its own when it closes,
    /// in one allocation of the right size.
    open_members: Vec<Member>,
    /// The same of arrays.
    open_items: Vec<ArrayItem>,
    /// Brackets and declarations found without the grammar; made at the first problem.
    structure: Option<Structure>,
    /// A bracket that is not closed was met: from here on a declaration ends where the next one starts.
    unclosed: bool,
    /// The declaration that is being parsed has a problem that ends it.
    lost: bool,
    /// For the last position asked: the next token that is no line end.
    past_lines: (usize, usize),
}

pub(super) fn parse(source: &Source, dialect: Dialect) -> File {
    let lexed = lex(source.text());
    let mut parser = Parser {
        text: source.text(),
        source: source.id(),
        dialect,
        tokens: &lexed.tokens,
        at: 0,
        token: lexed.tokens.first().copied().unwrap_or(END),
        taken: 0,
        depth: 0,
        delimiter_line: 0,
        nodes: 0,
        limits: 0,
        height: 1,
        problems: Vec::new(),
        open_members: Vec::new(),
        open_items: Vec::new(),
        structure: None,
        unclosed: false,
        lost: false,
        past_lines: (usize::MAX, 0),
    };
    let declarations = parser.declarations();
    let mut problems = parser.problems;
    problems.extend(lexed.faults.iter().map(|fault| {
        let span = source.span(fault.start as usize, fault.end as usize);
        Problem::new(crate::source::Code::Template, span, fault.detail)
    }));
    problems.sort_by_key(|p| (p.span.start, p.span.end));
    report::truncate(&mut problems);
    File { declarations, comments: comments(source, &lexed), directives: directives(source, &lexed), problems }
}

const END: Token = Token {
    kind: TokenKind::End,
    form: super::token::StringForm { multiline: false, escaped: false, unterminated: false, dollars: 0 },
    start: 0,
    end: 0,
};

fn comments(source: &Source, lexed: &Lexed) -> Vec<Comment> {
    let comment = |&(start, end): &(u32, u32)| Comment { span: source.span(start as usize, end as usize) };
    lexed.comments.iter().map(comment).collect()
}

fn directives(source: &Source, lexed: &Lexed) -> Vec<Directive> {
    let name = |&(start, end): &(u32, u32)| {
        let span = source.span(start as usize, end as usize);
        super::ast::Name { text: source.slice(span).into(), span }
    };
    let directive = |raw: &super::RawDirective| {
        let word = source.span(raw.start as usize, raw.word_end as usize);
        let end = raw.codes.last().map_or(raw.word_end, |(_, end)| *end);
        Directive {
            span: source.span(raw.start as usize, end as usize),
            kind: match source.slice(word) {
                "#disable-next-line" => DirectiveKind::DisableNextLine,
                "#disable-diagnostics" => DirectiveKind::Disable,
                _ => DirectiveKind::Restore,
            },
            codes: raw.codes.iter().map(name).collect(),
        }
    };
    lexed.directives.iter().map(directive).collect()
}

impl<'t> Parser<'t> {
    fn kind(&self) -> TokenKind {
        self.token.kind
    }

    /// The token `ahead` of the current one; the end past the end.
    fn ahead(&self, ahead: usize) -> Token {
        let last = self.tokens.last().copied().unwrap_or(END);
        self.tokens.get(self.at + ahead).copied().unwrap_or(last)
    }

    /// Takes the current token. The end stays.
    fn bump(&mut self) -> Token {
        let token = self.token;
        if token.kind != TokenKind::End {
            self.taken = token.end;
            self.at += 1;
            self.token = self.tokens.get(self.at).copied().unwrap_or(END);
        }
        token
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.token.kind == kind;
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, kind: TokenKind, what: &str) -> Parsed<Token> {
        if self.token.kind == kind { Ok(self.bump()) } else { Err(self.expected(what)) }
    }

    fn skip_lines(&mut self) {
        while self.token.kind == TokenKind::NewLine {
            self.bump();
        }
    }

    /// The next token that is no line end, from the current one on. Asked again at one place it costs nothing, so
    /// that nested constructs which all end here do not each walk over the same empty lines.
    fn past_lines(&mut self) -> Token {
        if self.token.kind != TokenKind::NewLine {
            return self.token;
        }
        if self.past_lines.0 != self.at {
            let mut next = self.at;
            while self.tokens.get(next).is_some_and(|t| t.kind == TokenKind::NewLine) {
                next += 1;
            }
            self.past_lines = (self.at, next);
        }
        let last = self.tokens.last().copied().unwrap_or(END);
        self.tokens.get(self.past_lines.1).copied().unwrap_or(last)
    }

    fn text_of(&self, token: Token) -> &'t str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    fn is_word(&self, token: Token, word: &str) -> bool {
        token.kind == TokenKind::Identifier && self.text_of(token) == word
    }

    fn at_word(&self, word: &str) -> bool {
        self.is_word(self.token, word)
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span { source: self.source, start, end: end.max(start) }
    }

    fn span_of(&self, token: Token) -> Span {
        self.span(token.start, token.end)
    }

    /// Where something is missed that does not stand here: a line's end belongs to no declaration.
    fn here(&self) -> u32 {
        match self.token.kind {
            TokenKind::NewLine | TokenKind::End => self.taken,
            _ => self.token.start,
        }
    }

    /// From a byte to the end of the last token that was taken.
    fn span_from(&self, start: u32) -> Span {
        self.span(start, self.taken)
    }

    /// Runs a nested construct, one level deeper.
    fn nested<T>(&mut self, construct: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.nodes += 1;
        if self.depth >= MAX_DEPTH || self.nodes > VALUE_LIMIT {
            return Err(self.beyond_limit());
        }
        self.depth += 1;
        let parsed = construct(self);
        self.depth -= 1;
        parsed
    }

    /// Notes that a node was made above a tree of this height.
    fn grow(&mut self, height: u32) -> Parsed<()> {
        self.height = height + 1;
        if self.height > MAX_DEPTH {
            return Err(self.beyond_limit());
        }
        Ok(())
    }
}

#[cfg(test)]
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod problem_tests;
#[cfg(test)]
mod shape;
#[cfg(test)]
mod tests;
