//! `images`: new names, tags and digests, in every list of containers and wherever the configuration says.

use regex::Regex;

use super::fail::{Failure, Outcome};
use super::fields::{Create, each};
use super::resource::Resource;
use super::spec::FieldSpec;
use super::texts::{self, Texts};
use crate::source::Span;
use crate::tree::{Input, Kind, StepKind, Value};

/// One entry.
#[derive(Clone, Debug)]
pub(super) struct Image {
    name: Matcher,
    new_name: String,
    new_tag: String,
    tag_suffix: String,
    digest: String,
    /// What a person edits: the field that is set, the entry where several are.
    span: Span,
}

/// kustomize takes the name as a regular expression, with a tag and a digest behind it.
#[derive(Clone, Debug)]
enum Matcher {
    /// The dots match any character, nothing else is special.
    Plain(String),
    Regex(Box<Regex>),
    /// Not a valid expression: it matches nothing.
    Nothing,
}

const BEHIND: &str = "(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?$";

impl Matcher {
    fn new(name: &str) -> Self {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b'.' | b':');
        if name.bytes().all(plain) {
            return Self::Plain(name.to_owned());
        }
        match Regex::new(&format!("^{name}{BEHIND}")) {
            Ok(regex) => Self::Regex(Box::new(regex)),
            Err(_) => Self::Nothing,
        }
    }

    fn matches(&self, image: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Regex(regex) => regex.is_match(image),
            Self::Plain(name) => {
                let Some((head, rest)) = image.split_at_checked(name.len()) else {
                    return false;
                };
                let same = |(a, b): (u8, u8)| a == b || (a == b'.' && b != b'\n');
                name.bytes().zip(head.bytes()).all(same) && is_behind(rest)
            }
        }
    }
}

/// Whether this is nothing, a tag, a digest, or both.
fn is_behind(rest: &str) -> bool {
    let part =
        |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'{' | b'}' | b'-'));
    let (tag, digest) = match rest.split_once('@') {
        Some((tag, digest)) => (tag, Some(digest)),
        None => (rest, None),
    };
    let tag_fits = tag.is_empty() || tag.strip_prefix(':').is_some_and(part);
    let digest_fits = digest.is_none_or(|digest| {
        digest.split_once(':').is_some_and(|(algorithm, hex)| {
            part(hex)
                && !algorithm.is_empty()
                && algorithm
                    .split(['.', '+', '_', '-'])
                    .all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric()))
        })
    });
    tag_fits && digest_fits
}

impl Image {
    /// Reads an entry of `images`.
    pub fn read(entry: &Value, texts: &Texts) -> Self {
        let text = |key: &str| entry.get_ci(key).map(|v| texts.raw(v).to_string()).unwrap_or_default();
        let set: Vec<Span> = ["newName", "newTag", "digest", "tagSuffix"]
            .iter()
            .filter_map(|key| entry.get_ci(key))
            .filter(|v| !v.is_null() && v.as_str() != Some(""))
            .map(|v| v.span)
            .collect();
        Self {
            name: Matcher::new(&text("name")),
            new_name: text("newName"),
            new_tag: text("newTag"),
            tag_suffix: text("tagSuffix"),
            digest: text("digest"),
            span: match set.as_slice() {
                [one] => *one,
                _ => entry.span,
            },
        }
    }

    /// The image that this entry makes of one; nothing where it is not meant.
    fn change(&self, image: &str) -> Option<String> {
        if !self.name.matches(image) {
            return None;
        }
        let (name, mut tag, mut digest) = split(image);
        let mut made = if self.new_name.is_empty() { name } else { &self.new_name }.to_owned();
        let suffixed;
        match (self.new_tag.as_str(), self.digest.as_str()) {
            ("", "") if !self.tag_suffix.is_empty() => {
                suffixed = format!("{tag}{}", self.tag_suffix);
                tag = &suffixed;
                digest = "";
            }
            ("", "") => {}
            ("", new) => {
                tag = "";
                digest = new;
            }
            (new, with) => {
                tag = new;
                digest = with;
            }
        }
        if !tag.is_empty() {
            made.push(':');
            made.push_str(tag);
        }
        if !digest.is_empty() {
            made.push('@');
            made.push_str(digest);
        }
        Some(made)
    }

    /// Changes it in all resources.
    pub fn apply(&self, resources: &mut [Resource], specs: &[FieldSpec], texts: &Texts) -> Outcome {
        for resource in resources.iter_mut().filter(|r| !r.is_empty()) {
            let gvk = resource.gvk(texts);
            if gvk.kind == "CustomResourceDefinition" {
                continue;
            }
            if self.is_met(&resource.value, 0) {
                self.walk(&mut resource.value, texts, 0)?;
            }
            for spec in specs {
                each(&mut resource.value, &gvk, spec, Create::Nothing, &mut |field| self.set(field, texts))?;
            }
        }
        Ok(())
    }

    /// Whether any container has this image: objects that have none are not copied.
    fn is_met(&self, value: &Value, depth: usize) -> bool {
        match &value.kind {
            _ if depth > DEPTH => false,
            Kind::List(list) => list.iter().any(|item| self.is_met(item, depth + 1)),
            Kind::Map(map) => map.iter().any(|entry| {
                let here = is_containers(&entry.key)
                    && entry.value.items().iter().any(|c| {
                        c.get("image").is_some_and(|image| match image.as_str() {
                            Some(text) => self.name.matches(text),
                            None => true,
                        })
                    });
                here || self.is_met(&entry.value, depth + 1)
            }),
            _ => false,
        }
    }

    fn walk(&self, value: &mut Value, texts: &Texts, depth: usize) -> Outcome {
        if depth > DEPTH {
            return Ok(());
        }
        match &value.kind {
            Kind::List(_) => {
                for item in value.items_mut().into_iter().flatten() {
                    if self.is_met(item, depth) {
                        self.walk(item, texts, depth + 1)?;
                    }
                }
            }
            Kind::Map(_) => {
                for entry in value.entries_mut().into_iter().flatten() {
                    if self.is_met(&entry.value, depth) {
                        self.walk(&mut entry.value, texts, depth + 1)?;
                    }
                    if is_containers(&entry.key) {
                        for container in entry.value.items_mut().into_iter().flatten() {
                            if let Some(image) = container.get_mut("image") {
                                self.set(image, texts)?;
                            }
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn set(&self, field: &mut Value, texts: &Texts) -> Outcome {
        if field.is_null() {
            return Ok(());
        }
        if !texts::is_scalar(field) {
            return Err(Failure::new(field.span, format!("a {} stands where an image goes", field.type_name())));
        }
        let Some(image) = self.change(&texts.raw(field)) else {
            return Ok(());
        };
        let input = Input { span: field.span, origin: field.origin.clone() };
        let mut value = Value::new(texts::retyped(&image, field), self.span);
        value.style = field.style;
        value.origin = value.origin.push(StepKind::Overlay, self.span, None, Box::new([input]));
        *field = value;
        Ok(())
    }
}

/// Containers nest no deeper than this.
const DEPTH: usize = 256;

fn is_containers(key: &str) -> bool {
    matches!(key, "containers" | "initContainers")
}

/// Name, tag and digest. A colon before the first slash is a port's.
fn split(image: &str) -> (&str, &str, &str) {
    let from = match image.find('/') {
        Some(slash) if slash > 0 => slash,
        _ => 0,
    };
    let rest = image.get(from..).unwrap_or_default();
    let cut = |at: usize| image.split_at_checked(from + at).unwrap_or((image, ""));
    match (rest.find(':'), rest.find('@')) {
        (None, None) => (image, "", ""),
        (tag, Some(digest)) if tag.is_none_or(|tag| digest < tag) => {
            let (name, digest) = cut(digest);
            (name, "", digest.trim_start_matches('@'))
        }
        (Some(tag), Some(digest)) => {
            let (name, _) = cut(tag);
            let tag = rest.get(tag + 1..digest).unwrap_or_default();
            let digest = rest.get(digest + 1..).unwrap_or_default();
            (name, tag, digest)
        }
        (Some(tag), None) => {
            let (name, tag) = cut(tag);
            (name, tag.strip_prefix(':').unwrap_or(tag), "")
        }
        (None, Some(_)) => (image, "", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml::parse;
    use crate::source::Sources;

    fn changed(entry: &str, image: &str) -> Option<String> {
        let source = Sources::new().add("a.yaml", entry);
        let entry = parse(&source).documents.remove(0).root;
        let texts = Texts::default();
        texts.add(&source);
        Image::read(&entry, &texts).change(image)
    }

    #[test]
    fn images_change_as_kustomize_changes_them() {
        for (entry, image, expected) in [
            ("{name: nginx, newTag: v2}", "nginx:1.0", Some("nginx:v2")),
            ("{name: nginx, newTag: 1.10}", "nginx", Some("nginx:1.10")),
            ("{name: nginx, newName: my/nginx}", "nginx:1.0", Some("my/nginx:1.0")),
            ("{name: nginx, digest: 'sha256:ab'}", "nginx:1.0", Some("nginx@sha256:ab")),
            ("{name: nginx, newTag: v2}", "nginx@sha256:ab", Some("nginx:v2")),
            ("{name: nginx, newTag: v2}", "nginx2:1", None),
            ("{name: nginx, newTag: v2}", "my/nginx:1", None),
            ("{name: 'r.io:5000/a', newTag: v2}", "r.io:5000/a:1", Some("r.io:5000/a:v2")),
            ("{name: a.io/b, newTag: v2}", "axio/b", Some("axio/b:v2")),
            ("{name: nginx, tagSuffix: -x}", "nginx:1", Some("nginx:1-x")),
            ("{name: nginx, newName: b}", "nginx:1@sha256:ab", Some("b:1@sha256:ab")),
            ("{name: '.*/api', newTag: v2}", "r.io/api:1", Some("r.io/api:v2")),
        ] {
            assert_eq!(changed(entry, image).as_deref(), expected, "{entry} {image}");
        }
    }
}
