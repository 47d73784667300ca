//! Why one rule in Rego says what it says, resource by resource.

use super::rego::Traced;
use super::run::{Index, groups, held};
use super::{Document, FleetCx, Input, ResourceCx, Scope, StampCx};
use crate::source::Span;

/// Traces a rule over everything that it applies to. `None` for a rule that is not written in Rego.
#[must_use]
pub fn trace(input: Input<'_>, rule: &Document) -> Option<Vec<Traced>> {
    let held = held(input.fleet);
    if let Some(own) = input.rego.and_then(|rego| rego.get(&rule.id)) {
        let running = own.begin();
        let mut found = Vec::new();
        let whole = |stamps: &[usize]| -> Vec<_> { groups(input, rule, Some(&running), stamps).into_iter().collect() };
        let all: Vec<usize> = (0..input.fleet.stamps.len()).collect();
        match rule.scope {
            Scope::Resource => {
                let index = Index::of(rule);
                for held in held.iter().filter(|h| !h.resource.existing && index.is_about(h.resource)) {
                    for (setting, stamps) in whole(&held.stamps) {
                        let Some(stamp) = stamps.first().and_then(|s| input.fleet.stamps.get(*s)) else { continue };
                        let (resource, options) = (held.resource, &*setting.options);
                        let cx = ResourceCx { resource, stamp, options, fleet: input.fleet };
                        let place = resource.body.get("kind").map_or(resource.body.span, |k| k.span);
                        found.push(Traced {
                            about: resource.label(),
                            place,
                            stamps,
                            trace: running.trace_resource(&cx),
                        });
                    }
                }
            }
            Scope::Stamp => {
                for stamp in &input.fleet.stamps {
                    for (setting, stamps) in whole(&[stamp.index]) {
                        let cx = StampCx { stamp, options: &setting.options, fleet: input.fleet };
                        let about = format!("stamp `{}`", stamp.name);
                        found.push(Traced { about, place: Span::NONE, stamps, trace: running.trace_stamp(&cx) });
                    }
                }
            }
            Scope::Fleet => {
                let options: Vec<_> =
                    all.iter().filter_map(|i| input.settings.get(&rule.id, *i)).map(|s| s.options.clone()).collect();
                let cx = FleetCx { fleet: input.fleet, options: &options, settings: input.settings };
                let about = "the fleet".to_owned();
                found.push(Traced { about, place: Span::NONE, stamps: all, trace: running.trace_fleet(&cx) });
            }
        }
        return Some(found);
    }
    if rule.engine != super::Engine::Rego {
        return None;
    }
    let shared: Vec<_> =
        held.iter().filter(|h| !h.resource.existing).map(|h| (h.resource, h.stamps.as_slice())).collect();
    Some(input.foreign?.trace(&rule.id, input.fleet, input.settings, &shared))
}
