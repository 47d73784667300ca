//! Imports of what other files export, and the templates of modules.

use std::sync::Arc;

use super::Lower;
use super::names::{Foreign, Named};
use crate::read::bicep::ast::{Import, Imported, Name};
use crate::resolve::template::{LoadError, Template};
use crate::source::{Code, Problem, Span};

impl Lower<'_> {
    pub(super) fn import(&mut self, import: &Import) {
        let template = import.from.as_ref().and_then(|from| self.load(from));
        if let Some(template) = &template {
            self.template.imports.push(template.clone());
        }
        match &import.what {
            Imported::All(alias) => {
                let named = template.map_or(Named::Broken, Named::Namespace);
                self.names.file.insert(alias.text.clone(), named);
            }
            Imported::Names(items) => {
                for item in items {
                    let found = template.as_ref().map(|template| Foreign::of(template, &item.name));
                    let named = match found {
                        Some(Some(foreign)) => Named::Foreign(foreign),
                        Some(None) => {
                            let detail = format!("the file exports no `{}`", item.name.text);
                            self.problem(item.name.span, detail);
                            Named::Broken
                        }
                        None => Named::Broken,
                    };
                    self.names.file.insert(item.local().text.clone(), named);
                }
            }
            Imported::Broken => {}
        }
    }

    /// The template of a path or registry reference; what keeps it from being read is a problem at the path.
    pub(super) fn load(&mut self, path: &Name) -> Option<Arc<Template>> {
        let from = self.source.path().clone();
        let found = self.loading.locate(&from, path).and_then(|found| self.loading.template(&found));
        match found {
            Ok(template) => Some(template),
            Err(error) => {
                self.template.problems.push(unread(path.span, &error));
                None
            }
        }
    }
}

/// The problem of a file that could not be had.
pub(in crate::resolve) fn unread(span: Span, error: &LoadError) -> Problem {
    let code = match error {
        LoadError::Cycle(_) => Code::Template,
        LoadError::NotLocal(_) => Code::NotAnalysed,
        LoadError::File(_) => Code::Unreadable,
    };
    Problem::new(code, span, error.to_string())
}
