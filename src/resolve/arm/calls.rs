//! Calls: those that are syntax in truth become what they are, the others calls of the library.

use super::Lower;
use crate::read::arm_expr::{ArmCall, ArmExpr};
use crate::resolve::template::{
    BinaryOp, Element, Expr, ExprKind, Key, Lambda, Namespace, Property, Reference, Step, Ternary, UnaryOp, UserCall,
};
use crate::source::Span;
use crate::tree::{Text, Value};

/// The name of a function's argument among the local variables.
pub(super) fn argument(name: &str) -> Text {
    format!("argument {}", name.to_ascii_lowercase()).into()
}

/// The name of a loop's counter among the local variables; without a name that of the resource's loop.
pub(super) fn counter(name: &str) -> Text {
    format!("copy {}", name.to_ascii_lowercase()).into()
}

/// The name of a lambda's variable among the local variables.
fn lambda_variable(name: &str) -> Text {
    format!("lambda {}", name.to_ascii_lowercase()).into()
}

impl Lower<'_> {
    pub(super) fn call(&mut self, call: &ArmCall, span: Span) -> Expr {
        if let Some(namespace) = &call.namespace {
            return self.user_call(namespace, call, span);
        }
        let lower = call.name.text.to_ascii_lowercase();
        let kind = match (lower.as_str(), call.args.as_slice()) {
            ("parameters", [name]) => return self.named(Namespace::Parameters, name, span),
            ("variables", [name]) => return self.named(Namespace::Variables, name, span),
            ("true", []) => ExprKind::Literal(Value::bool(true, span)),
            ("false", []) => ExprKind::Literal(Value::bool(false, span)),
            ("null", []) => ExprKind::Literal(Value::null(span)),
            ("if", [condition, then, otherwise]) => ExprKind::Ternary(Box::new(Ternary {
                condition: self.expr(condition),
                then: self.expr(then),
                otherwise: self.expr(otherwise),
            })),
            ("and", [first, rest @ ..]) => return self.chain(BinaryOp::And, first, rest, span),
            ("or", [first, rest @ ..]) => return self.chain(BinaryOp::Or, first, rest, span),
            ("not", [value]) => {
                let value = self.expr(value);
                ExprKind::Unary(UnaryOp::Not, Box::new(value))
            }
            ("coalesce", [_, ..]) => ExprKind::Coalesce(self.all(&call.args)),
            ("createarray", args) => {
                let elements = args.iter().map(|a| Element::Item(self.expr(a))).collect();
                return Expr::array(elements, span);
            }
            ("createobject", args) if args.len().is_multiple_of(2) => {
                return self.create_object(args, span);
            }
            ("tryget", [base, keys @ ..]) if !keys.is_empty() => {
                return self.try_get(base, keys, span);
            }
            ("indexfromend", [base, index]) => return self.counted_from_end(base, index, false, span),
            ("tryindexfromend", [base, index]) => return self.counted_from_end(base, index, true, span),
            ("reference", [target, rest @ ..]) => {
                let full = rest.get(1).map(|e| self.expr(e));
                let full = full.as_ref().and_then(Expr::as_str).is_some_and(|s| s.eq_ignore_ascii_case("full"));
                return self.reference(target, full, false, span);
            }
            ("references", [target, ..]) => return self.reference(target, true, true, span),
            ("resourceinfo", [target]) => return self.reference(target, true, false, span),
            ("listoutputswithsecurevalues", [target, ..]) => {
                return self.reference(target, false, false, span).member("outputs", false, span);
            }
            ("lambda", [names @ .., body]) => return self.lambda(names, body, span),
            ("lambdavariables", [name]) => match self.expr(name).as_str() {
                Some(name) => ExprKind::Local(lambda_variable(name)),
                None => return self.odd(&call.name.text, span),
            },
            ("copyindex", args) => return self.copy_index(args, span),
            _ => {
                let args = self.all(&call.args);
                return Expr::call(call.name.text.clone(), args, span);
            }
        };
        Expr::new(kind, span)
    }

    fn all(&mut self, args: &[ArmExpr]) -> Vec<Expr> {
        args.iter().map(|a| self.expr(a)).collect()
    }

    fn odd(&mut self, name: &str, span: Span) -> Expr {
        self.problem(span, format!("`{name}` cannot be called like this"));
        Self::broken(span)
    }

    fn named(&mut self, namespace: Namespace, name: &ArmExpr, span: Span) -> Expr {
        let name = self.expr(name);
        let Some(text) = name.as_str() else {
            return Expr::new(ExprKind::Named(namespace, Box::new(name)), span);
        };
        let same = |held: &Text| held.eq_ignore_ascii_case(text);
        let (kind, what) = match namespace {
            Namespace::Parameters if self.arguments.iter().any(same) => {
                (Some(ExprKind::Local(argument(text))), "parameter")
            }
            Namespace::Parameters => (self.param_names.iter().position(same).map(ExprKind::Param), "parameter"),
            Namespace::Variables => (self.variable_names.iter().position(same).map(ExprKind::Variable), "variable"),
        };
        match kind {
            Some(kind) => Expr::new(kind, span),
            None => {
                let detail = format!("there is no {what} `{text}`");
                self.problem(name.span, detail);
                Self::broken(span)
            }
        }
    }

    fn chain(&mut self, op: BinaryOp, first: &ArmExpr, rest: &[ArmExpr], span: Span) -> Expr {
        let first = self.expr(first);
        rest.iter().fold(first, |left, right| {
            let right = self.expr(right);
            Expr::new(ExprKind::Binary(op, Box::new((left, right))), span)
        })
    }

    fn create_object(&mut self, args: &[ArmExpr], span: Span) -> Expr {
        let properties = args
            .chunks_exact(2)
            .filter_map(|pair| match pair {
                [key, value] => {
                    let key = self.expr(key);
                    let value = self.expr(value);
                    Some(match key.as_str() {
                        Some(name) => Property::Fixed { key: name.into(), key_span: key.span, value },
                        None => Property::Computed { key, value },
                    })
                }
                _ => None,
            })
            .collect();
        Expr::object(properties, span)
    }

    /// The first key may be missing; when it is there, the others have to be.
    fn try_get(&mut self, base: &ArmExpr, keys: &[ArmExpr], span: Span) -> Expr {
        let mut access = self.expr(base);
        for (i, key) in keys.iter().enumerate() {
            let key = self.expr(key);
            let key = match (key.as_str(), key.as_literal().filter(|k| k.get("fromEnd").is_some())) {
                (Some(name), _) => Key::Name(name.into()),
                (None, Some(from_end)) => {
                    Key::FromEnd(Expr::literal(from_end.get("value").cloned().unwrap_or_else(|| Value::null(span))))
                }
                (None, None) => Key::Index(key),
            };
            let safe = i == 0;
            // Of a resource nobody knows yet what it lacks: the whole way into it says what is waited for.
            access = match safe && !access.is_into_resource() {
                true => access.access_apart(Step { key, safe, span }),
                false => access.access(key, safe, span),
            };
        }
        access
    }

    fn counted_from_end(&mut self, base: &ArmExpr, index: &ArmExpr, safe: bool, span: Span) -> Expr {
        let base = self.expr(base);
        let key = Key::FromEnd(self.expr(index));
        base.access_apart(Step { key, safe, span })
    }

    fn reference(&mut self, target: &ArmExpr, full: bool, all: bool, span: Span) -> Expr {
        let target = self.expr(target);
        let reference = Reference { target, full, all };
        Expr::new(ExprKind::Reference(Box::new(reference)), span)
    }

    fn lambda(&mut self, names: &[ArmExpr], body: &ArmExpr, span: Span) -> Expr {
        let params = names.iter().filter_map(|name| self.expr(name).as_str().map(lambda_variable)).collect();
        let body = self.expr(body);
        Expr::new(ExprKind::Lambda(Box::new(Lambda { params, body })), span)
    }

    /// `copyIndex()`, `copyIndex(offset)`, `copyIndex('name')`, `copyIndex('name', offset)`.
    fn copy_index(&mut self, args: &[ArmExpr], span: Span) -> Expr {
        let args = self.all(args);
        let name = args.first().and_then(Expr::as_str).unwrap_or_default();
        let local = counter(name);
        if !self.copies.contains(&local) {
            let detail = match name {
                "" => "`copyIndex` stands outside of any loop".to_owned(),
                name => format!("no loop around this is called `{name}`"),
            };
            self.problem(span, detail);
            return Self::broken(span);
        }
        let named = !name.is_empty();
        let index = Expr::new(ExprKind::Local(local), span);
        let offset = args.into_iter().nth(usize::from(named));
        match offset {
            Some(offset) => {
                let sides = Box::new((index, offset));
                Expr::new(ExprKind::Binary(BinaryOp::Add, sides), span)
            }
            None => index,
        }
    }

    fn user_call(&mut self, namespace: &str, call: &ArmCall, span: Span) -> Expr {
        let name: Text = format!("{namespace}.{}", call.name.text).into();
        let found = self.function_names.iter().position(|f| f.eq_ignore_ascii_case(&name));
        let args = self.all(&call.args);
        match found {
            Some(function) => {
                let call = UserCall { template: None, function, name, args };
                Expr::new(ExprKind::UserCall(Box::new(call)), span)
            }
            None => {
                self.problem(span, format!("there is no function `{name}`"));
                Self::broken(span)
            }
        }
    }
}
