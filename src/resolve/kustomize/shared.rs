//! Values that stand in several places of one resource because one transformer put them there: in kustomize they are one
//! node, so that a patch of one of them changes all. A patch of `metadata.labels.app` reaches the selector too.

use super::texts;
use crate::tree::{Kind, Origin, StepKind, Value};

/// Whether a value may stand elsewhere too: a transformer put it where nothing was.
pub(super) fn may_be(value: &Value) -> bool {
    value.origin.steps().next().is_some_and(|step| step.kind == StepKind::Overlay && step.inputs.is_empty())
}

/// Puts a new value wherever the one of this origin still stands.
pub(super) fn replace(object: &mut Value, old: &Origin, new: &Value) {
    if !holds(object, old, 0) {
        return;
    }
    if texts::is_scalar(object) {
        if object.origin.is_same(old) {
            *object = new.clone();
        }
        return;
    }
    match &object.kind {
        Kind::List(_) => object.items_mut().into_iter().flatten().for_each(|item| replace(item, old, new)),
        Kind::Map(_) => {
            object.entries_mut().into_iter().flatten().for_each(|e| replace(&mut e.value, old, new));
        }
        _ => {}
    }
}

/// Objects nest no deeper than this.
const DEPTH: usize = 600;

fn holds(value: &Value, old: &Origin, depth: usize) -> bool {
    match &value.kind {
        _ if depth > DEPTH => false,
        Kind::List(list) => list.iter().any(|v| holds(v, old, depth + 1)),
        Kind::Map(map) => map.iter().any(|e| holds(&e.value, old, depth + 1)),
        _ => value.origin.is_same(old),
    }
}
