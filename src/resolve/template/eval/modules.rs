//! Modules, nested deployments and linked templates: how many a declaration stands for, what they are given, and what
//! they give back.

use std::rc::Rc;
use std::sync::Arc;

use super::super::{Content, Destination, Expr, Loop, Module, Template, bind};
use super::collections::Turns;
use super::frame::{Slot, slots};
use super::{Env, Evaluator, Frame, Invocation, Names, Presence};
use crate::resolve::arm;
use crate::source::{Code, Problem, Span};
use crate::tree::{Reason, StepKind, Text, Unknown, Value, WaitsFor};

/// How deep modules may call modules.
const DEPTH: usize = 24;

impl Evaluator {
    /// What a module stands for; `None` while that is being found out.
    pub fn invocations(&self, f: &Frame, index: usize) -> Option<Rc<[Rc<Invocation>]>> {
        let (Some(slot), Some(module)) = (f.modules.get(index), f.body.modules.get(index)) else {
            return Some(Rc::default());
        };
        slot.get(|| match &module.each {
            None => Rc::from([Rc::new(Invocation::new(f.locals.clone(), &Turns::Failed))]),
            Some(each) => {
                let turns = self.turns(f, f.env(), each);
                (0..turns.len())
                    .map(|turn| {
                        let locals = self.turn_locals(each, &turns, turn, &f.locals);
                        Rc::new(Invocation::new(locals, &turns))
                    })
                    .collect()
            }
        })
    }

    /// Whether a module is deployed.
    pub fn module_presence(&self, f: &Frame, index: usize, call: &Invocation) -> Presence {
        let condition = f.body.modules.get(index).and_then(|m| m.condition.as_ref());
        let Some(condition) = condition else {
            return Presence::certain();
        };
        call.presence
            .get(|| {
                let (answer, way) = self.holds(f, Env::of(&call.locals), condition);
                Presence { answer, way }
            })
            .unwrap_or_else(Presence::certain)
    }

    /// The deployment's name.
    pub(super) fn module_name(&self, f: &Frame, index: usize, call: &Invocation) -> Option<Value> {
        let name = f.body.modules.get(index)?.name.as_ref()?;
        Some(self.eval(f, Env::of(&call.locals), name))
    }

    /// The deployment's id.
    pub fn module_id(&self, f: &Frame, index: usize, call: &Invocation) -> Option<Value> {
        let module = f.body.modules.get(index)?;
        let name = self.module_name(f, index, call)?;
        let destination = match &module.scope {
            Some(target) => self.target(f, Env::of(&call.locals), target).0,
            None => f.destination.clone(),
        };
        let ty = "Microsoft.Resources/deployments";
        Some(destination.resource_id(ty, &name, module.declared, &f.context))
    }

    /// The deployment of a call; `None` when its template was not read.
    pub fn frame_of(&self, f: &Frame, index: usize, call: &Invocation) -> Option<Rc<Frame>> {
        let module = f.body.modules.get(index)?;
        match call.frame.get(|| self.enter_module(f, index, module, call)) {
            Some(frame) => frame,
            None => {
                self.fail(module.declared, "the module depends on its own outputs", &[]);
                None
            }
        }
    }

    fn enter_module(&self, f: &Frame, index: usize, module: &Module, call: &Invocation) -> Option<Rc<Frame>> {
        if f.depth >= DEPTH {
            let detail = format!("modules call one another more than {DEPTH} levels deep");
            self.reports.limit(module.declared, detail);
            return None;
        }
        let env = Env::of(&call.locals);
        let (destination, location) = match &module.scope {
            Some(target) => self.target(f, env, target),
            None => (f.destination.clone(), f.context.location.clone()),
        };
        let (names, body, context, locals) = match &module.content {
            Content::Unread(_) => return None,
            Content::Shared(body) => (f.names.clone(), body.clone(), f.context.clone(), call.locals.clone()),
            Content::Template(_) | Content::Computed(_) => {
                let template = match &module.content {
                    Content::Template(template) => template.clone(),
                    Content::Computed(e) => self.computed(f, env, e)?,
                    _ => return None,
                };
                let mut context = self.context_at(&f.context, &destination, location);
                if let Some(location) = &module.location {
                    context.deployment_location = Some(self.eval(f, env, location));
                }
                context.deployment_name = self.module_name(f, index, call);
                let names = Names::of(template.clone());
                bind::arguments(self, f, env, module, &names);
                (Rc::new(names), template.body.clone(), context, Vec::new())
            }
        };
        let presence = self.module_presence(f, index, call);
        let way = presence
            .way
            .then_named(StepKind::Call, module.declared, module.symbol.clone().unwrap_or_default())
            .followed_by(&f.way);
        let calls: Vec<Span> = f.calls.iter().copied().chain([module.declared]).collect();
        let doubt = presence.answer.err().or_else(|| call.uncounted.clone()).or_else(|| f.doubt.clone());
        Some(Rc::new(Frame {
            resources: slots(body.resources.len()),
            modules: slots(body.modules.len()),
            outputs: slots(body.outputs.len()),
            names,
            body,
            context,
            destination: match destination {
                Destination::Resource(_) => f.destination.clone(),
                there => there,
            },
            locals,
            way,
            calls: calls.into(),
            doubt,
            depth: f.depth + 1,
        }))
    }

    /// The template that an expression gives.
    fn computed(&self, f: &Frame, env: Env<'_>, e: &Expr) -> Option<Arc<Template>> {
        let value = self.eval(f, env, e);
        if value.as_map().is_none() {
            if super::first_unknown(&value).is_some() {
                let detail = "the template that is deployed here is not known before the deployment";
                self.reports.push(Problem::new(Code::NotAnalysed, e.span, detail));
            } else {
                self.unknown_or_fail(&value, e.span, "a template must be an object");
            }
            return None;
        }
        self.reports.spend(size(&value));
        let template = arm::held(&value, f.template(), None, self.reports.stack());
        template.problems.iter().for_each(|problem| self.reports.push(problem.clone()));
        Some(Arc::new(template))
    }

    /// A module's output; `None` when it has none of that name.
    pub(super) fn output(&self, f: &Frame, index: usize, call: &Invocation, name: &str, site: Span) -> Option<Value> {
        let Some(frame) = self.frame_of(f, index, call) else {
            let path = match f.body.modules.get(index).map(|m| &m.content) {
                Some(Content::Unread(path)) => path.clone(),
                _ => return Some(super::failed(site)),
            };
            let unknown = Unknown::new(Reason::UnreadModule, WaitsFor::Text(path));
            return Some(Value::unknown(unknown, site));
        };
        let at = frame.body.outputs.iter().position(|o| o.name.eq_ignore_ascii_case(name))?;
        let value = self.output_value(&frame, at);
        let way = value.origin.then_named(StepKind::Use, site, name);
        Some(value.with_origin(way))
    }

    /// The value of an output, inside of its deployment.
    pub fn output_value(&self, f: &Frame, index: usize) -> Value {
        let (Some(output), Some(slot)) = (f.body.outputs.get(index), f.outputs.get(index)) else {
            return Value::null(Span::NONE);
        };
        slot.get(|| {
            if let Some(condition) = &output.condition
                && self.holds(f, f.env(), condition).0 == Ok(false)
            {
                return Value::null(output.declared);
            }
            let value = self.eval_plain(f, &output.value);
            let way = value.origin.then_named(StepKind::Value, output.declared, output.name.clone());
            value.with_origin(way)
        })
        .unwrap_or_else(|| {
            let detail = format!("the output `{}` depends on itself", output.name);
            self.fail(output.declared, detail, &[])
        })
    }
}

/// How many values a value holds.
fn size(value: &Value) -> usize {
    let mut open = vec![value];
    let mut n = 0;
    while let Some(value) = open.pop() {
        n += 1;
        open.extend(value.items());
        open.extend(value.entries().iter().map(|e| &e.value));
    }
    n
}

impl Invocation {
    /// The turn of a loop whose number is not known.
    pub(super) fn at(each: Option<&Loop>, outer: &[(Text, Value)], turn: &Value) -> Self {
        let mut locals = outer.to_vec();
        if let Some(each) = each {
            locals.extend(each.item.iter().chain(&each.index).map(|name| (name.clone(), turn.clone())));
        }
        Self::new(locals, &Turns::Failed)
    }

    fn new(locals: Vec<(Text, Value)>, turns: &Turns) -> Self {
        Self { locals, presence: Slot::default(), frame: Slot::default(), uncounted: turns.unknown() }
    }
}
