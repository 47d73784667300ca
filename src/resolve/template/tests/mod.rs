//! Templates in text, resolved. What both languages write is held against each other in `testdata/templates`.

mod deployments;
mod errors;
mod hostile;
mod language;
mod origins;
mod parameters;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Deployment, Request, TemplateCache, deploy};
use crate::resolve::context::Context;
use crate::source::{EntryKind, FileError, Files, Listed, Source, Sources, Span};
use crate::tree::{Text, Value};

/// Files in memory.
#[derive(Default)]
pub struct Memory {
    texts: BTreeMap<String, String>,
    pub sources: Sources,
}

impl Memory {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let texts = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Self { texts, sources: Sources::new() }
    }

    /// `path:line:column text` of a span.
    pub fn place(&self, span: Span) -> String {
        let Some(source) = self.sources.get(span.source) else {
            return "nowhere".to_owned();
        };
        let at = source.position_chars(span.start);
        format!("{}:{}:{} {}", source.path(), at.line, at.column, source.slice(span))
    }
}

impl Files for Memory {
    fn load(&self, path: &str) -> Result<Arc<Source>, FileError> {
        let text = self.texts.get(path).ok_or_else(|| FileError::NotFound(path.to_owned()))?;
        Ok(self.sources.add(path, text.as_str()))
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        let text = self.texts.get(path).ok_or_else(|| FileError::NotFound(path.to_owned()))?;
        Ok(text.as_bytes().into())
    }

    fn list(&self, dir: &str) -> Result<Vec<Listed>, FileError> {
        let names = self.texts.keys().filter_map(|path| path.strip_prefix(&format!("{dir}/")));
        let files = names.filter(|name| !name.contains('/'));
        Ok(files.map(|name| Listed { name: name.to_owned(), kind: EntryKind::File }).collect())
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        self.texts.contains_key(path).then_some(EntryKind::File)
    }
}

/// A context of which all is given.
pub fn context() -> Context {
    let text = |text: &str| Some(Value::string(text, Span::NONE));
    Context {
        subscription: text("00000000-1111-2222-3333-444444444444"),
        tenant: text("55555555-6666-7777-8888-999999999999"),
        resource_group: text("rg"),
        location: text("eastus2"),
        deployment_location: text("eastus2"),
        deployment_name: text("main"),
        ..Context::default()
    }
}

/// The deployment of the first file; those that end in `param` or `.parameters.json` give it parameters.
pub fn resolve(files: &Memory, set: &[(&str, Value)]) -> Deployment {
    resolve_in(files, set, &context())
}

pub fn resolve_in(files: &Memory, set: &[(&str, Value)], context: &Context) -> Deployment {
    let cache = TemplateCache::new(vec![("br/public:avm".to_owned(), "vendor".to_owned())]);
    let template =
        ["main.bicep", "main.json"].iter().find(|path| files.texts.contains_key(**path)).expect("a template");
    let template = cache.template(files, template).expect("a template that can be read");
    let given =
        |path: &&String| path.ends_with(".bicepparam") && !path.contains("base") || path.ends_with(".parameters.json");
    let parameters: Vec<_> =
        files.texts.keys().filter(given).map(|path| cache.parameters(files, path).expect("a parameter file")).collect();
    let set: Vec<(Text, Value)> = set.iter().map(|(name, value)| (Text::from(*name), value.clone())).collect();
    let request = Request { parameters: &parameters, set: &set, context, declared: Span::NONE, whole: true };
    deploy(&template, &request)
}

/// Outputs of a Bicep file as JSON, and its problems.
pub fn outputs(text: &str) -> (serde_json::Value, Vec<String>) {
    let files = Memory::new(&[("main.bicep", text)]);
    let deployment = resolve(&files, &[]);
    let outputs = deployment.outputs.iter().map(|e| (e.key.to_string(), e.value.to_json())).collect();
    let problems = deployment.problems.iter().map(|p| format!("{} | {}", files.place(p.span), p.detail)).collect();
    (serde_json::Value::Object(outputs), problems)
}
