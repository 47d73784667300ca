//! `replacements`: the value of one field put into fields of others.

use super::fail::{Failure, Outcome};
use super::id::ResId;
use super::load::Loader;
use super::resource::Resource;
use super::select::Selector;
use super::shared;
use super::spec::split_dotted;
use super::texts::{self, Texts};
use super::yaml_path::{self, Make};
use crate::read::yaml::{Typing, typed};
use crate::source::Span;
use crate::tree::{Input, Kind, Number, StepKind, Style, Text, Value};

/// One replacement, as written.
#[derive(Clone, Debug)]
pub(super) struct Replacement {
    value: Value,
}

/// Reads an entry: a replacement, or a file of them.
pub(super) fn read(loader: &Loader<'_, '_>, entry: &Value) -> Outcome<Vec<Replacement>> {
    let one = |value: &Value| Replacement { value: value.clone() };
    let path = entry.get_ci("path").filter(|p| !p.is_null());
    let Some(path) = path else {
        return Ok(vec![one(entry)]);
    };
    if entry.get_ci("source").is_some() || entry.get_ci("targets").is_some() {
        return Err(Failure::new(path.span, "the entry has both `path` and a replacement of its own"));
    }
    let parsed = loader.settings(&loader.texts().raw(path), path.span)?;
    match parsed.documents.first().map(|d| (&d.kind, d)) {
        Some((Kind::List(list), _)) => Ok(list.iter().map(one).collect()),
        Some((Kind::Map(_), document)) => Ok(vec![one(document)]),
        _ => Err(Failure::new(path.span, "the file holds neither a replacement nor a list of them")),
    }
}

/// `options` of a source or target.
#[derive(Clone, Default)]
struct Options {
    delimiter: Text,
    index: i64,
    create: bool,
}

impl Options {
    fn read(value: Option<&Value>, texts: &Texts) -> Self {
        let options = value.and_then(|v| v.get_ci("options"));
        let get = |key: &str| options.and_then(|o| o.get_ci(key));
        Self {
            delimiter: get("delimiter").map(|v| texts.raw(v)).unwrap_or_default(),
            index: get("index").and_then(Value::as_i64).unwrap_or(0),
            create: get("create").and_then(Value::as_bool) == Some(true),
        }
    }
}

impl Replacement {
    /// Applies it.
    pub fn apply(&self, resources: &mut [Resource], texts: &Texts) -> Outcome {
        let set = |key: &str| self.value.get_ci(key).filter(|v| !v.is_null());
        let targets = set("targets");
        let (source, literal) = (set("source"), set("sourceValue"));
        let Some(targets) = targets else {
            return Err(Failure::new(self.value.span, "a replacement needs a source and at least one target"));
        };
        let value = match (source, literal) {
            (Some(source), Some(_)) => {
                return Err(Failure::new(source.span, "a replacement has both `source` and `sourceValue`"));
            }
            (None, Some(literal)) => {
                let text = texts.raw(literal);
                Value::new(typed(&text, Typing::Kustomize), literal.span)
            }
            (Some(source), None) => find_source(resources, source, texts)?,
            (None, None) => {
                return Err(Failure::new(self.value.span, "a replacement needs a source and at least one target"));
            }
        };
        for target in targets.items() {
            put(resources, target, &value, texts)?;
        }
        Ok(())
    }
}

/// Ids now and before, with the namespaces as kustomize compares them here.
fn ids(resource: &Resource, texts: &Texts) -> Vec<ResId> {
    let mut all = vec![ResId { cluster_wide: false, ..resource.id(texts) }];
    all.extend(resource.previous_ids(texts));
    all
}

fn find_source(resources: &[Resource], source: &Value, texts: &Texts) -> Outcome<Value> {
    let word = |key: &str| source.get_ci(key).map(|v| texts.raw(v)).unwrap_or_default();
    let wanted = ResId {
        gvk: super::id::Gvk { group: word("group"), version: word("version"), kind: word("kind") },
        name: word("name"),
        namespace: word("namespace"),
        cluster_wide: false,
    };
    let meant = |id: &ResId| {
        (wanted.name.is_empty() || wanted.name == id.name)
            && (wanted.namespace.is_empty() || wanted.same_namespace(id))
            && id.gvk.is_selected_by(&wanted.gvk)
    };
    let mut found = resources.iter().filter(|r| ids(r, texts).iter().any(meant));
    let resource = match (found.next(), found.next()) {
        (Some(one), None) => one,
        (None, _) => {
            return Err(Failure::new(source.span, format!("the source matches nothing: there is no `{wanted}`")));
        }
        (Some(one), Some(other)) => {
            return Err(Failure::new(source.span, "the source matches more than one resource")
                .related(one.declared, "one")
                .related(other.declared, "another"));
        }
    };
    let path = match word("fieldPath") {
        path if path.is_empty() => Text::const_new("metadata.name"),
        path => path,
    };
    let span = source.get_ci("fieldPath").map_or(source.span, |v| v.span);
    let found = yaml_path::look(&resource.value, &split_dotted(&path), texts).map_err(|f| f.within(span, "here"))?;
    let missing =
        || Failure::new(span, format!("the source has no field `{path}`")).related(resource.declared, "the source");
    let found = found.filter(|v| !texts::is_empty(v)).ok_or_else(missing)?;
    let options = Options::read(Some(source), texts);
    if options.delimiter.is_empty() {
        return Ok(found.clone());
    }
    if !texts::is_scalar(found) {
        return Err(Failure::new(span, "a delimiter only divides a scalar"));
    }
    let text = texts.raw(found);
    let piece =
        usize::try_from(options.index).ok().and_then(|i| text.split(options.delimiter.as_str()).nth(i)).ok_or_else(
            || Failure::new(span, format!("`{text}` has no piece {}", options.index)).related(found.span, "the source"),
        )?;
    let mut value = found.clone();
    value.kind = texts::retyped(piece, found);
    if found.as_str().is_some() {
        value.kind = Kind::String(piece.into());
    }
    Ok(value)
}

fn put(resources: &mut [Resource], target: &Value, value: &Value, texts: &Texts) -> Outcome {
    let Some(select) = target.get_ci("select").filter(|s| !s.is_null()) else {
        return Err(Failure::new(target.span, "the target does not say what to `select`"));
    };
    let selector = Selector::read(select)?;
    let rejects = target
        .get_ci("reject")
        .map(Value::items)
        .unwrap_or_default()
        .iter()
        .map(Selector::read)
        .collect::<Outcome<Vec<_>>>()?;
    let options = Options::read(Some(target), texts);
    let name = Value::string("metadata.name", select.span);
    let paths = match target.get_ci("fieldPaths").map(Value::items) {
        Some(paths) if !paths.is_empty() => paths,
        _ => std::slice::from_ref(&name),
    };
    for resource in resources.iter_mut().filter(|r| !r.is_empty()) {
        if !selector.has_words(resource, texts)
            || rejects.iter().any(|r| r.names_words() && r.has_words(resource, texts))
        {
            continue;
        }
        let ids = ids(resource, texts);
        if rejects.iter().any(|r| r.names_an_id() && ids.iter().any(|id| r.is_id(id))) {
            continue;
        }
        if !ids.iter().any(|id| selector.is_id(id)) {
            continue;
        }
        let declared = resource.declared;
        for path in paths {
            field(&mut resource.value, path, value, &options, texts)
                .map_err(|f| f.within(path.span, "here").related(declared, "the target"))?;
        }
    }
    Ok(())
}

fn field(object: &mut Value, path: &Value, value: &Value, options: &Options, texts: &Texts) -> Outcome {
    let text = texts.raw(path);
    let steps = split_dotted(&text);
    if super::structured::put(
        object,
        &steps,
        value,
        path.span,
        &mut |field, value| set(field, path.span, value, options, texts),
        options.create,
        texts,
    ) {
        return Ok(());
    }
    let make = match (&value.kind, options.create) {
        (_, false) => Make::Nothing,
        (Kind::Map(_), true) => Make::Map,
        (Kind::List(_), true) => Make::List,
        (_, true) => Make::Scalar,
    };
    let mut replaced = Vec::new();
    let count = yaml_path::each(object, &steps, make, texts, &mut |field| {
        let old = shared::may_be(field).then(|| field.origin.clone());
        set(field, path.span, value, options, texts)?;
        replaced.extend(old.map(|old| (old, field.clone())));
        Ok(())
    })?;
    for (old, new) in replaced {
        shared::replace(object, &old, &new);
    }
    if count > 0 {
        return Ok(());
    }
    let or_make = if options.create { " and none can be made" } else { "" };
    let failure = Failure::new(path.span, format!("the target has no field `{text}`{or_make}"));
    Err(if options.create { failure } else { failure.help("`options: {create: true}` makes it") })
}

/// Whether a scalar that is written as of one type may have the text of another.
fn takes(held: &Kind, new: &Kind) -> bool {
    match (held, new) {
        (Kind::Null, new) => matches!(new, Kind::Null),
        (Kind::Bool(_), new) => matches!(new, Kind::Bool(_)),
        (Kind::Number(Number::Float(_)), new) => matches!(new, Kind::Number(_)),
        (Kind::Number(_), new) => matches!(new, Kind::Number(Number::Int(_) | Number::UInt(_))),
        _ => true,
    }
}

/// Puts the value into a field. A scalar keeps the type that its text has there.
fn set(field: &mut Value, at: Span, value: &Value, options: &Options, texts: &Texts) -> Outcome {
    let mut new = value.clone();
    let mut text = None;
    if !options.delimiter.is_empty() {
        if !texts::is_scalar(field) {
            return Err(Failure::new(field.span, "a delimiter only divides a scalar"));
        }
        let held = texts.raw(field);
        let mut pieces: Vec<String> = held.split(options.delimiter.as_str()).map(str::to_owned).collect();
        let piece = texts.raw(value).to_string();
        match usize::try_from(options.index) {
            Err(_) => pieces.insert(0, piece),
            Ok(i) => match pieces.get_mut(i) {
                Some(slot) => *slot = piece,
                None => pieces.push(piece),
            },
        }
        text = Some(pieces.join(&options.delimiter));
    }
    if texts::is_scalar(field) {
        let text = text.unwrap_or_else(|| texts.raw(value).to_string());
        new.kind = match &field.kind {
            // A word stays one: only its text is another. What was just made takes the type that the text has.
            Kind::String(held) if !held.is_empty() || texts::is_quoted(field) => Kind::String(text.into()),
            Kind::String(_) => typed(&text, Typing::Kustomize),
            held => {
                let kind = typed(&text, Typing::Kustomize);
                if !takes(held, &kind) {
                    return Err(Failure::new(
                        at,
                        format!("`{text}` cannot take the place of a {} here", field.type_name()),
                    )
                    .related(field.span, "kustomize keeps the type of this"));
                }
                kind
            }
        };
        new.style = field.style;
        if matches!(new.kind, Kind::String(_)) && new.style == Style::Plain {
            new.style = texts::string(new.as_str().unwrap_or_default(), at).style;
        }
    } else if let Some(text) = text {
        new.kind = Kind::String(text.into());
    }
    let mut inputs = Vec::new();
    if !field.span.is_none() {
        inputs.push(Input { span: field.span, origin: field.origin.clone() });
    }
    new.origin = value.origin.push(StepKind::Overlay, at, None, inputs.into_boxed_slice());
    *field = new;
    Ok(())
}
