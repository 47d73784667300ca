//! Why foreign policies say what they say.

use super::run::Around;
use super::{Foreign, Policies, Shared};
use crate::model::Fleet;
use crate::rule::Settings;
use crate::rule::rego::gatekeeper::{Gatekeeper, Object, Origin, expand};
use crate::rule::rego::{Traced, project};

impl Foreign {
    /// Asks the policy of a rule about each resource, once for all stamps where the rule is on.
    #[must_use]
    pub fn trace(&self, id: &str, fleet: &Fleet, settings: &Settings, resources: &[Shared<'_>]) -> Vec<Traced> {
        let mut found = Vec::new();
        for set in &self.sets {
            let Some(rule) = set.rules.iter().position(|(known, _)| **known == *id) else { continue };
            let run = super::run::Run::new(set, fleet, settings);
            for shared in resources {
                let stamps = run.stamps(rule, shared.1);
                if stamps.is_empty() {
                    continue;
                }
                match &set.policies {
                    Policies::Gatekeeper(gatekeeper) if shared.0.is_kubernetes() => {
                        of_gatekeeper(gatekeeper, rule, &Around::new(fleet), (shared.0, &stamps), &mut found);
                    }
                    Policies::Gatekeeper(_) => {}
                    Policies::Conftest(conftest) => {
                        let input = project(&shared.0.body).value;
                        found.push(traced(shared, stamps, "", conftest.trace(rule, &input)));
                    }
                }
            }
        }
        found
    }
}

fn of_gatekeeper(
    gatekeeper: &Gatekeeper,
    rule: usize,
    around: &Around<'_>,
    (resource, stamps): Shared<'_>,
    found: &mut Vec<Traced>,
) {
    for ((inventory, _), stamps) in around.groups(stamps) {
        let shared = (resource, stamps.as_slice());
        let object = Object::new(&resource.body);
        found.push(traced(&shared, stamps.clone(), "", gatekeeper.trace(rule, &object, inventory)));
        for made in expand(gatekeeper.expansions(), &resource.body) {
            let object = Object::with_origin(&made.body, Origin::Generated);
            let trace = gatekeeper.trace(rule, &object, inventory);
            found.push(traced(&shared, stamps.clone(), &made.expansion, trace));
        }
    }
}

fn traced((resource, _): &Shared<'_>, stamps: Vec<usize>, expansion: &str, trace: crate::rule::rego::Trace) -> Traced {
    let about = match expansion {
        "" => resource.label(),
        name => format!("{}, what `{name}` makes of it", resource.label()),
    };
    Traced { about, place: resource.body.get("kind").map_or(resource.body.span, |k| k.span), stamps, trace }
}
