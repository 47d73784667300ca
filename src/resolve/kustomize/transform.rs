//! The transformers of one kustomization, in the order in which kustomize runs them.

use std::sync::Arc;

use super::accumulate::Target;
use super::accumulated::Accumulated;
use super::configure::field_specs;
use super::fail::{Failure, Outcome};
use super::images::Image;
use super::json_patch;
use super::kustomization::Kustomization;
use super::load::{Loader, Parsed};
use super::names::{self, Side};
use super::namespace::{Namespace, Subjects};
use super::patch::{Patch, Patching};
use super::plugin;
use super::replacement;
use super::replicas;
use super::resource::{Made, Resource};
use super::schema::Schema;
use super::select::Selector;
use super::spec::{Config, FieldSpec, merge_all, merge_one};
use super::texts;
use super::words::{self, Pair};
use crate::read::yaml::Typing;
use crate::source::Span;
use crate::tree::Value;

/// Runs them all.
pub(super) fn run<'f>(
    target: &Target<'_, 'f>,
    own: &Kustomization,
    loader: &Loader<'_, 'f>,
    schema: &Arc<Schema>,
    acc: &mut Accumulated,
) {
    let config = acc.config.clone().unwrap_or_default();
    let stage = Stage { own, loader, schema, config: &config };
    for (name, step) in steps() {
        for _ in 0..step(&stage, acc) {
            if let Some(made) = target.configured(own, name) {
                annotate(acc, &made);
            }
        }
    }
    for entry in own.list("transformers") {
        for config in target.configs(entry, loader, acc) {
            let outcome = plugin::transform(&config, loader, schema, acc);
            acc.note(outcome);
            if let Some(made) = plugin::made(&config, loader.texts()) {
                annotate(acc, &made);
            }
            acc.resources.retain(|r| !r.is_empty());
        }
    }
    for entry in own.list("validators") {
        for config in target.configs(entry, loader, acc) {
            let kind = config.kind(loader.texts());
            acc.fail(Failure::not_analysed(
                entry.span,
                format!("the validator `{kind}` is a program of its own and was not run"),
            ));
        }
    }
}

/// Notes on all resources what changed them.
fn annotate(acc: &mut Accumulated, made: &Made) {
    for resource in &mut acc.resources {
        match resource.origin {
            None => resource.origin = Some(made.clone()),
            Some(_) => resource.transformations.push(made.clone()),
        }
    }
}

type Step<'a, 'f> = fn(&Stage<'a, 'f>, &mut Accumulated) -> usize;

/// The transformers by kustomize's names, in its order.
fn steps<'a, 'f>() -> [(&'static str, Step<'a, 'f>); 11] {
    [
        ("PatchStrategicMergeTransformer", Stage::legacy_strategic),
        ("PatchTransformer", Stage::patches),
        ("NamespaceTransformer", Stage::namespace),
        ("PrefixTransformer", Stage::prefix),
        ("SuffixTransformer", Stage::suffix),
        ("LabelTransformer", Stage::labels),
        ("AnnotationsTransformer", Stage::annotations),
        ("PatchJson6902Transformer", Stage::legacy_json),
        ("ReplicaCountTransformer", Stage::replicas),
        ("ImageTagTransformer", Stage::images),
        ("ReplacementTransformer", Stage::replacements),
    ]
}

/// One kustomization with what its transformers go by. Each step answers how often it ran.
struct Stage<'a, 'f> {
    own: &'a Kustomization,
    loader: &'a Loader<'a, 'f>,
    schema: &'a Schema,
    config: &'a Config,
}

impl Stage<'_, '_> {
    fn patching(&self) -> Patching<'_> {
        Patching { schema: self.schema, texts: self.loader.texts() }
    }

    fn legacy_strategic(&self, acc: &mut Accumulated) -> usize {
        let entries = self.own.list("patchesStrategicMerge");
        let mut patches = Vec::new();
        for entry in entries {
            match strategic_entry(self.loader, entry) {
                Ok(found) => patches.extend(found.into_iter().map(|p| (p, entry.span))),
                Err(failure) => acc.fail(failure),
            }
        }
        if let (true, Some(entry)) = (patches.is_empty() && !acc.failed, entries.first()) {
            acc.fail(Failure::new(entry.span, "the patch is empty"));
        }
        for (patch, at) in patches {
            let outcome = self.patching().legacy_strategic(&mut acc.resources, &patch, at);
            acc.note(outcome);
        }
        usize::from(!entries.is_empty())
    }

    fn patches(&self, acc: &mut Accumulated) -> usize {
        let entries = self.own.list("patches");
        for entry in entries {
            let outcome = patch_entry(self.loader, entry)
                .and_then(|(patch, target, at)| self.patching().apply(&mut acc.resources, &patch, target.as_ref(), at));
            match outcome {
                Ok(odd) => acc.problems.extend(odd),
                Err(failure) => acc.fail(failure),
            }
        }
        entries.len()
    }

    fn namespace(&self, acc: &mut Accumulated) -> usize {
        let Some(value) = self.own.word("namespace") else {
            return 0;
        };
        let namespace =
            Namespace { value, specs: &self.config.namespace, unset_only: false, subjects: Subjects::Default };
        let outcome = namespace.apply(&mut acc.resources, self.loader.texts());
        acc.note(outcome);
        1
    }

    fn prefix(&self, acc: &mut Accumulated) -> usize {
        self.affix(acc, "namePrefix", Side::Prefix, &self.config.name_prefix)
    }

    fn suffix(&self, acc: &mut Accumulated) -> usize {
        self.affix(acc, "nameSuffix", Side::Suffix, &self.config.name_suffix)
    }

    fn affix(&self, acc: &mut Accumulated, key: &str, side: Side, specs: &[FieldSpec]) -> usize {
        let Some(affix) = self.own.word(key) else {
            return 0;
        };
        let outcome = names::affix(&mut acc.resources, affix, side, specs, self.loader.texts());
        acc.note(outcome);
        1
    }

    fn labels(&self, acc: &mut Accumulated) -> usize {
        let entries = self.own.list("labels");
        let common = self.own.field("commonLabels");
        let texts = self.loader.texts();
        for entry in entries {
            let pairs = Pair::all(entry.get_ci("pairs"), texts);
            let outcome =
                self.label_specs(entry).and_then(|specs| words::put(&mut acc.resources, &pairs, &specs, texts));
            acc.note(outcome);
        }
        let pairs = Pair::all(common, texts);
        let outcome = words::put(&mut acc.resources, &pairs, &self.config.common_labels, texts);
        acc.note(outcome);
        let any = !entries.is_empty() || !pairs.is_empty();
        entries.len() + usize::from(any)
    }

    fn label_specs(&self, entry: &Value) -> Outcome<Vec<FieldSpec>> {
        let flag = |key: &str| entry.get_ci(key).and_then(Value::as_bool) == Some(true);
        let mut specs = field_specs(entry.get_ci("fields"), self.loader);
        let mut merged = merge_all(&mut specs, &self.config.labels);
        if flag("includeSelectors") {
            merged = merged.and_then(|()| merge_all(&mut specs, &self.config.common_labels));
        } else {
            if flag("includeTemplates") {
                merged = merged.and_then(|()| merge_all(&mut specs, &self.config.template_labels));
            }
            if flag("includeVolumeClaimTemplates") {
                let more = &self.config.volume_claim_template_labels;
                merged = merged.and_then(|()| merge_all(&mut specs, more));
            }
            let own = FieldSpec::new(super::id::Gvk::default(), "metadata/labels", true);
            merged = merged.and_then(|()| merge_one(&mut specs, &own));
        }
        merged.map(|()| specs).map_err(|conflict| {
            Failure::new(entry.span, format!("two field specs of `{}` contradict each other", conflict.0))
        })
    }

    fn annotations(&self, acc: &mut Accumulated) -> usize {
        let texts = self.loader.texts();
        let pairs = Pair::all(self.own.field("commonAnnotations"), texts);
        if pairs.is_empty() {
            return 0;
        }
        let outcome = words::put(&mut acc.resources, &pairs, &self.config.common_annotations, texts);
        acc.note(outcome);
        1
    }

    fn legacy_json(&self, acc: &mut Accumulated) -> usize {
        let entries = self.own.list("patchesJson6902");
        for entry in entries {
            let outcome = json_entry(self.loader, entry).and_then(|(operations, target, at)| {
                self.patching().legacy_json(&mut acc.resources, &operations, &target, at)
            });
            match outcome {
                Ok(odd) => acc.problems.extend(odd),
                Err(failure) => acc.fail(failure),
            }
        }
        entries.len()
    }

    fn replicas(&self, acc: &mut Accumulated) -> usize {
        let entries = self.own.list("replicas");
        for entry in entries {
            let specs = &self.config.replicas;
            let outcome = replicas::apply(&mut acc.resources, entry, specs, self.loader.texts());
            acc.note(outcome);
        }
        entries.len()
    }

    fn images(&self, acc: &mut Accumulated) -> usize {
        let texts = self.loader.texts();
        let mut count = 0;
        for entry in self.own.lists("images", "imageTags") {
            let image = Image::read(entry, texts);
            let outcome = image.apply(&mut acc.resources, &self.config.images, texts);
            acc.note(outcome.map_err(|f| f.related(entry.span, "this entry")));
            count += 1;
        }
        count
    }

    fn replacements(&self, acc: &mut Accumulated) -> usize {
        let entries = self.own.list("replacements");
        if entries.is_empty() {
            return 0;
        }
        for entry in entries {
            match replacement::read(self.loader, entry) {
                Ok(replacements) => {
                    for replacement in replacements {
                        let outcome = replacement.apply(&mut acc.resources, self.loader.texts());
                        acc.note(outcome);
                    }
                }
                Err(failure) => acc.fail(failure),
            }
        }
        1
    }
}

/// The patches of an entry of `patchesStrategicMerge`: objects, or a file of objects.
pub(super) fn strategic_entry(loader: &Loader<'_, '_>, entry: &Value) -> Outcome<Vec<Resource>> {
    let inline = loader.inline(entry, Typing::Kustomize);
    if inline.documents.iter().any(|d| d.as_map().is_some()) && !inline.broken {
        return loader.of(&inline, &loader.file(), entry.span);
    }
    let path = loader.texts().raw(entry);
    loader.resources(&path, entry.span)
}

/// An entry of `patches`: the patch, its target, and where it is named.
pub(super) fn patch_entry(loader: &Loader<'_, '_>, entry: &Value) -> Outcome<(Patch, Option<Selector>, Span)> {
    let set = |key: &str| entry.get_ci(key).filter(|v| v.as_str().is_some_and(|s| !s.trim().is_empty()));
    let (place, mut patch) = match (set("path"), set("patch")) {
        (None, None) => {
            return Err(Failure::new(entry.span, "the entry has neither `patch` nor `path`"));
        }
        (Some(path), Some(patch)) => {
            return Err(
                Failure::new(path.span, "the entry has both `patch` and `path`").related(patch.span, "the other")
            );
        }
        (Some(path), None) => {
            let parsed = loader.documents(&loader.texts().raw(path), path.span)?;
            let file = parsed.source.as_ref().map(|s| Arc::clone(s.path()));
            let file = file.unwrap_or_else(|| loader.file());
            let read = || loader.settings(&loader.texts().raw(path), path.span).map(|p| p.documents.clone());
            (path.span, kind_of(loader, &parsed, &file, path.span, read)?)
        }
        (None, Some(inline)) => {
            let parsed = loader.inline(inline, Typing::Kustomize);
            loader.say(&parsed);
            let read = || Ok(loader.inline(inline, Typing::Kubernetes).documents);
            (inline.span, kind_of(loader, &parsed, &loader.file(), inline.span, read)?)
        }
    };
    let allows = |key: &str| entry.get_ci("options").and_then(|o| o.get_ci(key)).and_then(Value::as_bool) == Some(true);
    if let Patch::Strategic(patches) = &mut patch {
        for patch in patches {
            patch.allow_name_change = allows("allowNameChange");
            patch.allow_kind_change = allows("allowKindChange");
        }
    }
    let target = entry.get_ci("target").filter(|t| !t.is_null());
    let target = target.map(Selector::read).transpose()?;
    Ok((patch, target, place))
}

/// Tells a JSON patch from objects. `operations` reads it once more: operations are typed as Kubernetes types them.
fn kind_of(
    loader: &Loader<'_, '_>,
    parsed: &Parsed,
    file: &Arc<str>,
    at: Span,
    operations: impl FnOnce() -> Outcome<Vec<Value>>,
) -> Outcome<Patch> {
    if parsed.broken {
        return Err(Failure::new(at, "the patch does not parse"));
    }
    match parsed.documents.as_slice() {
        [] => Ok(Patch::Empty),
        // Of several lists of operations kustomize takes the first one.
        [one, ..] if one.as_list().is_some() => {
            if !json_patch::is_patch(one) {
                return Err(Failure::new(at, "the patch is a list, but not one of operations"));
            }
            let mut operations = operations()?.into_iter().next().map(|o| o.items().to_vec()).unwrap_or_default();
            operations.iter_mut().for_each(texts::settle_strings);
            Ok(Patch::Json(operations))
        }
        _ => loader.of(parsed, file, at).map(Patch::Strategic),
    }
}

/// An entry of `patchesJson6902`.
pub(super) fn json_entry(loader: &Loader<'_, '_>, entry: &Value) -> Outcome<(Vec<Value>, Selector, Span)> {
    let target = entry.get_ci("target").filter(|t| !t.is_null());
    let Some(target) = target else {
        return Err(Failure::new(entry.span, "a JSON patch needs a `target`"));
    };
    if target.get_ci("name").and_then(Value::as_str).unwrap_or_default().is_empty() {
        return Err(Failure::new(target.span, "the target gives no `name`"));
    }
    let (patch, _, at) = patch_entry(loader, entry)?;
    match patch {
        Patch::Json(operations) if !operations.is_empty() => Ok((operations, Selector::read(target)?, at)),
        Patch::Json(_) | Patch::Empty => Err(Failure::new(at, "the patch is empty")),
        Patch::Strategic(_) => Err(Failure::new(at, "the patch is not a list of operations")),
    }
}
