//! Dotted paths into objects, as variables and replacements write them: keys, indices, `[key=value]` and `*`.

use regex::Regex;

use super::fail::{Failure, Outcome};
use super::texts::{self, Texts};
use crate::source::Span;
use crate::tree::{Entry, Kind, Text, Value};

/// `a[0]` as two steps.
pub(super) fn with_indices(steps: &[Text]) -> Vec<Text> {
    let mut made = Vec::with_capacity(steps.len());
    for step in steps {
        let inner = step.strip_suffix(']').and_then(|s| s.rsplit_once('['));
        match inner {
            Some((key, index)) if !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()) => {
                if !key.is_empty() {
                    made.push(key.into());
                }
                made.push(index.into());
            }
            _ => made.push(step.clone()),
        }
    }
    made
}

fn index(step: &str) -> Option<usize> {
    step.parse().ok()
}

/// `[key=value]`.
fn selector(step: &str) -> Option<Outcome<(Text, Text)>> {
    let inner = step.strip_prefix('[')?.strip_suffix(']')?;
    Some(match inner.split_once('=') {
        Some((key, value)) => Ok((key.into(), value.into())),
        None => Err(Failure::new(Span::NONE, format!("`{step}` is not of the form `[key=value]`"))),
    })
}

/// The value at a path; the first of those that `[key=value]` means.
pub(super) fn look<'v>(value: &'v Value, steps: &[Text], texts: &Texts) -> Outcome<Option<&'v Value>> {
    let mut here = value;
    for step in steps.iter().map(|s| s.trim()).filter(|s| !s.is_empty()) {
        let wrong = |wanted: &str| {
            Failure::new(here.span, format!("a {} stands where `{step}` needs a {wanted}", here.type_name()))
        };
        if here.is_null() {
            return Ok(None);
        }
        let next = if let Some(at) = index(step) {
            here.as_list().ok_or_else(|| wrong("list"))?.get(at)
        } else if step == "-" {
            here.as_list().ok_or_else(|| wrong("list"))?.last()
        } else if step == "*" {
            return Err(Failure::new(here.span, "`*` means no single value here"));
        } else if let Some(parsed) = selector(step) {
            let (key, wanted) = parsed?;
            here.as_list().ok_or_else(|| wrong("list"))?.iter().find(|item| {
                if key.is_empty() {
                    texts.raw(item) == wanted
                } else {
                    item.get(&key).is_some_and(|v| texts.raw(v) == wanted)
                }
            })
        } else {
            here.as_map().ok_or_else(|| wrong("map"))?.get(step)
        };
        match next {
            Some(next) => here = next,
            None => return Ok(None),
        }
    }
    Ok(Some(here))
}

/// What a path that is not there is made with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Make {
    Nothing,
    Scalar,
    Map,
    List,
}

/// Calls `set` with every value that a path means; answers how many there were.
pub(super) fn each(
    value: &mut Value,
    steps: &[Text],
    make: Make,
    texts: &Texts,
    set: &mut dyn FnMut(&mut Value) -> Outcome,
) -> Outcome<usize> {
    let Some((step, rest)) = steps.split_first() else {
        return set(value).map(|()| 1);
    };
    if let Some(at) = index(step) {
        return each_index(value, at, rest, make, texts, set);
    }
    if let Some(parsed) = selector(step) {
        let (key, pattern) = parsed?;
        return each_selected(value, (&key, &pattern), rest, make, texts, set);
    }
    if step == "*" {
        expect_list(value, step)?;
        let mut count = 0;
        for item in value.items_mut().into_iter().flatten() {
            count += each(item, rest, make, texts, set)?;
        }
        return Ok(count);
    }
    if value.is_null() {
        if make == Make::Nothing {
            return Ok(0);
        }
        *value = Value::map(Vec::new(), value.span);
    }
    if value.as_map().is_none() {
        return Err(Failure::new(value.span, format!("a {} stands where `{step}` needs a map", value.type_name())));
    }
    if value.get(step).is_none() {
        if make == Make::Nothing {
            return Ok(0);
        }
        let made = made(rest.first(), make);
        texts::set(value, step, Span::NONE, made);
    }
    match value.get_mut(step) {
        // A scalar in the way may hold a document of its own, which is not changed this way.
        Some(below) if texts::is_scalar(below) && !below.is_null() && !rest.is_empty() => Ok(0),
        Some(below) => each(below, rest, make, texts, set),
        None => Ok(0),
    }
}

/// A value for the next step to go into.
fn made(next: Option<&Text>, make: Make) -> Value {
    let list = next.is_some_and(|n| index(n).is_some() || n.starts_with('['));
    match (next, make) {
        (Some(_), _) if list => Value::list(Vec::new(), Span::NONE),
        (None, Make::List) => Value::list(Vec::new(), Span::NONE),
        (None, Make::Scalar) => Value::string("", Span::NONE),
        _ => Value::map(Vec::new(), Span::NONE),
    }
}

fn expect_list(value: &Value, step: &str) -> Outcome {
    if value.as_list().is_some() || value.is_null() {
        return Ok(());
    }
    Err(Failure::new(value.span, format!("a {} stands where `{step}` needs a list", value.type_name())))
}

fn each_index(
    value: &mut Value,
    at: usize,
    rest: &[Text],
    make: Make,
    texts: &Texts,
    set: &mut dyn FnMut(&mut Value) -> Outcome,
) -> Outcome<usize> {
    expect_list(value, &at.to_string())?;
    let length = value.items().len();
    if length == at && make != Make::Nothing {
        let new = made(rest.first(), make);
        if let Some(items) = value.items_mut() {
            items.push(new);
        }
    }
    let span = value.span;
    match value.items_mut().and_then(|items| items.get_mut(at)) {
        Some(item) => each(item, rest, make, texts, set),
        None => Err(Failure::new(span, format!("the list has {length} elements, not one at {at}"))),
    }
}

fn each_selected(
    value: &mut Value,
    (key, pattern): (&str, &str),
    rest: &[Text],
    make: Make,
    texts: &Texts,
    set: &mut dyn FnMut(&mut Value) -> Outcome,
) -> Outcome<usize> {
    expect_list(value, key)?;
    let regex = Regex::new(pattern)
        .map_err(|_| Failure::new(Span::NONE, format!("`{pattern}` is no valid regular expression")))?;
    let selected = |item: &Value| {
        let held = if key.is_empty() { Some(item) } else { item.get(key) };
        held.is_some_and(|v| texts::is_scalar(v) && regex.is_match(texts.raw(v).trim()))
    };
    let mut count = 0;
    for item in value.items_mut().into_iter().flatten() {
        if selected(item) {
            // An element of scalars ends the path.
            let rest = if key.is_empty() { &[] } else { rest };
            count += each(item, rest, make, texts, set)?;
        }
    }
    if count > 0 || make == Make::Nothing {
        return Ok(count);
    }
    let word = Value::new(crate::read::yaml::typed(pattern, crate::read::yaml::Typing::Kustomize), Span::NONE);
    let mut item = if key.is_empty() { word } else { Value::map(vec![Entry::new(key, Span::NONE, word)], Span::NONE) };
    let rest = if key.is_empty() { &[] } else { rest };
    let made = each(&mut item, rest, make, texts, set)?;
    if !matches!(value.kind, Kind::List(_)) {
        return Ok(0);
    }
    if let Some(items) = value.items_mut() {
        items.push(item);
    }
    Ok(made)
}
