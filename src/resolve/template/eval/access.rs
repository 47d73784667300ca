//! Ways down: into values, and into resources and modules, of which only what the template declares is known.

use super::super::{Access, Expr, ExprKind, Key, Reference, Step, Symbol, UnaryOp, text};
use super::collections::Turns;
use super::lookup::Target;
use super::{Env, Evaluator, Frame, Instance, inherit};
use crate::source::Span;
use crate::tree::{Kind, Reason, StepKind, Unknown, Value, WaitsFor};

impl Evaluator {
    pub(super) fn access(&self, f: &Frame, env: Env<'_>, access: &Access) -> Value {
        self.access_into(f, env, &access.base, &access.steps)
    }

    /// Steps down into what an expression gives. Into a resource they go one by one, since only some of it is known,
    /// also where a condition chooses the resource.
    fn access_into(&self, f: &Frame, env: Env<'_>, base: &Expr, steps: &[Step]) -> Value {
        match &base.kind {
            ExprKind::Symbol(symbol) => self.symbol(f, env, *symbol, base.span, steps),
            ExprKind::Reference(reference) => self.reference(f, env, reference, base.span, steps),
            ExprKind::Unary(UnaryOp::NonNull, inner) if inner.is_into_resource() => {
                self.access_into(f, env, inner, steps)
            }
            ExprKind::Ternary(ternary) if base.is_into_resource() => {
                self.chosen_branch(f, env, ternary, base.span, |branch| self.access_into(f, env, branch, steps))
            }
            _ => {
                let base = self.eval(f, env, base);
                self.walk(f, env, base, steps)
            }
        }
    }

    /// Steps down into a value.
    pub(super) fn walk(&self, f: &Frame, env: Env<'_>, base: Value, steps: &[Step]) -> Value {
        let mut value = base;
        for step in steps {
            match self.step(f, env, &value, step) {
                Some(next) => value = next,
                None => return Value::null(step.span),
            }
        }
        value
    }

    /// The key of a step, as a value.
    pub(super) fn key(&self, f: &Frame, env: Env<'_>, key: &Key) -> Value {
        match key {
            Key::Name(name) => Value::string(name.clone(), Span::NONE),
            Key::Index(e) | Key::FromEnd(e) => self.eval(f, env, e),
        }
    }

    /// One step; `None` where a safe step finds nothing.
    fn step(&self, f: &Frame, env: Env<'_>, value: &Value, step: &Step) -> Option<Value> {
        let key = self.key(f, env, &step.key);
        if let Kind::Unknown(unknown) = &value.kind {
            let further = further(unknown, &step.key, &key);
            return Some(Value::unknown(further, step.span).with_origin(value.origin.clone()));
        }
        if key.as_unknown().is_some() || matches!(key.kind, Kind::Parts(_)) {
            return Some(self.unknown_or_fail(&key, step.span, "a key must be a string or a number"));
        }
        let from_end = matches!(step.key, Key::FromEnd(_));
        let found = match (&value.kind, &key.kind) {
            (Kind::Map(map), Kind::String(name)) => map.get_ci(name),
            (Kind::List(list), Kind::Number(n)) => n
                .as_i64()
                .and_then(|n| usize::try_from(n).ok())
                .and_then(|n| match from_end {
                    true => list.len().checked_sub(n).filter(|_| n > 0),
                    false => Some(n),
                })
                .and_then(|n| list.get(n)),
            (Kind::Null, _) => None,
            _ if step.safe => None,
            _ => {
                let detail = format!("a {} has no {}", value.type_name(), key_words(&key));
                return Some(self.fail(step.span, detail, &[value, &key]));
            }
        };
        match found {
            Some(child) => Some(inherit(child, &value.origin)),
            None if step.safe => None,
            None => {
                let detail = match &value.kind {
                    Kind::List(list) => format!("there is no {}: the list has {}", key_words(&key), count(list.len())),
                    Kind::Null => format!("null has no {}", key_words(&key)),
                    _ => format!("there is no {}", key_words(&key)),
                };
                Some(self.fail(step.span, detail, &[value, &key]))
            }
        }
    }

    /// A resource or module by its symbolic name, and steps down into it.
    pub(super) fn symbol(&self, f: &Frame, env: Env<'_>, symbol: Symbol, site: Span, steps: &[Step]) -> Value {
        match symbol {
            Symbol::Resource(index) => {
                let Some(resource) = f.body.resources.get(index) else {
                    return super::failed(site);
                };
                let Some(instances) = self.instances(f, index) else {
                    return self.fail(site, "the resource depends on itself", &[]);
                };
                if resource.each.is_none() {
                    return match instances.first() {
                        Some(instance) => self.resource(f, env, index, instance, site, &[], steps),
                        None => super::failed(site),
                    };
                }
                if let [_, second, rest @ ..] = steps
                    && let Some(value) = self.constant_part(f, index, &second.key)
                {
                    return self.walk(f, env, value, rest);
                }
                match steps.split_first() {
                    None => {
                        let items = instances.iter().map(|i| self.resource(f, env, index, i, site, &[], &[])).collect();
                        Value::list(items, site)
                    }
                    Some((first, rest)) => match self.turn(f, env, first, instances.len()) {
                        Ok(turn) => match instances.get(turn) {
                            Some(i) => self.resource(f, env, index, i, site, &[], rest),
                            None => super::failed(site),
                        },
                        Err(turn) if is_open(&turn) => {
                            let item = match resource.each.as_ref().map(|each| self.turns(f, f.env(), each)) {
                                Some(Turns::Unknown(why)) => why,
                                _ => turn.clone(),
                            };
                            let instance = Instance::at(resource.each.as_ref(), &f.locals, &turn, &item);
                            self.resource(f, env, index, &instance, site, &[], rest)
                        }
                        Err(value) => self.walk(f, env, value, rest),
                    },
                }
            }
            Symbol::Module(index) => {
                let Some(module) = f.body.modules.get(index) else {
                    return super::failed(site);
                };
                let Some(invocations) = self.invocations(f, index) else {
                    return self.fail(site, "the module depends on itself", &[]);
                };
                if module.each.is_none() {
                    return match invocations.first() {
                        Some(call) => self.module(f, env, index, call, site, steps, false),
                        None => super::failed(site),
                    };
                }
                match steps.split_first() {
                    None => {
                        let items =
                            invocations.iter().map(|call| self.module(f, env, index, call, site, &[], false)).collect();
                        Value::list(items, site)
                    }
                    Some((first, rest)) => match self.turn(f, env, first, invocations.len()) {
                        Ok(turn) => match invocations.get(turn) {
                            Some(call) => self.module(f, env, index, call, site, rest, false),
                            None => super::failed(site),
                        },
                        Err(turn) if is_open(&turn) => self.module_of_turn(f, env, index, &turn, site, rest, false),
                        Err(value) => self.walk(f, env, value, rest),
                    },
                }
            }
        }
    }

    /// What is the same of each turn of a resource's loop.
    fn constant_part(&self, f: &Frame, index: usize, key: &Key) -> Option<Value> {
        let resource = f.body.resources.get(index)?;
        if is_name(key, "type") {
            return Some(resource.ty.clone());
        }
        is_name(key, "apiVersion").then(|| resource.api_version.as_ref().map(|e| self.eval_plain(f, e)))?
    }

    /// Which turn of a loop a step means.
    fn turn(&self, f: &Frame, env: Env<'_>, step: &Step, turns: usize) -> Result<usize, Value> {
        let key = self.key(f, env, &step.key);
        let Some(n) = key.as_i64() else {
            if key.as_unknown().is_some() {
                return Err(key);
            }
            return Err(self.unknown_or_fail(&key, step.span, "an index must be a number"));
        };
        let from_end = matches!(step.key, Key::FromEnd(_));
        usize::try_from(n)
            .ok()
            .and_then(|n| match from_end {
                true => turns.checked_sub(n),
                false => Some(n),
            })
            .filter(|n| *n < turns)
            .ok_or_else(|| {
                if step.safe {
                    return Value::null(step.span);
                }
                let detail = format!("there is no element {n}: the loop makes {}", count(turns));
                self.fail(step.span, detail, &[&key])
            })
    }

    /// Steps down into a resource. `before` are the first keys when a function stands for them.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn resource(
        &self,
        f: &Frame,
        env: Env<'_>,
        index: usize,
        instance: &Instance,
        site: Span,
        before: &[&str],
        steps: &[Step],
    ) -> Value {
        let Some(resource) = f.body.resources.get(index) else {
            return super::failed(site);
        };
        if before.is_empty() {
            let Some((first, rest)) = steps.split_first() else {
                return self.whole(f, index, instance, site);
            };
            let first_key = self.key(f, env, &first.key);
            let key = first_key.as_str().unwrap_or_default();
            let known = if resource.extension.is_some() {
                None
            } else if key.eq_ignore_ascii_case("id") {
                Some(self.resource_id(f, index, instance))
            } else if key.eq_ignore_ascii_case("name") {
                let own = Env::of(&instance.locals);
                Some(self.eval(f, own, &resource.name))
            } else if key.eq_ignore_ascii_case("type") {
                Some(resource.ty.clone())
            } else if key.eq_ignore_ascii_case("apiVersion") {
                resource.api_version.as_ref().map(|e| self.eval_plain(f, e))
            } else {
                None
            };
            if let Some(value) = known {
                return self.walk(f, env, value, rest);
            }
            if first.safe
                && let Some(value) = absent(self.presence(f, index, instance), site)
            {
                return value;
            }
        }
        let value = self.declared(f, env, index, instance, site, before, steps);
        let name = resource.symbol.clone();
        let way = value.origin.push(StepKind::Use, site, name, Box::default());
        value.with_origin(way)
    }

    /// ARM's `reference()`, and steps down into what it gives.
    pub(super) fn reference(
        &self,
        f: &Frame,
        env: Env<'_>,
        reference: &Reference,
        site: Span,
        steps: &[Step],
    ) -> Value {
        let target = self.eval(f, env, &reference.target);
        let before: &[&str] = if reference.full { &[] } else { &["properties"] };
        let found = self.find(f, &target);
        let is_extension = |index: usize| f.body.resources.get(index).is_some_and(|r| r.extension.is_some());
        let before = match &found {
            // What an extension's resource sets stands at its top.
            Some(Target::Resource(index, ..)) if is_extension(*index) => &[],
            _ => before,
        };
        match found {
            Some(Target::Resource(index, instances, turn)) => {
                if reference.all {
                    let items = instances.iter().map(|i| self.whole(f, index, i, site)).collect();
                    return self.walk(f, env, Value::list(items, site), steps);
                }
                if let Some(instance) = instances.get(turn) {
                    return self.resource(f, env, index, instance, site, before, steps);
                }
            }
            Some(Target::Module(index, call)) if !reference.all => {
                let steps = match steps.split_first() {
                    Some((first, rest)) if reference.full && is_name(&first.key, "properties") => rest,
                    _ => steps,
                };
                return self.module(f, env, index, &call, site, steps, true);
            }
            _ => {}
        }
        if let Some(unknown) = target.as_unknown() {
            let value = self.unknown_from(unknown.clone(), &target, site);
            return self.walk(f, env, value, steps);
        }
        match self.of_some_turn(f, &target) {
            Some((Symbol::Module(index), turn)) => return self.module_of_turn(f, env, index, &turn, site, steps, true),
            Some((Symbol::Resource(index), turn)) => {
                let each = f.body.resources.get(index).and_then(|r| r.each.as_ref());
                let instance = Instance::at(each, &f.locals, &turn, &turn);
                return self.resource(f, env, index, &instance, site, before, steps);
            }
            None => {}
        }
        if target.as_str().is_none() && !matches!(target.kind, Kind::Parts(_)) {
            return self.unknown_or_fail(&target, site, "`reference` needs a name or a resource id");
        }
        if let Some(turns) = self.too_few_turns(f, &target) {
            let detail = format!("there is no `{}`: the loop makes {}", text::shown(&target), count(turns));
            return self.fail(site, detail, &[&target]);
        }
        let id = text::shown(&target);
        if id.to_ascii_lowercase().contains("/microsoft.resources/deployments/") && !reference.all {
            let path = self.module_path(f, env, steps);
            return Value::unknown(Unknown::new(Reason::Runtime, WaitsFor::Resource { id, path: path.into() }), site);
        }
        let from = WaitsFor::Resource { id, path: before.first().copied().unwrap_or_default().into() };
        let value = Value::unknown(Unknown::new(Reason::Runtime, from), site);
        self.walk(f, env, value, steps)
    }
}

/// Whether a turn is not known, and not for an error that was said.
fn is_open(turn: &Value) -> bool {
    turn.as_unknown().is_some() && !super::report::has_failed(turn)
}

/// The unknown one step down from another.
fn further(unknown: &Unknown, step: &Key, key: &Value) -> Unknown {
    let WaitsFor::Resource { id, path } = &unknown.from else {
        return unknown.clone();
    };
    let mut path = path.to_string();
    match (step, &key.kind) {
        // Which part it is, nobody knows.
        (_, Kind::Unknown(_) | Kind::Parts(_)) => {}
        (Key::FromEnd(_), _) => path.push_str("[]"),
        _ => push_path(&mut path, key),
    }
    Unknown::new(unknown.reason, WaitsFor::Resource { id: id.clone(), path: path.into() })
}

pub(super) fn push_path(path: &mut String, key: &Value) {
    use std::fmt::Write as _;
    // Writing to a string does not fail.
    let _ = match &key.kind {
        Kind::String(name) if path.is_empty() => write!(path, "{name}"),
        Kind::String(name) => write!(path, ".{name}"),
        Kind::Number(n) => write!(path, "[{n}]"),
        _ => write!(path, "[]"),
    };
}

pub(super) fn is_name(key: &Key, name: &str) -> bool {
    match key {
        Key::Name(key) => key.eq_ignore_ascii_case(name),
        Key::Index(e) => e.as_str().is_some_and(|key| key.eq_ignore_ascii_case(name)),
        Key::FromEnd(_) => false,
    }
}

/// What a safe step into something gives when that is not deployed, or when nobody knows whether it is.
pub(super) fn absent(presence: super::Presence, site: Span) -> Option<Value> {
    match presence.answer {
        Ok(true) => None,
        Ok(false) => Some(Value::null(site).with_origin(presence.way)),
        Err(why) => Some(Value::new(Kind::Unknown(why), site).with_origin(presence.way)),
    }
}

fn key_words(key: &Value) -> String {
    match &key.kind {
        Kind::String(name) => format!("property `{name}`"),
        Kind::Number(n) => format!("element {n}"),
        _ => format!("part that a {} names", key.type_name()),
    }
}

fn count(n: usize) -> String {
    match n {
        0 => "none".to_owned(),
        1 => "1 element".to_owned(),
        n => format!("{n} elements"),
    }
}
