//! Collections in brackets. Line breaks and columns do not count in them.

use super::parser::{Frame, FrameKind, Leaf, Parser, Stage, Step};
use super::props::Props;

impl<'s> Parser<'s> {
    /// Reads an entry of `[`, or its end.
    pub(super) fn flow_list_step(&mut self, frame: Frame, stage: Stage) -> Step {
        self.at.skip();
        match self.at.peek() {
            _ if self.at.is_document_end() => self.unclosed_bracket(frame, '['),
            b']' => self.close_flow(),
            b',' if stage == Stage::Done => {
                self.at.pos += 1;
                self.set(FrameKind::FlowList(Stage::Entry));
                Ok(())
            }
            _ if stage == Stage::Done => {
                let opener = self.at.span(frame.start, frame.start + 1);
                self.unexpected_in("`,` or `]` must come first", &[(opener, "in the list that begins here")])
            }
            b'?' => {
                self.set(FrameKind::FlowList(Stage::Done));
                let start = self.at.pos;
                self.open(FrameKind::FlowPair(Stage::Key { line: None }), -1, start)?;
                self.builder.open_map(start, Props::default());
                self.at.pos += 1;
                self.flow_key_or_nothing()
            }
            b',' | b':' | b'}' => self.unexpected("an item is missing before it"),
            _ => {
                self.set(FrameKind::FlowList(Stage::Done));
                let line = self.at.line_start;
                let start = self.at.pos;
                let Some((leaf, props)) = self.flow_node()? else {
                    return Ok(());
                };
                if self.at.line_start == line && self.at.peek() == b':' {
                    self.check_key(&leaf, line)?;
                    self.open(FrameKind::FlowPair(Stage::Key { line: Some(line) }), -1, start)?;
                    self.builder.open_map(start, Props::default());
                }
                self.builder.leaf(leaf, props);
                Ok(())
            }
        }
    }

    /// Reads an entry of `{`, or its end.
    pub(super) fn flow_map_step(&mut self, frame: Frame, stage: Stage) -> Step {
        self.at.skip();
        if self.at.is_document_end() {
            return self.unclosed_bracket(frame, '{');
        }
        match (self.at.peek(), stage) {
            (b':', Stage::Key { line }) if line.is_none_or(|l| l == self.at.line_start) => {
                self.set(FrameKind::FlowMap(Stage::Done));
                self.flow_value()
            }
            (_, Stage::Key { .. }) => {
                self.set(FrameKind::FlowMap(Stage::Done));
                self.empty(self.builder.last_end(), Props::default())
            }
            (b'}', _) => self.close_flow(),
            (b',', Stage::Done) => {
                self.at.pos += 1;
                self.set(FrameKind::FlowMap(Stage::Entry));
                Ok(())
            }
            (_, Stage::Done) => {
                let opener = self.at.span(frame.start, frame.start + 1);
                self.unexpected_in("`,` or `}` must come first", &[(opener, "in the map that begins here")])
            }
            (b'?', _) => {
                self.set(FrameKind::FlowMap(Stage::Key { line: None }));
                self.at.pos += 1;
                self.flow_key_or_nothing()
            }
            (b',' | b':' | b']', _) => self.unexpected("a key is missing before it"),
            _ => {
                let line = self.at.line_start;
                self.set(FrameKind::FlowMap(Stage::Key { line: Some(line) }));
                if let Some((leaf, props)) = self.flow_node()? {
                    if self.at.peek() == b':' && self.at.line_start == line {
                        self.check_key(&leaf, line)?;
                    }
                    self.builder.leaf(leaf, props);
                }
                Ok(())
            }
        }
    }

    /// Reads what is left of a single pair in a list.
    pub(super) fn flow_pair_step(&mut self, _: Frame, stage: Stage) -> Step {
        self.at.skip();
        match (self.at.peek(), stage) {
            (b':', Stage::Key { line }) if line.is_none_or(|l| l == self.at.line_start) => {
                self.set(FrameKind::FlowPair(Stage::Done));
                self.flow_value()
            }
            (_, Stage::Key { .. }) => {
                self.set(FrameKind::FlowPair(Stage::Done));
                self.empty(self.builder.last_end(), Props::default())
            }
            _ => {
                self.frames.pop();
                self.builder.close(None);
                Ok(())
            }
        }
    }

    /// The key after `?`, which may be missing.
    fn flow_key_or_nothing(&mut self) -> Step {
        let after = self.at.pos;
        self.at.skip();
        if matches!(self.at.peek(), b':' | b',' | b']' | b'}') {
            return self.empty(after, Props::default());
        }
        if let Some((leaf, props)) = self.flow_node()? {
            self.builder.leaf(leaf, props);
        }
        Ok(())
    }

    /// The value after a colon, which may be missing.
    fn flow_value(&mut self) -> Step {
        self.at.pos += 1;
        let after = self.at.pos;
        self.at.skip();
        if matches!(self.at.peek(), b',' | b']' | b'}') {
            return self.empty(after, Props::default());
        }
        if let Some((leaf, props)) = self.flow_node()? {
            self.builder.leaf(leaf, props);
        }
        Ok(())
    }

    /// Reads a node: a leaf is given back, a collection is opened.
    fn flow_node(&mut self) -> Step<Option<(Leaf<'s>, Props<'s>)>> {
        let mut props = self.props()?;
        loop {
            self.at.skip();
            let more = self.props()?;
            if !more.any() {
                break;
            }
            props = self.merge_props(props, more)?;
        }
        match self.at.peek() {
            b',' | b']' | b'}' | b':' if props.any() => {
                let nothing = Leaf::empty(props.end);
                Ok(Some((nothing, props)))
            }
            b'[' | b'{' if self.template_end().is_none() => {
                self.open_flow(props)?;
                Ok(None)
            }
            _ => {
                let leaf = self.leaf(-1)?;
                if matches!(leaf, Leaf::Alias { .. }) && props.any() {
                    return self.stop(leaf.start(), leaf.end(), "an alias can have no anchor and no tag");
                }
                Ok(Some((leaf, props)))
            }
        }
    }

    fn close_flow(&mut self) -> Step {
        self.at.pos += 1;
        self.at.flow -= 1;
        self.at.token_line = self.at.line_start;
        self.at.key_allowed = false;
        self.frames.pop();
        self.builder.close(Some(self.at.pos));
        Ok(())
    }

    fn unclosed_bracket(&mut self, frame: Frame, bracket: char) -> Step {
        let end = self.at.pos;
        let span = self.at.span(end, end);
        let detail = format!("`{bracket}` is not closed");
        self.stop_with(frame.start, frame.start + 1, detail, &[(span, "the document ends here")])
    }
}
