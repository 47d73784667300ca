//! What holds for a rule in a stamp: effect, severity and options, laid over one another from the rule's document, the
//! config's `rules`, those of the stamp's environment and those of the stamp; in each, the family first, then the rule.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Catalogue, Document, Effect, Severity};
use crate::tree::{Text, Value};

/// The options of a rule in a stamp, each with the span of the config where it was said, or of the document.
#[derive(Clone, Debug, Default)]
pub struct Options {
    values: Vec<(Text, Value)>,
}

impl Options {
    /// Options from names and values; later ones replace earlier ones.
    #[must_use]
    pub fn new(values: impl IntoIterator<Item = (Text, Value)>) -> Self {
        let mut options = Self::default();
        for (name, value) in values {
            options.set(name, value);
        }
        options
    }

    fn set(&mut self, name: Text, value: Value) {
        match self.values.iter_mut().find(|(n, _)| *n == name) {
            Some((_, held)) => *held = value,
            None => self.values.push((name, value)),
        }
    }

    /// An option's value. Null where the document's default is null.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// A boolean option; false where it is none.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A whole number.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_i64)
    }

    /// A string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// The strings of a list.
    pub fn strings<'o>(&'o self, name: &str) -> impl Iterator<Item = &'o str> + use<'o> {
        self.get(name).map(Value::items).unwrap_or_default().iter().filter_map(Value::as_str)
    }

    /// All options.
    #[must_use]
    pub fn all(&self) -> &[(Text, Value)] {
        &self.values
    }
}

/// What holds for one rule in one stamp.
#[derive(Clone, Debug)]
pub struct RuleSetting {
    /// Whether it fails the gate.
    pub effect: Effect,
    /// How bad it is.
    pub severity: Severity,
    /// Its options.
    pub options: Arc<Options>,
    /// Equal for settings that give the same results: a hash of the options.
    pub key: u128,
}

/// What the config says of a rule or family.
#[derive(Clone, Debug)]
pub struct Override {
    /// A rule's id or a family.
    pub target: Text,
    /// `effect`.
    pub effect: Option<Effect>,
    /// `severity`.
    pub severity: Option<Severity>,
    /// Options.
    pub options: Vec<(Text, Value)>,
}

/// A layer of the config's `rules`.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// What it says.
    pub overrides: Vec<Override>,
}

/// The layers that apply to a stamp, the widest first: `rules`, the environment's, the stamp's.
pub type StampLayers<'c> = Vec<&'c Layer>;

/// Which rules run: `--select` and `--ignore`, rules or families.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these; all where empty.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
}

impl Selection {
    /// Whether a rule runs. `not-analysed` and `policy-error` run unless they are ignored by their names: a run that read
    /// nothing, or whose policies could not be used, is not green.
    #[must_use]
    pub fn admits(&self, rule: &Document) -> bool {
        let named = |list: &[String]| list.iter().any(|n| names(rule, n));
        if matches!(&*rule.id, "not-analysed" | "policy-error") {
            return !self.ignore.iter().any(|n| **n == *rule.id);
        }
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }

    fn selects_by_id(&self, rule: &Document) -> bool {
        self.select.iter().any(|n| **n == *rule.id || rule.aliases.iter().any(|a| **a == **n))
    }
}

fn names(rule: &Document, name: &str) -> bool {
    *name == *rule.id || *name == *rule.family || rule.aliases.iter().any(|a| **a == *name)
}

/// Settings of every rule in every stamp.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    by_rule: HashMap<Arc<str>, Vec<Arc<RuleSetting>>>,
}

impl Settings {
    /// Lays the layers over the documents. `stamps` gives each stamp's layers; one with no layers stands for a fleet without stamps.
    #[must_use]
    pub fn new(catalogue: &Catalogue, stamps: &[StampLayers<'_>], selection: &Selection) -> Self {
        let mut by_rule = HashMap::new();
        for rule in catalogue.documents().iter().filter(|rule| selection.admits(rule)) {
            // Stamps mostly share their layers, and then share the setting too.
            let mut made: Vec<(&StampLayers<'_>, Arc<RuleSetting>)> = Vec::new();
            let settings = stamps.iter().map(|layers| {
                let same = made.iter().find(|(l, _)| same_layers(l, layers)).map(|(_, s)| Arc::clone(s));
                same.unwrap_or_else(|| {
                    let setting = Arc::new(setting(rule, layers, selection));
                    made.push((layers, Arc::clone(&setting)));
                    setting
                })
            });
            by_rule.insert(Arc::clone(&rule.id), settings.collect());
        }
        Self { by_rule }
    }

    /// The setting of a rule in a stamp; none where the rule was not selected.
    #[must_use]
    pub fn get(&self, rule: &str, stamp: usize) -> Option<&Arc<RuleSetting>> {
        self.by_rule.get(rule).and_then(|s| s.get(stamp).or_else(|| s.last()))
    }

    /// Whether a rule was selected and is on in at least one stamp.
    #[must_use]
    pub fn is_on(&self, rule: &str) -> bool {
        self.by_rule.get(rule).is_some_and(|s| s.iter().any(|s| s.effect != Effect::Off))
    }
}

fn same_layers(a: &StampLayers<'_>, b: &StampLayers<'_>) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| std::ptr::eq(*a, *b))
}

fn setting(rule: &Document, layers: &StampLayers<'_>, selection: &Selection) -> RuleSetting {
    let mut effect = None;
    let mut severity = rule.severity;
    let mut options = Options::new(rule.options.iter().map(|o| (o.name.clone(), o.default.clone())));
    for layer in layers {
        for by_family in [true, false] {
            let fits = |o: &&Override| {
                if by_family {
                    *o.target == *rule.family
                } else {
                    *o.target == *rule.id || rule.aliases.iter().any(|a| **a == *o.target)
                }
            };
            for found in layer.overrides.iter().filter(fits) {
                effect = found.effect.or(effect);
                severity = found.severity.unwrap_or(severity);
                for (name, value) in found.options.iter().filter(|(n, _)| rule.options.iter().any(|o| o.name == *n)) {
                    options.set(name.clone(), value.clone());
                }
            }
        }
    }
    for borrowed in rule.options.iter().filter_map(|o| Some((o, o.of.as_ref()?))) {
        let (option, lender) = borrowed;
        let overrides = layers.iter().flat_map(|l| &l.overrides).filter(|o| o.target == *lender);
        for (name, value) in overrides.flat_map(|o| &o.options).filter(|(n, _)| *n == option.name) {
            options.set(name.clone(), value.clone());
        }
    }
    let mut effect = effect.unwrap_or(rule.effect);
    if effect == Effect::Off && selection.selects_by_id(rule) {
        effect = Effect::Audit;
    }
    let key = options.all().iter().fold(0u128, |key, (_, value)| key.rotate_left(7) ^ value.content_hash());
    RuleSetting { effect, severity, options: Arc::new(options), key }
}
