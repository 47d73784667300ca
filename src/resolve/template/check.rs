//! Whether a value fits a type. What is not known fits every type that it may yet turn out to be.

use std::sync::Arc;

use super::{Additional, Template, Type, TypeKind, TypePart};
use crate::source::Span;
use crate::tree::{Kind, Value};

/// How deep a value is compared with a type.
const DEPTH: usize = 64;

/// More misfits than this of one value say nothing new.
const MOST: usize = 20;

/// One place where a value does not fit.
#[derive(Debug)]
pub struct Misfit {
    /// Where a person would edit.
    pub span: Span,
    /// The way there from the parameter; empty for all of it.
    pub path: String,
    /// What is wrong, as the rest of a sentence that begins with what it is about.
    pub detail: String,
}

/// Where a value does not fit a type of a template. `key` is the place of its key.
#[must_use]
pub fn misfits(value: &Value, ty: &Type, template: &Arc<Template>, key: Span) -> Vec<Misfit> {
    let mut check = Check { found: Vec::new() };
    check.value(value, ty, template, key, "", DEPTH);
    check.found.truncate(MOST);
    check.found
}

/// Whether null fits a type.
#[must_use]
pub fn is_nullable(ty: &Type, template: &Arc<Template>) -> bool {
    ty.nullable || resolve(ty, template, DEPTH).is_some_and(|(ty, _)| ty.nullable)
}

struct Check {
    found: Vec<Misfit>,
}

impl Check {
    fn misfit(&mut self, span: Span, path: &str, detail: impl Into<String>) {
        self.found.push(Misfit { span, path: path.to_owned(), detail: detail.into() });
    }

    fn value(&mut self, value: &Value, ty: &Type, template: &Arc<Template>, key: Span, path: &str, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        if value.as_unknown().is_some() || (value.is_null() && ty.nullable) {
            return;
        }
        let before = self.found.len();
        self.kind(value, ty, template, key, path, depth);
        if self.found.len() == before {
            self.constraints(value, ty, path);
        }
    }

    fn kind(&mut self, value: &Value, ty: &Type, template: &Arc<Template>, key: Span, path: &str, depth: usize) {
        let wanted = match (&ty.kind, &value.kind) {
            (TypeKind::Any, _)
            | (TypeKind::String, Kind::String(_) | Kind::Parts(_))
            | (TypeKind::Bool, Kind::Bool(_))
            | (TypeKind::Array(None), Kind::List(_)) => return,
            (TypeKind::Int, Kind::Number(n)) if n.as_i64().is_some() => return,
            (TypeKind::Named(index), _) => {
                if let Some(named) = template.types.get(*index) {
                    self.value(value, &named.ty, template, key, path, depth);
                }
                return;
            }
            (TypeKind::Foreign(other, index), _) => {
                if let Some(named) = other.types.get(*index) {
                    self.value(value, &named.ty, other, key, path, depth);
                }
                return;
            }
            (TypeKind::Part(..), _) => {
                if let Some((ty, home)) = part(ty, template, depth) {
                    self.value(value, &ty, &home, key, path, depth);
                }
                return;
            }
            (TypeKind::Literal(literal), _) => {
                if !may_equal(value, literal) {
                    let detail = format!("must be {}", words(literal));
                    self.misfit(value.span, path, detail);
                }
                return;
            }
            (TypeKind::Union(types), _) => {
                self.union(value, types, template, key, path, depth);
                return;
            }
            (TypeKind::Tagged(tag, types), Kind::Map(_)) => {
                self.tagged(value, tag, types, template, key, path, depth);
                return;
            }
            (TypeKind::Array(Some(item)), Kind::List(list)) => {
                for (i, element) in list.iter().enumerate() {
                    let path = format!("{path}[{i}]");
                    self.value(element, item, template, Span::NONE, &path, depth);
                }
                return;
            }
            (TypeKind::Tuple(items), Kind::List(list)) => {
                if list.len() < items.len() {
                    let detail = format!("must have {} elements, not {}", items.len(), list.len());
                    self.misfit(value.span, path, detail);
                }
                for (i, (element, item)) in list.iter().zip(items).enumerate() {
                    let path = format!("{path}[{i}]");
                    self.value(element, item, template, Span::NONE, &path, depth);
                }
                return;
            }
            (TypeKind::Object(object), Kind::Map(map)) => {
                for property in &object.properties {
                    let below = join(path, &property.name);
                    match map.entry_ci(&property.name) {
                        Some(entry) => self.value(&entry.value, &property.ty, template, entry.key_span, &below, depth),
                        None if optional(&property.ty, template, depth) => {}
                        None => {
                            let place = lacking(value, key);
                            let detail = format!("lacks the property `{}`", property.name);
                            self.misfit(place, path, detail);
                        }
                    }
                }
                for entry in map.iter() {
                    let named = object.properties.iter().any(|p| p.name.eq_ignore_ascii_case(&entry.key));
                    match &object.additional {
                        _ if named => {}
                        Additional::Any => {}
                        Additional::Sealed => {
                            let detail = format!("has no property `{}`", entry.key);
                            self.misfit(entry.key_span, path, detail);
                        }
                        Additional::Of(ty) => {
                            let below = join(path, &entry.key);
                            self.value(&entry.value, ty, template, entry.key_span, &below, depth);
                        }
                    }
                }
                return;
            }
            (TypeKind::String, _) => "a string",
            (TypeKind::Int, _) => "a whole number",
            (TypeKind::Bool, _) => "a boolean",
            (TypeKind::Array(_) | TypeKind::Tuple(_), _) => "an array",
            (TypeKind::Object(_) | TypeKind::Tagged(..), _) => "an object",
        };
        let found = match &value.kind {
            Kind::Null => "null".to_owned(),
            Kind::List(_) => "an array".to_owned(),
            Kind::Map(_) => "an object".to_owned(),
            _ => format!("a {}", value.type_name()),
        };
        self.misfit(value.span, path, format!("must be {wanted}, not {found}"));
    }

    fn union(&mut self, value: &Value, types: &[Type], template: &Arc<Template>, key: Span, path: &str, depth: usize) {
        let fits = types.iter().any(|ty| {
            let mut check = Self { found: Vec::new() };
            check.value(value, ty, template, key, path, depth);
            check.found.is_empty()
        });
        if fits {
            return;
        }
        let literals: Vec<String> = types
            .iter()
            .filter_map(|ty| match &ty.kind {
                TypeKind::Literal(literal) => Some(words(literal)),
                _ => None,
            })
            .collect();
        let detail = if literals.len() == types.len() {
            format!("must be one of {}", literals.join(", "))
        } else {
            "fits none of its type's alternatives".to_owned()
        };
        self.misfit(value.span, path, detail);
    }

    #[allow(clippy::too_many_arguments)]
    fn tagged(
        &mut self,
        value: &Value,
        tag: &str,
        types: &[Type],
        template: &Arc<Template>,
        key: Span,
        path: &str,
        depth: usize,
    ) {
        let Some(kind) = value.get_ci(tag) else {
            let place = lacking(value, key);
            self.misfit(place, path, format!("lacks the property `{tag}`"));
            return;
        };
        if kind.as_str().is_none() {
            return;
        }
        for ty in types {
            let Some((ty, home)) = resolve(ty, template, depth) else {
                return;
            };
            let TypeKind::Object(object) = &ty.kind else {
                continue;
            };
            let is_this = object
                .properties
                .iter()
                .find(|p| p.name == tag)
                .and_then(|p| resolve(&p.ty, &home, depth))
                .is_some_and(|(p, _)| match (&p.kind, &p.allowed) {
                    (TypeKind::Literal(literal), _) => may_equal(kind, literal),
                    (_, Some(allowed)) => allowed.iter().any(|a| may_equal(kind, a)),
                    _ => false,
                });
            if is_this {
                self.value(value, &ty, &home, key, path, depth);
                return;
            }
        }
        let below = join(path, tag);
        self.misfit(kind.span, &below, "names none of its type's alternatives");
    }

    fn constraints(&mut self, value: &Value, ty: &Type, path: &str) {
        if let Some(allowed) = &ty.allowed {
            let one_of = |v: &Value| allowed.iter().any(|a| may_equal(v, a));
            // A list's allowed values may be meant for its elements.
            let fits = one_of(value)
                || value
                    .as_list()
                    .is_some_and(|list| !allowed.iter().any(|a| a.as_list().is_some()) && list.iter().all(one_of));
            if !fits {
                let list: Vec<String> = allowed.iter().take(12).map(words).collect();
                let more = if allowed.len() > list.len() { ", …" } else { "" };
                let detail = format!("must be one of {}{more}", list.join(", "));
                self.misfit(value.span, path, detail);
            }
        }
        let length = match &value.kind {
            Kind::String(text) => i64::try_from(text.encode_utf16().count()).ok(),
            Kind::List(list) => i64::try_from(list.len()).ok(),
            _ => None,
        };
        let what = match &value.kind {
            Kind::List(_) => "elements",
            _ => "characters",
        };
        if let (Some(length), Some(least)) = (length, ty.min_length)
            && length < least
        {
            let detail = format!("must have at least {least} {what}, not {length}");
            self.misfit(value.span, path, detail);
        }
        if let (Some(length), Some(most)) = (length, ty.max_length)
            && length > most
        {
            let detail = format!("must have at most {most} {what}, not {length}");
            self.misfit(value.span, path, detail);
        }
        if let (Some(n), Some(least)) = (value.as_i64(), ty.min_value)
            && n < least
        {
            self.misfit(value.span, path, format!("must be at least {least}, not {n}"));
        }
        if let (Some(n), Some(most)) = (value.as_i64(), ty.max_value)
            && n > most
        {
            self.misfit(value.span, path, format!("must be at most {most}, not {n}"));
        }
    }
}

/// Where a property is to be added: at the key of what lacks it, in a list at the item's first token.
fn lacking(value: &Value, key: Span) -> Span {
    if !key.is_none() && key.source == value.span.source {
        return key;
    }
    Span { end: value.span.end.min(value.span.start.saturating_add(1)), ..value.span }
}

fn optional(ty: &Type, template: &Arc<Template>, depth: usize) -> bool {
    ty.nullable
        || matches!(ty.kind, TypeKind::Any)
        || resolve(ty, template, depth).is_none_or(|(ty, _)| ty.nullable || matches!(ty.kind, TypeKind::Any))
}

/// A type behind its names, and the template that its own names belong to.
fn resolve(ty: &Type, template: &Arc<Template>, depth: usize) -> Option<(Type, Arc<Template>)> {
    let depth = depth.checked_sub(1)?;
    match &ty.kind {
        TypeKind::Named(index) => {
            let named = template.types.get(*index)?;
            let (mut found, home) = resolve(&named.ty, template, depth)?;
            found.nullable |= ty.nullable;
            Some((found, home))
        }
        TypeKind::Foreign(other, index) => {
            let named = other.types.get(*index)?;
            let (mut found, home) = resolve(&named.ty, other, depth)?;
            found.nullable |= ty.nullable;
            Some((found, home))
        }
        TypeKind::Part(..) => {
            let (found, home) = part(ty, template, depth)?;
            resolve(&found, &home, depth)
        }
        _ => Some((ty.clone(), template.clone())),
    }
}

/// The part of a type that a way into it means.
fn part(ty: &Type, template: &Arc<Template>, depth: usize) -> Option<(Type, Arc<Template>)> {
    let TypeKind::Part(of, which) = &ty.kind else {
        return None;
    };
    let (of, home) = resolve(of, template, depth.checked_sub(1)?)?;
    let found = match (which, of.kind) {
        (TypePart::Property(name), TypeKind::Object(object)) => {
            object.properties.into_iter().find(|p| p.name == *name).map(|p| p.ty).or(match object.additional {
                Additional::Of(ty) => Some(ty),
                _ => None,
            })
        }
        (TypePart::Additional, TypeKind::Object(object)) => match object.additional {
            Additional::Of(ty) => Some(ty),
            _ => None,
        },
        (TypePart::Items, TypeKind::Array(item)) => item.map(|ty| *ty),
        (TypePart::Item(index), TypeKind::Tuple(items)) => items.into_iter().nth(*index),
        _ => None,
    };
    Some((found?, home))
}

/// Whether a value is, or may turn out to be, another. Case does not count: Azure does not look at it either.
fn may_equal(value: &Value, other: &Value) -> bool {
    match (&value.kind, &other.kind) {
        (Kind::String(a), Kind::String(b)) => a.eq_ignore_ascii_case(b),
        (Kind::List(a), Kind::List(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| may_equal(a, b)),
        _ => crate::resolve::functions::equal(value, other) != Some(false),
    }
}

fn words(value: &Value) -> String {
    match &value.kind {
        Kind::String(text) => format!("`{text}`"),
        Kind::Number(n) => format!("`{n}`"),
        Kind::Bool(b) => format!("`{b}`"),
        Kind::Null => "null".to_owned(),
        _ => format!("a certain {}", value.type_name()),
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
