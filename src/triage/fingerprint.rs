//! What tells one finding from another, whatever lines move: never a line, a column or an offset.

use std::collections::HashMap;

use xxhash_rust::xxh3::Xxh3;

use crate::model::compare::Tokens;
use crate::model::{Fleet, StampSet};
use crate::rule::{Finding, Place};
use crate::source::{Sources, Span};
use crate::tree::{Path, Segment, Value};

/// Makes fingerprints. What a stamp is called is taken out of names, so that they outlive its renaming and do not depend
/// on which stamp speaks for its fellows.
#[derive(Debug)]
pub struct Prints<'a> {
    fleet: &'a Fleet,
    tokens: HashMap<StampSet, Tokens>,
    /// Names without tokens, by stamps: resources have many findings.
    names: HashMap<(StampSet, String), String>,
}

impl<'a> Prints<'a> {
    /// For findings of a fleet.
    pub fn new(fleet: &'a Fleet) -> Self {
        Self { fleet, tokens: HashMap::new(), names: HashMap::new() }
    }

    /// `place/v1` (rule, file, resource, tree path) and `role/v1` (rule, resource, tree path; for baselines after a
    /// rename of files).
    pub fn of(&mut self, finding: &Finding, primary: Option<Span>, sources: &Sources) -> Vec<(&'static str, String)> {
        let source = primary.and_then(|span| sources.get(span.source));
        let file = source.as_ref().map(|s| s.path().to_string()).unwrap_or_default();
        let resource = finding.resource.as_ref().map(|r| r.label()).unwrap_or_default();
        let inside = match &finding.place {
            Place::Resource { resource, path, .. } => stable_path(&resource.body, path),
            // No tree: the marked text itself, which moves with its line.
            Place::Value(_) | Place::Span(_) => primary.map(|span| sources.text(span)).unwrap_or_default(),
            Place::Nowhere => finding.message.clone(),
        };
        let (resource, inside) = (self.without(&finding.stamps, resource), self.without(&finding.stamps, inside));
        let rule = &*finding.rule;
        vec![("place/v1", digest(&[rule, &file, &resource, &inside])), ("role/v1", digest(&[rule, &resource, &inside]))]
    }

    fn without(&mut self, stamps: &StampSet, text: String) -> String {
        if text.is_empty() || stamps.is_empty() {
            return text;
        }
        let key = (stamps.clone(), text);
        if let Some(known) = self.names.get(&key) {
            return known.clone();
        }
        let fleet = self.fleet;
        let tokens = self
            .tokens
            .entry(key.0.clone())
            .or_insert_with(|| Tokens::of_all(stamps.iter().filter_map(|i| fleet.stamps.get(i))));
        let name = tokens.take_out(&key.1);
        self.names.insert(key, name.clone());
        name
    }
}

fn digest(parts: &[&str]) -> String {
    let mut hasher = Xxh3::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    format!("{:032x}", hasher.digest128())
}

/// A path for fingerprints: items that have no name are called by what else tells them apart, text by itself.
fn stable_path(root: &Value, path: &Path) -> String {
    let mut text = String::new();
    let mut at = Some(root);
    let mut embedded: Option<&str> = None;
    for segment in &path.0 {
        match segment {
            Segment::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
            Segment::Index(index) => match (embedded, at.and_then(Value::as_list)) {
                // The number of a line is no part of what it says.
                (Some("line"), _) => {
                    let line = at.and_then(Value::as_str).and_then(|t| t.lines().nth(*index));
                    text.push_str(&format!("[{}]", line.unwrap_or_default().trim()));
                }
                (_, Some(items)) => {
                    let own = items.get(*index).and_then(identity);
                    let alike = items.iter().take(*index).filter(|i| identity(i) == own).count();
                    text.push_str(&format!("[{}", own.unwrap_or_default()));
                    text.push_str(&if alike > 0 { format!("#{alike}]") } else { "]".to_owned() });
                }
                (_, None) => text.push_str(&format!("[{index}]")),
            },
            Segment::Embedded(format) => {
                embedded = Some(format);
                text.push_str(&format!("<{format}>"));
                continue;
            }
        }
        at = match (segment, at) {
            _ if embedded.is_some() => at,
            (Segment::Key(key), Some(value)) => value.get_ci(key),
            (Segment::Index(index), Some(value)) => value.as_list().and_then(|items| items.get(*index)),
            _ => None,
        };
    }
    text
}

/// What tells an item from its fellows: a name, else a key that serves as one; a string is its own name.
fn identity(item: &Value) -> Option<String> {
    if let Some(text) = item.as_str() {
        return Some(text.to_owned());
    }
    const KEYS: [&str; 9] = ["name", "id", "key", "host", "kind", "type", "path", "topologyKey", "containerPort"];
    KEYS.iter().find_map(|key| {
        let value = item.get_ci(key)?;
        let text = value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|n| n.to_string()))?;
        Some(format!("{key}={text}"))
    })
}

/// A path whose list items are called by their names, so that an item put before them changes nothing.
pub fn named_path(root: &Value, path: &Path) -> String {
    let mut text = String::new();
    let mut prefix = Path::root();
    for segment in &path.0 {
        prefix.0.push(segment.clone());
        match segment {
            Segment::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Segment::Index(index) => {
                let name = root.at(&prefix).and_then(|item| item.get_ci("name")).and_then(Value::as_str);
                match name {
                    Some(name) => text.push_str(&format!("[{name}]")),
                    None => text.push_str(&format!("[{index}]")),
                }
            }
            Segment::Embedded(format) => text.push_str(&format!("<{format}>")),
        }
    }
    text
}
