//! Strategic merge: a patch laid over an object, as kustomize's walker does it. A patch's nulls and `$patch` directives
//! take away, lists with merge keys merge element by element, every other list and every scalar is replaced.

use std::cell::RefCell;

use super::fail::{Failure, Outcome};
use super::lists::{self, Sources};
use super::schema::{At, Schema};
use super::shared;
use super::texts::{self, Texts, is_quoted, is_scalar};
use crate::tree::{Entry, Input, Kind, Origin, StepKind, Style, Value};

/// What merging needs to know.
#[derive(Clone, Copy)]
pub(super) struct Merge<'a> {
    pub schema: &'a Schema,
    pub texts: &'a Texts,
    /// The object went through a JSON patch: all of its nulls are written out.
    pub rewritten: bool,
    /// What was replaced and may stand elsewhere too, with what took its place.
    pub replaced: &'a RefCell<Vec<(Origin, Value)>>,
}

/// What `$patch` says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Directive {
    Merge,
    Replace,
    Delete,
}

impl<'a> Merge<'a> {
    /// The object with the patch laid over it; nothing where the patch deletes it.
    pub fn object(self, object: Value, patch: &Value) -> Outcome<Option<Value>> {
        let mut directive = patch.clone();
        if take_directive(&mut directive)? == Directive::Replace {
            // kustomize merges the patch with itself and leaves the object as it was.
            return Ok(Some(object));
        }
        self.walk(Some(object), Some(patch), None)
    }

    /// Merges one value. Without a patch the value is still walked: empty nulls are dropped on the way.
    pub fn walk(self, dest: Option<Value>, patch: Option<&Value>, at: Option<At<'a>>) -> Outcome<Option<Value>> {
        let at = at.or_else(|| self.kind_of(dest.as_ref()).or_else(|| self.kind_of(patch)));
        let known = |v: Option<&Value>| v.is_some_and(|v| !v.is_null());
        let first = if known(dest.as_ref()) || patch.is_none() { dest.as_ref() } else { patch };
        match first.map(|v| &v.kind) {
            None => Ok(None),
            Some(Kind::Null) => Ok(self.nulls(dest, patch)),
            Some(Kind::Map(_)) => {
                expect(dest.as_ref(), patch, |v| v.as_map().is_some())?;
                self.map(dest, patch, at)
            }
            Some(Kind::List(_)) => {
                expect(dest.as_ref(), patch, |v| v.as_list().is_some())?;
                match at.and_then(At::merge_keys) {
                    Some(keys) => self.keyed(dest, patch, keys, at),
                    None => Ok(drop_null(self.replace(dest, patch))),
                }
            }
            Some(_) => {
                expect(dest.as_ref(), patch, is_scalar)?;
                Ok(drop_null(self.replace(dest, patch)))
            }
        }
    }

    /// Both are null or not there. A null that somebody wrote out stays, where no patch takes it away.
    fn nulls(self, dest: Option<Value>, patch: Option<&Value>) -> Option<Value> {
        match (dest, patch) {
            (Some(dest), None) if self.rewritten || !self.texts.raw(&dest).is_empty() => Some(dest),
            _ => None,
        }
    }

    fn kind_of(self, value: Option<&Value>) -> Option<At<'a>> {
        let value = value?;
        let text = |key| value.get(key).map(|v| self.texts.raw(v));
        self.schema.object(&text("apiVersion")?, &text("kind")?)
    }

    fn map(self, dest: Option<Value>, patch: Option<&Value>, at: Option<At<'a>>) -> Outcome<Option<Value>> {
        let Some(patch) = patch else {
            return self.fields(dest.unwrap_or_else(nothing), None, at).map(Some);
        };
        if patch.is_null() {
            return Ok(None);
        }
        let mut patch = patch.clone();
        let directive = take_directive(&mut patch)?;
        match (directive, dest) {
            (Directive::Delete, _) => Ok(None),
            (Directive::Replace, Some(dest)) if !dest.is_null() => {
                let kept = self.adopt(patch, at)?;
                Ok(kept.map(|value| over(value, &dest)))
            }
            (Directive::Merge, Some(dest)) if !dest.is_null() => self.fields(dest, Some(&patch), at).map(Some),
            (_, dest) => {
                let kept = self.adopt(patch, at)?;
                Ok(kept.map(|value| match dest {
                    Some(dest) => over(value, &dest),
                    None => added(value),
                }))
            }
        }
    }

    /// What a patch brings where nothing was: it is merged with itself, which takes its nulls and directives out.
    fn adopt(self, mut patch: Value, at: Option<At<'a>>) -> Outcome<Option<Value>> {
        let entries = patch.entries_mut().map(std::mem::take).unwrap_or_default();
        let mut kept = Vec::with_capacity(entries.len());
        for mut entry in entries {
            let below = at.and_then(|at| at.field(&entry.key));
            if let Some(value) = self.adopt_value(entry.value, below)? {
                entry.value = value;
                kept.push(entry);
            }
        }
        if let Some(entries) = patch.entries_mut() {
            *entries = kept;
        }
        Ok(Some(patch))
    }

    /// One value of such a patch.
    pub fn adopt_value(self, mut value: Value, at: Option<At<'a>>) -> Outcome<Option<Value>> {
        let at = at.or_else(|| self.kind_of(Some(&value)));
        match &value.kind {
            Kind::Null => Ok(None),
            Kind::Map(_) => match take_directive(&mut value)? {
                Directive::Delete => Ok(None),
                _ => self.adopt(value, at),
            },
            Kind::List(_) => match at.and_then(At::merge_keys) {
                Some(keys) => self.keyed(None, Some(&value), keys, at),
                None => Ok(Some(value)),
            },
            _ => Ok(Some(value)),
        }
    }

    /// Merges the fields of two maps.
    fn fields(self, mut dest: Value, patch: Option<&Value>, at: Option<At<'a>>) -> Outcome<Value> {
        let theirs = patch.map(Value::entries).unwrap_or_default();
        if theirs.is_empty() && !self.has_work(&dest, at) {
            return Ok(dest);
        }
        let mut touched = false;
        let held = dest.entries_mut().map(std::mem::take).unwrap_or_default();
        let new: Vec<&Entry> = theirs.iter().filter(|e| !held.iter().any(|h| h.key == e.key)).collect();
        let mut merged = Vec::with_capacity(held.len() + new.len());
        for mut entry in held {
            let over = theirs.iter().find(|e| e.key == entry.key);
            let below = at.and_then(|at| at.field(&entry.key));
            touched |= over.is_some_and(|e| !matches!(e.value.kind, Kind::Map(_)));
            if let Some(value) = self.walk(Some(entry.value), over.map(|e| &e.value), below)? {
                entry.value = value;
                merged.push(entry);
            }
        }
        for entry in new {
            let below = at.and_then(|at| at.field(&entry.key));
            if let Some(value) = self.walk(None, Some(&entry.value), below)? {
                touched = true;
                merged.push(Entry::new(entry.key.clone(), entry.key_span, value));
            }
        }
        if let Some(entries) = dest.entries_mut() {
            *entries = merged;
        }
        if let Some(patch) = patch.filter(|p| touched && !p.span.is_none()) {
            dest.origin = dest.origin.then(StepKind::Overlay, first_token(patch));
        }
        Ok(dest)
    }

    /// A scalar or list of the patch in the place of the object's. What replaces a scalar in quotes is a string.
    fn replace(self, dest: Option<Value>, patch: Option<&Value>) -> Option<Value> {
        let (dest, patch) = match (dest, patch) {
            (Some(dest), Some(patch)) => (dest, patch),
            (dest, None) => return dest,
            (None, Some(patch)) => return Some(added(patch.clone())),
        };
        let mut value = over(patch.clone(), &dest);
        let retyped = match &patch.kind {
            Kind::Bool(_) | Kind::Number(_) => true,
            Kind::String(text) => !is_quoted(patch) && texts::looks_like_time(text),
            _ => false,
        };
        if retyped && is_scalar(&dest) && self.texts.quoted(&dest) {
            value.kind = Kind::String(self.texts.raw(patch));
            value.style = Style::Double;
        }
        if is_scalar(&dest) && !value.is_null() && shared::may_be(&dest) {
            self.replaced.borrow_mut().push((dest.origin.clone(), value.clone()));
        }
        Some(value)
    }

    /// Whether walking a value without a patch could change it: it holds a null, or a list that merges.
    fn has_work(self, value: &Value, at: Option<At<'a>>) -> bool {
        match &value.kind {
            Kind::Null => true,
            Kind::Map(map) => {
                let at = at.or_else(|| self.kind_of(Some(value)));
                map.iter().any(|e| self.has_work(&e.value, at.and_then(|at| at.field(&e.key))))
            }
            Kind::List(_) => at.and_then(At::merge_keys).is_some(),
            _ => false,
        }
    }

    fn keyed(
        self,
        dest: Option<Value>,
        patch: Option<&Value>,
        keys: &'a [crate::tree::Text],
        at: Option<At<'a>>,
    ) -> Outcome<Option<Value>> {
        let elements = at.and_then(At::elements);
        let empty = |v: &Value| v.is_null();
        let (mut list, sources, replaced) = match (dest, patch) {
            (Some(dest), None) => (dest, Sources::Dest, None),
            (Some(dest), Some(patch)) if !empty(&dest) => {
                if patch.is_null() {
                    return Ok(None);
                }
                let mut patch = patch.clone();
                match lists::take_directive(&mut patch)? {
                    Directive::Delete => return Ok(None),
                    Directive::Replace => (patch, Sources::Same, Some(dest)),
                    Directive::Merge => (dest, Sources::Both(patch), None),
                }
            }
            (dest, Some(patch)) => (patch.clone(), Sources::Same, dest),
            (None, None) => return Ok(None),
        };
        let items = list.items_mut().map(std::mem::take).unwrap_or_default();
        let items = lists::merge(self, items, &sources, keys, elements)?;
        if let Some(held) = list.items_mut() {
            *held = items;
        }
        Ok(Some(match (sources, replaced) {
            (Sources::Same, Some(old)) => over(list, &old),
            (Sources::Same, None) => added(list),
            _ => list,
        }))
    }
}

fn nothing() -> Value {
    Value::map(Vec::new(), crate::source::Span::NONE)
}

fn drop_null(value: Option<Value>) -> Option<Value> {
    value.filter(|v| !v.is_null())
}

/// A value that the overlay put in the place of another.
fn over(mut value: Value, old: &Value) -> Value {
    let inputs: Box<[Input]> = if old.span.is_none() {
        Box::default()
    } else {
        Box::new([Input { span: old.span, origin: old.origin.clone() }])
    };
    value.origin = value.origin.push(StepKind::Overlay, value.span, None, inputs);
    value
}

/// A value that the overlay put where none was.
fn added(mut value: Value) -> Value {
    value.origin = value.origin.then(StepKind::Overlay, value.span);
    value
}

/// The first token of a map: a patch's map as a place.
pub(super) fn first_token(value: &Value) -> crate::source::Span {
    value.entries().first().map(|e| e.key_span).filter(|s| !s.is_none()).unwrap_or(value.span)
}

/// Takes `$patch` out of a map.
pub(super) fn take_directive(patch: &mut Value) -> Outcome<Directive> {
    let Some(said) = patch.get("$patch") else {
        return Ok(Directive::Merge);
    };
    let directive = directive(said)?;
    texts::remove(patch, "$patch");
    Ok(directive)
}

pub(super) fn directive(said: &Value) -> Outcome<Directive> {
    match said.as_str() {
        Some("merge") => Ok(Directive::Merge),
        Some("replace") => Ok(Directive::Replace),
        Some("delete") => Ok(Directive::Delete),
        Some(other) => Err(Failure::new(said.span, format!("unknown patch strategy `{other}`"))
            .help("`$patch` is `merge`, `replace` or `delete`")),
        None => Ok(Directive::Merge),
    }
}

fn expect(dest: Option<&Value>, patch: Option<&Value>, wanted: impl Fn(&Value) -> bool) -> Outcome {
    let wrong = |v: &&Value| !v.is_null() && !wanted(v);
    let Some(patch) = patch.filter(wrong) else {
        return Ok(());
    };
    let Some(dest) = dest else { return Ok(()) };
    Err(Failure::new(
        patch.span,
        format!("the patch has a {} where the object has a {}", patch.type_name(), dest.type_name()),
    )
    .related(dest.span, "the object's"))
}
