//! A kustomization file: found, read, and checked for what kustomize itself would refuse.

use std::sync::Arc;

use super::fail::{Failure, Outcome};
use super::load::{Loader, Store};
use super::shape;
use crate::source::{EntryKind, Span, join};
use crate::tree::{Kind, Value};

/// The names that a kustomization file may have.
pub const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// One kustomization.
#[derive(Debug)]
pub(super) struct Kustomization {
    pub root: Value,
    pub component: bool,
    /// Its path.
    pub file: Arc<str>,
}

/// Reads the kustomization of a folder. `span` is where the folder is named.
pub(super) fn read<'s, 'f>(
    store: &'s Store<'f>,
    dir: &str,
    span: Span,
    failures: &mut Vec<Failure>,
) -> Outcome<(Kustomization, Loader<'s, 'f>)> {
    let path = find(store, dir, span, failures)?;
    let loader = Loader::new(store, dir, path.as_str().into());
    let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
    let parsed = loader.settings(&name, span)?;
    let Some(root) = parsed.documents.first().cloned() else {
        let source = parsed.source.as_ref();
        let place = source.map_or(span, |s| s.span(0, 0));
        return if parsed.broken {
            Err(Failure::new(place, "the kustomization does not parse"))
        } else {
            Err(Failure::new(place, "the kustomization is empty"))
        };
    };
    if !matches!(root.kind, Kind::Map(_)) {
        return Err(Failure::new(root.span, "the kustomization is not a map"));
    }
    shape::check(&root, shape::KUSTOMIZATION, "", failures);
    let said = root
        .entries()
        .iter()
        .any(|e| !matches!(e.key.to_ascii_lowercase().as_str(), "apiversion" | "kind") && !is_unset(&e.value));
    if !said {
        failures.push(Failure::new(super::merge::first_token(&root), "the kustomization is empty"));
    }
    let component = enforce(&root, failures);
    Ok((Kustomization { root, component, file: path.into() }, loader))
}

fn find(store: &Store<'_>, dir: &str, span: Span, failures: &mut Vec<Failure>) -> Outcome<String> {
    let found: Vec<String> = FILE_NAMES
        .iter()
        .filter_map(|name| join(dir, name))
        .filter(|path| store.kind(path) == Some(EntryKind::File))
        .collect();
    let shown = if dir.is_empty() { "." } else { dir };
    match found.as_slice() {
        [] => Err(Failure::new(span, format!("`{shown}` has no kustomization file"))),
        [one] => Ok(one.clone()),
        [first, ..] => {
            failures.push(Failure::new(span, format!("`{shown}` has more than one kustomization file")));
            Ok(first.clone())
        }
    }
}

fn is_unset(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// Whether it is a component; says what is wrong with its kind and version.
fn enforce(root: &Value, failures: &mut Vec<Failure>) -> bool {
    let word = |key: &str| root.get_ci(key).and_then(|v| Some((v.as_str()?, v.span)));
    let kind = word("kind").filter(|(k, _)| !k.is_empty());
    let component = matches!(kind, Some(("Component", _)));
    if let Some((kind, span)) = kind
        && !matches!(kind, "Kustomization" | "Component")
    {
        failures.push(Failure::new(span, format!("the kind is `{kind}`, not `Kustomization` or `Component`")));
    }
    let wanted = if component { "kustomize.config.k8s.io/v1alpha1" } else { "kustomize.config.k8s.io/v1beta1" };
    if let Some((version, span)) = word("apiVersion").filter(|(v, _)| !v.is_empty())
        && version != wanted
    {
        failures.push(Failure::new(span, format!("the apiVersion is `{version}`, not `{wanted}`")));
    }
    component
}

impl Kustomization {
    /// The items of a list field.
    pub fn list(&self, key: &str) -> &[Value] {
        self.root.get_ci(key).map(Value::items).unwrap_or_default()
    }

    /// The items of a list field and of the one that it used to be called.
    pub fn lists(&self, key: &str, old: &str) -> impl Iterator<Item = &Value> {
        self.list(key).iter().chain(self.list(old))
    }

    /// A field that is set.
    pub fn field(&self, key: &str) -> Option<&Value> {
        self.root.get_ci(key).filter(|v| !v.is_null())
    }

    /// A string that is not empty.
    pub fn word(&self, key: &str) -> Option<&Value> {
        self.field(key).filter(|v| v.as_str().is_some_and(|s| !s.is_empty()))
    }
}
