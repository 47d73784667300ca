//! `stamplint render DIR|CHART`: what an overlay or a chart comes to, as YAML. Secrets are masked.

use std::sync::Arc;

use super::{DENIED, FINE, Terminal, working};
use crate::app::cli::{Global, RenderArgs};
use crate::app::disk::Disk;
use crate::app::failure::Failure;
use crate::app::helm::HelmProgram;
use crate::app::root;
use crate::app::walk::relative;
use crate::resolve::emit;
use crate::resolve::helm::{Given, Helm, Release};
use crate::resolve::kustomize::{Kustomizer, Options};
use crate::source::{EntryKind, Files, Problem, Sources, Span, join};
use crate::tree::{Entry, Kind, StepKind, Traced, Value};

/// Deeper values are printed without their places.
const DEPTH: usize = 256;

/// One object with the name of what it was made from.
type Printed = (String, Value);

/// Builds and prints.
///
/// # Errors
/// When the folder is not there. What is wrong inside goes to standard error, with exit code 1.
pub fn run(args: &RenderArgs, global: &Global, terminal: &Terminal) -> Result<u8, Failure> {
    let sources = Arc::new(Sources::new());
    let named: Vec<String> = std::iter::once(&args.path).chain(&args.values).cloned().collect();
    let place = root::locate(&working()?, &named).map_err(|error| Failure::new(error.to_string()))?;
    let Some(dir) = place.folders.first() else {
        return Err(Failure::new(format!("`{}` is no folder", args.path)));
    };
    let disk = Disk::new(&place.root, Arc::clone(&sources)).map_err(|e| Failure::new(e.kind().to_string()))?;
    let is_chart = join(dir, "Chart.yaml").and_then(|path| disk.kind(&path)) == Some(EntryKind::File);
    let (objects, problems, failed) = if is_chart {
        chart(args, global, &disk, dir)?
    } else {
        if !args.values.is_empty() || !args.set.is_empty() {
            return Err(Failure::new(format!("`{}` is no chart: it takes no values", args.path)));
        }
        overlay(&disk, dir)
    };
    let mut text = String::new();
    for (i, (from, value)) in objects.iter().enumerate() {
        if i > 0 {
            text.push_str("---\n");
        }
        if args.origins || is_chart {
            text.push_str(&format!("# {} {from}\n", if is_chart { "Source:" } else { "from" }));
        }
        if args.origins {
            origins(value, "", &sources, 0, &mut text);
        }
        text.push_str(&emit::yaml(&masked(value)));
    }
    terminal.print(&text)?;
    for problem in &problems {
        let place = at(problem.span, &sources).map(|place| format!("{place}: "));
        terminal.say(&format!("{}{}\n", place.unwrap_or_default(), problem.detail));
    }
    Ok(if failed { DENIED } else { FINE })
}

fn overlay(disk: &Disk, dir: &str) -> (Vec<Printed>, Vec<Problem>, bool) {
    let rendered = Kustomizer::new(disk, Options::default()).build(dir);
    let objects = rendered.resources.into_iter().map(|r| (r.file.to_string(), r.value)).collect();
    (objects, rendered.problems, rendered.failed)
}

/// Naming a chart on the command line asks for helm.
fn chart(
    args: &RenderArgs,
    global: &Global,
    disk: &Disk,
    dir: &str,
) -> Result<(Vec<Printed>, Vec<Problem>, bool), Failure> {
    let program = global.helm.clone().unwrap_or_else(|| "helm".to_owned());
    let program = HelmProgram { program, allowed: true, ..HelmProgram::default() };
    let working = working()?;
    let mut values = Vec::new();
    for file in &args.values {
        let full = std::fs::canonicalize(working.join(file)).unwrap_or_default();
        let path = relative(disk.root(), &full)
            .ok_or_else(|| Failure::new(format!("`{file}` lies outside the folder that is looked at")))?;
        values.push(Given::File(path));
    }
    let release = Release {
        chart: dir.to_owned(),
        values,
        set: Vec::new(),
        raw: args.set.clone(),
        name: args.release.as_deref().map(Into::into),
        namespace: args.namespace.as_deref().map(Into::into),
        place: Span::NONE,
    };
    let helm = Helm::new(disk, &program);
    let rendered = if args.origins { helm.render(&release) } else { helm.render_plain(&release) };
    let objects = rendered.resources.into_iter().map(|r| (r.template.to_string(), r.value)).collect();
    Ok((objects, rendered.problems, rendered.failed))
}

/// The place of each scalar, a comment each: its path, its place, and how that was found where it is not certain.
fn origins(value: &Value, path: &str, sources: &Sources, depth: usize, text: &mut String) {
    if depth > DEPTH {
        return;
    }
    for entry in value.entries() {
        let path = if path.is_empty() { entry.key.to_string() } else { format!("{path}.{}", entry.key) };
        origins(&entry.value, &path, sources, depth + 1, text);
    }
    for (i, item) in value.items().iter().enumerate() {
        origins(item, &format!("{path}[{i}]"), sources, depth + 1, text);
    }
    if !matches!(value.kind, Kind::Map(_) | Kind::List(_)) {
        let found = value.origin.steps().find_map(|step| match step.kind {
            StepKind::Rendered(Traced::Literal) => Some(" (text of the template)"),
            StepKind::Rendered(Traced::Near) => Some(" (inferred)"),
            _ => None,
        });
        let place = at(value.span, sources).unwrap_or_else(|| "no file".to_owned());
        text.push_str(&format!("# {path}: {place}{}\n", found.unwrap_or_default()));
    }
}

fn at(span: Span, sources: &Sources) -> Option<String> {
    let source = sources.get(span.source)?;
    let position = source.position_chars(span.start);
    Some(format!("{}:{}:{}", source.path(), position.line, position.column))
}

/// An object with the data of a Secret hidden.
fn masked(value: &Value) -> Value {
    if value.get("kind").and_then(Value::as_str) != Some("Secret") {
        return value.clone();
    }
    let hide = |entry: &Entry| {
        if !matches!(entry.key.as_str(), "data" | "stringData") {
            return entry.clone();
        }
        let hidden = entry.value.entries().iter();
        let hidden = hidden.map(|e| Entry::new(e.key.clone(), e.key_span, Value::string("***", e.value.span)));
        Entry::new(entry.key.clone(), entry.key_span, Value::map(hidden.collect(), entry.value.span))
    };
    Value::map(value.entries().iter().map(hide).collect(), value.span)
}
