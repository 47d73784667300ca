//! A template as both front ends lower it. It is made once for a file and evaluated for each stamp.

use std::sync::Arc;

use super::{Expr, Loop, Type};
use crate::resolve::context::Scope;
use crate::source::{Problem, SourceId, Span};
use crate::tree::{Text, Value};

/// A template.
#[derive(Clone, Debug)]
pub struct Template {
    /// Its path from the root of the run.
    pub path: Arc<str>,
    /// Its source.
    pub source: SourceId,
    /// Where it goes.
    pub scope: Scope,
    /// Its parameters.
    pub params: Vec<Param>,
    /// Its variables.
    pub variables: Vec<Variable>,
    /// Its functions.
    pub functions: Vec<Function>,
    /// Its types.
    pub types: Vec<NamedType>,
    /// What it deploys.
    pub body: Arc<Body>,
    /// Whether names compare without regard to case, as in ARM.
    pub ignore_case: bool,
    /// What was wrong with it when it was read, its own parts only.
    pub problems: Vec<Problem>,
    /// Templates that it reads names from.
    pub imports: Vec<Arc<Self>>,
}

/// What a template, or a nested one that shares its parent's names, deploys.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Resources, those that only are referred to included.
    pub resources: Vec<Resource>,
    /// Modules, nested deployments and linked templates.
    pub modules: Vec<Module>,
    /// Outputs.
    pub outputs: Vec<Output>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Text,
    /// Where the name is declared.
    pub declared: Span,
    /// Its type with its constraints.
    pub ty: Type,
    /// Its default.
    pub default: Option<Expr>,
}

/// A variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name; of a wildcard import's variable with the alias.
    pub name: Text,
    /// Where the name is declared.
    pub declared: Span,
    /// Its value.
    pub value: Expr,
    /// Whether others may import it.
    pub exported: bool,
}

/// A function that a template declares.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name; in ARM with its namespace.
    pub name: Text,
    /// Its arguments' names.
    pub params: Vec<Text>,
    /// What it gives.
    pub body: Expr,
    /// Whether others may import it.
    pub exported: bool,
}

/// A type with a name.
#[derive(Clone, Debug)]
pub struct NamedType {
    /// Its name.
    pub name: Text,
    /// What it stands for.
    pub ty: Type,
    /// Whether others may import it.
    pub exported: bool,
}

/// A resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its symbolic name, where it has one.
    pub symbol: Option<Text>,
    /// Where a person sees it begin: the symbolic name, or ARM's `type` value.
    pub declared: Span,
    /// Whether it is only referred to.
    pub existing: bool,
    /// The full type, those of its parents included. Its span is that of the written type.
    pub ty: Value,
    /// The API version.
    pub api_version: Option<Expr>,
    /// Its own name, without those of the parents when it has one.
    pub name: Expr,
    /// Where the name's key is written.
    pub name_key: Span,
    /// Its loop.
    pub each: Option<Loop>,
    /// Its condition.
    pub condition: Option<Expr>,
    /// Its parent.
    pub parent: Option<Parent>,
    /// Where it goes, when that is not where the template goes.
    pub scope: Option<Target>,
    /// What it sets, without what stands in the fields above.
    pub properties: Vec<super::Property>,
    /// The extension that takes it, for what is not Azure's.
    pub extension: Option<Text>,
    /// Whether a part of it did not parse, so that what is not there may yet have been meant.
    pub broken: bool,
    /// The place of the whole.
    pub span: Span,
}

/// The parent of a resource.
#[derive(Clone, Debug)]
pub struct Parent {
    /// Which resource of the same body.
    pub resource: usize,
    /// Which one of its loop.
    pub index: Option<Expr>,
    /// Whether the child stands inside: it shares the parent's condition then.
    pub nested: bool,
}

/// Where something goes.
#[derive(Clone, Debug)]
pub enum Target {
    /// The tenant.
    Tenant,
    /// A management group by its name; without one that of the deployment.
    ManagementGroup(Option<Expr>),
    /// A subscription by its id; without one that of the deployment.
    Subscription(Option<Expr>),
    /// A resource group by subscription and name; without them those of the deployment.
    ResourceGroup(Option<Expr>, Option<Expr>),
    /// A resource of the same body: an extension resource's target, or a resource group to deploy into.
    Resource(usize, Option<Expr>),
    /// A resource id, whole or from its type on.
    Id(Expr),
    /// One of two.
    Either(Box<(Expr, Self, Self)>),
}

/// A module.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its symbolic name, where it has one.
    pub symbol: Option<Text>,
    /// Where a person sees the call: the symbolic name, or ARM's `type` value.
    pub declared: Span,
    /// The deployment's name.
    pub name: Option<Expr>,
    /// Its loop.
    pub each: Option<Loop>,
    /// Its condition.
    pub condition: Option<Expr>,
    /// Where it goes.
    pub scope: Option<Target>,
    /// The API version of a deployment that is written as a resource.
    pub api_version: Option<Expr>,
    /// The location, for deployments above resource groups.
    pub location: Option<Expr>,
    /// What it is given.
    pub params: Vec<Argument>,
    /// What it is given as one value, when that is not written out.
    pub all_params: Option<AllArguments>,
    /// What it deploys.
    pub content: Content,
}

/// What a module is given.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The parameter.
    pub name: Text,
    /// Where it is named.
    pub name_span: Span,
    /// The value.
    pub value: Expr,
    /// What the value is.
    pub form: ArgumentForm,
}

/// What an argument's value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArgumentForm {
    /// The value itself.
    Plain,
    /// Something that a vault gives.
    Secret,
    /// ARM's object with the value below `value`, or below `reference` the vault that gives it.
    Wrapped,
}

/// All that a module is given, as one object.
#[derive(Clone, Debug)]
pub struct AllArguments {
    /// The object.
    pub value: Expr,
    /// What each value in it is.
    pub form: ArgumentForm,
}

/// What a module deploys.
#[derive(Clone, Debug)]
pub enum Content {
    /// A template with names of its own.
    Template(Arc<Template>),
    /// A nested deployment whose expressions are its parent's.
    Shared(Arc<Body>),
    /// An ARM template that an expression gives.
    Computed(Box<Expr>),
    /// Something that was not read; said when it was tried.
    Unread(Text),
}

/// An output.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name.
    pub name: Text,
    /// Where it is declared.
    pub declared: Span,
    /// Whether it is there at all.
    pub condition: Option<Expr>,
    /// Its value; of a loop the list.
    pub value: Expr,
    /// Whether it is secure.
    pub secure: bool,
}

impl Template {
    /// A template without anything.
    #[must_use]
    pub fn empty(path: Arc<str>, source: SourceId) -> Self {
        Self {
            path,
            source,
            scope: Scope::default(),
            params: Vec::new(),
            variables: Vec::new(),
            functions: Vec::new(),
            types: Vec::new(),
            body: Arc::default(),
            ignore_case: false,
            problems: Vec::new(),
            imports: Vec::new(),
        }
    }

    fn same(&self, a: &str, b: &str) -> bool {
        a == b || self.ignore_case && a.eq_ignore_ascii_case(b)
    }

    /// The index of a parameter.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<usize> {
        self.params.iter().position(|p| self.same(&p.name, name))
    }

    /// The index of a variable.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<usize> {
        self.variables.iter().position(|v| self.same(&v.name, name))
    }

    /// The index of a function.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<usize> {
        self.functions.iter().position(|f| self.same(&f.name, name))
    }

    /// The index of a type.
    #[must_use]
    pub fn type_named(&self, name: &str) -> Option<usize> {
        self.types.iter().position(|t| self.same(&t.name, name))
    }
}
