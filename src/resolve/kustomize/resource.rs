//! A resource in the making: its object, and what kustomize remembers of it on the way. kustomize keeps that in
//! annotations that it takes out again in the end; here they are fields.

use std::sync::Arc;

use super::id::{Gvk, ResId};
use super::texts::{self, Texts};
use crate::source::Span;
use crate::tree::{Entry, Origin, StepKind, Text, Value};

/// An earlier name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Previous {
    pub name: Text,
    /// The effective namespace.
    pub namespace: Text,
    pub kind: Text,
}

/// What to do with a generated object of the same id as one that is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Behavior {
    #[default]
    Unspecified,
    Create,
    Replace,
    Merge,
}

/// One object.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// The object; null once a patch deleted it.
    pub value: Value,
    /// Where the object is declared: its `kind`, a generator's entry.
    pub declared: Span,
    /// The file that declares it.
    pub file: Arc<str>,
    pub previous: Vec<Previous>,
    pub prefixes: Vec<Text>,
    pub suffixes: Vec<Text>,
    pub needs_hash: bool,
    pub generated: bool,
    pub behavior: Behavior,
    /// Went through a JSON patch: how its numbers were written is lost.
    pub rewritten: bool,
    pub allow_name_change: bool,
    pub allow_kind_change: bool,
    /// Made by a chart: namespaces are left alone.
    pub from_chart: bool,
    /// Names of variables that read it.
    pub variables: Vec<Text>,
    /// `buildMetadata: [originAnnotations]`.
    pub origin: Option<Made>,
    /// `buildMetadata: [transformerAnnotations]`.
    pub transformations: Vec<Made>,
}

/// Where a resource came from, or what changed it, as kustomize annotates it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Made {
    pub path: String,
    pub configured_in: String,
    pub by: Option<(String, String, String, String)>,
}

impl Resource {
    pub fn new(value: Value, declared: Span, file: Arc<str>) -> Self {
        Self {
            value,
            declared,
            file,
            previous: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            needs_hash: false,
            generated: false,
            behavior: Behavior::Unspecified,
            rewritten: false,
            allow_name_change: false,
            allow_kind_change: false,
            from_chart: false,
            variables: Vec::new(),
            origin: None,
            transformations: Vec::new(),
        }
    }

    /// Whether a patch deleted it.
    pub fn is_empty(&self) -> bool {
        texts::is_empty(&self.value)
    }

    pub fn kind(&self, texts: &Texts) -> Text {
        self.value.get("kind").map_or_else(Text::default, |v| texts.raw(v))
    }

    pub fn gvk(&self, texts: &Texts) -> Gvk {
        let api = self.value.get("apiVersion").map_or_else(Text::default, |v| texts.raw(v));
        Gvk::new(&api, &self.kind(texts))
    }

    pub fn name(&self, texts: &Texts) -> Text {
        self.meta("name", texts)
    }

    pub fn namespace(&self, texts: &Texts) -> Text {
        self.meta("namespace", texts)
    }

    fn meta(&self, key: &str, texts: &Texts) -> Text {
        match texts::at(&self.value, &["metadata", key]) {
            Some(value) if !value.is_null() => texts.raw(value),
            _ => Text::default(),
        }
    }

    /// Its id now.
    pub fn id(&self, texts: &Texts) -> ResId {
        let gvk = self.gvk(texts);
        ResId { cluster_wide: gvk.is_cluster_wide(), gvk, name: self.name(texts), namespace: self.namespace(texts) }
    }

    /// Its earlier ids, the first one first.
    pub fn previous_ids(&self, texts: &Texts) -> Vec<ResId> {
        if self.previous.is_empty() {
            return Vec::new();
        }
        let gvk = self.gvk(texts);
        let id = |p: &Previous| ResId {
            gvk: Gvk { kind: p.kind.clone(), ..gvk.clone() },
            name: p.name.clone(),
            namespace: p.namespace.clone(),
            cluster_wide: false,
        };
        self.previous.iter().map(id).collect()
    }

    /// The id that it began with.
    pub fn original_id(&self, texts: &Texts) -> ResId {
        match self.previous_ids(texts).into_iter().next() {
            Some(id) => id,
            None => self.id(texts),
        }
    }

    /// Whether any id that it has or had will do.
    pub fn any_id(&self, texts: &Texts, wanted: impl Fn(&ResId) -> bool) -> bool {
        self.previous_ids(texts).iter().any(&wanted) || wanted(&self.id(texts))
    }

    /// Remembers the id that it has now.
    pub fn remember_id(&mut self, texts: &Texts) {
        // kustomize writes an annotation here, which takes the place of what is no map of annotations.
        let annotations = texts::at(&self.value, &["metadata", "annotations"]);
        let idle = |v: &Value| texts::is_scalar(v) || v.items().is_empty() && v.entries().is_empty();
        if annotations.is_some_and(idle)
            && let Some(metadata) = self.value.get_mut("metadata")
        {
            texts::remove(metadata, "annotations");
        }
        let id = self.id(texts);
        self.previous.push(Previous { namespace: id.effective_namespace().into(), name: id.name, kind: id.gvk.kind });
    }

    /// Whether kustomize has annotations of its own on it at this point: a patch of annotations then finds a map.
    pub fn is_annotated(&self) -> bool {
        !self.previous.is_empty()
            || !self.prefixes.is_empty()
            || !self.suffixes.is_empty()
            || self.generated
            || self.from_chart
            || self.origin.is_some()
    }

    /// Forgets what kustomize would have kept in annotations that a patch just took away.
    pub fn forget(&mut self) {
        self.previous.clear();
        self.prefixes.clear();
        self.suffixes.clear();
        self.needs_hash = false;
        self.generated = false;
        self.behavior = Behavior::Unspecified;
        self.from_chart = false;
        self.origin = None;
        self.transformations.clear();
    }

    /// Labels or annotations as text.
    pub fn words(&self, key: &str, texts: &Texts) -> Vec<(Text, Text)> {
        texts::at(&self.value, &["metadata", key])
            .map(|map| map.entries().iter().map(|e| (e.key.clone(), texts.raw(&e.value))).collect())
            .unwrap_or_default()
    }

    /// Makes labels or annotations a map of strings, as kustomize writes it back; nothing where it is empty.
    pub fn rewrite_words(&mut self, key: &str, texts: &Texts) {
        let Some(held) = texts::at(&self.value, &["metadata", key]) else {
            return;
        };
        let raw = |value: &Value| match (self.rewritten, value.is_null()) {
            (true, true) => Text::const_new("null"),
            (true, false) => texts::canonical(value),
            (false, _) => texts.raw(value),
        };
        // What begins with a digit may be a date, which stays as it is written here.
        let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let plain = |e: &Entry| e.value.as_str().is_some_and(|text| texts::is_quoted(&e.value) || !digit(text));
        if !held.entries().is_empty() && held.entries().iter().all(plain) {
            return;
        }
        let span = held.span;
        let origin = held.origin.clone();
        let words: Vec<Entry> = held
            .entries()
            .iter()
            .map(|e| {
                let mut value = e.value.clone();
                if !plain(e) {
                    value = texts::string(raw(&value), value.span).with_origin(value.origin);
                }
                Entry::new(e.key.clone(), e.key_span, value)
            })
            .collect();
        let Some(metadata) = self.value.get_mut("metadata") else {
            return;
        };
        if words.is_empty() {
            texts::remove(metadata, key);
        } else {
            texts::set(metadata, key, Span::NONE, Value::map(words, span).with_origin(origin));
        }
    }

    /// Says that an overlay was laid over all of it here.
    pub fn touch(&mut self, span: Span) {
        if !span.is_none() {
            let origin: Origin = std::mem::take(&mut self.value.origin);
            self.value.origin = origin.then(StepKind::Overlay, span);
        }
    }
}
