//! Collections in block style, by their columns; and nodes in general.

use super::parser::{Frame, FrameKind, Leaf, Parser, Stage, Step};
use super::plain::KEY_LIMIT;
use super::props::Props;

impl<'s> Parser<'s> {
    /// Reads a node in block style. `indent` is the column of the collection around it; `after_key` says that it is a
    /// key's value (or a key with `?`), below which dashes may stand in the same column. A collection is only opened.
    pub(super) fn node(&mut self, indent: isize, after_key: bool) -> Step {
        let mut key_allowed = self.at.key_allowed;
        let mut outer = Props::default();
        let mut inner = self.props()?;
        while inner.any() && self.at.is_line_end() {
            // Properties on a line of their own belong to all that follows, not to a key on the next line.
            outer = self.merge_props(outer, inner)?;
            self.at.token_line = self.at.line_start;
            self.at.skip();
            let column = self.at.column();
            if self.at.is_document_end() || !self.is_deeper(indent) {
                if after_key && column == indent && self.at.is_indicator(b'-') && !self.at.is_document_end() {
                    return self.open_list(FrameKind::Indentless, indent, outer);
                }
                return self.empty(outer.end, outer);
            }
            key_allowed = true;
            inner = self.props()?;
        }
        let start = if inner.any() { inner.start } else { self.at.pos };
        let column = isize::try_from(start - self.at.line_start).unwrap_or(isize::MAX);
        let byte = self.at.peek();
        match byte {
            b':' if inner.any() && key_allowed && self.at.is_indicator(byte) => {
                self.open_map(column, start, outer)?;
                let key = Leaf::empty(inner.end);
                self.key(key, inner, column)
            }
            b'-' | b'?' | b':' if self.at.is_indicator(byte) => {
                if !key_allowed || inner.any() {
                    return self.unexpected("a collection begins on a line of its own, or in brackets");
                }
                if byte == b'-' {
                    self.open_list(FrameKind::List, column, outer)
                } else {
                    self.open_map(column, start, outer)
                }
            }
            b'|' | b'>' => {
                let props = self.merge_props(outer, inner)?;
                let scalar = self.block_scalar(indent)?;
                self.builder.leaf(Leaf::Scalar(scalar), props);
                Ok(())
            }
            b'[' | b'{' if self.template_end().is_none() => {
                let props = self.merge_props(outer, inner)?;
                self.open_flow(props)
            }
            _ => {
                let line = self.at.line_start;
                let leaf = self.leaf(indent)?;
                if matches!(leaf, Leaf::Alias { .. }) && inner.any() {
                    return self.stop(leaf.start(), leaf.end(), "an alias can have no anchor and no tag");
                }
                if self.colon_follows(line) {
                    if !key_allowed {
                        return self.stop(
                            leaf.start(),
                            self.at.pos + 1,
                            "a key cannot stand here: the line has a key already, or the value goes on from the line above",
                        );
                    }
                    self.check_key(&leaf, line)?;
                    self.open_map(column, start, outer)?;
                    return self.key(leaf, inner, column);
                }
                if matches!(leaf, Leaf::Alias { .. }) && outer.any() {
                    return self.stop(leaf.start(), leaf.end(), "an alias can have no anchor and no tag");
                }
                let props = self.merge_props(outer, inner)?;
                self.builder.leaf(leaf, props);
                Ok(())
            }
        }
    }

    /// Whether `:` follows what ended on a line, on that line.
    fn colon_follows(&self, line: usize) -> bool {
        self.at.line_start == line && self.at.is_indicator(b':')
    }

    /// A key without `?` must be short.
    pub(super) fn check_key(&self, leaf: &Leaf<'_>, line: usize) -> Step {
        let start = leaf.start();
        let long = self.at.pos - start > KEY_LIMIT && self.at.slice(start, self.at.pos).chars().count() > KEY_LIMIT;
        if long || self.at.line_start != line {
            let detail = format!("a key has at most {KEY_LIMIT} characters on one line");
            return self.stop(start, leaf.end(), detail);
        }
        Ok(())
    }

    /// Hands over a key, steps over its colon and reads the value.
    fn key(&mut self, leaf: Leaf<'s>, props: Props<'s>, column: isize) -> Step {
        self.builder.leaf(leaf, props);
        self.set(FrameKind::Map { awaits: false });
        self.at.pos += 1;
        self.at.key_allowed = false;
        self.value(column)
    }

    /// Reads the value of a key, from behind its colon.
    fn value(&mut self, indent: isize) -> Step {
        let after = self.at.pos;
        self.at.token_line = self.at.line_start;
        self.at.skip();
        if self.at.is_eof() {
            return self.empty(after, Props::default());
        }
        if self.at.is_fresh() {
            let column = self.at.column();
            if self.at.is_document_end() || column < indent {
                return self.empty(after, Props::default());
            }
            if column == indent {
                if self.at.is_indicator(b'-') {
                    return self.open_list(FrameKind::Indentless, indent, Props::default());
                }
                if !self.is_block_scalar() {
                    return self.empty(after, Props::default());
                }
            }
        }
        self.node(indent, true)
    }

    /// Reads an entry of a list, from behind its dash.
    fn item(&mut self, indent: isize) -> Step {
        self.set_entered();
        self.at.pos += 1;
        let after = self.at.pos;
        self.at.key_allowed = true;
        self.at.token_line = self.at.line_start;
        self.at.skip();
        if self.at.is_eof() || self.at.is_fresh() && (self.at.is_document_end() || !self.is_deeper(indent)) {
            return self.empty(after, Props::default());
        }
        self.node(indent, false)
    }

    /// Whether what stands here belongs to an entry in a column. A block scalar may begin in that column itself.
    fn is_deeper(&self, indent: isize) -> bool {
        self.at.column() > indent || self.at.column() == indent && self.is_block_scalar()
    }

    fn is_block_scalar(&self) -> bool {
        matches!(self.at.peek(), b'|' | b'>')
    }

    fn set_entered(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.first = false;
        }
    }

    fn open_list(&mut self, kind: FrameKind, indent: isize, props: Props<'s>) -> Step {
        let start = self.at.pos;
        self.open(kind, indent, start)?;
        self.builder.open_list(start, props);
        Ok(())
    }

    fn open_map(&mut self, column: isize, start: usize, props: Props<'s>) -> Step {
        self.open(FrameKind::Map { awaits: false }, column, start)?;
        self.builder.open_map(start, props);
        Ok(())
    }

    /// A value that is not there.
    pub(super) fn empty(&mut self, at: usize, props: Props<'s>) -> Step {
        self.builder.empty(at, props);
        Ok(())
    }

    /// Ends the innermost collection where its last value ends.
    fn close(&mut self) {
        self.frames.pop();
        self.builder.close(None);
    }

    /// Reads one entry of a list in block style, or ends it.
    pub(super) fn list_step(&mut self, frame: Frame) -> Step {
        if !frame.first {
            self.at.skip();
            if self.at.is_document_end() || self.at.column() < frame.indent {
                self.close();
                return Ok(());
            }
            if !self.at.is_fresh() {
                return self.unexpected("the item's value is complete");
            }
        }
        if self.at.column() != frame.indent || !self.at.is_indicator(b'-') {
            return self.unexpected("a list goes on with `-` in the column of its first one");
        }
        self.item(frame.indent)
    }

    /// Reads one entry of a list in its key's column, or ends it.
    pub(super) fn indentless_step(&mut self, frame: Frame) -> Step {
        if !frame.first {
            self.at.skip();
            if self.at.is_document_end() || self.at.column() < frame.indent {
                self.close();
                return Ok(());
            }
            if !self.at.is_fresh() {
                return self.unexpected("the item's value is complete");
            }
            if self.at.column() > frame.indent {
                return self.unexpected("a list goes on with `-` in the column of its first one");
            }
            if !self.at.is_indicator(b'-') {
                self.close();
                return Ok(());
            }
        }
        self.item(frame.indent)
    }

    /// Reads one entry of a map in block style, or ends it.
    pub(super) fn map_step(&mut self, frame: Frame, mut awaits: bool) -> Step {
        let indent = frame.indent;
        if !frame.first {
            self.at.skip();
            let ends = self.at.is_document_end() || self.at.column() < indent;
            if ends || awaits && !self.at.is_indicator(b':') {
                if awaits {
                    self.set(FrameKind::Map { awaits: false });
                    self.empty(self.builder.last_end(), Props::default())?;
                    awaits = false;
                }
                if ends {
                    self.close();
                    return Ok(());
                }
            }
            if !self.at.is_fresh() {
                return self.unexpected("the value is complete");
            }
            if self.at.column() > indent {
                return self.unexpected("the keys of a map begin in one column");
            }
        }
        match self.at.peek() {
            b'?' if self.at.is_indicator(b'?') => {
                self.set(FrameKind::Map { awaits: true });
                self.at.pos += 1;
                self.at.key_allowed = true;
                let after = self.at.pos;
                self.at.token_line = self.at.line_start;
                self.at.skip();
                let column = self.at.column();
                if self.at.is_eof() || self.at.is_fresh() && (self.at.is_document_end() || !self.is_deeper(indent)) {
                    if column == indent && self.at.is_indicator(b'-') && !self.at.is_document_end() {
                        return self.open_list(FrameKind::Indentless, indent, Props::default());
                    }
                    return self.empty(after, Props::default());
                }
                self.node(indent, true)
            }
            b':' if self.at.is_indicator(b':') && awaits => {
                self.set(FrameKind::Map { awaits: false });
                self.at.pos += 1;
                self.at.key_allowed = true;
                self.value(indent)
            }
            b':' if self.at.is_indicator(b':') => self.unexpected("a key is missing before it"),
            _ => self.simple_key(indent),
        }
    }

    /// Reads a key without `?`, and its value.
    fn simple_key(&mut self, indent: isize) -> Step {
        let line = self.at.line_start;
        let props = self.props()?;
        if props.any() && self.at.is_indicator(b':') {
            return self.key(Leaf::empty(props.end), props, indent);
        }
        let byte = self.at.peek();
        let is_flow = matches!(byte, b'[' | b'{') && self.template_end().is_none();
        if self.at.is_line_end() || is_flow || matches!(byte, b'|' | b'>') || self.at.is_indicator(b'-') {
            return self.unexpected("a key of the map above is expected");
        }
        let before = self.at.pos;
        let leaf = self.leaf(indent)?;
        if !self.colon_follows(line) {
            // Templates explain themselves; a key that spans lines is shown by its first one.
            let end = leaf.end().min(
                self.at.slice(leaf.start(), leaf.end()).find(['\n', '\r']).map_or(usize::MAX, |n| leaf.start() + n),
            );
            if matches!(leaf, Leaf::Template { .. }) {
                self.at.pos = before;
                return self.unexpected("a key of the map above is expected");
            }
            return self.stop(
                leaf.start(),
                end,
                format!("`:` is missing after `{}`", super::place::short(self.at.slice(leaf.start(), end))),
            );
        }
        if matches!(leaf, Leaf::Alias { .. }) && props.any() {
            return self.stop(leaf.start(), leaf.end(), "an alias can have no anchor and no tag");
        }
        self.check_key(&leaf, line)?;
        self.key(leaf, props, indent)
    }

    /// Opens a collection in brackets.
    pub(super) fn open_flow(&mut self, props: Props<'s>) -> Step {
        let start = self.at.pos;
        let is_list = self.at.peek() == b'[';
        let kind = if is_list { FrameKind::FlowList(Stage::Entry) } else { FrameKind::FlowMap(Stage::Entry) };
        self.open(kind, -1, start)?;
        if is_list {
            self.builder.open_list(start, props);
        } else {
            self.builder.open_map(start, props);
        }
        self.at.pos += 1;
        self.at.flow += 1;
        Ok(())
    }
}
