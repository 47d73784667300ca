//! Two stamps side by side, parameter by parameter and property by property, with the reason of each difference.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::leaves::every_differing_leaf;
use super::{Role, Tokens, differing_leaves, role_of};
use crate::model::{Resource, Stamp};
use crate::resolve::template::{BoundParameter, Source};
use crate::source::Span;
use crate::tree::{Path, Text, Value};

/// What differs.
#[derive(Clone, Debug)]
pub enum Subject<'f> {
    /// A parameter of a deployment.
    Parameter {
        /// The deployment.
        deployment: Text,
        /// The parameter.
        name: Text,
    },
    /// A resource, as the first stamp has it, else as the second.
    Resource(&'f Arc<Resource>),
}

/// Why two values differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// Nothing says so.
    Unexplained,
    /// By their nature: addresses, ids, names of the stamp's own.
    Nature,
    /// A parameter differs, and the value follows from it.
    Follows(Text),
}

/// A side of a difference.
#[derive(Clone, Copy, Debug)]
pub struct Side<'f> {
    /// The value; none where there is none.
    pub value: Option<&'f Value>,
    /// Where it is, or what would hold it.
    pub place: Span,
}

/// A difference between two stamps.
#[derive(Clone, Debug)]
pub struct Difference<'f> {
    /// What differs.
    pub subject: Subject<'f>,
    /// Where in it; the root for a resource that one stamp lacks.
    pub path: Path,
    /// The first stamp's side.
    pub first: Side<'f>,
    /// The second's.
    pub second: Side<'f>,
    /// Why.
    pub why: Why,
    /// Whether the values must not be shown.
    pub secret: bool,
}

/// All differences of two stamps: parameters first, then resources by role. What is shared by all stamps takes no part.
#[must_use]
pub fn diff<'f>(first: &'f Stamp, second: &'f Stamp) -> Vec<Difference<'f>> {
    let tokens = (Tokens::of(first), Tokens::of(second));
    let mut found = parameters(first, second, &tokens);
    let differing: BTreeSet<Text> = found
        .iter()
        .filter_map(|d| match &d.subject {
            Subject::Parameter { name, .. } => Some(name.clone()),
            Subject::Resource(_) => None,
        })
        .collect();
    let (mut ours, mut theirs) = (by_role(first, &tokens.0), by_role(second, &tokens.1));
    // What one template declares at one place is one thing, whatever it is called.
    for (a, b) in of_one_place(&ours, &theirs) {
        if let (Some(a), Some(b)) = (ours.remove(&a), theirs.remove(&b)) {
            resources(a, b, &tokens, &differing, &mut found);
        }
    }
    let roles: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    for role in roles {
        match (ours.get(role), theirs.get(role)) {
            (Some(a), Some(b)) => resources(a, b, &tokens, &differing, &mut found),
            (Some(a), None) => found.push(alone(a, true)),
            (None, Some(b)) => found.push(alone(b, false)),
            (None, None) => {}
        }
    }
    found
}

/// Of resources with one role the first is matched with the first, and so on.
fn by_role<'f>(stamp: &'f Stamp, tokens: &Tokens) -> Held<'f> {
    let mut count: BTreeMap<Role, usize> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for resource in stamp.own.resources.iter().filter(|r| !r.existing) {
        let role = role_of(resource, tokens);
        let nth = count.entry(role.clone()).or_default();
        found.insert((role, *nth), resource);
        *nth += 1;
    }
    found
}

/// Resources without a fellow of their role that stand at one place of one template, in order.
fn of_one_place(ours: &Held<'_>, theirs: &Held<'_>) -> Vec<((Role, usize), (Role, usize))> {
    let mut free: Vec<_> = theirs.iter().filter(|(role, r)| !ours.contains_key(*role) && !r.is_kubernetes()).collect();
    let mut found = Vec::new();
    for (role, resource) in ours.iter().filter(|(role, _)| !theirs.contains_key(*role)) {
        let fellow = free.iter().position(|(_, r)| r.declared == resource.declared);
        if let Some(at) = fellow.filter(|_| !resource.is_kubernetes()) {
            let (other, _) = free.remove(at);
            found.push((role.clone(), other.clone()));
        }
    }
    found
}

type Held<'f> = BTreeMap<(Role, usize), &'f Arc<Resource>>;

fn alone(resource: &Arc<Resource>, is_first: bool) -> Difference<'_> {
    let here = Side { value: Some(&resource.body), place: resource.declared };
    let there = Side { value: None, place: Span::NONE };
    let (first, second) = if is_first { (here, there) } else { (there, here) };
    Difference {
        subject: Subject::Resource(resource),
        path: Path::root(),
        first,
        second,
        why: Why::Unexplained,
        secret: resource.kind() == "Secret",
    }
}

fn resources<'f>(
    a: &'f Arc<Resource>,
    b: &'f Arc<Resource>,
    tokens: &(Tokens, Tokens),
    differing: &BTreeSet<Text>,
    found: &mut Vec<Difference<'f>>,
) {
    if Arc::ptr_eq(a, b) {
        return;
    }
    let unexplained = differing_leaves(&a.body, &tokens.0, &b.body, &tokens.1);
    for leaf in every_differing_leaf(&a.body, &tokens.0, &b.body, &tokens.1) {
        let by_nature = !unexplained.iter().any(|u| u.path == leaf.path);
        let follows = [(a, leaf.first), (b, leaf.second)].into_iter().find_map(|(resource, value)| {
            let within = super::leaves::within(&resource.body, &leaf.path);
            within.into_iter().chain(value).find_map(|v| parameter_of(v, differing))
        });
        let why = match follows {
            Some(name) => Why::Follows(name),
            None if by_nature => Why::Nature,
            None => Why::Unexplained,
        };
        let place = |resource: &Resource, value: Option<&Value>| {
            let holder = || super::leaves::within(&resource.body, &leaf.path).last().map(|v| v.span);
            value.map(|v| v.span).filter(|s| !s.is_none()).or_else(holder).unwrap_or(resource.declared)
        };
        found.push(Difference {
            subject: Subject::Resource(a),
            first: Side { value: leaf.first, place: place(a, leaf.first) },
            second: Side { value: leaf.second, place: place(b, leaf.second) },
            path: leaf.path,
            why,
            secret: a.kind() == "Secret",
        });
    }
}

fn parameter_of(value: &Value, differing: &BTreeSet<Text>) -> Option<Text> {
    let mut found = None;
    let _ = value.origin.leads_through(&mut |step| {
        found = step.name.as_ref().and_then(|n| differing.get(n)).cloned();
        found.is_some()
    });
    found
}

fn parameters<'f>(first: &'f Stamp, second: &'f Stamp, tokens: &(Tokens, Tokens)) -> Vec<Difference<'f>> {
    let all = |stamp: &'f Stamp| -> BTreeMap<(Text, Text), (&'f BoundParameter, Span)> {
        let deployed = stamp.own.deployed.iter();
        deployed.flat_map(|d| d.parameters.iter().map(|p| ((d.id.clone(), p.name.clone()), (p, d.anchor)))).collect()
    };
    let (ours, theirs) = (all(first), all(second));
    let mut found = Vec::new();
    for (key, (a, a_anchor)) in &ours {
        let Some((b, b_anchor)) = theirs.get(key) else { continue };
        let unexplained = differing_leaves(&a.value, &tokens.0, &b.value, &tokens.1);
        for leaf in every_differing_leaf(&a.value, &tokens.0, &b.value, &tokens.1) {
            let by_nature = !unexplained.iter().any(|u| u.path == leaf.path);
            let side = |parameter: &BoundParameter, value: Option<&'f Value>, anchor: Span| Side {
                value: value.filter(|_| parameter.source != Source::Missing),
                place: match parameter.source {
                    Source::Missing | Source::Default => anchor,
                    _ => value.map_or(parameter.value.span, |v| v.span),
                },
            };
            found.push(Difference {
                subject: Subject::Parameter { deployment: key.0.clone(), name: key.1.clone() },
                first: side(a, leaf.first, *a_anchor),
                second: side(b, leaf.second, *b_anchor),
                path: leaf.path,
                why: if by_nature { Why::Nature } else { Why::Unexplained },
                secret: a.secure || b.secure,
            });
        }
    }
    found
}
