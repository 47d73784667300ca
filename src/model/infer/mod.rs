//! What belongs together where no config says so: parameter files with templates, files with stamps.
//!
//! Pure functions over facts of files. What is decided carries its reason; what stays open is said.

mod commands;
mod facts;
mod index;
mod numbered;
mod pairs;
mod series;
mod words;

pub use commands::{Command, of_workflow};
pub use facts::{
    Facts, FileFacts, arm_parameters, arm_template, bicep, bicepparam, chart, kustomization, manifest, script, workflow,
};
pub use pairs::{command_takes, matches};

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{ChartUse, Deployment, DeploymentContext, Plan, PlannedPart, PlannedStamp, Taken};
use crate::source::{Span, parent};
use crate::tree::{Entry, Reason, Text, Unknown, Value, WaitsFor};
use index::{Index, is_inside};
use numbered::{Item, Joined, Known};
use pairs::{Candidate, Pair, Told};
use series::{Label, Series};

/// Names in one sentence beyond this are counted only.
const MOST_NAMED: usize = 6;

/// Infers a plan. `files` are sorted by path.
#[must_use]
pub fn infer(files: &[FileFacts]) -> Plan {
    let index = Index::new(files);
    let pairs = index.pairs();
    let mut found = Series::default();
    let parameters = || index.parameters.keys().copied().filter(|p| !index.bases.contains(p));
    series::series(parameters(), &mut found);
    series::series(index.values.iter().copied(), &mut found);
    series::series(index.overlays.iter().copied(), &mut found);
    let labels = series::stamps(found.members.values());
    let mut plan = Plan::default();
    let mut maker = Maker {
        found: &found,
        stamps: stamps(&labels, &found, &pairs),
        labels,
        shared: PlannedPart::default(),
        inferred: Vec::new(),
    };
    maker.say_stamps();
    maker.deployments(&index, &pairs);
    maker.overlays_and_manifests(&index, &pairs);
    maker.charts(&index);
    plan.charts = loose_charts(&index, &maker.stamps);
    plan.unread = unread(&index, &pairs);
    plan.inferred = maker.inferred;
    plan.stamps = maker.stamps;
    plan.shared = maker.shared;
    plan
}

/// Adds to the deployments of a config what the commands of pipelines pass: a value on a command line is a value.
pub fn supplement(plan: &mut Plan, files: &[FileFacts]) {
    let told: Vec<Told<'_>> = files
        .iter()
        .filter_map(|file| match &file.facts {
            Facts::Commands(commands) => Some(commands.iter().map(|command| Told { path: &file.path, command })),
            _ => None,
        })
        .flatten()
        .collect();
    let parts = plan.stamps.iter_mut().map(|s| &mut s.own).chain([&mut plan.shared]);
    for deployment in parts.flat_map(|p| &mut p.deployments) {
        let path = deployment.template.path.clone();
        let candidates = [Candidate { path: &path, parameters: &[], root: true }];
        let fits = |told: &&Told<'_>| {
            let by_template = pairs::command_template(told.command, &candidates).is_some();
            let mut files = deployment.parameters.iter().map(|t| t.path.as_str());
            by_template
                && match told.command.parameters.is_empty() {
                    true => deployment.parameters.is_empty(),
                    false => files.any(|file| pairs::command_takes(told.command, file)),
                }
        };
        let Some(told) = told.iter().find(fits) else {
            continue;
        };
        for entry in set_of(told.command) {
            if !deployment.set.iter().any(|e| e.key.eq_ignore_ascii_case(&entry.key)) {
                deployment.set.push(entry);
            }
        }
    }
}

fn stamps(labels: &[Label], found: &Series, pairs: &BTreeMap<&str, Pair>) -> Vec<PlannedStamp> {
    let stamp = |name: String, label: &Label| {
        let constant = |sort| {
            let mut words = found.constant.iter().filter(|w| w.sort == sort);
            words.next().filter(|_| words.next().is_none())
        };
        let environment = label.environment.as_ref().or_else(|| constant(words::Sort::Environment));
        PlannedStamp {
            name: name.into(),
            region: label.region.as_ref().map(|w| Value::string(w.meaning, Span::NONE)),
            environment: environment.map(|w| Text::from(w.written.as_str())),
            vars: Vec::new(),
            declared: Span::NONE,
            own: PlannedPart::default(),
        }
    };
    if labels.is_empty() {
        // One stamp; what the names of its parameter files agree on is known of it all the same.
        let mut all = pairs.keys().map(|p| series::all_words(p.rsplit('/').next().unwrap_or(p)));
        let first = all.next().unwrap_or_default();
        let label = if all.all(|l| l == first) { first } else { Label::default() };
        return vec![stamp("default".to_owned(), &label)];
    }
    series::names(labels).into_iter().zip(labels).map(|(name, label)| stamp(name, label)).collect()
}

struct Maker<'s> {
    found: &'s Series,
    labels: Vec<Label>,
    stamps: Vec<PlannedStamp>,
    shared: PlannedPart,
    inferred: Vec<String>,
}

impl Maker<'_> {
    fn say_stamps(&mut self) {
        if self.labels.is_empty() {
            return;
        }
        let names: Vec<String> = self.stamps.iter().map(|s| format!("`{}`", s.name)).collect();
        let from: Vec<String> = self.found.members.keys().take(3).map(|p| format!("`{p}`")).collect();
        let more = self.found.members.len().saturating_sub(from.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        self.inferred.push(format!("stamps {} from {}{more}", names.join(", "), from.join(", ")));
    }

    /// The stamps that the words of a path mean, and the word; none where they say nothing or know no stamp.
    fn named(&self, path: &str) -> Option<(Vec<usize>, String)> {
        let label = match self.found.members.get(path) {
            Some(label) => label.clone(),
            None => series::all_words(path),
        };
        if label.is_empty() || self.labels.is_empty() {
            return None;
        }
        let stamps: Vec<usize> =
            (0..self.labels.len()).filter(|i| self.labels.get(*i).is_some_and(|stamp| label.admits(stamp))).collect();
        let words: Vec<&str> =
            [&label.environment, &label.region].into_iter().flatten().map(|w| w.written.as_str()).collect();
        (!stamps.is_empty()).then(|| (stamps, words.join("` and `")))
    }

    /// The part of a stamp, or what is shared.
    fn part(&mut self, stamp: Option<usize>) -> &mut PlannedPart {
        match stamp.and_then(|i| self.stamps.get_mut(i)) {
            Some(stamp) => &mut stamp.own,
            None => &mut self.shared,
        }
    }

    fn deployments(&mut self, index: &Index<'_>, pairs: &BTreeMap<&str, Pair>) {
        // A file that a command lays below another one is part of that other's deployment.
        let laid_below: BTreeSet<&str> = pairs
            .keys()
            .filter(|path| {
                let has_words = |other: &str| self.named(other).is_some();
                !has_words(path) && is_laid_below(path, index, pairs, &has_words)
            })
            .copied()
            .collect();
        for (path, pair) in pairs.iter().filter(|(p, _)| !laid_below.contains(*p)) {
            let told = index.told(&pair.template, Some(path));
            let below = told.iter().flat_map(|t| {
                laid_below.iter().filter(|b| {
                    pairs::takes_both(t.command, b, path) && pairs.get(*b).is_some_and(|p| p.template == pair.template)
                })
            });
            let mut parameters: Vec<Taken> = below.map(|b| Taken::inferred(*b, "the same command takes it")).collect();
            parameters.push(Taken::inferred(*path, pair.why.clone()));
            let homes: Vec<Option<usize>> = match self.named(path) {
                Some((stamps, _)) => stamps.into_iter().map(Some).collect(),
                None if self.labels.is_empty() => vec![Some(0)],
                None => vec![None],
            };
            self.inferred.extend(pair.note.clone());
            for home in homes {
                let part = self.part(home);
                let id = free_id(&part.deployments, &pair.template, path);
                part.deployments.push(deployment(id, &pair.template, &pair.why, parameters.clone(), told));
            }
        }
        let paired: BTreeSet<&str> = pairs.values().map(|p| p.template.as_str()).collect();
        let lone: Vec<&Candidate<'_>> = index
            .templates
            .iter()
            .filter(|c| c.root && !paired.contains(c.path) && index.deployable.contains(c.path))
            .collect();
        for template in lone {
            let told = index.told(template.path, None);
            let id = free_id(&self.shared.deployments, template.path, template.path);
            let why = "no parameter file belongs to it";
            self.shared.deployments.push(deployment(id, template.path, why, Vec::new(), told));
        }
    }

    fn overlays_and_manifests(&mut self, index: &Index<'_>, pairs: &BTreeMap<&str, Pair>) {
        let unnamed = |maker: &Self, path: &str| maker.named(path).is_none();
        let addresses_below = |dir: &str| -> Vec<std::net::IpAddr> {
            let below = index.manifests.iter().filter(|(p, _)| parent(p) == dir);
            below.flat_map(|(_, a)| a.iter().copied()).collect()
        };
        let overlays = index.overlays.iter().map(|dir| Item { path: dir, addresses: addresses_below(dir) });
        let manifests = index.manifests.iter().map(|(path, addresses)| Item { path, addresses: addresses.to_vec() });
        let items: Vec<Item<'_>> = overlays.chain(manifests).filter(|i| unnamed(self, i.path)).collect();
        let strings: Vec<Vec<Text>> = self
            .stamps
            .iter()
            .map(|stamp| {
                let files = stamp.own.deployments.iter().flat_map(|d| &d.parameters);
                files
                    .filter(|t| pairs.contains_key(t.path.as_str()))
                    .flat_map(|t| index.strings.get(t.path.as_str()).copied().unwrap_or_default())
                    .cloned()
                    .collect()
            })
            .collect();
        let known: Vec<Known<'_>> = strings.iter().map(|strings| Known { strings }).collect();
        let known = if self.labels.is_empty() { &[][..] } else { &known };
        let joined = numbered::join(&items, known);
        self.say_numbers(&joined);
        for path in &index.overlays {
            for (home, taken) in self.homes(path, &joined) {
                self.part(home).overlays.push(taken);
            }
        }
        for path in index.manifests.keys() {
            for (home, taken) in self.homes(path, &joined) {
                self.part(home).manifests.push(taken);
            }
        }
    }

    /// Where an overlay or manifest goes.
    fn homes(&self, path: &str, joined: &BTreeMap<&str, Joined>) -> Vec<(Option<usize>, Taken)> {
        if let Some((stamps, words)) = self.named(path) {
            let taken = Taken::inferred(path, format!("`{words}` in its path"));
            return stamps.into_iter().map(|s| (Some(s), taken.clone())).collect();
        }
        match joined.get(path) {
            Some(Joined::Stamp(stamp, why)) => vec![(Some(*stamp), Taken::inferred(path, why.clone()))],
            Some(Joined::Open) if !self.labels.is_empty() => {
                vec![(None, Taken::inferred(path, "one of a series of numbers that tells no stamp"))]
            }
            _ => {
                let taken = Taken::inferred(path, "nothing ties it to one stamp");
                (0..self.stamps.len()).map(|i| (Some(i), taken.clone())).collect()
            }
        }
    }

    fn say_numbers(&mut self, joined: &BTreeMap<&str, Joined>) {
        if self.labels.is_empty() {
            return;
        }
        let mut open: Vec<String> = Vec::new();
        for (path, to) in joined {
            match to {
                Joined::Stamp(stamp, why) => {
                    let name = self.stamps.get(*stamp).map(|s| s.name.clone()).unwrap_or_default();
                    self.inferred.push(format!("`{path}` belongs to `{name}`: {why}"));
                }
                Joined::Open => open.push(format!("`{path}`")),
            }
        }
        if !open.is_empty() {
            let more = open.len().saturating_sub(MOST_NAMED);
            open.truncate(MOST_NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let names = open.join(", ");
            self.inferred.push(format!("read once for all stamps, as nothing tells whose they are: {names}{more}"));
        }
    }

    /// Values files say which stamps render a chart; only helm can render it.
    fn charts(&mut self, index: &Index<'_>) {
        for chart in &index.charts {
            let own: Vec<&str> = index
                .values
                .iter()
                .copied()
                .filter(|v| crate::source::relative_to(v, chart) != *v || chart.is_empty())
                .collect();
            for i in 0..self.stamps.len() {
                let mine = |path: &&str| self.named(path).is_some_and(|(stamps, _)| stamps.contains(&i));
                let values: Vec<Taken> =
                    own.iter().copied().filter(mine).map(|v| Taken::inferred(v, "its name")).collect();
                if values.is_empty() {
                    continue;
                }
                let id = chart.rsplit('/').next().unwrap_or(chart);
                self.part(Some(i)).charts.push(ChartUse {
                    id: id.into(),
                    chart: Some(Taken::inferred(*chart, "values files of the stamps lie in it")),
                    rendered: Vec::new(),
                    values,
                    set: Vec::new(),
                    release: None,
                    namespace: None,
                    declared: Span::NONE,
                });
            }
        }
    }
}

/// The charts that no stamp's values lie in and that no other chart takes in.
fn loose_charts(index: &Index<'_>, stamps: &[PlannedStamp]) -> Vec<Taken> {
    let used = |chart: &str| {
        let charts = stamps.iter().flat_map(|s| &s.own.charts).filter_map(|c| c.chart.as_ref());
        charts.into_iter().any(|c| c.path == chart)
    };
    let nested = |chart: &str| index.charts.iter().any(|c| *c != chart && is_inside(chart, c, "charts"));
    let loose = index.charts.iter().filter(|c| !index.parts_of_charts.contains(*c) && !used(c) && !nested(c));
    loose.map(|chart| Taken::inferred(*chart, "it is a chart that nothing renders")).collect()
}

/// Whether a parameter file without words of its own is taken by the same command as one with words.
fn is_laid_below(
    path: &str,
    index: &Index<'_>,
    pairs: &BTreeMap<&str, Pair>,
    has_words: &dyn Fn(&str) -> bool,
) -> bool {
    let Some(template) = pairs.get(path).map(|p| &p.template) else {
        return false;
    };
    index.told(template, Some(path)).is_some_and(|told| {
        pairs.iter().any(|(other, pair)| {
            pair.template == *template && has_words(other) && pairs::takes_both(told.command, path, other)
        })
    })
}

/// The template's stem, or what else tells a deployment from those that are there.
fn free_id(held: &[Deployment], template: &str, path: &str) -> Text {
    let stem = pairs::stem(template);
    let with_folder = format!("{}/{stem}", parent(template));
    let tries = [stem, with_folder.as_str(), pairs::stem(path), path];
    tries.into_iter().find(|id| !held.iter().any(|d| d.id == *id)).unwrap_or(path).into()
}

fn deployment(id: Text, template: &str, why: &str, parameters: Vec<Taken>, told: Option<Told<'_>>) -> Deployment {
    let set = told.map(|t| set_of(t.command)).unwrap_or_default();
    Deployment {
        id,
        template: Taken::inferred(template, why),
        parameters,
        set,
        context: DeploymentContext::default(),
        declared: Span::NONE,
        // A script may be one step of many that somebody runs by hand.
        complete: told.is_some_and(|t| t.command.whole && is_workflow(t.path)),
    }
}

/// What a command gives by name. What hides in a variable is given, but not known.
fn set_of(command: &Command) -> Vec<Entry> {
    let value = |name: &Text, value: &Option<Text>| match value {
        Some(text) => Value::string(text.clone(), Span::NONE),
        None => {
            let unknown = Unknown::new(Reason::Context, WaitsFor::Parameter(name.clone()));
            Value::unknown(unknown, Span::NONE)
        }
    };
    command.given.iter().map(|(name, given)| Entry::new(name.clone(), Span::NONE, value(name, given))).collect()
}

fn is_workflow(path: &str) -> bool {
    path.ends_with(".yml") || path.ends_with(".yaml")
}

/// Parameter files that no stamp uses.
fn unread(index: &Index<'_>, pairs: &BTreeMap<&str, Pair>) -> Vec<(String, String)> {
    let mut unread = Vec::new();
    for given in index.parameters.values() {
        if pairs.contains_key(given.path) || index.bases.contains(given.path) {
            continue;
        }
        let why = match given.template {
            Some((template, how)) => format!("{how} names `{template}`, which is not there"),
            None if index.templates.iter().any(|c| pairs::declares_all(c, given)) => {
                "several templates declare its parameters, and nothing tells which one it is for".to_owned()
            }
            None => "no template declares its parameters or has its name".to_owned(),
        };
        unread.push((given.path.to_owned(), format!("no stamp uses `{}`: {why}", given.path)));
    }
    unread
}

#[cfg(test)]
mod tests;
