//! Reads a dump: the text of the sample, and behind each line the spans that begin on it, as columns in UTF-16 units.

use stamplint::source::Source;

use crate::nodes::{SKIPPED, Spans};

pub fn read(dump: &Source, original: &Source, tree: bool) -> Spans {
    let offsets = Offsets::new(original.text());
    let mut spans = Vec::new();
    let mut line = 0usize;
    for text in dump.text().lines() {
        let Some(rest) = text.strip_prefix("//@[") else {
            line += 1;
            continue;
        };
        let Some((start, rest)) = rest.split_once(':') else {
            continue;
        };
        let Some((end, rest)) = rest.split_once(')') else {
            continue;
        };
        let column = |t: &str| t.trim().parse::<usize>().unwrap_or(0);
        let name = rest.trim_start_matches([' ', '|', '├', '└', '─']);
        let kind: String = name.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        if tree && SKIPPED.contains(&kind.as_str()) {
            continue;
        }
        let first = offsets.line(line.saturating_sub(1));
        let start = offsets.byte(first + column(start));
        let end = offsets.byte(first + column(end));
        spans.push((start, end, kind));
    }
    spans
}

/// From UTF-16 units to bytes.
struct Offsets {
    bytes: Vec<u32>,
    lines: Vec<usize>,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let mut bytes = Vec::new();
        let mut lines = vec![0];
        for (at, c) in text.char_indices() {
            bytes.extend(std::iter::repeat_n(at as u32, c.len_utf16()));
            if c == '\n' {
                lines.push(bytes.len());
            }
        }
        bytes.push(text.len() as u32);
        Self { bytes, lines }
    }

    fn line(&self, line: usize) -> usize {
        self.lines.get(line).copied().unwrap_or(0)
    }

    fn byte(&self, unit: usize) -> u32 {
        self.bytes.get(unit).copied().unwrap_or(u32::MAX)
    }
}
