//! What stands before a value: anchors and tags; leaves; and the directives of a document.

use std::borrow::Cow;

use super::parser::{Leaf, Parser, Step};
use super::scalar::Typing;
use super::tag::Tag;

/// How many characters of a line are searched for the end of a template.
const TEMPLATE_WINDOW: usize = 1024;

/// The anchor and the tag of a value.
#[derive(Default)]
pub(super) struct Props<'s> {
    pub(super) anchor: Option<&'s str>,
    pub(super) tag: Option<Tag>,
    /// Where the first of them begins.
    pub(super) start: usize,
    /// Where the last of them ends.
    pub(super) end: usize,
}

impl Props<'_> {
    /// Whether there is any.
    pub(super) fn any(&self) -> bool {
        self.anchor.is_some() || self.tag.is_some()
    }
}

impl<'s> Parser<'s> {
    /// Reads the properties on this line, and the blanks after them.
    pub(super) fn props(&mut self) -> Step<Props<'s>> {
        let mut props = Props::default();
        loop {
            let start = self.at.pos;
            let new = match self.at.peek() {
                b'&' => Props { anchor: Some(self.anchor_name()?), tag: None, start, end: self.at.pos },
                b'!' => Props { anchor: None, tag: Some(self.tag()?), start, end: self.at.pos },
                _ => return Ok(props),
            };
            self.at.key_allowed = false;
            props = self.merge_props(props, new)?;
            self.at.blanks();
        }
    }

    /// Both properties of one value.
    pub(super) fn merge_props(&self, first: Props<'s>, second: Props<'s>) -> Step<Props<'s>> {
        if !second.any() {
            return Ok(first);
        }
        if !first.any() {
            return Ok(second);
        }
        if first.anchor.is_some() && second.anchor.is_some() || first.tag.is_some() && second.tag.is_some() {
            return self.stop(second.start, second.end, "a value has at most one anchor and one tag");
        }
        Ok(Props {
            anchor: first.anchor.or(second.anchor),
            tag: first.tag.or(second.tag),
            start: first.start,
            end: second.end,
        })
    }

    /// The name after `&` or `*`: letters, digits, `_` and `-`.
    fn anchor_name(&mut self) -> Step<&'s str> {
        let start = self.at.pos;
        self.at.pos += 1;
        while self.at.peek().is_ascii_alphanumeric() || matches!(self.at.peek(), b'_' | b'-') {
            self.at.pos += 1;
        }
        let end = self.at.pos;
        let follows = self.at.peek();
        let ends = self.at.blank_at(end) || matches!(follows, b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if end == start + 1 || !ends {
            let detail = "the name of an anchor has letters, digits, `_` and `-`";
            return self.stop(start, end + 1, detail);
        }
        Ok(self.at.slice(start + 1, end))
    }

    /// `!name`, `!!name`, `!handle!name`, `!<name>` or `!`.
    fn tag(&mut self) -> Step<Tag> {
        let start = self.at.pos;
        let name = if self.at.peek_at(1) == b'<' {
            self.at.pos += 2;
            let uri = self.uri(start)?;
            if self.at.peek() != b'>' {
                return self.stop(start, self.at.pos, "`>` is missing after the tag");
            }
            self.at.pos += 1;
            uri
        } else {
            let handle = self.tag_handle();
            if handle.len() > 1 && handle.ends_with('!') {
                let suffix = self.uri(start)?;
                let declared = self.handles.iter().find(|(h, _)| *h == handle).map(|(_, prefix)| *prefix);
                match (declared, handle) {
                    (Some(prefix), _) => Cow::Owned(format!("{prefix}{suffix}")),
                    (None, "!!") => Cow::Owned(format!("{}{suffix}", super::tag::NAMESPACE)),
                    (None, _) => {
                        let detail = format!("no `%TAG` line declares `{handle}`");
                        return self.stop(start, self.at.pos, detail);
                    }
                }
            } else {
                self.at.pos = start + 1;
                let suffix = if self.at.blank_at(self.at.pos) { Cow::Borrowed("") } else { self.uri(start)? };
                let prefix = self.handles.iter().find(|(h, _)| *h == "!").map_or("!", |(_, prefix)| *prefix);
                Cow::Owned(format!("{prefix}{suffix}"))
            }
        };
        if !self.at.blank_at(self.at.pos) {
            return self.stop(start, self.at.pos + 1, "a blank must follow a tag");
        }
        Ok(Tag::of(&name))
    }

    /// `!`, `!!` or `!word!`, as far as it goes.
    fn tag_handle(&mut self) -> &'s str {
        let start = self.at.pos;
        self.at.pos += 1;
        while self.at.peek().is_ascii_alphanumeric() || matches!(self.at.peek(), b'_' | b'-') {
            self.at.pos += 1;
        }
        if self.at.peek() == b'!' {
            self.at.pos += 1;
        }
        self.at.slice(start, self.at.pos)
    }

    /// The rest of a tag; escapes in it are left as they are unless they matter to no one but tags of YAML's own.
    fn uri(&mut self, start: usize) -> Step<Cow<'s, str>> {
        let from = self.at.pos;
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-;/?:@&=+$,.!~*'()[]%".contains(&b);
        while !self.at.is_eof() && allowed(self.at.peek()) {
            self.at.pos += 1;
        }
        let text = self.at.slice(from, self.at.pos);
        if text.is_empty() {
            return self.stop(
                start,
                self.at.pos + 1,
                "a tag has a name of letters, digits and `-_;/?:@&=+$,.!~*'()[]%`",
            );
        }
        if !text.contains('%') {
            return Ok(Cow::Borrowed(text));
        }
        match unescape(text) {
            Some(text) => Ok(Cow::Owned(text)),
            None => self.stop(from, self.at.pos, "`%` in a tag must be followed by the two digits of a byte"),
        }
    }

    /// Reads an alias, a template, or a scalar that is not a block scalar.
    pub(super) fn leaf(&mut self, indent: isize) -> Step<Leaf<'s>> {
        let start = self.at.pos;
        let leaf = match self.at.peek() {
            b'*' => {
                let name = self.anchor_name()?;
                self.at.token_line = self.at.line_start;
                self.at.key_allowed = false;
                let end = self.at.pos;
                self.at.blanks();
                Leaf::Alias { name, start, end }
            }
            b'{' if self.at.peek_at(1) == b'{' => {
                let end = self.template_end().unwrap_or(start + 2);
                self.at.pos = end;
                self.at.token_line = self.at.line_start;
                self.at.key_allowed = false;
                self.at.blanks();
                Leaf::Template { start, end }
            }
            b'\'' | b'"' => {
                let scalar = self.quoted()?;
                self.at.blanks();
                Leaf::Scalar(scalar)
            }
            b'-' if !self.at.is_indicator(b'-') => Leaf::Scalar(self.plain(indent)?),
            b'?' | b':' if self.at.flow == 0 => Leaf::Scalar(self.plain(indent)?),
            b'-' | b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'|' | b'>' | b'%' | b'@' | b'`' => {
                return self.unexpected("no value begins like this, unless in quotes");
            }
            b'\t' => return self.unexpected("a value is expected"),
            0 if self.at.is_eof() => return self.unexpected("a value is expected"),
            _ => Leaf::Scalar(self.plain(indent)?),
        };
        Ok(leaf)
    }

    /// Where a template's delimiters, and what is written around them on the line, end: at a comment, at the colon of a
    /// key, in brackets at their indicators.
    pub(super) fn template_end(&self) -> Option<usize> {
        let rest = self.at.text_at(self.at.pos);
        if !rest.starts_with("{{") {
            return None;
        }
        // A bound, so that a long line of brackets is not looked through again for each of them.
        let window = rest.char_indices().take(TEMPLATE_WINDOW).take_while(|(_, c)| !matches!(c, '\n' | '\r'));
        let length = window.last().map_or(0, |(at, c)| at + c.len_utf8());
        let line = rest.get(..length).filter(|line| line.contains("}}"))?;
        let mut at = 0;
        while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with("{{") {
                at += rest.find("}}").map_or(rest.len(), |n| n + 2);
                continue;
            }
            let next = rest.chars().next()?;
            let after = rest.get(next.len_utf8()..).unwrap_or_default();
            let ends = match next {
                ':' => after.is_empty() || after.starts_with([' ', '\t']),
                ' ' | '\t' => after.trim_start_matches([' ', '\t']).starts_with('#'),
                ',' | ']' | '}' => self.at.flow > 0,
                _ => false,
            };
            if ends {
                break;
            }
            at += next.len_utf8();
        }
        let text = line.get(..at).unwrap_or(line);
        Some(self.at.pos + text.trim_end_matches([' ', '\t']).len())
    }

    /// Reads the lines with `%` before a document. Says whether there were any.
    pub(super) fn directives(&mut self) -> Step<bool> {
        let mut any = false;
        let mut version = false;
        while self.at.pos == self.at.line_start && self.at.peek() == b'%' {
            any = true;
            let start = self.at.pos;
            let line = self.at.slice(start, self.at.line_end());
            let text = line.split_once(" #").map_or(line, |(before, _)| before);
            let mut words = text.split([' ', '\t']).filter(|w| !w.is_empty());
            let end = start + text.trim_end().len();
            match (words.next(), words.next(), words.next(), words.next()) {
                (Some("%YAML"), Some(number), None, None) => {
                    let known = number == "1.1" || self.typing == Typing::Core && number.starts_with("1.");
                    if version || !known {
                        let detail =
                            format!("Kubernetes reads YAML 1.1 only, this says `{}`", super::place::short(number));
                        return self.stop(start, end, detail);
                    }
                    version = true;
                }
                (Some("%TAG"), Some(handle), Some(prefix), None)
                    if handle.starts_with('!') && handle.ends_with('!') =>
                {
                    if self.handles.iter().any(|(h, _)| *h == handle) {
                        return self.stop(start, end, format!("`{handle}` is declared twice"));
                    }
                    self.handles.push((handle, prefix));
                }
                (Some("%YAML" | "%TAG"), ..) => return self.stop(start, end, "this directive is malformed"),
                _ if self.typing == Typing::Core => {}
                _ => return self.stop(start, end, "no such directive is known"),
            }
            self.at.pos += text.len();
            self.at.key_allowed = true;
            self.at.skip();
        }
        Ok(any)
    }
}

/// Decodes `%41`.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, escape) = rest.split_at(at);
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(escape.get(1..3)?, 16).ok()?);
        rest = escape.get(3..)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}
