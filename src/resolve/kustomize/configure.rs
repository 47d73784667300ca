//! `configurations`: field specs that an overlay brings, and `crds`, whose OpenAPI says where references stand.

use super::fail::{Failure, Outcome};
use super::id::Gvk;
use super::load::Loader;
use super::spec::{Config, FieldSpec, Reference};
use crate::tree::{Text, Value};

/// Reads the files of `configurations`.
pub(super) fn configurations(loader: &Loader<'_, '_>, paths: &[Value]) -> Outcome<Config> {
    let mut config = Config::default();
    for path in paths {
        let name = loader.texts().raw(path);
        let parsed = loader.settings(&name, path.span)?;
        for document in parsed.documents.iter().take(1) {
            let mut one = read(document, loader)?;
            one.sort();
            config.merge(&one).map_err(|conflict| {
                Failure::new(path.span, format!("two field specs of `{}` contradict each other", conflict.0))
            })?;
        }
    }
    Ok(config)
}

fn read(document: &Value, loader: &Loader<'_, '_>) -> Outcome<Config> {
    let mut config = Config::default();
    for entry in document.entries() {
        if entry.key.eq_ignore_ascii_case("nameReference") {
            for reference in entry.value.items() {
                let specs = reference.get_ci("fieldSpecs").map(Value::items);
                let referrers = specs.unwrap_or_default().iter();
                config.name_reference.push(Reference {
                    target: gvk(reference, loader),
                    referrers: referrers.map(|s| field_spec(s, loader)).collect(),
                });
            }
            continue;
        }
        match config.section(&entry.key) {
            Some(list) => list.extend(entry.value.items().iter().map(|s| field_spec(s, loader))),
            None => {
                return Err(Failure::new(
                    entry.key_span,
                    format!("`{}` is no field of a transformer configuration", entry.key),
                ));
            }
        }
    }
    Ok(config)
}

fn gvk(value: &Value, loader: &Loader<'_, '_>) -> Gvk {
    let part = |key: &str| value.get_ci(key).map(|v| loader.texts().raw(v)).unwrap_or_default();
    Gvk { group: part("group"), version: part("version"), kind: part("kind") }
}

/// A field spec as a person writes it.
pub(super) fn field_spec(value: &Value, loader: &Loader<'_, '_>) -> FieldSpec {
    let path = value.get_ci("path").map(|v| loader.texts().raw(v)).unwrap_or_default();
    let create = value.get_ci("create").and_then(Value::as_bool) == Some(true);
    FieldSpec::new(gvk(value, loader), &path, create)
}

/// Field specs of a list.
pub(super) fn field_specs(value: Option<&Value>, loader: &Loader<'_, '_>) -> Vec<FieldSpec> {
    let items = value.map(Value::items).unwrap_or_default();
    items.iter().map(|s| field_spec(s, loader)).collect()
}

/// Reads the files of `crds`.
pub(super) fn crds(loader: &Loader<'_, '_>, paths: &[Value]) -> Outcome<Config> {
    let mut config = Config::default();
    for path in paths {
        let name = loader.texts().raw(path);
        let parsed = loader.settings(&name, path.span)?;
        for document in parsed.documents.iter().take(1) {
            for definition in document.entries() {
                let properties = properties(&definition.value);
                let has = |key: &str| properties.is_some_and(|p| p.get(key).is_some());
                if has("kind") && has("apiVersion") && has("metadata") {
                    let kind = definition.key.rsplit('.').next().unwrap_or_default();
                    let gvk = Gvk { kind: kind.into(), ..Gvk::default() };
                    walk(document, &definition.key, &gvk, &mut Vec::new(), &mut config);
                }
            }
        }
    }
    config.sort();
    Ok(config)
}

fn properties(definition: &Value) -> Option<&Value> {
    definition.get_ci("Schema")?.get("properties")
}

/// Types nest no deeper than this: they may refer to themselves.
const DEPTH: usize = 16;

fn walk(document: &Value, name: &str, gvk: &Gvk, path: &mut Vec<Text>, config: &mut Config) {
    let Some(properties) = document.get(name).and_then(properties) else {
        return;
    };
    if path.len() > DEPTH {
        return;
    }
    for property in properties.entries() {
        path.push(property.key.clone());
        let says = |key: &str| property.value.get(key).and_then(Value::as_str);
        let spec = |path: &[Text]| FieldSpec::new(gvk.clone(), &path.join("/"), false);
        // Two of one field that contradict each other cannot come from here: none creates.
        if says("x-kubernetes-annotation").is_some() {
            config.common_annotations.push(spec(path));
        }
        if says("x-kubernetes-label-selector").is_some() {
            config.common_labels.push(spec(path));
        }
        if says("x-kubernetes-identity").is_some() {
            config.name_prefix.push(spec(path));
        }
        if let (Some(version), Some(kind)) =
            (says("x-kubernetes-object-ref-api-version"), says("x-kubernetes-object-ref-kind"))
        {
            let key = says("x-kubernetes-object-ref-name-key").unwrap_or("name");
            path.push(key.into());
            let reference = Reference {
                target: Gvk { version: version.into(), kind: kind.into(), ..Gvk::default() },
                referrers: vec![spec(path)],
            };
            path.pop();
            let _ = config.refer(&reference);
        }
        if let Some(further) = says("$ref") {
            walk(document, further, gvk, path, config);
        }
        path.pop();
    }
}
