//! The wording of problems.

use super::{Fail, MAX_DEPTH, Parser};
use crate::read::VALUE_LIMIT;
use crate::read::bicep::token::{Token, TokenKind};
use crate::source::{Code, Problem, Span};

/// A file that is no Bicep at all is not worth more words than this.
const MAX_PROBLEMS: usize = 100;

/// Longest `{{ … }}` that is taken for one, in bytes.
const DELIMITER: usize = 256;

/// A limit is always said, but not more often than this.
const MAX_LIMITS: usize = 10;

/// Longest piece of text that a message repeats, in characters.
const QUOTED: usize = 40;

pub(super) fn truncate(problems: &mut Vec<Problem>) {
    if problems.len() <= MAX_PROBLEMS {
        return;
    }
    let mut kept = 0;
    problems.retain(|p| {
        kept += 1;
        kept <= MAX_PROBLEMS || p.code == Code::Limit
    });
    if let Some(last) = problems.last_mut() {
        last.help = Some("further syntax errors of this file are not listed".to_owned());
    }
}

impl Parser<'_> {
    /// Reports that something else was expected at the current token.
    #[cold]
    pub(super) fn expected(&mut self, what: &str) -> Fail {
        let token = self.token;
        let detail = match token.kind {
            TokenKind::Unrecognized => {
                let text = quoted(self.text_of(token));
                let problem = Problem::new(
                    Code::Template,
                    self.span_of(token),
                    format!("expected {what}, found the unexpected character {text}"),
                );
                let problem =
                    if text == "`\"`" { problem.help("strings are written in single quotes") } else { problem };
                return self.report(problem);
            }
            TokenKind::LeftBrace if self.template_delimiter(token).is_some() => {
                return self.unrendered(token);
            }
            _ => format!("expected {what}, found {}", self.found(token)),
        };
        let span = self.place(token);
        self.report(Problem::new(Code::Template, span, detail))
    }

    /// Reports that an item ends without the bracket that closes it, and names the one that opens it.
    #[cold]
    pub(super) fn expected_close(&mut self, what: &str, open: Token) -> Fail {
        let before = self.problems.len();
        // Lines were passed over in search of the bracket: it is missed where they begin.
        let taken = self.tokens.get(..self.at).unwrap_or_default();
        let lines = taken.iter().rev().take_while(|t| t.kind == TokenKind::NewLine).count();
        self.seek(self.at - lines);
        let fail = self.expected(what);
        let opened = self.span_of(open);
        if let Some(problem) = self.problems.get_mut(before) {
            problem.related.push((opened, "opened here".to_owned()));
        }
        fail
    }

    #[cold]
    pub(super) fn wrong(&mut self, span: Span, detail: impl Into<String>) -> Fail {
        self.report(Problem::new(Code::Template, span, detail))
    }

    #[cold]
    pub(super) fn beyond_limit(&mut self) -> Fail {
        // What lies around a construct that is too deep is too deep for the same reason.
        let said = self.problems.last().is_some_and(|p| p.code == Code::Limit);
        if said || self.limits >= MAX_LIMITS {
            return Fail;
        }
        self.limits += 1;
        let detail = if self.nodes > VALUE_LIMIT {
            format!("more than {VALUE_LIMIT} values, the rest is not read")
        } else {
            format!("nested more than {MAX_DEPTH} levels deep")
        };
        let span = self.place(self.token);
        self.report(Problem::new(Code::Limit, span, detail))
    }

    pub(super) fn report(&mut self, problem: Problem) -> Fail {
        let limit = problem.code == Code::Limit;
        // What else is wrong on a line with a template's delimiter only comes from it.
        let brought = problem.span.start < self.delimiter_line;
        if (limit || self.problems.len() <= MAX_PROBLEMS) && !brought {
            self.problems.push(problem);
        }
        Fail
    }

    /// Where to point for a token: a line's end is a place, not a range.
    fn place(&self, token: Token) -> Span {
        match token.kind {
            TokenKind::NewLine => self.span(token.start, token.start),
            _ => self.span_of(token),
        }
    }

    fn found(&self, token: Token) -> String {
        match token.kind {
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::NewLine => "the end of the line".to_owned(),
            TokenKind::StringComplete | TokenKind::StringLeft => {
                format!("the string {}", quoted(self.text_of(token)))
            }
            TokenKind::StringMiddle | TokenKind::StringRight => "the end of the interpolated expression".to_owned(),
            _ => quoted(self.text_of(token)),
        }
    }

    /// The span of `{{ … }}`, where the brace is one of its two first.
    fn template_delimiter(&self, token: Token) -> Option<Span> {
        let at = token.start as usize;
        let open = [at.checked_sub(1), Some(at)]
            .into_iter()
            .flatten()
            .find(|open| self.text.get(*open..).is_some_and(|t| t.starts_with("{{")))?;
        let rest = self.text.as_bytes().get(open..)?;
        let near = rest.get(..DELIMITER).unwrap_or(rest);
        let line = near.split(|b| *b == b'\n').next()?;
        let length = line.windows(2).position(|pair| pair == b"}}").map_or(2, |at| at + 2);
        Some(self.span(open as u32, (open + length) as u32))
    }

    fn unrendered(&mut self, token: Token) -> Fail {
        let span = self.template_delimiter(token).unwrap_or_else(|| self.span_of(token));
        let text = quoted(self.text.get(span.range()).unwrap_or_default());
        let problem = Problem::new(Code::UnrenderedTemplate, span, format!("{text} stands where a value was to be"));
        let fail = self.report(problem.help("give the file as it is after rendering"));
        if span.end > self.delimiter_line {
            let rest = self.text.as_bytes().get(span.end as usize..).unwrap_or_default();
            let line = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            self.delimiter_line = span.end + line as u32;
        }
        fail
    }
}

/// Text in backticks, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(QUOTED).collect();
    if cut.len() == text.len() { format!("`{cut}`") } else { format!("`{cut}…`") }
}
