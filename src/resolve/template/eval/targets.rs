//! Scopes: where a resource or module goes, and what the deployment's context is there.

use super::super::{Destination, Expr, Target, text};
use super::{Env, Evaluator, Frame};
use crate::resolve::context::{Context, Scope};
use crate::source::Span;
use crate::tree::{Kind, Reason, Unknown, Value, WaitsFor};

impl Evaluator {
    /// Where a target is, and the location of the resource group when that is declared here.
    pub(super) fn target(&self, f: &Frame, env: Env<'_>, target: &Target) -> (Destination, Option<Value>) {
        let context = &f.context;
        let subscription = || Context::part(context.subscription.as_ref(), "subscription", Span::NONE);
        let given = |e: &Option<Expr>| e.as_ref().map(|e| self.eval(f, env, e)).filter(|v| !v.is_null());
        match target {
            Target::Tenant => (Destination::Tenant, None),
            Target::ManagementGroup(name) => {
                let name = given(name)
                    .unwrap_or_else(|| Context::part(context.management_group.as_ref(), "managementGroup", Span::NONE));
                (Destination::ManagementGroup(name), None)
            }
            Target::Subscription(id) => {
                let id = given(id).unwrap_or_else(subscription);
                (Destination::Subscription(id), None)
            }
            Target::ResourceGroup(id, name) => {
                let id = given(id).unwrap_or_else(subscription);
                match given(name) {
                    Some(name) => {
                        let location = self.group_location(f, &name);
                        (Destination::ResourceGroup(id, name), location)
                    }
                    None => (
                        Destination::of(&Context { scope: Scope::ResourceGroup, ..context.clone() }),
                        context.location.clone(),
                    ),
                }
            }
            Target::Resource(index, turn) => self.resource_target(f, env, *index, turn.as_ref()),
            Target::Id(e) => (self.of_id(f, &self.eval(f, env, e)), None),
            Target::Either(either) => {
                let (condition, then, otherwise) = &**either;
                match self.holds(f, env, condition).0 {
                    Ok(true) => self.target(f, env, then),
                    Ok(false) => self.target(f, env, otherwise),
                    Err(why) => {
                        let id = Value::new(Kind::Unknown(why), condition.span);
                        (Destination::Resource(id), None)
                    }
                }
            }
        }
    }

    /// A resource group is deployed into; everything else is extended.
    fn resource_target(
        &self,
        f: &Frame,
        env: Env<'_>,
        index: usize,
        turn: Option<&Expr>,
    ) -> (Destination, Option<Value>) {
        let unknown = || {
            let unknown = Unknown::new(Reason::Error, WaitsFor::Nothing);
            (Destination::Resource(Value::unknown(unknown, Span::NONE)), None)
        };
        let (Some(resource), Some(instances)) = (f.body.resources.get(index), self.instances(f, index)) else {
            return unknown();
        };
        let turn = match turn {
            None => Some(0),
            Some(e) => {
                let turn = self.eval(f, env, e);
                match turn.as_i64() {
                    Some(n) => usize::try_from(n).ok(),
                    None => (instances.len() == 1).then_some(0),
                }
            }
        };
        let Some(instance) = turn.and_then(|t| instances.get(t)) else {
            return unknown();
        };
        let ty = resource.ty.as_str().unwrap_or_default();
        if !ty.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") {
            return (Destination::Resource(self.resource_id(f, index, instance)), None);
        }
        let name = self.resource_name(f, index, instance);
        let id = match self.destination(f, index, instance) {
            Destination::Subscription(id) | Destination::ResourceGroup(id, _) => id,
            _ => Context::part(f.context.subscription.as_ref(), "subscription", Span::NONE),
        };
        let location = (!resource.existing)
            .then(|| self.resource_body(f, index, instance))
            .and_then(|body| body.get_ci("location").cloned())
            .or_else(|| self.same_group(f, &name));
        (Destination::ResourceGroup(id, name), location)
    }

    /// The location of the deployment's own resource group, when it is meant.
    fn same_group(&self, f: &Frame, name: &Value) -> Option<Value> {
        let own = f.context.resource_group.as_ref()?;
        text::same(own, name).then(|| f.context.location.clone())?
    }

    /// The location of a resource group by name, when this template declares it or deploys into it.
    fn group_location(&self, f: &Frame, name: &Value) -> Option<Value> {
        let declared = f.body.resources.iter().enumerate().find_map(|(index, r)| {
            let is_group =
                r.ty.as_str().is_some_and(|ty| ty.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups"));
            if !is_group || r.existing {
                return None;
            }
            let instances = self.instances(f, index)?;
            let instance = instances.iter().find(|i| text::same(&self.resource_name(f, index, i), name))?;
            self.resource_body(f, index, instance).get_ci("location").cloned()
        });
        declared.or_else(|| self.same_group(f, name))
    }

    /// What a resource id, whole or from its type on, extends; `/` is the tenant.
    fn of_id(&self, f: &Frame, id: &Value) -> Destination {
        let known = text::shown(id);
        if known == "/" {
            return Destination::Tenant;
        }
        let pieces = text::split(id, '/');
        let at = |i: usize| pieces.get(i).cloned();
        let is =
            |i: usize, word: &str| pieces.get(i).and_then(Value::as_str).is_some_and(|p| p.eq_ignore_ascii_case(word));
        let rooted = known.starts_with('/');
        if rooted && is(1, "subscriptions") {
            match (pieces.len(), at(2), at(4)) {
                (3, Some(id), _) => return Destination::Subscription(id),
                (5, Some(id), Some(name)) if is(3, "resourceGroups") => {
                    return Destination::ResourceGroup(id, name);
                }
                _ => {}
            }
        }
        // `/providers/Microsoft.Management/managementGroups/name`, or from the type on.
        let offset = if rooted && is(1, "providers") { 2 } else { 0 };
        if is(offset, "Microsoft.Management")
            && is(offset + 1, "managementGroups")
            && pieces.len() == offset + 3
            && let Some(name) = at(offset + 2)
        {
            return Destination::ManagementGroup(name);
        }
        if rooted || pieces.len() < 3 {
            return Destination::Resource(id.clone());
        }
        // From the type on: provider, then types and names in turn.
        let mut ty = vec![pieces.first().map(text::shown).unwrap_or_default()];
        let mut names = Vec::new();
        for (i, piece) in pieces.iter().enumerate().skip(1) {
            if i % 2 == 1 {
                ty.push(text::shown(piece));
            } else {
                if !names.is_empty() {
                    names.push(Value::string("/", id.span));
                }
                names.push(piece.clone());
            }
        }
        let name = crate::resolve::functions::interpolate(&names, id.span, &f.context).unwrap_or_else(|_| id.clone());
        Destination::Resource(f.destination.resource_id(&ty.join("/"), &name, id.span, &f.context))
    }

    /// What functions answer from in a deployment that goes elsewhere.
    pub(super) fn context_at(&self, context: &Context, destination: &Destination, location: Option<Value>) -> Context {
        let mut there = context.clone();
        there.scope = destination.scope();
        match destination {
            Destination::Tenant => {}
            Destination::ManagementGroup(name) => there.management_group = Some(name.clone()),
            Destination::Subscription(id) => there.subscription = Some(id.clone()),
            Destination::ResourceGroup(id, name) => {
                let same = context.scope == Scope::ResourceGroup
                    && context.resource_group.as_ref().map_or_else(
                        || name.as_unknown().is_some_and(|u| u.reason == Reason::Context),
                        |own| text::same(own, name),
                    );
                there.subscription = Some(id.clone());
                there.resource_group = Some(name.clone());
                if !same {
                    there.location = location;
                    there.resource_group_tags = None;
                }
            }
            Destination::Resource(_) => {}
        }
        there
    }
}
