//! `.bicepparam` files.

use std::sync::Arc;

use super::Lower;
use super::imports::unread;
use super::names::Named;
use crate::read::bicep::{self, ast};
use crate::resolve::template::{
    Expr, ExprKind, Imported, Loading, ParameterContent, ParameterFile, Property, TemplateLink, Variable,
};
use crate::source::{Source, Span};

/// The parameter file of a source.
pub(in crate::resolve) fn parameters(source: &Source, loading: &Loading<'_>) -> ParameterFile {
    let file = bicep::parse_params(source);
    let mut lower = Lower::new(&file.declarations, source, loading);
    lower.template.problems.extend(file.problems.iter().cloned());
    let mut anchor = source.span(0, 0);
    let mut template = None;
    let mut is_base = false;
    let mut extends = None;
    for declaration in &file.declarations {
        match &declaration.item {
            ast::Item::Using(using) => {
                anchor = declaration.span;
                match &using.target {
                    ast::UsingTarget::Path(path) => {
                        template = Some(TemplateLink {
                            written: path.text.clone(),
                            path: loading.locate(source.path(), path).ok().map(Arc::from),
                            span: path.span,
                        });
                    }
                    ast::UsingTarget::None(_) => is_base = true,
                    ast::UsingTarget::Broken => {}
                }
            }
            ast::Item::Extends(Some(path)) => extends = lower.base(path),
            _ => {}
        }
    }
    lower.declare(&file.declarations);
    if let Some(base) = &extends {
        lower.name_base(base);
    }
    lower.lower_all(&file.declarations);
    let assigned = file
        .declarations
        .iter()
        .filter_map(|declaration| match &declaration.item {
            ast::Item::Assign(binding) => Some(&binding.name),
            _ => None,
        })
        .filter_map(|name| match lower.names.file.get(&name.text) {
            Some(Named::Variable(index)) => Some((*index, name.span)),
            _ => None,
        })
        .collect();
    let names = lower.finish();
    ParameterFile {
        path: source.path().clone(),
        anchor,
        template,
        is_base,
        content: ParameterContent::Expressions { names: Arc::new(names), assigned, extends },
        problems: Vec::new(),
    }
}

impl Lower<'_> {
    /// The file that this one extends.
    fn base(&mut self, path: &ast::Name) -> Option<Arc<ParameterFile>> {
        let found = self.loading.locate(self.source.path(), path).and_then(|found| self.loading.parameters(&found));
        match found {
            Ok(file) => Some(file),
            Err(error) => {
                self.template.problems.push(unread(path.span, &error));
                None
            }
        }
    }

    /// `base`, by which a file speaks of the values of the one that it extends.
    fn name_base(&mut self, base: &ParameterFile) {
        let ParameterContent::Expressions { names, assigned, .. } = &base.content else {
            return;
        };
        if self.names.file.contains_key("base") {
            return;
        }
        let properties = assigned
            .iter()
            .filter_map(|(index, span)| {
                let name = names.variables.get(*index)?.name.clone();
                let imported = Imported { template: names.clone(), variable: *index, name: name.clone() };
                Some(Property::Fixed {
                    key: name,
                    key_span: *span,
                    value: Expr::new(ExprKind::Imported(Arc::new(imported)), *span),
                })
            })
            .collect();
        let own = self.names.file.values().filter(|named| matches!(named, Named::Variable(_))).count();
        self.names.file.insert("base".into(), Named::Variable(own));
        self.base_values = Some(Variable {
            name: "base".into(),
            declared: Span::NONE,
            value: Expr::object(properties, Span::NONE),
            exported: false,
        });
    }
}
