//! What inference has to know of a file: taken from its tree, so that nothing below looks at text again.

use std::net::IpAddr;

use super::commands::{self, Command};
use crate::read::bicep::ast;
use crate::source::{join, parent};
use crate::tree::{Case, Kind, Text, Value};

/// What one file says about how the fleet hangs together.
#[derive(Clone, PartialEq, Debug)]
pub enum Facts {
    /// Kubernetes objects.
    Manifest {
        /// Addresses that stand in them.
        addresses: Vec<IpAddr>,
        /// Whether they are but parts of objects, for a patch to bring in.
        fragment: bool,
    },
    /// A kustomization.
    Kustomization {
        /// Files and folders that it takes in, from the root.
        takes: Vec<String>,
        /// Whether it is a component: part of others, never deployed by itself.
        component: bool,
    },
    /// A template, Bicep or ARM.
    Template {
        /// Its parameters.
        parameters: Vec<Text>,
        /// Templates that it calls, from the root.
        calls: Vec<String>,
        /// Whether the Bicep compiler made it.
        compiled: bool,
        /// Whether it deploys or calls anything; else it only exports types, functions and the like.
        deploys: bool,
    },
    /// A parameter file, JSON or Bicep.
    Parameters {
        /// The parameters that it gives.
        names: Vec<Text>,
        /// The template that it names, from the root, and how.
        template: Option<(String, &'static str)>,
        /// A parameter file that it builds on, from the root.
        extends: Option<String>,
        /// The strings among its values.
        strings: Vec<Text>,
    },
    /// Values of a chart.
    Values,
    /// A chart.
    Chart {
        /// Whether it is but a library, which nobody renders.
        library: bool,
        /// Folders of charts that it takes in, from the root.
        parts: Vec<String>,
    },
    /// A workflow, pipeline or script.
    Commands(Vec<Command>),
}

/// What a `Chart.yaml` says.
#[must_use]
pub fn chart(path: &str, root: &Value) -> Facts {
    let repositories = root.get("dependencies").map(Value::items).unwrap_or_default().iter();
    let repositories = repositories.filter_map(|d| d.get("repository")?.as_str()?.strip_prefix("file://"));
    Facts::Chart {
        library: root.get("type").and_then(Value::as_str) == Some("library"),
        parts: repositories.filter_map(|folder| join(parent(path), folder)).collect(),
    }
}

/// One file.
#[derive(Clone, PartialEq, Debug)]
pub struct FileFacts {
    /// Its path.
    pub path: String,
    /// What it says.
    pub facts: Facts,
}

/// Of manifests.
#[must_use]
pub fn manifest<'v>(roots: impl IntoIterator<Item = &'v Value>) -> Facts {
    let mut addresses = Vec::new();
    let mut fragment = None;
    for root in roots {
        fragment = Some(fragment.unwrap_or(true) && is_fragment(root));
        strings(root, &mut |text| {
            // An address, or a range whose first address it is.
            let text = text.split('/').next().unwrap_or(text).trim();
            if text.contains(['.', ':'])
                && let Ok(address) = text.parse::<IpAddr>()
                && !addresses.contains(&address)
            {
                addresses.push(address);
            }
        });
    }
    Facts::Manifest { addresses, fragment: fragment.unwrap_or(false) }
}

/// Whether an object says by itself that it is part of one: a strategic merge directive, a container without an image.
fn is_fragment(root: &Value) -> bool {
    let containers =
        ["spec.containers[]", "spec.template.spec.containers[]", "spec.jobTemplate.spec.template.spec.containers[]"];
    root.get("$patch").is_some()
        || containers
            .iter()
            .flat_map(|dotted| root.select(dotted, Case::Exact))
            .any(|(_, container)| container.as_map().is_some() && container.get("image").is_none())
}

/// Of a kustomization.
#[must_use]
pub fn kustomization(path: &str, root: &Value) -> Facts {
    let dir = parent(path);
    let mut takes = Vec::new();
    let mut take = |value: &Value| {
        // `name=file` in generators.
        let text = value.as_str().unwrap_or_default();
        let text = text.rsplit_once('=').map_or(text, |(_, file)| file);
        if !text.contains('\n')
            && !text.contains("://")
            && let Some(path) = join(dir, text)
            && !text.is_empty()
        {
            takes.push(path);
        }
    };
    for key in [
        "resources",
        "bases",
        "components",
        "crds",
        "configurations",
        "transformers",
        "generators",
        "validators",
        "patchesStrategicMerge",
    ] {
        root.get(key).map(Value::items).unwrap_or_default().iter().for_each(&mut take);
    }
    for key in ["patches", "patchesJson6902", "replacements"] {
        for item in root.get(key).map(Value::items).unwrap_or_default() {
            item.get("path").into_iter().for_each(&mut take);
        }
    }
    for key in ["configMapGenerator", "secretGenerator"] {
        for item in root.get(key).map(Value::items).unwrap_or_default() {
            for list in ["files", "envs"] {
                item.get(list).map(Value::items).unwrap_or_default().iter().for_each(&mut take);
            }
            item.get("env").into_iter().for_each(&mut take);
        }
    }
    for item in root.get("helmCharts").map(Value::items).unwrap_or_default() {
        item.get("valuesFile").into_iter().for_each(&mut take);
    }
    root.get("openapi").and_then(|o| o.get("path")).into_iter().for_each(&mut take);
    Facts::Kustomization { takes, component: root.get("kind").and_then(Value::as_str) == Some("Component") }
}

/// Of an ARM template.
#[must_use]
pub fn arm_template(path: &str, root: &Value) -> Facts {
    let mut calls = Vec::new();
    linked(root.get_ci("resources"), parent(path), 16, &mut calls);
    let generator = root.look("metadata._generator.name").known().and_then(Value::as_str);
    let resources = root.get_ci("resources");
    Facts::Template {
        parameters: root
            .get_ci("parameters")
            .map(Value::entries)
            .unwrap_or_default()
            .iter()
            .map(|e| e.key.clone())
            .collect(),
        calls,
        compiled: generator == Some("bicep"),
        deploys: resources.is_some_and(|r| !r.items().is_empty() || !r.entries().is_empty()),
    }
}

/// Templates that are linked by a path relative to their own.
fn linked(resources: Option<&Value>, dir: &str, depth: usize, calls: &mut Vec<String>) {
    let Some(resources) = resources.filter(|_| depth > 0) else {
        return;
    };
    let named = resources.entries().iter().map(|e| &e.value);
    for resource in resources.items().iter().chain(named) {
        let link = resource.look("properties.templateLink.relativePath").known();
        if let Some(path) = link.and_then(Value::as_str).and_then(|p| join(dir, p)) {
            calls.push(path);
        }
        linked(resource.get_ci("resources"), dir, depth - 1, calls);
        let nested = resource.look("properties.template.resources").known();
        linked(nested, dir, depth - 1, calls);
    }
}

/// Of a Bicep template.
#[must_use]
pub fn bicep(path: &str, file: &ast::File) -> Facts {
    let dir = parent(path);
    let mut parameters = Vec::new();
    let mut calls = Vec::new();
    // What does not parse must not pass for a file that deploys nothing.
    let mut deploys = !file.problems.is_empty();
    for declaration in &file.declarations {
        match &declaration.item {
            ast::Item::Param(param) => parameters.push(Text::from(&*param.name)),
            ast::Item::Resource(_) | ast::Item::Output(_) => deploys = true,
            ast::Item::Module(module) => {
                deploys = true;
                calls.extend(local(module.path.as_deref(), dir));
            }
            ast::Item::Import(import) => calls.extend(local(import.from.as_deref(), dir)),
            _ => {}
        }
    }
    Facts::Template { parameters, calls, compiled: false, deploys }
}

/// Of a Bicep parameter file.
#[must_use]
pub fn bicepparam(path: &str, file: &ast::File) -> Facts {
    let dir = parent(path);
    let mut names = Vec::new();
    let mut found = Vec::new();
    let (mut template, mut extends) = (None, None);
    for declaration in &file.declarations {
        match &declaration.item {
            ast::Item::Assign(binding) => {
                names.push(Text::from(&*binding.name));
                literals(&binding.value, 32, &mut found);
            }
            ast::Item::Using(using) => {
                if let ast::UsingTarget::Path(path) = &using.target {
                    template = local(Some(path), dir).map(|t| (t, "its `using`"));
                }
            }
            ast::Item::Extends(path) => extends = local(path.as_deref(), dir),
            _ => {}
        }
    }
    Facts::Parameters { names, template, extends, strings: found }
}

fn local(path: Option<&str>, dir: &str) -> Option<String> {
    let path = path?;
    let elsewhere = ["br:", "br/", "ts:", "ts/", "http:", "https:"];
    if elsewhere.iter().any(|p| path.starts_with(p)) {
        return None;
    }
    join(dir, path)
}

fn literals(expr: &ast::Expr, depth: usize, found: &mut Vec<Text>) {
    if depth == 0 {
        return;
    }
    match &expr.kind {
        ast::ExprKind::String(text) => found.push(text.clone()),
        ast::ExprKind::Array(items) => {
            for item in items {
                literals(&item.value, depth - 1, found);
            }
        }
        ast::ExprKind::Object(object) => {
            for member in &object.members {
                if let ast::Member::Property(property) = member {
                    literals(&property.value, depth - 1, found);
                }
            }
        }
        _ => {}
    }
}

/// Of an ARM parameter file.
#[must_use]
pub fn arm_parameters(path: &str, root: &Value) -> Facts {
    let entries = root.get_ci("parameters").map(Value::entries).unwrap_or_default();
    let mut found = Vec::new();
    for entry in entries {
        strings(&entry.value, &mut |text| found.push(Text::from(text)));
    }
    let named = root.look("metadata.template").known().and_then(Value::as_str);
    Facts::Parameters {
        names: entries.iter().map(|e| e.key.clone()).collect(),
        template: named.and_then(|t| join(parent(path), t)).map(|t| (t, "its `metadata.template`")),
        extends: None,
        strings: found,
    }
}

/// Of a workflow or pipeline.
#[must_use]
pub fn workflow(path: &str, root: &Value) -> Facts {
    Facts::Commands(commands::of_workflow(path, root))
}

/// Of a script.
#[must_use]
pub fn script(path: &str, text: &str) -> Facts {
    Facts::Commands(commands::of_script(parent(path), text))
}

/// All strings in a value. A value nested deeper than readers allow cannot come here.
fn strings(value: &Value, take: &mut dyn FnMut(&str)) {
    match &value.kind {
        Kind::String(text) => take(text),
        Kind::List(list) => list.iter().for_each(|v| strings(v, take)),
        Kind::Map(map) => map.iter().for_each(|e| strings(&e.value, take)),
        _ => {}
    }
}
