//! `configMapGenerator` and `secretGenerator`: objects from files, env files and literals.

use std::sync::Arc;

use base64::Engine;

use super::fail::{Failure, Outcome};
use super::load::Loader;
use super::resource::{Behavior, Resource};
use super::texts;
use crate::source::Span;
use crate::tree::{Entry, Text, Value};

/// Which kind is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Generated {
    ConfigMap,
    Secret,
}

/// A key with its content, and where that is written.
struct Pair {
    key: Text,
    key_span: Span,
    content: Arc<[u8]>,
    span: Span,
}

/// Makes the object of one entry. `global` is `generatorOptions`.
pub(super) fn make(
    loader: &Loader<'_, '_>,
    kind: Generated,
    entry: &Value,
    global: Option<&Value>,
) -> Outcome<Resource> {
    let texts = loader.texts();
    let word = |key: &str| entry.get_ci(key).filter(|v| !v.is_null());
    let Some(name) = word("name").filter(|n| n.as_str() != Some("")) else {
        return Err(Failure::new(entry.span, "the generator gives no `name`"));
    };
    let pairs = pairs(loader, kind, entry)?;
    let span = entry.span;
    let local = entry.get_ci("options");
    let options = Options { local, global };
    let mut metadata = vec![Entry::new("name", Span::NONE, texts::string(texts.raw(name), name.span))];
    if let Some(namespace) = word("namespace") {
        let value = texts::string(texts.raw(namespace), namespace.span);
        metadata.push(Entry::new("namespace", Span::NONE, value));
    }
    for key in ["labels", "annotations"] {
        let words = options.words(key, texts);
        if !words.is_empty() {
            metadata.push(Entry::new(key, Span::NONE, Value::map(words, span)));
        }
    }
    let word_of = |text: &str| texts::string(text, span);
    let mut object = vec![
        Entry::new("apiVersion", Span::NONE, word_of("v1")),
        Entry::new(
            "kind",
            Span::NONE,
            word_of(match kind {
                Generated::ConfigMap => "ConfigMap",
                Generated::Secret => "Secret",
            }),
        ),
        Entry::new("metadata", Span::NONE, Value::map(metadata, span)),
    ];
    if kind == Generated::Secret {
        let ty = word("type").map_or_else(|| word_of("Opaque"), |v| texts::string(texts.raw(v), v.span));
        object.push(Entry::new("type", Span::NONE, ty));
    }
    let (data, binary) = content(kind, &pairs);
    if !data.is_empty() || kind == Generated::Secret {
        object.push(Entry::new("data", Span::NONE, Value::map(data, span)));
    }
    if !binary.is_empty() {
        object.push(Entry::new("binaryData", Span::NONE, Value::map(binary, span)));
    }
    if options.flag("immutable") {
        object.push(Entry::new("immutable", Span::NONE, Value::bool(true, span)));
    }
    let mut made = Resource::new(Value::map(object, span), name.span, loader.file());
    made.generated = true;
    made.needs_hash = !options.flag("disableNameSuffixHash");
    made.behavior = match word("behavior").and_then(Value::as_str) {
        Some("create") => Behavior::Create,
        Some("replace") => Behavior::Replace,
        Some("merge") => Behavior::Merge,
        _ => Behavior::Unspecified,
    };
    Ok(made)
}

/// An entry's options, laid over those of all entries.
struct Options<'v> {
    local: Option<&'v Value>,
    global: Option<&'v Value>,
}

impl Options<'_> {
    fn flag(&self, key: &str) -> bool {
        [self.local, self.global].iter().flatten().any(|o| o.get_ci(key).and_then(Value::as_bool) == Some(true))
    }

    fn words(&self, key: &str, texts: &texts::Texts) -> Vec<Entry> {
        let mut words: Vec<Entry> = Vec::new();
        for options in [self.local, self.global].iter().flatten() {
            for entry in options.get_ci(key).map(Value::entries).unwrap_or_default() {
                if !words.iter().any(|e| e.key == entry.key) {
                    let value = texts::string(texts.raw(&entry.value), entry.value.span);
                    words.push(Entry::new(entry.key.clone(), entry.key_span, value));
                }
            }
        }
        words
    }
}

fn content(kind: Generated, pairs: &[Pair]) -> (Vec<Entry>, Vec<Entry>) {
    let (mut data, mut binary) = (Vec::new(), Vec::new());
    for pair in pairs {
        let entry = |text: &str| Entry::new(pair.key.clone(), pair.key_span, texts::string(text, pair.span));
        match (kind, std::str::from_utf8(&pair.content)) {
            (Generated::Secret, _) => data.push(entry(&encoded(&pair.content))),
            (Generated::ConfigMap, Ok(text)) => data.push(entry(text)),
            (Generated::ConfigMap, Err(_)) => binary.push(entry(&encoded(&pair.content))),
        }
    }
    (data, binary)
}

/// Base64, in lines of 70 characters where it is longer than one.
pub(super) fn encoded(bytes: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    if text.len() < LINE {
        return text;
    }
    let mut lines = String::with_capacity(text.len() + text.len() / LINE + 1);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at_checked(LINE).unwrap_or((rest, ""));
        lines.push_str(line);
        lines.push('\n');
        rest = more;
    }
    lines
}

const LINE: usize = 70;

/// All keys of an entry, sorted: from env files, literals and files.
fn pairs(loader: &Loader<'_, '_>, kind: Generated, entry: &Value) -> Outcome<Vec<Pair>> {
    let mut pairs = Vec::new();
    let listed = |key: &str| entry.get_ci(key).map(Value::items).unwrap_or_default();
    let env = entry.get_ci("env").filter(|v| v.as_str().is_some_and(|s| !s.is_empty()));
    for source in listed("envs").iter().chain(env) {
        env_file(loader, source, &mut pairs)?;
    }
    for literal in listed("literals") {
        pairs.push(self::literal(loader, literal)?);
    }
    for source in listed("files") {
        pairs.push(file(loader, source)?);
    }
    if kind == Generated::Secret {
        for pair in &pairs {
            if let Some(source) = loader.texts().get(pair.span.source) {
                source.redact(pair.span);
            }
        }
    }
    pairs.sort_by(|a, b| a.key.cmp(&b.key));
    for two in pairs.windows(2) {
        if let [first, second] = two
            && first.key == second.key
        {
            return Err(Failure::new(second.key_span, format!("the generator gives the key `{}` twice", first.key))
                .related(first.key_span, "the first"));
        }
    }
    Ok(pairs)
}

fn literal(loader: &Loader<'_, '_>, literal: &Value) -> Outcome<Pair> {
    let text = loader.texts().raw(literal);
    let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
        return Err(Failure::new(literal.span, format!("the literal `{text}` is not of the form `key=value`")));
    };
    let bytes = value.as_bytes();
    let value = match (bytes.first(), bytes.last()) {
        (Some(a @ (b'"' | b'\'')), Some(b)) if a == b && value.len() > 1 => {
            value.get(1..value.len() - 1).unwrap_or_default()
        }
        _ => value,
    };
    Ok(Pair { key: key.into(), key_span: literal.span, content: value.as_bytes().into(), span: literal.span })
}

fn file(loader: &Loader<'_, '_>, source: &Value) -> Outcome<Pair> {
    let text = loader.texts().raw(source);
    let wrong = |detail: &str| Failure::new(source.span, format!("`{text}` {detail}"));
    let (key, path) = match text.split_once('=') {
        None => (text.rsplit('/').next().unwrap_or(&text), text.as_str()),
        Some((_, path)) if path.contains('=') => {
            return Err(wrong("has more than one `=`"));
        }
        Some(("", _)) => return Err(wrong("names no key before its `=`")),
        Some((_, "")) => return Err(wrong("names no file behind its `=`")),
        Some(both) => both,
    };
    let (content, span) = loader.content(path, source.span)?;
    Ok(Pair { key: key.into(), key_span: source.span, content, span })
}

/// `KEY=value` lines; empty ones and comments are skipped.
fn env_file(loader: &Loader<'_, '_>, source: &Value, pairs: &mut Vec<Pair>) -> Outcome {
    let path = loader.texts().raw(source);
    let (content, span) = loader.content(&path, source.span)?;
    let Ok(text) = std::str::from_utf8(&content) else {
        return Err(Failure::new(source.span, format!("`{path}` is not UTF-8")));
    };
    // The source's text has no byte order mark, the bytes have.
    let (text, _) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest, 3),
        None => (text, 0),
    };
    let mut offset = span.start as usize;
    for line in text.split_inclusive('\n') {
        let begin = offset;
        offset += line.len();
        let content = line.trim_end_matches('\n');
        let content = content.strip_suffix('\r').unwrap_or(content);
        let trimmed = content.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let begin = begin + content.len() - trimmed.len();
        let (key, value) = trimmed.split_once('=').unwrap_or((trimmed, ""));
        if key.is_empty() {
            continue;
        }
        let place = |from: usize, to: usize| {
            if span.is_none() || span.source == source.span.source {
                source.span
            } else {
                Span::new(span.source, from, to)
            }
        };
        let end = begin + trimmed.len();
        pairs.push(Pair {
            key: key.into(),
            key_span: place(begin, begin + key.len()),
            content: value.as_bytes().into(),
            span: place(end - value.len(), end),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_base64_is_wrapped_as_kustomize_wraps_it() {
        assert_eq!(encoded(b"a"), "YQ==");
        let long = encoded(&[0; 60]);
        assert_eq!(long.len(), 82);
        assert_eq!(long.lines().next().unwrap().len(), 70);
        assert!(long.ends_with('\n'));
    }
}
