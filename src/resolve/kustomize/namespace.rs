//! `namespace`: into every object that is in a namespace, and into references to namespaces.

use super::fail::{Failure, Outcome};
use super::fields::{Create, each};
use super::id::Gvk;
use super::resource::Resource;
use super::spec::FieldSpec;
use super::texts::{self, Texts};
use crate::tree::{Input, Kind, StepKind, Value};

/// Which subjects of a role binding are changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Subjects {
    /// Those named `default`.
    #[default]
    Default,
    /// All service accounts.
    ServiceAccounts,
    None,
}

/// What to set.
#[derive(Clone, Debug)]
pub(super) struct Namespace<'a> {
    /// The namespace, with its place in the overlay.
    pub value: &'a Value,
    pub specs: &'a [FieldSpec],
    /// Only where there is none.
    pub unset_only: bool,
    pub subjects: Subjects,
}

impl Namespace<'_> {
    /// Sets it everywhere.
    pub fn apply(&self, resources: &mut [Resource], texts: &Texts) -> Outcome {
        for at in 0..resources.len() {
            let Some(resource) = resources.get_mut(at) else {
                continue;
            };
            if resource.is_empty() || resource.from_chart {
                continue;
            }
            resource.remember_id(texts);
            let gvk = resource.gvk(texts);
            self.object(&mut resource.value, &gvk)?;
        }
        conflicts(resources, self.value, texts)
    }

    /// Sets it in one object.
    pub fn object(&self, object: &mut Value, gvk: &Gvk) -> Outcome {
        if !gvk.is_cluster_wide() {
            let spec = FieldSpec::new(Gvk::default(), "metadata/namespace", true);
            each(object, gvk, &spec, Create::Scalar, &mut |v| self.set(v))?;
        }
        let binding = matches!(gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
        if binding {
            self.bind(object)?;
        }
        for spec in self.specs {
            let skipped = spec.path == "metadata/namespace"
                || (spec.path == "metadata/name" && gvk.api_version() != "v1")
                || (binding
                    && spec.path == "subjects/namespace"
                    && matches!(spec.gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding"));
            if !skipped {
                each(object, gvk, spec, Create::Scalar, &mut |v| self.set(v))?;
            }
        }
        Ok(())
    }

    fn bind(&self, object: &mut Value) -> Outcome {
        let (key, wanted) = match self.subjects {
            Subjects::None => return Ok(()),
            Subjects::Default => ("name", "default"),
            Subjects::ServiceAccounts => ("kind", "ServiceAccount"),
        };
        let concerned = |s: &Value| s.get(key).and_then(Value::as_str) == Some(wanted);
        match object.get("subjects") {
            None => return Ok(()),
            Some(subjects) if subjects.is_null() => return Ok(()),
            Some(subjects) => match subjects.as_list() {
                None => return Err(Failure::new(subjects.span, "`subjects` is not a list")),
                Some(list) if !list.iter().any(concerned) => return Ok(()),
                Some(_) => {}
            },
        }
        let items = object.get_mut("subjects").and_then(Value::items_mut);
        for subject in items.into_iter().flatten().filter(|s| concerned(s)) {
            let mut namespace = subject.get("namespace").cloned().unwrap_or_else(|| Value::string("", self.value.span));
            self.set(&mut namespace)?;
            texts::set(subject, "namespace", crate::source::Span::NONE, namespace);
        }
        Ok(())
    }

    fn set(&self, field: &mut Value) -> Outcome {
        if matches!(field.kind, Kind::List(_) | Kind::Map(_)) {
            return Err(Failure::new(field.span, format!("a {} stands where a namespace goes", field.type_name())));
        }
        let empty = field.is_null() || field.as_str() == Some("");
        if self.unset_only && !empty {
            return Ok(());
        }
        *field = replaced(self.value, field);
        Ok(())
    }
}

/// A string of the overlay in the place of a value.
pub(super) fn replaced(new: &Value, old: &Value) -> Value {
    let text = new.as_str().unwrap_or_default();
    let inputs: Box<[Input]> = if old.span.is_none() {
        Box::default()
    } else {
        Box::new([Input { span: old.span, origin: old.origin.clone() }])
    };
    let origin = new.origin.push(StepKind::Overlay, new.span, None, inputs);
    texts::string(text, new.span).with_origin(origin)
}

/// Two objects that were told apart by their namespace no longer are.
fn conflicts(resources: &[Resource], at: &Value, texts: &Texts) -> Outcome {
    let mut seen = std::collections::HashMap::new();
    for resource in resources.iter().filter(|r| !r.is_empty()) {
        let id = resource.id(texts);
        let key = (id.gvk.clone(), id.name.clone(), id.effective_namespace().to_owned());
        if let Some(first) = seen.insert(key, resource.declared) {
            return Err(Failure::new(at.span, format!("with this namespace two resources are `{id}`"))
                .related(first, "the first")
                .related(resource.declared, "the second"));
        }
    }
    Ok(())
}
