//! `region-hard-coded`: in what several stamps share, no region's name decides a location, a name or a host.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::references::references;
use crate::model::{Fleet, Resource, Stamp, StampSet};
use crate::resolve::regions::{self, Region};
use crate::resolve::template::Source;
use crate::rule::{Finding, Findings, FleetCx};
use crate::source::{SourceId, Span};
use crate::tree::{Kind, Leaf, Part, Path, StepKind, Value};

/// Looks for literals that several stamps take from one template, chart or base.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    let fleet = cx.fleet;
    let mut search = Search {
        declared: fleet.declared,
        shared: shared_names(fleet),
        met: Vec::new(),
        at: HashMap::new(),
        clean: HashSet::new(),
    };
    for stamp in &fleet.stamps {
        search.stamp(stamp);
    }
    // A value that names what belongs to another stamp is that rule's.
    let elsewhere: HashSet<Span> = if cx.runs("reference-to-other-stamp") && !search.met.is_empty() {
        references(fleet).iter().map(|r| r.value.span).collect()
    } else {
        HashSet::new()
    };
    for met in search.met.iter().filter(|m| !elsewhere.contains(&m.span) && m.is_hard_coded(fleet)) {
        let message = format!(
            "{} `{}` names `{}`, and {} stamps share it",
            met.what,
            met.text,
            met.region.name,
            met.stamps.len()
        );
        let stamps = StampSet::from_indexes(met.stamps.iter().copied());
        let label = format!("`{}` in every stamp", met.region.name);
        out.push(Finding::at(met.resource, met.path.clone(), message).label(label).stamps(stamps));
    }
}

/// A literal that names a region.
struct Met<'f> {
    span: Span,
    region: &'static Region,
    what: &'static str,
    text: String,
    /// Whether it is put together from pieces: then the stamp's own region may be one of them.
    composed: bool,
    resource: &'f Arc<Resource>,
    path: Path,
    stamps: BTreeSet<usize>,
}

impl Met<'_> {
    /// A literal of several stamps. One that is chosen by region is not: it is there in the region's stamps only.
    fn is_hard_coded(&self, fleet: &Fleet) -> bool {
        let elsewhere = |i: &usize| {
            let region = fleet.stamps.get(*i).and_then(|s| s.region.as_deref()).and_then(regions::find);
            region.is_some_and(|r| r.name != self.region.name)
        };
        let declared = self.resource.declared.source;
        let takers = fleet.stamps.iter().filter(|s| takes(s, declared)).count();
        self.stamps.len() > 1 && (self.stamps.iter().any(elsewhere) || (self.stamps.len() == takers && !self.composed))
    }
}

fn takes(stamp: &Stamp, source: SourceId) -> bool {
    stamp.own.resources.iter().any(|r| r.declared.source == source)
}

struct Search<'f> {
    declared: bool,
    shared: HashSet<String>,
    met: Vec<Met<'f>>,
    at: HashMap<(Span, &'static str), usize>,
    /// Literals that name no region.
    clean: HashSet<Span>,
}

impl<'f> Search<'f> {
    fn stamp(&mut self, stamp: &'f Stamp) {
        let given = Given::of(stamp);
        // What was rendered before was rendered for somebody: that several stamps take it was only inferred.
        let counts = |r: &&Arc<Resource>| !r.existing && (self.declared || r.rendered_from.is_none());
        let resources: Vec<&Arc<Resource>> = stamp.own.resources.iter().filter(counts).collect();
        for resource in resources {
            resource.body.each_text(&mut |leaf| {
                let span = leaf.value.span;
                let own = given.sources.contains(&span.source) || span.source == stamp.declared.source;
                if !span.is_none() && !own && !self.clean.contains(&span) {
                    self.leaf(stamp, &given, resource, leaf);
                }
            });
        }
    }

    fn leaf(&mut self, stamp: &Stamp, given: &Given<'_>, resource: &'f Arc<Resource>, leaf: Leaf<'f, '_>) {
        let span = leaf.value.span;
        let composed = leaf.value.origin.steps().any(|s| s.kind == StepKind::Composed);
        let Some((region, what, text)) = self.names_region(resource, leaf) else {
            // A literal is the same in every stamp, but one place may be a location and another a tag.
            if !composed && regions::named_in(&known(leaf.value)).is_none() {
                self.clean.insert(span);
            }
            return;
        };
        if given.explain(region, leaf) {
            return;
        }
        let at = *self.at.entry((span, &region.name)).or_insert_with(|| {
            let path = leaf.path.clone();
            self.met.push(Met { span, region, what, text, composed, resource, path, stamps: BTreeSet::new() });
            self.met.len() - 1
        });
        if let Some(met) = self.met.get_mut(at) {
            met.stamps.insert(stamp.index);
        }
    }

    fn names_region(&self, resource: &Resource, leaf: Leaf<'_, '_>) -> Option<(&'static Region, &'static str, String)> {
        if leaf.is_below(&["tags", "metadata", "description"]) && !resource.is_kubernetes() {
            return None;
        }
        let text = known(leaf.value);
        if text.len() > LONGEST {
            return None;
        }
        let key = leaf.key();
        if let Some(region) = regions::find(&text).filter(|_| is_location(resource, leaf, &key)) {
            return Some((region, "location", text));
        }
        let region = regions::named_in(&text)?;
        if let Some((region, host)) = hosts(&text).find_map(|host| Some((regions::named_in(host)?, host))) {
            let first = host.split('.').next().unwrap_or_default();
            let is_image = key == "image" || host.ends_with(".azurecr.io") && !host.ends_with(".data.azurecr.io");
            return (!is_image && !self.shared.contains(&first.to_lowercase()))
                .then(|| (region, "host", host.to_owned()));
        }
        let is_word = !text.contains([' ', '/', '\n', '{']);
        (is_word && is_name(resource, leaf, &key) && !self.shared.contains(&text.to_lowercase()))
            .then_some((region, "name", text))
    }
}

/// Longer texts are not looked at.
const LONGEST: usize = 1 << 16;

/// What the parameters of a stamp give.
struct Given<'s> {
    sources: HashSet<SourceId>,
    values: Vec<(&'s str, String)>,
}

impl<'s> Given<'s> {
    fn of(stamp: &'s Stamp) -> Self {
        let mut given = Self { sources: HashSet::new(), values: Vec::new() };
        for deployed in &stamp.own.deployed {
            for parameter in deployed.parameters.iter().filter(|p| matches!(p.source, Source::File | Source::Set)) {
                given.sources.extend(parameter.name_span.map(|s| s.source));
                let mut text = String::new();
                parameter.value.each_text(&mut |leaf| {
                    text.push_str(&known(leaf.value).to_lowercase());
                    text.push('\n');
                });
                given.values.push((&parameter.name, text));
            }
        }
        if let Some(from) = &stamp.region_from {
            given.sources.insert(from.span.source);
        }
        given.sources.remove(&SourceId::NONE);
        // What another deployment puts out was given by a template.
        for resource in &stamp.own.resources {
            given.sources.remove(&resource.declared.source);
        }
        given
    }

    /// Whether the region of a composed text comes from a parameter that the stamp gives.
    fn explain(&self, region: &Region, leaf: Leaf<'_, '_>) -> bool {
        let names = |name: &str| {
            self.values.iter().any(|(n, text)| n.eq_ignore_ascii_case(name) && text.contains(region.name.as_str()))
        };
        leaf.within.iter().copied().chain([leaf.value]).any(|value| {
            value.origin.leads_through(&mut |step| {
                step.name.as_deref().is_some_and(names)
                    || step.inputs.iter().any(|i| self.sources.contains(&i.span.source))
            })
        })
    }
}

/// The names of what is deployed once: a stamp that names it names what it is to name.
fn shared_names(fleet: &Fleet) -> HashSet<String> {
    let shared = fleet.shared.resources.iter().filter(|r| !r.is_kubernetes());
    shared.filter_map(|r| r.name().rsplit('/').next()).map(str::to_lowercase).collect()
}

fn known(value: &Value) -> String {
    match &value.kind {
        Kind::String(text) => text.to_string(),
        // What is not known stands between what is: no word goes across it.
        Kind::Parts(parts) => {
            parts.iter().map(|p| if let Part::Text(text) = p { text.as_str() } else { "\u{1}" }).collect()
        }
        _ => String::new(),
    }
}

/// Whether a text is to say where something goes.
fn is_location(resource: &Resource, leaf: Leaf<'_, '_>, key: &str) -> bool {
    let says = |word: &str| {
        let word = word.to_lowercase();
        ["location", "locations", "region", "regions"].iter().any(|end| word.ends_with(end)) && word != "hostregion"
    };
    if says(key) {
        return true;
    }
    // `name: REGION` beside `value: eastus2`, and `key: topology.kubernetes.io/region` beside `values: [eastus2]`.
    let beside = |name: &str| leaf.map().and_then(|m| m.get_ci(name)).and_then(Value::as_str).is_some_and(says);
    match key {
        "value" => beside("name") || beside("key"),
        "values" => resource.is_kubernetes() && beside("key"),
        "locationname" | "topology.kubernetes.io/region" => true,
        _ => false,
    }
}

/// Whether a text is the name of something. Display names are for people.
fn is_name(resource: &Resource, leaf: Leaf<'_, '_>, key: &str) -> bool {
    if resource.is_kubernetes() && leaf.is_below(&["labels", "matchLabels", "annotations"]) {
        return false;
    }
    key.ends_with("name") && !matches!(key, "displayname" | "hostname" | "friendlyname")
}

/// The host names in a text.
fn hosts(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')));
    words.map(|w| w.trim_matches(['.', '-'])).filter(|w| {
        let last = w.rsplit('.').next().unwrap_or_default();
        let file = ["yaml", "yml", "json", "toml", "md", "conf", "cfg", "crt", "pem", "key", "txt", "sh", "log", "io"];
        let ends = last.len() > 1 && last.bytes().all(|b| b.is_ascii_alphabetic());
        w.matches('.').count() > 0 && ends && (!file.contains(&last) || (last == "io" && w.matches('.').count() > 1))
    })
}

#[cfg(test)]
mod tests {
    use super::hosts;

    #[test]
    fn hosts_are_told_from_files_and_versions() {
        let found: Vec<&str> =
            hosts("https://eastus2.monitor.azure.com/x app.yaml 1.2.3 a.eastus2.data.azurecr.io:443 v1.x-y").collect();
        assert_eq!(found, ["eastus2.monitor.azure.com", "a.eastus2.data.azurecr.io"]);
    }
}
