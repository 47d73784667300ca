//! The rules of a run: all that are on, whether they found anything or not.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::set;
use crate::report::{Prose, Run};
use crate::rule::{Document, Effect, Severity};

/// Code scanning cuts descriptions here.
const LONGEST_DESCRIPTION: usize = 1000;

/// Code scanning takes so many tags of a rule.
const MOST_TAGS: usize = 20;

/// The active rules, by index.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    run: &'a Run<'a>,
    active: Vec<&'a Document>,
    index: HashMap<&'a str, usize>,
}

impl<'a> Rules<'a> {
    /// The rules that are on in at least one stamp, and any other that has a finding, in the catalogue's order.
    pub fn new(run: &'a Run<'a>) -> Self {
        let active: Vec<&Document> =
            run.catalogue.documents().iter().map(|d| &**d).filter(|d| run.settings.is_on(&d.id)).collect();
        let index = active.iter().enumerate().map(|(i, d)| (&*d.id, i)).collect();
        Self { run, active, index }
    }

    /// A rule's position.
    pub fn index(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// A reference to a rule; none where the id is empty or unknown.
    pub fn reference(&self, id: &str) -> Option<Value> {
        self.index(id).map(|index| json!({"id": id, "index": index}))
    }

    /// All descriptors.
    pub fn descriptors(&self) -> Vec<Value> {
        self.active.iter().map(|d| self.descriptor(d)).collect()
    }

    fn descriptor(&self, rule: &Document) -> Value {
        let prose = Prose::of(rule);
        let mut value = json!({
            "id": &*rule.id,
            "name": pascal(&rule.id),
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": full(rule, &prose)},
            "help": {"text": help(rule, &prose, false), "markdown": help(rule, &prose, true)},
            "defaultConfiguration": {
                "level": if rule.effect == Effect::Deny { "error" } else { "warning" },
                "enabled": rule.effect != Effect::Off,
            },
            "properties": {
                "tags": tags(rule),
                "precision": if rule.id.contains('/') { "medium" } else { "high" },
                "security-severity": score(self.severity(rule)),
                "problem.severity": if rule.effect == Effect::Deny { "error" } else { "warning" },
            },
        });
        let deprecated: Vec<&str> = rule.aliases.iter().map(|a| &**a).collect();
        set(&mut value, "deprecatedIds", (!deprecated.is_empty()).then_some(deprecated));
        set(&mut value, "helpUri", rule.references.iter().find(|r| r.starts_with("https://")));
        value
    }

    /// The highest severity over the stamps where the rule is on: the config may have changed it.
    fn severity(&self, rule: &Document) -> Severity {
        (0..self.run.fleet.stamps.len().max(1))
            .filter_map(|stamp| self.run.settings.get(&rule.id, stamp))
            .filter(|s| s.effect != Effect::Off)
            .map(|s| s.severity)
            .max()
            .unwrap_or(rule.severity)
    }
}

/// `local-accounts-enabled` as `LocalAccountsEnabled`: viewers want a name that is one identifier.
fn pascal(id: &str) -> String {
    let words = id.split(|c: char| !c.is_alphanumeric());
    words
        .flat_map(|word| word.chars().enumerate().map(|(i, c)| if i == 0 { c.to_ascii_uppercase() } else { c }))
        .collect()
}

/// What code scanning ranks by.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
    }
}

/// Whether a family is about security, reliability or correctness: code scanning keeps security apart.
fn quality(family: &str) -> &'static str {
    match family {
        "input" | "parameters" | "fleet" => "correctness",
        "zones" | "node-pools" | "workloads" => "reliability",
        _ => "security",
    }
}

fn tags(rule: &Document) -> Vec<String> {
    let mut tags =
        vec![quality(&rule.family).to_owned(), rule.family.to_string(), format!("scope/{}", rule.scope.word())];
    tags.extend(rule.controls.iter().map(|(framework, id)| format!("{framework}/{id}")));
    tags.truncate(MOST_TAGS);
    tags
}

fn full(rule: &Document, prose: &Prose<'_>) -> String {
    let first = prose.why.split("\n\n").next().unwrap_or_default();
    let text = first.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return rule.title.clone();
    }
    match text.char_indices().nth(LONGEST_DESCRIPTION) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Why and how to fix, with options and references.
fn help(rule: &Document, prose: &Prose<'_>, markdown: bool) -> String {
    let mut text = String::new();
    let mut part = |heading: &str, body: &str| {
        if body.is_empty() {
            return;
        }
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        if markdown {
            text.push_str("## ");
        }
        text.push_str(heading);
        text.push_str(if markdown { "\n\n" } else { "\n" });
        text.push_str(body);
    };
    part(&rule.title, prose.why);
    part("How to fix", prose.fix);
    let options: Vec<String> = rule
        .options
        .iter()
        .map(|o| {
            if markdown {
                format!("- `{}` ({}): {}", o.name, o.ty, o.doc)
            } else {
                format!("- {} ({}): {}", o.name, o.ty, o.doc)
            }
        })
        .collect();
    part("Options", &options.join("\n"));
    let references: Vec<String> = rule
        .references
        .iter()
        .map(|r| if markdown && r.starts_with("https://") { format!("- <{r}>") } else { format!("- {r}") })
        .collect();
    part("References", &references.join("\n"));
    text
}
