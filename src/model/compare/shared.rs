//! What is one for the fleet (registry, base firewall policy, Front Door, workspace, Fleet Manager) and is not the same in
//! every stamp.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Role, Tokens, environments, outliers, role_of};
use crate::model::azure::{CLUSTER, Id, Same};
use crate::model::{Fleet, Identity, Resource, Stamp};
use crate::resolve::template::Source;
use crate::source::Span;
use crate::tree::{Path, Text, Value};

/// What a fleet has one of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Common {
    /// The container registry.
    Registry,
    /// The policy that regional firewalls inherit from.
    BasePolicy,
    /// The Front Door.
    FrontDoor,
    /// The workspace that all stamps send to. Stamps may have one of their own instead.
    Workspace,
    /// The Fleet Manager.
    FleetManager,
}

impl Common {
    /// What messages call it.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::BasePolicy => "base firewall policy",
            Self::FrontDoor => "Front Door",
            Self::Workspace => "workspace",
            Self::FleetManager => "Fleet Manager",
        }
    }

    fn ty(self) -> &'static str {
        match self {
            Self::Registry => "microsoft.containerregistry/registries",
            Self::BasePolicy => "microsoft.network/firewallpolicies",
            Self::FrontDoor => "microsoft.cdn/profiles",
            Self::Workspace => "microsoft.operationalinsights/workspaces",
            Self::FleetManager => "microsoft.containerservice/fleets",
        }
    }

    /// What a parameter of this name stands for.
    #[must_use]
    pub fn of_parameter(name: &str) -> Option<Self> {
        let words = words(name);
        let has = |word: &str| words.iter().any(|w| w == word);
        let ends = words.last().map(String::as_str).unwrap_or_default();
        let names_one = matches!(ends, "id" | "name" | "server" | "url" | "endpoint" | "host" | "fdid");
        let joined = words.concat();
        if joined.contains("frontdoor") && names_one || has("fdid") {
            Some(Self::FrontDoor)
        } else if !names_one && !matches!(ends, "registry" | "acr" | "workspace") {
            None
        } else if joined.contains("registry") || has("acr") {
            Some(Self::Registry)
        } else if joined.contains("basepolicy") || (joined.contains("firewallpolicy") && has("base")) {
            Some(Self::BasePolicy)
        } else if joined.contains("workspace") || joined.contains("loganalytics") {
            Some(Self::Workspace)
        } else if joined.contains("fleetmanager")
            || matches!(joined.as_str(), "fleetid" | "fleetname" | "fleetresourceid")
        {
            Some(Self::FleetManager)
        } else {
            None
        }
    }
}

/// `containerRegistryId` as `container`, `registry`, `id`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before_lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            before_lower = false;
            words.push(String::new());
            continue;
        }
        if words.is_empty() || (c.is_ascii_uppercase() && before_lower) {
            words.push(String::new());
        }
        before_lower = !c.is_ascii_uppercase();
        if let Some(last) = words.last_mut() {
            last.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

/// Where a stamp says which one it uses.
#[derive(Clone, Debug)]
pub enum Said<'f> {
    /// A parameter's value.
    Given(&'f Value),
    /// A property of a resource.
    Property(&'f Arc<Resource>, Path),
    /// A parameter that is left to its default: where it would be given.
    Default(Span),
}

/// A stamp that uses another one than the rest.
#[derive(Clone, Debug)]
pub struct Difference<'f> {
    /// What differs.
    pub common: Common,
    /// The parameter that says so, with its deployment.
    pub parameter: Option<(Text, Text)>,
    /// The odd stamp, and what it says.
    pub odd: (&'f Stamp, Said<'f>, String),
    /// One of those that agree.
    pub norm: (&'f Stamp, Said<'f>, String),
}

/// What a stamp says: compared as ids where both are, else as text without regard to case.
struct Named<'f> {
    said: Said<'f>,
    text: String,
    id: Option<Id>,
    span: Span,
}

impl PartialEq for Named<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.id, &other.id) {
            (Some(a), Some(b)) => a.same(b) != Same::No,
            _ => self.text.eq_ignore_ascii_case(&other.text),
        }
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Parameter(Text, Text),
    Property(Role, String),
    Referred(&'static str),
}

/// All such differences of a fleet, each value once.
#[must_use]
pub fn shared_differences(fleet: &Fleet) -> Vec<Difference<'_>> {
    let mut found = Vec::new();
    for stamps in environments(fleet) {
        let tokens: Vec<Tokens> = stamps.iter().map(|s| Tokens::of(s)).collect();
        let mut slots: BTreeMap<(Common, Slot), Vec<Option<Named<'_>>>> = BTreeMap::new();
        for (i, (stamp, tokens)) in stamps.iter().zip(&tokens).enumerate() {
            for (common, slot, named) in said(stamp, tokens) {
                let row = slots.entry((common, slot)).or_insert_with(|| stamps.iter().map(|_| None).collect());
                if let Some(cell) = row.get_mut(i) {
                    cell.get_or_insert(named);
                }
            }
        }
        let mut told: BTreeSet<(Span, usize)> = BTreeSet::new();
        for ((common, slot), row) in &slots {
            let group = Group { fleet, stamps: &stamps, tokens: &tokens, common: *common, slot, row };
            group.differences(&mut told, &mut found);
        }
    }
    found
}

struct Group<'a, 'f> {
    fleet: &'f Fleet,
    stamps: &'a [&'f Stamp],
    tokens: &'a [Tokens],
    common: Common,
    slot: &'a Slot,
    row: &'a [Option<Named<'f>>],
}

impl<'f> Group<'_, 'f> {
    fn differences(&self, told: &mut BTreeSet<(Span, usize)>, found: &mut Vec<Difference<'f>>) {
        let (is_shared, agreeing) = (self.is_deployed_once(), self.most_agreeing());
        // A workspace may be each stamp's own: that it is to be one shows only where stamps agree on one.
        if self.common == Common::Workspace && !is_shared && agreeing < 2 && !self.says_shared() {
            return;
        }
        for outlier in outliers(self.row) {
            let at = |i: usize| Some((self.row.get(i)?.as_ref()?, *self.stamps.get(i)?, self.tokens.get(i)?));
            let Some((norm, norm_stamp, norm_tokens)) = at(outlier.norm) else { continue };
            for odd in outlier.odd {
                let Some((named, stamp, tokens)) = at(odd) else { continue };
                // Named after the stamp: each has its own on purpose, unless there is one for all.
                let each_its_own = tokens.take_out(&named.text) == norm_tokens.take_out(&norm.text);
                if (each_its_own && !is_shared) || !told.insert((named.span, stamp.index)) {
                    continue;
                }
                found.push(Difference {
                    common: self.common,
                    parameter: match self.slot {
                        Slot::Parameter(deployment, name) => Some((deployment.clone(), name.clone())),
                        _ => None,
                    },
                    odd: (stamp, named.said.clone(), named.text.clone()),
                    norm: (norm_stamp, norm.said.clone(), norm.text.clone()),
                });
            }
        }
    }

    /// Whether the fleet deploys one for all its stamps.
    fn is_deployed_once(&self) -> bool {
        self.fleet.shared.resources.iter().any(|r| r.is_azure(self.common.ty()))
    }

    fn says_shared(&self) -> bool {
        let Slot::Parameter(_, name) = self.slot else { return false };
        words(name).iter().any(|w| matches!(w.as_str(), "shared" | "central" | "global" | "common"))
    }

    fn most_agreeing(&self) -> usize {
        let held: Vec<&Named<'_>> = self.row.iter().flatten().collect();
        held.iter().map(|a| held.iter().filter(|b| **b == *a).count()).max().unwrap_or(0)
    }
}

/// Everything in a stamp that says which one it uses; what it deploys itself is its own.
fn said<'f>(stamp: &'f Stamp, tokens: &Tokens) -> Vec<(Common, Slot, Named<'f>)> {
    let mut found = Vec::new();
    for deployed in &stamp.own.deployed {
        for parameter in deployed.parameters.iter().filter(|p| !p.secure && p.source != Source::Missing) {
            let Some(common) = Common::of_parameter(&parameter.name) else { continue };
            let said = match parameter.source {
                Source::Default => Said::Default(deployed.anchor),
                _ => Said::Given(&parameter.value),
            };
            let span = if parameter.source == Source::Default { deployed.anchor } else { parameter.value.span };
            let slot = Slot::Parameter(deployed.id.clone(), parameter.name.clone());
            found.extend(named(&parameter.value, said, span).map(|n| (common, slot, n)));
        }
    }
    for resource in &stamp.own.resources {
        for (common, path) in properties(resource) {
            let Some(value) = resource.body.look(path).known() else { continue };
            let slot = Slot::Property(role_of(resource, tokens), path.to_owned());
            let said = Said::Property(resource, Path::dotted(path));
            found.extend(named(value, said, value.span).map(|n| (common, slot, n)));
        }
        let referred = [Common::Registry, Common::FrontDoor, Common::FleetManager];
        for common in referred.into_iter().filter(|c| resource.existing && resource.is_azure(c.ty())) {
            let (Identity::Azure { id, .. }, Some(name)) = (&resource.identity, resource.body.get_ci("name")) else {
                continue;
            };
            let said = Said::Property(resource, Path::dotted("name"));
            found.extend(named(id, said, name.span).map(|n| (common, Slot::Referred(common.ty()), n)));
        }
    }
    found.retain(|(common, _, named)| !is_own(stamp, *common, &named.text));
    found
}

fn properties(resource: &Resource) -> Vec<(Common, &'static str)> {
    if resource.existing {
        Vec::new()
    } else if resource.is_azure("Microsoft.Network/firewallPolicies") {
        vec![(Common::BasePolicy, "properties.basePolicy.id")]
    } else if resource.is_azure("Microsoft.Insights/diagnosticSettings") {
        vec![(Common::Workspace, "properties.workspaceId")]
    } else if resource.is_azure(CLUSTER) {
        vec![
            (Common::Workspace, "properties.addonProfiles.omsagent.config.logAnalyticsWorkspaceResourceID"),
            (Common::Workspace, "properties.securityProfile.defender.logAnalyticsWorkspaceResourceId"),
        ]
    } else {
        Vec::new()
    }
}

fn named<'f>(value: &'f Value, said: Said<'f>, span: Span) -> Option<Named<'f>> {
    let id = Id::of(value).filter(|id| id.type_and_names().is_some());
    let text = match (&id, value.as_str()) {
        (_, Some(text)) if !text.is_empty() => text.to_owned(),
        (Some(id), None) => id.name()?.to_owned(),
        _ => return None,
    };
    Some(Named { said, text, id, span })
}

/// Whether a stamp deploys what it names.
fn is_own(stamp: &Stamp, common: Common, text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or(text);
    let name = name.split('.').next().unwrap_or(name);
    let own = stamp.own.resources.iter().filter(|r| !r.existing && r.is_azure(common.ty()));
    own.into_iter().any(|r| r.name().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_told_by_their_words() {
        for (name, common) in [
            ("containerRegistryId", Some(Common::Registry)),
            ("acrName", Some(Common::Registry)),
            ("acrSku", None),
            ("sacrificeId", None),
            ("baseFirewallPolicyId", Some(Common::BasePolicy)),
            ("basePolicyResourceId", Some(Common::BasePolicy)),
            ("frontDoorId", Some(Common::FrontDoor)),
            ("fdid", Some(Common::FrontDoor)),
            ("frontDoorSku", None),
            ("logAnalyticsWorkspaceResourceId", Some(Common::Workspace)),
            ("fleetName", Some(Common::FleetManager)),
            ("fleetSize", None),
            ("registryReplicas", None),
            ("LOG_ANALYTICS_WORKSPACE_ID", Some(Common::Workspace)),
        ] {
            assert_eq!(Common::of_parameter(name), common, "{name}");
        }
    }
}
