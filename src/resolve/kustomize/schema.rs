//! Which lists merge by which keys: kustomize's built-in table, or a custom OpenAPI document's.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::tree::{Text, Value};

/// The fields of a type that matter for merging.
#[derive(Clone, Debug, Default)]
struct Type {
    fields: Vec<(Text, Field)>,
}

#[derive(Clone, Debug)]
struct Field {
    /// A list that merges, by these keys; by its values where there are none.
    merges: Option<Vec<Text>>,
    /// The type of the field, or of a list's elements.
    of: Option<usize>,
    list: bool,
}

/// All types.
#[derive(Clone, Debug, Default)]
pub(super) struct Schema {
    types: Vec<Type>,
    /// Types by `apiVersion` and `kind`.
    objects: HashMap<(Text, Text), usize>,
}

/// A place in the schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'s> {
    schema: &'s Schema,
    here: Here<'s>,
}

#[derive(Clone, Copy, Debug)]
enum Here<'s> {
    Type(usize),
    Field(&'s Field),
    /// Known, with nothing in it that merges.
    Plain,
}

impl Schema {
    /// What kustomize has built in.
    pub fn builtin() -> Arc<Self> {
        static BUILTIN: LazyLock<Arc<Schema>> = LazyLock::new(|| Arc::new(read(include_str!("data/merge_keys.txt"))));
        Arc::clone(&BUILTIN)
    }

    /// The place of an object's root, if its kind is known.
    pub fn object(&self, api_version: &str, kind: &str) -> Option<At<'_>> {
        let index = self.objects.get(&(Text::from(api_version), Text::from(kind)))?;
        Some(At { schema: self, here: Here::Type(*index) })
    }

    /// An OpenAPI document's definitions. Kinds are found by `x-kubernetes-group-version-kind`.
    pub fn custom(document: &Value) -> Self {
        let definitions = document.get("definitions").map(Value::entries).unwrap_or_default();
        let index: HashMap<&str, usize> = definitions.iter().enumerate().map(|(i, e)| (e.key.as_str(), i)).collect();
        let mut schema = Self::default();
        for (i, definition) in definitions.iter().enumerate() {
            let fields = custom_type(&definition.value, &index, &mut schema, 0);
            // Inline types are appended behind the definitions.
            schema.place(i, definitions.len(), fields);
            for gvk in definition.value.get("x-kubernetes-group-version-kind").map(Value::items).unwrap_or_default() {
                let part = |key| gvk.get(key).and_then(Value::as_str).unwrap_or_default();
                let version = match part("group") {
                    "" => Text::from(part("version")),
                    group => compact_str::format_compact!("{group}/{}", part("version")),
                };
                schema.objects.insert((version, part("kind").into()), i);
            }
        }
        schema
    }

    fn place(&mut self, index: usize, definitions: usize, made: Type) {
        if self.types.len() < definitions {
            self.types.resize_with(definitions, Type::default);
        }
        if let Some(slot) = self.types.get_mut(index) {
            *slot = made;
        }
    }
}

/// Inline schemas nest no deeper than this.
const DEPTH: usize = 64;

fn custom_type(definition: &Value, index: &HashMap<&str, usize>, schema: &mut Schema, depth: usize) -> Type {
    let mut made = Type::default();
    let properties = definition.get("properties").map(Value::entries).unwrap_or_default();
    schema.place(usize::MAX, index.len(), Type::default());
    for property in properties.iter().filter(|_| depth < DEPTH) {
        let field = custom_field(&property.value, index, schema, depth + 1);
        made.fields.push((property.key.clone(), field));
    }
    made
}

fn custom_field(property: &Value, index: &HashMap<&str, usize>, schema: &mut Schema, depth: usize) -> Field {
    let list = property.get("type").and_then(Value::as_str) == Some("array");
    let inner = if list { property.get("items") } else { Some(property) };
    let reference = inner.and_then(|i| i.get("$ref")).and_then(Value::as_str).and_then(|r| r.rsplit('/').next());
    let of = match (reference, inner) {
        (Some(name), _) => index.get(name).copied(),
        (None, Some(inner)) if inner.get("properties").is_some() => {
            let made = custom_type(inner, index, schema, depth);
            schema.types.push(made);
            Some(schema.types.len() - 1)
        }
        _ => None,
    };
    let strategy = property.get("x-kubernetes-patch-strategy").and_then(Value::as_str).unwrap_or_default();
    let merges = (list && strategy.split(',').any(|s| s == "merge")).then(|| {
        let listed = property.get("x-kubernetes-list-map-keys").map(Value::items);
        let single = property.get("x-kubernetes-patch-merge-key");
        match (listed, single) {
            (Some(keys), _) => keys.iter().filter_map(|k| k.as_str().map(Text::from)).collect(),
            (None, Some(key)) => key.as_str().map(Text::from).into_iter().collect(),
            (None, None) => Vec::new(),
        }
    });
    Field { merges, of, list }
}

impl<'s> At<'s> {
    /// The place of a field.
    pub fn field(self, name: &str) -> Option<Self> {
        let index = match self.here {
            Here::Type(index) => index,
            Here::Field(field) if !field.list => match field.of {
                Some(index) => index,
                None => return Some(self.plain()),
            },
            Here::Field(_) | Here::Plain => return Some(self.plain()),
        };
        let fields = &self.schema.types.get(index)?.fields;
        Some(match fields.iter().find(|(n, _)| n == name) {
            Some((_, field)) => Self { here: Here::Field(field), ..self },
            None => self.plain(),
        })
    }

    /// The place of a list's elements.
    pub fn elements(self) -> Option<Self> {
        match self.here {
            Here::Field(field) if field.list => Some(match field.of {
                Some(index) => Self { here: Here::Type(index), ..self },
                None => self.plain(),
            }),
            _ => None,
        }
    }

    /// The keys by which a list merges; nothing for one that is replaced.
    pub fn merge_keys(self) -> Option<&'s [Text]> {
        match self.here {
            Here::Field(field) => field.merges.as_deref(),
            _ => None,
        }
    }

    fn plain(self) -> Self {
        Self { here: Here::Plain, ..self }
    }
}

fn read(table: &str) -> Schema {
    let lines = || table.lines().filter(|l| !l.starts_with('#'));
    let index: HashMap<&str, usize> =
        lines().filter(|l| !l.starts_with(' ')).enumerate().map(|(i, name)| (name, i)).collect();
    let mut schema = Schema::default();
    for line in lines() {
        if !line.starts_with(' ') {
            schema.types.push(Type::default());
            continue;
        }
        let here = schema.types.len().saturating_sub(1);
        let mut words = line.split_whitespace();
        let (Some(first), rest) = (words.next(), words) else {
            continue;
        };
        if first == "=" {
            for object in rest {
                if let Some((version, kind)) = object.rsplit_once('/') {
                    schema.objects.insert((version.into(), kind.into()), here);
                }
            }
            continue;
        }
        let rest: Vec<&str> = rest.collect();
        let (mark, of) = (rest.first().copied(), rest.get(1));
        let field = Field {
            merges: mark
                .and_then(|m| m.strip_prefix('+'))
                .map(|keys| keys.split(',').filter(|k| !k.is_empty()).map(Text::from).collect()),
            of: of.and_then(|name| index.get(name).copied()),
            list: mark != Some("."),
        };
        if let Some(last) = schema.types.last_mut() {
            last.fields.push((first.into(), field));
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads() {
        let schema = Schema::builtin();
        let spec = schema
            .object("apps/v1", "Deployment")
            .and_then(|d| d.field("spec")?.field("template")?.field("spec"))
            .unwrap();
        let containers = spec.field("containers").unwrap();
        assert_eq!(containers.merge_keys().unwrap(), ["name"]);
        let ports = containers.elements().unwrap().field("ports").unwrap();
        assert_eq!(ports.merge_keys().unwrap(), ["containerPort", "protocol"]);
        assert!(spec.field("nodeSelector").unwrap().merge_keys().is_none());
        let finalizers = schema.object("v1", "Pod").and_then(|p| p.field("metadata")?.field("finalizers")).unwrap();
        assert_eq!(finalizers.merge_keys(), Some(&[][..]));
        assert!(schema.object("example.com/v1", "Deployment").is_none());
    }
}
