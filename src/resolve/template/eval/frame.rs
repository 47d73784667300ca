//! What an evaluation remembers: which names hold which values, and what was already made. Values are made when they
//! are first asked for, and once.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::super::{Bits, Body, Destination, Template};
use crate::resolve::context::Context;
use crate::source::Span;
use crate::tree::{Origin, Text, Unknown, Value};

/// A value that is made when it is first asked for.
pub struct Slot<T>(RefCell<State<T>>);

enum State<T> {
    Empty,
    Busy,
    Done(T),
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(RefCell::new(State::Empty))
    }
}

impl<T: Clone> Slot<T> {
    /// The value; `None` while it is being made, which means that it depends on itself.
    pub fn get(&self, make: impl FnOnce() -> T) -> Option<T> {
        match &*self.0.borrow() {
            State::Done(value) => return Some(value.clone()),
            State::Busy => return None,
            State::Empty => {}
        }
        self.0.replace(State::Busy);
        let value = make();
        self.0.replace(State::Done(value.clone()));
        Some(value)
    }

    /// Fills it.
    pub fn set(&self, value: T) {
        self.0.replace(State::Done(value));
    }
}

/// So many slots.
pub fn slots<T>(n: usize) -> Box<[Slot<T>]> {
    (0..n).map(|_| Slot::default()).collect()
}

/// The parameters and variables of one use of a template.
pub struct Names {
    /// The template that declares them.
    pub template: Arc<Template>,
    /// Parameters. Those that were given are filled from the start.
    pub params: Box<[Slot<Value>]>,
    /// Variables.
    pub variables: Box<[Slot<Value>]>,
    /// Which parameters were given.
    pub given: RefCell<Bits>,
}

/// One deployment of a body.
pub struct Frame {
    /// Its names.
    pub names: Rc<Names>,
    /// What it deploys.
    pub body: Arc<Body>,
    /// What functions such as `resourceGroup()` answer from.
    pub context: Context,
    /// Where its resources go.
    pub destination: Destination,
    /// Variables of the loops around it.
    pub locals: Vec<(Text, Value)>,
    /// The calls and conditions on the way to it.
    pub way: Origin,
    /// The module calls on the way to it, the outermost first.
    pub calls: Arc<[Span]>,
    /// Why it may not be deployed at all.
    pub doubt: Option<Arc<Unknown>>,
    /// How many frames are around it.
    pub depth: usize,
    /// What each resource stands for.
    pub resources: Box<[Slot<Rc<[Instance]>>]>,
    /// What each module stands for.
    pub modules: Box<[Slot<Invocations>]>,
    /// Outputs.
    pub outputs: Box<[Slot<Value>]>,
}

/// One turn of a resource's loop; the only one of a resource without a loop.
pub struct Instance {
    /// Variables of the loop, and of those around it.
    pub locals: Vec<(Text, Value)>,
    /// Whether it is deployed.
    pub presence: Slot<Presence>,
    /// Full name.
    pub name: Slot<Value>,
    /// Resource id.
    pub id: Slot<Value>,
    /// Where it goes.
    pub destination: Slot<Destination>,
    /// What it sets.
    pub body: Slot<Value>,
    /// Properties that were asked for one by one.
    pub parts: RefCell<std::collections::HashMap<usize, Rc<Slot<Value>>>>,
    /// Why it stands for an unknown number of resources.
    pub uncounted: Option<Arc<Unknown>>,
}

/// What a module stands for.
pub type Invocations = Rc<[Rc<Invocation>]>;

/// One turn of a module's loop.
pub struct Invocation {
    /// Variables of the loop, and of those around it.
    pub locals: Vec<(Text, Value)>,
    /// Whether it is deployed.
    pub presence: Slot<Presence>,
    /// Its deployment; none when its template was not read.
    pub frame: Slot<Option<Rc<Frame>>>,
    /// Why it stands for an unknown number of deployments.
    pub uncounted: Option<Arc<Unknown>>,
}

/// Whether something is deployed.
#[derive(Clone)]
pub struct Presence {
    /// Yes, no, or why that is not known.
    pub answer: Result<bool, Arc<Unknown>>,
    /// The condition, where there is one that reads anything.
    pub way: Origin,
}

/// A variable of a loop, a lambda or a function.
pub struct Local<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value.
    pub value: Value,
    /// The one outside of it.
    pub outer: Option<&'a Self>,
}

/// The variables that an expression sees.
#[derive(Clone, Copy, Default)]
pub struct Env<'a> {
    /// Of the expressions around it, the innermost first.
    pub inner: Option<&'a Local<'a>>,
    /// Of the loops around the declaration.
    pub outer: &'a [(Text, Value)],
}

impl<'a> Env<'a> {
    /// The variables of a declaration.
    pub fn of(outer: &'a [(Text, Value)]) -> Self {
        Self { inner: None, outer }
    }

    /// The value of a name.
    pub fn get(self, name: &str) -> Option<&'a Value> {
        let mut local = self.inner;
        while let Some(l) = local {
            if l.name == name {
                return Some(&l.value);
            }
            local = l.outer;
        }
        self.outer.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v)
    }
}

impl Names {
    /// Names of a template of which none has a value yet.
    pub fn of(template: Arc<Template>) -> Self {
        Self {
            params: slots(template.params.len()),
            variables: slots(template.variables.len()),
            given: RefCell::default(),
            template,
        }
    }
}

impl Frame {
    /// A frame at the root of an evaluation.
    pub fn root(names: Rc<Names>, context: Context, destination: Destination) -> Self {
        let body = names.template.body.clone();
        Self {
            resources: slots(body.resources.len()),
            modules: slots(body.modules.len()),
            outputs: slots(body.outputs.len()),
            names,
            body,
            context,
            destination,
            locals: Vec::new(),
            way: Origin::default(),
            calls: Arc::default(),
            doubt: None,
            depth: 0,
        }
    }

    /// The template whose names it uses.
    pub fn template(&self) -> &Template {
        &self.names.template
    }

    /// The loop variables that all of it sees.
    pub fn env(&self) -> Env<'_> {
        Env::of(&self.locals)
    }
}
