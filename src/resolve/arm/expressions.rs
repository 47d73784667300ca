//! Expressions: literals and ways down. Calls are in [`calls`](super::calls).

use super::Lower;
use crate::read::arm_expr::{ArmExpr, ArmKind};
use crate::resolve::template::{Expr, Key, Step};
use crate::tree::Value;

impl Lower<'_> {
    pub(super) fn expr(&mut self, e: &ArmExpr) -> Expr {
        let span = e.span;
        match &e.kind {
            ArmKind::String(text) => Expr::literal(Value::string(text.clone(), span)),
            ArmKind::Int(n) => Expr::literal(Value::int(*n, span)),
            ArmKind::Call(call) => self.call(call, span),
            ArmKind::Property(property) => {
                let key = Key::Name(property.name.text.clone());
                self.step(&property.object, key, span)
            }
            ArmKind::Index(index) => {
                let at = self.expr(&index.index);
                let key = match at.as_str() {
                    Some(name) => Key::Name(name.into()),
                    None => Key::Index(at),
                };
                self.step(&index.object, key, span)
            }
        }
    }

    fn step(&mut self, object: &ArmExpr, key: Key, span: crate::source::Span) -> Expr {
        let base = self.expr(object);
        let safe = false;
        match object.kind {
            // A safe step inside of a call does not reach over what comes after it.
            ArmKind::Call(_) => base.access_apart(Step { key, safe, span }),
            _ => base.access(key, safe, span),
        }
    }
}
