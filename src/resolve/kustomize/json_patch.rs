//! JSON patches (RFC 6902): `add`, `remove`, `replace`, `move`, `copy` and `test`, as kustomize's library applies them.

use std::sync::LazyLock;

use super::fail::{Failure, Outcome};
use super::texts;
use crate::source::Span;
use crate::tree::{Entry, Input, Kind, StepKind, Text, Value};

/// Applies all operations of a patch.
pub(super) fn apply(object: &mut Value, operations: &[Value]) -> Outcome {
    operations.iter().try_for_each(|op| one(object, op))
}

/// Whether a document is a JSON patch: a list of maps.
pub(super) fn is_patch(document: &Value) -> bool {
    document.as_list().is_some_and(|ops| ops.iter().all(|op| op.as_map().is_some()))
}

fn one(object: &mut Value, operation: &Value) -> Outcome {
    let word = |key: &str| operation.get(key).and_then(Value::as_str);
    let at = operation.get("path").map_or(operation.span, |v| v.span);
    let name = word("op").unwrap_or_default();
    let Some(path) = word("path") else {
        return Err(Failure::new(operation.span, "the operation has no `path`"));
    };
    let from = || word("from").ok_or_else(|| Failure::new(operation.span, format!("`{name}` has no `from`")));
    let value = || operation.get("value").cloned().unwrap_or_else(|| Value::null(at));
    match name {
        "add" => add(object, path, &value(), at),
        "remove" => take(object, path, at).map(drop),
        "replace" => replace(object, path, &value(), at),
        "move" => {
            let moved = take(object, from()?, at)?;
            add(object, path, &moved, at)
        }
        "copy" => {
            let copied = look(object, from()?, at)?.clone();
            add(object, path, &copied, at)
        }
        "test" => test(object, path, &value(), at),
        other => Err(Failure::new(
            operation.get("op").map_or(operation.span, |v| v.span),
            format!("`{other}` is no operation of a JSON patch"),
        )),
    }
}

/// The steps of a pointer. What stands before the first slash is passed over, as kustomize's library does.
fn pointer(path: &str, at: Span) -> Outcome<Vec<Text>> {
    let Some((_, rest)) = path.split_once('/') else {
        return Err(Failure::new(at, format!("the path `{path}` does not begin with a slash")));
    };
    Ok(rest.split('/').map(|step| Text::from(step.replace("~1", "/").replace("~0", "~"))).collect())
}

/// The container that the path's last step is in.
fn container<'v>(object: &'v mut Value, path: &str, at: Span) -> Outcome<(&'v mut Value, Text)> {
    let mut steps = pointer(path, at)?;
    let last = steps.pop().unwrap_or_default();
    let mut here = object;
    for step in &steps {
        let missing = || {
            Failure::new(at, format!("the object has no `{path}`"))
                .help("a JSON patch fails where the way to its path is not there")
        };
        let declared = here.span;
        here = match &here.kind {
            Kind::Map(map) if map.get(step).is_some() => here.get_mut(step).ok_or_else(missing)?,
            Kind::List(list) => {
                let index = index(step, list.len(), false).ok_or_else(missing)?;
                here.items_mut().and_then(|items| items.get_mut(index)).ok_or_else(missing)?
            }
            _ => return Err(missing().related(declared, "the object goes as far as this")),
        };
    }
    Ok((here, last))
}

/// A list's index; negative ones count from the end. `inserting` allows the one behind the last.
fn index(step: &str, length: usize, inserting: bool) -> Option<usize> {
    let length = length + usize::from(inserting);
    let number: i64 = step.parse().ok()?;
    let index = if number < 0 { i64::try_from(length).ok()?.checked_add(number)? } else { number };
    usize::try_from(index).ok().filter(|i| *i < length)
}

/// A value that the patch puts there, with what was there before.
fn put(value: &Value, at: Span, old: Option<&Value>) -> Value {
    let inputs: Box<[Input]> = match old {
        Some(old) if !old.span.is_none() => Box::new([Input { span: old.span, origin: old.origin.clone() }]),
        _ => Box::default(),
    };
    let mut value = value.clone();
    let span = if value.span.is_none() { at } else { value.span };
    value.origin = value.origin.push(StepKind::Overlay, span, None, inputs);
    value
}

fn add(object: &mut Value, path: &str, value: &Value, at: Span) -> Outcome {
    let (here, last) = container(object, path, at)?;
    match &here.kind {
        Kind::Map(map) => {
            let new = put(value, at, map.get(&last));
            texts::set(here, &last, at, new);
            Ok(())
        }
        Kind::List(list) => {
            let index = if last == "-" {
                list.len()
            } else {
                index(&last, list.len(), true)
                    .ok_or_else(|| Failure::new(at, format!("`{last}` is beyond the end of the list")))?
            };
            let new = put(value, at, None);
            if let Some(items) = here.items_mut() {
                items.insert(index.min(items.len()), new);
            }
            Ok(())
        }
        _ => Err(Failure::new(at, format!("the object has no place for `{path}`"))
            .related(here.span, "the object goes as far as this")),
    }
}

fn take(object: &mut Value, path: &str, at: Span) -> Outcome<Value> {
    let (here, last) = container(object, path, at)?;
    let missing = Failure::new(at, format!("the object has no `{path}` to remove"));
    match &here.kind {
        Kind::Map(_) => texts::remove(here, &last).ok_or(missing),
        Kind::List(list) => {
            let index = index(&last, list.len(), false).ok_or(missing)?;
            let taken = here.items_mut().map(|items| items.remove(index));
            Ok(taken.unwrap_or_else(|| Value::null(at)))
        }
        _ => Err(missing),
    }
}

fn replace(object: &mut Value, path: &str, value: &Value, at: Span) -> Outcome {
    let (here, last) = container(object, path, at)?;
    let missing = Failure::new(at, format!("the object has no `{path}` to replace"));
    match &here.kind {
        Kind::Map(map) => {
            // A key that is not there is made: kustomize's library is not as strict as the RFC.
            let new = put(value, at, map.get(&last));
            let key = if map.get(&last).is_some() { Span::NONE } else { at };
            texts::set(here, &last, key, new);
            Ok(())
        }
        Kind::List(list) => {
            let index = index(&last, list.len(), false).ok_or(missing)?;
            if let Some(slot) = here.items_mut().and_then(|items| items.get_mut(index)) {
                *slot = put(value, at, Some(slot));
            }
            Ok(())
        }
        _ => Err(missing),
    }
}

static NULL: LazyLock<Value> = LazyLock::new(|| Value::null(Span::NONE));

fn look<'v>(object: &'v mut Value, path: &str, at: Span) -> Outcome<&'v Value> {
    let (here, last) = container(object, path, at)?;
    let found = match &here.kind {
        // kustomize's library takes a key that is not there for null.
        Kind::Map(map) => return Ok(map.get(&last).unwrap_or(&NULL)),
        Kind::List(list) => index(&last, list.len(), false).and_then(|i| list.get(i)),
        _ => None,
    };
    found.ok_or_else(|| Failure::new(at, format!("the object has no `{path}`")))
}

fn test(object: &mut Value, path: &str, value: &Value, at: Span) -> Outcome {
    let found = look(object, path, at);
    let same = match &found {
        Ok(found) => found.content_hash() == value.content_hash(),
        Err(_) => value.is_null(),
    };
    if same {
        return Ok(());
    }
    let failure = Failure::new(at, format!("the test of `{path}` fails"));
    Err(match found {
        Ok(found) => failure.related(found.span, "this stands there"),
        Err(_) => failure,
    })
}

/// An empty map below `metadata`, for patches that add to annotations which kustomize itself would have put there.
pub(super) fn make_annotations(object: &mut Value) -> bool {
    if texts::at(object, &["metadata", "annotations"]).is_some() {
        return false;
    }
    let Some(entries) = object.get_mut("metadata").and_then(Value::entries_mut) else {
        return false;
    };
    entries.push(Entry::new("annotations", Span::NONE, Value::map(Vec::new(), Span::NONE)));
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml::parse;
    use crate::source::Sources;

    fn patched(object: &str, patch: &str) -> Result<String, String> {
        let read = |text: &str| {
            let source = Sources::new().add("a.yaml", text);
            parse(&source).documents.remove(0).root
        };
        let mut object = read(object);
        apply(&mut object, read(patch).items()).map_err(|f| f.detail)?;
        let mut out = String::new();
        super::super::hash::write_json(&object, &mut out);
        Ok(out)
    }

    #[test]
    fn operations_apply_and_fail_as_the_rfc_says() {
        for (object, patch, expected) in [
            ("a: 1", "[{op: add, path: /b, value: 2}]", Ok(r#"{"a":1,"b":2}"#)),
            ("a: [1, 3]", "[{op: add, path: /a/1, value: 2}]", Ok(r#"{"a":[1,2,3]}"#)),
            ("a: [1]", "[{op: add, path: /a/-, value: 2}]", Ok(r#"{"a":[1,2]}"#)),
            ("a: {b/c: 1}", "[{op: remove, path: /a/b~1c}]", Ok(r#"{"a":{}}"#)),
            ("a: 1", "[{op: replace, path: /a, value: [x]}]", Ok(r#"{"a":["x"]}"#)),
            ("a: 1", "[{op: move, from: /a, path: /b}]", Ok(r#"{"b":1}"#)),
            ("a: [1, 2]", "[{op: copy, from: /a/0, path: /b}]", Ok(r#"{"a":[1,2],"b":1}"#)),
            ("a: 1", "[{op: test, path: /a, value: 1}]", Ok(r#"{"a":1}"#)),
            ("a: 1", "[{op: test, path: /a, value: 2}]", Err("the test of `/a` fails")),
            ("a: 1", "[{op: replace, path: /b, value: 2}]", Ok(r#"{"a":1,"b":2}"#)),
            ("a: [1]", "[{op: replace, path: /a/2, value: 2}]", Err("the object has no `/a/2` to replace")),
            ("a: 1", "[{op: add, path: /b/c, value: 2}]", Err("the object has no `/b/c`")),
            ("a: [1]", "[{op: add, path: /a/3, value: 2}]", Err("`3` is beyond the end of the list")),
        ] {
            assert_eq!(patched(object, patch), expected.map(str::to_owned).map_err(str::to_owned), "{object} {patch}");
        }
    }
}
