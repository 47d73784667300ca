//! Calls of functions: the library's, the template's own, and those that wait for the deployment.

use super::super::{Call, Expr, ExprKind, UserCall};
use super::collections::with_locals;
use super::{Env, Evaluator, Frame, pushed_down};
use crate::resolve::functions::{self, Body, Failure, Function};
use crate::source::{Code, Problem, Span};
use crate::tree::{Kind, Reason, Text, Unknown, Value, WaitsFor};

/// Functions that give parts of their arguments, which are then to carry the argument's way themselves.
const PASSING: [&str; 22] = [
    "concat",
    "distinct",
    "filter",
    "first",
    "flatten",
    "groupBy",
    "intersection",
    "items",
    "last",
    "map",
    "mapValues",
    "max",
    "min",
    "objectKeys",
    "reduce",
    "shallowMerge",
    "skip",
    "sort",
    "take",
    "toObject",
    "tryIndexFromEnd",
    "union",
];

impl Evaluator {
    pub(super) fn call(&self, f: &Frame, env: Env<'_>, call: &Call, site: Span) -> Value {
        let function = match call.function {
            Some(function) if !is_list(&call.name) => function,
            _ => return self.runtime_call(f, env, call, site),
        };
        if matches!(function.body, Body::Lazy) {
            return self.lazy_call(f, env, function, call, site);
        }
        let passing = PASSING.contains(&function.name);
        let mut args = Vec::with_capacity(call.args.len());
        let mut lambdas = Vec::new();
        for arg in &call.args {
            match &arg.kind {
                ExprKind::Lambda(lambda) => lambdas.push(lambda),
                _ => {
                    let value = self.eval(f, env, arg);
                    args.push(if passing { pushed_down(value) } else { value });
                }
            }
        }
        let outcome = if lambdas.is_empty() {
            function.call(&args, site, &f.context)
        } else {
            let mut apply = |which: usize, values: &[Value]| -> Result<Value, Failure> {
                let Some(lambda) = lambdas.get(which) else {
                    return Ok(super::failed(site));
                };
                let names: Vec<(&str, Value)> =
                    lambda.params.iter().map(Text::as_str).zip(values.iter().cloned()).collect();
                Ok(with_locals(env, &names, &mut |env| self.eval(f, env, &lambda.body)))
            };
            function.call_lambda(&args, lambdas.len(), &mut apply, site, &f.context)
        };
        outcome.unwrap_or_else(|failure| self.failure(&failure, &args, site))
    }

    /// A function of the library by name.
    pub(super) fn library(&self, f: &Frame, name: &str, args: &[Value], site: Span) -> Value {
        functions::call(name, args, site, &f.context).unwrap_or_else(|failure| self.failure(&failure, args, site))
    }

    /// The unknown for a function that failed, and its problem.
    pub(super) fn failure(&self, failure: &Failure, args: &[Value], site: Span) -> Value {
        let inputs: Vec<&Value> = args.iter().collect();
        match failure.code() {
            Code::Limit => self.reports.limit(site, failure.detail.clone()),
            _ => self.reports.failed(site, failure.detail.clone(), &inputs),
        }
        Value::unknown(Unknown::new(failure.reason(), WaitsFor::Nothing), site)
    }

    /// What the front ends left of the lazy functions: those with names or numbers of arguments that they do not know.
    fn lazy_call(&self, f: &Frame, env: Env<'_>, function: &Function, call: &Call, site: Span) -> Value {
        let inputs: Vec<Value> = call.args.iter().map(|a| self.eval(f, env, a)).collect();
        if let Some(unknown) = inputs.iter().find_map(super::first_unknown) {
            return Value::new(Kind::Unknown(unknown), site);
        }
        let detail = format!("`{}` cannot be called like this", function.name);
        self.fail(site, detail, &inputs.iter().collect::<Vec<_>>())
    }

    /// What only Azure can answer, or nobody.
    fn runtime_call(&self, f: &Frame, env: Env<'_>, call: &Call, site: Span) -> Value {
        let name = call.name.as_str();
        if is_list(name) {
            return self.runtime_of(f, env, call.args.first(), &format!("{name}()"), site);
        }
        if name.eq_ignore_ascii_case("getSecret") {
            let unknown = Unknown::new(Reason::Secure, WaitsFor::Text("a secret of a vault".into()));
            return Value::unknown(unknown, site);
        }
        for arg in &call.args {
            if !matches!(arg.kind, ExprKind::Lambda(_)) {
                self.eval(f, env, arg);
            }
        }
        let detail = format!("there is no function `{name}`");
        self.reports.push(Problem::new(Code::Template, site, detail));
        Value::unknown(Unknown::new(Reason::Function, WaitsFor::Text(call.name.clone())), site)
    }

    /// What a resource tells at run time.
    fn runtime_of(&self, f: &Frame, env: Env<'_>, id: Option<&Expr>, path: &str, site: Span) -> Value {
        let id = id.map(|e| self.eval(f, env, e)).map(|id| self.id_of(f, id));
        let id = id.as_ref().map(super::super::text::shown).unwrap_or_default();
        let from = WaitsFor::Resource { id, path: path.into() };
        Value::unknown(Unknown::new(Reason::Runtime, from), site)
    }

    pub(super) fn user_call(&self, f: &Frame, env: Env<'_>, call: &UserCall, site: Span) -> Value {
        let imported;
        let home = match &call.template {
            Some(template) => {
                imported = self.import(template, &f.context);
                &*imported
            }
            None => f,
        };
        let Some(function) = home.template().functions.get(call.function) else {
            return super::failed(site);
        };
        if call.args.len() != function.params.len() {
            let detail = format!("`{}` takes {} arguments, not {}", call.name, function.params.len(), call.args.len());
            return self.fail(site, detail, &[]);
        }
        let args: Vec<(Text, Value)> =
            function.params.iter().zip(&call.args).map(|(name, arg)| (name.clone(), self.eval(f, env, arg))).collect();
        self.eval(home, Env::of(&args), &function.body)
    }
}

/// `listKeys` and its like. No function that can be computed begins so.
fn is_list(name: &str) -> bool {
    name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("list"))
}
