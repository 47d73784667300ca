//! `stamplint render DIR`: what an overlay comes to, as YAML. Secrets are masked.

use std::sync::Arc;

use super::{DENIED, FINE, Terminal, working};
use crate::app::cli::RenderArgs;
use crate::app::disk::Disk;
use crate::app::failure::Failure;
use crate::app::root;
use crate::resolve::emit;
use crate::resolve::kustomize::{Kustomizer, Options};
use crate::source::Sources;
use crate::tree::{Entry, Value};

/// Builds and prints.
///
/// # Errors
/// When the folder is not there. What is wrong inside goes to standard error, with exit code 1.
pub fn run(args: &RenderArgs, terminal: &Terminal) -> Result<u8, Failure> {
    let sources = Arc::new(Sources::new());
    let place =
        root::locate(&working()?, std::slice::from_ref(&args.path)).map_err(|error| Failure::new(error.to_string()))?;
    let Some(dir) = place.folders.first() else {
        return Err(Failure::new(format!("`{}` is no folder", args.path)));
    };
    let disk = Disk::new(&place.root, Arc::clone(&sources)).map_err(|e| Failure::new(e.kind().to_string()))?;
    let rendered = Kustomizer::new(&disk, Options::default()).build(dir);
    let mut text = String::new();
    for (i, resource) in rendered.resources.iter().enumerate() {
        if i > 0 {
            text.push_str("---\n");
        }
        if args.origins {
            text.push_str(&format!("# from {}\n", resource.file));
        }
        text.push_str(&emit::yaml(&masked(&resource.value)));
    }
    terminal.print(&text)?;
    for problem in &rendered.problems {
        let place = sources.get(problem.span.source).map(|source| {
            let position = source.position_chars(problem.span.start);
            format!("{}:{}:{}: ", source.path(), position.line, position.column)
        });
        terminal.say(&format!("{}{}\n", place.unwrap_or_default(), problem.detail));
    }
    Ok(if rendered.failed { DENIED } else { FINE })
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
