//! All rules of our own dialect: the built-in ones and those of the user's folders, which are loaded alike.

use std::collections::HashMap;
use std::sync::Arc;

use super::OwnRule;
use crate::rule::rego::{Limits, Script};
use crate::rule::{Catalogue, DocumentSource, Engine};
use crate::source::{Code, Problem, Sources, Span};

/// The folder whose policies are libraries for the others.
const LIBRARY: &str = "lib";

/// Rules by id.
#[derive(Debug, Default)]
pub struct OwnRules {
    rules: HashMap<Arc<str>, OwnRule>,
}

impl OwnRules {
    /// Binds policies to the documents of the catalogue that have the same stem. Libraries are seen by all of them.
    #[must_use]
    pub fn load<'t>(
        policies: impl IntoIterator<Item = DocumentSource<'t>>,
        catalogue: &Catalogue,
        sources: &Sources,
        limits: Limits,
    ) -> (Self, Vec<Problem>) {
        let (libraries, policies): (Vec<_>, Vec<_>) = policies.into_iter().partition(|p| p.family == LIBRARY);
        let script = |from: &DocumentSource<'_>| Script::file(&sources.add(from.path, from.text));
        let libraries: Vec<Script> = libraries.iter().map(script).collect();
        let mut loaded = Self::default();
        let mut problems = Vec::new();
        for policy in policies {
            let own = script(&policy);
            let Some(document) = catalogue.get(policy.id).filter(|d| d.engine == Engine::Rego) else {
                let message = format!("the policy has no document `rules/{}/{}.md`", policy.family, policy.id);
                problems.push(Problem::new(Code::Policy, own.start(), message));
                continue;
            };
            let mut scripts = vec![own];
            scripts.extend(libraries.iter().cloned());
            let id = Arc::clone(&document.id);
            if let Some(twin) = loaded.rules.insert(id, OwnRule::new(document, scripts, limits)) {
                let message = format!("two policies are for the rule `{}`", twin.document().id);
                problems.push(Problem::new(Code::Policy, Span::NONE, message));
            }
        }
        for document in catalogue.documents().iter().filter(|d| d.engine == Engine::Rego) {
            if !loaded.rules.contains_key(&document.id) && !is_foreign(&document.id) {
                let message = format!("the rule `{}` has no policy", document.id);
                problems.push(Problem::new(Code::Policy, Span::NONE, message));
            }
        }
        (loaded, problems)
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
        rules.into_iter().flat_map(|(_, rule)| rule.problems()).collect()
    }
}

/// Whether an id is that of a foreign policy, which needs no file of ours.
fn is_foreign(id: &str) -> bool {
    id.contains('/')
}
