//! Types of parameters and definitions.

use super::Lower;
use crate::resolve::template::{Additional, ObjectType, PropertyType, Type, TypeKind, TypePart};
use crate::tree::{Text, Value};

impl Lower<'_> {
    /// The type that a parameter, definition, property or item describes.
    pub(super) fn ty(&mut self, schema: &Value) -> Type {
        let mut ty = Type::new(self.type_kind(schema));
        let word = schema.get_ci("type").and_then(Value::as_str);
        ty.secure = word.is_some_and(|w| w.to_ascii_lowercase().starts_with("secure"));
        ty.nullable = schema.get_ci("nullable").and_then(Value::as_bool) == Some(true);
        ty.allowed = schema.get_ci("allowedValues").and_then(Value::as_list).map(<[_]>::to_vec);
        let number = |key: &str| schema.get_ci(key).and_then(Value::as_i64);
        ty.min_length = number("minLength");
        ty.max_length = number("maxLength");
        ty.min_value = number("minValue");
        ty.max_value = number("maxValue");
        ty
    }

    fn type_kind(&mut self, schema: &Value) -> TypeKind {
        if let Some(reference) = schema.get_ci("$ref") {
            return self.type_reference(reference);
        }
        let Some(word) = schema.get_ci("type").and_then(Value::as_str) else {
            return TypeKind::Any;
        };
        match word.to_ascii_lowercase().as_str() {
            "string" | "securestring" => TypeKind::String,
            "int" => TypeKind::Int,
            "bool" => TypeKind::Bool,
            "object" | "secureobject" => self.object_type(schema),
            "array" => self.array_type(schema),
            _ => TypeKind::Any,
        }
    }

    fn type_reference(&mut self, reference: &Value) -> TypeKind {
        let name = reference.as_str().and_then(|r| r.strip_prefix("#/definitions/"));
        let Some(name) = name else {
            return TypeKind::Any;
        };
        // References escape `/` and `~` as JSON pointers do.
        let mut steps = name.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
        let first = steps.next().unwrap_or_default();
        let same = |held: &Text| held.eq_ignore_ascii_case(&first);
        let Some(index) = self.type_names.iter().position(same) else {
            self.problem(reference.span, format!("there is no definition `{first}`"));
            return TypeKind::Any;
        };
        let mut kind = TypeKind::Named(index);
        while let Some(step) = steps.next() {
            let part = match step.as_str() {
                "properties" => TypePart::Property(steps.next().unwrap_or_default().into()),
                "items" => TypePart::Items,
                "prefixItems" => TypePart::Item(steps.next().and_then(|n| n.parse().ok()).unwrap_or(0)),
                "additionalProperties" => TypePart::Additional,
                _ => return TypeKind::Any,
            };
            kind = TypeKind::Part(Box::new(Type::new(kind)), part);
        }
        kind
    }

    fn array_type(&mut self, schema: &Value) -> TypeKind {
        if let Some(items) = schema.get_ci("prefixItems") {
            return TypeKind::Tuple(items.items().iter().map(|i| self.ty(i)).collect());
        }
        let items = schema.get_ci("items").filter(|i| i.as_map().is_some());
        TypeKind::Array(items.map(|i| Box::new(self.ty(i))))
    }

    fn object_type(&mut self, schema: &Value) -> TypeKind {
        if let Some(discriminator) = schema.get_ci("discriminator") {
            let tag = discriminator.get_ci("propertyName").and_then(Value::as_str);
            let mapping = discriminator.get_ci("mapping").map(Value::entries);
            let types = mapping.unwrap_or_default().iter().map(|entry| self.ty(&entry.value)).collect();
            return TypeKind::Tagged(tag.unwrap_or_default().into(), types);
        }
        let properties = schema
            .get_ci("properties")
            .map(Value::entries)
            .unwrap_or_default()
            .iter()
            .map(|entry| PropertyType { name: entry.key.clone(), ty: self.ty(&entry.value) })
            .collect();
        let additional = match schema.get_ci("additionalProperties") {
            Some(no) if no.as_bool() == Some(false) => Additional::Sealed,
            Some(schema) if schema.as_map().is_some() => Additional::Of(self.ty(schema)),
            _ => Additional::Any,
        };
        TypeKind::Object(Box::new(ObjectType { properties, additional }))
    }
}
