//! Deployments that are written as resources, with an ARM template as a value.

use super::Lower;
use crate::read::bicep::ast::{self, ExprKind as Written};
use crate::resolve::arm;
use crate::resolve::template::{AllArguments, Argument, ArgumentForm, Content, Expr, Module, Target};
use crate::source::{Code, Problem};
use crate::tree::{Text, Value};
use std::sync::Arc;

/// Whether a resource deploys a template that it holds or links. Without either it is a resource like others.
pub(super) fn is_deployment(resource: &ast::Resource) -> bool {
    let ty = resource.ty.as_ref().map_or("", |ty| ty.text.as_str());
    resource.existing.is_none()
        && ty.split('@').next().is_some_and(|ty| ty.eq_ignore_ascii_case("Microsoft.Resources/deployments"))
        && properties(&resource.body.object)
            .is_some_and(|own| own.get("template").is_some() || own.get("templateLink").is_some())
}

fn properties(body: &ast::Object) -> Option<&ast::Object> {
    object(&body.get("properties")?.value)
}

fn object(e: &ast::Expr) -> Option<&ast::Object> {
    match &e.kind {
        Written::Object(object) => Some(object),
        _ => None,
    }
}

impl Lower<'_> {
    pub(super) fn deployment(&mut self, resource: &ast::Resource) {
        let body = &resource.body;
        let Some(own) = properties(&body.object) else {
            return;
        };
        let (each, locals) = self.each(body.each.as_ref());
        let api_version = resource.ty.as_ref().and_then(|ty| {
            let (_, version) = ty.text.split_once('@')?;
            Some(Expr::literal(Value::string(version, ty.span)))
        });
        let lowered = self.with_locals(&locals, |lower| {
            let (params, all_params) = match own.get("parameters") {
                Some(property) => lower.wrapped_arguments(&property.value),
                None => (Vec::new(), None),
            };
            let mut optional = |key: &str| body.object.get(key).map(|p| lower.expr(&p.value));
            let (name, location) = (optional("name"), optional("location"));
            let (subscription, group) = (optional("subscriptionId"), optional("resourceGroup"));
            let scope = match (subscription, group) {
                (subscription, Some(group)) => Some(Target::ResourceGroup(subscription, Some(group))),
                (Some(subscription), None) => Some(Target::Subscription(Some(subscription))),
                (None, None) => lower.scope_of(body),
            };
            Module {
                symbol: Some(resource.name.text.clone()),
                declared: resource.name.span,
                name,
                each,
                condition: body.condition.as_ref().map(|e| lower.expr(e)),
                scope,
                api_version,
                location,
                params,
                all_params,
                content: lower.held_template(own),
            }
        });
        self.body.modules.push(lowered);
    }

    fn held_template(&mut self, own: &ast::Object) -> Content {
        if let Some(template) = own.get("template") {
            let template = self.expr(&template.value);
            return match template.as_literal() {
                Some(value) if value.as_map().is_some() => {
                    let home = Some((self.source, self.loading));
                    Content::Template(Arc::new(arm::held(value, &self.template, home, self.stack)))
                }
                _ => Content::Computed(Box::new(template)),
            };
        }
        let span = own.get("templateLink").map_or(own.span, |link| link.value.span);
        let detail = "a linked template lies outside of the files: a module names it by its path";
        self.template.problems.push(Problem::new(Code::NotAnalysed, span, detail));
        Content::Unread(Text::default())
    }

    /// Arguments as ARM writes them: each one's value below `value`.
    fn wrapped_arguments(&mut self, e: &ast::Expr) -> (Vec<Argument>, Option<AllArguments>) {
        let written_out = object(e).filter(|object| {
            object.members.iter().all(|m| matches!(m, ast::Member::Property(p) if p.key.text().is_some()))
        });
        let Some(written_out) = written_out else {
            let value = self.expr(e);
            return (Vec::new(), Some(AllArguments { value, form: ArgumentForm::Wrapped }));
        };
        let mut params = Vec::new();
        for property in written_out.properties() {
            let ast::Key::Fixed(name) = &property.key else {
                continue;
            };
            let inner = object(&property.value);
            let value = inner.and_then(|inner| inner.get("value"));
            let secret = inner.is_some_and(|inner| inner.get("reference").is_some());
            let (value, form): (Expr, ArgumentForm) = match value {
                Some(value) => (self.expr(&value.value), ArgumentForm::Plain),
                None if secret => (self.expr(&property.value), ArgumentForm::Secret),
                None => (self.expr(&property.value), ArgumentForm::Wrapped),
            };
            params.push(Argument { name: name.text.clone(), name_span: name.span, value, form });
        }
        (params, None)
    }
}
