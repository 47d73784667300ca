//! What a file's names stand for.

use std::collections::HashMap;
use std::sync::Arc;

use crate::resolve::template::Template;
use crate::tree::Text;

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Named {
    /// A parameter.
    Param(usize),
    /// A variable, or a parameter file's assignment.
    Variable(usize),
    /// A function.
    Function(usize),
    /// A type.
    Type(usize),
    /// A resource.
    Resource(usize),
    /// A module.
    Module(usize),
    /// Something of another template.
    Foreign(Foreign),
    /// All that another template exports.
    Namespace(Arc<Template>),
    /// `sys`, `az`, or an extension.
    Builtin,
    /// An import of what could not be read: said there.
    Broken,
}

/// Something of another template: all that the name stands for there.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// The template.
    pub template: Arc<Template>,
    /// Its name there.
    pub name: Text,
    /// A variable.
    pub variable: Option<usize>,
    /// A function.
    pub function: Option<usize>,
    /// A type.
    pub ty: Option<usize>,
}

impl Foreign {
    /// What a name stands for in another template.
    pub fn of(template: &Arc<Template>, name: &str) -> Option<Self> {
        let found = Self {
            template: template.clone(),
            name: name.into(),
            variable: template.variable(name),
            // Compiled templates keep Bicep's functions in a namespace of their own.
            function: template.function(name).or_else(|| template.function(&format!("__bicep.{name}"))),
            ty: template.type_named(name),
        };
        let any = found.variable.is_some() || found.function.is_some() || found.ty.is_some();
        any.then_some(found)
    }
}

/// The names of a file, and those of the expression at hand.
#[derive(Default)]
pub struct Names {
    /// Of the file.
    pub file: HashMap<Text, Named>,
    /// Types, which may share a name with what is no type.
    pub types: HashMap<Text, Named>,
    /// Children of each resource.
    pub children: HashMap<usize, Vec<(Text, usize)>>,
    /// Resources around the expression at hand, the outermost first.
    pub inside: Vec<usize>,
    /// Variables of loops, lambdas and functions around the expression at hand.
    pub locals: Vec<Text>,
}

impl Names {
    /// Whether a name is a local variable.
    pub fn is_local(&self, name: &str) -> bool {
        self.locals.iter().any(|l| l == name)
    }

    /// What a name stands for, local variables aside.
    pub fn get(&self, name: &str) -> Option<Named> {
        for outer in self.inside.iter().rev() {
            if let Some(index) = self.child(*outer, name) {
                return Some(Named::Resource(index));
            }
        }
        self.file.get(name).cloned().or(match name {
            "sys" | "az" | "this" => Some(Named::Builtin),
            _ => None,
        })
    }

    /// A resource that is declared inside of another.
    pub fn child(&self, parent: usize, name: &str) -> Option<usize> {
        self.children.get(&parent)?.iter().find(|(n, _)| n == name).map(|(_, index)| *index)
    }
}
