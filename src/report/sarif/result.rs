//! One finding as a result.

use serde_json::{Map, Value, json};

use super::location::{Places, escaped};
use super::rules::Rules;
use super::set;
use crate::report::Run;
use crate::report::prose::{advice, also};
use crate::report::stamps::Stamps;
use crate::rule::{Effect, Verdict};
use crate::triage::{Accepted, ReadyFix, Reported, Role, SetAside};

/// Links in a message beyond this make it unreadable; the places are listed all the same.
const MOST_LINKS: usize = 3;

/// Makes results.
#[derive(Clone, Copy, Debug)]
pub(super) struct Results<'a> {
    /// The run.
    pub run: &'a Run<'a>,
    /// Locations.
    pub places: &'a Places<'a>,
    /// Rules by index.
    pub rules: &'a Rules<'a>,
    /// Sentences about stamps.
    pub stamps: &'a Stamps<'a>,
}

impl Results<'_> {
    /// The result of a finding.
    pub fn result(&self, finding: &Reported) -> Value {
        let fail = finding.verdict == Verdict::Fail;
        let level = match (fail, finding.effect) {
            // Whatever is no failure has no level.
            (false, _) => "none",
            (true, Effect::Deny) => "error",
            (true, _) => "warning",
        };
        let mut value = json!({
            "ruleId": &*finding.rule.id,
            "kind": if fail { "fail" } else { "review" },
            "level": level,
            "message": {"text": self.message(finding)},
            "locations": [self.primary(finding)],
            "partialFingerprints": fingerprints(finding),
            "properties": self.properties(finding),
        });
        set(&mut value, "ruleIndex", self.rules.index(&finding.rule.id));
        let related = self.related(finding);
        set(&mut value, "relatedLocations", (!related.is_empty()).then_some(related));
        set(&mut value, "codeFlows", self.flow(finding));
        set(&mut value, "suppressions", self.suppressions(finding));
        // With a baseline every result has its state; what is gone has no result.
        let held = finding.set_aside == Some(SetAside::Baseline);
        let state = if held { "unchanged" } else { "new" };
        set(&mut value, "baselineState", self.run.summary.compared.then_some(state));
        let fixes: Vec<Value> = finding.fixes.iter().filter_map(|f| self.fix(f)).collect();
        set(&mut value, "fixes", (!fixes.is_empty()).then_some(fixes));
        value
    }

    /// The message first, so that a narrow column shows what matters; then stamps and links to the further places.
    fn message(&self, finding: &Reported) -> String {
        let mut text = escaped(&finding.message);
        for said in also(finding) {
            text.push_str(&format!(". Also: {}", escaped(&said)));
        }
        if let Some(sentence) = self.stamps.sentence(finding) {
            let word = if finding.stamps.len() == 1 { "Stamp" } else { "Stamps" };
            text.push_str(&format!(". {word}: {}", escaped(&sentence)));
        }
        let links: Vec<String> = finding
            .places
            .iter()
            .skip(1)
            .enumerate()
            .filter(|(_, label)| !label.text.is_empty())
            .take(MOST_LINKS)
            .map(|(i, label)| format!("[{}]({})", escaped(&label.text), i + 1))
            .collect();
        if !links.is_empty() {
            text.push_str(&format!(". See: {}", links.join(", ")));
        }
        if let Some(help) = advice(finding) {
            text.push_str(&format!(". Help: {}", escaped(&help)));
        }
        text
    }

    /// The place to fix. Code scanning refuses a result without a file, so what lies nowhere is put on the config, else on the root.
    fn primary(&self, finding: &Reported) -> Value {
        let mut location = finding.places.first().and_then(|label| self.places.location(label, None)).unwrap_or_else(
            || json!({"physicalLocation": {"artifactLocation": self.places.named(&self.run.nowhere())}}),
        );
        let name = match (&finding.resource, finding.path.as_str()) {
            (Some(resource), "") => Some(resource.clone()),
            (Some(resource), path) => Some(format!("{resource}/{path}")),
            (None, _) => None,
        };
        set(&mut location, "logicalLocations", name.map(|n| json!([{"fullyQualifiedName": n, "kind": "resource"}])));
        location
    }

    fn related(&self, finding: &Reported) -> Vec<Value> {
        finding
            .places
            .iter()
            .skip(1)
            .enumerate()
            .filter_map(|(i, label)| self.places.location(label, Some(i + 1)))
            .collect()
    }

    /// The way of the value through files, where it has one: from the place to fix to where it is used.
    fn flow(&self, finding: &Reported) -> Option<Value> {
        let on_the_way = |role: Role| !matches!(role, Role::Fix | Role::Other);
        if !finding.places.iter().any(|l| on_the_way(l.role)) {
            return None;
        }
        let locations: Vec<Value> = finding
            .places
            .iter()
            .enumerate()
            .filter(|(i, label)| *i == 0 || on_the_way(label.role))
            .filter_map(|(_, label)| self.places.location(label, None))
            .map(|location| json!({"location": location}))
            .collect();
        Some(json!([{"threadFlows": [{"locations": locations}]}]))
    }

    fn properties(&self, finding: &Reported) -> Value {
        let mut properties = json!({
            "stamps": self.stamps.names(finding),
            "effect": finding.effect.word(),
            "severity": finding.severity.word(),
        });
        set(&mut properties, "resource", finding.resource.as_ref());
        set(&mut properties, "renderedFrom", finding.rendered_from.as_ref());
        let verdict = (finding.verdict != Verdict::Fail).then(|| finding.verdict.word());
        set(&mut properties, "verdict", verdict);
        properties
    }

    /// Suppressions are given only where there is one: a viewer takes an empty list for a promise that it looked.
    fn suppressions(&self, finding: &Reported) -> Option<Value> {
        if let Some(SetAside::Suppressed(accepted)) = &finding.set_aside {
            return Some(json!([self.suppression(accepted)]));
        }
        finding
            .exempt
            .then(|| json!([{"kind": "external", "status": "accepted", "justification": "its namespace is exempt"}]))
    }

    fn suppression(&self, accepted: &Accepted) -> Value {
        let mut value = json!({
            "kind": if accepted.in_source { "inSource" } else { "external" },
            "status": "accepted",
            "justification": accepted.reason,
        });
        let location = self.places.physical(accepted.span).map(|p| json!({"physicalLocation": p}));
        set(&mut value, "location", location);
        set(&mut value, "properties", accepted.until.as_ref().map(|day| json!({"until": day})));
        value
    }

    fn fix(&self, fix: &ReadyFix) -> Option<Value> {
        let mut changes: Vec<(Value, Vec<Value>)> = Vec::new();
        for (span, text) in &fix.edits {
            let (artifact, replacement) = self.places.replacement(*span, text)?;
            match changes.iter_mut().find(|(a, _)| *a == artifact) {
                Some((_, replacements)) => replacements.push(replacement),
                None => changes.push((artifact, vec![replacement])),
            }
        }
        if changes.is_empty() {
            return None;
        }
        let changes: Vec<Value> = changes
            .into_iter()
            .map(|(artifact, replacements)| json!({"artifactLocation": artifact, "replacements": replacements}))
            .collect();
        Some(json!({"description": {"text": fix.title}, "artifactChanges": changes}))
    }
}

fn fingerprints(finding: &Reported) -> Map<String, Value> {
    finding.fingerprints.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}
