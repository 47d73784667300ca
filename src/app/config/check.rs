//! Holds a tree against the table of keys. What it says points at the config.

use super::keys::{Key, Type};
use crate::rule::nearest;
use crate::rule::{Catalogue, Document, Effect, Severity};
use crate::source::Span;
use crate::tree::{Entry, Kind, Value};
use crate::triage::suppress::day;

/// One thing that is wrong in a config.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Where.
    pub span: Span,
    /// What.
    pub message: String,
    /// A few words beside the place.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
}

impl Fault {
    /// A fault.
    pub fn new(span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { span, message: message.into(), label: label.into(), help: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

/// Checks a tree.
#[must_use]
pub fn check(root: &Value, ty: &Type, catalogue: &Catalogue) -> Vec<Fault> {
    let mut checker = Checker { catalogue, faults: Vec::new() };
    checker.value(root, ty, "the config");
    checker.faults
}

struct Checker<'c> {
    catalogue: &'c Catalogue,
    faults: Vec<Fault>,
}

impl Checker<'_> {
    fn value(&mut self, value: &Value, ty: &Type, name: &str) {
        let fits = match ty {
            Type::Any => true,
            Type::Text => matches!(value.kind, Kind::String(_)),
            Type::Scalar => matches!(value.kind, Kind::String(_) | Kind::Number(_) | Kind::Bool(_)),
            Type::Flag => value.as_bool().is_some(),
            Type::Count => value.as_i64().is_some_and(|n| n >= 0),
            Type::Date => {
                if let Some(text) = value.as_str()
                    && day(text).is_none()
                {
                    let fault = Fault::new(value.span, format!("`{text}` is no day"), "written like `2027-01-31`");
                    return self.faults.push(fault);
                }
                value.as_str().is_some()
            }
            Type::Rule => {
                if let Some(name) = value.as_str().filter(|name| self.catalogue.get(name).is_none()) {
                    return self.unknown_rule(value.span, name);
                }
                value.as_str().is_some()
            }
            Type::Word(words) => {
                if let Some(word) = value.as_str().filter(|w| !words.contains(w)) {
                    return self.word(value, word, words, name);
                }
                value.as_str().is_some()
            }
            Type::List(item) => match value.as_list() {
                Some(items) => return self.items(items, item, name),
                None => false,
            },
            Type::OneOrMore(one) => match value.as_list() {
                Some(items) => return self.items(items, one, name),
                None => return self.value(value, one, name),
            },
            Type::Map(of) => match value.as_map() {
                Some(map) => {
                    for entry in map.iter() {
                        self.value(&entry.value, of, &entry.key);
                    }
                    return;
                }
                None => false,
            },
            Type::Object(keys) => match value.as_map() {
                Some(map) => return self.object(value.span, map, keys, name),
                None => false,
            },
            Type::Either(types) => {
                let fits = types.iter().any(|ty| {
                    let mut tried = Checker { catalogue: self.catalogue, faults: Vec::new() };
                    tried.value(value, ty, name);
                    tried.faults.is_empty()
                });
                if !fits
                    && value.as_map().is_some()
                    && let Some(object) = types.iter().find(|t| matches!(t, Type::Object(_)))
                {
                    return self.value(value, object, name);
                }
                fits
            }
            Type::Rules => match value.as_map() {
                Some(map) => return self.rules(map),
                None => false,
            },
        };
        if !fits {
            self.wrong_type(value, &ty.noun(), name);
        }
    }

    fn wrong_type(&mut self, value: &Value, wanted: &str, name: &str) {
        let name = if name.contains(' ') { name.to_owned() } else { format!("`{name}`") };
        self.faults.push(Fault::new(
            value.span,
            format!("{name} is to be {wanted}"),
            match value.type_name() {
                "null" => "nothing stands here".to_owned(),
                found => format!("this is a {found}"),
            },
        ));
    }

    fn word(&mut self, value: &Value, word: &str, words: &[&str], name: &str) {
        let fault =
            Fault::new(value.span, format!("`{word}` is no `{name}`"), format!("one of `{}`", words.join("`, `")));
        self.faults.push(fault.help(nearest(word, words.iter().copied())));
    }

    fn unknown_rule(&mut self, span: Span, name: &str) {
        let help = if self.catalogue.has_family(name) {
            Some("it is a family: one entry accepts one rule".to_owned())
        } else {
            nearest(name, self.catalogue.documents().iter().map(|d| &*d.id))
        };
        self.faults.push(Fault::new(span, format!("no rule is called `{name}`"), "unknown rule").help(help));
    }

    fn items(&mut self, items: &[Value], ty: &Type, name: &str) {
        for item in items {
            self.value(item, ty, &format!("an item of `{name}`"));
        }
    }

    fn object(&mut self, span: Span, map: &[Entry], keys: &[Key], name: &str) {
        for entry in map {
            match keys.iter().find(|k| k.name == entry.key) {
                // A key without a value says nothing: as if it were left out.
                Some(_) if entry.value.is_null() => {}
                Some(key) => self.value(&entry.value, key.ty, key.name),
                None => self.unknown_key(entry, keys.iter().map(|k| k.name)),
            }
        }
        for key in keys.iter().filter(|k| k.required) {
            if !map.iter().any(|e| e.key == key.name && !e.value.is_null()) {
                let at = map.first().map_or(span, |e| e.key_span);
                let what = if name.contains(' ') { name.to_owned() } else { format!("`{name}`") };
                self.faults.push(Fault::new(at, format!("{what} has no `{}`", key.name), "it must have one"));
            }
        }
    }

    fn unknown_key<'k>(&mut self, entry: &Entry, known: impl Iterator<Item = &'k str> + Clone) {
        let help = nearest(&entry.key, known.clone()).or_else(|| {
            let known: Vec<&str> = known.collect();
            (!known.is_empty()).then(|| format!("known here: `{}`", known.join("`, `")))
        });
        self.faults.push(
            Fault::new(entry.key_span, format!("unknown key `{}`", entry.key), "nothing of this name can stand here")
                .help(help),
        );
    }

    fn rules(&mut self, map: &[Entry]) {
        for entry in map {
            let name = entry.key.as_str();
            let rules: Vec<&Document> = match self.catalogue.get(name) {
                Some(rule) => vec![rule],
                None => self.catalogue.documents().iter().filter(|d| *d.family == *name).map(AsRef::as_ref).collect(),
            };
            if rules.is_empty() && self.catalogue.is_partial() {
                continue;
            }
            if rules.is_empty() {
                let families = self.catalogue.families();
                let known = self.catalogue.documents().iter().map(|d| &*d.id);
                let known = known.chain(families.iter().map(|f| &**f));
                self.faults.push(
                    Fault::new(entry.key_span, format!("no rule or family is called `{name}`"), "unknown rule")
                        .help(nearest(name, known)),
                );
                continue;
            }
            self.rule(&entry.value, name, &rules);
        }
    }

    fn rule(&mut self, value: &Value, name: &str, rules: &[&Document]) {
        let Some(map) = value.as_map() else {
            self.wrong_type(value, "a map", name);
            let meant = value.as_str().filter(|word| Effect::WORDS.contains(word));
            if let (Some(word), Some(fault)) = (meant, self.faults.last_mut()) {
                fault.help = Some(format!("write `{name}: {{effect: {word}}}`"));
            }
            return;
        };
        for entry in map.iter() {
            match entry.key.as_str() {
                "effect" => self.value(&entry.value, &Type::Word(Effect::WORDS), "effect"),
                "severity" => self.value(&entry.value, &Type::Word(Severity::WORDS), "severity"),
                option => {
                    let spec = rules.iter().flat_map(|r| &r.options).find(|o| o.name == option);
                    match spec {
                        Some(spec) => self.option(&entry.value, &spec.ty, option),
                        None => {
                            let options = rules.iter().flat_map(|r| r.options.iter().map(|o| o.name.as_str()));
                            self.unknown_key(entry, ["effect", "severity"].into_iter().chain(options));
                        }
                    }
                }
            }
        }
    }

    fn option(&mut self, value: &Value, ty: &str, name: &str) {
        let strings = |value: &Value| value.as_list().is_some_and(|l| l.iter().all(|i| i.as_str().is_some()));
        let (fits, wanted) = match ty {
            "string" => (value.as_str().is_some(), "a string".to_owned()),
            "integer" => (value.as_i64().is_some(), "a whole number".to_owned()),
            "boolean" => (value.as_bool().is_some(), "`true` or `false`".to_owned()),
            "list<string>" => (strings(value), "a list of strings".to_owned()),
            "map" => (value.as_map().is_some(), "a map".to_owned()),
            words if words.contains('|') => {
                let words: Vec<&str> = words.split('|').map(str::trim).collect();
                if let Some(word) = value.as_str().filter(|w| !words.contains(w)) {
                    return self.word(value, word, &words, name);
                }
                let fits = value.as_str().is_some_and(|v| words.contains(&v));
                (fits, format!("one of `{}`", words.join("`, `")))
            }
            _ => (true, String::new()),
        };
        if !fits {
            self.wrong_type(value, &wanted, name);
        }
    }
}
