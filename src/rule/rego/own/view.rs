//! What rules see of a resource that say all that they read. Resources that differ only in the rest are judged once.
//!
//! Only built-in rules are taken at their word: a test holds them to it. What a user's rule says that it reads decides
//! about unknown values and nothing else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::reads::{Pattern, Root, Step};
use crate::model::{Resource, kubernetes};
use crate::source::Span;
use crate::tree::{Entry, Kind, Text, Value};

const LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// Which part of a resource is seen.
#[derive(Debug, Default)]
pub(super) struct View {
    patterns: Vec<Pattern>,
    /// Whether the resource's own name and namespace are seen too.
    named: bool,
    masks: Mutex<HashMap<(Text, Text), Arc<Mask>>>,
}

/// What is kept of a value: all of it, or some keys of a map and parts of a list's items.
#[derive(Clone, Debug, Default)]
struct Mask {
    whole: bool,
    keys: Vec<(Text, Mask)>,
    any: Option<Box<Mask>>,
}

impl View {
    /// What patterns lead to.
    pub fn new(patterns: Vec<Pattern>, named: bool) -> Self {
        Self { patterns, named, masks: Mutex::default() }
    }

    /// The part of a resource that is seen.
    pub fn of(&self, resource: &Resource) -> Value {
        self.mask(resource).cut(&resource.body).unwrap_or_else(|| resource.body.clone())
    }

    fn mask(&self, resource: &Resource) -> Arc<Mask> {
        let make = || Arc::new(self.made(resource.group(), resource.kind()));
        let Ok(mut held) = self.masks.lock() else { return make() };
        let key = (Text::from(resource.group()), Text::from(resource.kind()));
        Arc::clone(held.entry(key).or_insert_with(make))
    }

    fn made(&self, group: &str, kind: &str) -> Mask {
        let mut mask = Mask::default();
        let mut keep = |path: &[&str]| mask.keep(&path.iter().map(|k| key(k)).collect::<Vec<_>>());
        keep(&["apiVersion"]);
        keep(&["kind"]);
        if self.named {
            keep(&["metadata", "name"]);
            keep(&["metadata", "namespace"]);
        }
        let templates: Vec<Vec<Step>> = kubernetes::templates(group, kind).map(steps).collect();
        for pattern in &self.patterns {
            let lists: &[&str] = if pattern.root == Root::Container { &LISTS } else { &[""] };
            for list in lists {
                let mut inner = Vec::new();
                if pattern.root == Root::Container {
                    inner.extend([key("spec"), key(list), Step::Any]);
                }
                inner.extend(pattern.steps.iter().cloned());
                if pattern.root == Root::Resource {
                    mask.keep(&inner);
                } else {
                    templates.iter().for_each(|base| mask.keep(&[base.as_slice(), &inner].concat()));
                }
            }
        }
        for base in &templates {
            // A pod is one by its `spec`, whatever that holds, and messages call containers by their names.
            for list in LISTS {
                mask.keep(&[base.as_slice(), &[key("spec"), key(list), Step::Any, key("name")]].concat());
            }
        }
        mask
    }
}

fn key(text: &str) -> Step {
    Step::Key(text.to_owned())
}

/// The steps of a dotted path with `[]` after lists and `*` for any key.
fn steps(dotted: &'static str) -> Vec<Step> {
    let mut steps = Vec::new();
    for word in dotted.split('.').filter(|w| !w.is_empty()) {
        match (word, word.strip_suffix("[]")) {
            ("*", _) => steps.push(Step::Any),
            (_, Some(list)) => steps.extend([key(list), Step::Any]),
            (name, None) => steps.push(key(name)),
        }
    }
    steps
}

impl Mask {
    fn keep(&mut self, steps: &[Step]) {
        match steps.split_first() {
            None => self.whole = true,
            Some((Step::Any, rest)) => self.any.get_or_insert_default().keep(rest),
            Some((Step::Key(name), rest)) => {
                let at = self.keys.iter().position(|(k, _)| **k == **name).unwrap_or_else(|| {
                    self.keys.push((Text::from(name.as_str()), Self::default()));
                    self.keys.len() - 1
                });
                if let Some((_, below)) = self.keys.get_mut(at) {
                    below.keep(rest);
                }
            }
        }
    }

    /// The part of a value; none where that is all of it. A value of another shape than expected is kept whole, so
    /// that a rule meets what it would have met.
    fn cut(&self, value: &Value) -> Option<Value> {
        if self.whole {
            return None;
        }
        match (&value.kind, &self.any) {
            (Kind::List(list), Some(any)) if self.keys.is_empty() => {
                let items = list.iter().map(|item| any.cut(item).unwrap_or_else(|| item.clone()));
                Some(Value::list(items.collect(), Span::NONE))
            }
            (Kind::Map(map), None) => {
                let kept = self.keys.iter().filter_map(|(name, below)| {
                    let held = map.get(name)?;
                    let value = below.cut(held).unwrap_or_else(|| held.clone());
                    Some(Entry::new(name.clone(), Span::NONE, value))
                });
                Some(Value::map_of_unique(kept.collect(), Span::NONE))
            }
            (Kind::Map(map), Some(any)) if self.keys.is_empty() => {
                let kept = map.iter().map(|entry| {
                    let value = any.cut(&entry.value).unwrap_or_else(|| entry.value.clone());
                    Entry::new(entry.key.clone(), Span::NONE, value)
                });
                Some(Value::map_of_unique(kept.collect(), Span::NONE))
            }
            _ => None,
        }
    }
}
