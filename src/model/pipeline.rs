//! What workflows and pipelines deploy, with their matrices, choices, loops and templates filled in.
//!
//! Only what is written down is filled in; a variable that a run decides stays open, as `*` in a command's paths.

use std::collections::HashMap;

use super::Workflow;
use super::infer::{Command, of_workflow};
use crate::source::{Span, join, parent};
use crate::tree::{Entry, Kind, Text, Value};

/// A deployment command of a pipeline.
#[derive(Clone, Debug)]
pub struct Step {
    /// The command.
    pub command: Command,
    /// The step that runs it.
    pub place: Span,
    /// What was filled in to get it: the value, and the key of the list that holds it.
    pub chosen: Vec<(Value, Span)>,
}

/// More ways through one pipeline than this are not looked at.
const MOST: usize = 4096;
/// Templates within templates beyond this are not looked at.
const DEEPEST: usize = 4;
/// Nesting beyond this is not looked at; readers stop long before.
const NESTING: usize = 256;

/// The words that a place of a pipeline may use, each with what it stands for.
type Words = HashMap<String, Value>;

/// All deployment commands of a fleet's pipelines.
#[must_use]
pub fn steps(workflows: &[Workflow]) -> Vec<Step> {
    let mut walk = Walk { workflows, found: Vec::new(), left: MOST };
    for workflow in workflows {
        walk.file(workflow, &Words::new(), &[], 0);
    }
    walk.found
}

struct Walk<'w> {
    workflows: &'w [Workflow],
    found: Vec<Step>,
    /// How many files may still be gone through: templates that call one another multiply.
    left: usize,
}

impl Walk<'_> {
    fn file(&mut self, workflow: &Workflow, given: &Words, chosen: &[(Value, Span)], depth: usize) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let root = &workflow.root;
        // What a caller gives goes before what the file offers.
        let mut ways: Vec<(Words, Vec<(Value, Span)>)> = vec![(given.clone(), chosen.to_vec())];
        for (names, values, key) in offered(root) {
            if names.iter().any(|n| given.contains_key(n)) || values.is_empty() {
                continue;
            }
            ways = multiplied(&ways, &values, key, |words, value| {
                for name in &names {
                    words.insert(name.clone(), value.clone());
                }
            });
        }
        for (mut words, chosen) in ways {
            lists(root, &mut words);
            let place = Place { path: workflow.source.path(), depth };
            self.below(root, &words, &chosen, &place, NESTING);
        }
    }

    fn below(&mut self, value: &Value, words: &Words, chosen: &[(Value, Span)], place: &Place<'_>, nesting: usize) {
        if nesting == 0 || self.found.len() >= MOST {
            return;
        }
        match &value.kind {
            Kind::List(items) => items.iter().for_each(|v| self.below(v, words, chosen, place, nesting - 1)),
            Kind::Map(map) => {
                let mut ways = vec![(words.clone(), chosen.to_vec())];
                if let Some(matrix) = value.get("strategy").and_then(|s| s.as_map()?.entry("matrix")) {
                    ways = matrices(&ways, matrix);
                }
                for (mut words, chosen) in ways {
                    environment(value, &mut words);
                    if is_step(value) {
                        self.step(value, &words, &chosen, place);
                        self.called(value, &words, &chosen, place);
                        continue;
                    }
                    self.called(value, &words, &chosen, place);
                    for entry in map.iter() {
                        match each(&entry.key) {
                            Some((name, list)) => {
                                let items = words.get(list).cloned();
                                for item in items.iter().flat_map(|l| l.items()) {
                                    let mut words = words.clone();
                                    bind(&mut words, name, item);
                                    let mut chosen = chosen.clone();
                                    chosen.push((item.clone(), items.as_ref().map_or(Span::NONE, |l| l.span)));
                                    self.below(&entry.value, &words, &chosen, place, nesting - 1);
                                }
                            }
                            None => self.below(&entry.value, &words, &chosen, place, nesting - 1),
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, step: &Value, words: &Words, chosen: &[(Value, Span)], place: &Place<'_>) {
        let place_of = ["run", "script", "bash", "pwsh", "powershell", "inlineScript", "uses", "task"];
        let at = place_of.iter().find_map(|key| step.get(key)).map_or(step.span, |v| v.span);
        for command in of_workflow(place.path, &filled(step, words, NESTING)) {
            self.found.push(Step { command, place: at, chosen: chosen.to_vec() });
        }
    }

    /// Reusable workflows and templates, with what they are given.
    fn called(&mut self, value: &Value, words: &Words, chosen: &[(Value, Span)], place: &Place<'_>) {
        let (named, given, prefix) = match (value.get("uses"), value.get("template")) {
            (Some(uses), _) => (uses, value.get("with"), "inputs"),
            (_, Some(template)) => (template, value.get("parameters"), "parameters"),
            _ => return,
        };
        let Some(written) = named.as_str().filter(|w| w.contains(".y") && !w.contains('@')) else { return };
        if place.depth >= DEEPEST {
            return;
        }
        let candidates = [join("", written.trim_start_matches('/')), join(parent(place.path), written)];
        let file =
            self.workflows.iter().find(|w| candidates.iter().flatten().any(|c| c.as_str() == &**w.source.path()));
        let Some(file) = file else { return };
        let mut inner = Words::new();
        for entry in given.map(Value::entries).unwrap_or_default() {
            bind(&mut inner, &format!("{prefix}.{}", entry.key), &filled(&entry.value, words, NESTING));
        }
        self.file(file, &inner, chosen, place.depth + 1);
    }
}

struct Place<'w> {
    path: &'w str,
    depth: usize,
}

fn is_step(value: &Value) -> bool {
    ["run", "script", "bash", "pwsh", "powershell", "task"].iter().any(|key| value.get(key).is_some())
        || (value.get("uses").is_some() && value.get("steps").is_none())
}

/// Choices that a person makes when the pipeline starts: their words, the values, and where they are listed.
fn offered(root: &Value) -> Vec<(Vec<String>, Vec<Value>, Span)> {
    let mut found = Vec::new();
    // `on` is read as a truth value where YAML 1.1 is.
    let triggers = root.entries().iter().filter(|e| e.key == "on" || e.key == "true").map(|e| &e.value);
    for inputs in triggers.filter_map(|t| t.get("workflow_dispatch")?.get("inputs")) {
        for input in inputs.entries() {
            let Some(options) = input.value.as_map().and_then(|m| m.entry("options")) else { continue };
            let names = vec![format!("inputs.{}", input.key), format!("github.event.inputs.{}", input.key)];
            found.push((names, options.value.items().to_vec(), options.key_span));
        }
    }
    for parameter in root.get("parameters").map(Value::items).unwrap_or_default() {
        let Some(name) = parameter.get("name").and_then(Value::as_str) else { continue };
        let Some(values) = parameter.as_map().and_then(|m| m.entry("values")) else { continue };
        found.push((vec![format!("parameters.{name}")], values.value.items().to_vec(), values.key_span));
    }
    found
}

/// Lists that a pipeline's parameters hold by default, for its loops.
fn lists(root: &Value, words: &mut Words) {
    for parameter in root.get("parameters").map(Value::items).unwrap_or_default() {
        let (Some(name), Some(default)) = (parameter.get("name").and_then(Value::as_str), parameter.get("default"))
        else {
            continue;
        };
        words.entry(format!("parameters.{name}")).or_insert_with(|| default.clone());
    }
}

fn environment(value: &Value, words: &mut Words) {
    for key in ["env", "variables"] {
        for entry in value.get(key).map(Value::entries).unwrap_or_default() {
            let filled = filled(&entry.value, words, NESTING);
            if filled.as_str().is_some_and(|t| !t.contains('$')) {
                words.insert(format!("env.{}", entry.key), filled.clone());
                words.insert(format!("${}", entry.key), filled);
            }
        }
    }
}

/// `${{ each region in parameters.regions }}`.
fn each(key: &str) -> Option<(&str, &str)> {
    let inner = key.trim().strip_prefix("${{")?.strip_suffix("}}")?.trim();
    let (name, list) = inner.strip_prefix("each ")?.split_once(" in ")?;
    Some((name.trim(), list.trim()))
}

/// A word and, for a map, each of its keys.
fn bind(words: &mut Words, name: &str, value: &Value) {
    words.insert(name.to_owned(), value.clone());
    for entry in value.entries() {
        words.insert(format!("{name}.{}", entry.key), entry.value.clone());
    }
}

type Ways = Vec<(Words, Vec<(Value, Span)>)>;

fn multiplied(ways: &Ways, values: &[Value], key: Span, set: impl Fn(&mut Words, &Value)) -> Ways {
    let all = ways.iter().flat_map(|(words, chosen)| {
        let set = &set;
        values.iter().map(move |value| {
            let (mut words, mut chosen) = (words.clone(), chosen.clone());
            set(&mut words, value);
            chosen.push((value.clone(), key));
            (words, chosen)
        })
    });
    all.take(MOST).collect()
}

/// A job for each member of its matrix: GitHub's lists with what is included, or Azure's names with variables.
fn matrices(ways: &Ways, matrix: &Entry) -> Ways {
    let entries = matrix.value.entries();
    let of_azure = entries.iter().all(|e| e.value.as_map().is_some()) && !entries.is_empty();
    if of_azure {
        let members: Vec<Value> = entries.iter().map(|e| e.value.clone()).collect();
        return multiplied(ways, &members, matrix.key_span, |words, member| {
            for variable in member.entries() {
                words.insert(format!("${}", variable.key), variable.value.clone());
            }
        });
    }
    let mut made: Ways = ways.clone();
    let mut listed = false;
    for entry in entries.iter().filter(|e| e.key != "include" && e.key != "exclude") {
        if let Some(items) = entry.value.as_list() {
            listed = true;
            made = multiplied(&made, items, entry.key_span, |words, item| {
                bind(words, &format!("matrix.{}", entry.key), item)
            });
        }
    }
    let included = matrix.value.as_map().and_then(|m| m.entry("include"));
    if let Some(include) = included {
        let alone = multiplied(ways, include.value.items(), include.key_span, |words, item| {
            for variable in item.entries() {
                bind(words, &format!("matrix.{}", variable.key), &variable.value);
            }
        });
        made = if listed { made.into_iter().chain(alone).collect() } else { alone };
    }
    made
}

/// A value with words filled in.
fn filled(value: &Value, words: &Words, nesting: usize) -> Value {
    if nesting == 0 {
        return value.clone();
    }
    match &value.kind {
        Kind::String(text) if text.contains('$') => {
            let whole = expression(text).and_then(|inner| words.get(inner));
            match whole {
                Some(word) => word.clone(),
                None => Value { kind: Kind::String(text_filled(text, words)), ..value.clone() },
            }
        }
        Kind::List(items) => Value::list(items.iter().map(|v| filled(v, words, nesting - 1)).collect(), value.span),
        Kind::Map(map) => {
            let entries =
                map.iter().map(|e| Entry::new(e.key.clone(), e.key_span, filled(&e.value, words, nesting - 1)));
            Value::map(entries.collect(), value.span)
        }
        _ => value.clone(),
    }
}

/// The inside of a text that is one expression.
fn expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("${{")?.strip_suffix("}}")?;
    (!inner.contains("}}")).then(|| inner.trim())
}

fn text_filled(text: &str, words: &Words) -> Text {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (name, len) = reference(from);
        let word = name.and_then(|n| words.get(&n)).and_then(Value::as_str);
        match word {
            Some(word) => out.push_str(word),
            None => out.push_str(from.get(..len).unwrap_or("$")),
        }
        rest = from.get(len..).unwrap_or_default();
    }
    out.push_str(rest);
    out.into()
}

/// The word that a text begins with, and how long its spelling is: `${{ matrix.a }}`, `$(a)`, `${A}`, `$A`.
fn reference(text: &str) -> (Option<String>, usize) {
    let spelled = |open: &str, close: &str| {
        let inner = text.strip_prefix(open)?;
        let end = inner.find(close)?;
        Some((inner.get(..end)?.trim(), open.len() + end + close.len()))
    };
    if let Some((inner, len)) = spelled("${{", "}}") {
        return (Some(inner.to_owned()), len);
    }
    if let Some((inner, len)) = spelled("$(", ")").or_else(|| spelled("${", "}")) {
        return (Some(format!("${inner}")), len);
    }
    let name: String = text.chars().skip(1).take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    if name.is_empty() { (None, 1) } else { (Some(format!("${name}")), 1 + name.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    fn taken(files: &[(&str, &str)]) -> Vec<String> {
        let sources = Sources::new();
        let workflows: Vec<Workflow> = files
            .iter()
            .map(|(path, text)| {
                let source = sources.add(*path, *text);
                let root = yaml::parse_with(&source, yaml::Typing::Core).documents[0].root.clone();
                Workflow { source, root }
            })
            .collect();
        let mut found: Vec<String> = steps(&workflows).into_iter().flat_map(|s| s.command.parameters).collect();
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn templates_that_call_themselves_end() {
        let call = "- template: azure-pipelines.yml\n  parameters: {x: 1}\n".repeat(40);
        assert_eq!(taken(&[("azure-pipelines.yml", &call)]), Vec::<String>::new());
    }

    #[test]
    fn matrices_choices_and_calls_are_filled_in() {
        let step = "run: az deployment group create -f m.bicep -p m.";
        let cases: &[(&str, &[(&str, String)], &[&str])] = &[
            (
                "matrix",
                &[(
                    "w.yml",
                    format!("on: push\njobs:\n  a:\n    strategy: {{matrix: {{region: [a, b]}}}}\n    steps:\n    - {step}${{{{ matrix.region }}}}.json\n"),
                )],
                &["m.a.json", "m.b.json"],
            ),
            (
                "include and environment",
                &[(
                    "w.yml",
                    format!("on: push\njobs:\n  a:\n    strategy: {{matrix: {{include: [{{r: a}}, {{r: b}}]}}}}\n    env: {{REGION: '${{{{ matrix.r }}}}'}}\n    steps:\n    - {step}$REGION.json\n"),
                )],
                &["m.a.json", "m.b.json"],
            ),
            (
                "choice",
                &[(
                    "w.yml",
                    format!("on: {{workflow_dispatch: {{inputs: {{r: {{type: choice, options: [a, b]}}}}}}}}\njobs:\n  a:\n    steps:\n    - {step}${{{{ inputs.r }}}}.json\n"),
                )],
                &["m.a.json", "m.b.json"],
            ),
            (
                "reusable",
                &[
                    (
                        ".github/workflows/call.yml",
                        "on: push\njobs:\n  a: {uses: ./.github/workflows/one.yml, with: {r: a}}\n".to_owned(),
                    ),
                    (
                        ".github/workflows/one.yml",
                        format!("on: {{workflow_call: {{}}}}\njobs:\n  a:\n    steps:\n    - {step}${{{{ inputs.r }}}}.json\n"),
                    ),
                ],
                &["m.*.json", "m.a.json"],
            ),
            (
                "azure matrix",
                &[(
                    "azure-pipelines.yml",
                    "jobs:\n- job: d\n  strategy: {matrix: {one: {r: a}, two: {r: b}}}\n  steps:\n  - script: az deployment group create -f m.bicep -p m.$(r).json\n".to_owned(),
                )],
                &["m.a.json", "m.b.json"],
            ),
            (
                "azure loop",
                &[(
                    "azure-pipelines.yml",
                    "parameters:\n- {name: rs, type: object, default: [a, b]}\nstages:\n- ${{ each r in parameters.rs }}:\n  - stage: s\n    jobs:\n    - script: az deployment group create -f m.bicep -p m.${{ r }}.json\n".to_owned(),
                )],
                &["m.a.json", "m.b.json"],
            ),
            ("open", &[("w.yml", format!("on: push\njobs:\n  a:\n    steps:\n    - {step}$X.json\n"))], &["m.*.json"]),
        ];
        for (name, files, expected) in cases {
            let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (*p, t.as_str())).collect();
            assert_eq!(taken(&files), *expected, "{name}");
        }
    }
}
