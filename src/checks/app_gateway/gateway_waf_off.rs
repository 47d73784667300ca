//! `gateway-waf-off`: the gateway's WAF is on, prevents, and has current rules.

use std::sync::Arc;

use crate::model::Resource;
use crate::model::ways::gateway::{Found, Gateway, gateways, policy};
use crate::path;
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Lookup, Path, Value};

const HELP: &str = "Use SKU `WAF_v2` with a policy that is enabled, in Prevention, with `Microsoft_DefaultRuleSet` 2.1 (or OWASP 3.2) and `Microsoft_BotManagerRuleSet`";

/// Judges the gateways of a stamp.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let mut judged: Vec<usize> = Vec::new();
    for gateway in gateways(cx.inventory()) {
        sku(&gateway, out);
        let mut references: Vec<(&Value, Path)> = Vec::new();
        let mut bare = false;
        if let Some(reference) = gateway.resource.body.look("properties.firewallPolicy").known() {
            references.push((reference, Path::dotted("properties.firewallPolicy")));
        } else if let Lookup::Unknown(why) = gateway.resource.body.look("properties.firewallPolicy") {
            out.undetermined(&gateway.resource, Path::dotted("properties.firewallPolicy"), why);
            continue;
        }
        for route in gateway.routes().into_iter().filter(|r| !r.redirects) {
            match route.policy {
                Some(reference) => references.push(reference),
                None => bare = true,
            }
        }
        if bare || references.is_empty() {
            let message = format!("{} has no WAF policy", gateway.resource.noun());
            let place = Path::dotted("properties.firewallPolicy");
            out.push(Finding::at(&gateway.resource, place, message).label("no WAF policy").help(HELP));
        }
        references.dedup_by(|a, b| a.1 == b.1);
        for (reference, at) in references {
            match policy(cx.inventory(), reference, &gateway.resource) {
                Found::Policy(policy) if policy.existing => {
                    out.undetermined_at(Place::at(&gateway.resource, at), "the WAF policy stands outside of the files");
                }
                Found::Policy(policy) => {
                    let pointer = Arc::as_ptr(&policy) as usize;
                    if !judged.contains(&pointer) {
                        judged.push(pointer);
                        judge(&policy, out);
                    }
                }
                Found::Nothing { .. } => {
                    out.undetermined_at(Place::at(&gateway.resource, at), "the WAF policy is not among the files");
                }
                Found::Unclear(why) => out.undetermined_at(Place::at(&gateway.resource, at), why),
            }
        }
    }
}

fn sku(gateway: &Gateway, out: &mut Findings) {
    let body = &gateway.resource.body;
    let (key, found) = match body.look("properties.sku.tier") {
        Lookup::Absent => ("name", body.look("properties.sku.name")),
        tier => ("tier", tier),
    };
    let path = path!["properties", "sku", key];
    match found {
        Lookup::Known(v) if v.as_str().is_some_and(|s| s.eq_ignore_ascii_case("WAF_v2")) || v.has_unknown() => {}
        Lookup::Unknown(why) => out.undetermined(&gateway.resource, path, why),
        found => {
            let word = found.known().and_then(Value::as_str).unwrap_or("missing");
            let message = format!("{} has no firewall: its SKU is {word}", gateway.resource.noun());
            out.push(Finding::at(&gateway.resource, path, message).label("not WAF_v2").help(HELP));
        }
    }
}

fn judge(policy: &Arc<Resource>, out: &mut Findings) {
    for (key, wanted, default) in [("state", "Enabled", "Disabled"), ("mode", "Prevention", "Detection")] {
        let path = path!["properties", "policySettings", key];
        let why = match policy.body.look(&format!("properties.policySettings.{key}")) {
            Lookup::Known(v) if v.as_str().is_some_and(|s| s.eq_ignore_ascii_case(wanted)) || v.has_unknown() => {
                continue;
            }
            Lookup::Unknown(why) => {
                out.undetermined(policy, path, why);
                continue;
            }
            Lookup::Absent => format!("`{key}` is missing, and its default is `{default}`"),
            Lookup::Known(v) => format!("`{key}` is `{}`", v.as_str().unwrap_or("…")),
        };
        let message = format!("{} blocks nothing: {why}", policy.noun());
        out.push(Finding::at(policy, path, message).label(why).help(HELP));
    }
    let at = Path::dotted("properties.managedRules.managedRuleSets");
    let sets = match policy.body.look("properties.managedRules.managedRuleSets") {
        Lookup::Unknown(why) => return out.undetermined(policy, at, why),
        found => found.known().map(Value::items).unwrap_or_default(),
    };
    if sets.iter().any(|s| s.look("ruleSetType").unknown().is_some() || s.look("ruleSetVersion").unknown().is_some()) {
        return out.undetermined_at(Place::at(policy, at), "a rule set is not known");
    }
    let word = |set: &Value, key: &str| {
        set.look(key)
            .known()
            .map(|v| {
                v.as_str().map_or_else(|| crate::checks::setting::said(v).trim_matches('`').to_owned(), str::to_owned)
            })
            .unwrap_or_default()
    };
    let general: Vec<(usize, &Value)> = sets
        .iter()
        .enumerate()
        .filter(|(_, s)| !word(s, "ruleSetType").to_ascii_lowercase().contains("botmanager"))
        .collect();
    let current = |set: &Value| {
        let version: Vec<u32> = word(set, "ruleSetVersion").split('.').filter_map(|p| p.parse().ok()).collect();
        let wanted = if word(set, "ruleSetType").eq_ignore_ascii_case("OWASP") { [3, 2] } else { [2, 1] };
        version.as_slice() >= wanted.as_slice()
    };
    match general.first() {
        None => {
            let message = format!("{} has no managed rule set", policy.noun());
            out.push(Finding::at(policy, at.clone(), message).label("no managed rules").help(HELP));
        }
        Some((i, set)) if !general.iter().any(|(_, s)| current(s)) => {
            let message = format!(
                "{} has an old rule set: {} {}",
                policy.noun(),
                word(set, "ruleSetType"),
                word(set, "ruleSetVersion")
            );
            out.push(Finding::at(policy, at.join(*i).join("ruleSetVersion"), message).label("old").help(HELP));
        }
        Some(_) => {}
    }
    if general.len() == sets.len() && !general.is_empty() {
        let message = format!("{} has no rule set against bots", policy.noun());
        out.push(Finding::at(policy, at, message).label("no bot manager").help(HELP));
    }
}
