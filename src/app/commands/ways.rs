//! `stamplint explain fdid-not-checked --fleet`: the ways into each stamp, drawn.

use super::{FINE, Terminal, request};
use crate::app::cli::Global;
use crate::app::failure::Failure;
use crate::app::session::{Request, Session};
use crate::checks::who_may_pass;
use crate::model::Fleet;
use crate::model::ways::{Spot, front_door, ways};
use crate::report::ways::{Drawing, StampWays, draw};
use crate::rule::Selection;
use crate::source::Sources;
use crate::triage::span_of;

/// The one rule whose verdict is a path through the fleet.
const RULE: &str = "fdid-not-checked";

/// Draws the ways into the stamps of a fleet.
///
/// # Errors
/// When the rule is another one, the fleet cannot be read, or standard output cannot be written.
pub fn run(rule: &str, paths: &[String], global: &Global, terminal: &Terminal) -> Result<u8, Failure> {
    if rule != RULE {
        return Err(Failure::new(format!("`--fleet` draws the ways in, which only `{RULE}` follows"))
            .help(Some(format!("`stamplint check --select {rule}` shows what `{rule}` finds in the fleet"))));
    }
    let selection = Selection { select: vec![RULE.to_owned()], ignore: Vec::new() };
    let request = Request { selection, ..request(paths, global)? };
    let outcome = Session::new()?.check(&request)?;
    let wanted = crate::app::narrow::stamps(&request, &outcome.fleet)?;
    let fleet = &outcome.fleet;
    let shown = fleet.stamps.iter().filter(|s| wanted.is_empty() || wanted.contains(&s.index));
    let drawn: Vec<StampWays> = shown
        .map(|stamp| {
            let setting = outcome.settings.get(RULE, stamp.index);
            let options = setting.map(|s| who_may_pass(fleet, &s.options)).unwrap_or_default();
            StampWays { stamp: stamp.name.to_string(), ways: ways(&stamp.inventory, &options).ways }
        })
        .collect();
    let place = |spot: &Spot| place(spot, &outcome.sources);
    let text = draw(&drawn, &Drawing { front: &front(fleet), place: &place, unicode: terminal.unicode });
    terminal.print(&text)?;
    if !front_door::is_behind(fleet) {
        terminal
            .say("no stamp is behind a Front Door, as far as the files and the config say: the rule judges nothing\n");
    }
    Ok(FINE)
}

/// What stands in front of the stamps.
fn front(fleet: &Fleet) -> String {
    let all = fleet.stamps.iter().flat_map(|s| s.inventory.all()).chain(&fleet.shared.resources);
    let mut names: Vec<String> = Vec::new();
    for resource in all {
        let is_profile = resource.is_azure(front_door::PROFILE) && front_door::is_front_door(resource);
        if (is_profile || resource.is_azure(front_door::CLASSIC)) && !names.iter().any(|n| n == resource.name()) {
            names.push(resource.name().to_owned());
        }
    }
    match names.as_slice() {
        [] if fleet.facts.front_door.ids.is_empty() => "the internet".to_owned(),
        [] => "the internet, and the config's Front Door".to_owned(),
        names => format!("the internet, and Front Door `{}`", names.join("`, `")),
    }
}

fn place(spot: &Spot, sources: &Sources) -> String {
    let span = span_of(&spot.resource, &spot.path, sources);
    let Some(source) = sources.get(span.source) else { return String::new() };
    let at = source.position_chars(span.start);
    format!("{}:{}:{}", source.path(), at.line, at.column)
}
