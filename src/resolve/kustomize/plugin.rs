//! `generators` and `transformers` that are built in, given inline or by file. Any other is a program of its own and
//! cannot be run.

use super::accumulated::Accumulated;
use super::configure::field_specs;
use super::fail::{Failure, Outcome};
use super::generate::{self, Generated};
use super::images::Image;
use super::load::Loader;
use super::names::{self, Side};
use super::namespace::{Namespace, Subjects};
use super::patch::Patching;
use super::replacement;
use super::replicas;
use super::resource::{Made, Resource};
use super::schema::Schema;
use super::select::Selector;
use super::spec::split;
use super::texts;
use super::transform::{json_entry, patch_entry, strategic_entry};
use super::words::{self, Pair};
use crate::source::Span;
use crate::tree::{Entry, Text, Value};

/// Refuses what is not built in.
fn builtin(config: &Resource, loader: &Loader<'_, '_>) -> Outcome<Text> {
    let gvk = config.gvk(loader.texts());
    if gvk.group.is_empty() && gvk.version == "builtin" {
        return Ok(gvk.kind);
    }
    Err(Failure::not_analysed(
        config.declared,
        format!("the plugin `{}` is a program of its own and was not run", gvk.kind),
    ))
}

/// What `buildMetadata` says of what a plugin made or changed.
pub(super) fn made(config: &Resource, texts: &texts::Texts) -> Option<Made> {
    let origin = config.origin.as_ref()?;
    let id = config.id(texts);
    Some(Made {
        configured_in: origin.path.clone(),
        by: Some((
            id.gvk.api_version().to_string(),
            id.gvk.kind.to_string(),
            id.name.to_string(),
            id.namespace.to_string(),
        )),
        ..Made::default()
    })
}

fn unknown(config: &Resource, kind: &str) -> Failure {
    Failure::new(config.declared, format!("there is no built-in plugin `{kind}`"))
}

/// Runs a generator.
pub(super) fn generate(config: &Resource, loader: &Loader<'_, '_>) -> Outcome<Vec<Resource>> {
    let kind = builtin(config, loader)?;
    let made = match kind.as_str() {
        "ConfigMapGenerator" => Generated::ConfigMap,
        "SecretGenerator" => Generated::Secret,
        "IAMPolicyGenerator" => return iam_policy(config, loader).map(|made| vec![made]),
        "HelmChartInflationGenerator" => {
            return Err(Failure::not_analysed(config.declared, format!("the generator `{kind}` was not run")));
        }
        _ => return Err(unknown(config, &kind)),
    };
    let texts = loader.texts();
    // Its name and namespace are those of the plugin's own metadata, where it gives no others.
    let mut entry = config.value.clone();
    for key in ["name", "namespace"] {
        let own = texts::at(&config.value, &["metadata", key]).cloned();
        if entry.get_ci(key).is_none()
            && let Some(own) = own
        {
            texts::set(&mut entry, key, Span::NONE, own);
        }
    }
    let mut resource = generate::make(loader, made, &entry, None)?;
    resource.origin = self::made(config, texts);
    Ok(vec![resource])
}

/// A service account that stands for one of Google's.
fn iam_policy(config: &Resource, loader: &Loader<'_, '_>) -> Outcome<Resource> {
    let texts = loader.texts();
    let own = &config.value;
    let word =
        |map: &str, key: &str| own.get_ci(map).and_then(|m| m.get_ci(key)).map(|v| texts.raw(v)).unwrap_or_default();
    let cloud = own.get_ci("cloud").map(|v| texts.raw(v)).unwrap_or_default();
    if cloud != "gke" {
        return Err(Failure::new(config.declared, format!("the cloud `{cloud}` is not supported")));
    }
    let span = own.get_ci("kubernetesService").map_or(own.span, |v| v.span);
    let text = |text: String| texts::string(text, span);
    let account =
        format!("{}@{}.iam.gserviceaccount.com", word("serviceAccount", "name"), word("serviceAccount", "projectId"));
    let annotation = Entry::new("iam.gke.io/gcp-service-account", Span::NONE, text(account));
    let mut metadata = vec![
        Entry::new("annotations", Span::NONE, Value::map(vec![annotation], span)),
        Entry::new("name", Span::NONE, text(word("kubernetesService", "name").to_string())),
    ];
    let namespace = word("kubernetesService", "namespace");
    if !namespace.is_empty() {
        metadata.push(Entry::new("namespace", Span::NONE, text(namespace.to_string())));
    }
    let object = vec![
        Entry::new("apiVersion", Span::NONE, text("v1".to_owned())),
        Entry::new("kind", Span::NONE, text("ServiceAccount".to_owned())),
        Entry::new("metadata", Span::NONE, Value::map(metadata, span)),
    ];
    let mut resource = Resource::new(Value::map(object, span), span, loader.file());
    resource.origin = self::made(config, texts);
    Ok(resource)
}

/// Runs a transformer.
pub(super) fn transform(config: &Resource, loader: &Loader<'_, '_>, schema: &Schema, acc: &mut Accumulated) -> Outcome {
    let kind = builtin(config, loader)?;
    let texts = loader.texts();
    let own = &config.value;
    let specs = || field_specs(own.get_ci("fieldSpecs"), loader);
    let patching = Patching { schema, texts };
    let resources = &mut acc.resources;
    let odd = match kind.as_str() {
        "LabelTransformer" => {
            let pairs = Pair::all(own.get_ci("labels"), texts);
            words::put(resources, &pairs, &specs(), texts)?;
            None
        }
        "AnnotationsTransformer" => {
            let pairs = Pair::all(own.get_ci("annotations"), texts);
            words::put(resources, &pairs, &specs(), texts)?;
            None
        }
        "NamespaceTransformer" => {
            namespace(own, &specs(), acc, loader)?;
            None
        }
        "PrefixTransformer" | "SuffixTransformer" | "PrefixSuffixTransformer" => {
            for (key, side, wanted) in
                [("prefix", Side::Prefix, "SuffixTransformer"), ("suffix", Side::Suffix, "PrefixTransformer")]
            {
                let affix = own.get_ci(key).filter(|_| kind != wanted);
                if let Some(affix) = affix.filter(|v| v.as_str().is_some_and(|s| !s.is_empty())) {
                    names::affix(resources, affix, side, &specs(), texts)?;
                }
            }
            None
        }
        "ImageTagTransformer" => {
            let Some(entry) = own.get_ci("imageTag") else {
                return Ok(());
            };
            Image::read(entry, texts).apply(resources, &specs(), texts)?;
            None
        }
        "ReplicaCountTransformer" => {
            let entry = own.get_ci("replica").unwrap_or(own);
            replicas::apply(resources, entry, &specs(), texts)?;
            None
        }
        "PatchTransformer" => {
            let (patch, target, at) = patch_entry(loader, own)?;
            patching.apply(resources, &patch, target.as_ref(), at)?
        }
        "PatchJson6902Transformer" => {
            let (operations, target, at) = json_entry(loader, &with_patch(own, "jsonOp"))?;
            patching.legacy_json(resources, &operations, &target, at)?
        }
        "PatchStrategicMergeTransformer" => {
            let mut patches = Vec::new();
            let inline = own.get_ci("patches").filter(|v| !v.is_null());
            for entry in own.get_ci("paths").map(Value::items).unwrap_or_default().iter().chain(inline) {
                patches.extend(strategic_entry(loader, entry)?.into_iter().map(|p| (p, entry.span)));
            }
            if patches.is_empty() {
                return Err(Failure::new(config.declared, "the patch is empty"));
            }
            for (patch, at) in patches {
                patching.legacy_strategic(resources, &patch, at)?;
            }
            None
        }
        "ReplacementTransformer" => {
            for entry in own.get_ci("replacements").map(Value::items).unwrap_or_default() {
                for replacement in replacement::read(loader, entry)? {
                    replacement.apply(resources, texts)?;
                }
            }
            None
        }
        "HashTransformer" => {
            names::add_hashes(resources, texts);
            None
        }
        "ValueAddTransformer" => {
            value_add(own, acc, loader)?;
            None
        }
        _ => return Err(unknown(config, &kind)),
    };
    acc.problems.extend(odd);
    Ok(())
}

/// An entry whose patch has another name.
fn with_patch(own: &Value, key: &str) -> Value {
    let mut entry = own.clone();
    if let Some(patch) = own.get_ci(key).cloned() {
        texts::set(&mut entry, "patch", Span::NONE, patch);
    }
    entry
}

fn namespace(own: &Value, specs: &[super::spec::FieldSpec], acc: &mut Accumulated, loader: &Loader<'_, '_>) -> Outcome {
    let Some(value) = texts::at(own, &["metadata", "namespace"]) else {
        return Ok(());
    };
    let subjects = match own.get_ci("setRoleBindingSubjects") {
        None => Subjects::Default,
        Some(said) => match said.as_str() {
            Some("" | "defaultOnly") => Subjects::Default,
            Some("allServiceAccounts") => Subjects::ServiceAccounts,
            Some("none") => Subjects::None,
            _ => {
                return Err(Failure::new(
                    said.span,
                    "`setRoleBindingSubjects` is `defaultOnly`, `allServiceAccounts` or `none`",
                ));
            }
        },
    };
    Namespace { value, specs, unset_only: own.get_ci("unsetOnly").and_then(Value::as_bool) == Some(true), subjects }
        .apply(&mut acc.resources, loader.texts())
}

/// Puts a value into fields of what is selected, or one part of a path into a path that stands there.
fn value_add(own: &Value, acc: &mut Accumulated, loader: &Loader<'_, '_>) -> Outcome {
    let texts = loader.texts();
    let given = own.get_ci("value").map(|v| (texts.raw(v), v.span));
    let (text, span) = match given {
        Some((text, span)) if !text.trim().is_empty() => (Text::from(text.trim()), span),
        _ => (loader.dir.rsplit('/').next().unwrap_or_default().into(), own.span),
    };
    let mut targets = own.get_ci("targets").map(Value::items).unwrap_or_default().to_vec();
    if let Some(path) = own.get_ci("targetFilePath") {
        let parsed = loader.settings(&texts.raw(path), path.span)?;
        for document in &parsed.documents {
            targets.extend(document.get_ci("targets").map(Value::items).unwrap_or_default().iter().cloned());
        }
    }
    for target in &targets {
        let selector = target.get_ci("selector").filter(|s| !s.is_null());
        let selector = selector.map(Selector::read).transpose()?;
        let path = target.get_ci("fieldPath").map(|v| texts.raw(v)).unwrap_or_default();
        if path.is_empty() {
            return Err(Failure::new(target.span, "the target gives no `fieldPath`"));
        }
        let position = target.get_ci("filePathPosition").and_then(Value::as_i64).unwrap_or(0);
        let value = Value::string(text.clone(), span);
        for resource in acc.resources.iter_mut() {
            if selector.as_ref().is_some_and(|s| !s.selects(resource, texts)) {
                continue;
            }
            let gvk = resource.gvk(texts);
            if path == "metadata/namespace" {
                let namespace = Namespace { value: &value, specs: &[], unset_only: false, subjects: Subjects::Default };
                namespace.object(&mut resource.value, &gvk)?;
                continue;
            }
            put(&mut resource.value, &split(&path, '/'), &text, position, span, texts)?;
        }
    }
    Ok(())
}

fn put(object: &mut Value, steps: &[Text], text: &str, position: i64, span: Span, texts: &texts::Texts) -> Outcome {
    super::yaml_path::each(object, steps, super::yaml_path::Make::Scalar, texts, &mut |field| {
        if !texts::is_scalar(field) {
            return Err(Failure::new(field.span, "a value only goes into a scalar"));
        }
        let held = texts.raw(field);
        let new = match usize::try_from(position) {
            Ok(position) if position > 0 => insert_part(&held, position - 1, text),
            _ => text.to_owned(),
        };
        names::rename(field, &new, span)
    })
    .map(drop)
}

/// A path with one part more at a position.
fn insert_part(path: &str, position: usize, part: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    parts.insert(position.min(parts.len()), part);
    let joined = parts.join("/");
    if absolute { format!("/{joined}") } else { joined }
}
