//! Going on after a problem.
//!
//! The parser gives up the smallest item that holds the problem: a member of an object or array, else the
//! declaration. Where that item ends is not asked of the grammar, which has just failed, but of the brackets and of
//! the lines that look like the start of a declaration. Both are found once, in one pass over the tokens.

use super::{Fail, Parsed, Parser};
use crate::read::bicep::token::{Token, TokenKind};
use crate::source::{Code, Problem};

/// What a file's outline is without its grammar.
pub(super) struct Structure {
    /// For each opening bracket the index of the one that closes it; [`NONE`] for all other tokens.
    close: Vec<u32>,
    /// Tokens at which a declaration seems to start, ascending.
    starts: Vec<u32>,
}

/// The index of the bracket around an item.
#[derive(Clone, Copy)]
pub(super) struct Open(pub(super) usize);

const NONE: u32 = u32::MAX;

impl Structure {
    fn close_of(&self, token: usize) -> Option<usize> {
        match self.close.get(token) {
            None | Some(&NONE) => None,
            Some(close) => Some(*close as usize),
        }
    }

    fn is_start(&self, token: usize) -> bool {
        self.starts.binary_search(&(token as u32)).is_ok()
    }

    /// The first start of a declaration behind a token.
    fn start_behind(&self, token: usize) -> usize {
        let next = self.starts.partition_point(|s| *s as usize <= token);
        self.starts.get(next).map_or(usize::MAX, |s| *s as usize)
    }
}

/// The token that closes what this one opens.
fn closer(kind: TokenKind) -> Option<TokenKind> {
    Some(match kind {
        TokenKind::LeftBrace => TokenKind::RightBrace,
        TokenKind::LeftParen => TokenKind::RightParen,
        TokenKind::LeftSquare => TokenKind::RightSquare,
        TokenKind::StringLeft => TokenKind::StringRight,
        _ => return None,
    })
}

impl Parser<'_> {
    /// Goes to the end of an item of an object or array that did not parse: the next comma, line end or closing
    /// bracket behind the problem. Fails where the item's bracket is never closed: then the item around is lost too.
    pub(super) fn skip_item(&mut self, open: Open, start: usize) -> Parsed<()> {
        let problem = self.at;
        let structure = self.outline();
        let Some(close) = structure.close_of(open.0) else {
            return Err(Fail);
        };
        let mut next = start;
        while next < close {
            let ends = |t: &Token| matches!(t.kind, TokenKind::NewLine | TokenKind::Comma);
            if next >= problem && self.tokens.get(next).is_some_and(ends) {
                break;
            }
            next = self.step(next);
        }
        if next < problem {
            return Err(Fail);
        }
        self.seek(next);
        Ok(())
    }

    /// Goes to the end of a declaration that did not parse: the next line end outside brackets behind the problem,
    /// or where the next declaration starts.
    pub(super) fn skip_declaration(&mut self, start: usize) {
        let problem = self.at;
        self.outline();
        let limit = self.structure.as_ref().map_or(usize::MAX, |s| s.start_behind(start));
        let mut next = start;
        while next < limit {
            let ends = match self.tokens.get(next).map(|t| t.kind) {
                None | Some(TokenKind::End) => true,
                Some(TokenKind::NewLine) => next >= problem,
                Some(_) => false,
            };
            if ends {
                break;
            }
            next = self.step(next);
        }
        let next = next.min(limit);
        if next < problem {
            self.unclosed = true;
            self.rewind(start, next);
        }
        self.seek(next);
    }

    /// Says which bracket was not closed before the next declaration, in place of all that was said behind its start,
    /// which is about to be read again.
    fn rewind(&mut self, start: usize, next: usize) {
        let Some(token) = self.tokens.get(next).copied() else {
            return;
        };
        self.problems.retain(|p| p.span.start < token.start || p.code == Code::Limit);
        let unclosed = (start..next).rev().find_map(|index| {
            let token = self.tokens.get(index)?;
            let closer = closer(token.kind)?;
            let closed = self.structure.as_ref()?.close_of(index).is_some();
            (!closed).then_some((*token, closer))
        });
        if let Some((open, closer)) = unclosed {
            let expected = match closer {
                TokenKind::RightBrace => "`}`",
                TokenKind::RightParen => "`)`",
                TokenKind::RightSquare => "`]`",
                _ => "`'`",
            };
            let open = self.span_of(open);
            let before = self.span_of(token);
            let problem = Problem::new(
                Code::Template,
                open,
                format!("not closed before the next declaration, expected {expected}"),
            );
            self.report(problem.related(before, "the next declaration"));
        }
    }

    /// Whether the current token starts a declaration although a bracket is open.
    pub(super) fn cut_off(&self) -> bool {
        self.unclosed && self.structure.as_ref().is_some_and(|s| s.is_start(self.at))
    }

    /// Whether the token looks like the start of a declaration, at the start of its line.
    pub(super) fn starts_declaration(&self, index: usize) -> bool {
        let Some(token) = self.tokens.get(index).copied() else {
            return false;
        };
        let before = (token.start as usize).checked_sub(1).and_then(|at| self.text.as_bytes().get(at));
        if !before.is_none_or(|b| matches!(b, b'\n' | b'\r')) {
            return false;
        }
        let next = self.tokens.get(index + 1).map(|t| t.kind);
        match token.kind {
            TokenKind::At => true,
            TokenKind::Identifier => match self.text_of(token) {
                "param" | "var" | "type" | "func" | "resource" | "module" | "output" | "metadata" | "assert"
                | "test" | "extensionConfig" => next == Some(TokenKind::Identifier),
                "targetScope" => next == Some(TokenKind::Assignment),
                "import" => {
                    matches!(next, Some(TokenKind::LeftBrace | TokenKind::Asterisk | TokenKind::StringComplete))
                }
                "using" | "extends" | "extension" | "provider" => {
                    matches!(next, Some(TokenKind::Identifier | TokenKind::StringComplete))
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// The next token outside the bracket that this one opens, if it opens one.
    fn step(&self, token: usize) -> usize {
        let close = self.structure.as_ref().and_then(|s| s.close_of(token));
        close.unwrap_or(token) + 1
    }

    pub(super) fn seek(&mut self, index: usize) {
        self.at = index.min(self.tokens.len().saturating_sub(1));
        self.token = self.ahead(0);
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        self.taken = before.map_or(0, |t| if t.kind == TokenKind::NewLine { t.start } else { t.end });
    }

    fn outline(&mut self) -> &Structure {
        if self.structure.is_none() {
            self.structure = Some(self.find_outline());
        }
        self.structure.get_or_insert_with(|| Structure { close: Vec::new(), starts: Vec::new() })
    }

    fn find_outline(&self) -> Structure {
        let mut close = vec![NONE; self.tokens.len()];
        let mut starts = Vec::new();
        let mut open: Vec<(usize, TokenKind)> = Vec::new();
        for (index, token) in self.tokens.iter().enumerate() {
            if matches!(token.kind, TokenKind::At | TokenKind::Identifier) {
                if self.starts_declaration(index) {
                    starts.push(index as u32);
                    open.clear();
                }
            } else if let Some(closer) = closer(token.kind) {
                open.push((index, closer));
            } else if open.last().is_some_and(|(_, closer)| *closer == token.kind) {
                if let Some((opener, _)) = open.pop()
                    && let Some(slot) = close.get_mut(opener)
                {
                    *slot = index as u32;
                }
            } else if is_close(token.kind) {
                close_mismatched(&mut open, &mut close, index, token.kind);
            }
        }
        Structure { close, starts }
    }
}

fn is_close(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::RightBrace | TokenKind::RightParen | TokenKind::RightSquare | TokenKind::StringRight)
}

/// A bracket that does not fit the innermost open one closes the nearest that it fits; those between stay open.
/// Brackets are looked for within a few levels only, so that a text of nothing but wrong brackets costs no more.
fn close_mismatched(open: &mut Vec<(usize, TokenKind)>, close: &mut [u32], index: usize, kind: TokenKind) {
    const LEVELS: usize = 16;
    let nearest = open.iter().rev().take(LEVELS).position(|(_, closer)| *closer == kind);
    let Some(between) = nearest else { return };
    open.truncate(open.len() - between);
    if let Some((opener, _)) = open.pop()
        && let Some(slot) = close.get_mut(opener)
    {
        *slot = index as u32;
    }
}
