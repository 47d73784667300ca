//! `stamplint.yaml`: what may stand in it, what does, and what the stamps consist of by it.

mod accept;
pub mod check;
mod declare;
pub mod keys;
mod lay;
mod schema;
mod text;
mod write;

pub use declare::declare;
pub use lay::{glob, lay};
pub use schema::schema;
pub use text::{Braced, Words, braced, is_output};
pub use write::{Draft, write};

use std::sync::Arc;

use globset::GlobMatcher;

use crate::read::yaml::{self, Typing};
use crate::rule::{Catalogue, Effect, Layer, Override, Severity};
use crate::source::{EntryKind, Files, Source, join, parent};
use crate::tree::{Text, Value};
use check::{Fault, check};

/// The names that a config may have.
pub const NAMES: [&str; 2] = ["stamplint.yaml", "stamplint.yml"];

/// A config that was read and is sound.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its file.
    pub source: Arc<Source>,
    /// Its folder, from the root: what its paths are relative to.
    pub dir: String,
    /// All of it.
    pub root: Value,
    /// `rules`.
    pub rules: Layer,
    /// `environments`, by name.
    pub environments: Vec<(Text, Layer)>,
    /// The `rules` of each stamp, in order.
    pub stamp_rules: Vec<Layer>,
}

impl Config {
    /// Reads a config.
    ///
    /// # Errors
    /// All that is wrong with it, in order.
    pub fn read(source: &Arc<Source>, catalogue: &Catalogue) -> Result<Self, Vec<Fault>> {
        let stream = yaml::parse_with(source, Typing::Core);
        if !stream.problems.is_empty() {
            let faults = stream.problems.iter();
            return Err(faults
                .map(|p| {
                    Fault::new(p.span, format!("the config cannot be read: {}", p.detail), "").help(p.help.clone())
                })
                .collect());
        }
        let mut documents = stream.documents.into_iter();
        let root = match documents.next() {
            Some(document) => document.root,
            // An empty config says nothing, and is a map of nothing.
            None => Value::map(Vec::new(), source.span(0, 0)),
        };
        let mut faults = check(&root, &keys::CONFIG, catalogue);
        if let Some(second) = documents.next() {
            faults.push(Fault::new(second.root.span, "the config is one document", "a second one begins here"));
        }
        if !faults.is_empty() {
            faults.sort_by_key(|f| f.span);
            return Err(faults);
        }
        let environments = root.get("environments").map(Value::entries);
        Ok(Self {
            source: Arc::clone(source),
            dir: parent(source.path()).to_owned(),
            rules: layer(root.get("rules")),
            environments: environments
                .unwrap_or_default()
                .iter()
                .map(|e| (e.key.clone(), layer(e.value.get("rules"))))
                .collect(),
            stamp_rules: root
                .get("stamps")
                .map(Value::items)
                .unwrap_or_default()
                .iter()
                .map(|stamp| layer(stamp.get("rules")))
                .collect(),
            root,
        })
    }

    /// Whether it says what the stamps are made of; else that is inferred and the config gives rules only.
    #[must_use]
    pub fn names_parts(&self) -> bool {
        ["stamps", "eachStamp", "shared"].iter().any(|key| self.root.get(key).is_some_and(|v| !v.is_null()))
    }

    /// The patterns of a key, from the root. Those that are none were faults when the config was laid.
    #[must_use]
    pub fn globs(&self, key: &str) -> Vec<GlobMatcher> {
        let patterns = self.strings(key);
        let patterns = patterns.iter().filter_map(|v| join(&self.dir, v.as_str()?));
        patterns.filter_map(|p| glob(&p).ok()).collect()
    }

    /// `modules`: what lies elsewhere, with the folder from the root that stands for it.
    #[must_use]
    pub fn modules(&self) -> Vec<(String, String)> {
        let modules = self.root.get("modules").map(Value::entries).unwrap_or_default();
        modules.iter().filter_map(|e| Some((e.key.to_string(), join(&self.dir, e.value.as_str()?)?))).collect()
    }

    /// The strings of a key that takes one or a list.
    #[must_use]
    pub fn strings(&self, key: &str) -> Vec<Value> {
        one_or_more(self.root.get(key)).cloned().collect()
    }
}

/// The items of a value that is one thing or a list.
pub fn one_or_more(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (one, many) = match value {
        Some(value) if value.is_null() => (None, &[][..]),
        Some(value) => match value.as_list() {
            Some(items) => (None, items),
            None => (Some(value), &[][..]),
        },
        None => (None, &[][..]),
    };
    one.into_iter().chain(many)
}

fn layer(rules: Option<&Value>) -> Layer {
    let entries = rules.map(Value::entries).unwrap_or_default();
    let overrides = entries.iter().map(|entry| Override {
        target: entry.key.clone(),
        effect: entry.value.get("effect").and_then(Value::as_str).and_then(Effect::from_word),
        severity: entry.value.get("severity").and_then(Value::as_str).and_then(Severity::from_word),
        options: entry
            .value
            .entries()
            .iter()
            .filter(|e| !matches!(e.key.as_str(), "effect" | "severity"))
            .map(|e| (e.key.clone(), e.value.clone()))
            .collect(),
    });
    Layer { overrides: overrides.collect() }
}

/// Looks for a config in folders and upward to the root.
#[must_use]
pub fn find(files: &dyn Files, folders: &[String]) -> Option<String> {
    folders.iter().find_map(|folder| {
        let mut dir = folder.as_str();
        loop {
            for name in NAMES {
                let path = if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") };
                if files.kind(&path) == Some(EntryKind::File) {
                    return Some(path);
                }
            }
            if dir.is_empty() {
                return None;
            }
            dir = parent(dir);
        }
    })
}

#[cfg(test)]
mod tests;
