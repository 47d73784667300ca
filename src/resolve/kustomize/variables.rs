//! `vars`: `$(NAME)` in the fields that may hold it becomes the value of another object's field.

use super::fail::{Failure, Outcome};
use super::fields::{Create, each};
use super::id::{Gvk, ResId};
use super::resource::Resource;
use super::spec::{FieldSpec, split_dotted};
use super::texts::{self, Texts};
use super::yaml_path;
use crate::source::Span;
use crate::tree::{Input, Kind, StepKind, Style, Text, Value};

/// One variable.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Variable {
    name: Text,
    span: Span,
    gvk: Gvk,
    object: Text,
    namespace: Text,
    field: Text,
}

impl Variable {
    pub fn read(entry: &Value, texts: &Texts) -> Outcome<Self> {
        let word = |value: Option<&Value>, key: &str| {
            value.and_then(|v| v.get_ci(key)).map(|v| texts.raw(v)).unwrap_or_default()
        };
        let object = entry.get_ci("objref");
        let version = word(object, "apiVersion");
        let gvk = if version.is_empty() {
            Gvk { group: word(object, "group"), version: word(object, "version"), kind: word(object, "kind") }
        } else {
            Gvk::new(&version, &word(object, "kind"))
        };
        let field = word(entry.get_ci("fieldref"), "fieldPath");
        Ok(Self {
            name: word(Some(entry), "name"),
            span: entry.get_ci("name").map_or(entry.span, |v| v.span),
            gvk,
            object: word(object, "name"),
            namespace: word(object, "namespace"),
            field: if field.is_empty() { Text::const_new("metadata.name") } else { field },
        })
    }

    /// Marks the one resource that it reads. That there is none is said when it is resolved: an overlay may bring it.
    pub fn claim(&self, resources: &mut [Resource], texts: &Texts) -> Outcome {
        let wanted = ResId {
            cluster_wide: self.gvk.is_cluster_wide(),
            gvk: self.gvk.clone(),
            name: self.object.clone(),
            namespace: self.namespace.clone(),
        };
        let exact = !self.namespace.is_empty() || wanted.cluster_wide;
        let meant = |id: &ResId| {
            if exact { wanted.same(id) } else { wanted.same_name(id) }
        };
        let mut found: Vec<&mut Resource> =
            resources.iter_mut().filter(|r| !r.is_empty() && r.any_id(texts, meant)).collect();
        match found.as_mut_slice() {
            [one] => one.variables.push(self.name.clone()),
            [] => {}
            [one, other, ..] => {
                return Err(Failure::new(
                    self.span,
                    format!("more than one resource could be meant by the variable `{}`", self.name),
                )
                .related(one.declared, "one")
                .related(other.declared, "another"));
            }
        }
        Ok(())
    }

    /// Adds it to those that are known.
    pub fn join(&self, all: &mut Vec<Self>) -> Outcome {
        if let Some(first) = all.iter().find(|v| v.name == self.name) {
            return Err(Failure::new(self.span, format!("a second variable is called `{}`", self.name))
                .related(first.span, "the first"));
        }
        all.push(self.clone());
        Ok(())
    }
}

/// Puts the values in.
pub(super) fn resolve(
    resources: &mut [Resource],
    variables: &[Variable],
    specs: &[FieldSpec],
    texts: &Texts,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    let mut values: Vec<(Text, Value, Span)> = Vec::new();
    for variable in variables {
        let Some(resource) = resources.iter().find(|r| r.variables.contains(&variable.name)) else {
            failures.push(Failure::new(
                variable.span,
                format!("the variable `{}` reads a resource that is not there", variable.name),
            ));
            continue;
        };
        let steps = yaml_path::with_indices(&split_dotted(&variable.field));
        match yaml_path::look(&resource.value, &steps, texts) {
            Ok(Some(value)) => values.push((variable.name.clone(), value.clone(), variable.span)),
            _ => failures.push(
                Failure::new(
                    variable.span,
                    format!("the variable `{}` reads a field that is not there: `{}`", variable.name, variable.field),
                )
                .related(resource.declared, "the resource"),
            ),
        }
    }
    if values.is_empty() {
        return failures;
    }
    let map = Values { values, texts };
    for resource in resources.iter_mut().filter(|r| !r.is_empty()) {
        let gvk = resource.gvk(texts);
        for spec in specs {
            let done = each(&mut resource.value, &gvk, spec, Create::Nothing, &mut |field| map.put(field));
            if let Err(failure) = done {
                failures.push(failure.at(resource.declared));
            }
        }
    }
    failures
}

struct Values<'a> {
    values: Vec<(Text, Value, Span)>,
    texts: &'a Texts,
}

impl Values<'_> {
    fn put(&self, field: &mut Value) -> Outcome {
        match &field.kind {
            Kind::Null => Ok(()),
            Kind::Map(map) => {
                if !map.iter().any(|e| refers(&e.value)) {
                    return Ok(());
                }
                for entry in field.entries_mut().into_iter().flatten() {
                    self.scalar(&mut entry.value);
                }
                Ok(())
            }
            Kind::List(list) => {
                if let Some(item) = list.iter().find(|i| i.as_str().is_none()) {
                    return Err(Failure::new(
                        item.span,
                        format!("a {} stands where variables only go into strings", item.type_name()),
                    ));
                }
                if !list.iter().any(refers) {
                    return Ok(());
                }
                for item in field.items_mut().into_iter().flatten() {
                    self.scalar(item);
                }
                Ok(())
            }
            _ => {
                self.scalar(field);
                Ok(())
            }
        }
    }

    fn scalar(&self, field: &mut Value) {
        let Some(text) = field.as_str().filter(|t| t.contains('$')).map(Text::from) else {
            return;
        };
        let (kind, used) = self.expand(&text);
        if used.is_empty() && kind_is(&kind, &text) {
            return;
        }
        let inputs: Box<[Input]> = used
            .iter()
            .filter_map(|i| self.values.get(*i))
            .map(|(_, value, _)| Input { span: value.span, origin: value.origin.clone() })
            .collect();
        let step = used.first().and_then(|i| self.values.get(*i));
        let (name, span) = step.map_or((None, field.span), |(n, _, s)| (Some(n.clone()), *s));
        field.kind = kind;
        field.style = if matches!(field.kind, Kind::String(_)) { Style::Double } else { Style::Plain };
        field.origin = field.origin.push(StepKind::Substitution, span, name, inputs);
    }

    /// The text with variables put in, and which were. A text that is nothing but one variable takes its type.
    fn expand(&self, text: &str) -> (Kind, Vec<usize>) {
        let mut out = String::new();
        let mut used = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
            out.push_str(before);
            let after = after.get(1..).unwrap_or_default();
            rest = match after.chars().next() {
                None => {
                    out.push('$');
                    after
                }
                Some('$') => {
                    out.push('$');
                    after.get(1..).unwrap_or_default()
                }
                Some('(') => match after.find(')') {
                    None => {
                        out.push_str("$(");
                        after.get(1..).unwrap_or_default()
                    }
                    Some(end) => {
                        let name = after.get(1..end).unwrap_or_default();
                        let whole = text.len() == name.len() + 3;
                        match self.value(name) {
                            Some((index, value)) => {
                                used.push(index);
                                if whole {
                                    return (self.typed(value), used);
                                }
                                out.push_str(&self.shown(value));
                            }
                            None => {
                                out.push_str("$(");
                                out.push_str(name);
                                out.push(')');
                            }
                        }
                        after.get(end + 1..).unwrap_or_default()
                    }
                },
                Some(c) => {
                    out.push('$');
                    out.push(c);
                    after.get(c.len_utf8()..).unwrap_or_default()
                }
            };
        }
        out.push_str(rest);
        (Kind::String(out.into()), used)
    }

    fn value(&self, name: &str) -> Option<(usize, &Value)> {
        let (index, (_, value, _)) = self.values.iter().enumerate().find(|(_, (n, _, _))| n == name)?;
        texts::is_scalar(value).then_some((index, value))
    }

    fn typed(&self, value: &Value) -> Kind {
        match &value.kind {
            Kind::Null => Kind::String(self.texts.raw(value)),
            kind => kind.clone(),
        }
    }

    fn shown(&self, value: &Value) -> Text {
        self.texts.raw(value)
    }
}

fn refers(value: &Value) -> bool {
    value.as_str().is_some_and(|t| t.contains('$'))
}

fn kind_is(kind: &Kind, text: &str) -> bool {
    matches!(kind, Kind::String(t) if t == text)
}
