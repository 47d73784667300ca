//! `resource-drift`: the resolved resources of an environment's stamps are the same, but for what follows from parameters.
//!
//! Values that stand at one place of one template can differ by parameters only, and those are `parameter-drift`'s. What
//! is left are copies: of templates, of manifests, of overlays.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::explained::Elsewhere;
use super::state_not_replicated::is_one_for_all;
use crate::checks::setting::said;
use crate::model::compare::{Leaf, Role, Tokens, differing_leaves, environments, natural_hash, outliers, role_of};
use crate::model::drift::{Allowed, runs_ahead};
use crate::model::{Resource, Stamp, StampSet, kubernetes};
use crate::rule::{Finding, Findings, FleetCx, Place};
use crate::tree::{Path, Segment, Value};

/// Compares the resources of each environment's stamps, role by role.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    let allowed = Allowed::of(&cx.fleet.facts.drift);
    let elsewhere = Elsewhere::new(cx);
    for stamps in environments(cx.fleet) {
        let stamps: Vec<&Stamp> = stamps.into_iter().filter(|s| !runs_ahead(&cx.fleet.facts.drift, s)).collect();
        let tokens: Vec<Tokens> = stamps.iter().map(|s| Tokens::of(s)).collect();
        for (role, held) in by_role(&stamps, &tokens) {
            if !allowed.kind(&role.kind) {
                Group { stamps: &stamps, tokens: &tokens, held: &held, allowed: &allowed, elsewhere: &elsewhere }
                    .compare(out);
            }
        }
    }
}

/// Each role's resource in each stamp. Of resources with one role the first is taken: which is which cannot be told.
fn by_role<'s>(stamps: &[&'s Stamp], tokens: &[Tokens]) -> BTreeMap<Role, Vec<Option<&'s Arc<Resource>>>> {
    let mut roles: BTreeMap<Role, Vec<Option<&Arc<Resource>>>> = BTreeMap::new();
    for (i, (stamp, tokens)) in stamps.iter().zip(tokens).enumerate() {
        for resource in stamp.own.resources.iter().filter(|r| !r.existing && !r.name().contains('…')) {
            let held = roles.entry(role_of(resource, tokens)).or_insert_with(|| vec![None; stamps.len()]);
            if let Some(slot) = held.get_mut(i) {
                slot.get_or_insert(resource);
            }
        }
    }
    roles
}

struct Group<'a> {
    stamps: &'a [&'a Stamp],
    tokens: &'a [Tokens],
    held: &'a [Option<&'a Arc<Resource>>],
    allowed: &'a Allowed,
    elsewhere: &'a Elsewhere<'a>,
}

impl Group<'_> {
    fn compare(&self, out: &mut Findings) {
        let Some(first) = self.held.iter().flatten().next() else { return };
        if self.held.iter().flatten().all(|r| Arc::ptr_eq(r, first)) && self.held.iter().all(Option::is_some) {
            return;
        }
        // Which stamps have workloads is `workload-missing-in-stamp`'s to say.
        if self.held.iter().any(Option::is_none) {
            let comparable = self.stamps.iter().all(|s| !s.own.resources.is_empty());
            if comparable && kubernetes::pods(first).is_empty() {
                self.presence(out);
            }
        }
        // What one template makes of parameters differs by them only.
        let of_one_template = |r: &&Arc<Resource>| !r.is_kubernetes() && r.declared.source == first.declared.source;
        if self.held.iter().flatten().all(of_one_template) {
            return;
        }
        let hash = |(r, tokens): (&Option<&Arc<Resource>>, &Tokens)| r.map(|r| natural_hash(&r.body, tokens));
        let bodies: Vec<Option<u128>> = self.held.iter().zip(self.tokens).map(hash).collect();
        for outlier in outliers(&bodies) {
            for odd in outlier.odd {
                self.differences(odd, outlier.norm, out);
            }
        }
    }

    /// A resource in some stamps only. Where stamps share the template that makes it, a condition decides, and so a parameter.
    fn presence(&self, out: &mut Findings) {
        // A store that one stamp alone deploys is one for all: whether the others can do with it is judged elsewhere.
        let mut held = self.held.iter().flatten();
        if let (Some(one), None) = (held.next(), held.next())
            && is_one_for_all(one.azure_type())
        {
            return;
        }
        let present: Vec<Option<bool>> = self.held.iter().map(|r| Some(r.is_some())).collect();
        for outlier in outliers(&present) {
            for odd in &outlier.odd {
                let have = self.held.get(*odd).copied().flatten();
                let holder = have.or_else(|| self.held.get(outlier.norm).copied().flatten());
                let (Some(resource), Some(stamp), Some(norm)) =
                    (holder, self.stamps.get(*odd), self.stamps.get(outlier.norm))
                else {
                    continue;
                };
                let other = if have.is_some() { norm } else { stamp };
                if shares_template(resource, other) {
                    continue;
                }
                let (message, label) = if have.is_some() {
                    (
                        format!("{} is in stamp `{}` and not in `{}`", resource.noun(), stamp.name, norm.name),
                        format!("not in `{}`", norm.name),
                    )
                } else {
                    (
                        format!("{} is missing in stamp `{}`", resource.noun(), stamp.name),
                        format!("not in `{}`", stamp.name),
                    )
                };
                out.push(
                    Finding::new(Place::declaration(resource), message).label(label).stamps(StampSet::one(stamp.index)),
                );
            }
        }
    }

    fn differences(&self, odd: usize, norm: usize, out: &mut Findings) {
        let pair = (self.held.get(odd).copied().flatten(), self.held.get(norm).copied().flatten());
        let (Some(resource), Some(other)) = pair else { return };
        let (Some(stamp), Some(norm_stamp), Some(a), Some(b)) =
            (self.stamps.get(odd), self.stamps.get(norm), self.tokens.get(odd), self.tokens.get(norm))
        else {
            return;
        };
        for leaf in differing_leaves(&resource.body, a, &other.body, b) {
            if self.allowed.path(&leaf.path)
                || is_elsewhere(resource, &leaf.path)
                || follows_from_parameters(resource, other, &leaf)
                || leaf.first.is_some_and(|v| self.elsewhere.holds(v))
            {
                continue;
            }
            let ours = leaf.first.map_or("missing".to_owned(), said);
            let theirs = leaf.second.map_or("missing".to_owned(), said);
            let message = format!(
                "`{}` of {} is {ours} in stamp `{}`, and {theirs} in `{}`",
                leaf.path,
                resource.noun(),
                stamp.name,
                norm_stamp.name
            );
            let finding =
                Finding::at(resource, leaf.path.clone(), message).label(format!("{theirs} in `{}`", norm_stamp.name));
            out.push(
                finding
                    .stamps(StampSet::one(stamp.index))
                    .related(Place::at(other, leaf.path), format!("as `{}` has it", norm_stamp.name)),
            );
        }
    }
}

/// Whether a stamp's resources come from the template that declares a resource.
fn shares_template(resource: &Resource, stamp: &Stamp) -> bool {
    !resource.is_kubernetes() && stamp.own.resources.iter().any(|r| r.declared.source == resource.declared.source)
}

/// Whether a difference can come from parameters only: both stamps take the value from one template, or one of them from
/// its parameter file.
fn follows_from_parameters(resource: &Resource, other: &Resource, leaf: &Leaf<'_>) -> bool {
    // Overlays of one base differ by what is laid over it, and that is drift.
    if resource.is_kubernetes() {
        return false;
    }
    let from_parameter = |v: &Value| v.origin.steps().any(|s| s.name.is_some()) || v.span.is_none();
    resource.declared.source == other.declared.source || leaf.first.into_iter().chain(leaf.second).any(from_parameter)
}

/// What other rules compare: images, versions, regions.
fn is_elsewhere(resource: &Resource, path: &Path) -> bool {
    let last = path.0.iter().rev().find_map(|s| if let Segment::Key(key) = s { Some(key.as_str()) } else { None });
    let keys = ["kubernetesVersion", "orchestratorVersion", "nodeOSUpgradeChannel", "location", "apiVersion"];
    last.is_some_and(|key| keys.iter().any(|k| key.eq_ignore_ascii_case(k)))
        || (resource.is_kubernetes() && last == Some("image"))
}
