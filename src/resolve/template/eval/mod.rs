//! The evaluator: from a template's expressions to values. It never fails: what cannot be computed is unknown, with the
//! reason, and what is wrong is one problem at its place while everything else goes on.
//!
//! Not here: what parameters are given and whether they fit ([`bind`](super::bind)), and what is made of the resources
//! ([`deploy`](super::deploy)).

mod access;
mod calls;
mod collections;
mod declared;
mod frame;
mod lookup;
mod modules;
mod operators;
mod outputs;
mod report;
mod resources;
mod targets;

pub(super) use frame::{Env, Frame, Instance, Invocation, Names, Presence};
pub(super) use report::Reports;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::{Expr, ExprKind, Namespace, Shared, Template, check};
use crate::resolve::context::Context;
use crate::source::Span;
use crate::tree::{Entry, Kind, Origin, Reason, StepKind, Text, Unknown, Value, WaitsFor};

/// One evaluation of a root template with all that it calls.
pub(super) struct Evaluator {
    /// Problems, limits.
    pub reports: Reports,
    /// Frames of the templates that names are imported from.
    imports: RefCell<HashMap<*const Template, Rc<Frame>>>,
}

impl Evaluator {
    /// An evaluator that has seen nothing yet.
    pub fn new() -> Self {
        Self { reports: Reports::default(), imports: RefCell::default() }
    }

    /// The value of an expression.
    pub fn eval(&self, f: &Frame, env: Env<'_>, e: &Expr) -> Value {
        if let ExprKind::Literal(value) = &e.kind {
            return value.clone();
        }
        if let Err(limit) = self.reports.enter(e.span) {
            return limit;
        }
        let value = match &e.kind {
            ExprKind::Literal(value) => value.clone(),
            ExprKind::Param(index) => self.param(f, *index, e.span),
            ExprKind::Variable(index) => self.variable(f, *index, e.span),
            ExprKind::Local(name) => self.local(env, name, e.span),
            ExprKind::Named(namespace, name) => self.named(f, env, *namespace, name, e.span),
            ExprKind::Imported(imported) => {
                let frame = self.import(&imported.template, &f.context);
                self.variable(&frame, imported.variable, e.span)
            }
            ExprKind::Object(properties) => self.object(f, env, properties, e.span),
            ExprKind::Array(elements) => self.array(f, env, elements, e.span),
            ExprKind::Interpolation(pieces) => self.interpolation(f, env, pieces, e.span),
            ExprKind::Ternary(ternary) => self.ternary(f, env, ternary, e.span),
            ExprKind::Binary(op, sides) => self.binary(f, env, *op, sides, e.span),
            ExprKind::Unary(op, operand) => self.unary(f, env, *op, operand, e.span),
            ExprKind::Coalesce(values) => self.coalesce(f, env, values, e.span),
            ExprKind::Access(access) => self.access(f, env, access),
            ExprKind::Call(call) => self.call(f, env, call, e.span),
            ExprKind::UserCall(call) => self.user_call(f, env, call, e.span),
            ExprKind::Lambda(_) => self.fail(e.span, "a lambda stands only as an argument", &[]),
            ExprKind::For(each) => self.list_loop(f, env, each, e.span),
            ExprKind::Symbol(symbol) => self.symbol(f, env, *symbol, e.span, &[]),
            ExprKind::Reference(reference) => self.reference(f, env, reference, e.span, &[]),
            ExprKind::Shared(shared) => self.shared(f, env, shared),
            ExprKind::Error => failed(e.span),
        };
        self.reports.leave();
        value
    }

    /// What is the same for all stamps that give none of some parameters. What says something, or failed, is evaluated
    /// for each, so that it is said for each.
    fn shared(&self, f: &Frame, env: Env<'_>, shared: &Shared) -> Value {
        if !f.names.given.borrow().is_disjoint(&shared.params) {
            return self.eval(f, env, &shared.expr);
        }
        if let Some(value) = shared.value.get() {
            return value.clone();
        }
        let before = self.reports.said();
        let value = self.eval(f, env, &shared.expr);
        if self.reports.said() == before && !holds_failure(&value) {
            // Another thread may have been faster; both made the same.
            let _ = shared.value.set(value.clone());
        }
        value
    }

    /// The value of an expression outside of any loop.
    pub fn eval_plain(&self, f: &Frame, e: &Expr) -> Value {
        self.eval(f, f.env(), e)
    }

    /// A parameter's value, used at a place.
    pub fn param(&self, f: &Frame, index: usize, site: Span) -> Value {
        let (Some(slot), Some(param)) = (f.names.params.get(index), f.template().params.get(index)) else {
            return failed(site);
        };
        let value = slot.get(|| match &param.default {
            Some(default) => {
                let value = self.eval(f, Env::default(), default);
                let value = match param.ty.secure && has_secret(&value) {
                    true => secret(&param.name, value.span),
                    false => value,
                };
                let way = value.origin.then_named(StepKind::Value, param.declared, param.name.clone());
                value.with_origin(way)
            }
            None if check::is_nullable(&param.ty, &f.names.template) => Value::null(param.declared),
            None => missing(&param.name, param.declared),
        });
        self.used(value, &param.name, param.declared, site)
    }

    /// A variable's value where it is declared.
    pub fn variable_value(&self, f: &Frame, index: usize) -> Value {
        let (Some(slot), Some(variable)) = (f.names.variables.get(index), f.template().variables.get(index)) else {
            return failed(Span::NONE);
        };
        slot.get(|| self.eval(f, Env::default(), &variable.value)).unwrap_or_else(|| {
            let detail = format!("`{}` depends on itself", variable.name);
            self.fail(variable.declared, detail, &[])
        })
    }

    fn variable(&self, f: &Frame, index: usize, site: Span) -> Value {
        let (Some(slot), Some(variable)) = (f.names.variables.get(index), f.template().variables.get(index)) else {
            return failed(site);
        };
        let value = slot.get(|| self.eval(f, Env::default(), &variable.value));
        self.used(value, &variable.name, variable.declared, site)
    }

    /// A value that has a name, used at a place; without one it depends on itself.
    fn used(&self, value: Option<Value>, name: &Text, declared: Span, site: Span) -> Value {
        match value {
            Some(value) => {
                let way = value.origin.then_named(StepKind::Use, site, name.clone());
                value.with_origin(way)
            }
            None => self.fail(declared, format!("`{name}` depends on itself"), &[]),
        }
    }

    fn local(&self, env: Env<'_>, name: &Text, site: Span) -> Value {
        match env.get(name) {
            Some(value) => value.clone(),
            None => self.fail(site, format!("`{name}` is not known here"), &[]),
        }
    }

    fn named(&self, f: &Frame, env: Env<'_>, namespace: Namespace, name: &Expr, site: Span) -> Value {
        let name = self.eval(f, env, name);
        let Some(text) = name.as_str() else {
            return self.unknown_or_fail(&name, site, "a name must be a string");
        };
        let (found, what) = match namespace {
            Namespace::Parameters => (f.template().param(text), "parameter"),
            Namespace::Variables => (f.template().variable(text), "variable"),
        };
        match (found, namespace) {
            (Some(index), Namespace::Parameters) => self.param(f, index, site),
            (Some(index), Namespace::Variables) => self.variable(f, index, site),
            (None, _) => self.fail(site, format!("there is no {what} `{text}`"), &[&name]),
        }
    }

    /// The frame in which the names of an imported template have their values. They are constants, so one will do.
    fn import(&self, template: &Arc<Template>, context: &Context) -> Rc<Frame> {
        let key = Arc::as_ptr(template);
        if let Some(frame) = self.imports.borrow().get(&key) {
            return frame.clone();
        }
        let names = Rc::new(Names::of(template.clone()));
        let frame = Rc::new(Frame::root(names, context.clone(), super::Destination::of(context)));
        self.imports.borrow_mut().insert(key, frame.clone());
        frame
    }

    /// An unknown for an expression that failed, and a problem that says so. Where a value that took part is a
    /// placeholder, that is the problem; where one has failed itself, it was said there.
    pub fn fail(&self, site: Span, detail: impl Into<String>, inputs: &[&Value]) -> Value {
        self.reports.failed(site, detail.into(), inputs);
        failed(site)
    }

    /// The unknown that keeps an expression from its value, or a failure when it is known and of a wrong kind.
    pub fn unknown_or_fail(&self, value: &Value, site: Span, detail: &str) -> Value {
        match first_unknown(value) {
            Some(unknown) => self.unknown_from(unknown, value, site),
            None => self.fail(site, format!("{detail}, not a {}", value.type_name()), &[value]),
        }
    }

    /// An unknown made at a place because a value that took part is.
    pub fn unknown_from(&self, unknown: Arc<Unknown>, from: &Value, site: Span) -> Value {
        let way = crate::resolve::functions::composed(std::slice::from_ref(from), site);
        Value::new(Kind::Unknown(unknown), site).with_origin(way)
    }
}

/// Whether a value is, or holds, one that failed.
fn holds_failure(value: &Value) -> bool {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        if first_unknown(value).is_some_and(|u| matches!(u.reason, Reason::Error | Reason::Limit)) {
            return true;
        }
        open.extend(value.items());
        open.extend(value.entries().iter().map(|e| &e.value));
    }
    false
}

/// An unknown for what failed.
pub(super) fn failed(site: Span) -> Value {
    Value::unknown(Unknown::new(Reason::Error, WaitsFor::Nothing), site)
}

/// An unknown for a parameter that nothing gives a value.
pub(super) fn missing(name: &Text, site: Span) -> Value {
    let unknown = Unknown::new(Reason::MissingParameter, WaitsFor::Parameter(name.clone()));
    Value::unknown(unknown, site)
}

/// An unknown for a secure parameter's value.
pub(super) fn secret(name: &Text, site: Span) -> Value {
    let unknown = Unknown::new(Reason::Secure, WaitsFor::Parameter(name.clone()));
    Value::unknown(unknown, site)
}

/// Whether there is anything to hide: an empty default of a secure parameter is no secret, and templates ask for it.
pub(super) fn has_secret(value: &Value) -> bool {
    match &value.kind {
        Kind::Null => false,
        Kind::String(text) => !text.is_empty(),
        Kind::List(list) => !list.is_empty(),
        Kind::Map(map) => !map.is_empty(),
        _ => true,
    }
}

/// The unknown of a value that is wholly or partly unknown text.
pub(super) fn first_unknown(value: &Value) -> Option<Arc<Unknown>> {
    match &value.kind {
        Kind::Unknown(unknown) => Some(unknown.clone()),
        Kind::Parts(parts) => parts.iter().find_map(|part| match part {
            crate::tree::Part::Unknown(unknown) => Some(unknown.clone()),
            crate::tree::Part::Text(_) => None,
        }),
        _ => None,
    }
}

/// What lies in a container, with the container's way after its own.
pub(super) fn inherit(child: &Value, way: &Origin) -> Value {
    if way.is_empty() {
        return child.clone();
    }
    let origin = child.origin.followed_by(way);
    child.clone().with_origin(origin)
}

/// A container whose parts carry its way themselves, so that a function may take them out of it.
pub(super) fn pushed_down(value: Value) -> Value {
    if value.origin.is_empty() {
        return value;
    }
    match &value.kind {
        Kind::List(list) => {
            let items = list.iter().map(|v| inherit(v, &value.origin)).collect();
            Value::list(items, value.span).with_origin(value.origin)
        }
        Kind::Map(map) => {
            let entries =
                map.iter().map(|e| Entry::new(e.key.clone(), e.key_span, inherit(&e.value, &value.origin))).collect();
            Value::map(entries, value.span).with_origin(value.origin)
        }
        _ => value,
    }
}
