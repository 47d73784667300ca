//! Resources, and those inside of them.

use super::Lower;
use crate::resolve::template::{Body, Expr, Parent, Resource};
use crate::tree::{Text, Value};

/// Keys of a resource that say where it belongs or how it is made, and not what it sets.
const STRUCTURE: [&str; 14] = [
    "type",
    "apiVersion",
    "name",
    "condition",
    "copy",
    "dependsOn",
    "scope",
    "comments",
    "resources",
    "existing",
    "import",
    "extension",
    "metadata",
    "@options",
];

/// The resource around another.
pub(super) struct Around {
    pub index: usize,
    pub ty: Text,
}

impl Lower<'_> {
    pub(super) fn resource(
        &mut self,
        resource: &Value,
        symbol: Option<&Text>,
        around: Option<&Around>,
        body: &mut Body,
    ) {
        let Some(entries) = resource.as_map() else {
            self.problem(resource.span, "a resource must be an object");
            return;
        };
        let Some(ty) = resource.get_ci("type") else {
            self.problem(resource.span, "the resource has no `type`");
            return;
        };
        let Some(written) = ty.as_str() else {
            self.problem(ty.span, "`type` must be a string");
            return;
        };
        // A slash at the end names no further type.
        let written = written.trim_end_matches('/');
        let before = self.copies.len();
        let each = resource.get_ci("copy").map(|copy| {
            let name = copy.get_ci("name").and_then(Value::as_str).unwrap_or("");
            let none = Value::int(1, copy.span);
            let count = copy.get_ci("count").unwrap_or(&none);
            self.copy_loop(name, count, copy.span, true)
        });
        self.copies.extend(each.iter().flat_map(|e| e.index.iter().cloned()));
        let condition = resource.get_ci("condition").map(|c| self.value(c));
        if written.eq_ignore_ascii_case("Microsoft.Resources/deployments")
            && let Some(properties) = resource.get_ci("properties")
            && (properties.get_ci("template").is_some() || properties.get_ci("templateLink").is_some())
        {
            let module = self.deployment(resource, properties, symbol, each, condition, body);
            body.modules.push(module);
            self.copies.truncate(before);
            return;
        }
        let extension = ["import", "extension"]
            .iter()
            .find_map(|key| resource.get_ci(key))
            .and_then(Value::as_str)
            .filter(|e| !e.eq_ignore_ascii_case("az"));
        // A child's type goes on from its parent's, unless it is written in full.
        let relative = around.filter(|_| !written.split('/').next().is_some_and(|provider| provider.contains('.')));
        // An extension's type carries its version, and what it sets stands below `properties`.
        let (written, version) = match extension {
            Some(_) => written.split_once('@').unwrap_or((written, "")),
            None => (written, ""),
        };
        let set = match extension.and(resource.get_ci("properties")).and_then(Value::as_map) {
            Some(properties) => self.properties(properties, &[]),
            None => self.properties(entries, &STRUCTURE),
        };
        let full: Text = match relative {
            Some(around) => format!("{}/{written}", around.ty).into(),
            None => written.into(),
        };
        let mut type_value = Value::string(full.clone(), ty.span);
        type_value.style = ty.style;
        let name = resource.get_ci("name");
        if name.is_none() && extension.is_none() {
            self.problem(ty.span, "the resource has no `name`");
        }
        let name_key = entries.entry_ci("name").map_or(ty.span, |e| e.key_span);
        let own = body.resources.len();
        let lowered = Resource {
            symbol: symbol.cloned(),
            declared: ty.span,
            existing: resource.get_ci("existing").and_then(Value::as_bool) == Some(true),
            ty: type_value,
            api_version: match version {
                "" => self.optional(resource, "apiVersion"),
                version => Some(Expr::literal(Value::string(version, ty.span))),
            },
            name: match name {
                Some(name) => self.value(name),
                None if extension.is_some() => Expr::literal(Value::null(ty.span)),
                None => Self::broken(ty.span),
            },
            name_key,
            each,
            condition,
            parent: relative.map(|around| Parent { resource: around.index, index: None, nested: false }),
            scope: self.deployment_target(resource),
            properties: set,
            extension: extension.map(Text::from),
            broken: false,
            span: resource.span,
        };
        body.resources.push(lowered);
        let inside = Around { index: own, ty: full };
        match resource.get_ci("resources") {
            Some(children) if children.as_list().is_some() => {
                for child in children.items() {
                    self.resource(child, None, Some(&inside), body);
                }
            }
            Some(children) => {
                for entry in children.entries() {
                    self.resource(&entry.value, Some(&entry.key), Some(&inside), body);
                }
            }
            None => {}
        }
        self.copies.truncate(before);
    }

    /// A value of a resource that may be missing.
    pub(super) fn optional(&mut self, resource: &Value, key: &str) -> Option<Expr> {
        resource.get_ci(key).map(|value| self.value(value))
    }
}
