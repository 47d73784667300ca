//! What does not depend on the input is worked out once for all inputs.
//!
//! The engine forgets the value of every rule when the next input comes: the names that a policy gathers from the
//! inventory would be gathered again for each resource. So a rule that cannot see the input is evaluated when the
//! documents are given, and in the engine that judges inputs its definitions make way for that value.

use std::collections::BTreeMap;

use regorus::unstable::{Module, Ref};
use regorus::{Engine, Value};

use super::Script;
use super::check::{Steady, package_of};
use super::engine::{ready, rule_path};
use super::script::Edit;
use super::syntax::rule_name;

/// Where the values stand below `data`.
const DOCUMENT: &str = "stamplint_once";

/// Policies whose steady rules are references to values.
#[derive(Debug)]
pub(super) struct Once {
    engine: Engine,
    /// Each steady rule as the engine calls it, and the key of its value.
    rules: Vec<(String, String)>,
    scripts: Vec<Script>,
}

impl Once {
    /// From scripts that compile, their syntax trees, their steady rules and an engine without policies. None where
    /// the engine takes the scripts only as they were.
    pub fn new(scripts: &[Script], modules: &[Ref<Module>], steady: &[Steady], mut engine: Engine) -> Option<Self> {
        let mut edited = Vec::new();
        let mut rules = Vec::new();
        for (index, (script, module)) in scripts.iter().zip(modules).enumerate() {
            let mut edits = Vec::new();
            let package = package_of(module);
            let mut starts: Vec<usize> = module.policy.iter().map(|r| r.span().start as usize).collect();
            starts.sort_unstable();
            for steady in steady.iter().filter(|r| r.script == index) {
                rules.push((rule_path(package.get(1..).unwrap_or_default(), &steady.name), steady.path.clone()));
                let mut text = format!("{} := {}", steady.name, rule_path(&[DOCUMENT], &steady.path));
                for rule in module.policy.iter().filter(|r| rule_name(r) == steady.name) {
                    let start = rule.span().start as usize;
                    // What stands between two rules is comments.
                    let end = starts.iter().copied().find(|s| *s > start).unwrap_or(script.text.len());
                    text.push('\n');
                    edits.push(Edit { start, end, text: std::mem::take(&mut text) });
                }
            }
            let script = if edits.is_empty() { script.clone() } else { script.edited(edits) };
            engine.set_rego_v0(!module.rego_v1);
            engine.add_policy(script.name.to_string(), script.text.to_string()).ok()?;
            edited.push(script);
        }
        Some(Self { engine, rules, scripts: edited })
    }

    /// The scripts, as the engine reads them.
    pub fn scripts(&self) -> Vec<Script> {
        self.scripts.clone()
    }

    /// An engine that has the values. `whole` is one that has all rules and the documents.
    ///
    /// # Errors
    /// When a steady rule has no single value.
    pub fn engine(&self, whole: &mut Engine, data: &[Value]) -> anyhow::Result<Engine> {
        let mut values = BTreeMap::new();
        for (rule, key) in &self.rules {
            let value = whole.eval_rule(rule.clone())?;
            if value != Value::Undefined {
                values.insert(Value::from(key.as_str()), value);
            }
        }
        let document = Value::from(BTreeMap::from([(Value::from(DOCUMENT), Value::from(values))]));
        let mut engine = self.engine.clone();
        ready(&mut engine, &[data, &[document]].concat())?;
        Ok(engine)
    }
}
