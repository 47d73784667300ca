//! Calls: of the file's functions, of imported ones, of the library's, and of what a resource answers.

use super::Lower;
use super::expressions::UserFunction;
use super::names::{Foreign, Named};
use crate::read::bicep::ast::{self, ExprKind as Written};
use crate::resolve::template::{Call, Expr, ExprKind, Reference, UserCall};
use crate::source::Span;
use crate::tree::{Text, Value};

impl Lower<'_> {
    pub(super) fn call(&mut self, call: &ast::Call, span: Span) -> Expr {
        let name = &call.name.text;
        let Some(target) = &call.target else {
            return match self.names.file.get(name).cloned() {
                Some(Named::Function(function)) => self.user_call((None, function), call, span),
                Some(Named::Foreign(Foreign { function: Some(function), template, .. })) => {
                    self.user_call((Some(template), function), call, span)
                }
                Some(Named::Broken) => Self::broken(span),
                _ => self.builtin(call, span),
            };
        };
        if let Written::Name(namespace) = &target.kind
            && !self.names.is_local(namespace)
        {
            match self.names.get(namespace) {
                Some(Named::Builtin) => return self.builtin(call, span),
                Some(Named::Namespace(template)) => {
                    return match Foreign::of(&template, name).and_then(|f| f.function) {
                        Some(function) => self.user_call((Some(template), function), call, span),
                        None => {
                            let detail = format!("`{namespace}` exports no function `{name}`");
                            self.problem(call.name.span, detail);
                            Self::broken(span)
                        }
                    };
                }
                Some(Named::Broken) => return Self::broken(span),
                _ => {}
            }
        }
        // `resource.listKeys()`, `vault.getSecret('name')`: functions of the resource's id.
        let id = self.expr(target).member("id", false, target.span);
        let mut args = vec![id];
        args.extend(call.args.iter().map(|e| self.expr(e)));
        // The library's functions of these names take no resource.
        let call = Call { function: None, name: name.clone(), args };
        Expr::new(ExprKind::Call(Box::new(call)), span)
    }

    fn user_call(&mut self, function: UserFunction, call: &ast::Call, span: Span) -> Expr {
        let args = call.args.iter().map(|e| self.expr(e)).collect();
        let call = UserCall { template: function.0, function: function.1, name: call.name.text.clone(), args };
        Expr::new(ExprKind::UserCall(Box::new(call)), span)
    }

    fn builtin(&mut self, call: &ast::Call, span: Span) -> Expr {
        match (call.name.text.as_str(), call.args.as_slice()) {
            ("any", [value]) => return self.expr(value),
            ("nameof", [value]) => {
                return Expr::literal(Value::string(last_name(value), span));
            }
            ("reference", [target, rest @ ..]) => {
                let full = rest
                    .get(1)
                    .is_some_and(|e| matches!(&e.kind, Written::String(s) if s.eq_ignore_ascii_case("full")));
                let reference = Reference { target: self.expr(target), full, all: false };
                return Expr::new(ExprKind::Reference(Box::new(reference)), span);
            }
            (name, _) if name.starts_with("load") => return self.loaded(call, span),
            _ => {}
        }
        let args = call.args.iter().map(|e| self.expr(e)).collect();
        Expr::call(call.name.text.clone(), args, span)
    }
}

/// What `nameof` gives: the last name.
fn last_name(e: &ast::Expr) -> Text {
    match &e.kind {
        Written::Name(name) => name.clone(),
        Written::Property(access) => access.name.text.clone(),
        Written::Nested(nested) => nested.name.text.clone(),
        Written::Index(index) => match &index.index.kind {
            Written::String(text) => text.clone(),
            _ => last_name(&index.object),
        },
        Written::Paren(inner) | Written::NonNull(inner) => last_name(inner),
        _ => Text::default(),
    }
}
