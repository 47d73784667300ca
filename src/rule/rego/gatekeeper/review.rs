//! All of Gatekeeper's files together, and what they say of an object.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use regorus::Value as Rego;

use super::{Constraint, Expansion, Inventory, Match, Matched, Object, Template};
use crate::rule::rego::{Limits, Prepared, Script, Trace, Version};
use crate::source::{Code, Problem, Source};
use crate::tree::{Path, Value};

/// Templates with their constraints, and the expansions.
#[derive(Debug, Default)]
pub struct Gatekeeper {
    templates: Vec<Template>,
    constraints: Vec<(Constraint, usize)>,
    expansions: Vec<Expansion>,
    by_kind: HashMap<String, Vec<usize>>,
    any_kind: Vec<usize>,
}

/// What a review asks of an engine, for holding ours against another.
#[derive(Clone, Debug)]
pub struct Question<'g> {
    /// The template's Rego, as it is written, each with its version.
    pub scripts: &'g [(Script, Option<Version>)],
    /// The rule.
    pub rule: String,
    /// `input`.
    pub input: Rego,
    /// `data`.
    pub data: Rego,
}

/// What a constraint says of an object.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The constraint, as an index into [`Gatekeeper::constraints`].
    pub constraint: usize,
    /// Its message.
    pub message: String,
    /// Its details, `Undefined` where there are none.
    pub details: Rego,
    /// Whether the constraint may not be about the object at all: what decides is not known.
    pub unsure: bool,
}

impl Gatekeeper {
    /// Takes templates, constraints and expansions out of documents; the rest is left alone.
    #[must_use]
    pub fn read<'d>(
        documents: impl IntoIterator<Item = (&'d Value, &'d Arc<Source>)> + Clone,
        limits: Limits,
    ) -> (Self, Vec<Problem>) {
        let mut gatekeeper = Self::default();
        let mut problems = Vec::new();
        for (body, source) in documents.clone() {
            if Template::is_one(body) {
                match Template::read(body, source, limits) {
                    Ok(template) => gatekeeper.add_template(template, &mut problems),
                    Err(problem) => problems.push(problem),
                }
            } else if Expansion::is_one(body) {
                gatekeeper.expansions.extend(Expansion::read(body));
            }
        }
        for (body, _) in documents {
            if Constraint::is_one(body) {
                gatekeeper.add_constraint(body, &mut problems);
            }
        }
        (gatekeeper, problems)
    }

    fn add_template(&mut self, template: Template, problems: &mut Vec<Problem>) {
        if let Some(other) = self.templates.iter().find(|t| t.kind == template.kind) {
            let message = format!("two templates are of kind `{}`", template.kind);
            problems
                .push(Problem::new(Code::Policy, template.declared, message).related(other.declared, "the other one"));
            return;
        }
        self.templates.push(template);
    }

    fn add_constraint(&mut self, body: &Value, problems: &mut Vec<Problem>) {
        let mut constraint = Constraint::read(body);
        let Some(at) = self.templates.iter().position(|t| t.kind == constraint.kind) else {
            let message = format!("no template is of kind `{}`", constraint.kind);
            problems.push(Problem::new(Code::Policy, constraint.declared, message));
            return;
        };
        let faults = Match::faults(body.get("spec").and_then(|s| s.get("match")));
        if !faults.is_empty() {
            let told = faults.into_iter().map(|(at, message)| Problem::new(Code::Policy, at, message));
            problems.extend(told);
            return;
        }
        let twin = self.constraints.iter().find(|(c, _)| (&c.kind, &c.name) == (&constraint.kind, &constraint.name));
        if let Some((other, _)) = twin {
            let message = format!("two constraints of kind `{}` are called `{}`", constraint.kind, constraint.name);
            problems.push(
                Problem::new(Code::Policy, constraint.declared, message).related(other.declared, "the other one"),
            );
            return;
        }
        if let Some(schema) = self.templates.get(at).and_then(|t| t.schema.as_ref()) {
            constraint.fill(body, schema);
        }
        let index = self.constraints.len();
        match constraint.criteria.kinds() {
            Some(kinds) => {
                for kind in kinds {
                    let list = self.by_kind.entry(kind.to_owned()).or_default();
                    if list.last() != Some(&index) {
                        list.push(index);
                    }
                }
            }
            None => self.any_kind.push(index),
        }
        self.constraints.push((constraint, at));
    }

    /// The constraints, in the order of the files.
    pub fn constraints(&self) -> impl Iterator<Item = &Constraint> {
        self.constraints.iter().map(|(c, _)| c)
    }

    /// A constraint.
    #[must_use]
    pub fn constraint(&self, index: usize) -> Option<&Constraint> {
        self.constraints.get(index).map(|(c, _)| c)
    }

    /// The template of a kind of constraints.
    #[must_use]
    pub fn template(&self, kind: &str) -> Option<&Template> {
        self.templates.iter().find(|t| t.kind == kind)
    }

    /// The expansions.
    #[must_use]
    pub fn expansions(&self) -> &[Expansion] {
        &self.expansions
    }

    /// Whether any constraint may be about objects of a kind.
    #[must_use]
    pub fn is_about(&self, kind: &str) -> bool {
        !self.any_kind.is_empty() || self.by_kind.contains_key(kind)
    }

    /// Compiles every template now, so that a broken one is told of though no object came.
    pub fn compile(&self) {
        use rayon::prelude::*;
        self.templates.par_iter().for_each(|template| {
            template.compiled();
        });
    }

    /// What was wrong with templates that were compiled.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.templates.iter().flat_map(Template::problems)
    }

    /// Whether a constraint's template looks at other objects.
    #[must_use]
    pub fn reads_inventory(&self, constraint: usize) -> bool {
        let template = self.constraints.get(constraint).and_then(|(_, t)| self.templates.get(*t));
        template.is_some_and(|t| t.compiled().usable.as_ref().is_some_and(|(p, _)| p.reads().inventory))
    }

    /// The constraints that may be about objects of a kind, in the order of the files.
    #[must_use]
    pub fn candidates(&self, kind: &str) -> Vec<usize> {
        let named = self.by_kind.get(kind).map(Vec::as_slice).unwrap_or_default();
        let mut candidates: Vec<usize> = named.iter().chain(&self.any_kind).copied().collect();
        candidates.sort_unstable();
        candidates
    }

    /// Whether a constraint's answer depends on more than the object: on other objects, or on labels of its namespace.
    #[must_use]
    pub fn looks_around(&self, constraint: usize) -> bool {
        self.constraint(constraint).is_some_and(|c| c.criteria.asks_for_namespace()) || self.reads_inventory(constraint)
    }

    /// Whether a constraint is about an object.
    #[must_use]
    pub fn matches(&self, constraint: usize, object: &Object<'_>, inventory: &Inventory<'_>) -> Matched {
        let found = self.constraint(constraint);
        found.map_or(Matched::No, |c| c.criteria.matches(object, |name| inventory.namespace(name)))
    }

    /// The constraints that are about an object, in the order of the files.
    #[must_use]
    pub fn about(&self, object: &Object<'_>, inventory: &Inventory<'_>) -> Vec<(usize, Matched)> {
        let candidates = self.candidates(object.gvk().2).into_iter();
        candidates
            .map(|index| (index, self.matches(index, object, inventory)))
            .filter(|(_, matched)| *matched != Matched::No)
            .collect()
    }

    /// What one constraint says of an object. `held` keeps the engines that look at this inventory.
    ///
    /// # Errors
    /// When the evaluation fails: a problem at the template's place.
    pub fn review(
        &self,
        (index, matched): (usize, Matched),
        object: &Object<'_>,
        inventory: &Inventory<'_>,
        held: &Held,
    ) -> Result<Vec<Violation>, Problem> {
        let Some((constraint, at)) = self.constraints.get(index) else {
            return Ok(Vec::new());
        };
        let Some(template) = self.templates.get(*at) else {
            return Ok(Vec::new());
        };
        let compiled = template.compiled();
        let Some((policies, rule)) = &compiled.usable else {
            return Ok(Vec::new());
        };
        let with_inventory;
        let prepared = match &compiled.prepared {
            Some(prepared) => prepared,
            None => {
                with_inventory =
                    held.engine(*at, || policies.prepare(&[inventory.of_kinds(policies.reads().kinds.as_ref())]))?;
                &*with_inventory
            }
        };
        let input = input(constraint, object);
        let outcome = prepared.evaluate(rule, &input)?;
        let mut found = Vec::new();
        if let Ok(results) = outcome.value.as_set() {
            for result in results.iter_sorted() {
                found.push(violation(index, constraint, result, matched == Matched::Unknown));
            }
        }
        Ok(found)
    }

    /// What [`Gatekeeper::review`] asks; `None` for a template that cannot be used.
    #[must_use]
    pub fn question(&self, index: usize, object: &Object<'_>, inventory: &Inventory<'_>) -> Option<Question<'_>> {
        let (constraint, at) = self.constraints.get(index)?;
        let template = self.templates.get(*at)?;
        let (_, rule) = template.compiled().usable.as_ref()?;
        Some(Question {
            scripts: template.scripts(),
            rule: rule.clone(),
            input: input(constraint, object),
            data: inventory.value().clone(),
        })
    }

    /// Why a constraint says what it says of an object.
    #[must_use]
    pub fn trace(&self, index: usize, object: &Object<'_>, inventory: &Inventory<'_>) -> Trace {
        if self.matches(index, object, inventory) == Matched::No {
            return Trace::unasked("the constraint's `spec.match` leaves it out");
        }
        let template = self.constraints.get(index).and_then(|(_, at)| self.templates.get(*at));
        match (template, self.question(index, object, inventory)) {
            (Some(template), Some(question)) => template.trace(&question.input, &question.data),
            _ => Trace::unasked("the template cannot be used"),
        }
    }

    /// All that is said of an object and of what it expands to: violations with the path of the object that they are
    /// about below this one.
    ///
    /// # Errors
    /// The first evaluation that fails; nothing else of the object is then told.
    pub fn judge(
        &self,
        object: &Object<'_>,
        inventory: &Inventory<'_>,
        held: &Held,
    ) -> Result<Vec<(Violation, Path)>, Problem> {
        let mut found = Vec::new();
        for about in self.about(object, inventory) {
            let violations = self.review(about, object, inventory, held)?;
            found.extend(violations.into_iter().map(|v| (v, Path::root())));
        }
        for expanded in super::expand(&self.expansions, object.body) {
            let made = Object::with_origin(&expanded.body, super::Origin::Generated);
            for about in self.about(&made, inventory) {
                for mut violation in self.review(about, &made, inventory, held)? {
                    violation.message = format!("[Implied by {}] {}", expanded.expansion, violation.message);
                    found.push((violation, expanded.from.clone()));
                }
            }
        }
        Ok(found)
    }
}

fn input(constraint: &Constraint, object: &Object<'_>) -> Rego {
    Rego::from(BTreeMap::from([
        (Rego::from("review"), object.review().value.clone()),
        (Rego::from("parameters"), constraint.parameters.clone()),
    ]))
}

fn violation(index: usize, constraint: &Constraint, result: &Rego, unsure: bool) -> Violation {
    let field = |name: &str| result.as_object().ok().and_then(|o| o.get(&Rego::from(name))).cloned();
    let message = match field("msg") {
        Some(Rego::String(text)) => text.to_string(),
        Some(other) => other.to_string(),
        None => format!("constraint `{}` does not hold", constraint.name),
    };
    Violation { constraint: index, message, details: field("details").unwrap_or(Rego::Undefined), unsure }
}

/// Engines that hold the data of one inventory.
#[derive(Debug, Default)]
pub struct Held {
    engines: Mutex<HashMap<usize, Result<Arc<Prepared>, Problem>>>,
}

impl Held {
    fn engine(
        &self,
        template: usize,
        prepare: impl FnOnce() -> Result<Prepared, Problem>,
    ) -> Result<Arc<Prepared>, Problem> {
        // A poisoned lock means that another thread panicked between two of the map's own operations.
        let mut engines = self.engines.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        engines.entry(template).or_insert_with(|| prepare().map(Arc::new)).clone()
    }
}
