//! Name references: where one resource names another whose name or namespace changed, the reference follows.

use std::collections::HashMap;

use super::fail::{Failure, Outcome};
use super::fields::{Create, each};
use super::id::{Gvk, ResId};
use super::resource::Resource;
use super::spec::{FieldSpec, Reference};
use super::texts::{self, Texts};
use crate::source::Span;
use crate::tree::{Input, Kind, StepKind, Text, Value};

/// What is known of a resource that can be referred to.
struct Candidate {
    id: ResId,
    name: Text,
    /// As written.
    namespace: Text,
    /// The namespace that it began in.
    began_in: Text,
    kind: Text,
    previous: Vec<ResId>,
    prefixes: Vec<Text>,
    suffixes: Vec<Text>,
    /// Where its name is written.
    span: Span,
}

/// Makes all references follow. Gives the failures, one for each reference that means more than one resource.
pub(super) fn follow(resources: &mut [Resource], references: &[Reference], texts: &Texts) -> Vec<Failure> {
    let candidates: Vec<Candidate> = resources.iter().map(|r| candidate(r, texts)).collect();
    let mut by_name: HashMap<Text, Vec<usize>> = HashMap::new();
    for (index, candidate) in candidates.iter().enumerate() {
        for id in &candidate.previous {
            let named = by_name.entry(id.name.clone()).or_default();
            if named.last() != Some(&index) {
                named.push(index);
            }
        }
    }
    let mut failures = Vec::new();
    for (index, resource) in resources.iter_mut().enumerate() {
        let Some(own) = candidates.get(index).filter(|_| !resource.is_empty()) else {
            continue;
        };
        if let Some(failure) = blank_namespace(&resource.value, own) {
            failures.push(failure);
        }
        let referrer = Referrer {
            own,
            candidates: &candidates,
            by_name: &by_name,
            binding_namespaces: binding_namespaces(&resource.value, &own.kind, texts),
            role: role_of(&resource.value, texts),
            texts,
        };
        let original = own.previous.first().map_or(&own.id.gvk, |id| &id.gvk).clone();
        let gvk = own.id.gvk.clone();
        for reference in references {
            for spec in &reference.referrers {
                if !original.is_selected_by(&spec.gvk) {
                    continue;
                }
                let field = FieldSpec { gvk: Gvk::default(), ..spec.clone() };
                let wanted = &reference.target;
                if !referrer.concerns(&resource.value, &field.steps) {
                    continue;
                }
                let done = each(&mut resource.value, &gvk, &field, Create::Nothing, &mut |v| {
                    referrer.set(v, wanted, &spec.path)
                });
                if let Err(failure) = done {
                    failures.push(failure.at(resource.declared));
                }
            }
        }
    }
    failures
}

fn candidate(resource: &Resource, texts: &Texts) -> Candidate {
    let id = resource.id(texts);
    let previous = resource.previous_ids(texts);
    Candidate {
        name: id.name.clone(),
        namespace: id.namespace.clone(),
        began_in: previous.first().map_or_else(|| id.effective_namespace(), ResId::effective_namespace).into(),
        kind: id.gvk.kind.clone(),
        previous,
        prefixes: resource.prefixes.clone(),
        suffixes: resource.suffixes.clone(),
        span: texts::at(&resource.value, &["metadata", "name"]).map_or(resource.declared, |v| v.span),
        id,
    }
}

/// kustomize refuses a role binding whose service account has a namespace that is no string.
fn blank_namespace(object: &Value, own: &Candidate) -> Option<Failure> {
    if own.kind != "RoleBinding" || own.id.cluster_wide {
        return None;
    }
    let subjects = object.get("subjects").map(Value::items).unwrap_or_default();
    let namespace = subjects
        .iter()
        .filter(|s| s.get("kind").and_then(Value::as_str) == Some("ServiceAccount"))
        .filter_map(|s| s.get("namespace"))
        .find(|ns| ns.as_str().is_none())?;
    Some(Failure::new(namespace.span, "the namespace of a service account is blank"))
}

/// The namespaces of a role binding's service accounts.
fn binding_namespaces(object: &Value, kind: &str, texts: &Texts) -> Vec<Text> {
    if kind != "RoleBinding" {
        return Vec::new();
    }
    object
        .get("subjects")
        .map(Value::items)
        .unwrap_or_default()
        .iter()
        .filter(|s| s.get("kind").and_then(Value::as_str) == Some("ServiceAccount"))
        .filter_map(|s| s.get("namespace").map(|v| texts.raw(v)))
        .collect()
}

/// The kind that a role binding's `roleRef` names.
fn role_of(object: &Value, texts: &Texts) -> Option<Gvk> {
    let part = |key| texts::at(object, &["roleRef", key]).map(|v| texts.raw(v));
    Some(Gvk { group: part("apiGroup")?, version: Text::default(), kind: part("kind")? })
}

struct Referrer<'a> {
    own: &'a Candidate,
    candidates: &'a [Candidate],
    by_name: &'a HashMap<Text, Vec<usize>>,
    binding_namespaces: Vec<Text>,
    role: Option<Gvk>,
    texts: &'a Texts,
}

impl<'a> Referrer<'a> {
    /// Whether any field on the path holds a name that something had: else nothing is copied.
    fn concerns(&self, value: &Value, steps: &[Text]) -> bool {
        let named = |v: &Value| self.by_name.contains_key(&self.texts.raw(v));
        match steps.split_first() {
            None => match &value.kind {
                Kind::Map(map) => map.get("name").is_none_or(named),
                Kind::List(list) => list.iter().any(|item| match item.as_map() {
                    Some(map) => map.get("name").is_none_or(named),
                    None => item.as_list().is_some() || named(item),
                }),
                _ => named(value),
            },
            Some((step, rest)) => match &value.kind {
                Kind::Null => false,
                Kind::List(list) => list.iter().any(|item| self.concerns(item, steps)),
                Kind::Map(map) => map.get(step).is_some_and(|below| self.concerns(below, rest)),
                _ => true,
            },
        }
    }

    fn set(&self, field: &mut Value, wanted: &Gvk, path: &str) -> Outcome {
        match &field.kind {
            Kind::Null | Kind::Unknown(_) => Ok(()),
            Kind::Map(_) => self.set_map(field, wanted, path),
            Kind::List(_) => {
                for item in field.items_mut().into_iter().flatten() {
                    match &item.kind {
                        Kind::Null => {}
                        Kind::Map(_) => self.set_map(item, wanted, path)?,
                        Kind::List(_) => {
                            return Err(Failure::new(item.span, format!("a list stands in `{path}`, where names go")));
                        }
                        _ => self.set_scalar(item, wanted, path)?,
                    }
                }
                Ok(())
            }
            _ => self.set_scalar(field, wanted, path),
        }
    }

    fn set_scalar(&self, field: &mut Value, wanted: &Gvk, path: &str) -> Outcome {
        let name = self.texts.raw(field);
        let all = self.named(&name);
        let Some(found) = self.choose(&name, all, wanted, path, false, field.span)? else {
            return Ok(());
        };
        if found.name != name {
            let text = found.name.clone();
            point(field, &text, found.span);
        }
        Ok(())
    }

    fn set_map(&self, map: &mut Value, wanted: &Gvk, path: &str) -> Outcome {
        let Some(name_field) = map.get("name") else {
            return Err(Failure::new(map.span, format!("what stands in `{path}` has no `name`")));
        };
        let name = self.texts.raw(name_field);
        let span = name_field.span;
        let mut all = self.named(&name);
        if let Some(namespace) = map.get("namespace") {
            let namespace = self.texts.raw(namespace);
            all = self.in_namespace(all, &namespace);
        }
        let Some(found) = self.choose(&name, all, wanted, path, true, span)? else {
            return Ok(());
        };
        if found.name == name && found.namespace.is_empty() {
            return Ok(());
        }
        if found.name != name
            && let Some(field) = map.get_mut("name")
        {
            point(field, &found.name, found.span);
        }
        if found.namespace.is_empty() {
            return Ok(());
        }
        match map.get("namespace") {
            Some(held) if self.texts.raw(held) == found.namespace => {}
            Some(_) => {
                if let Some(field) = map.get_mut("namespace") {
                    point(field, &found.namespace, found.span);
                }
            }
            None => {
                let mut value = Value::string(found.namespace.clone(), span);
                value.origin = value.origin.then(StepKind::Overlay, found.span);
                texts::set(map, "namespace", Span::NONE, value);
            }
        }
        Ok(())
    }

    /// All that had this name and could be meant from here.
    fn named(&self, name: &Text) -> Vec<&'a Candidate> {
        let Some(indices) = self.by_name.get(name) else {
            return Vec::new();
        };
        indices
            .iter()
            .filter_map(|i| self.candidates.get(*i))
            .filter(|c| {
                self.own.id.cluster_wide
                    || c.id.cluster_wide
                    || c.id.same_namespace(&self.own.id)
                    || self.binding_namespaces.contains(&c.namespace)
            })
            .collect()
    }

    /// Those that began in a namespace, or, where nothing at all began there, those that are in it.
    fn in_namespace(&self, all: Vec<&'a Candidate>, namespace: &str) -> Vec<&'a Candidate> {
        let reachable = |c: &&Candidate| {
            self.own.id.cluster_wide
                || c.id.cluster_wide
                || c.id.same_namespace(&self.own.id)
                || self.binding_namespaces.contains(&c.namespace)
        };
        let wide = |ns: &str| ns == super::id::NO_NAMESPACE;
        let began = self.candidates.iter().filter(reachable).any(|c| c.began_in == namespace && !wide(&c.began_in));
        all.into_iter()
            .filter(|c| {
                if began {
                    c.began_in == namespace
                } else {
                    c.id.effective_namespace() == namespace && !wide(namespace)
                }
            })
            .collect()
    }

    fn choose(
        &self,
        name: &Text,
        mut all: Vec<&'a Candidate>,
        wanted: &Gvk,
        path: &str,
        with_namespace: bool,
        span: Span,
    ) -> Outcome<Option<&'a Candidate>> {
        all.retain(|c| c.previous.iter().any(|id| id.name == *name));
        all.retain(|c| c.previous.iter().any(|id| id.gvk.is_selected_by(wanted)));
        if path.ends_with("roleRef/name")
            && let Some(role) = &self.role
        {
            all.retain(|c| c.previous.iter().any(|id| id.gvk.is_selected_by(role)));
        }
        if !self.own.id.cluster_wide {
            all.retain(|c| c.id.cluster_wide || c.kind == "ServiceAccount" || c.id.same_namespace(&self.own.id));
        }
        if let [one] = all.as_slice() {
            return Ok(Some(one));
        }
        all.retain(|c| self.same_affixes(c, true));
        if all.len() > 1 {
            all.retain(|c| self.same_affixes(c, false));
        }
        let Some(first) = all.first().copied() else {
            return Ok(None);
        };
        let alike = all.iter().all(|c| c.name == first.name && (!with_namespace || c.namespace == first.namespace));
        if alike {
            return Ok(Some(first));
        }
        let mut failure = Failure::new(span, format!("`{name}` could mean more than one {}", wanted.kind));
        for candidate in all.iter().take(4) {
            failure = failure.related(candidate.span, format!("`{}`", candidate.id));
        }
        Err(failure)
    }

    fn same_affixes(&self, other: &Candidate, empty_is_any: bool) -> bool {
        let same = |one: &[Text], other: &[Text]| {
            (empty_is_any && (one.is_empty() || other.is_empty())) || same_ending(one, other)
        };
        same(&other.prefixes, &self.own.prefixes) && same(&other.suffixes, &self.own.suffixes)
    }
}

/// Whether the shorter list is the end of the longer one; an empty one only of an empty one.
fn same_ending(one: &[Text], other: &[Text]) -> bool {
    let (short, long) = if one.len() > other.len() { (other, one) } else { (one, other) };
    if short.is_empty() {
        return long.is_empty();
    }
    long.ends_with(short)
}

/// A reference that follows: it is still written where it was, and the name that it follows is an input's place.
fn point(field: &mut Value, text: &Text, to: Span) {
    let input = Input { span: field.span, origin: field.origin.clone() };
    let mut value = Value::new(texts::retyped(text, field), field.span);
    value.style = field.style;
    value.origin = field.origin.push(StepKind::Overlay, to, None, Box::new([input]));
    *field = value;
}
