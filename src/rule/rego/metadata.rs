//! `rego.metadata.rule()` and `rego.metadata.chain()`: what the comments above a rule and its package say. Both are
//! known before anything runs, so each call becomes its value.

use std::collections::BTreeMap;

use regorus::Value;

use super::lex::{Kind, Token, begins_rule, tokens};
use super::script::Edit;
use super::{Script, project};
use crate::read::yaml;
use crate::source::Sources;

/// The script with its metadata written out.
#[must_use]
pub(super) fn written_out(script: &Script) -> Script {
    if !script.text.contains("rego.metadata.") {
        return script.clone();
    }
    let tokens = tokens(&script.text);
    let starts: Vec<usize> = (0..tokens.len()).filter(|i| begins_rule(&tokens, *i)).collect();
    let statements: Vec<Statement> = starts.iter().filter_map(|i| statement(&script.text, &tokens, *i)).collect();
    let package = tokens.iter().position(|t| t.is("package")).map(|at| dotted(&tokens, at + 1)).unwrap_or_default();
    let mut edits = Vec::new();
    for (at, window) in tokens.windows(7).enumerate() {
        let [rego, dot, metadata, second, which, open, close] = window else { continue };
        let is_call = rego.is("rego") && dot.is(".") && metadata.is("metadata") && second.is(".");
        if !is_call || !open.is("(") || !close.is(")") {
            continue;
        }
        let Some(own) = statements.iter().rev().find(|s| s.token <= at) else { continue };
        let text = match which.text {
            "rule" => own.annotations("rule").unwrap_or_else(Value::new_object),
            "chain" => chain(own, &statements, &package),
            _ => continue,
        };
        edits.push(Edit { start: rego.start, end: close.end(), text: text.to_string() });
    }
    if edits.is_empty() { script.clone() } else { script.edited(edits) }
}

/// A package or rule with the annotations above it.
struct Statement {
    token: usize,
    name: Vec<String>,
    is_package: bool,
    above: Vec<Value>,
}

impl Statement {
    fn annotations(&self, scope: &str) -> Option<Value> {
        self.above.iter().find(|a| a["scope"] == Value::from(scope)).cloned()
    }
}

fn statement(text: &str, tokens: &[Token<'_>], at: usize) -> Option<Statement> {
    let token = tokens.get(at)?;
    let is_package = token.is("package");
    let name = match token.text {
        "import" => return None,
        "package" | "default" => dotted(tokens, at + 1),
        _ => dotted(tokens, at),
    };
    let above = annotations(text, token.start, if is_package { "package" } else { "rule" });
    Some(Statement { token: at, name, is_package, above })
}

/// The names of `a.b["c"]`.
fn dotted(tokens: &[Token<'_>], from: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = from;
    loop {
        match tokens.get(at..) {
            Some([name, ..]) if names.is_empty() && name.kind == Kind::Word => {
                names.push(name.text.to_owned());
                at += 1;
            }
            Some([dot, name, ..]) if dot.is(".") && name.kind == Kind::Word => {
                names.push(name.text.to_owned());
                at += 2;
            }
            Some([open, name, close, ..]) if open.is("[") && name.kind == Kind::String && close.is("]") => {
                names.push(name.text.trim_matches('"').to_owned());
                at += 3;
            }
            _ => return names,
        }
    }
}

/// From the rule outwards: the rule itself, then what is said of all rules of its name, of its package, and of packages
/// below.
fn chain(own: &Statement, all: &[Statement], package: &[String]) -> Value {
    let path = |names: &[&[String]]| Value::from(names.concat().iter().map(|n| Value::from(&**n)).collect::<Vec<_>>());
    let entry = |path: Value, annotations: Option<Value>| {
        let fields = [("path", Some(path)), ("annotations", annotations)];
        object(fields.into_iter().filter_map(|(k, v)| Some((k, v?))))
    };
    let rule = path(&[package, &own.name]);
    let mut links = vec![entry(rule.clone(), own.annotations("rule"))];
    let documents = all.iter().filter(|s| !s.is_package && s.name == own.name);
    if let Some(said) = documents.filter_map(|s| s.annotations("document")).next() {
        links.push(entry(rule, Some(said)));
    }
    for scope in ["package", "subpackages"] {
        if let Some(said) = all.iter().filter(|s| s.is_package).find_map(|s| s.annotations(scope)) {
            links.push(entry(path(&[package]), Some(said)));
        }
    }
    Value::from(links)
}

fn object<'k>(entries: impl IntoIterator<Item = (&'k str, Value)>) -> Value {
    Value::from(entries.into_iter().map(|(k, v)| (Value::from(k), v)).collect::<BTreeMap<_, _>>())
}

/// The annotations in the comments that end right above an offset.
fn annotations(text: &str, at: usize, scope: &str) -> Vec<Value> {
    let before = text.get(..at).unwrap_or_default();
    let before = before.rfind('\n').map_or("", |end| before.get(..end).unwrap_or_default());
    let comments: Vec<&str> = before.lines().rev().map_while(|l| l.trim_start().strip_prefix('#')).collect();
    let mut found = Vec::new();
    let mut block: Vec<&str> = Vec::new();
    for line in comments {
        if line.trim() == "METADATA" {
            block.reverse();
            found.extend(one(&block.join("\n"), scope));
            block.clear();
        } else {
            block.push(line);
        }
    }
    found
}

fn one(text: &str, scope: &str) -> Option<Value> {
    let sources = Sources::new();
    let stream = yaml::parse_with(&sources.add("metadata", text), yaml::Typing::Core);
    let document = stream.documents.first().filter(|_| stream.problems.is_empty())?;
    let said = project(&document.root).value;
    let mut fields: BTreeMap<Value, Value> =
        said.as_object().ok()?.iter_sorted().map(|(k, v)| (k.clone(), v.clone())).collect();
    fields.entry(Value::from("scope")).or_insert_with(|| Value::from(scope));
    for (key, from_text) in [("authors", author as fn(&str) -> Value), ("related_resources", reference)] {
        if let Some(Value::Array(items)) = fields.get(&Value::from(key)) {
            let items = items.iter().map(|item| match item {
                Value::String(text) => from_text(text),
                other => other.clone(),
            });
            let items = Value::from(items.collect::<Vec<_>>());
            fields.insert(Value::from(key), items);
        }
    }
    Some(Value::from(fields))
}

/// `Jane Doe <jane@contoso.com>`.
fn author(text: &str) -> Value {
    match text.split_once('<').and_then(|(name, rest)| Some((name.trim(), rest.strip_suffix('>')?))) {
        Some((name, email)) => object(
            [("name", name), ("email", email)].into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k, v.into())),
        ),
        None => object([("name", text.into())]),
    }
}

fn reference(text: &str) -> Value {
    object([("ref", text.into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::rego::{Limits, Policies};

    #[test]
    fn comments_above_rules_are_their_metadata() {
        // The shapes were printed by OPA 1.22.
        let text = "# METADATA\n# title: My package\n# custom:\n#   team: a\npackage m\n\n\
            # METADATA\n# title: My rule\n# authors: [\"A B <a@b.c>\"]\ndeny contains rego.metadata.rule().title if {\n  input.x\n}\n\
            a := rego.metadata.chain()\n\
            # METADATA\n# scope: document\n# title: Doc\nf := rego.metadata.chain()\n\
            # plain\nh := rego.metadata.rule()\n";
        let (policies, problems) = Policies::compile(&[(Script::text("p.rego", text), None)], Limits::default());
        assert!(problems.is_empty(), "{problems:?}");
        let prepared = policies.prepare(&[]).unwrap();
        let input = Value::from_json_str(r#"{"x": 1}"#).unwrap();
        let value = |rule: &str| prepared.evaluate(&format!("data.m.{rule}"), &input).unwrap().value.to_string();
        let package = r#"{"annotations":{"custom":{"team":"a"},"scope":"package","title":"My package"},"path":["m"]}"#;
        assert_eq!(value("deny"), r#"["My rule"]"#);
        assert_eq!(value("a"), format!(r#"[{{"path":["m","a"]}},{package}]"#));
        assert_eq!(
            value("f"),
            format!(
                r#"[{{"path":["m","f"]}},{{"annotations":{{"scope":"document","title":"Doc"}},"path":["m","f"]}},{package}]"#
            )
        );
        assert_eq!(value("h"), "{}");
        assert_eq!(author("A B <a@b.c>").to_string(), r#"{"email":"a@b.c","name":"A B"}"#);
    }
}
