//! Strategic merge of lists whose elements have keys. The order is kustomize's: the patch's elements first, in its
//! order, then what only the object has. So are the corner cases: elements of one key collapse into the last of them.

use super::fail::{Failure, Outcome};
use super::merge::{Directive, Merge, directive};
use super::schema::At;
use super::texts::{self, Texts};
use crate::read::yaml::{Typing, typed};
use crate::tree::{Text, Value};

/// What is merged with what.
pub(super) enum Sources {
    /// Only the object has the list.
    Dest,
    /// Only the patch has it, or it replaces the object's: it is merged with itself.
    Same,
    /// Both, with the patch's list.
    Both(Value),
}

/// Takes an element `{$patch: …}` out of a list.
pub(super) fn take_directive(patch: &mut Value) -> Outcome<Directive> {
    let found = patch.items().iter().find_map(|item| item.get("$patch").map(|said| (item.entries().len(), said)));
    let Some((1, said)) = found else {
        return Ok(Directive::Merge);
    };
    let found = directive(said)?;
    let text = said.as_str().map(Text::from);
    if let Some(items) = patch.items_mut() {
        items.retain(|item| item.get("$patch").and_then(Value::as_str).map(Text::from) != text);
    }
    Ok(found)
}

/// What a scalar reads as.
#[derive(Clone, Copy)]
struct Raw<'a> {
    texts: &'a Texts,
    /// The object went through a JSON patch, which writes a null out.
    rewritten: bool,
}

impl Raw<'_> {
    fn of(self, value: &Value) -> Text {
        if self.rewritten && value.is_null() { Text::const_new("null") } else { self.texts.raw(value) }
    }
}

/// Merges the elements of a list.
pub(super) fn merge<'a>(
    merge: Merge<'a>,
    mut dest: Vec<Value>,
    sources: &Sources,
    keys: &[Text],
    elements: Option<At<'a>>,
) -> Outcome<Vec<Value>> {
    let written = Raw { texts: merge.texts, rewritten: false };
    let raw = Raw { rewritten: merge.rewritten, ..written };
    let patch: &[Value] = match sources {
        Sources::Both(patch) => patch.items(),
        _ => &[],
    };
    let wanted = identities(patch, &dest, keys, merge.texts);
    if wanted.is_empty() {
        return Ok(dest);
    }
    let keys = used_keys(&wanted, keys);
    let mut made: Vec<Value> = Vec::new();
    for identity in &wanted {
        let values = used_values(&wanted, identity, &keys);
        // An element is found by those of its keys that it has.
        let (search_keys, search_values) = search(&keys, &values);
        let mine = position(&dest, &search_keys, &search_values, raw);
        let theirs = position(patch, &search_keys, &search_values, written);
        let theirs = theirs.and_then(|at| patch.get(at));
        let held = mine.and_then(|at| dest.get(at).cloned());
        let merged = match sources {
            Sources::Same => match held {
                Some(held) => merge.adopt_value(held, elements)?,
                None => None,
            },
            _ => merge.walk(held, theirs, elements)?,
        };
        let Some(mut merged) = merged.filter(|v| !texts::is_empty(v)) else {
            set(&mut dest, None, &keys, &values, raw)?;
            continue;
        };
        if let (Some(""), Some(value)) = (keys.first().map(Text::as_str), values.first())
            && !value.is_empty()
            && texts::is_scalar(&merged)
        {
            merged.kind = texts::retyped(value, &merged);
        }
        for (key, value) in keys.iter().zip(&values) {
            if !key.is_empty() && !value.is_empty() && merged.get(key).is_none() {
                let span = merged.span;
                let value = Value::new(typed(value, Typing::Kustomize), span);
                texts::set(&mut merged, key, span, value);
            }
        }
        // An element that says `$patch: replace` does not: the object's own comes back in below.
        let replaces = |v: &Value| matches!(v.get("$patch").and_then(Value::as_str), Some("replace"));
        let kept = theirs.is_some_and(replaces);
        if let Some(slot) = mine.filter(|_| !kept).and_then(|at| dest.get_mut(at)) {
            *slot = merged.clone();
        }
        set(&mut made, Some(merged), &keys, &values, raw)?;
    }
    for element in &dest {
        append(&mut made, element, &keys, raw)?;
    }
    Ok(made)
}

type Identity = Vec<Text>;

/// The keys of all elements, the patch's first, each once.
fn identities(patch: &[Value], dest: &[Value], keys: &[Text], texts: &Texts) -> Vec<Identity> {
    let mut found: Vec<Identity> = Vec::new();
    for element in patch.iter().chain(dest) {
        let identity: Identity = if keys.is_empty() {
            vec![texts.raw(element)]
        } else {
            let of = |key: &Text| match element.get(key) {
                Some(value) if !texts::is_empty(value) => texts.raw(value),
                _ => Text::default(),
            };
            keys.iter().map(of).collect()
        };
        if !found.contains(&identity) {
            found.push(identity);
        }
    }
    if keys.len() > 1 {
        complete(&mut found);
    }
    found
}

/// Identities that differ only in what one of them leaves out are one.
fn complete(found: &mut [Identity]) {
    for i in 0..found.len() {
        // As it was when its turn came: kustomize compares with that, whatever it has become since.
        let Some(one) = found.get(i).cloned() else { continue };
        for j in 0..found.len() {
            let Some(joined) = found.get(j).and_then(|other| join(&one, other)) else {
                continue;
            };
            for at in [i, j] {
                if let Some(slot) = found.get_mut(at) {
                    slot.clone_from(&joined);
                }
            }
        }
    }
}

fn join(one: &Identity, other: &Identity) -> Option<Identity> {
    let mut common = false;
    let mut joined = Vec::with_capacity(one.len());
    for (a, b) in one.iter().zip(other) {
        if a == b {
            common = true;
            joined.push(a.clone());
        } else if !a.is_empty() && !b.is_empty() {
            return None;
        } else {
            joined.push(if a.is_empty() { b.clone() } else { a.clone() });
        }
    }
    common.then_some(joined)
}

/// The keys that some element has; all of them where none has any. A list of scalars has one key without a name.
fn used_keys(wanted: &[Identity], keys: &[Text]) -> Vec<Text> {
    if keys.is_empty() {
        return vec![Text::default()];
    }
    let used: Vec<Text> = keys
        .iter()
        .enumerate()
        .filter(|(i, _)| wanted.iter().any(|id| id.get(*i).is_some_and(|v| !v.is_empty())))
        .map(|(_, key)| key.clone())
        .collect();
    if used.is_empty() { keys.to_vec() } else { used }
}

fn used_values(wanted: &[Identity], identity: &Identity, keys: &[Text]) -> Vec<Text> {
    if identity.len() == keys.len() {
        return identity.clone();
    }
    identity
        .iter()
        .enumerate()
        .filter(|(i, _)| wanted.iter().any(|id| id.get(*i).is_some_and(|v| !v.is_empty())))
        .map(|(_, value)| value.clone())
        .collect()
}

fn search(keys: &[Text], values: &[Text]) -> (Vec<Text>, Vec<Text>) {
    let given = || keys.iter().zip(values).filter(|(_, v)| !v.is_empty());
    if given().next().is_none() {
        return (keys.to_vec(), values.to_vec());
    }
    given().map(|(k, v)| (k.clone(), v.clone())).unzip()
}

/// The first element with these keys.
fn position(list: &[Value], keys: &[Text], values: &[Text], raw: Raw<'_>) -> Option<usize> {
    if keys.first().is_none_or(|k| k.is_empty()) {
        let wanted = values.first()?;
        return list.iter().position(|item| raw.of(item) == *wanted);
    }
    list.iter().position(|item| {
        item.as_map().is_some()
            && keys.iter().zip(values).all(|(key, value)| item.get(key).is_some_and(|held| raw.of(held) == *value))
    })
}

/// Puts an element in the place of all that have its keys, or at the end; without an element, takes those out.
fn set(list: &mut Vec<Value>, element: Option<Value>, keys: &[Text], values: &[Text], raw: Raw<'_>) -> Outcome {
    let mapping = keys.first().is_some_and(|k| !k.is_empty()) && values.first().is_some_and(|v| !v.is_empty());
    let mut found = false;
    let held = std::mem::take(list);
    for item in held {
        if texts::is_empty(&item) && item.as_list().is_none() {
            continue;
        }
        if item.as_map().is_none() && mapping {
            list.push(item);
            continue;
        }
        if !is_it(&item, keys, values, raw)? {
            if !values.is_empty() {
                list.push(item);
            }
            continue;
        }
        found = true;
        list.extend(element.clone());
    }
    if !found {
        list.extend(element);
    }
    Ok(())
}

fn is_it(item: &Value, keys: &[Text], values: &[Text], raw: Raw<'_>) -> Outcome<bool> {
    let mut last = false;
    for (i, key) in keys.iter().enumerate() {
        if let Some(value) = values.get(i) {
            let fits = if key.is_empty() { texts::is_scalar(item) } else { item.as_map().is_some() };
            if !fits {
                return Err(Failure::new(
                    item.span,
                    format!("a {} stands in a list that merges by its elements", item.type_name()),
                ));
            }
            last = if key.is_empty() {
                raw.of(item) == *value
            } else {
                item.get(key).is_some_and(|held| value.is_empty() || raw.of(held) == *value)
            };
        }
        if !last {
            return Ok(false);
        }
    }
    Ok(last)
}

/// Adds one of the object's own elements behind those that were merged.
fn append(list: &mut Vec<Value>, element: &Value, keys: &[Text], raw: Raw<'_>) -> Outcome {
    if keys.first().is_none_or(|k| k.is_empty()) {
        let no_key = [Text::default()];
        return set(list, Some(element.clone()), &no_key, &[raw.of(element)], raw);
    }
    let mut values = Vec::with_capacity(keys.len());
    for key in keys {
        match element.get(key) {
            Some(value) => values.push(raw.of(value)),
            None => list.push(element.clone()),
        }
    }
    if keys.len() > 1 {
        set(list, None, keys, &values, raw)?;
    }
    set(list, Some(element.clone()), keys, &values, raw)
}
