//! Comments that accept findings, each with the text that it stands for: its line, the thing below it, or the file.

use super::directive::{self, ADDRESS, Said};
use super::extents::{Extent, of_bicep, of_tree};
use crate::read::embedded::DecodeMap;
use crate::read::{Comment, bicep, json, yaml};
use crate::source::{Source, Span};
use crate::tree::{Kind, Value};

/// A comment of ours.
#[derive(Clone, Debug)]
pub struct Found {
    /// All of it.
    pub span: Span,
    /// What it says.
    pub said: Said,
    /// The text that it stands for; empty where nothing follows it.
    pub reach: Span,
}

/// How a file is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// YAML.
    Yaml,
    /// JSON, with comments.
    Json,
    /// A Bicep template.
    Bicep,
    /// A Bicep parameter file.
    BicepParams,
}

impl Language {
    /// The language of a file; none where it can hold no comment that we read.
    #[must_use]
    pub fn of(source: &Source) -> Option<Self> {
        let name = source.path().rsplit('/').next().unwrap_or_default();
        match name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).as_deref() {
            Some("yaml" | "yml") => Some(Self::Yaml),
            Some("json" | "jsonc") => Some(Self::Json),
            Some("bicep") => Some(Self::Bicep),
            Some("bicepparam") => Some(Self::BicepParams),
            // Standard input is what it looks like.
            None if name == "<stdin>" && source.text().trim_start().starts_with(['{', '[']) => Some(Self::Json),
            None if name == "<stdin>" => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// A file with comments and the things in it.
struct Read {
    comments: Vec<Comment>,
    /// By their beginning, the longest first.
    extents: Vec<Extent>,
    roots: Vec<Value>,
}

impl Read {
    fn new(comments: Vec<Comment>, mut extents: Vec<Extent>, roots: Vec<Value>) -> Self {
        extents.sort_by_key(|e| (e.span.start, std::cmp::Reverse(e.span.end)));
        Self { comments, extents, roots }
    }
}

/// The comments of ours in a file, in order.
#[must_use]
pub fn find(source: &Source, language: Language) -> Vec<Found> {
    // Most files hold none, and are not read a second time.
    if !source.text().contains(ADDRESS) {
        return Vec::new();
    }
    let read = match language {
        Language::Yaml => stream(yaml::parse(source)),
        Language::Json => stream(json::parse(source, json::Options::ARM)),
        Language::Bicep | Language::BicepParams => {
            let parsed = if language == Language::Bicep { bicep::parse(source) } else { bicep::parse_params(source) };
            Read::new(parsed.comments.clone(), of_bicep(&parsed), Vec::new())
        }
    };
    let mut found = Vec::new();
    collect(source, &read, &mut found);
    for scalar in scalars(&read.roots) {
        embedded(source, scalar, &mut found);
    }
    found.sort_by_key(|f| f.span);
    found
}

fn stream(stream: yaml::Stream) -> Read {
    let extents = stream.documents.iter().flat_map(|d| of_tree(&d.root)).collect();
    Read::new(stream.comments, extents, stream.documents.into_iter().map(|d| d.root).collect())
}

fn collect(source: &Source, read: &Read, found: &mut Vec<Found>) {
    for comment in &read.comments {
        let said = directive::comment(source.slice(comment.span));
        if said != Said::Nothing {
            let reach = reach(source, comment.span, read);
            found.push(Found { span: comment.span, said, reach });
        }
    }
}

/// Strings that hold our address: a patch, a file of a `ConfigMap`.
fn scalars(roots: &[Value]) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut open: Vec<&Value> = roots.iter().collect();
    while let Some(value) = open.pop() {
        let below = |child: &&Value| value.span.contains(child.span);
        match &value.kind {
            Kind::Map(map) => open.extend(map.iter().map(|e| &e.value).filter(below)),
            Kind::List(list) => open.extend(list.iter().filter(below)),
            Kind::String(text) if text.contains(ADDRESS) => found.push(value),
            _ => {}
        }
    }
    found
}

/// Comments inside of a string that is YAML itself, such as a patch; of other text those that stand behind a `#`.
fn embedded(source: &Source, scalar: &Value, found: &mut Vec<Found>) {
    let text = scalar.as_str().unwrap_or_default();
    let map = DecodeMap::of(scalar, source);
    let parsed = yaml::parse_embedded(text, &map);
    let structured = parsed.documents.iter().any(|d| matches!(d.root.kind, Kind::Map(_) | Kind::List(_)));
    if structured && parsed.problems.is_empty() {
        collect(source, &stream(parsed), found);
        return;
    }
    let mut at = 0;
    let mut comments = Vec::new();
    for line in text.split_inclusive('\n') {
        let start = line.find(ADDRESS).and_then(|i| line.get(..i)?.rfind('#'));
        if let Some(start) = start.filter(|i| line.get(..*i).is_some_and(|b| b.is_empty() || b.ends_with([' ', '\t'])))
        {
            comments.push(Comment { span: map.span(at + start..at + line.trim_end().len()) });
        }
        at += line.len();
    }
    collect(source, &Read::new(comments, Vec::new(), Vec::new()), found);
}

/// An item stands right behind its dash; looking further finds another one.
const MOST_LOOKED_AT: usize = 8;

/// The text that a comment stands for.
fn reach(source: &Source, comment: Span, read: &Read) -> Span {
    let text: &str = source.text();
    let line = line_of(source, comment.start);
    let before = text.get(line.start as usize..comment.start as usize).unwrap_or_default();
    if !before.trim().is_empty() {
        return line;
    }
    let Some(next) = next_token(text, comment, &read.comments) else {
        return Span { start: comment.end, ..comment };
    };
    let line = line_of(source, next);
    let indent = |at: u32| text.get(line_of(source, at).start as usize..at as usize).map_or(0, str::len);
    if indent(comment.start) > indent(next) && line.start > comment.end {
        return line;
    }
    // A dash belongs to the item behind it.
    let dashed = text.get(next as usize..).is_some_and(|t| ["- ", "-\n", "-\r"].iter().any(|d| t.starts_with(d)));
    let from = read.extents.partition_point(|e| e.span.start < next);
    let mut behind = read.extents.get(from..).unwrap_or_default().iter().take(MOST_LOOKED_AT);
    match behind.find(|e| if dashed { e.item } else { e.span.start < line.end }) {
        Some(extent) => Span { start: next, end: extent.span.end.max(line.end), ..comment },
        None => line,
    }
}

fn line_of(source: &Source, offset: u32) -> Span {
    let starts = source.line_starts();
    let index = source.line_index(offset);
    let start = starts.get(index).copied().unwrap_or(0);
    let end = starts.get(index + 1).copied().unwrap_or(u32::try_from(source.text().len()).unwrap_or(u32::MAX));
    source.span(start as usize, end as usize)
}

/// The first text behind a comment that is neither blank, a comment, nor the mark between two documents.
fn next_token(text: &str, comment: Span, comments: &[Comment]) -> Option<u32> {
    let mut at = comment.end as usize;
    loop {
        let rest = text.get(at..)?;
        at += rest.len() - rest.trim_start().len();
        let rest = text.get(at..)?;
        if rest.is_empty() {
            return None;
        }
        let other = comments.binary_search_by_key(&at, |c| c.span.start as usize).ok().and_then(|i| comments.get(i));
        if let Some(other) = other.filter(|c| c.span.end as usize > at) {
            at = other.span.end as usize;
        } else if rest.starts_with("---")
            && rest.get(3..).is_some_and(|r| r.is_empty() || r.starts_with(['\n', '\r', ' ']))
        {
            at += 3;
        } else if rest.starts_with("#disable") || rest.starts_with("#restore") {
            at += rest.find('\n')?;
        } else {
            return u32::try_from(at).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    /// The reach of each comment of ours, by its first and last line with something on it, one-based.
    fn lines(path: &str, text: &str) -> Vec<(u32, u32)> {
        let source = Sources::new().add(path, text);
        let found = find(&source, Language::of(&source).unwrap());
        let line = |at: u32| source.line(at).get();
        found
            .iter()
            .map(|f| match source.slice(f.reach).trim_end().len() {
                0 => (0, 0),
                n => (line(f.reach.start), line(f.reach.start + u32::try_from(n).unwrap() - 1)),
            })
            .collect()
    }

    const A: &str = "stamplint: allow a -- why";

    #[test]
    fn yaml_comments_reach_their_line_block_or_document() {
        for (text, expected) in [
            (format!("a: 1 # {A}\nb: 2\n"), (1, 1)),
            (format!("x: y\n# {A}\na: 1\nb: 2\n"), (3, 3)),
            (format!("x: y\n# {A}\n\n# other\na:\n  b: 2\n  c: 3\nd: 4\n"), (5, 7)),
            (format!("# {A}\nkind: Pod\nspec:\n  a: 1\n"), (2, 4)),
            (format!("# {A}\n---\nkind: Pod\nspec: 1\n---\nkind: Pod\n"), (3, 4)),
            (format!("a:\n  # {A}\n  b:\n    c: 1\n  d: 2\n"), (3, 4)),
            (format!("a:\n  # {A}\n  - name: x\n    image: y\n  - name: z\n"), (3, 4)),
            (format!("a:\n# {A}\n- name: x\n  image: y\n- name: z\n"), (3, 4)),
            (format!("a:\n  - name: x\n    # {A}\n    image: y\n    b: 1\n"), (4, 4)),
            (format!("a:\n  b: 1\n  # {A}\nc:\n  d: 1\n"), (4, 4)),
            (format!("a: # {A}\n  b: 1\n"), (1, 1)),
            (format!("a: 1\n# {A}\n"), (0, 0)),
            (format!("x: y\n# {A}\na: &b\n  c: 1\nd: *b\n"), (3, 4)),
            (format!("b: &b\n  c: 1\n# {A}\nd: *b\ne: 1\n"), (4, 4)),
            (format!("x: y\n# {A}\na: {{b: 1,\n  c: 2}}\nd: 1\n"), (3, 4)),
            (
                format!(
                    "patches:\n  - patch: |-\n      # {A}\n      - op: add\n        path: /a\n      - op: remove\n"
                ),
                (4, 5),
            ),
            (format!("data:\n  x: |\n    run # {A}\n    other\n"), (3, 3)),
        ] {
            assert_eq!(lines("a.yaml", &text), [expected], "{text}");
        }
    }

    #[test]
    fn json_and_bicep_comments_reach_as_far() {
        for (path, text, expected) in [
            ("a.json", format!("{{\n  // {A}\n  \"a\": {{\n    \"b\": 1\n  }},\n  \"c\": 1\n}}\n"), (3, 5)),
            (
                "a.json",
                format!("{{\n  \"a\": [\n    // {A}\n    {{\n      \"b\": 1\n    }},\n    {{}}\n  ]\n}}\n"),
                (4, 6),
            ),
            ("a.json", format!("{{\n  \"a\": 1, // {A}\n  \"c\": 1\n}}\n"), (2, 2)),
            ("a.json", format!("// {A}\n{{\n  \"a\": 1\n}}\n"), (2, 4)),
            ("a.bicep", format!("// {A}\n@description('x')\nparam a string = 'b'\nparam c int\n"), (2, 3)),
            ("a.bicep", format!("@description('x')\n// {A}\nparam a object = {{\n  b: 1\n}}\nparam c int\n"), (3, 5)),
            (
                "a.bicep",
                format!(
                    "resource r 'T@1' = {{\n  name: 'x'\n  // {A}\n  properties: {{\n    a: 1\n  }}\n  tags: {{}}\n}}\n"
                ),
                (4, 6),
            ),
            ("a.bicep", format!("resource r 'T@1' = {{ // {A}\n  name: 'x'\n}}\n"), (1, 1)),
            ("a.bicep", format!("/* {A} */\nresource r 'T@1' = [for x in y: {{\n  name: 'x'\n}}]\n"), (2, 4)),
            ("a.bicepparam", format!("using 'a.bicep'\n// {A}\nparam a = [\n  1\n]\nparam b = 2\n"), (3, 5)),
        ] {
            assert_eq!(lines(path, &text), [expected], "{text}");
        }
    }
}
