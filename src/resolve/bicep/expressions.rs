//! Expressions with their names bound.

use std::sync::Arc;

use super::Lower;
use super::names::{Foreign, Named};
use crate::read::bicep::ast::{self, ExprKind as Written, Member};
use crate::resolve::template::{
    BinaryOp, Element, Expr, ExprKind, For, Imported, Key, Lambda, Loop, Over, Piece, Property, Step, Symbol, Template,
    Ternary, UnaryOp,
};
use crate::source::Span;
use crate::tree::{Kind, Number, Style, Text, Value};

impl Lower<'_> {
    pub(super) fn expr(&mut self, e: &ast::Expr) -> Expr {
        let span = e.span;
        if self.stack.is_low() {
            return self.too_deep(span);
        }
        let kind = match &e.kind {
            Written::Broken => ExprKind::Error,
            Written::Null => ExprKind::Literal(Value::null(span)),
            Written::Bool(value) => ExprKind::Literal(Value::bool(*value, span)),
            Written::Int(n) => ExprKind::Literal(int(*n, span)),
            Written::String(text) => {
                let mut value = Value::string(text.clone(), span);
                value.style = Style::Single;
                ExprKind::Literal(value)
            }
            Written::Interpolated(pieces) => {
                let pieces = pieces.iter().map(|piece| match piece {
                    ast::Piece::Text(text) => Piece::Text(text.text.clone()),
                    ast::Piece::Hole(e) => Piece::Expr(self.expr(e)),
                });
                ExprKind::Interpolation(pieces.collect())
            }
            Written::Name(name) => return self.name_use(name, span),
            Written::Array(items) => {
                let elements = items
                    .iter()
                    .map(|item| {
                        let value = self.expr(&item.value);
                        match item.spread {
                            Some(_) => Element::Spread(value),
                            None => Element::Item(value),
                        }
                    })
                    .collect();
                return Expr::array(elements, span);
            }
            Written::Object(object) => {
                let properties = self.members(object, &[]);
                return Expr::object(properties, span);
            }
            Written::For(each) => {
                let (over, locals) = self.loop_head(&each.each);
                let body = self.with_locals(&locals, |lower| lower.expr(&each.body));
                ExprKind::For(Box::new(For { over, filter: None, body }))
            }
            Written::Ternary(ternary) => ExprKind::Ternary(Box::new(Ternary {
                condition: self.expr(&ternary.condition),
                then: self.expr(&ternary.yes),
                otherwise: self.expr(&ternary.no),
            })),
            Written::Binary(binary) => return self.binary(binary, span),
            Written::Unary(unary) => return self.unary(unary, span),
            Written::Call(call) => return self.call(call, span),
            Written::Property(access) => {
                if let Some(found) = self.namespace_member(&access.object, &access.name, span) {
                    return found;
                }
                let key = Key::Name(access.name.text.clone());
                return self.step(&access.object, key, access.safe, span);
            }
            Written::Index(index) => {
                let at = self.expr(&index.index);
                let key = match index.from_end {
                    true => Key::FromEnd(at),
                    false => Key::Index(at),
                };
                return self.step(&index.object, key, index.safe, span);
            }
            Written::Nested(_) => {
                return match self.nested_resource(e) {
                    Some(index) => Expr::new(ExprKind::Symbol(Symbol::Resource(index)), span),
                    None => Self::broken(span),
                };
            }
            Written::NonNull(inner) => {
                let inner = self.expr(inner);
                // Of a resource nobody knows yet what is null; the way into it goes on.
                if inner.is_into_resource() {
                    return inner;
                }
                ExprKind::Unary(UnaryOp::NonNull, Box::new(inner))
            }
            Written::Paren(inner) => return self.expr(inner),
            Written::Lambda(lambda) => {
                let params: Vec<Text> = lambda.params.iter().map(|p| p.text.clone()).collect();
                let body = self.with_locals(&params, |lower| lower.expr(&lambda.body));
                ExprKind::Lambda(Box::new(Lambda { params, body }))
            }
        };
        Expr::new(kind, span)
    }

    /// One step down. Parentheses end the reach of a safe step before them.
    fn step(&mut self, object: &ast::Expr, key: Key, safe: bool, span: Span) -> Expr {
        let base = self.expr(object);
        match object.kind {
            Written::Paren(_) => base.access_apart(Step { key, safe, span }),
            _ => base.access(key, safe, span),
        }
    }

    fn name_use(&mut self, name: &Text, span: Span) -> Expr {
        if self.names.is_local(name) {
            return Expr::new(ExprKind::Local(name.clone()), span);
        }
        let kind = match self.names.get(name) {
            Some(Named::Param(index)) => ExprKind::Param(index),
            Some(Named::Variable(index)) => ExprKind::Variable(index),
            Some(Named::Resource(index)) => ExprKind::Symbol(Symbol::Resource(index)),
            Some(Named::Module(index)) => ExprKind::Symbol(Symbol::Module(index)),
            Some(Named::Foreign(foreign)) => return self.foreign_variable(&foreign, span),
            Some(Named::Broken) => ExprKind::Error,
            Some(Named::Namespace(_) | Named::Builtin) => {
                self.problem(span, format!("`{name}` is a namespace, not a value"));
                ExprKind::Error
            }
            Some(Named::Function(_)) => {
                self.problem(span, format!("`{name}` is a function, not a value"));
                ExprKind::Error
            }
            Some(Named::Type(_)) | None => {
                self.problem(span, format!("`{name}` is not declared"));
                ExprKind::Error
            }
        };
        Expr::new(kind, span)
    }

    fn foreign_variable(&mut self, foreign: &Foreign, span: Span) -> Expr {
        let Some(variable) = foreign.variable else {
            self.problem(span, format!("`{}` is not a variable", foreign.name));
            return Self::broken(span);
        };
        let imported = Imported { template: foreign.template.clone(), variable, name: foreign.name.clone() };
        Expr::new(ExprKind::Imported(imported.into()), span)
    }

    /// `namespace.variable`.
    fn namespace_member(&mut self, object: &ast::Expr, name: &ast::Name, span: Span) -> Option<Expr> {
        let Written::Name(namespace) = &object.kind else {
            return None;
        };
        if self.names.is_local(namespace) {
            return None;
        }
        match self.names.get(namespace)? {
            Named::Namespace(template) => match Foreign::of(&template, name) {
                Some(foreign) => Some(self.foreign_variable(&foreign, span)),
                None => {
                    let detail = format!("`{namespace}` exports no `{}`", name.text);
                    self.problem(name.span, detail);
                    Some(Self::broken(span))
                }
            },
            Named::Broken => Some(Self::broken(span)),
            _ => None,
        }
    }

    /// The resource that `a::b` or `a` means; said when there is none.
    pub(super) fn nested_resource(&mut self, e: &ast::Expr) -> Option<usize> {
        match &e.kind {
            Written::Nested(nested) => {
                let parent = self.nested_resource(&nested.parent)?;
                let child = self.names.child(parent, &nested.name);
                if child.is_none() {
                    let detail = format!("there is no resource `{}` inside", nested.name.text);
                    self.problem(nested.name.span, detail);
                }
                child
            }
            Written::Name(name) => match self.names.get(name) {
                Some(Named::Resource(index)) => Some(index),
                Some(Named::Broken) => None,
                _ => {
                    self.problem(e.span, format!("`{name}` is not a resource"));
                    None
                }
            },
            Written::Paren(inner) | Written::NonNull(inner) => self.nested_resource(inner),
            Written::Broken => None,
            _ => {
                self.problem(e.span, "this is not a resource");
                None
            }
        }
    }

    /// The members of an object but those with these keys.
    pub(super) fn members(&mut self, object: &ast::Object, without: &[&str]) -> Vec<Property> {
        let mut properties = Vec::with_capacity(object.members.len());
        for member in &object.members {
            match member {
                Member::Property(property) => properties.extend(match &property.key {
                    ast::Key::Fixed(name) if without.contains(&name.text.as_str()) => None,
                    ast::Key::Fixed(name) => Some(Property::Fixed {
                        key: name.text.clone(),
                        key_span: name.span,
                        value: self.expr(&property.value),
                    }),
                    ast::Key::Computed(key) => {
                        Some(Property::Computed { key: self.expr(key), value: self.expr(&property.value) })
                    }
                }),
                Member::Spread(_, e) => properties.push(Property::Spread(self.expr(e))),
                Member::Resource(_) => {}
                // What it was to be nobody knows, so nobody knows what the whole is.
                Member::Broken(span) => properties.push(Property::Spread(Self::broken(*span))),
            }
        }
        properties
    }

    /// A loop's head, and the variables that it gives its body.
    pub(super) fn loop_head(&mut self, each: &ast::Loop) -> (Loop, Vec<Text>) {
        let list = self.expr(&each.list);
        let item = each.item.text.clone();
        let index: Vec<Text> = each.index.iter().map(|n| n.text.clone()).collect();
        let mut locals = vec![item.clone()];
        locals.extend(index.iter().cloned());
        let over = Loop { item: Some(item), index, over: Over::Items(list), span: each.span };
        (over, locals)
    }

    fn binary(&mut self, binary: &ast::Binary, span: Span) -> Expr {
        let left = self.expr(&binary.left);
        let right = self.expr(&binary.right);
        let op = match binary.op {
            ast::BinaryOp::Coalesce => {
                return Expr::new(ExprKind::Coalesce(vec![left, right]), span);
            }
            ast::BinaryOp::Multiply => BinaryOp::Multiply,
            ast::BinaryOp::Divide => BinaryOp::Divide,
            ast::BinaryOp::Modulo => BinaryOp::Modulo,
            ast::BinaryOp::Add => BinaryOp::Add,
            ast::BinaryOp::Subtract => BinaryOp::Subtract,
            ast::BinaryOp::Less => BinaryOp::Less,
            ast::BinaryOp::LessOrEqual => BinaryOp::LessOrEquals,
            ast::BinaryOp::Greater => BinaryOp::Greater,
            ast::BinaryOp::GreaterOrEqual => BinaryOp::GreaterOrEquals,
            ast::BinaryOp::Equal => BinaryOp::Equals,
            ast::BinaryOp::NotEqual => BinaryOp::NotEquals,
            ast::BinaryOp::EqualIgnoringCase => BinaryOp::EqualsIgnoreCase,
            ast::BinaryOp::NotEqualIgnoringCase => BinaryOp::NotEqualsIgnoreCase,
            ast::BinaryOp::And => BinaryOp::And,
            ast::BinaryOp::Or => BinaryOp::Or,
        };
        Expr::new(ExprKind::Binary(op, Box::new((left, right))), span)
    }

    fn unary(&mut self, unary: &ast::Unary, span: Span) -> Expr {
        let op = match (unary.op, &unary.operand.kind) {
            (ast::UnaryOp::Minus, Written::Int(n)) => {
                let n = i64::try_from(-i128::from(*n)).unwrap_or(i64::MIN);
                return Expr::literal(Value::int(n, span));
            }
            (ast::UnaryOp::Not, _) => UnaryOp::Not,
            (ast::UnaryOp::Minus, _) => UnaryOp::Minus,
            (ast::UnaryOp::Plus, _) => UnaryOp::Plus,
        };
        let operand = self.expr(&unary.operand);
        Expr::new(ExprKind::Unary(op, Box::new(operand)), span)
    }
}

/// Somebody else's or one's own function, and a template that declares it.
pub(super) type UserFunction = (Option<Arc<Template>>, usize);

fn int(n: u64, span: Span) -> Value {
    match i64::try_from(n) {
        Ok(n) => Value::int(n, span),
        Err(_) => Value::new(Kind::Number(Number::UInt(n)), span),
    }
}
