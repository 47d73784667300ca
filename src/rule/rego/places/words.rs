//! What a statement is made of: paths, quoted words, other words, and the strings of its details.

use regorus::Value as Rego;

use crate::tree::{Path, Segment, Value};

/// Fields of details that hold paths.
const PATH_FIELDS: [&str; 10] = [
    "path",
    "paths",
    "field",
    "fields",
    "fieldPath",
    "failedPath",
    "failedPaths",
    "reviewPaths",
    "location",
    "keyPath",
];

/// Deeper details are not looked into.
const DEEPEST: usize = 8;

/// How a word stands in a statement.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Weight {
    /// In a sentence.
    Bare,
    /// In the details.
    Detail,
    /// In quotes.
    Quoted,
}

/// A word that may name a field, a value or a list item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word {
    text: String,
    weight: Weight,
    /// It is the object's own name, namespace or kind, and so hardly tells a leaf.
    own: bool,
    /// It is written as a flag of a command line.
    flag: bool,
}

impl Word {
    /// How well it names a key.
    pub fn as_key(&self, key: &str) -> u32 {
        let last = self.text.rsplit('.').next().unwrap_or(&self.text);
        if matches!((last, key), ("label", "labels") | ("annotation", "annotations")) && !self.own {
            return 4;
        }
        if last != key || self.own && self.weight == Weight::Bare {
            return 0;
        }
        let camel = key.chars().any(char::is_uppercase) && key.chars().next().is_some_and(char::is_lowercase);
        match (self.weight, camel) {
            (Weight::Bare, false) if key.len() < 4 => 0,
            // An ordinary word of a sentence that happens to be a key.
            (Weight::Bare, false) => 4,
            (Weight::Bare, true) => 8,
            (Weight::Detail, _) => 8,
            (Weight::Quoted, _) => 9,
        }
    }

    /// How well it quotes a value.
    pub fn as_value(&self, value: &str) -> u32 {
        let flag = value.strip_prefix("--").map(|rest| rest.split('=').next().unwrap_or(rest));
        if self.flag && flag == Some(&self.text) {
            return 9;
        }
        if self.text != value || self.own || matches!(value, "true" | "false" | "") {
            return 0;
        }
        let telling = value.len() > 1 && value.chars().any(|c| !c.is_alphabetic());
        match self.weight {
            Weight::Quoted => 10,
            Weight::Detail => 8,
            Weight::Bare if telling => 6,
            Weight::Bare => 0,
        }
    }

    /// Whether it is written as a flag of a command line.
    pub fn is_flag(&self) -> bool {
        self.flag
    }

    /// Whether it is the name of a list item, and, as `own` asks, the object's own as well.
    pub fn is_name(&self, name: &str, own: bool) -> bool {
        self.text == name && self.own == own
    }
}

/// The words of a statement about an object, each once with its greatest weight.
pub(super) fn words(message: &str, details: &Rego, body: &Value) -> Vec<Word> {
    let mut found: Vec<(String, Weight)> = Vec::new();
    let mut add = |text: &str, weight: Weight| {
        let text = text.trim();
        if text.is_empty() || text.len() > 1024 {
            return;
        }
        match found.iter_mut().find(|(t, _)| t == text) {
            Some((_, held)) => *held = (*held).max(weight),
            None => found.push((text.to_owned(), weight)),
        }
    };
    for quoted in quoted(message) {
        add(quoted, Weight::Quoted);
    }
    let edges = |c: char| !c.is_alphanumeric() && !matches!(c, '/' | '_');
    for word in
        message.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '=' | '(' | ')' | '{' | '}' | '[' | ']'))
    {
        add(word.trim_matches(edges), Weight::Bare);
    }
    for text in strings(details) {
        add(&text, Weight::Detail);
    }
    let own = |text: &str| {
        let at = |path: &[&str]| path.iter().try_fold(body, |v, k| v.get(k)).and_then(Value::as_str);
        [at(&["kind"]), at(&["metadata", "name"]), at(&["metadata", "namespace"])].contains(&Some(text))
    };
    let flag = |text: &str| message.contains(&format!("--{text}")) && !text.starts_with('-');
    found.into_iter().map(|(text, weight)| Word { own: own(&text), flag: flag(&text), text, weight }).collect()
}

/// What stands in quotes of any kind.
fn quoted(message: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (open, close) in [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>')] {
        let mut rest = message;
        while let Some((_, after)) = rest.split_once(open) {
            let Some((inside, after)) = after.split_once(close) else {
                break;
            };
            found.push(inside);
            rest = after;
        }
    }
    found
}

/// All strings and numbers of details.
fn strings(details: &Rego) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(details, 0)];
    while let Some((value, depth)) = open.pop() {
        if depth > DEEPEST || found.len() > 200 {
            continue;
        }
        match value {
            Rego::String(text) => found.push(text.to_string()),
            Rego::Number(_) => found.push(value.to_string()),
            Rego::Array(items) => open.extend(items.iter().map(|i| (i, depth + 1))),
            Rego::Set(items) => open.extend(items.iter_sorted().map(|i| (i, depth + 1))),
            Rego::Object(entries) => open.extend(entries.iter_sorted().map(|(_, v)| (v, depth + 1))),
            _ => {}
        }
    }
    found
}

/// The paths that a statement names, in its details first.
pub(super) fn paths(message: &str, details: &Rego) -> Vec<Path> {
    let mut found = Vec::new();
    if let Rego::Object(entries) = details {
        for (key, value) in entries.iter_sorted() {
            if matches!(key, Rego::String(key) if PATH_FIELDS.contains(&&**key)) {
                from_value(value, &mut found);
            }
        }
    }
    let whole = message.split_whitespace().chain(quoted(message));
    for word in whole {
        let word = word.trim_matches(|c: char| matches!(c, ',' | ';' | ':' | '"' | '\'' | '`' | '<' | '>' | '(' | ')'));
        if word.contains('.') || word.starts_with('/') {
            found.extend(parse(word.trim_end_matches('.')));
        }
    }
    found
}

fn from_value(value: &Rego, found: &mut Vec<Path>) {
    match value {
        Rego::String(text) => found.extend(parse(text)),
        Rego::Array(items) => {
            let segments = items.iter().map(|item| match item {
                Rego::String(key) if parse(key).is_none_or(|p| p.0.len() == 1) => Some(Segment::from(&**key)),
                other => other.as_u64().ok().map(|i| Segment::Index(usize::try_from(i).unwrap_or(usize::MAX))),
            });
            match segments.collect::<Option<Vec<_>>>() {
                Some(path) if path.len() > 1 => found.push(Path(path)),
                _ => items.iter().for_each(|item| from_value(item, found)),
            }
        }
        _ => {}
    }
}

/// `a.b[0].c`, `$.a.b`, `/a/b/0`. `None` for what is no path.
fn parse(text: &str) -> Option<Path> {
    let mut segments = Vec::new();
    if let Some(pointer) = text.strip_prefix('/') {
        for part in pointer.split('/') {
            let part = part.replace("~1", "/").replace("~0", "~");
            segments.push(part.parse().map_or_else(|_| Segment::from(part.as_str()), Segment::Index));
        }
        return Some(Path(segments));
    }
    for part in text.trim_start_matches('.').split('.') {
        let (key, indexes) = part.split_once('[').map_or((part, ""), |(k, i)| (k, i));
        if !key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '/')) {
            return None;
        }
        if !key.is_empty() {
            segments.push(Segment::from(key));
        }
        for index in indexes.split('[').filter(|i| !i.is_empty()) {
            let index = index.strip_suffix(']')?.trim_matches(['"', '\'']);
            segments.push(index.parse().map_or_else(|_| Segment::from(index), Segment::Index));
        }
    }
    (!segments.is_empty()).then_some(Path(segments))
}
