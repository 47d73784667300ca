//! All rules of our own dialect: the built-in ones and those of the user's folders, which are loaded alike.

use std::collections::HashMap;
use std::sync::Arc;

use super::OwnRule;
use super::reads::Pattern;
use super::rule::add_problem;
use super::seen::Views;
use crate::rule::rego::{Limits, Script};
use crate::rule::{Catalogue, DocumentSource, Engine};
use crate::source::{Code, Problem, Sources};

/// The folder whose policies are libraries for the others.
const LIBRARY: &str = "lib";

/// A policy before it is compiled.
#[derive(Clone, Copy, Debug)]
pub struct PolicySource<'t> {
    /// Its place and text.
    pub from: DocumentSource<'t>,
    /// What its evaluations may take.
    pub limits: Limits,
    /// Whether it is part of this program.
    pub builtin: bool,
}

/// Rules by id.
#[derive(Debug, Default)]
pub struct OwnRules {
    rules: HashMap<Arc<str>, OwnRule>,
}

impl OwnRules {
    /// Binds policies to the documents of the catalogue that have the same stem. Libraries are seen by all of them, but
    /// for those of the user's, which built-in policies do not see.
    #[must_use]
    pub fn load<'t>(
        policies: impl IntoIterator<Item = PolicySource<'t>>,
        catalogue: &Catalogue,
        sources: &Sources,
    ) -> (Self, Vec<Problem>) {
        let (libraries, policies): (Vec<_>, Vec<_>) = policies.into_iter().partition(|p| p.from.family == LIBRARY);
        let script = |policy: &PolicySource<'_>| Script::file(&sources.add(policy.from.path, policy.from.text));
        let libraries: Vec<(Script, bool)> = libraries.iter().map(|l| (script(l), l.builtin)).collect();
        let mut trusted = Vec::new();
        let mut loaded = Self::default();
        let mut problems = Vec::new();
        for policy in policies {
            let own = script(&policy);
            let from = policy.from;
            let Some(document) = catalogue.get(from.id).filter(|d| d.engine == Engine::Rego) else {
                let message = format!("the policy has no document `rules/{}/{}.md`", from.family, from.id);
                let help = "a rule is two files; `stamplint rule new FAMILY/RULE` makes both";
                problems.push(Problem::new(Code::Policy, own.start(), message).help(help));
                continue;
            };
            if let Some(twin) = loaded.rules.get(&document.id) {
                let message = format!("two policies are for the rule `{}`", document.id);
                problems.push(Problem::new(Code::Policy, own.start(), message).related(twin.start(), "the other one"));
                continue;
            }
            let seen = libraries.iter().filter(|(_, builtin)| *builtin || !policy.builtin).map(|(script, _)| script);
            let scripts = std::iter::once(own).chain(seen.cloned()).collect();
            if policy.builtin && !document.reads.is_empty() {
                trusted.push(Arc::clone(&document.id));
            }
            let rule = OwnRule::new(document, scripts, policy.limits, policy.builtin);
            loaded.rules.insert(Arc::clone(&document.id), rule);
        }
        loaded.narrow(&trusted);
        for document in catalogue.documents().iter().filter(|d| d.engine == Engine::Rego) {
            if !loaded.rules.contains_key(&document.id) && !is_foreign(&document.id) {
                let message = format!("the rule `{}` has no policy", document.id);
                let help = format!("it belongs into `policies/{}/{}.rego`", document.family, document.id);
                problems.push(Problem::new(Code::Policy, document.declared, message).help(help));
            }
        }
        (loaded, problems)
    }

    /// Lets rules see what they say that they read, and no more.
    fn narrow(&mut self, trusted: &[Arc<str>]) {
        let read = trusted.iter().filter_map(|id| self.rules.get(id)).flat_map(OwnRule::reads);
        let views = Arc::new(Views::new(&read.cloned().collect::<Vec<Pattern>>()));
        for id in trusted {
            if let Some(rule) = self.rules.get_mut(id) {
                rule.narrow(&views);
            }
        }
    }

    /// A rule by its id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&OwnRule> {
        self.rules.get(id)
    }

    /// What went wrong so far, by rule.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut rules: Vec<_> = self.rules.iter().collect();
        rules.sort_by(|a, b| a.0.cmp(b.0));
        let mut problems = Vec::new();
        // A library's fault is one, however many rules use it.
        rules.into_iter().flat_map(|(_, rule)| rule.problems()).for_each(|p| add_problem(&mut problems, p));
        problems
    }
}

/// Whether an id is that of a foreign policy, which needs no file of ours.
fn is_foreign(id: &str) -> bool {
    id.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fleet, Inventory, Part, Stamp, manifest};
    use crate::rule::rego::own::Seen;
    use crate::rule::{Findings, Options, ResourceCx};
    use crate::source::Span;

    #[test]
    fn a_fault_of_a_built_in_policy_is_told_at_the_resource() {
        let sources = Sources::new();
        let front = "---\ntitle: T\nseverity: low\neffect: audit\nscope: resource\nengine: rego\napplies-to: [kubernetes]\nsince: 0.1.0\n---\n";
        let document = DocumentSource { family: "f", id: "a", path: "rules/f/a.md", text: front };
        let text = "package rules[\"a\"]\ndeny := 1 if input.kind\ndeny := 2 if input.kind\n";
        let (catalogue, _) = Catalogue::read([document], &sources);
        let from = DocumentSource { path: "policies/f/a.rego", text, ..document };
        let policy = PolicySource { from, limits: Limits::default(), builtin: true };
        let (rules, problems) = OwnRules::load([policy], &catalogue, &sources);
        assert!(problems.is_empty(), "{problems:?}");
        let source = sources.add("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n");
        let parsed = crate::read::yaml::parse(&source);
        let resource = manifest::resources(&parsed.documents[0].root, None).remove(0);
        let stamp = Stamp {
            index: 0,
            name: "default".into(),
            region: None,
            region_from: None,
            environment: None,
            vars: Vec::new(),
            declared: Span::NONE,
            own: Part::default(),
            inventory: Inventory::default(),
        };
        let (fleet, options) = (Fleet::default(), Options::default());
        let cx = ResourceCx { resource: &resource, stamp: &stamp, options: &options, fleet: &fleet };
        rules.get("a").unwrap().begin().resource(&cx, &Seen::new(&resource), &mut Findings::default());
        let problems = rules.problems();
        assert_eq!(problems.len(), 1);
        assert_eq!(sources.text(problems[0].span), "Pod");
        assert!(problems[0].detail.starts_with("the built-in policy of `a` fails"), "{problems:?}");
        assert!(problems[0].help.as_deref().unwrap().contains("fault of stamplint"));
    }
}
