//! `regex.globs_match`: whether two patterns of characters, `.`, `[...]`, `*` and `+` have a string in common.

use regorus::Value;

use super::{or_undefined, string};

/// Patterns longer than this have no result: the work grows with the product of their lengths.
const LONGEST: usize = 2000;

pub(super) fn globs_match(arguments: &[Value]) -> Value {
    match (string(arguments, 0), string(arguments, 1)) {
        (Some(a), Some(b)) => or_undefined(intersect(a, b)),
        _ => Value::Undefined,
    }
}

#[derive(Clone, PartialEq, Debug)]
enum Class {
    Any,
    /// Ranges of characters, borders included.
    Of(Vec<(char, char)>),
}

/// One place of a pattern.
struct Item {
    class: Class,
    /// It may be left out.
    optional: bool,
    /// It may be repeated.
    repeats: bool,
}

fn items(pattern: &str) -> Option<Vec<Item>> {
    let mut items: Vec<Item> = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let class = match c {
            '*' | '+' => {
                let last = items.last_mut()?;
                last.repeats = true;
                last.optional |= c == '*';
                continue;
            }
            '.' => Class::Any,
            '[' => Class::Of(ranges(&mut chars)?),
            '\\' => chars.next().map(|c| Class::Of(vec![(c, c)]))?,
            c => Class::Of(vec![(c, c)]),
        };
        items.push(Item { class, optional: false, repeats: false });
    }
    (items.len() <= LONGEST).then_some(items)
}

fn ranges(chars: &mut std::str::Chars<'_>) -> Option<Vec<(char, char)>> {
    let mut ranges: Vec<(char, char)> = Vec::new();
    loop {
        match chars.next()? {
            ']' => return Some(ranges),
            '-' if !ranges.is_empty() => {
                let to = chars.next()?;
                ranges.last_mut()?.1 = to;
            }
            '\\' => {
                let c = chars.next()?;
                ranges.push((c, c));
            }
            c => ranges.push((c, c)),
        }
    }
}

fn meet(a: &Class, b: &Class) -> bool {
    match (a, b) {
        (Class::Any, _) | (_, Class::Any) => true,
        (Class::Of(a), Class::Of(b)) => a.iter().any(|(a0, a1)| b.iter().any(|(b0, b1)| a0 <= b1 && b0 <= a1)),
    }
}

/// Walks both patterns together over all strings at once. The empty string does not count, as in OPA.
fn intersect(a: &str, b: &str) -> Option<bool> {
    let (a, b) = (items(a)?, items(b)?);
    let width = b.len() + 1;
    let mut seen = vec![[false; 2]; (a.len() + 1) * width];
    let mut open = vec![(0, 0, false)];
    while let Some((i, j, some)) = open.pop() {
        match seen.get_mut(i * width + j).and_then(|s| s.get_mut(usize::from(some))) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        if i == a.len() && j == b.len() && some {
            return Some(true);
        }
        let (left, right) = (a.get(i), b.get(j));
        if left.is_some_and(|l| l.optional) {
            open.push((i + 1, j, some));
        }
        if right.is_some_and(|r| r.optional) {
            open.push((i, j + 1, some));
        }
        if let (Some(left), Some(right)) = (left, right)
            && meet(&left.class, &right.class)
        {
            open.push((i + 1, j + 1, true));
            if left.repeats {
                open.push((i, j + 1, true));
            }
            if right.repeats {
                open.push((i + 1, j, true));
            }
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_meet_or_do_not() {
        for (a, b, expected) in [
            ("a.a.[0-9]+z", "b.b.[0-9]*z", false),
            ("a.*", ".*b", true),
            ("[a-c]+", "d*", false),
            ("[a-c]*", "d*", false),
            ("abc", "abc", true),
            ("a+b", "aaab", true),
        ] {
            assert_eq!(intersect(a, b), Some(expected), "{a} {b}");
        }
    }
}
