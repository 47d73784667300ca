//! helm's paths to values, as `--set` and the config's `set` write them: `image.tag`, `hosts[0].name`, `labels.a\.b`.

use crate::read::yaml::{Typing, typed};
use crate::source::Span;
use crate::tree::{Entry, Kind, Value};

/// Lists longer than this are not made for an index.
const MOST: usize = 65_536;

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// Reads a path.
pub(super) fn path(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut word = String::new();
    let mut chars = text.chars();
    let flush = |word: &mut String, steps: &mut Vec<Step>| {
        if !word.is_empty() {
            steps.push(Step::Key(std::mem::take(word)));
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '\\' => word.extend(chars.next()),
            '.' => flush(&mut word, &mut steps),
            '[' => {
                flush(&mut word, &mut steps);
                let number: String = chars.by_ref().take_while(|c| *c != ']').collect();
                steps.push(Step::Index(number.trim().parse().unwrap_or(0)));
            }
            c => word.push(c),
        }
    }
    flush(&mut word, &mut steps);
    steps
}

/// Reads `a.b=1,c={x,y}` of a command line. Its values stand in no file.
pub(super) fn read(text: &str) -> Vec<(Vec<Step>, Value)> {
    let pairs = split(text, ',');
    let pair = |pair: &String| {
        let (key, value) = pair.split_once('=')?;
        let list = value.strip_prefix('{').and_then(|v| v.strip_suffix('}'));
        let value = match list {
            Some(items) => {
                let items = split(items, ',').iter().filter(|i| !i.is_empty()).map(|i| scalar(i, Span::NONE)).collect();
                Value::list(items, Span::NONE)
            }
            None => scalar(value, Span::NONE),
        };
        Some((path(key), value))
    };
    pairs.iter().filter_map(pair).collect()
}

/// Splits where no backslash and no brace keeps it together. Backslashes stay.
fn split(text: &str, at: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut braces = 0usize;
    let mut escaped = false;
    for c in text.chars() {
        if c == at && braces == 0 && !escaped {
            parts.push(String::new());
            continue;
        }
        match c {
            '{' if !escaped => braces += 1,
            '}' if !escaped => braces = braces.saturating_sub(1),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

/// A value as helm types it: truth values, null and whole numbers without a leading zero are none of them strings.
pub(super) fn scalar(text: &str, span: Span) -> Value {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    let zeros = plain.len() > 1 && plain.starts_with('0');
    match typed(&plain, Typing::Core) {
        _ if plain.is_empty() || plain == "~" => Value::string(plain, span),
        kind @ (Kind::Null | Kind::Bool(_)) => Value::new(kind, span),
        kind @ Kind::Number(crate::tree::Number::Int(_)) if !zeros => Value::new(kind, span),
        _ => Value::string(plain, span),
    }
}

/// Puts a value at a path; what is in the way is replaced.
pub(super) fn put(root: &mut Value, path: &[Step], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *root = value;
        return;
    };
    match first {
        Step::Key(key) => {
            if root.as_map().is_none() {
                *root = Value::map(Vec::new(), value.span);
            }
            let Some(entries) = root.entries_mut() else { return };
            let at = entries.iter().position(|e| e.key == *key).unwrap_or_else(|| {
                entries.push(Entry::new(key.as_str(), value.span, Value::null(value.span)));
                entries.len() - 1
            });
            if let Some(entry) = entries.get_mut(at) {
                put(&mut entry.value, rest, value);
            }
        }
        Step::Index(index) => {
            if root.as_list().is_none() {
                *root = Value::list(Vec::new(), value.span);
            }
            let Some(items) = root.items_mut().filter(|_| *index < MOST) else { return };
            while items.len() <= *index {
                items.push(Value::null(value.span));
            }
            if let Some(item) = items.get_mut(*index) {
                put(item, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_are_typed_as_helm_types_them() {
        let mut root = Value::map(Vec::new(), Span::NONE);
        for (path, value) in read("a=1,b.c=true,d=x\\,y,e={1,two},f=007,g\\.h=null,i[1].j=1.5,k=") {
            put(&mut root, &path, value);
        }
        assert_eq!(
            root.json().to_string(),
            r#"{"a":1,"b":{"c":true},"d":"x,y","e":[1,"two"],"f":"007","g.h":null,"i":[null,{"j":"1.5"}],"k":""}"#
        );
    }
}
