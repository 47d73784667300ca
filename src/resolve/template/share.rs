//! Expressions that are the same for every stamp which does not give the parameters that they read: they are evaluated
//! once. Marked when a template is lowered; the evaluator keeps what they come to.

use std::sync::OnceLock;

use super::{Body, Content, Element, Expr, ExprKind, Key, Loop, Module, Over, Piece, Property, Target, Template, walk};
use crate::resolve::functions;
use crate::tree::{Text, Value};

/// How deep expressions are looked into; what is deeper is evaluated each time.
const DEPTH: usize = 200;

/// An expression that reads nothing of a deployment but these parameters.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The expression.
    pub expr: Expr,
    /// The parameters that it reads, their defaults' included.
    pub params: Bits,
    /// What it comes to when none of them is given.
    pub value: OnceLock<Value>,
}

/// A set of parameters by their indices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// Adds one.
    pub fn insert(&mut self, index: usize) {
        let word = index / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(held) = self.0.get_mut(word) {
            *held |= 1 << (index % 64);
        }
    }

    /// Whether the two have none in common.
    #[must_use]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & b == 0)
    }

    fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }
}

/// What an expression reads.
#[derive(Clone, Debug, Default)]
struct Reads {
    params: Bits,
    /// Variables of loops and lambdas around it.
    locals: Vec<Text>,
    /// Something of a deployment: its context, its resources.
    deployment: bool,
}

impl Reads {
    fn deployment() -> Self {
        Self { deployment: true, ..Self::default() }
    }

    fn add(&mut self, other: Self) {
        self.deployment |= other.deployment;
        if !self.deployment {
            self.params.extend(&other.params);
            self.locals.extend(other.locals);
        }
    }

    fn without(mut self, bound: &[&Text]) -> Self {
        self.locals.retain(|name| !bound.contains(&name));
        self
    }

    fn is_shared(&self) -> bool {
        !self.deployment && self.locals.is_empty()
    }
}

/// What names of the template read, each found out once.
struct Marker {
    params: Vec<Option<Reads>>,
    variables: Vec<Option<Reads>>,
}

/// Marks what can be shared in a template that is otherwise ready.
pub fn mark(template: &mut Template) {
    let mut marker =
        Marker { params: vec![None; template.params.len()], variables: vec![None; template.variables.len()] };
    for index in 0..template.params.len() {
        marker.param(Some(template), index, DEPTH);
    }
    for index in 0..template.variables.len() {
        marker.variable(Some(template), index, DEPTH);
    }
    for param in &mut template.params {
        param.default.iter_mut().for_each(|e| marker.place(e, DEPTH));
    }
    for variable in &mut template.variables {
        marker.place(&mut variable.value, DEPTH);
    }
    if let Some(body) = std::sync::Arc::get_mut(&mut template.body) {
        marker.body(body);
    }
}

impl Marker {
    fn param(&mut self, template: Option<&Template>, index: usize, depth: usize) -> Reads {
        match self.params.get(index) {
            Some(Some(reads)) => return reads.clone(),
            Some(None) => {}
            None => return Reads::deployment(),
        }
        // One that leads to itself stays apart.
        self.keep_param(index, Reads::deployment());
        let default = template.and_then(|t| t.params.get(index)).and_then(|p| p.default.as_ref());
        let mut reads = default.map_or_else(Reads::default, |e| self.reads(template, e, depth));
        reads.params.insert(index);
        self.keep_param(index, reads.clone());
        reads
    }

    fn keep_param(&mut self, index: usize, reads: Reads) {
        if let Some(slot) = self.params.get_mut(index) {
            *slot = Some(reads);
        }
    }

    fn variable(&mut self, template: Option<&Template>, index: usize, depth: usize) -> Reads {
        match self.variables.get(index) {
            Some(Some(reads)) => return reads.clone(),
            Some(None) => {}
            None => return Reads::deployment(),
        }
        self.keep_variable(index, Reads::deployment());
        let reads = match template.and_then(|t| t.variables.get(index)) {
            Some(variable) => self.reads(template, &variable.value, depth),
            None => Reads::deployment(),
        };
        self.keep_variable(index, reads.clone());
        reads
    }

    fn keep_variable(&mut self, index: usize, reads: Reads) {
        if let Some(slot) = self.variables.get_mut(index) {
            *slot = Some(reads);
        }
    }

    /// What an expression reads, names looked up.
    fn reads(&mut self, template: Option<&Template>, e: &Expr, depth: usize) -> Reads {
        let Some(depth) = depth.checked_sub(1) else {
            return Reads::deployment();
        };
        let mut reads = match &e.kind {
            ExprKind::Param(index) => return self.param(template, *index, depth),
            ExprKind::Variable(index) => return self.variable(template, *index, depth),
            kind => own(kind),
        };
        walk::children(e, &mut |child| {
            if !reads.deployment {
                let inner = self.reads(template, child, depth);
                reads.add(inner);
            }
        });
        reads.without(&bound(&e.kind))
    }

    /// Wraps the largest parts of an expression that can be shared. All names are known by now.
    fn place(&mut self, e: &mut Expr, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        match &e.kind {
            ExprKind::Literal(_) | ExprKind::Local(_) | ExprKind::Error | ExprKind::Shared(_) => return,
            // A lambda stands in its call as it is.
            ExprKind::Lambda(_) => {}
            _ => {
                let reads = self.reads(None, e, DEPTH);
                if reads.is_shared() {
                    let span = e.span;
                    let expr = std::mem::replace(e, Expr::new(ExprKind::Error, span));
                    let shared = Shared { expr, params: reads.params, value: OnceLock::new() };
                    e.kind = ExprKind::Shared(Box::new(shared));
                    return;
                }
            }
        }
        children_mut(&mut e.kind, &mut |child| self.place(child, depth));
    }

    fn body(&mut self, body: &mut Body) {
        for resource in &mut body.resources {
            resource.api_version.iter_mut().chain([&mut resource.name]).for_each(|e| self.place(e, DEPTH));
            self.heads(resource.each.as_mut(), resource.condition.as_mut());
            resource.scope.iter_mut().for_each(|t| self.target(t));
            for property in &mut resource.properties {
                property_mut(property, &mut |e| self.place(e, DEPTH));
            }
        }
        for module in &mut body.modules {
            self.module(module);
        }
        for output in &mut body.outputs {
            output.condition.iter_mut().chain([&mut output.value]).for_each(|e| self.place(e, DEPTH));
        }
    }

    fn module(&mut self, module: &mut Module) {
        module.name.iter_mut().chain(&mut module.location).for_each(|e| self.place(e, DEPTH));
        self.heads(module.each.as_mut(), module.condition.as_mut());
        module.scope.iter_mut().for_each(|t| self.target(t));
        module.params.iter_mut().for_each(|a| self.place(&mut a.value, DEPTH));
        module.all_params.iter_mut().for_each(|a| self.place(&mut a.value, DEPTH));
        if let Content::Shared(body) = &mut module.content
            && let Some(body) = std::sync::Arc::get_mut(body)
        {
            self.body(body);
        }
    }

    fn heads(&mut self, each: Option<&mut Loop>, condition: Option<&mut Expr>) {
        if let Some(each) = each {
            match &mut each.over {
                Over::Items(e) | Over::Count(e) => self.place(e, DEPTH),
            }
        }
        condition.into_iter().for_each(|e| self.place(e, DEPTH));
    }

    fn target(&mut self, target: &mut Target) {
        match target {
            Target::Tenant => {}
            Target::ManagementGroup(e) | Target::Subscription(e) => e.iter_mut().for_each(|e| self.place(e, DEPTH)),
            Target::ResourceGroup(a, b) => a.iter_mut().chain(b).for_each(|e| self.place(e, DEPTH)),
            Target::Resource(_, e) => e.iter_mut().for_each(|e| self.place(e, DEPTH)),
            Target::Id(e) => self.place(e, DEPTH),
            Target::Either(_) => {}
        }
    }
}

/// What an expression reads by itself, its parts left out.
fn own(kind: &ExprKind) -> Reads {
    match kind {
        ExprKind::Local(name) => Reads { locals: vec![name.clone()], ..Reads::default() },
        ExprKind::Call(call) if !call.function.is_some_and(|f| is_pure(f.name, f.namespace)) => Reads::deployment(),
        ExprKind::Named(..)
        | ExprKind::Imported(_)
        | ExprKind::UserCall(_)
        | ExprKind::Symbol(_)
        | ExprKind::Reference(_)
        | ExprKind::Error => Reads::deployment(),
        _ => Reads::default(),
    }
}

/// Whether a function answers from its arguments alone.
fn is_pure(name: &str, namespace: functions::Namespace) -> bool {
    match namespace {
        functions::Namespace::Az => name == "pickZones",
        _ => !IMPURE.contains(&name),
    }
}

/// Functions that answer from the context, or that stand for something else.
const IMPURE: [&str; 14] = [
    "copyIndex",
    "externalInput",
    "externalInputs",
    "fail",
    "lambdaVariables",
    "newGuid",
    "parameters",
    "readCliArg",
    "readEnvVar",
    "readEnvironmentVariable",
    "references",
    "resourceInfo",
    "utcNow",
    "variables",
];

/// The names that an expression binds for its parts.
fn bound(kind: &ExprKind) -> Vec<&Text> {
    match kind {
        ExprKind::Lambda(lambda) => lambda.params.iter().collect(),
        ExprKind::For(each) => each.over.item.iter().chain(&each.over.index).collect(),
        _ => Vec::new(),
    }
}

fn children_mut(kind: &mut ExprKind, visit: &mut dyn FnMut(&mut Expr)) {
    match kind {
        ExprKind::Literal(_)
        | ExprKind::Param(_)
        | ExprKind::Variable(_)
        | ExprKind::Local(_)
        | ExprKind::Imported(_)
        | ExprKind::Symbol(_)
        | ExprKind::Shared(_)
        | ExprKind::Error => {}
        ExprKind::Named(_, name) => visit(name),
        ExprKind::Object(properties) => properties.iter_mut().for_each(|p| property_mut(p, visit)),
        ExprKind::Array(elements) => {
            for element in elements {
                match element {
                    Element::Item(e) | Element::Spread(e) => visit(e),
                }
            }
        }
        ExprKind::Interpolation(pieces) => {
            for piece in pieces {
                if let Piece::Expr(e) = piece {
                    visit(e);
                }
            }
        }
        ExprKind::Ternary(ternary) => {
            visit(&mut ternary.condition);
            visit(&mut ternary.then);
            visit(&mut ternary.otherwise);
        }
        ExprKind::Binary(_, sides) => {
            visit(&mut sides.0);
            visit(&mut sides.1);
        }
        ExprKind::Unary(_, operand) => visit(operand),
        ExprKind::Coalesce(values) => values.iter_mut().for_each(visit),
        ExprKind::Access(access) => {
            // The way into a resource is followed as it is written.
            if !access.base.is_into_resource() {
                visit(&mut access.base);
            }
            for step in &mut access.steps {
                if let Key::Index(e) | Key::FromEnd(e) = &mut step.key {
                    visit(e);
                }
            }
        }
        ExprKind::Call(call) => call.args.iter_mut().for_each(visit),
        ExprKind::UserCall(call) => call.args.iter_mut().for_each(visit),
        ExprKind::Lambda(lambda) => visit(&mut lambda.body),
        ExprKind::For(each) => {
            match &mut each.over.over {
                Over::Items(e) | Over::Count(e) => visit(e),
            }
            each.filter.iter_mut().for_each(&mut *visit);
            visit(&mut each.body);
        }
        ExprKind::Reference(reference) => visit(&mut reference.target),
    }
}

fn property_mut(property: &mut Property, visit: &mut dyn FnMut(&mut Expr)) {
    match property {
        Property::Fixed { value, .. } => visit(value),
        Property::Computed { key, value } => {
            visit(key);
            visit(value);
        }
        Property::Spread(e) => visit(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_parameters() {
        let mut one = Bits::default();
        assert!(one.is_disjoint(&Bits::default()));
        one.insert(3);
        one.insert(70);
        let mut other = Bits::default();
        other.insert(71);
        assert!(one.is_disjoint(&other));
        other.extend(&one);
        assert!(!one.is_disjoint(&other));
    }
}
