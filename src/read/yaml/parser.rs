//! The reader of one stream: documents, directives, and what happens after an error. Collections are read without
//! recursion, one step at a time: each step looks at the innermost open collection and reads one entry of it, or the
//! beginning of one that is a collection itself.
//!
//! What is accepted is what Kubernetes' YAML library accepts, which is YAML 1.1 with that library's own limits.

use std::borrow::Cow;

use super::build::Builder;
use super::cursor::Cursor;
use super::scalar::Typing;
use super::{Document, Stream, place};
use crate::read::{DEPTH_LIMIT, PROBLEM_LIMIT, VALUE_LIMIT};
use crate::source::{Code, Problem, Source, Span};
use crate::tree::{Style, Text};

/// The document cannot be read any further, and why.
pub(super) struct Stop(pub(super) Box<Problem>);

/// What a step of the reader gives.
pub(super) type Step<T = ()> = Result<T, Stop>;

/// A scalar as it was written.
pub(super) struct Scalar<'s> {
    /// Its decoded text.
    pub(super) text: Cow<'s, str>,
    pub(super) style: Style,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What has no values in it.
pub(super) enum Leaf<'s> {
    Scalar(Scalar<'s>),
    Alias {
        name: &'s str,
        start: usize,
        end: usize,
    },
    /// `{{ … }}`, and what is written around it.
    Template {
        start: usize,
        end: usize,
    },
}

impl Leaf<'_> {
    /// A scalar that is not there.
    pub(super) fn empty(at: usize) -> Self {
        Self::Scalar(Scalar { text: Cow::Borrowed(""), style: Style::Plain, start: at, end: at })
    }

    pub(super) fn start(&self) -> usize {
        match self {
            Self::Scalar(scalar) => scalar.start,
            Self::Alias { start, .. } | Self::Template { start, .. } => *start,
        }
    }

    pub(super) fn end(&self) -> usize {
        match self {
            Self::Scalar(scalar) => scalar.end,
            Self::Alias { end, .. } | Self::Template { end, .. } => *end,
        }
    }
}

/// A collection that is open.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) kind: FrameKind,
    /// The column of a block collection's entries.
    pub(super) indent: isize,
    /// Where it begins.
    pub(super) start: usize,
    /// No entry was read yet.
    pub(super) first: bool,
}

/// What is open, and how far its entry was read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// A map in block style. `awaits`: a key was given with `?`, its `:` may follow.
    Map { awaits: bool },
    /// A list in block style.
    List,
    /// A list whose dashes stand in the column of the key above.
    Indentless,
    /// `[`
    FlowList(Stage),
    /// `{`
    FlowMap(Stage),
    /// `key: value` in a list in flow style.
    FlowPair(Stage),
}

/// How far an entry of a flow collection was read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// An entry may begin.
    Entry,
    /// The key was read. Holds the start of the key's line: without `?`, the colon must stand on it too.
    Key { line: Option<usize> },
    /// The entry is complete: a comma or the end must follow.
    Done,
}

pub(super) struct Parser<'s> {
    pub(super) at: Cursor<'s>,
    pub(super) typing: Typing,
    pub(super) builder: Builder<'s>,
    pub(super) frames: Vec<Frame>,
    /// Handles that `%TAG` declared for this document, with their prefixes.
    pub(super) handles: Vec<(&'s str, &'s str)>,
    documents: Vec<Document>,
}

impl<'s> Parser<'s> {
    pub(super) fn new(source: &'s Source, typing: Typing) -> Self {
        let text: &'s str = source.text();
        Self {
            at: Cursor::new(text, source.id()),
            typing,
            builder: Builder::new(text, source.id(), typing),
            frames: Vec::new(),
            handles: Vec::new(),
            documents: Vec::new(),
        }
    }

    /// Reads all documents.
    pub(super) fn run(mut self) -> Stream {
        let mut index = 0;
        let mut begins = 0;
        loop {
            let comments = self.at.comments.len();
            match self.document(index, begins, comments) {
                Ok(true) => {}
                Ok(false) => break,
                Err(Stop(problem)) => {
                    self.builder.problems.push(*problem);
                    self.resume();
                }
            }
            if let Some(detail) = self.over_limit() {
                let Stop(problem) = self.limit(begins, detail);
                self.builder.problems.push(*problem);
                break;
            }
            index += 1;
            begins = self.at.pos;
        }
        self.control_characters();
        let mut problems = self.builder.problems;
        problems.sort_by_key(|p| p.span.start);
        Stream { documents: self.documents, comments: self.at.comments, problems }
    }

    /// Reads one document. `false` at the end of the stream.
    fn document(&mut self, index: usize, begins: usize, comments: usize) -> Step<bool> {
        self.at.key_allowed = true;
        self.at.token_line = usize::MAX;
        self.at.flow = 0;
        self.frames.clear();
        self.handles.clear();
        self.builder.begin();
        let mut begins = begins;
        let mut ended = index > 0 && self.at.slice(begins.saturating_sub(3), begins) == "...";
        self.at.skip();
        while self.at.pos == self.at.line_start && self.at.peek() == b'.' && self.at.marker_at(self.at.pos) {
            if index == 0 && self.typing == Typing::Kubernetes {
                return self.stop(self.at.pos, self.at.pos + 3, "`...` ends no document");
            }
            self.end_marker()?;
            ended = true;
            begins = self.at.pos;
            self.at.skip();
        }
        let directives = self.directives()?;
        if self.at.is_eof() {
            if directives {
                let end = self.at.pos;
                return self.stop(end, end, "`---` is missing after the directives");
            }
            return Ok(false);
        }
        let explicit = self.at.pos == self.at.line_start && self.at.peek() == b'-' && self.at.marker_at(self.at.pos);
        if explicit {
            if !directives {
                begins = self.at.pos;
            }
            self.at.pos += 3;
            self.at.key_allowed = false;
            self.at.token_line = self.at.line_start;
        } else if directives {
            return self.stop(self.at.pos, self.at.pos, "`---` is missing after the directives");
        }
        if ended && !explicit && self.typing == Typing::Kubernetes {
            let at = self.at.pos;
            return self.stop(
                at,
                self.at.line_end(),
                "`---` is missing: Kubernetes reads nothing between `...` and `---`",
            );
        }
        self.at.skip();
        let rendered_from = self.rendered_from(comments);
        if !self.at.is_document_end() {
            self.content()?;
        }
        let end = self.at.pos;
        if self.at.peek() == b'.' && !self.at.is_eof() {
            self.end_marker()?;
        }
        if let Some(root) = self.builder.finish()
            && !(root.is_null() && root.span.range().is_empty())
        {
            let span = self.at.span(begins, end);
            self.documents.push(Document { root, span, rendered_from, index });
        }
        Ok(true)
    }

    /// Reads a document's value, up to the end of the document.
    fn content(&mut self) -> Step {
        let start = self.at.pos;
        self.node(-1, false)?;
        while let Some(frame) = self.frames.last().copied() {
            if self.over_limit().is_some() {
                // Said by the one who goes from document to document, and stops.
                self.builder.begin();
                return Ok(());
            }
            match frame.kind {
                FrameKind::Map { awaits } => self.map_step(frame, awaits)?,
                FrameKind::List => self.list_step(frame)?,
                FrameKind::Indentless => self.indentless_step(frame)?,
                FrameKind::FlowList(stage) => self.flow_list_step(frame, stage)?,
                FrameKind::FlowMap(stage) => self.flow_map_step(frame, stage)?,
                FrameKind::FlowPair(stage) => self.flow_pair_step(frame, stage)?,
            }
        }
        self.at.skip();
        if self.at.is_document_end() {
            return Ok(());
        }
        if self.at.text_at(start).starts_with("{{") {
            // The first line was taken for the value.
            self.builder.problems.pop_if(|p| p.code == Code::UnrenderedTemplate);
            return self.template_line(start);
        }
        self.unexpected("the document's value is complete here")
    }

    /// What the file holds too much of to be read on.
    fn over_limit(&self) -> Option<String> {
        if self.builder.made > VALUE_LIMIT {
            Some(format!("the file holds more than {VALUE_LIMIT} values; what follows is not read"))
        } else if self.builder.problems.len() > PROBLEM_LIMIT {
            Some(format!("the file has more than {PROBLEM_LIMIT} faults; what follows is not read"))
        } else {
            None
        }
    }

    /// `...` and the rest of its line.
    fn end_marker(&mut self) -> Step {
        self.at.pos += 3;
        self.at.blanks();
        if self.at.peek() == b'#' {
            self.at.comment();
        }
        if !self.at.is_line_end() {
            return self.stop(self.at.pos, self.at.line_end(), "nothing may follow `...` on its line");
        }
        Ok(())
    }

    /// The last `# Source:` line above the content, which helm writes.
    fn rendered_from(&self, comments: usize) -> Option<Text> {
        let above = self.at.comments.get(comments..).unwrap_or_default();
        above.iter().rev().find_map(|comment| {
            let range = comment.span.range();
            let text = self.at.slice(range.start, range.end);
            text.strip_prefix("# Source: ").map(|path| Text::from(path.trim()))
        })
    }

    /// Goes to the next document after an error.
    fn resume(&mut self) {
        if self.at.pos != self.at.line_start {
            self.next_line();
        }
        while !self.at.is_eof() && !self.at.marker_at(self.at.pos) {
            self.next_line();
        }
    }

    fn next_line(&mut self) {
        self.at.pos = self.at.line_end();
        if !self.at.is_eof() {
            self.at.newline();
        }
    }

    /// Characters that no YAML may hold.
    fn control_characters(&mut self) {
        // Nearly every file has none: one pass over bytes tells, and compiles to wide instructions.
        let suspicious = |b: &u8| *b < 0x20 && !matches!(b, b'\n' | b'\r' | b'\t') || *b == 0x7F;
        let ascii_only = self.at.text.is_ascii();
        if ascii_only && !self.at.bytes.iter().fold(false, |any, b| any | suspicious(b)) {
            return;
        }
        let is_control = |c: char| match c {
            '\t' | '\n' | '\r' | '\u{85}' => false,
            '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}' => true,
            _ => false,
        };
        // One for each document is enough.
        let mut from = 0;
        while let Some((at, c)) = self.at.text_at(from).char_indices().find(|(_, c)| is_control(*c)) {
            let span = self.at.span(from + at, from + at + c.len_utf8());
            let detail = format!("the control character U+{:04X} is not allowed", c as u32);
            self.builder.problems.push(Problem::new(Code::Syntax, span, detail));
            from += at + c.len_utf8();
            let Some(next) = self.at.text_at(from).find("\n---") else { break };
            from += next;
        }
    }

    /// Opens a collection.
    pub(super) fn open(&mut self, kind: FrameKind, indent: isize, start: usize) -> Step {
        if self.frames.len() >= DEPTH_LIMIT {
            return Err(self.limit(start, format!("nested deeper than {DEPTH_LIMIT} levels")));
        }
        self.frames.push(Frame { kind, indent, start, first: true });
        Ok(())
    }

    /// Says how far the innermost collection was read.
    pub(super) fn set(&mut self, kind: FrameKind) {
        if let Some(frame) = self.frames.last_mut() {
            frame.kind = kind;
            frame.first = false;
        }
    }

    fn limit(&self, at: usize, detail: String) -> Stop {
        Stop(Box::new(Problem::new(Code::Limit, self.at.span(at, at), detail)))
    }

    /// An error at a place.
    pub(super) fn stop<T>(&self, start: usize, end: usize, detail: impl Into<String>) -> Step<T> {
        self.stop_with(start, end, detail, &[])
    }

    /// An error with further places.
    pub(super) fn stop_with<T>(
        &self,
        start: usize,
        end: usize,
        detail: impl Into<String>,
        related: &[(Span, &str)],
    ) -> Step<T> {
        // "One byte more" may lie inside of a character, or behind the end.
        let length = self.at.text.len();
        let end = (end..length).find(|at| self.at.text.is_char_boundary(*at)).unwrap_or(length);
        let mut problem = Problem::new(Code::Syntax, self.at.span(start, end), detail);
        for (span, word) in related {
            problem = problem.related(*span, *word);
        }
        Err(Stop(Box::new(problem)))
    }

    /// An error about what stands here instead of what was to come.
    pub(super) fn unexpected<T>(&self, expected: &str) -> Step<T> {
        self.unexpected_in(expected, &[])
    }

    /// An error about a line that only a template engine understands.
    fn template_line<T>(&self, start: usize) -> Step<T> {
        let line = self.at.text_at(start).lines().next().unwrap_or_default();
        let detail = format!("`{}` is a template's line", place::short(line));
        let problem = Problem::new(Code::Syntax, self.at.span(start, start + line.len()), detail);
        Err(Stop(Box::new(problem.help("render the chart or template first"))))
    }

    /// The same with further places.
    pub(super) fn unexpected_in<T>(&self, expected: &str, related: &[(Span, &str)]) -> Step<T> {
        let start = self.at.pos;
        let line = self.at.slice(start, self.at.line_end());
        if line.starts_with("{{") {
            return self.template_line(start);
        }
        if line.starts_with('\t') {
            return self.stop(start, start + 1, "a tab cannot indent: use blanks");
        }
        let Some(found) = line.chars().next() else {
            return self.stop(start, start, format!("the document ends where {expected}"));
        };
        // A colon that makes no key, because the line goes on from the one above or because brackets stand before it.
        let before = self.at.slice(self.at.line_start, start).trim_end_matches([' ', '\t']);
        let expected = match found {
            ':' if before.ends_with([']', '}']) => "only a scalar can be a key",
            ':' if self.at.flow == 0 && !before.is_empty() => "the line goes on from the one above",
            _ => expected,
        };
        let word_end =
            line.find([' ', '\t', ',', '[', ']', '{', '}']).filter(|end| *end > 0).unwrap_or(found.len_utf8());
        let word = line.get(..word_end).unwrap_or(line);
        let shown = if word == "`" { "a backtick".to_owned() } else { format!("`{}`", place::short(word)) };
        self.stop_with(start, start + word.len(), format!("{shown} cannot stand here: {expected}"), related)
    }
}
