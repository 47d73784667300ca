//! From a name or id that `reference()` computes to what the same template deploys.

use std::rc::Rc;

use super::super::{Symbol, text};
use super::{Evaluator, Frame, Instance, Invocation};
use crate::tree::{Kind, Part, Value};

/// What a reference means.
pub(super) enum Target {
    /// A resource: its index, what it stands for, which one of those.
    Resource(usize, Rc<[Instance]>, usize),
    /// A module.
    Module(usize, Rc<Invocation>),
}

impl Evaluator {
    /// What of this deployment a symbolic name, a name or an id means.
    pub(super) fn find(&self, f: &Frame, target: &Value) -> Option<Target> {
        match &target.kind {
            Kind::String(name) if !name.starts_with('/') => self.by_symbol(f, name).or_else(|| self.by_name(f, target)),
            Kind::String(_) | Kind::Parts(_) => self.by_id(f, target),
            _ => None,
        }
    }

    /// The id of what a symbolic name means; anything else as it is.
    pub(super) fn id_of(&self, f: &Frame, target: Value) -> Value {
        let symbolic = target.as_str().is_some_and(|name| !name.contains('/'));
        match symbolic.then(|| self.find(f, &target)).flatten() {
            Some(Target::Resource(index, instances, turn)) => {
                instances.get(turn).map_or(target, |i| self.resource_id(f, index, i))
            }
            Some(Target::Module(index, call)) => self.module_id(f, index, &call).unwrap_or(target),
            None => target,
        }
    }

    /// `name` or `name[3]`.
    fn by_symbol(&self, f: &Frame, name: &str) -> Option<Target> {
        let (symbol, turn) = match name.split_once('[') {
            Some((symbol, rest)) => (symbol, rest.strip_suffix(']')?.parse::<usize>().ok()?),
            None => (name, 0),
        };
        let is = |held: &Option<crate::tree::Text>| held.as_ref().is_some_and(|s| s.eq_ignore_ascii_case(symbol));
        if let Some(index) = f.body.resources.iter().position(|r| is(&r.symbol)) {
            let instances = self.instances(f, index)?;
            return Some(Target::Resource(index, instances, turn));
        }
        let index = f.body.modules.iter().position(|m| is(&m.symbol))?;
        let call = self.invocations(f, index)?.get(turn)?.clone();
        Some(Target::Module(index, call))
    }

    /// What `name[…]` means, of which the turn is not known, and that turn.
    pub(super) fn of_some_turn(&self, f: &Frame, target: &Value) -> Option<(Symbol, Value)> {
        let Kind::Parts(parts) = &target.kind else {
            return None;
        };
        let Some(Part::Text(text)) = parts.first() else {
            return None;
        };
        let symbol = text.strip_suffix('[')?;
        let is = |held: &Option<crate::tree::Text>| held.as_ref().is_some_and(|s| s.eq_ignore_ascii_case(symbol));
        let module = f.body.modules.iter().position(|m| m.each.is_some() && is(&m.symbol)).map(Symbol::Module);
        let resource = || f.body.resources.iter().position(|r| r.each.is_some() && is(&r.symbol)).map(Symbol::Resource);
        let symbol = module.or_else(resource)?;
        let turn = super::first_unknown(target)?;
        Some((symbol, Value::new(Kind::Unknown(turn), target.span)))
    }

    /// How many turns the loop makes of which `name[7]` means one that it does not make.
    pub(super) fn too_few_turns(&self, f: &Frame, target: &Value) -> Option<usize> {
        let (symbol, turn) = target.as_str()?.strip_suffix(']')?.split_once('[')?;
        let turn: usize = turn.parse().ok()?;
        let is = |held: &Option<crate::tree::Text>| held.as_ref().is_some_and(|s| s.eq_ignore_ascii_case(symbol));
        let resource = f.body.resources.iter().position(|r| r.each.is_some() && is(&r.symbol));
        let module = f.body.modules.iter().position(|m| m.each.is_some() && is(&m.symbol));
        let turns = match (resource, module) {
            (Some(index), _) => self.instances(f, index)?.len(),
            (None, Some(index)) => self.invocations(f, index)?.len(),
            (None, None) => return None,
        };
        (turn >= turns).then_some(turns)
    }

    fn by_name(&self, f: &Frame, name: &Value) -> Option<Target> {
        self.any_resource(f, |index, instance| text::same(&self.resource_name(f, index, instance), name)).or_else(
            || self.any_module(f, |index, call| self.module_name(f, index, call).is_some_and(|n| text::same(&n, name))),
        )
    }

    fn by_id(&self, f: &Frame, id: &Value) -> Option<Target> {
        let known = text::shown(id).to_ascii_lowercase();
        if known.contains("/microsoft.resources/deployments/") {
            return self
                .any_module(f, |index, call| self.module_id(f, index, call).is_some_and(|i| text::same(&i, id)));
        }
        self.any_resource(f, |index, instance| {
            // Comparing a type is cheap, making an id is not.
            let ty = f.body.resources.get(index).and_then(|r| r.ty.as_str());
            let likely =
                ty.and_then(|ty| ty.rsplit('/').next()).is_some_and(|last| known.contains(&last.to_ascii_lowercase()));
            likely && text::same(&self.resource_id(f, index, instance), id)
        })
    }

    /// The first resource that fits. One that is deployed goes before one that is not, or is only referred to.
    fn any_resource(&self, f: &Frame, fits: impl Fn(usize, &Instance) -> bool) -> Option<Target> {
        let mut second = None;
        for (index, resource) in f.body.resources.iter().enumerate() {
            let Some(instances) = self.instances(f, index) else {
                continue;
            };
            for turn in 0..instances.len() {
                let Some(instance) = instances.get(turn) else {
                    continue;
                };
                if !fits(index, instance) {
                    continue;
                }
                let target = Target::Resource(index, instances.clone(), turn);
                let deployed = !resource.existing && self.presence(f, index, instance).answer != Ok(false);
                if deployed {
                    return Some(target);
                }
                second.get_or_insert(target);
            }
        }
        second
    }

    fn any_module(&self, f: &Frame, fits: impl Fn(usize, &Rc<Invocation>) -> bool) -> Option<Target> {
        (0..f.body.modules.len()).find_map(|index| {
            let calls = self.invocations(f, index)?;
            let call = calls.iter().find(|call| fits(index, call))?;
            Some(Target::Module(index, call.clone()))
        })
    }
}
