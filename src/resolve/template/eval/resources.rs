//! Resources: how many a declaration stands for, whether they are deployed, what they are called and what they set.

use std::rc::Rc;

use super::super::{Destination, Loop, Property, Resource};
use super::collections::Turns;
use super::frame::Slot;
use super::{Env, Evaluator, Frame, Instance, Presence};
use crate::resolve::functions;
use crate::tree::{Entry, Origin, Text, Value};

impl Evaluator {
    /// What a resource stands for; `None` while that is being found out.
    pub fn instances(&self, f: &Frame, index: usize) -> Option<Rc<[Instance]>> {
        let (Some(slot), Some(resource)) = (f.resources.get(index), f.body.resources.get(index)) else {
            return Some(Rc::default());
        };
        slot.get(|| match &resource.each {
            None => Rc::from([Instance::new(f.locals.clone(), &Turns::Failed)]),
            Some(each) => {
                let turns = self.turns(f, f.env(), each);
                (0..turns.len())
                    .map(|turn| Instance::new(self.turn_locals(each, &turns, turn, &f.locals), &turns))
                    .collect()
            }
        })
    }

    /// Whether a resource is deployed.
    pub fn presence(&self, f: &Frame, index: usize, instance: &Instance) -> Presence {
        let Some(resource) = f.body.resources.get(index) else {
            return Presence::certain();
        };
        instance
            .presence
            .get(|| {
                let around = match &resource.parent {
                    Some(parent) if parent.nested => {
                        self.parent(f, index, instance).map_or_else(Presence::certain, |(i, parents, turn)| {
                            parents.get(turn).map_or_else(Presence::certain, |p| self.presence(f, i, p))
                        })
                    }
                    _ => Presence::certain(),
                };
                let Some(condition) = &resource.condition else {
                    return around;
                };
                let (answer, way) = self.holds(f, Env::of(&instance.locals), condition);
                around.and(Presence { answer, way })
            })
            .unwrap_or_else(Presence::certain)
    }

    /// The parent: its index, what it stands for, and which one of those.
    fn parent(&self, f: &Frame, index: usize, instance: &Instance) -> Option<(usize, Rc<[Instance]>, usize)> {
        let parent = f.body.resources.get(index)?.parent.as_ref()?;
        let parents = self.instances(f, parent.resource)?;
        let turn = match &parent.index {
            None => 0,
            Some(e) => {
                let turn = self.eval(f, Env::of(&instance.locals), e);
                match turn.as_i64() {
                    Some(n) => usize::try_from(n).ok()?,
                    None if parents.len() == 1 => 0,
                    None => return None,
                }
            }
        };
        (turn < parents.len()).then_some((parent.resource, parents, turn))
    }

    /// The full name, those of the parents before it.
    pub fn resource_name(&self, f: &Frame, index: usize, instance: &Instance) -> Value {
        let Some(resource) = f.body.resources.get(index) else {
            return Value::null(crate::source::Span::NONE);
        };
        let site = resource.name.span;
        instance
            .name
            .get(|| {
                let own = self.eval(f, Env::of(&instance.locals), &resource.name);
                if resource.parent.is_none() {
                    return own;
                }
                let before = match self.parent(f, index, instance) {
                    Some((i, parents, turn)) => parents.get(turn).map(|p| self.resource_name(f, i, p)),
                    None => None,
                };
                let before = before.unwrap_or_else(|| super::failed(site));
                let slash = Value::string("/", site);
                functions::interpolate(&[before, slash, own], site, &f.context).unwrap_or_else(|_| super::failed(site))
            })
            .unwrap_or_else(|| self.circle(resource))
    }

    /// Where a resource goes.
    pub fn destination(&self, f: &Frame, index: usize, instance: &Instance) -> Destination {
        let Some(resource) = f.body.resources.get(index) else {
            return f.destination.clone();
        };
        let found = instance.destination.get(|| {
            if let Some((i, parents, turn)) = self.parent(f, index, instance) {
                return parents.get(turn).map_or_else(|| f.destination.clone(), |p| self.destination(f, i, p));
            }
            match &resource.scope {
                Some(target) => self.target(f, Env::of(&instance.locals), target).0,
                None => f.destination.clone(),
            }
        });
        found.unwrap_or_else(|| {
            self.circle(resource);
            f.destination.clone()
        })
    }

    /// The resource id.
    pub fn resource_id(&self, f: &Frame, index: usize, instance: &Instance) -> Value {
        let Some(resource) = f.body.resources.get(index) else {
            return Value::null(crate::source::Span::NONE);
        };
        let site = resource.name.span;
        instance
            .id
            .get(|| {
                if resource.extension.is_some() {
                    return Value::null(site);
                }
                let name = self.resource_name(f, index, instance);
                let destination = self.destination(f, index, instance);
                let ty = resource.ty.as_str().unwrap_or_default();
                if let Some(known) = name.as_str() {
                    let (wanted, parts) = (ty.split('/').count() - 1, known.split('/').count());
                    if wanted != parts && wanted > 0 && !ty.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") {
                        let detail = format!(
                            "a name of the type `{ty}` has {wanted} {}, and `{known}` has {parts}",
                            if wanted == 1 { "part" } else { "parts between slashes" }
                        );
                        self.fail(site, detail, &[&name]);
                    }
                }
                destination.resource_id(ty, &name, site, &f.context)
            })
            .unwrap_or_else(|| self.circle(resource))
    }

    /// All that a resource sets, with its type, version and name.
    pub fn resource_body(&self, f: &Frame, index: usize, instance: &Instance) -> Value {
        let Some(resource) = f.body.resources.get(index) else {
            return Value::null(crate::source::Span::NONE);
        };
        instance
            .body
            .get(|| {
                let own = Env::of(&instance.locals);
                let mut entries = vec![Entry::new("type", resource.ty.span, resource.ty.clone())];
                if let Some(version) = &resource.api_version {
                    let version = self.eval(f, own, version);
                    entries.push(Entry::new("apiVersion", version.span, version));
                }
                if resource.extension.is_none() {
                    let name = self.resource_name(f, index, instance);
                    entries.push(Entry::new("name", resource.name_key, name));
                }
                let set = self.object(f, own, &resource.properties, resource.span);
                match set.as_map() {
                    Some(set) => entries.extend(set.iter().cloned()),
                    None => self.known_part(f, own, &resource.properties, &set, &mut entries),
                }
                let body = Value::map(entries, resource.span);
                let way = self.presence(f, index, instance).way.followed_by(&f.way);
                body.with_origin(way)
            })
            .unwrap_or_else(|| super::failed(resource.span))
    }
}

impl Evaluator {
    /// A resource that depends on itself: by its name, parent or scope. It is said once.
    fn circle(&self, resource: &Resource) -> Value {
        self.fail(resource.declared, "the resource depends on itself", &[])
    }

    /// Of a body whose keys are not all known: those that are, and `properties` as unknown when they are not among
    /// them, so that nothing looks absent that may be there.
    fn known_part(&self, f: &Frame, own: Env<'_>, from: &[Property], why: &Value, into: &mut Vec<Entry>) {
        for property in from {
            if let Property::Fixed { key, key_span, value } = property {
                let value = self.eval(f, own, value);
                into.push(Entry::new(key.clone(), *key_span, value));
            }
        }
        if !into.iter().any(|e| e.key.eq_ignore_ascii_case("properties")) {
            into.push(Entry::new("properties", why.span, why.clone()));
        }
    }
}

impl Instance {
    /// The turn of a loop whose number is not known.
    pub(super) fn at(each: Option<&Loop>, outer: &[(Text, Value)], turn: &Value, item: &Value) -> Self {
        let mut locals = outer.to_vec();
        if let Some(each) = each {
            locals.extend(each.item.iter().map(|name| (name.clone(), item.clone())));
            locals.extend(each.index.iter().map(|name| (name.clone(), turn.clone())));
        }
        Self::new(locals, &Turns::Failed)
    }

    pub(super) fn new(locals: Vec<(crate::tree::Text, Value)>, turns: &Turns) -> Self {
        Self {
            locals,
            presence: Slot::default(),
            name: Slot::default(),
            id: Slot::default(),
            destination: Slot::default(),
            body: Slot::default(),
            parts: std::cell::RefCell::default(),
            uncounted: turns.unknown(),
        }
    }
}

impl Presence {
    /// It is there.
    pub fn certain() -> Self {
        Self { answer: Ok(true), way: Origin::default() }
    }

    /// Both have to hold.
    pub fn and(self, other: Self) -> Self {
        let answer = match (self.answer, other.answer) {
            (Ok(false), _) | (_, Ok(false)) => Ok(false),
            (Err(why), _) | (_, Err(why)) => Err(why),
            _ => Ok(true),
        };
        Self { answer, way: other.way.followed_by(&self.way) }
    }
}
