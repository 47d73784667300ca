//! conftest's policies: `deny`, `warn` and `violation` rules of a namespace, their suffixes and exceptions.

mod data;

use std::sync::OnceLock;

use regorus::Value as Rego;

pub use data::merge;

use super::trace::{Asked, Trace};
use super::{Limits, Package, Policies, Prepared, Script, Version, rule_path};
use crate::rule::Effect;
use crate::source::{Code, Problem, Span};

/// Policies of one folder or bundle.
#[derive(Debug)]
pub struct Conftest {
    policies: Policies,
    scripts: Vec<(Script, Option<Version>)>,
    limits: Limits,
    rules: Vec<ConftestRule>,
    data: Rego,
    /// Whether the input is all documents at once.
    pub combine: bool,
    prepared: OnceLock<Option<Prepared>>,
    failed: OnceLock<Problem>,
}

/// A rule that makes results.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConftestRule {
    /// Its namespace, with dots.
    pub namespace: String,
    /// Its name, prefix and suffix.
    pub name: String,
    /// `warn` is audit, the others are deny.
    pub effect: Effect,
    /// Where its namespace is declared.
    pub declared: Span,
    package: Vec<String>,
    path: String,
    exception: Option<String>,
}

/// One result.
#[derive(Clone, PartialEq, Debug)]
pub struct ConftestResult {
    /// The message.
    pub message: String,
    /// The other fields of the result; `Undefined` for a plain string.
    pub details: Rego,
}

/// The namespace that conftest looks at when it is not told of one.
const MAIN: &str = "main";

impl Conftest {
    /// Compiles policies. `namespaces` are those to look at; without any it is `main`, or all where there is no `main`.
    #[must_use]
    pub fn compile(
        scripts: &[Script],
        namespaces: &[String],
        data: Rego,
        combine: bool,
        limits: Limits,
    ) -> (Self, Vec<Problem>) {
        let scripts: Vec<_> = scripts.iter().map(|s| (s.clone(), None)).collect();
        let (policies, mut problems) = Policies::compile(&scripts, limits);
        let name = |package: &Package| package.path.join(".");
        let has_main = policies.packages().iter().any(|p| name(p) == MAIN);
        let wanted = |package: &Package| match namespaces {
            [] => !has_main || name(package) == MAIN,
            some => some.contains(&name(package)),
        };
        let mut rules: Vec<ConftestRule> = Vec::new();
        for package in policies.packages().iter().filter(|p| wanted(p)) {
            let excepts =
                policies.packages().iter().any(|p| p.path == package.path && p.rules.iter().any(|r| r == "exception"));
            for rule in &package.rules {
                let Some(effect) = effect_of(rule) else { continue };
                let known = rules.iter().any(|r| r.namespace == name(package) && r.name == *rule);
                if known {
                    continue;
                }
                rules.push(ConftestRule {
                    namespace: name(package),
                    name: rule.clone(),
                    effect,
                    declared: policies.scripts().get(package.script).map_or(Span::NONE, Script::start),
                    package: package.path.clone(),
                    path: rule_path(&package.path, rule),
                    exception: excepts.then(|| rule_path(&package.path, "exception")),
                });
            }
        }
        for namespace in namespaces.iter().filter(|n| !policies.packages().iter().any(|p| name(p) == **n)) {
            let message = format!("no policy is in the namespace `{namespace}`");
            problems.push(Problem::new(Code::Policy, Span::NONE, message));
        }
        let conftest = Self {
            policies,
            scripts,
            limits,
            rules,
            data,
            combine,
            prepared: OnceLock::new(),
            failed: OnceLock::new(),
        };
        (conftest, problems)
    }

    /// The rules, in the order of the files.
    #[must_use]
    pub fn rules(&self) -> &[ConftestRule] {
        &self.rules
    }

    /// What went wrong when the engine was made ready, if that was ever asked for.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.failed.get()
    }

    fn engine(&self) -> Option<&Prepared> {
        self.prepared
            .get_or_init(|| match self.policies.prepare(std::slice::from_ref(&self.data)) {
                Ok(prepared) => Some(prepared),
                Err(problem) => {
                    let _ = self.failed.set(problem);
                    None
                }
            })
            .as_ref()
    }

    /// What a rule, as an index into [`Conftest::rules`], says of an input.
    ///
    /// # Errors
    /// When the evaluation fails, or a result has not the agreed shape.
    pub fn judge(&self, rule: usize, input: &Rego) -> Result<Vec<ConftestResult>, Problem> {
        let (Some(rule), Some(engine)) = (self.rules.get(rule), self.engine()) else {
            return Ok(Vec::new());
        };
        let outcome = engine.evaluate(&rule.path, input)?;
        let results: Vec<&Rego> = match &outcome.value {
            Rego::Set(set) => set.iter_sorted().collect(),
            Rego::Array(list) => list.iter().collect(),
            _ => Vec::new(),
        };
        if results.is_empty() || self.excepted(rule, engine, input)? {
            return Ok(Vec::new());
        }
        results.into_iter().filter_map(|result| one(rule, result)).collect()
    }

    /// Why a rule says what it says of an input.
    #[must_use]
    pub fn trace(&self, rule: usize, input: &Rego) -> Trace {
        let Some(rule) = self.rules.get(rule) else {
            return Trace::unasked("it is no rule");
        };
        let data = std::slice::from_ref(&self.data);
        let asked = Asked { scripts: &self.scripts, package: &rule.package, rule: &rule.name, data, input };
        Trace::of(&asked, self.limits)
    }

    /// Whether an exception names the rule, by what follows its prefix.
    fn excepted(&self, rule: &ConftestRule, engine: &Prepared, input: &Rego) -> Result<bool, Problem> {
        let Some(exception) = &rule.exception else {
            return Ok(false);
        };
        let suffix = Rego::from(suffix(&rule.name));
        let lists = engine.evaluate(exception, input)?.value;
        let holds = |list: &Rego| match list {
            Rego::Array(names) => names.contains(&suffix),
            Rego::Set(names) => names.contains(&suffix),
            Rego::Object(names) => names.values().any(|n| *n == suffix),
            _ => false,
        };
        Ok(match &lists {
            Rego::Set(lists) => lists.iter().any(holds),
            Rego::Array(lists) => lists.iter().any(holds),
            Rego::Object(lists) => lists.values().any(holds),
            _ => false,
        })
    }
}

/// The effect of a rule's name; `None` for a name that makes no results.
fn effect_of(name: &str) -> Option<Effect> {
    let (prefix, rest) = name.split_once('_').map_or((name, None), |(p, r)| (p, Some(r)));
    let parts = |rest: &str| rest.split('_').all(|p| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric()));
    if !rest.is_none_or(parts) {
        return None;
    }
    match prefix {
        "deny" | "violation" => Some(Effect::Deny),
        "warn" => Some(Effect::Audit),
        _ => None,
    }
}

/// What an exception calls a rule.
fn suffix(name: &str) -> &str {
    ["violation_", "deny_", "warn_"]
        .iter()
        .find_map(|p| name.strip_prefix(p))
        .unwrap_or(if matches!(name, "violation" | "deny" | "warn") { "" } else { name })
}

fn one(rule: &ConftestRule, result: &Rego) -> Option<Result<ConftestResult, Problem>> {
    match result {
        Rego::String(text) if text.is_empty() => None,
        Rego::String(text) => Some(Ok(ConftestResult { message: text.to_string(), details: Rego::Undefined })),
        Rego::Object(fields) => Some(match fields.get(&Rego::from("msg")) {
            Some(Rego::String(text)) => Ok(ConftestResult { message: text.to_string(), details: result.clone() }),
            _ => {
                let message = format!("a result of `{}` has no string `msg`", rule.name);
                Err(Problem::new(Code::Policy, rule.declared, message))
            }
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conftest(text: &str, namespaces: &[&str], data: &str) -> Conftest {
        let namespaces: Vec<String> = namespaces.iter().map(|n| (*n).to_owned()).collect();
        let scripts = [Script::text("p.rego", text)];
        let data = Rego::from_json_str(data).unwrap();
        let (conftest, problems) = Conftest::compile(&scripts, &namespaces, data, false, Limits::default());
        assert!(problems.is_empty(), "{problems:?}");
        conftest
    }

    fn said(conftest: &Conftest, input: &str) -> Vec<(String, String)> {
        let input = Rego::from_json_str(input).unwrap();
        let mut said = Vec::new();
        for (i, rule) in conftest.rules().iter().enumerate() {
            for result in conftest.judge(i, &input).unwrap() {
                said.push((rule.name.clone(), result.message));
            }
        }
        said
    }

    #[test]
    fn rules_make_results_unless_excepted() {
        let text = "package main\n\
            deny contains \"a\" if input.x\n\
            deny_root contains {\"msg\": \"b\", \"id\": 1} if input.x\n\
            warn_old contains \"c\" if input.x\n\
            violation_x contains {\"msg\": \"d\"} if input.x\n\
            denyish contains \"no\" if input.x\n\
            exception contains rules if {\n  input.spare\n  rules := [\"root\", \"old\"]\n}\n";
        let conftest = conftest(text, &[], "{}");
        let names: Vec<_> = conftest.rules().iter().map(|r| (r.name.as_str(), r.effect)).collect();
        assert_eq!(
            names,
            [
                ("deny", Effect::Deny),
                ("deny_root", Effect::Deny),
                ("warn_old", Effect::Audit),
                ("violation_x", Effect::Deny)
            ]
        );
        let messages = |input| said(&conftest, input).into_iter().map(|(_, m)| m).collect::<Vec<_>>();
        assert_eq!(messages(r#"{"x": true}"#), ["a", "b", "c", "d"]);
        assert_eq!(messages(r#"{"x": true, "spare": true}"#), ["a", "d"]);
        assert!(messages("{}").is_empty());
    }

    #[test]
    fn namespaces_and_data() {
        let text = "package a.b\nimport data.limits\ndeny[msg] { input.n > limits.most; msg := \"too many\" }";
        let conftest = conftest(text, &["a.b"], r#"{"limits": {"most": 3}}"#);
        assert_eq!(said(&conftest, r#"{"n": 4}"#), [("deny".to_owned(), "too many".to_owned())]);
        assert!(said(&conftest, r#"{"n": 3}"#).is_empty());
    }

    #[test]
    fn results_without_a_message_are_told() {
        let conftest = conftest("package main\ndeny contains {\"m\": 1}", &[], "{}");
        assert!(conftest.judge(0, &Rego::Null).unwrap_err().detail.contains("no string `msg`"));
    }

    #[test]
    fn names_that_make_results() {
        for (name, makes) in [
            ("deny", true),
            ("deny_a_1", true),
            ("deny_", false),
            ("denyx", false),
            ("warn_x", true),
            ("violations", false),
        ] {
            assert_eq!(effect_of(name).is_some(), makes, "{name}");
        }
    }
}
