//! ExpansionTemplates: the pods that a workload will make, reviewed before it makes them.

use super::object::{gvk, metadata, text};
use crate::path;
use crate::source::Span;
use crate::tree::{Entry, Path, Value};

/// An expansion.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// Its name, which messages carry.
    pub name: String,
    applies_to: Vec<(Vec<String>, Vec<String>, Vec<String>)>,
    source: String,
    generated: (String, String, String),
    /// The action that takes the place of the constraints' own.
    pub enforcement: Option<String>,
}

/// An object that an expansion made.
#[derive(Clone, Debug)]
pub struct Expanded {
    /// All of it.
    pub body: Value,
    /// Where in the object that it was made from its content stands.
    pub from: Path,
    /// The name of the expansion.
    pub expansion: String,
    /// The action that takes the place of the constraints' own.
    pub enforcement: Option<String>,
}

/// How often expanded objects are expanded again.
const DEEPEST: usize = 30;

impl Expansion {
    /// Whether a document is an expansion.
    #[must_use]
    pub fn is_one(body: &Value) -> bool {
        let (group, _, kind) = gvk(body);
        group == "expansion.gatekeeper.sh" && kind == "ExpansionTemplate"
    }

    /// Reads an expansion. `None` where it lacks what it needs.
    #[must_use]
    pub fn read(body: &Value) -> Option<Self> {
        let spec = body.get("spec")?;
        let strings = |value: Option<&Value>| -> Vec<String> {
            let items = value.map(Value::items).unwrap_or_default();
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let generated = spec.get("generatedGVK")?;
        let source = text(spec, "templateSource");
        let applies_to: Vec<_> = spec
            .get("applyTo")?
            .items()
            .iter()
            .map(|a| (strings(a.get("groups")), strings(a.get("versions")), strings(a.get("kinds"))))
            .collect();
        let action = text(spec, "enforcementAction");
        (!source.is_empty()).then(|| Self {
            name: metadata(body, "name").to_owned(),
            applies_to,
            source: source.to_owned(),
            generated: (
                text(generated, "group").to_owned(),
                text(generated, "version").to_owned(),
                text(generated, "kind").to_owned(),
            ),
            enforcement: (!action.is_empty()).then(|| action.to_owned()),
        })
    }

    fn applies(&self, body: &Value) -> bool {
        let (group, version, kind) = gvk(body);
        let among = |names: &[String], name: &str| names.iter().any(|n| n == name || n == "*");
        self.applies_to
            .iter()
            .any(|(groups, versions, kinds)| among(groups, group) && among(versions, version) && among(kinds, kind))
    }

    fn expand(&self, parent: &Value) -> Option<Expanded> {
        let from = Path::dotted(&self.source);
        let template = parent.at(&from)?.as_map()?;
        let (group, version, kind) = &self.generated;
        let api_version = if group.is_empty() { version.clone() } else { format!("{group}/{version}") };
        let none = Span::NONE;
        let string = |text: &str| Value::string(text, none);
        let mut entries = vec![
            Entry::new("apiVersion", none, string(&api_version)),
            Entry::new("kind", none, string(kind)),
            Entry::new("metadata", none, metadata_of(template.get("metadata"), parent, kind)),
        ];
        let rest = template.iter().filter(|e| !matches!(e.key.as_str(), "apiVersion" | "kind" | "metadata"));
        entries.extend(rest.cloned());
        Some(Expanded {
            body: Value::map(entries, none),
            from,
            expansion: self.name.clone(),
            enforcement: self.enforcement.clone(),
        })
    }
}

/// The template's metadata, with a name and namespace made from the parent's, and the parent as its owner.
fn metadata_of(given: Option<&Value>, parent: &Value, kind: &str) -> Value {
    let none = Span::NONE;
    let string = |text: &str| Value::string(text, none);
    let name = format!("{}-{kind}", metadata(parent, "name")).to_lowercase();
    let mut entries: Vec<Entry> = given.map(Value::entries).unwrap_or_default().to_vec();
    entries.push(Entry::new("name", none, string(&name)));
    let namespace = metadata(parent, "namespace");
    if !namespace.is_empty() {
        entries.push(Entry::new("namespace", none, string(namespace)));
    }
    let owner = |key: &'static str, value: &str| Entry::new(key, none, string(value));
    let owner = Value::map(
        vec![
            owner("apiVersion", text(parent, "apiVersion")),
            owner("kind", text(parent, "kind")),
            owner("name", metadata(parent, "name")),
            Entry::new("uid", none, string("")),
        ],
        none,
    );
    let mut owners = given.and_then(|m| m.get("ownerReferences")).map(Value::items).unwrap_or_default().to_vec();
    owners.push(owner);
    entries.push(Entry::new("ownerReferences", none, Value::list(owners, none)));
    Value::map(entries, none)
}

/// All objects that come of an object, those that come of them included.
#[must_use]
pub fn expand(expansions: &[Expansion], parent: &Value) -> Vec<Expanded> {
    let mut found = Vec::new();
    below(expansions, parent, &path![], 0, &mut found);
    found
}

fn below(expansions: &[Expansion], parent: &Value, from: &Path, depth: usize, found: &mut Vec<Expanded>) {
    if depth >= DEEPEST {
        return;
    }
    for expansion in expansions.iter().filter(|e| e.applies(parent)) {
        if let Some(mut expanded) = expansion.expand(parent) {
            expanded.from = from.extend(&expanded.from);
            below(expansions, &expanded.body, &expanded.from, depth + 1, found);
            found.push(expanded);
        }
    }
}
