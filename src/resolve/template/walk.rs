//! The parts of an expression.

use super::{Element, Expr, ExprKind, Key, Over, Piece, Property};

/// Calls `visit` with each expression that stands directly in another one.
pub fn children<'e>(e: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    match &e.kind {
        ExprKind::Literal(_)
        | ExprKind::Param(_)
        | ExprKind::Variable(_)
        | ExprKind::Local(_)
        | ExprKind::Imported(_)
        | ExprKind::Symbol(_)
        | ExprKind::Error => {}
        ExprKind::Named(_, name) => visit(name),
        ExprKind::Object(properties) => members(properties, visit),
        ExprKind::Array(elements) => {
            for element in elements {
                match element {
                    Element::Item(e) | Element::Spread(e) => visit(e),
                }
            }
        }
        ExprKind::Interpolation(pieces) => {
            for piece in pieces {
                if let Piece::Expr(e) = piece {
                    visit(e);
                }
            }
        }
        ExprKind::Ternary(ternary) => {
            visit(&ternary.condition);
            visit(&ternary.then);
            visit(&ternary.otherwise);
        }
        ExprKind::Binary(_, sides) => {
            visit(&sides.0);
            visit(&sides.1);
        }
        ExprKind::Unary(_, operand) => visit(operand),
        ExprKind::Coalesce(values) => values.iter().for_each(visit),
        ExprKind::Access(access) => {
            visit(&access.base);
            for step in &access.steps {
                if let Key::Index(e) | Key::FromEnd(e) = &step.key {
                    visit(e);
                }
            }
        }
        ExprKind::Call(call) => call.args.iter().for_each(visit),
        ExprKind::UserCall(call) => call.args.iter().for_each(visit),
        ExprKind::Lambda(lambda) => visit(&lambda.body),
        ExprKind::For(each) => {
            match &each.over.over {
                Over::Items(e) | Over::Count(e) => visit(e),
            }
            each.filter.iter().for_each(&mut *visit);
            visit(&each.body);
        }
        ExprKind::Shared(shared) => visit(&shared.expr),
        ExprKind::Reference(reference) => visit(&reference.target),
    }
}

/// Calls `visit` with each expression of a map's entries.
pub fn members<'e>(properties: &'e [Property], visit: &mut dyn FnMut(&'e Expr)) {
    for property in properties {
        match property {
            Property::Fixed { value, .. } => visit(value),
            Property::Computed { key, value } => {
                visit(key);
                visit(value);
            }
            Property::Spread(e) => visit(e),
        }
    }
}
