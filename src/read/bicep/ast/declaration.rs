//! Declarations.

use super::{Expr, Loop, Name, Object, TypeExpr};
use crate::source::Span;

/// A declaration with what is said of it.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// From the first decorator to the end.
    pub span: Span,
    /// The keyword that it starts with; an empty span where there is none.
    pub keyword: Span,
    /// `@name(…)` before it, in order.
    pub decorators: Vec<Decorator>,
    /// What is declared.
    pub item: Item,
}

impl Declaration {
    /// The name that it gives, where it gives exactly one.
    #[must_use]
    pub fn name(&self) -> Option<&Name> {
        match &self.item {
            Item::Metadata(x) | Item::Assign(x) | Item::Assert(x) => Some(&x.name),
            Item::Param(x) => Some(&x.name),
            Item::Var(x) => Some(&x.name),
            Item::Type(x) => Some(&x.name),
            Item::Func(x) => Some(&x.name),
            Item::Resource(x) => Some(&x.name),
            Item::Module(x) | Item::Test(x) => Some(&x.name),
            Item::Output(x) => Some(&x.name),
            Item::Extension(x) => x.alias.as_ref(),
            Item::Import(x) => match &x.what {
                Imported::All(alias) => Some(alias),
                Imported::Names(_) | Imported::Broken => None,
            },
            Item::TargetScope(_) | Item::ExtensionConfig(_) | Item::Using(_) | Item::Extends(_) | Item::Broken => None,
        }
    }

    /// The decorator of this name, written with or without its namespace.
    #[must_use]
    pub fn decorator(&self, name: &str) -> Option<&Decorator> {
        self.decorators.iter().find(|d| &*d.name == name)
    }
}

/// `@name(args)`, `@sys.name(args)`
#[derive(Clone, Debug)]
pub struct Decorator {
    /// From `@` on.
    pub span: Span,
    /// Before the dot.
    pub namespace: Option<Name>,
    /// Its name.
    pub name: Name,
    /// Its arguments.
    pub args: Vec<Expr>,
}

/// What is declared.
#[derive(Clone, Debug)]
pub enum Item {
    /// `targetScope = 'subscription'`
    TargetScope(Expr),
    /// `metadata name = value`
    Metadata(Binding),
    /// `param name type = default`, in a template
    Param(Param),
    /// `param name = value`, in a parameter file
    Assign(Binding),
    /// `var name = value`
    Var(Var),
    /// `type name = type`
    Type(TypeDecl),
    /// `func name(a int) string => value`
    Func(Box<Func>),
    /// `resource name 'type@version' = body`
    Resource(Box<Resource>),
    /// `module name 'path' = body`
    Module(Box<Module>),
    /// `output name type = value`
    Output(Output),
    /// `import … from 'path'`
    Import(Import),
    /// `extension name with {…} as alias`
    Extension(Extension),
    /// `extensionConfig alias with {…}`, in a parameter file
    ExtensionConfig(ExtensionConfig),
    /// `assert name = condition`
    Assert(Binding),
    /// `test name 'path' = {…}`
    Test(Box<Module>),
    /// `using 'path'`, in a parameter file
    Using(Using),
    /// `extends 'path'`, in a parameter file; none where the path does not parse
    Extends(Option<Name>),
    /// Something that does not parse, with no name to be known by.
    Broken,
}

/// A name and its value.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The name.
    pub name: Name,
    /// The value.
    pub value: Expr,
}

/// A parameter of a template.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// Its default.
    pub default: Option<Expr>,
}

/// A variable.
#[derive(Clone, Debug)]
pub struct Var {
    /// Its name.
    pub name: Name,
    /// Its type, if it has one.
    pub ty: Option<TypeExpr>,
    /// Its value.
    pub value: Expr,
}

/// A declared type.
#[derive(Clone, Debug)]
pub struct TypeDecl {
    /// Its name.
    pub name: Name,
    /// What it stands for.
    pub ty: TypeExpr,
}

/// A declared function.
#[derive(Clone, Debug)]
pub struct Func {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub params: Vec<TypedName>,
    /// The type of its value.
    pub result: TypeExpr,
    /// Its value.
    pub body: Expr,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct TypedName {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
}

/// A resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its symbolic name.
    pub name: Name,
    /// Its type and version; none where it is no plain string, of which a problem speaks.
    pub ty: Option<Name>,
    /// The word `existing`, if it is there: the resource is referred to, not deployed.
    pub existing: Option<Span>,
    /// What it is.
    pub body: Body,
}

/// A module, or a test of one.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its symbolic name.
    pub name: Name,
    /// Its path or registry reference; none where it is no plain string, of which a problem speaks.
    pub path: Option<Name>,
    /// What it is given.
    pub body: Body,
}

/// The body of a resource or module: `{…}`, `if (c) {…}`, `[for x in y: {…}]`, `[for x in y: if (c) {…}]`.
#[derive(Clone, Debug)]
pub struct Body {
    /// All of it.
    pub span: Span,
    /// The loop around it.
    pub each: Option<Loop>,
    /// The condition, without its parentheses; evaluated inside the loop.
    pub condition: Option<Expr>,
    /// The object. Where it does not parse it holds [`Member::Broken`](super::Member::Broken).
    pub object: Object,
}

/// An output.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// Its value.
    pub value: Expr,
}

/// An import of what another file exports.
#[derive(Clone, Debug)]
pub struct Import {
    /// What is imported.
    pub what: Imported,
    /// From where; none where it is no plain string, of which a problem speaks.
    pub from: Option<Name>,
}

/// What is imported.
#[derive(Clone, Debug)]
pub enum Imported {
    /// `* as alias`
    All(Name),
    /// `{ a, b as c }`
    Names(Vec<ImportItem>),
    /// Neither.
    Broken,
}

/// One name of an import.
#[derive(Clone, Debug)]
pub struct ImportItem {
    /// The name over there; may be written as a string.
    pub name: Name,
    /// The name here, if it is another.
    pub alias: Option<Name>,
}

impl ImportItem {
    /// The name by which this file knows it.
    #[must_use]
    pub fn local(&self) -> &Name {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

/// `extension spec with {…} as alias`; also the older `provider` and `import 'spec'`.
#[derive(Clone, Debug)]
pub struct Extension {
    /// The extension: a name from the configuration or a reference in quotes; none where it does not parse.
    pub spec: Option<Name>,
    /// Its settings.
    pub with: Option<Object>,
    /// The namespace that it gets.
    pub alias: Option<Name>,
}

/// `extensionConfig alias with {…}`
#[derive(Clone, Debug)]
pub struct ExtensionConfig {
    /// The extension.
    pub alias: Name,
    /// Its settings.
    pub with: Option<Object>,
}

/// `using target with {…}`
#[derive(Clone, Debug)]
pub struct Using {
    /// The template.
    pub target: UsingTarget,
    /// Settings of the deployment.
    pub with: Option<Object>,
}

/// The template of a parameter file.
#[derive(Clone, Debug)]
pub enum UsingTarget {
    /// A path or registry reference.
    Path(Name),
    /// `none`: the file is extended by others.
    None(Span),
    /// Neither.
    Broken,
}
