//! Walking to the fields that a field spec names, as kustomize's transformers do.

use super::fail::{Failure, Outcome};
use super::id::Gvk;
use super::spec::FieldSpec;
use super::texts;
use crate::source::Span;
use crate::tree::{Kind, Text, Value};

/// What is made where a field of a creating spec is not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Create {
    Nothing,
    Map,
    Scalar,
}

/// Calls `set` with each field that a spec names in an object of this kind.
pub(super) fn each(
    object: &mut Value,
    gvk: &Gvk,
    spec: &FieldSpec,
    create: Create,
    set: &mut dyn FnMut(&mut Value) -> Outcome,
) -> Outcome {
    if !gvk.is_selected_by(&spec.gvk) {
        return Ok(());
    }
    let create = if spec.create { create } else { Create::Nothing };
    if create == Create::Nothing && !leads(object, &spec.steps) {
        return Ok(());
    }
    walk(object, &spec.steps, create, set)
}

/// Whether a path leads anywhere: what leads nowhere is not copied to be changed.
fn leads(value: &Value, steps: &[Text]) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return true;
    };
    match &value.kind {
        Kind::Null => false,
        Kind::List(list) => list.iter().any(|item| leads(item, steps)),
        Kind::Map(map) => map
            .get(step.strip_suffix("[]").unwrap_or(step))
            .is_some_and(|below| leads(below, rest) || (below.is_null() && step.ends_with("[]"))),
        // A scalar in the way fails; the walk says so.
        _ => true,
    }
}

fn walk(value: &mut Value, steps: &[Text], create: Create, set: &mut dyn FnMut(&mut Value) -> Outcome) -> Outcome {
    let Some((step, rest)) = steps.split_first() else {
        return set(value);
    };
    match &value.kind {
        Kind::Null | Kind::Unknown(_) => Ok(()),
        Kind::List(list) => {
            if list.is_empty() {
                return Ok(());
            }
            let items = value.items_mut().map(|i| i.iter_mut());
            for item in items.into_iter().flatten() {
                walk(item, steps, create, set)?;
            }
            Ok(())
        }
        Kind::Map(_) => step_into(value, step, rest, create, set),
        _ => Err(Failure::new(value.span, format!("a list or map was expected on the way to `{step}`"))),
    }
}

fn step_into(
    value: &mut Value,
    step: &Text,
    rest: &[Text],
    create: Create,
    set: &mut dyn FnMut(&mut Value) -> Outcome,
) -> Outcome {
    let (key, is_list) = match step.strip_suffix("[]") {
        Some(key) => (key, true),
        None => (step.as_str(), false),
    };
    if key.is_empty() {
        return Err(Failure::new(value.span, "a field path has an empty step"));
    }
    if value.get(key).is_none() {
        if create == Create::Nothing || is_list {
            return Ok(());
        }
        let made = made(create, rest.is_empty(), Span::NONE);
        texts::set(value, key, Span::NONE, made);
    }
    let Some(below) = value.get_mut(key) else {
        return Ok(());
    };
    if below.is_null() {
        // kustomize makes a list or map of a null that it walks into.
        if is_list {
            *below = Value::list(Vec::new(), below.span);
        } else if create != Create::Nothing {
            *below = made(create, rest.is_empty(), below.span);
        }
    }
    walk(below, rest, create, set)
}

fn made(create: Create, last: bool, span: Span) -> Value {
    if last && create == Create::Scalar { Value::string("", span) } else { Value::map(Vec::new(), span) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml::parse;
    use crate::source::Sources;

    fn object(text: &str) -> Value {
        let source = Sources::new().add("a.yaml", text);
        parse(&source).documents.remove(0).root
    }

    fn set_all(text: &str, path: &str, create: bool) -> Result<String, String> {
        let mut value = object(text);
        let spec = FieldSpec::new(Gvk::default(), path, create);
        let mut count = 0;
        each(&mut value, &Gvk::default(), &spec, Create::Scalar, &mut |leaf| {
            count += 1;
            *leaf = Value::string("x", Span::NONE);
            Ok(())
        })
        .map_err(|f| f.detail)?;
        Ok(format!("{count} {}", value.entries().len()))
    }

    #[test]
    fn walks_through_lists_and_creates_only_where_told() {
        let list = "spec: {c: [{image: a}, {image: b}, {}]}\n";
        assert_eq!(set_all(list, "spec/c/image", false).unwrap(), "2 1");
        assert_eq!(set_all(list, "spec/c/image", true).unwrap(), "3 1");
        assert_eq!(set_all("a: 1\n", "spec/x", false).unwrap(), "0 1");
        assert_eq!(set_all("a: 1\n", "spec/x", true).unwrap(), "1 2");
        assert_eq!(set_all("spec:\n", "spec/x", true).unwrap(), "1 1");
        assert!(set_all("spec: word\n", "spec/x", false).is_err());
    }
}
