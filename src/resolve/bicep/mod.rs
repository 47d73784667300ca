//! Bicep and `.bicepparam` to templates and parameter files: names are bound, nested resources laid flat, files that
//! are loaded or imported read. The syntax itself is [`read::bicep`](crate::read::bicep)'s.

mod calls;
mod declarations;
mod deployments;
mod expressions;
mod imports;
mod loads;
mod names;
mod parameters;
mod resources;
mod types;

pub(in crate::resolve) use imports::unread;
pub(in crate::resolve) use parameters::parameters;

use std::sync::Arc;

use super::template::{Body, Loading, Stack, Template, Variable, known_too_late, mark_shared};
use crate::read::bicep::{self, ast};
use crate::resolve::context::Scope;
use crate::source::{Code, Problem, Source, Span};
use names::Names;

/// What lowering a file needs and makes.
struct Lower<'a> {
    declarations: &'a [ast::Declaration],
    source: &'a Source,
    loading: &'a Loading<'a>,
    names: Names,
    template: Template,
    body: Body,
    stack: Stack,
    /// What a parameter file calls `base`.
    base_values: Option<Variable>,
}

/// The template of a Bicep file.
pub(in crate::resolve) fn template(source: &Source, loading: &Loading<'_>) -> Template {
    let file = bicep::parse(source);
    let mut lower = Lower::new(&file.declarations, source, loading);
    lower.template.problems.extend(file.problems.iter().cloned());
    lower.declare(&file.declarations);
    lower.lower_all(&file.declarations);
    lower.finish()
}

impl<'a> Lower<'a> {
    fn new(declarations: &'a [ast::Declaration], source: &'a Source, loading: &'a Loading<'a>) -> Self {
        Self {
            declarations,
            source,
            loading,
            names: Names::default(),
            template: Template::empty(source.path().clone(), source.id()),
            body: Body::default(),
            stack: loading.stack,
            base_values: None,
        }
    }

    fn finish(mut self) -> Template {
        // After the file's own variables, which have their indices by their order.
        self.template.variables.extend(self.base_values.take());
        self.template.body = Arc::new(self.body);
        self.template.problems.extend(known_too_late(&self.template));
        mark_shared(&mut self.template);
        self.template
    }

    fn problem(&mut self, span: Span, detail: impl Into<String>) {
        self.template.problems.push(Problem::new(Code::Template, span, detail));
    }

    fn target_scope(&mut self, value: &ast::Expr) {
        let ast::ExprKind::String(text) = &value.kind else {
            return;
        };
        self.template.scope = match text.as_str() {
            "subscription" => Scope::Subscription,
            "managementGroup" => Scope::ManagementGroup,
            "tenant" => Scope::Tenant,
            // Scopes of other uses of the language deploy nothing of their own.
            _ => Scope::ResourceGroup,
        };
    }
}
