//! Parameter files: ARM's JSON and `.bicepparam`, read once and evaluated for each context.

use std::rc::Rc;
use std::sync::Arc;

use super::bind::Given;
use super::eval::{Evaluator, Frame, Names};
use super::{Destination, Template, tokens};
use crate::resolve::context::Context;
use crate::source::{Code, Problem, Span};
use crate::tree::{Text, Value};

/// A parameter file.
#[derive(Clone, Debug)]
pub struct ParameterFile {
    /// Its path from the root of the run.
    pub path: Arc<str>,
    /// Where a missing parameter is to be added: `parameters`, or the `using` of a `.bicepparam`.
    pub anchor: Span,
    /// The template that it names, by `using` or by its metadata: as written, and from the root of the run when it is
    /// a path.
    pub template: Option<TemplateLink>,
    /// Whether it is meant for other parameter files only (`using none`).
    pub is_base: bool,
    /// What it gives.
    pub content: ParameterContent,
    /// What was wrong with it.
    pub problems: Vec<Problem>,
}

/// The template that a parameter file names.
#[derive(Clone, Debug)]
pub struct TemplateLink {
    /// As it is written.
    pub written: Text,
    /// From the root of the run; none for what is no local path.
    pub path: Option<Arc<str>>,
    /// Where it is written.
    pub span: Span,
}

/// What a parameter file gives.
#[derive(Clone, Debug)]
pub enum ParameterContent {
    /// Values as they stand.
    Values(Vec<Given>),
    /// Expressions.
    Expressions {
        /// The file's variables, functions and imports; its assignments are among the variables.
        names: Arc<Template>,
        /// Each assignment's variable, and where its name is written.
        assigned: Vec<(usize, Span)>,
        /// The file that it extends.
        extends: Option<Arc<ParameterFile>>,
    },
}

impl ParameterFile {
    /// The names that it gives values to, with their places.
    #[must_use]
    pub fn names(&self) -> Vec<(Text, Span)> {
        match &self.content {
            ParameterContent::Values(values) => {
                values.iter().map(|given| (given.name.clone(), given.name_span)).collect()
            }
            ParameterContent::Expressions { names, assigned, extends } => {
                let mut all = extends.as_ref().map(|base| base.names()).unwrap_or_default();
                for (index, span) in assigned {
                    if let Some(variable) = names.variables.get(*index) {
                        all.retain(|(name, _)| *name != variable.name);
                        all.push((variable.name.clone(), *span));
                    }
                }
                all
            }
        }
    }

    /// Its values in a context that has no deployment yet: for what looks at the file before it is deployed.
    #[must_use]
    pub fn values_in(&self, context: &Context) -> Vec<Given> {
        self.values(&Evaluator::new(), context)
    }

    /// Its values.
    pub(super) fn values(&self, eval: &Evaluator, context: &Context) -> Vec<Given> {
        let (names, assigned, extends) = match &self.content {
            ParameterContent::Values(values) => return values.iter().cloned().map(without_tokens).collect(),
            ParameterContent::Expressions { names, assigned, extends } => (names, assigned, extends),
        };
        let mut values = match extends {
            Some(base) => base.values(eval, context),
            None => Vec::new(),
        };
        let held = Rc::new(Names::of(names.clone()));
        let frame = Frame::root(held, context.clone(), Destination::of(context));
        for (index, span) in assigned {
            let Some(variable) = names.variables.get(*index) else {
                continue;
            };
            let value = tokens::without_tokens(eval.variable_value(&frame, *index));
            values.retain(|given| given.name != variable.name);
            values.push(Given {
                name: variable.name.clone(),
                name_span: *span,
                from_vault: from_vault(&value),
                value,
                in_file: true,
            });
        }
        values
    }

    /// What was wrong with it and with what it extends.
    pub(super) fn problems_into(&self, into: &mut Vec<Problem>) {
        into.extend(self.problems.iter().cloned());
        if let ParameterContent::Expressions { names, extends, .. } = &self.content {
            into.extend(folded(&names.problems));
            for import in &names.imports {
                into.extend(import.problems.iter().cloned());
            }
            if let Some(base) = extends {
                base.problems_into(into);
            }
        }
    }
}

fn without_tokens(given: Given) -> Given {
    Given { value: tokens::without_tokens(given.value), ..given }
}

fn from_vault(value: &Value) -> bool {
    value.as_unknown().is_some_and(|u| u.reason == crate::tree::Reason::Secure)
}

/// A file that was not rendered has one fault, however many values were to be.
fn folded(problems: &[Problem]) -> Vec<Problem> {
    let is_token = |p: &&Problem| p.code == Code::UnrenderedTemplate;
    let further = problems.iter().filter(is_token).count().saturating_sub(1);
    let mut all: Vec<Problem> = problems.iter().filter(|p| !is_token(p)).cloned().collect();
    if let Some(mut first) = problems.iter().find(is_token).cloned() {
        if further > 0 {
            first.detail = format!("{}, as do {further} more in this file", first.detail);
        }
        all.push(first);
    }
    all
}
