//! Marks: values that can be recognised in what helm prints. A render with marks tells which value each part of the
//! output comes from; what is left of it without its marks must be the true output, so a mark never lies.

use std::ops::Range;

use crate::tree::{Entry, Kind, Number, Value};

/// Which values a render marks. Values that templates compare or count with would change what is rendered, so they are
/// marked apart from the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Which {
    /// Strings that hold more than one word's letters: images, hosts, sizes.
    pub texts: bool,
    /// Words, such as `ClusterIP`.
    pub words: bool,
    /// Numbers from 10 on: ports, users.
    pub large: bool,
    /// Numbers from 1 to 9: replicas.
    pub small: bool,
    /// Maps, by a key that was not there.
    pub maps: bool,
}

/// Values beyond this are not marked.
const MOST: usize = 40_000;
/// The number that stands for value 0.
const NUMBERS: i64 = 20_000;

/// The values of a release, numbered.
#[derive(Debug, Default)]
pub(super) struct Marks {
    values: Vec<Value>,
}

impl Marks {
    /// Numbers all values of a map, from the outermost to the innermost.
    pub fn of(values: &Value) -> Self {
        let mut marks = Self::default();
        marks.number(values, 0);
        marks
    }

    fn number(&mut self, value: &Value, depth: usize) {
        if self.values.len() >= MOST || depth > 64 {
            return;
        }
        self.values.push(value.clone());
        value.entries().iter().for_each(|e| self.number(&e.value, depth + 1));
        value.items().iter().for_each(|v| self.number(v, depth + 1));
    }

    /// A value by its number.
    pub fn value(&self, id: usize) -> Option<&Value> {
        self.values.get(id)
    }

    /// The values with marks on some of them. Those in `spared` keep their own text.
    pub fn marked(&self, values: &Value, which: Which, spared: &[usize]) -> Value {
        let mut next = 0;
        self.mark(values, which, spared, &mut next, 0)
    }

    fn mark(&self, value: &Value, which: Which, spared: &[usize], next: &mut usize, depth: usize) -> Value {
        if *next >= MOST || depth > 64 {
            return value.clone();
        }
        let id = *next;
        *next += 1;
        let keeps = spared.contains(&id);
        let kind = match &value.kind {
            Kind::Map(map) => {
                let entry = |e: &Entry| {
                    Entry::new(e.key.clone(), e.key_span, self.mark(&e.value, which, spared, next, depth + 1))
                };
                let mut entries: Vec<Entry> = map.iter().map(entry).collect();
                if which.maps && !keeps && id > 0 && !map.is_empty() {
                    entries.push(Entry::new(key_of(id), value.span, alike(map, id)));
                }
                return Value::map_of_unique(entries, value.span);
            }
            Kind::List(list) => {
                let items = list.iter().map(|v| self.mark(v, which, spared, next, depth + 1)).collect();
                return Value::list(items, value.span);
            }
            Kind::String(text) if !keeps && is_marked(text, which) => Kind::String(with_mark(text, id).into()),
            Kind::Number(Number::Int(n)) if !keeps && (*n > 9 && which.large || (1..10).contains(n) && which.small) => {
                Kind::Number(Number::Int(number_of(id)))
            }
            other => other.clone(),
        };
        Value::new(kind, value.span)
    }
}

fn is_marked(text: &str, which: Which) -> bool {
    let is_word = text.chars().all(|c| c.is_ascii_alphabetic());
    !text.trim().is_empty() && if is_word { which.words } else { which.texts }
}

/// What a template that goes over the map expects of its values: maps, lists or scalars.
fn alike(map: &[Entry], id: usize) -> Value {
    let span = crate::source::Span::NONE;
    if map.iter().all(|e| e.value.as_map().is_some()) {
        Value::map(Vec::new(), span)
    } else if map.iter().all(|e| e.value.as_list().is_some()) {
        Value::list(Vec::new(), span)
    } else {
        Value::string(key_of(id), span)
    }
}

/// A number in letters that no filter changes: lower case, no digits.
fn letters(id: usize) -> String {
    let letter = |shift: usize| char::from(b'a' + ((id >> shift) & 15) as u8);
    [letter(12), letter(8), letter(4), letter(0)].iter().collect()
}

fn key_of(id: usize) -> String {
    format!("zk{}kz", letters(id))
}

fn number_of(id: usize) -> i64 {
    NUMBERS + i64::try_from(id).unwrap_or(0)
}

/// The text with its mark at its end. A version stays one.
fn with_mark(text: &str, id: usize) -> String {
    let end = text.trim_end_matches('\n').len();
    let (body, tail) = text.split_at(end);
    let join = if is_version(body) { "+" } else { "" };
    format!("{body}{join}zq{}qz{tail}", letters(id))
}

fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let parts: Vec<&str> = text.split('.').collect();
    (2..=3).contains(&parts.len()) && parts.iter().all(|p| !p.is_empty() && p.chars().all(|c| c.is_ascii_digit()))
}

/// Where marks with this frame stand in a text: their whole, and their numbers.
fn find(text: &str, frame: char) -> Vec<(Range<usize>, usize)> {
    let (open, close) = (format!("z{frame}"), format!("{frame}z"));
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(&open)).map(|at| at + from) {
        from = at + 2;
        let Some(id) = text.get(at + 2..at + 6).filter(|_| text.get(at + 6..at + 8) == Some(close.as_str())) else {
            continue;
        };
        let id =
            id.bytes().try_fold(0usize, |id, b| (b'a'..=b'p').contains(&b).then(|| id << 4 | usize::from(b - b'a')));
        if let Some(id) = id {
            found.push((at..at + 8, id));
            from = at + 8;
        }
    }
    found
}

/// The numbers of values whose marks a text holds.
pub(super) fn in_text(text: &str) -> Vec<usize> {
    let mut ids: Vec<usize> = find(text, 'q').into_iter().chain(find(text, 'k')).map(|(_, id)| id).collect();
    ids.dedup();
    ids
}

/// The number of the map whose mark a key is.
pub(super) fn of_key(key: &str) -> Option<usize> {
    find(key, 'k').first().map(|(_, id)| *id)
}

/// Whether a text holds the mark of a map.
pub(super) fn has_key(text: &str) -> bool {
    !find(text, 'k').is_empty()
}

/// A text without its marks, and the values that they stood for in the order of the text.
pub(super) fn stripped(text: &str) -> (String, Vec<usize>) {
    let mut out = String::new();
    let mut ids = Vec::new();
    let mut from = 0;
    for (range, id) in find(text, 'q') {
        let before = text.get(from..range.start).unwrap_or_default();
        // A version's mark is joined by a plus, which filters for labels make another sign.
        let joined = before.strip_suffix(['+', '_', '-']).filter(|b| ends_like_version(b));
        out.push_str(joined.unwrap_or(before));
        ids.push(id);
        from = range.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    (out, ids)
}

fn ends_like_version(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit())
}

/// Which values a text comes from, of which `marked` is the same text rendered with marks; nothing where the two differ
/// by more than marks. Empty where it comes from none.
pub(super) fn sources(text: &str, marked: &str, marks: &Marks) -> Option<Vec<usize>> {
    let (plain, mut ids) = stripped(marked);
    if plain == text {
        return Some(ids);
    }
    // Numbers stand as numbers.
    let mut out = String::new();
    let mut digits = String::new();
    for c in plain.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            match number(digits.parse().ok(), marks) {
                Some((id, original)) => {
                    ids.push(id);
                    out.push_str(&original.to_string());
                }
                None => out.push_str(&digits),
            }
            digits.clear();
        }
        if c != '\0' {
            out.push(c);
        }
    }
    (out == text).then_some(ids)
}

/// The value that a number stands for, and its own number.
pub(super) fn number(found: Option<i64>, marks: &Marks) -> Option<(usize, i64)> {
    let id = usize::try_from(found?.checked_sub(NUMBERS)?).ok()?;
    match marks.value(id)?.kind {
        Kind::Number(Number::Int(n)) => Some((id, n)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    #[test]
    fn marks_are_found_again() {
        let source = Sources::new().add("v", "a: web/x\nb: 1.2.3\nc: ClusterIP\nd: 8080\ne: {f: ''}\n");
        let values = yaml::parse(&source).documents.remove(0).root;
        let marks = Marks::of(&values);
        let all = Which { texts: true, words: true, large: true, small: true, maps: true };
        let marked = marks.marked(&values, all, &[]);
        let get = |key: &str| marked.get(key).unwrap().clone();
        assert_eq!(get("a").as_str(), Some("web/xzqaaabqz"));
        assert_eq!(get("b").as_str(), Some("1.2.3+zqaaacqz"));
        assert_eq!(get("d").as_i64(), Some(20_004));
        assert_eq!(get("e").json().to_string(), r#"{"f":"","zkaaafkz":"zkaaafkz"}"#);
        let text = sources("web/x:1.2.3-8080", "web/xzqaaabqz:1.2.3+zqaaacqz-20004", &marks);
        assert_eq!(text, Some(vec![1, 2, 4]));
        assert_eq!(sources("other", "othezqaaabqz", &marks), None);
        assert_eq!(sources("same", "same", &marks), Some(vec![]));
        assert_eq!(marks.marked(&values, all, &[1]).get("a").unwrap().as_str(), Some("web/x"));
    }
}
