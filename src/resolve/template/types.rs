//! Types of parameters, user-defined ones included, as both front ends lower them.

use std::sync::Arc;

use super::Template;
use crate::tree::{Text, Value};

/// A type with its constraints.
#[derive(Clone, Debug)]
pub struct Type {
    /// What it is.
    pub kind: TypeKind,
    /// Whether null will do.
    pub nullable: bool,
    /// Whether its value is secret.
    pub secure: bool,
    /// The values that will do, if not all.
    pub allowed: Option<Vec<Value>>,
    /// Least length of a string or list.
    pub min_length: Option<i64>,
    /// Greatest length.
    pub max_length: Option<i64>,
    /// Least number.
    pub min_value: Option<i64>,
    /// Greatest number.
    pub max_value: Option<i64>,
}

/// What a type is.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// Anything, or a type that is not checked here (a resource's).
    Any,
    /// `string`
    String,
    /// `int`
    Int,
    /// `bool`
    Bool,
    /// A map.
    Object(Box<ObjectType>),
    /// A list; without a type its elements may be anything.
    Array(Option<Box<Type>>),
    /// A list of fixed length.
    Tuple(Vec<Type>),
    /// Exactly this value.
    Literal(Value),
    /// One of these.
    Union(Vec<Type>),
    /// One of these objects, which a property tells apart.
    Tagged(Text, Vec<Type>),
    /// A type of the same template.
    Named(usize),
    /// A type of another template.
    Foreign(Arc<Template>, usize),
    /// A part of another type.
    Part(Box<Type>, TypePart),
}

/// Which part of a type.
#[derive(Clone, Debug)]
pub enum TypePart {
    /// The type of a property.
    Property(Text),
    /// The type of the properties that have no name.
    Additional,
    /// The type of the elements.
    Items,
    /// The type of one element of a tuple.
    Item(usize),
}

/// A map's type.
#[derive(Clone, Debug, Default)]
pub struct ObjectType {
    /// Its properties.
    pub properties: Vec<PropertyType>,
    /// What other properties may be.
    pub additional: Additional,
}

/// A property's type.
#[derive(Clone, Debug)]
pub struct PropertyType {
    /// The key.
    pub name: Text,
    /// Its type.
    pub ty: Type,
}

/// Properties that have no name.
#[derive(Clone, Debug, Default)]
pub enum Additional {
    /// May be anything.
    #[default]
    Any,
    /// Must not be there.
    Sealed,
    /// Have this type.
    Of(Type),
}

impl Type {
    /// A type without constraints.
    #[must_use]
    pub fn new(kind: TypeKind) -> Self {
        Self {
            kind,
            nullable: false,
            secure: false,
            allowed: None,
            min_length: None,
            max_length: None,
            min_value: None,
            max_value: None,
        }
    }

    /// Anything.
    #[must_use]
    pub fn any() -> Self {
        Self::new(TypeKind::Any)
    }
}
