//! Expressions as both front ends lower them: names are resolved to indices, constants are folded to values, and what
//! Bicep writes as an operator and ARM as a function is one thing.
//!
//! Nothing here evaluates; see [`eval`](super::eval).

use std::sync::Arc;

use super::Template;
use crate::resolve::functions::{self, Function};
use crate::source::Span;
use crate::tree::{Text, Value};

/// An expression and the place where it is written. For an ARM string that is one expression this is the whole JSON
/// string with its quotes, since that is what a person edits; for what stands inside, the part of the string.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it is written.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A constant, whole objects and lists included.
    Literal(Value),
    /// A parameter, by its index.
    Param(usize),
    /// A variable, by its index.
    Variable(usize),
    /// A loop's or lambda's variable, or a function's argument.
    Local(Text),
    /// `parameters(…)` or `variables(…)` with a name that has to be computed.
    Named(Namespace, Box<Expr>),
    /// A variable of another template that `import` brought in.
    Imported(Arc<Imported>),
    /// A map.
    Object(Vec<Property>),
    /// A list.
    Array(Vec<Element>),
    /// A string with expressions in it.
    Interpolation(Vec<Piece>),
    /// `condition ? then : otherwise`, `if(…)`.
    Ternary(Box<Ternary>),
    /// An operator with two operands.
    Binary(BinaryOp, Box<(Expr, Expr)>),
    /// An operator with one operand.
    Unary(UnaryOp, Box<Expr>),
    /// The first of these that is not null.
    Coalesce(Vec<Expr>),
    /// A property, an element.
    Access(Box<Access>),
    /// A function of the library.
    Call(Box<Call>),
    /// A function of this or another template.
    UserCall(Box<UserCall>),
    /// A lambda; it stands only as an argument of a call.
    Lambda(Box<Lambda>),
    /// A loop that makes a list.
    For(Box<For>),
    /// A resource or a module by its symbolic name.
    Symbol(Symbol),
    /// ARM's `reference(…)` with a name or id that has to be computed.
    Reference(Box<Reference>),
    /// What is the same for every stamp that does not give some parameters.
    Shared(Box<super::Shared>),
    /// What could not be lowered; said when it was.
    Error,
}

/// Which names a computed name looks into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Namespace {
    /// Parameters.
    Parameters,
    /// Variables.
    Variables,
}

/// A variable of another template.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The template that declares it.
    pub template: Arc<Template>,
    /// Its index there.
    pub variable: usize,
    /// Its name there.
    pub name: Text,
}

/// One entry of a map.
#[derive(Clone, Debug)]
pub enum Property {
    /// With a key that is known.
    Fixed {
        /// The key.
        key: Text,
        /// Where it is written.
        key_span: Span,
        /// The value.
        value: Expr,
    },
    /// With a key that has to be computed.
    Computed {
        /// The key.
        key: Expr,
        /// The value.
        value: Expr,
    },
    /// All entries of another map.
    Spread(Expr),
}

/// One element of a list.
#[derive(Clone, Debug)]
pub enum Element {
    /// A value.
    Item(Expr),
    /// All elements of another list.
    Spread(Expr),
}

/// A piece of an interpolated string.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Text.
    Text(Text),
    /// An expression.
    Expr(Expr),
}

/// A choice.
#[derive(Clone, Debug)]
pub struct Ternary {
    /// What decides.
    pub condition: Expr,
    /// Taken when it is true.
    pub then: Expr,
    /// Taken when it is false.
    pub otherwise: Expr,
}

/// Operators with two operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `==`
    Equals,
    /// `!=`
    NotEquals,
    /// `=~`
    EqualsIgnoreCase,
    /// `!~`
    NotEqualsIgnoreCase,
    /// `<`
    Less,
    /// `<=`
    LessOrEquals,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEquals,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

/// Operators with one operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `!`
    Not,
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `x!`: says that `x` is not null, and is `x`.
    NonNull,
}

/// A way down into a value: `a.b[0].?c`. Where a safe step finds nothing, the whole of it is null.
#[derive(Clone, Debug)]
pub struct Access {
    /// Into what.
    pub base: Expr,
    /// The steps, the first one first. There is at least one.
    pub steps: Vec<Step>,
}

/// One step down.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which part.
    pub key: Key,
    /// Whether what is not there gives null instead of a failure.
    pub safe: bool,
    /// From the start of the base to here.
    pub span: Span,
}

/// Which part of a value.
#[derive(Clone, Debug)]
pub enum Key {
    /// A property.
    Name(Text),
    /// A property or element that has to be computed.
    Index(Expr),
    /// An element counted from the end, from 1.
    FromEnd(Expr),
}

/// A call into the library.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function; none where the library has none of that name.
    pub function: Option<&'static Function>,
    /// Its name as it is written, without its namespace.
    pub name: Text,
    /// The arguments.
    pub args: Vec<Expr>,
}

/// A call of a function that a template declares.
#[derive(Clone, Debug)]
pub struct UserCall {
    /// The template that declares it, when it is another one.
    pub template: Option<Arc<Template>>,
    /// Its index there.
    pub function: usize,
    /// Its name, for messages.
    pub name: Text,
    /// The arguments.
    pub args: Vec<Expr>,
}

/// A lambda.
#[derive(Clone, Debug)]
pub struct Lambda {
    /// Names of its arguments.
    pub params: Vec<Text>,
    /// What it gives.
    pub body: Expr,
}

/// A loop.
#[derive(Clone, Debug)]
pub struct For {
    /// How often, and over what.
    pub over: Loop,
    /// Whether an element counts.
    pub filter: Option<Expr>,
    /// What each turn gives.
    pub body: Expr,
}

/// How often something is made, and under which names a turn is known.
#[derive(Clone, Debug)]
pub struct Loop {
    /// The element's name.
    pub item: Option<Text>,
    /// The counter's names (ARM's loops have a name, and one without).
    pub index: Vec<Text>,
    /// What it goes over.
    pub over: Over,
    /// Where the loop is written.
    pub span: Span,
}

/// What a loop goes over.
#[derive(Clone, Debug)]
pub enum Over {
    /// The elements of a list.
    Items(Expr),
    /// A count.
    Count(Expr),
}

/// A resource or module by its symbolic name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Symbol {
    /// A resource of the body, by its index.
    Resource(usize),
    /// A module of the body, by its index.
    Module(usize),
}

/// ARM's `reference()`.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The name, id or symbolic name.
    pub target: Expr,
    /// Whether it gives the whole resource and not only its properties.
    pub full: bool,
    /// Whether it is `references()`: a list, one for each resource of the loop.
    pub all: bool,
}

impl Expr {
    /// An expression at a place.
    #[must_use]
    pub fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// A constant, at the place of the value.
    #[must_use]
    pub fn literal(value: Value) -> Self {
        let span = value.span;
        Self::new(ExprKind::Literal(value), span)
    }

    /// A call into the library.
    pub fn call(name: impl Into<Text>, args: Vec<Self>, span: Span) -> Self {
        let name = name.into();
        let function = functions::lookup(&name);
        let call = Call { function, name, args };
        Self::new(ExprKind::Call(Box::new(call)), span)
    }

    /// A property of this.
    #[must_use]
    pub fn member(self, name: impl Into<Text>, safe: bool, span: Span) -> Self {
        self.access(Key::Name(name.into()), safe, span)
    }

    /// A part of this: one step more where this is a way down already.
    #[must_use]
    pub fn access(mut self, key: Key, safe: bool, span: Span) -> Self {
        let step = Step { key, safe, span };
        if let ExprKind::Access(access) = &mut self.kind {
            access.steps.push(step);
            self.span = span;
            return self;
        }
        self.access_apart(step)
    }

    /// Whether this is a resource or a module, or a way down into one.
    #[must_use]
    pub fn is_into_resource(&self) -> bool {
        match &self.kind {
            ExprKind::Symbol(_) | ExprKind::Reference(_) => true,
            ExprKind::Access(access) => access.base.is_into_resource(),
            ExprKind::Ternary(ternary) => ternary.then.is_into_resource() || ternary.otherwise.is_into_resource(),
            ExprKind::Unary(UnaryOp::NonNull, inner) => inner.is_into_resource(),
            _ => false,
        }
    }

    /// A part of this, with steps of its own: a safe step before does not reach over it.
    #[must_use]
    pub fn access_apart(self, step: Step) -> Self {
        let span = step.span;
        let access = Access { base: self, steps: vec![step] };
        Self::new(ExprKind::Access(Box::new(access)), span)
    }

    /// The value, when it is constant.
    #[must_use]
    pub fn as_literal(&self) -> Option<&Value> {
        match &self.kind {
            ExprKind::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// The string, when it is a constant one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.as_literal().and_then(Value::as_str)
    }

    /// A list; constant when all its elements are.
    #[must_use]
    pub fn array(elements: Vec<Element>, span: Span) -> Self {
        let constant = elements.iter().all(|e| matches!(e, Element::Item(item) if item.as_literal().is_some()));
        if !constant {
            return Self::new(ExprKind::Array(elements), span);
        }
        let items = elements
            .into_iter()
            .filter_map(|e| match e {
                Element::Item(Self { kind: ExprKind::Literal(value), .. }) => Some(value),
                _ => None,
            })
            .collect();
        Self::new(ExprKind::Literal(Value::list(items, span)), span)
    }

    /// A map; constant when all its values are.
    #[must_use]
    pub fn object(properties: Vec<Property>, span: Span) -> Self {
        let constant =
            properties.iter().all(|p| matches!(p, Property::Fixed { value, .. } if value.as_literal().is_some()));
        if !constant {
            return Self::new(ExprKind::Object(properties), span);
        }
        let entries = properties
            .into_iter()
            .filter_map(|p| match p {
                Property::Fixed { key, key_span, value: Self { kind: ExprKind::Literal(value), .. } } => {
                    Some(crate::tree::Entry::new(key, key_span, value))
                }
                _ => None,
            })
            .collect();
        Self::new(ExprKind::Literal(Value::map(entries, span)), span)
    }
}
