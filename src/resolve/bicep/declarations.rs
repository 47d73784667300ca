//! Declarations: first all names, then what they stand for, since the order of a file says nothing.

use super::Lower;
use super::deployments::is_deployment;
use super::names::Named;
use crate::read::bicep::ast::{self, Item};
use crate::resolve::template::{Expr, ExprKind, Function, NamedType, Output, Param, Type, Variable};
use crate::source::{Code, Problem, Span};
use crate::tree::{Text, Value};

impl Lower<'_> {
    /// Gives every name its index.
    pub(super) fn declare(&mut self, declarations: &[ast::Declaration]) {
        let (mut params, mut variables, mut functions, mut types, mut modules) = (0, 0, 0, 0, 0);
        let mut resources = 0;
        let next = |n: &mut usize| {
            *n += 1;
            *n - 1
        };
        for declaration in declarations {
            match &declaration.item {
                Item::Param(x) => self.name(&x.name, Named::Param(next(&mut params))),
                Item::Var(x) => self.name(&x.name, Named::Variable(next(&mut variables))),
                Item::Assign(x) => self.name(&x.name, Named::Variable(next(&mut variables))),
                Item::Func(x) => self.name(&x.name, Named::Function(next(&mut functions))),
                Item::Type(x) => self.name(&x.name, Named::Type(next(&mut types))),
                Item::Module(x) => self.name(&x.name, Named::Module(next(&mut modules))),
                Item::Resource(x) if is_deployment(x) => self.name(&x.name, Named::Module(next(&mut modules))),
                Item::Resource(x) => {
                    let index = next(&mut resources);
                    self.name(&x.name, Named::Resource(index));
                    self.declare_children(x, index, &mut resources);
                }
                Item::Import(x) => self.import(x),
                Item::Extension(x) => {
                    if let Some(alias) = x.alias.as_ref().or(x.spec.as_ref()) {
                        self.names.file.insert(alias.text.clone(), Named::Builtin);
                    }
                }
                Item::TargetScope(value) => self.target_scope(value),
                Item::Metadata(_)
                | Item::Output(_)
                | Item::ExtensionConfig(_)
                | Item::Assert(_)
                | Item::Test(_)
                | Item::Using(_)
                | Item::Extends(_)
                | Item::Broken => {}
            }
        }
    }

    fn name(&mut self, name: &ast::Name, named: Named) {
        let held = match named {
            Named::Type(_) => &mut self.names.types,
            _ => &mut self.names.file,
        };
        if held.contains_key(&name.text) {
            self.problem(name.span, format!("`{}` is declared twice", name.text));
        } else {
            held.insert(name.text.clone(), named);
        }
    }

    fn declare_children(&mut self, resource: &ast::Resource, index: usize, next: &mut usize) {
        for child in resource.body.object.resources() {
            let Item::Resource(child) = &child.item else {
                continue;
            };
            let own = *next;
            *next += 1;
            self.names.children.entry(index).or_default().push((child.name.text.clone(), own));
            self.declare_children(child, own, next);
        }
    }

    /// Lowers every declaration, in the order in which the names got their indices.
    pub(super) fn lower_all(&mut self, declarations: &[ast::Declaration]) {
        let mut resources = 0;
        for declaration in declarations {
            let exported = declaration.decorator("export").is_some();
            match &declaration.item {
                Item::Param(x) => {
                    let mut ty = self.ty(&x.ty);
                    self.constrain(&mut ty, &declaration.decorators);
                    let default = x.default.as_ref().map(|e| self.expr(e));
                    self.template.params.push(Param { name: x.name.text.clone(), declared: x.name.span, ty, default });
                }
                Item::Var(x) => {
                    let value = self.expr(&x.value);
                    self.variable(&x.name, value, exported);
                }
                Item::Assign(x) => {
                    let value = self.expr(&x.value);
                    self.variable(&x.name, value, false);
                }
                Item::Func(x) => self.function(x, exported),
                Item::Type(x) => {
                    let mut ty = self.ty(&x.ty);
                    self.constrain(&mut ty, &declaration.decorators);
                    self.template.types.push(NamedType { name: x.name.text.clone(), ty, exported });
                }
                Item::Resource(x) if is_deployment(x) => self.deployment(x),
                Item::Resource(x) => self.resource(x, None, &mut resources),
                Item::Module(x) => self.module(x),
                Item::Output(x) => {
                    let value = self.expr(&x.value);
                    self.body.outputs.push(Output {
                        name: x.name.text.clone(),
                        declared: x.name.span,
                        condition: None,
                        value,
                        secure: declaration.decorator("secure").is_some(),
                    });
                }
                Item::TargetScope(_)
                | Item::Metadata(_)
                | Item::Import(_)
                | Item::Extension(_)
                | Item::ExtensionConfig(_)
                | Item::Assert(_)
                | Item::Test(_)
                | Item::Using(_)
                | Item::Extends(_)
                | Item::Broken => {}
            }
        }
    }

    fn variable(&mut self, name: &ast::Name, value: Expr, exported: bool) {
        self.template.variables.push(Variable { name: name.text.clone(), declared: name.span, value, exported });
    }

    fn function(&mut self, func: &ast::Func, exported: bool) {
        let params: Vec<Text> = func.params.iter().map(|p| p.name.text.clone()).collect();
        let body = self.with_locals(&params, |lower| lower.expr(&func.body));
        self.template.functions.push(Function { name: func.name.text.clone(), params, body, exported });
    }

    /// Lowers something under more local variables.
    pub(super) fn with_locals<R>(&mut self, locals: &[Text], lower: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.names.locals.len();
        self.names.locals.extend(locals.iter().cloned());
        let result = lower(self);
        self.names.locals.truncate(before);
        result
    }

    /// What decorators say of a type.
    pub(super) fn constrain(&mut self, ty: &mut Type, decorators: &[ast::Decorator]) {
        for decorator in decorators {
            let argument = match decorator.name.text.as_str() {
                "description" | "metadata" | "export" | "batchSize" => continue,
                _ => decorator.args.first().map(|e| self.expr(e)),
            };
            let value = argument.as_ref().and_then(Expr::as_literal);
            let number = value.and_then(Value::as_i64);
            match decorator.name.text.as_str() {
                "secure" => ty.secure = true,
                "allowed" => ty.allowed = value.and_then(Value::as_list).map(<[_]>::to_vec),
                "minLength" => ty.min_length = number,
                "maxLength" => ty.max_length = number,
                "minValue" => ty.min_value = number,
                "maxValue" => ty.max_value = number,
                "sealed" => super::types::seal(ty),
                "discriminator" => {
                    if let Some(tag) = value.and_then(Value::as_str) {
                        super::types::tag(ty, tag);
                    }
                }
                _ => {}
            }
        }
    }

    /// Nesting that the stack does not hold.
    pub(super) fn too_deep(&mut self, span: Span) -> Expr {
        if !self.template.problems.iter().any(|p| p.code == Code::Limit) {
            self.template.problems.push(Problem::new(Code::Limit, span, "nested too deeply"));
        }
        Self::broken(span)
    }

    /// An expression for what was said already.
    pub(super) fn broken(span: Span) -> Expr {
        Expr::new(ExprKind::Error, span)
    }
}
