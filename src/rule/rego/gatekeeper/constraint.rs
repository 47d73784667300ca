//! A constraint: a template with parameters, and the objects that it is about.

use regorus::Value as Rego;

use super::defaults::with_defaults;
use super::matching::Match;
use super::object::{gvk, metadata, text};
use crate::rule::rego::project;
use crate::rule::{Effect, Severity};
use crate::source::Span;
use crate::tree::Value;

/// A constraint.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Its kind, by which its template is found.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Where its kind is written.
    pub declared: Span,
    /// What it is about.
    pub criteria: Match,
    /// What it does with a violation.
    pub effect: Effect,
    /// Whether it acts where tests run: scoped actions may leave that out.
    pub tested: bool,
    /// How bad a violation is: the annotation `stamplint.dev/severity`, else medium.
    pub severity: Severity,
    /// Its parameters, with the schema's defaults.
    pub parameters: Rego,
}

impl Constraint {
    /// Whether a document is a constraint.
    #[must_use]
    pub fn is_one(body: &Value) -> bool {
        gvk(body).0 == "constraints.gatekeeper.sh"
    }

    /// Reads a constraint.
    #[must_use]
    pub fn read(body: &Value) -> Self {
        let spec = body.get("spec");
        let severity = body
            .look("metadata.annotations")
            .known()
            .and_then(|a| a.get("stamplint.dev/severity")?.as_str())
            .and_then(Severity::from_word);
        Self {
            kind: gvk(body).2.to_owned(),
            name: metadata(body, "name").to_owned(),
            declared: body.get("kind").map_or(body.span, |k| k.span),
            criteria: Match::read(spec.and_then(|s| s.get("match"))),
            effect: effect(spec),
            tested: spec.is_none_or(|spec| {
                text(spec, "enforcementAction") != "scoped"
                    || actions(spec).iter().any(|action| acts_at(action, &["*", "gator.gatekeeper.sh"]))
            }),
            severity: severity.unwrap_or(Severity::Medium),
            parameters: spec.and_then(|s| s.get("parameters")).map_or_else(Rego::new_object, |p| project(p).value),
        }
    }

    /// The parameters with what the template's schema gives by default.
    pub(super) fn fill(&mut self, body: &Value, schema: &Value) {
        let empty = Value::map(Vec::new(), Span::NONE);
        let given = body.look("spec.parameters").known();
        // Defaults reach below `parameters` only where it is there or has a default itself.
        let filled = match (given, schema.get("default")) {
            (Some(given), _) => with_defaults(given, schema),
            (None, Some(default)) => with_defaults(default, schema),
            (None, None) => empty,
        };
        self.parameters = project(&filled).value;
    }
}

/// `deny` is deny; everything else that is not off is audit. Of scoped actions those count that act at admission,
/// which is what a check before deployment foretells.
fn effect(spec: Option<&Value>) -> Effect {
    let Some(spec) = spec else {
        return Effect::Deny;
    };
    match text(spec, "enforcementAction") {
        "" | "deny" => Effect::Deny,
        "scoped" => actions(spec).iter().map(scoped).max().unwrap_or(Effect::Off),
        _ => Effect::Audit,
    }
}

fn actions(spec: &Value) -> &[Value] {
    spec.get("scopedEnforcementActions").map(Value::items).unwrap_or_default()
}

fn acts_at(action: &Value, names: &[&str]) -> bool {
    let points = action.get("enforcementPoints").map(Value::items).unwrap_or_default();
    points.iter().any(|p| names.contains(&text(p, "name")))
}

fn scoped(action: &Value) -> Effect {
    let none = action.get("enforcementPoints").map(Value::items).unwrap_or_default().is_empty();
    let admission = ["*", "validation.gatekeeper.sh", "vap.k8s.io", "gator.gatekeeper.sh"];
    match text(action, "action") {
        "deny" if acts_at(action, &admission) => Effect::Deny,
        _ if none => Effect::Off,
        _ => Effect::Audit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    #[test]
    fn actions_are_effects() {
        let sources = Sources::new();
        let cases = [
            ("{}", Effect::Deny),
            ("{enforcementAction: dryrun}", Effect::Audit),
            ("{enforcementAction: warn}", Effect::Audit),
            (
                "{enforcementAction: scoped, scopedEnforcementActions: [{action: deny, enforcementPoints: [{name: '*'}]}, {action: warn, enforcementPoints: [{name: '*'}]}]}",
                Effect::Deny,
            ),
            (
                "{enforcementAction: scoped, scopedEnforcementActions: [{action: deny, enforcementPoints: [{name: audit.gatekeeper.sh}]}]}",
                Effect::Audit,
            ),
            ("{enforcementAction: scoped}", Effect::Off),
        ];
        for (spec, expected) in cases {
            let parsed = yaml::parse(&sources.add("a.yaml", spec)).documents[0].root.clone();
            assert_eq!(effect(Some(&parsed)), expected, "{spec}");
        }
    }
}
