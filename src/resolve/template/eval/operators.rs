//! Operators and choices. What decides is remembered as a condition, so that a difference between stamps is traced to it.

use std::sync::Arc;

use super::super::{BinaryOp, Expr, Ternary, UnaryOp};
use super::{Env, Evaluator, Frame};
use crate::resolve::functions;
use crate::source::Span;
use crate::tree::{Input, Origin, StepKind, Unknown, Value};

/// More inputs than this of one condition help nobody.
const MOST_INPUTS: usize = 16;

impl Evaluator {
    pub(super) fn ternary(&self, f: &Frame, env: Env<'_>, e: &Ternary, site: Span) -> Value {
        self.chosen_branch(f, env, e, site, |branch| self.eval(f, env, branch))
    }

    /// What becomes of the branch that a condition chooses.
    pub(super) fn chosen_branch(
        &self,
        f: &Frame,
        env: Env<'_>,
        e: &Ternary,
        site: Span,
        then: impl FnOnce(&Expr) -> Value,
    ) -> Value {
        let condition = self.eval(f, env, &e.condition);
        let Some(answer) = condition.as_bool() else {
            return self.unknown_or_fail(&condition, e.condition.span, "a condition must be a boolean");
        };
        let branch = if answer { &e.then } else { &e.otherwise };
        let value = then(branch);
        let way = chosen(&value.origin, &condition, site);
        value.with_origin(way)
    }

    /// Whether a condition holds, or the unknown that it hangs on; and the way of what it reads.
    pub(super) fn holds(&self, f: &Frame, env: Env<'_>, condition: &Expr) -> (Result<bool, Arc<Unknown>>, Origin) {
        let value = self.eval(f, env, condition);
        let way = chosen(&Origin::default(), &value, condition.span);
        if let Some(answer) = value.as_bool() {
            return (Ok(answer), way);
        }
        let unknown = self.unknown_or_fail(&value, condition.span, "a condition must be a boolean");
        let why = unknown
            .as_unknown()
            .cloned()
            .unwrap_or_else(|| Arc::new(Unknown::new(crate::tree::Reason::Error, crate::tree::WaitsFor::Nothing)));
        (Err(why), way)
    }

    pub(super) fn binary(&self, f: &Frame, env: Env<'_>, op: BinaryOp, sides: &(Expr, Expr), site: Span) -> Value {
        let left = self.eval(f, env, &sides.0);
        match op {
            BinaryOp::And => self.logical(f, env, left, &sides.1, false, site),
            BinaryOp::Or => self.logical(f, env, left, &sides.1, true, site),
            _ => {
                let right = self.eval(f, env, &sides.1);
                self.operate(f, op, left, right, site)
            }
        }
    }

    /// `&&` and `||`: one side that decides is enough, whatever the other is.
    fn logical(&self, f: &Frame, env: Env<'_>, left: Value, right: &Expr, deciding: bool, site: Span) -> Value {
        if left.as_bool() == Some(deciding) {
            return self.answer(deciding, &[left], site);
        }
        if left.as_bool().is_none() && super::first_unknown(&left).is_none() {
            return self.unknown_or_fail(&left, site, "an operand must be a boolean");
        }
        let right = self.eval(f, env, right);
        match (left.as_bool(), right.as_bool()) {
            (_, Some(answer)) if answer == deciding => self.answer(deciding, &[left, right], site),
            (Some(_), Some(_)) => self.answer(!deciding, &[left, right], site),
            (None, _) => self.unknown_or_fail(&left, site, "an operand must be a boolean"),
            (_, None) => self.unknown_or_fail(&right, site, "an operand must be a boolean"),
        }
    }

    fn answer(&self, answer: bool, from: &[Value], site: Span) -> Value {
        Value::bool(answer, site).with_origin(functions::composed(from, site))
    }

    fn operate(&self, f: &Frame, op: BinaryOp, left: Value, right: Value, site: Span) -> Value {
        let (name, negated) = match op {
            BinaryOp::Equals => ("equals", false),
            BinaryOp::NotEquals => ("equals", true),
            BinaryOp::EqualsIgnoreCase | BinaryOp::NotEqualsIgnoreCase => {
                let lower = |v: Value| self.library(f, "toLower", &[v], site);
                let (left, right) = (lower(left), lower(right));
                let op = match op {
                    BinaryOp::EqualsIgnoreCase => BinaryOp::Equals,
                    _ => BinaryOp::NotEquals,
                };
                return self.operate(f, op, left, right, site);
            }
            BinaryOp::Less => ("less", false),
            BinaryOp::LessOrEquals => ("lessOrEquals", false),
            BinaryOp::Greater => ("greater", false),
            BinaryOp::GreaterOrEquals => ("greaterOrEquals", false),
            BinaryOp::Add => ("add", false),
            BinaryOp::Subtract => ("sub", false),
            BinaryOp::Multiply => ("mul", false),
            BinaryOp::Divide => ("div", false),
            BinaryOp::Modulo => ("mod", false),
            BinaryOp::And | BinaryOp::Or => return super::failed(site),
        };
        let value = self.library(f, name, &[left, right], site);
        match value.as_bool() {
            Some(answer) if negated => Value::bool(!answer, site).with_origin(value.origin),
            _ => value,
        }
    }

    pub(super) fn unary(&self, f: &Frame, env: Env<'_>, op: UnaryOp, operand: &Expr, site: Span) -> Value {
        let value = self.eval(f, env, operand);
        match op {
            UnaryOp::Plus | UnaryOp::NonNull => value,
            UnaryOp::Not => self.library(f, "not", &[value], site),
            UnaryOp::Minus => {
                let zero = Value::int(0, site);
                self.library(f, "sub", &[zero, value], site)
            }
        }
    }

    pub(super) fn coalesce(&self, f: &Frame, env: Env<'_>, values: &[Expr], site: Span) -> Value {
        let mut last = Value::null(site);
        for e in values {
            let value = self.eval(f, env, e);
            if value.is_null() {
                last = value;
                continue;
            }
            return value;
        }
        last
    }
}

/// A way with the condition that chose what goes it. A condition that reads nothing leaves it as it is.
pub(super) fn chosen(way: &Origin, condition: &Value, site: Span) -> Origin {
    let mut inputs = Vec::new();
    leaves(condition.span, &condition.origin, &mut inputs);
    if inputs.is_empty() {
        return way.clone();
    }
    way.push(StepKind::Condition, site, None, inputs.into())
}

/// What a composed value was made of in the end: the values that were written, not the expressions between.
fn leaves(span: Span, origin: &Origin, into: &mut Vec<Input>) {
    if into.len() >= MOST_INPUTS || origin.is_empty() {
        return;
    }
    let mut composed = false;
    for step in origin.steps().filter(|s| s.kind == StepKind::Composed) {
        composed = true;
        for input in &step.inputs {
            if input.origin.is_empty() {
                if into.len() < MOST_INPUTS {
                    into.push(input.clone());
                }
            } else {
                leaves(input.span, &input.origin, into);
            }
        }
    }
    // A composed value keeps its own names, too: the variable that holds it leads to the same parameters.
    if !composed {
        into.push(Input { span, origin: origin.clone() });
    }
}
