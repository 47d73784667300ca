//! Expressions: literals and ways down. Calls are in [`calls`](super::calls).

use super::Lower;
use crate::read::arm_expr::{ArmCall, ArmExpr, ArmKind};
use crate::resolve::template::{Expr, Key, Step};
use crate::tree::Value;

impl Lower<'_> {
    pub(super) fn expr(&mut self, e: &ArmExpr) -> Expr {
        let span = e.span;
        if self.stack.is_low() {
            return self.too_deep(span);
        }
        match &e.kind {
            ArmKind::String(text) => Expr::literal(Value::string(text.clone(), span)),
            ArmKind::Int(n) => Expr::literal(Value::int(*n, span)),
            ArmKind::Call(call) => self.call(call, span),
            ArmKind::Property(property) => {
                let key = Key::Name(property.name.text.clone());
                self.step(&property.object, key, span)
            }
            ArmKind::Index(index) => {
                if let Some(segment) = self.name_segment(&index.object, &index.index) {
                    return segment;
                }
                let at = self.expr(&index.index);
                let key = match at.as_str() {
                    Some(name) => Key::Name(name.into()),
                    None => Key::Index(at),
                };
                self.step(&index.object, key, span)
            }
        }
    }

    /// `split(format('{0}/{1}', a, b), '/')[1]`: so the compiler takes names apart that it put together. No segment of
    /// a name has a slash in it, so this is `b`, even where that is not known.
    fn name_segment(&mut self, object: &ArmExpr, index: &ArmExpr) -> Option<Expr> {
        let (ArmKind::Call(split), ArmKind::Int(n)) = (&object.kind, &index.kind) else {
            return None;
        };
        let [ArmExpr { kind: ArmKind::Call(format), .. }, ArmExpr { kind: ArmKind::String(slash), .. }] =
            split.args.as_slice()
        else {
            return None;
        };
        let is = |call: &ArmCall, name: &str| call.namespace.is_none() && call.name.eq_ignore_ascii_case(name);
        if !is(split, "split") || !is(format, "format") || slash != "/" {
            return None;
        }
        let (ArmExpr { kind: ArmKind::String(pattern), .. }, args) = format.args.split_first()? else {
            return None;
        };
        let n = usize::try_from(*n).ok()?;
        let segment = pattern.split('/').nth(n)?;
        let used = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')).and_then(|s| s.parse::<usize>().ok());
        if let Some(used) = used {
            return args.get(used).map(|e| self.expr(e));
        }
        let segment = Expr::literal(Value::string(segment, object.span));
        if !segment.as_str().is_some_and(|s| s.contains(['{', '}'])) {
            return Some(segment);
        }
        let args = std::iter::once(segment).chain(args.iter().map(|e| self.expr(e))).collect();
        Some(Expr::call("format", args, object.span))
    }

    fn step(&mut self, object: &ArmExpr, key: Key, span: crate::source::Span) -> Expr {
        let base = self.expr(object);
        let safe = false;
        match object.kind {
            // A safe step inside of a call does not reach over what comes after it.
            ArmKind::Call(_) if !base.is_into_resource() => base.access_apart(Step { key, safe, span }),
            _ => base.access(key, safe, span),
        }
    }
}
