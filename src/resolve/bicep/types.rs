//! Types as they are written, to types as they are checked.

use super::Lower;
use super::names::Named;
use crate::read::bicep::ast::{self, TypeKind as Written, UnaryOp};
use crate::resolve::template::{Additional, ObjectType, PropertyType, Type, TypeKind, TypePart};
use crate::source::Span;
use crate::tree::{Text, Value};

impl Lower<'_> {
    pub(super) fn ty(&mut self, written: &ast::TypeExpr) -> Type {
        let span = written.span;
        if self.stack.is_low() {
            self.too_deep(span);
            return Type::any();
        }
        let kind = match &written.kind {
            Written::Broken | Written::Resource(_) | Written::Interpolated(_) => TypeKind::Any,
            Written::Name(name) => self.named_type(name, span),
            Written::Null => TypeKind::Literal(Value::null(span)),
            Written::Bool(value) => TypeKind::Literal(Value::bool(*value, span)),
            Written::Int(n) => TypeKind::Literal(int(*n, 1, span)),
            Written::String(text) => TypeKind::Literal(Value::string(text.clone(), span)),
            Written::Unary(op, inner) => match (op, &inner.kind) {
                (UnaryOp::Minus, Written::Int(n)) => TypeKind::Literal(int(*n, -1, span)),
                (UnaryOp::Not, Written::Bool(value)) => TypeKind::Literal(Value::bool(!*value, span)),
                (UnaryOp::Plus, _) => return self.ty(inner),
                _ => TypeKind::Any,
            },
            Written::Array(item) => {
                let item = self.ty(item);
                TypeKind::Array(Some(Box::new(item)))
            }
            Written::Tuple(items) => {
                let items = items.iter().map(|item| {
                    let mut ty = self.ty(&item.ty);
                    self.constrain(&mut ty, &item.decorators);
                    ty
                });
                TypeKind::Tuple(items.collect())
            }
            Written::Object(properties) => self.object_type(properties),
            Written::Union(types) => {
                let members: Vec<Type> =
                    types.iter().filter(|ty| !matches!(ty.kind, Written::Null)).map(|ty| self.ty(ty)).collect();
                let null = types.iter().any(|ty| matches!(ty.kind, Written::Null));
                let nullable = null || members.iter().any(|ty| ty.nullable);
                let mut ty = Type::new(TypeKind::Union(members));
                ty.nullable = nullable;
                return ty;
            }
            Written::Nullable(inner) => {
                let mut ty = self.ty(inner);
                ty.nullable = true;
                return ty;
            }
            Written::NonNull(inner) => {
                let mut ty = self.ty(inner);
                ty.nullable = false;
                return ty;
            }
            Written::Paren(inner) => return self.ty(inner),
            Written::Property(of, name) => match self.namespaced(of, name) {
                Some(kind) => kind,
                None => self.part(of, TypePart::Property(name.text.clone())),
            },
            Written::AdditionalProperties(of) => self.part(of, TypePart::Additional),
            Written::Items(of) => self.part(of, TypePart::Items),
            Written::Index(of, index) => {
                let index = self.expr(index);
                match index.as_literal().and_then(Value::as_i64) {
                    Some(n) => self.part(of, TypePart::Item(usize::try_from(n).unwrap_or(0))),
                    None => TypeKind::Any,
                }
            }
            // `resourceInput<…>` and its like: what Azure's schemas say is not known here.
            Written::Generic { .. } => TypeKind::Any,
        };
        Type::new(kind)
    }

    fn named_type(&mut self, name: &Text, span: Span) -> TypeKind {
        match self.names.types.get(name) {
            Some(Named::Type(index)) => return TypeKind::Named(*index),
            Some(_) => return TypeKind::Any,
            None => {}
        }
        match self.names.file.get(name) {
            Some(Named::Foreign(foreign)) => {
                return match foreign.ty {
                    Some(index) => TypeKind::Foreign(foreign.template.clone(), index),
                    None => TypeKind::Any,
                };
            }
            Some(Named::Broken | Named::Builtin) => return TypeKind::Any,
            _ => {}
        }
        builtin(name).unwrap_or_else(|| {
            self.problem(span, format!("there is no type `{name}`"));
            TypeKind::Any
        })
    }

    /// `namespace.type`.
    fn namespaced(&mut self, of: &ast::TypeExpr, name: &ast::Name) -> Option<TypeKind> {
        let Written::Name(namespace) = &of.kind else {
            return None;
        };
        match self.names.get(namespace)? {
            Named::Namespace(template) => match template.type_named(name) {
                Some(index) => Some(TypeKind::Foreign(template, index)),
                None => {
                    let detail = format!("`{namespace}` exports no type `{}`", name.text);
                    self.problem(name.span, detail);
                    Some(TypeKind::Any)
                }
            },
            Named::Builtin => Some(builtin(name).unwrap_or(TypeKind::Any)),
            Named::Broken => Some(TypeKind::Any),
            _ => None,
        }
    }

    fn part(&mut self, of: &ast::TypeExpr, part: TypePart) -> TypeKind {
        let of = self.ty(of);
        TypeKind::Part(Box::new(of), part)
    }

    fn object_type(&mut self, properties: &[ast::TypeProperty]) -> TypeKind {
        let mut object = ObjectType::default();
        for property in properties {
            let mut ty = self.ty(&property.ty);
            self.constrain(&mut ty, &property.decorators);
            match &property.key {
                None => object.additional = Additional::Of(ty),
                Some(key) => object.properties.extend(key.text().map(|name| PropertyType { name: name.into(), ty })),
            }
        }
        TypeKind::Object(Box::new(object))
    }
}

/// Refuses properties that an object's type does not name.
pub(super) fn seal(ty: &mut Type) {
    if let TypeKind::Object(object) = &mut ty.kind {
        object.additional = Additional::Sealed;
    }
}

/// Tells a union's objects apart by a property.
pub(super) fn tag(ty: &mut Type, tag: &str) {
    if let TypeKind::Union(types) = &mut ty.kind {
        ty.kind = TypeKind::Tagged(tag.into(), std::mem::take(types));
    }
}

fn builtin(name: &str) -> Option<TypeKind> {
    Some(match name {
        "string" => TypeKind::String,
        "int" => TypeKind::Int,
        "bool" => TypeKind::Bool,
        "array" => TypeKind::Array(None),
        "object" => TypeKind::Object(Box::default()),
        "any" => TypeKind::Any,
        _ => return None,
    })
}

fn int(magnitude: u64, sign: i128, span: Span) -> Value {
    let n = i64::try_from(i128::from(magnitude) * sign);
    Value::int(n.unwrap_or(i64::MAX), span)
}
