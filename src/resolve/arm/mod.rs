//! ARM templates and parameter files in JSON: expression strings become expressions, and what the language calls by
//! function (`if`, `parameters`, `reference`) becomes what it is. JSON itself is [`read::json`](crate::read::json)'s,
//! the syntax of expressions [`read::arm_expr`](crate::read::arm_expr)'s.

mod calls;
mod deployments;
mod expressions;
mod parameters;
mod resources;
mod types;
mod values;

pub(in crate::resolve) use parameters::parameters;

use std::sync::Arc;

use super::template::{
    Body, Function, Loading, NamedType, Output, Param, Stack, Template, Variable, known_too_late, mark_shared,
};
use crate::read::json;
use crate::resolve::context::Scope;
use crate::source::{Code, Problem, Source, Span};
use crate::tree::{Text, Value};

/// What lowering a template needs and makes.
struct Lower<'a> {
    /// The file, and what loads others; none for a template that an expression gave.
    home: Option<(&'a Source, &'a Loading<'a>)>,
    template: Template,
    param_names: Vec<Text>,
    variable_names: Vec<Text>,
    function_names: Vec<Text>,
    type_names: Vec<Text>,
    /// Arguments of the function at hand.
    arguments: Vec<Text>,
    /// Names of the loops around the expression at hand.
    copies: Vec<Text>,
    stack: Stack,
}

/// The template of a JSON file.
pub(in crate::resolve) fn template(source: &Source, loading: &Loading<'_>) -> Template {
    let stream = json::parse(source, json::Options::ARM);
    let root = stream.documents.into_iter().next().map(|d| d.root);
    let mut template = match root {
        Some(root) => {
            let empty = Template::empty(source.path().clone(), source.id());
            Lower::new(Some((source, loading)), empty, loading.stack).lower(&root)
        }
        None => Template::empty(source.path().clone(), source.id()),
    };
    template.problems.splice(0..0, stream.problems);
    template
}

/// A template that a value holds, of a file whose template is `by`. Without the file it links no others.
pub(in crate::resolve) fn held(
    root: &Value,
    by: &Template,
    home: Option<(&Source, &Loading<'_>)>,
    stack: Stack,
) -> Template {
    Lower::new(home, Template::empty(by.path.clone(), by.source), stack).lower(root)
}

/// Named values of a map, in its order.
fn named(root: &Value, key: &str) -> Vec<Text> {
    root.get_ci(key).map(Value::entries).unwrap_or_default().iter().map(|e| e.key.clone()).collect()
}

/// The loops of a map's `copy`.
fn copies(value: &Value) -> &[Value] {
    value.get_ci("copy").map(Value::items).unwrap_or_default()
}

impl<'a> Lower<'a> {
    fn new(home: Option<(&'a Source, &'a Loading<'a>)>, mut template: Template, stack: Stack) -> Self {
        template.ignore_case = true;
        Self {
            home,
            template,
            param_names: Vec::new(),
            variable_names: Vec::new(),
            function_names: Vec::new(),
            type_names: Vec::new(),
            arguments: Vec::new(),
            copies: Vec::new(),
            stack,
        }
    }

    fn lower(mut self, root: &Value) -> Template {
        self.template.scope = scope_of(root);
        self.names(root);
        self.params(root);
        self.variables(root);
        self.functions(root);
        self.definitions(root);
        let body = self.body(root);
        self.template.body = Arc::new(body);
        self.template.problems.extend(known_too_late(&self.template));
        mark_shared(&mut self.template);
        self.template
    }

    /// All names, before anything is looked up by one.
    fn names(&mut self, root: &Value) {
        self.param_names = named(root, "parameters");
        self.type_names = named(root, "definitions");
        if let Some(variables) = root.get_ci("variables") {
            for entry in variables.entries() {
                if !entry.key.eq_ignore_ascii_case("copy") || entry.value.as_list().is_none() {
                    self.variable_names.push(entry.key.clone());
                }
            }
            let looped = copies(variables).iter().filter_map(|copy| copy.get_ci("name"));
            self.variable_names.extend(looped.filter_map(Value::as_str).map(Text::from));
        }
        for space in root.get_ci("functions").map(Value::items).unwrap_or_default() {
            let namespace = space.get_ci("namespace").and_then(Value::as_str);
            for member in named(space, "members") {
                let name = format!("{}.{member}", namespace.unwrap_or_default());
                self.function_names.push(name.into());
            }
        }
    }

    fn params(&mut self, root: &Value) {
        let Some(params) = root.get_ci("parameters") else {
            return;
        };
        for entry in params.entries() {
            let ty = self.ty(&entry.value);
            let default = entry.value.get_ci("defaultValue").map(|default| self.value(default));
            self.template.params.push(Param { name: entry.key.clone(), declared: entry.key_span, ty, default });
        }
    }

    fn variables(&mut self, root: &Value) {
        let Some(variables) = root.get_ci("variables") else {
            return;
        };
        for entry in variables.entries() {
            if entry.key.eq_ignore_ascii_case("copy") && entry.value.as_list().is_some() {
                continue;
            }
            let value = self.value(&entry.value);
            self.template.variables.push(Variable {
                name: entry.key.clone(),
                declared: entry.key_span,
                value,
                exported: true,
            });
        }
        for copy in copies(variables) {
            if let Some(name) = copy.get_ci("name").filter(|n| n.as_str().is_some()) {
                let value = self.copy_list(copy);
                self.template.variables.push(Variable {
                    name: name.as_str().unwrap_or_default().into(),
                    declared: name.span,
                    value,
                    exported: true,
                });
            }
        }
    }

    fn functions(&mut self, root: &Value) {
        let spaces = root.get_ci("functions").map(Value::items).unwrap_or_default();
        for space in spaces {
            let namespace = space.get_ci("namespace").and_then(Value::as_str);
            let members = space.get_ci("members").map(Value::entries);
            for member in members.unwrap_or_default() {
                let params: Vec<Text> = member
                    .value
                    .get_ci("parameters")
                    .map(Value::items)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|p| p.get_ci("name").and_then(Value::as_str))
                    .map(Text::from)
                    .collect();
                self.arguments = params.clone();
                let body = match member.value.get_ci("output").and_then(|o| o.get_ci("value")) {
                    Some(value) => self.value(value),
                    None => Self::broken(member.key_span),
                };
                self.arguments.clear();
                self.template.functions.push(Function {
                    name: format!("{}.{}", namespace.unwrap_or_default(), member.key).into(),
                    params: params.iter().map(|p| calls::argument(p)).collect(),
                    body,
                    exported: true,
                });
            }
        }
    }

    fn definitions(&mut self, root: &Value) {
        let Some(definitions) = root.get_ci("definitions") else {
            return;
        };
        for entry in definitions.entries() {
            let ty = self.ty(&entry.value);
            self.template.types.push(NamedType { name: entry.key.clone(), ty, exported: true });
        }
    }

    /// What a template, or a nested one that shares its names, deploys.
    fn body(&mut self, root: &Value) -> Body {
        let mut body = Body::default();
        match root.get_ci("resources") {
            Some(list) if list.as_list().is_some() => {
                for resource in list.items() {
                    self.resource(resource, None, None, &mut body);
                }
            }
            Some(map) => {
                for entry in map.entries() {
                    self.resource(&entry.value, Some(&entry.key), None, &mut body);
                }
            }
            None => {}
        }
        for entry in root.get_ci("outputs").map(Value::entries).unwrap_or_default() {
            let output = &entry.value;
            let condition = output.get_ci("condition").map(|c| self.value(c));
            let value = match (output.get_ci("copy"), output.get_ci("value")) {
                (Some(copy), _) => self.copy_list(copy),
                (None, Some(value)) => self.value(value),
                (None, None) => Self::broken(entry.key_span),
            };
            let secure = output
                .get_ci("type")
                .and_then(Value::as_str)
                .is_some_and(|ty| ty.to_ascii_lowercase().starts_with("secure"));
            body.outputs.push(Output { name: entry.key.clone(), declared: entry.key_span, condition, value, secure });
        }
        body
    }

    fn problem(&mut self, span: Span, detail: impl Into<String>) {
        self.template.problems.push(Problem::new(Code::Template, span, detail));
    }
}

/// Where a template goes, by its schema.
fn scope_of(root: &Value) -> Scope {
    let schema = root.get_ci("$schema").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    if schema.contains("subscriptiondeploymenttemplate") {
        Scope::Subscription
    } else if schema.contains("managementgroupdeploymenttemplate") {
        Scope::ManagementGroup
    } else if schema.contains("tenantdeploymenttemplate") {
        Scope::Tenant
    } else {
        Scope::ResourceGroup
    }
}
