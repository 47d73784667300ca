//! Nested deployments and linked templates.

use std::sync::Arc;

use super::Lower;
use crate::read::arm_expr::{self, Form};
use crate::resolve::bicep::unread;
use crate::resolve::template::{
    AllArguments, Argument, ArgumentForm, Body, Content, Expr, Loop, Module, Target, Template,
};
use crate::source::{Code, Problem, Span};
use crate::tree::{Text, Value};

impl Lower<'_> {
    pub(super) fn deployment(
        &mut self,
        resource: &Value,
        properties: &Value,
        symbol: Option<&Text>,
        each: Option<Loop>,
        condition: Option<Expr>,
        _around: &Body,
    ) -> Module {
        let declared = resource.get_ci("type").map_or(resource.span, |t| t.span);
        let inner = properties
            .get_ci("expressionEvaluationOptions")
            .and_then(|o| o.get_ci("scope"))
            .and_then(Value::as_str)
            .is_some_and(|scope| scope.eq_ignore_ascii_case("inner"));
        let content = match (properties.get_ci("template"), properties.get_ci("templateLink")) {
            (Some(template), _) if template.as_map().is_some() => {
                if inner {
                    let empty = Template::empty(self.template.path.clone(), self.template.source);
                    let nested = Lower::new(self.home, empty, self.stack).lower(template);
                    Content::Template(Arc::new(nested))
                } else {
                    // Its expressions are the parent's, but the loops around it are not its properties'.
                    Content::Shared(Arc::new(self.body(template)))
                }
            }
            (Some(template), _) => Content::Computed(Box::new(self.value(template))),
            (None, Some(link)) => self.linked(link),
            (None, None) => Content::Unread(Text::default()),
        };
        let (params, all_params) = match properties.get_ci("parameters") {
            Some(given) if given.as_map().is_some() => (self.arguments(given), None),
            Some(given) => {
                let value = self.value(given);
                let form = ArgumentForm::Wrapped;
                (Vec::new(), Some(AllArguments { value, form }))
            }
            None => (Vec::new(), None),
        };
        if let Some(link) = properties.get_ci("parametersLink") {
            let problem = Problem::new(Code::NotAnalysed, link.span, "linked parameter files are not read");
            self.template.problems.push(problem);
        }
        Module {
            symbol: symbol.cloned(),
            declared,
            name: self.optional(resource, "name"),
            each,
            condition,
            scope: self.deployment_target(resource),
            api_version: self.optional(resource, "apiVersion"),
            location: self.optional(resource, "location"),
            params,
            all_params,
            content,
        }
    }

    /// Where a deployment goes, or where a resource is that is only referred to.
    pub(super) fn deployment_target(&mut self, resource: &Value) -> Option<Target> {
        let group = self.optional(resource, "resourceGroup");
        let subscription = self.optional(resource, "subscriptionId");
        match (subscription, group) {
            (subscription, Some(group)) => Some(Target::ResourceGroup(subscription, Some(group))),
            (Some(subscription), None) => Some(Target::Subscription(Some(subscription))),
            (None, None) => self.optional(resource, "scope").map(Target::Id),
        }
    }

    fn arguments(&mut self, given: &Value) -> Vec<Argument> {
        given
            .entries()
            .iter()
            .map(|entry| {
                let (value, form) = match (entry.value.get_ci("value"), entry.value.as_map()) {
                    (Some(value), _) => (self.value(value), ArgumentForm::Plain),
                    (None, Some(map)) if map.get_ci("reference").is_some() => {
                        (self.value(&entry.value), ArgumentForm::Secret)
                    }
                    // A loop makes `value`, or an expression the whole.
                    (None, _) => (self.value(&entry.value), ArgumentForm::Wrapped),
                };
                Argument { name: entry.key.clone(), name_span: entry.key_span, value, form }
            })
            .collect()
    }

    /// A template by relative path. One by address lies elsewhere.
    fn linked(&mut self, link: &Value) -> Content {
        let place = |key: &str| link.get_ci(key).filter(|v| !v.is_null());
        let Some(path) = place("relativePath") else {
            let at = ["uri", "id"].iter().find_map(|key| place(key));
            let span = at.map_or(link.span, |v| v.span);
            self.not_read(span, "a linked template without a relative path lies outside of the files");
            let text = at.and_then(Value::as_str).unwrap_or_default();
            return Content::Unread(text.into());
        };
        let text = path.as_str().unwrap_or_default();
        let text = match arm_expr::form(text) {
            Form::Literal(text) | Form::Escaped(text) => text,
            Form::Expression => {
                self.not_read(path.span, "a linked template whose path is computed is not read");
                return Content::Unread(text.into());
            }
        };
        let Some((source, loading)) = self.home else {
            self.not_read(path.span, "a linked template of a computed one is not read");
            return Content::Unread(text.into());
        };
        let found = loading.locate(source.path(), text).and_then(|found| loading.template(&found));
        match found {
            Ok(template) => Content::Template(template),
            Err(error) => {
                self.template.problems.push(unread(path.span, &error));
                Content::Unread(text.into())
            }
        }
    }

    fn not_read(&mut self, span: Span, detail: &str) {
        self.template.problems.push(Problem::new(Code::NotAnalysed, span, detail));
    }
}
