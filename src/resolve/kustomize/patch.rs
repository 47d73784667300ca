//! Patches: strategic merge and JSON, with and without a target.

use std::cell::RefCell;

use super::fail::{Failure, Outcome};
use super::finish::stamp_times;
use super::json_patch;
use super::merge::{Merge, first_token};
use super::resource::Resource;
use super::schema::Schema;
use super::select::Selector;
use super::shared;
use super::texts::{self, Texts};
use crate::source::{Code, Problem, Span};
use crate::tree::{Entry, Value};

/// A patch, read.
#[derive(Clone, Debug)]
pub(super) enum Patch {
    /// Objects to lay over those of the same id, or over the target.
    Strategic(Vec<Resource>),
    /// Operations for the target.
    Json(Vec<Value>),
    /// Nothing in it.
    Empty,
}

/// What patching needs to know.
#[derive(Clone, Copy)]
pub(super) struct Patching<'a> {
    pub schema: &'a Schema,
    pub texts: &'a Texts,
}

impl Patching<'_> {
    /// One entry of `patches`. `at` is where the overlay names the patch. The answer is what is odd, but no error.
    pub fn apply(
        self,
        resources: &mut Vec<Resource>,
        patch: &Patch,
        target: Option<&Selector>,
        at: Span,
    ) -> Outcome<Option<Problem>> {
        match (patch, target) {
            (Patch::Empty, _) => Ok(None),
            (Patch::Strategic(patches), None) => {
                for patch in patches {
                    let target = self.by_id(resources, patch, at)?;
                    if let Some(resource) = resources.get_mut(target) {
                        self.strategic(resource, patch).map_err(|f| f.at(at))?;
                    }
                }
                resources.retain(|r| !r.is_empty());
                Ok(None)
            }
            (Patch::Strategic(patches), Some(target)) => match patches.as_slice() {
                [patch] => self.selected(resources, patch, target, at),
                _ => Err(Failure::new(at, "several patches of one entry cannot share a target")),
            },
            (Patch::Json(operations), Some(target)) => {
                let mut found = false;
                for resource in resources.iter_mut().filter(|r| target.selects(r, self.texts)) {
                    found = true;
                    resource.remember_id(self.texts);
                    self.json(resource, operations).map_err(|f| f.at(at))?;
                }
                Ok((!found).then(|| unmatched(target)))
            }
            (Patch::Json(_), None) => Err(Failure::new(at, "a JSON patch needs a `target`")),
        }
    }

    /// One entry of `patchesJson6902`.
    pub fn legacy_json(
        self,
        resources: &mut [Resource],
        operations: &[Value],
        target: &Selector,
        at: Span,
    ) -> Outcome<Option<Problem>> {
        let mut found = false;
        for resource in resources.iter_mut().filter(|r| target.selects(r, self.texts)) {
            found = true;
            self.json(resource, operations).map_err(|f| f.at(at))?;
        }
        Ok((!found).then(|| unmatched(target)))
    }

    /// One object of `patchesStrategicMerge`.
    pub fn legacy_strategic(self, resources: &mut Vec<Resource>, patch: &Resource, at: Span) -> Outcome {
        let target = self.by_id(resources, patch, at)?;
        let mut patch = patch.clone();
        self.flatten(&mut patch);
        if let Some(resource) = resources.get_mut(target) {
            self.strategic(resource, &patch).map_err(|f| f.at(at))?;
        }
        resources.retain(|r| !r.is_empty());
        Ok(())
    }

    /// The one resource that a patch without a target means.
    fn by_id(self, resources: &[Resource], patch: &Resource, at: Span) -> Outcome<usize> {
        let id = patch.original_id(self.texts);
        let mut found =
            resources.iter().enumerate().filter(|(_, r)| !r.is_empty() && r.any_id(self.texts, |other| id.same(other)));
        let place = identity_token(patch);
        match (found.next(), found.next()) {
            (Some((index, _)), None) => Ok(index),
            (None, _) => {
                let failure = Failure::new(place, format!("the patch matches nothing: there is no `{id}`"));
                Err(near(failure, resources, patch, self.texts).related(at, "the patch is named here"))
            }
            (Some((_, one)), Some((_, other))) => {
                Err(Failure::new(place, format!("the patch matches more than one resource: `{id}`"))
                    .related(one.declared, "one")
                    .related(other.declared, "another"))
            }
        }
    }

    fn selected(
        self,
        resources: &mut Vec<Resource>,
        patch: &Resource,
        target: &Selector,
        at: Span,
    ) -> Outcome<Option<Problem>> {
        let mut found = false;
        let chosen: Vec<bool> = resources.iter().map(|r| target.selects(r, self.texts)).collect();
        let mut patch = patch.clone();
        self.flatten(&mut patch);
        for (resource, _) in resources.iter_mut().zip(&chosen).filter(|(_, c)| **c) {
            found = true;
            let mut patch = patch.clone();
            // The target's kind and version hold, and its kind only where the patch gives none.
            if let Some(version) = resource.value.get("apiVersion").cloned() {
                texts::set(&mut patch.value, "apiVersion", Span::NONE, version);
            }
            self.strategic(resource, &patch).map_err(|f| f.at(at))?;
        }
        resources.retain(|r| !r.is_empty());
        Ok((!found).then(|| unmatched(target)))
    }

    /// kustomize rewrites a patch's own labels and annotations as strings before it lays it over a target: a null there
    /// no longer takes anything away.
    fn flatten(self, patch: &mut Resource) {
        for key in ["labels", "annotations"] {
            let Some(held) = texts::at(&patch.value, &["metadata", key]) else {
                continue;
            };
            let span = held.span;
            let words: Vec<Entry> = held
                .entries()
                .iter()
                .map(|e| {
                    let text = self.as_written(&e.value);
                    Entry::new(e.key.clone(), e.key_span, texts::string(text, e.value.span))
                })
                .collect();
            let Some(metadata) = patch.value.get_mut("metadata") else {
                continue;
            };
            if words.is_empty() {
                texts::remove(metadata, key);
            } else {
                texts::set(metadata, key, Span::NONE, Value::map(words, span));
            }
        }
    }

    fn as_written(self, value: &Value) -> crate::tree::Text {
        self.texts.raw(value)
    }

    /// Lays one object over another. Name, namespace and kind stay, unless the patch may change them.
    fn strategic(self, resource: &mut Resource, patch: &Resource) -> Outcome {
        let kept = |resource: &Resource, keys: &[&str]| texts::at(&resource.value, keys).cloned();
        let (kind, name, namespace) = (
            kept(resource, &["kind"]),
            kept(resource, &["metadata", "name"]),
            kept(resource, &["metadata", "namespace"]),
        );
        if patch.allow_name_change || patch.allow_kind_change {
            resource.remember_id(self.texts);
        }
        let replaced = RefCell::default();
        let merge =
            Merge { schema: self.schema, texts: self.texts, rewritten: resource.rewritten, replaced: &replaced };
        // kustomize has annotations of its own here: what a patch says of annotations meets a map.
        let made = resource.is_annotated() && json_patch::make_annotations(&mut resource.value);
        let before = std::mem::replace(&mut resource.value, Value::null(Span::NONE));
        let had_annotations = has_annotations(&before) || resource.is_annotated();
        let merged = match merge.object(before.clone(), &patch.value) {
            Ok(merged) => merged,
            Err(failure) => {
                resource.value = before;
                return Err(failure.related(resource.declared, "the resource"));
            }
        };
        let Some(merged) = merged else { return Ok(()) };
        resource.value = merged;
        if made {
            drop_empty_annotations(resource);
        }
        for (old, new) in replaced.take() {
            shared::replace(&mut resource.value, &old, &new);
        }
        if had_annotations && clears_annotations(&patch.value) {
            resource.forget();
        }
        if !patch.allow_kind_change
            && let Some(kind) = kind
        {
            texts::set(&mut resource.value, "kind", Span::NONE, kind);
        }
        let Ok(metadata) = texts::map_at(&mut resource.value, "metadata") else {
            return Ok(());
        };
        if !patch.allow_name_change
            && let Some(name) = name
        {
            texts::set(metadata, "name", Span::NONE, name);
        }
        match namespace {
            Some(namespace) if !self.texts.raw(&namespace).is_empty() && !namespace.is_null() => {
                texts::set(metadata, "namespace", Span::NONE, namespace);
            }
            _ => drop(texts::remove(metadata, "namespace")),
        }
        resource.touch(identity_token(patch));
        Ok(())
    }

    fn json(self, resource: &mut Resource, operations: &[Value]) -> Outcome {
        let made = resource.is_annotated() && json_patch::make_annotations(&mut resource.value);
        resource.rewritten = true;
        stamp_times(&mut resource.value, self.texts, 0);
        let before = resource.value.clone();
        if let Err(failure) = json_patch::apply(&mut resource.value, operations) {
            resource.value = before;
            return Err(failure.related(resource.declared, "the resource"));
        }
        if operations.iter().any(replaces_annotations) {
            resource.origin = None;
            resource.transformations.clear();
        }
        if made {
            drop_empty_annotations(resource);
        }
        Ok(())
    }
}

/// kustomize lets a target match nothing without a word, and a shared component may mean it so: said on request only.
fn unmatched(target: &Selector) -> Problem {
    Problem::new(Code::Render, target.span, "the target matches no resource")
        .help("kustomize ignores the patch silently")
        .undetermined()
}

fn drop_empty_annotations(resource: &mut Resource) {
    let empty = texts::at(&resource.value, &["metadata", "annotations"]).is_some_and(texts::is_empty);
    if empty && let Some(metadata) = resource.value.get_mut("metadata") {
        texts::remove(metadata, "annotations");
    }
}

fn has_annotations(object: &Value) -> bool {
    texts::at(object, &["metadata", "annotations"]).is_some()
}

/// Whether a patch takes all annotations away.
fn clears_annotations(patch: &Value) -> bool {
    match texts::at(patch, &["metadata", "annotations"]) {
        Some(annotations) => {
            annotations.is_null()
                || matches!(annotations.get("$patch").and_then(Value::as_str), Some("delete" | "replace"))
        }
        None => false,
    }
}

/// Whether an operation puts other annotations in the place of all.
fn replaces_annotations(operation: &Value) -> bool {
    let path = operation.get("path").and_then(Value::as_str).unwrap_or_default();
    matches!(path, "/metadata" | "/metadata/annotations")
}

/// What stands for a patch as a place: its name, else its first key.
pub(super) fn identity_token(patch: &Resource) -> Span {
    texts::at(&patch.value, &["metadata", "name"])
        .map(|name| name.span)
        .filter(|span| !span.is_none())
        .unwrap_or_else(|| first_token(&patch.value))
}

/// Names a resource that the patch may have meant.
fn near(failure: Failure, resources: &[Resource], patch: &Resource, texts: &Texts) -> Failure {
    let wanted = patch.id(texts);
    let alike = resources.iter().find(|r| {
        let id = r.id(texts);
        id.name == wanted.name && id.gvk.kind.eq_ignore_ascii_case(&wanted.gvk.kind)
    });
    match alike {
        Some(resource) => {
            let id = resource.id(texts);
            let differs = if id.gvk != wanted.gvk {
                format!("this one is of `{}`", id.gvk.api_version())
            } else {
                format!("this one is in namespace `{}`", id.effective_namespace())
            };
            failure.related(resource.declared, differs)
        }
        None => failure,
    }
}
