//! The functions of ARM templates and Bicep, computed offline.
//!
//! One library serves both languages, since Bicep compiles to calls of the same functions. A function takes evaluated
//! arguments and gives a value; what it cannot know it leaves unknown, keeping what that waits for, and uses of partly
//! known text and lists what is known. Elements that pass through keep their own places.
//!
//! Not here: what needs unevaluated arguments (`if`, `and`, `or`, `coalesce`, `tryGet`) or the template (`parameters`,
//! `reference` of a resource in it, user functions) belongs to the evaluator; the table only knows their names.

mod call;
mod cidr;
mod compare;
mod date;
mod date_format;
mod encode;
mod environment;
mod failure;
mod format;
mod identity;
mod ids;
mod json;
mod json_path;
mod lambda;
mod limits;
mod list;
mod load;
mod number;
mod numeric;
mod object;
mod partial;
mod roles;
mod runtime;
mod scope;
mod seq;
mod show;
mod table;
mod text;
mod uri;
mod utf16;
mod zones;

pub use call::composed;
pub use compare::equal;
pub use failure::{Failure, FailureKind};
pub use json_path::select;
pub use lambda::Apply;
pub use load::{load_base64, load_text};
pub use roles::built_in_role;
pub use table::{Body, Function, Namespace, all, lookup, operation};
pub use text::interpolate;

#[cfg(test)]
mod tests;

use call::{Call, Stop};

use crate::resolve::context::Context;
use crate::source::Span;
use crate::tree::{Kind, Value};

/// Calls an eager function by name, without regard to case.
///
/// # Errors
/// A [`Failure`] when there is no such function, its arguments do not fit, it has no answer for them, or a limit is
/// reached. An unknown argument is no failure: the result is then unknown or partly known.
pub fn call(name: &str, args: &[Value], site: Span, cx: &Context) -> Result<Value, Failure> {
    match lookup(name).or_else(|| operation(name)) {
        Some(function) => function.call_as(name, args, site, cx),
        None => Err(Failure::new(FailureKind::UnknownFunction, format!("there is no function `{name}`"))),
    }
}

/// Calls a function that takes lambdas: `args` are the arguments that are no lambdas, `lambdas` says how many lambdas
/// were written, and `apply` runs the one at a position (0, or 1 for the second) with all arguments that it may take.
///
/// # Errors
/// As [`call`], and what `apply` gives.
pub fn call_lambda(
    name: &str,
    args: &[Value],
    lambdas: usize,
    apply: &mut Apply<'_>,
    site: Span,
    cx: &Context,
) -> Result<Value, Failure> {
    match lookup(name) {
        Some(function) => function.call_lambda(args, lambdas, apply, site, cx),
        None => Err(Failure::new(FailureKind::UnknownFunction, format!("there is no function `{name}`"))),
    }
}

/// Whether a function of that name exists in any namespace, lazy ones and those of the evaluator included.
#[must_use]
pub fn exists(name: &str) -> bool {
    lookup(name).or_else(|| operation(name)).is_some()
}

/// Whether a namespace (`sys`, `az`) has a function of that name.
#[must_use]
pub fn is_known(namespace: &str, name: &str) -> bool {
    lookup(name).or_else(|| operation(name)).is_some_and(|f| f.namespace.matches(namespace))
}

impl Function {
    /// Calls it with evaluated arguments.
    ///
    /// # Errors
    /// As [`call`].
    pub fn call(&'static self, args: &[Value], site: Span, cx: &Context) -> Result<Value, Failure> {
        self.call_as(self.name, args, site, cx)
    }

    /// Calls it under the name that the template writes: `listKeys` is one of many names of `list*`.
    ///
    /// # Errors
    /// As [`call`].
    pub fn call_as(&'static self, name: &str, args: &[Value], site: Span, cx: &Context) -> Result<Value, Failure> {
        if args.len() < self.least || args.len() > self.most {
            return Err(self.arity(args.len()));
        }
        let Body::Eager(body) = self.body else {
            return Err(Failure::new(FailureKind::Arguments, format!("`{}` cannot be called here", self.name)));
        };
        let name = if self.name.ends_with('*') { name } else { self.name };
        let call = Call::new(name, args, site, cx);
        settle(body(&call), args, site)
    }

    /// Calls it with evaluated arguments and lambdas.
    ///
    /// # Errors
    /// As [`call_lambda`].
    pub fn call_lambda(
        &'static self,
        args: &[Value],
        lambdas: usize,
        apply: &mut Apply<'_>,
        site: Span,
        cx: &Context,
    ) -> Result<Value, Failure> {
        let given = args.len().saturating_add(lambdas);
        if given < self.least || given > self.most {
            return Err(self.arity(given));
        }
        let Body::Lambda { before, body } = self.body else {
            return Err(Failure::new(FailureKind::Arguments, format!("`{}` takes no lambda", self.name)));
        };
        if args.len() != before {
            return Err(Failure::new(
                FailureKind::Arguments,
                format!("`{}` expects a lambda as argument {}", self.name, before + 1),
            ));
        }
        let call = Call::new(self.name, args, site, cx);
        settle(body(&call, lambdas, apply), args, site)
    }

    fn arity(&self, given: usize) -> Failure {
        let wanted = match (self.least, self.most) {
            (least, most) if least == most => format!("{least}"),
            (least, usize::MAX) => format!("{least} or more"),
            (least, most) => format!("{least} to {most}"),
        };
        Failure::new(FailureKind::Arguments, format!("`{}` takes {wanted} arguments, not {given}", self.name))
    }
}

/// Turns a stop at an unknown into an unknown value.
fn settle(outcome: Result<Value, Stop>, args: &[Value], site: Span) -> Result<Value, Failure> {
    match outcome {
        Ok(value) => Ok(value),
        Err(Stop::Failed(failure)) => Err(failure),
        Err(Stop::Unknown(unknown)) => Ok(Value::new(Kind::Unknown(unknown), site).with_origin(composed(args, site))),
    }
}
