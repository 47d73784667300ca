//! `front-door-waf-off`: a WAF policy that blocks is attached to every endpoint.

use std::sync::Arc;

use crate::model::azure::{Same, same_id};
use crate::model::ways::front_door::{CLASSIC, ENDPOINT, POLICY, SECURITY, is_enabled};
use crate::model::{Inventory, Resource};
use crate::path;
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Case, Lookup, Path, Value};

/// Judges the WAF policies of Front Door, and that each endpoint has one.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let inventory = cx.inventory();
    for policy in inventory.azure(POLICY).filter(|p| !p.existing) {
        judge(policy, out);
    }
    for endpoint in inventory.azure(ENDPOINT).filter(|e| !e.existing && is_enabled(&e.body, "properties.enabledState"))
    {
        match attached(inventory, endpoint) {
            Some(true) => {}
            None => out.undetermined_at(Place::name(endpoint), "which endpoints a security policy guards is not known"),
            Some(false) => {
                let message = format!("no WAF policy is attached to {}", endpoint.noun());
                let help = "Add the endpoint to a `securityPolicies` association";
                out.push(Finding::new(Place::name(endpoint), message).label("no WAF policy").help(help));
            }
        }
    }
    for classic in inventory.azure(CLASSIC).filter(|c| !c.existing) {
        for (path, frontend) in classic.body.select("properties.frontendEndpoints[]", Case::Ignore) {
            if frontend.look("properties.webApplicationFirewallPolicyLink.id").is_absent() {
                let message = format!("no WAF policy is attached to a frontend of {}", classic.noun());
                let path = path.join("properties").join("webApplicationFirewallPolicyLink");
                out.push(Finding::at(classic, path, message).label("no WAF policy"));
            }
        }
    }
}

/// Whether a security policy of the profile names the endpoint.
fn attached(inventory: &Inventory, endpoint: &Resource) -> Option<bool> {
    let crate::model::Identity::Azure { id: own, .. } = &endpoint.identity else { return Some(false) };
    let profile = |name: &str| name.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let mut unclear = false;
    for policy in inventory.azure(SECURITY).filter(|p| profile(p.name()) == profile(endpoint.name())) {
        if policy.body.look("properties.parameters.associations").unknown().is_some() {
            unclear = true;
        }
        for (_, id) in policy.body.select("properties.parameters.associations[].domains[].id", Case::Ignore) {
            match same_id(id, own) {
                Same::Yes => return Some(true),
                Same::Maybe => unclear = true,
                Same::No => {}
            }
        }
    }
    // With one endpoint, an id that may be its own is.
    let endpoints = inventory.azure(ENDPOINT).filter(|e| profile(e.name()) == profile(endpoint.name())).count();
    if unclear && endpoints == 1 {
        return Some(true);
    }
    if unclear { None } else { Some(false) }
}

fn judge(policy: &Arc<Resource>, out: &mut Findings) {
    let help = "Enable the policy, set mode `Prevention`, and let a managed rule set block";
    for (key, wanted, default) in [("enabledState", "Enabled", "Enabled"), ("mode", "Prevention", "Detection")] {
        let path = path!["properties", "policySettings", key];
        let why = match policy.body.look(&format!("properties.policySettings.{key}")) {
            Lookup::Known(v) if v.as_str().is_some_and(|s| s.eq_ignore_ascii_case(wanted)) => continue,
            Lookup::Unknown(why) => {
                out.undetermined(policy, path, why);
                continue;
            }
            Lookup::Known(v) if v.has_unknown() => continue,
            Lookup::Absent if default == wanted => continue,
            Lookup::Absent => format!("`{key}` is missing, and its default is `{default}`"),
            Lookup::Known(v) => format!("`{key}` is `{}`", v.as_str().unwrap_or("…")),
        };
        let message = format!("{} blocks nothing: {why}", policy.noun());
        out.push(Finding::at(policy, path, message).label(why).help(help));
    }
    let sets = policy.body.look("properties.managedRules.managedRuleSets");
    let at = Path::dotted("properties.managedRules.managedRuleSets");
    if let Lookup::Unknown(why) = sets {
        return out.undetermined(policy, at, why);
    }
    let listed = sets.known().map(Value::items).unwrap_or_default();
    let word = |set: &Value, key: &str| set.look(key).known().and_then(Value::as_str).map(str::to_ascii_lowercase);
    let general: Vec<(usize, &Value)> = listed
        .iter()
        .enumerate()
        .filter(|(_, s)| !word(s, "ruleSetType").is_some_and(|t| t.contains("botmanager")))
        .collect();
    if general.iter().any(|(_, s)| s.has_unknown() && s.look("ruleSetAction").unknown().is_some()) {
        return out.undetermined_at(Place::at(policy, at), "what a rule set does is not known");
    }
    let off = |set: &Value| word(set, "ruleSetAction").is_some_and(|a| a == "log") || all_disabled(set);
    if general.iter().any(|(_, s)| !off(s)) {
        return;
    }
    match general.first() {
        Some((i, set)) if word(set, "ruleSetAction").is_some_and(|a| a == "log") => {
            let message = format!("{} guards nothing: its managed rule set only logs", policy.noun());
            out.push(Finding::at(policy, at.join(*i).join("ruleSetAction"), message).label("logs only").help(help));
        }
        Some((i, _)) => {
            let message = format!("{} guards nothing: the rules of its managed rule set are disabled", policy.noun());
            out.push(
                Finding::at(policy, at.join(*i).join("ruleGroupOverrides"), message).label("all disabled").help(help),
            );
        }
        None => {
            let message = format!("{} has no managed rules that block", policy.noun());
            out.push(Finding::at(policy, at, message).label("no managed rules").help(help));
        }
    }
}

/// The rule groups of the default rule set that look at attacks on an application; a set without them guards nothing.
const GROUPS: [&str; 8] = ["LFI", "RFI", "RCE", "PHP", "XSS", "SQLI", "FIX", "JAVA"];

/// Whether overrides disable every one of these groups: an override without rules disables its whole group.
fn all_disabled(set: &Value) -> bool {
    let overrides = set.look("ruleGroupOverrides").known().map(Value::items).unwrap_or_default();
    let disabled = |group: &str| {
        overrides.iter().any(|o| {
            let named = o.look("ruleGroupName").known().and_then(Value::as_str);
            let rules = o.look("rules").known().map(Value::items).unwrap_or_default();
            named.is_some_and(|n| n.eq_ignore_ascii_case(group)) && rules.is_empty()
        })
    };
    GROUPS.iter().all(|g| disabled(g))
}
