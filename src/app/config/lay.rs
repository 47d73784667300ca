//! From the config to the plan: what each stamp consists of, with `eachStamp` laid below the stamp's own keys.

use std::cell::OnceCell;

use globset::{GlobBuilder, GlobMatcher};

use super::check::Fault;
use super::declare::declare;
use super::{Config, Words, one_or_more};
use crate::app::disk::Disk;
use crate::app::walk::everything_below;
use crate::model::drift::matcher;
use crate::model::plan::{ChartUse, Deployment, DeploymentContext, Plan, PlannedPart, PlannedStamp, Taken};
use crate::source::{Code, EntryKind, Files, Problem, join, relative_to};
use crate::tree::{Entry, Text, Value};

/// The plan that a config gives.
///
/// # Errors
/// Words in braces that stand for nothing, and patterns that are none.
pub fn lay(config: &Config, disk: &Disk) -> Result<Plan, Vec<Fault>> {
    let mut layer =
        Layer { config, disk, below: OnceCell::new(), faults: Vec::new(), problems: Vec::new(), stamp: None };
    let plan = layer.plan();
    if layer.faults.is_empty() {
        Ok(plan)
    } else {
        layer.faults.sort_by_key(|f| f.span);
        layer.faults.dedup();
        Err(layer.faults)
    }
}

struct Layer<'c> {
    config: &'c Config,
    disk: &'c Disk,
    /// All files below the config's folder.
    below: OnceCell<Vec<String>>,
    faults: Vec<Fault>,
    problems: Vec<(Problem, Vec<usize>)>,
    /// The stamp that is being laid.
    stamp: Option<usize>,
}

impl Layer<'_> {
    fn plan(&mut self) -> Plan {
        let root = &self.config.root;
        let shared = match root.get("shared") {
            Some(shared) => {
                let words = self.words(None, None);
                self.part(&[shared], &words, "the config's `shared`")
            }
            None => PlannedPart::default(),
        };
        let given = root.get("stamps").and_then(Value::as_list);
        if let Some(none) = root.get("stamps").filter(|_| given.is_some_and(<[Value]>::is_empty)) {
            let help = "name one, as in `- name: eastus2`, or leave the key out: there is one stamp then";
            let fault = Fault::new(none.span, "`stamps` names no stamp", "nothing would be checked");
            self.faults.push(fault.help(Some(help.to_owned())));
        }
        let stamps = match given {
            Some(stamps) => stamps.iter().enumerate().map(|(i, stamp)| self.stamp(i, Some(stamp))).collect(),
            None => vec![self.stamp(0, None)],
        };
        self.twins(&stamps, given.unwrap_or_default());
        let allow = one_or_more(root.get("drift").and_then(|d| d.get("allow")));
        for value in allow.flat_map(|v| [Some(v), v.get("path"), v.get("type")]).flatten() {
            if let Some(Err(why)) = value.as_str().map(matcher) {
                self.faults.push(Fault::new(value.span, why, "not a pattern"));
            }
        }
        for value in ["ignore", "pipelines"].iter().flat_map(|key| one_or_more(root.get(key))) {
            if let Some(Err(why)) = value.as_str().map(glob) {
                self.faults.push(Fault::new(value.span, why, "not a pattern"));
            }
        }
        let mut plan = Plan {
            stamps_key: root.as_map().and_then(|m| m.entry("stamps")).map(|e| e.key_span),
            stamps,
            shared,
            problems: std::mem::take(&mut self.problems),
            ..Plan::default()
        };
        declare(self.config, &mut plan);
        plan
    }

    /// Two stamps of one name cannot be told apart.
    fn twins(&mut self, stamps: &[PlannedStamp], given: &[Value]) {
        for (i, stamp) in stamps.iter().enumerate() {
            let first = stamps.iter().take(i).position(|s| s.name == stamp.name);
            let name_of = |i: usize| given.get(i).and_then(|s: &Value| s.get("name"));
            if let Some((first, again)) = first.and_then(name_of).zip(name_of(i)) {
                let problem = Problem::new(Code::Fleet, again.span, format!("two stamps are called `{}`", stamp.name))
                    .related(first.span, "the first one");
                self.problems.push((problem, vec![i]));
            }
        }
    }

    fn stamp(&mut self, index: usize, given: Option<&Value>) -> PlannedStamp {
        self.stamp = Some(index);
        let get = |key: &str| given.and_then(|g| g.get(key)).filter(|v| !v.is_null());
        let name = get("name").map_or_else(|| "default".into(), |v| self.literal(v));
        if let Some(empty) = get("name").filter(|_| name.is_empty()) {
            self.faults.push(Fault::new(empty.span, "a stamp has an empty name", "reports call it by this"));
        }
        let vars: Vec<(Text, Text)> = get("vars")
            .map(Value::entries)
            .unwrap_or_default()
            .iter()
            .map(|e| (e.key.clone(), self.literal(&e.value)))
            .collect();
        let words = self.words(Some(&name), Some((text(get("region")), text(get("environment")), &vars)));
        let parts: Vec<&Value> = self.config.root.get("eachStamp").into_iter().chain(given).collect();
        let mut own = self.part(&parts, &words, "the config");
        self.exclude(&mut own, get("exclude"), &words);
        if own.is_empty()
            && self.config.root.get("shared").is_none()
            && !self.problems.iter().any(|(_, s)| s.contains(&index))
        {
            let span = get("name").map_or(self.config.root.span, |n| n.span);
            self.problem(Problem::new(Code::Fleet, span, format!("stamp `{name}` consists of nothing")));
        }
        self.stamp = None;
        PlannedStamp {
            region: get("region").cloned(),
            environment: text(get("environment")),
            declared: get("name").map_or(crate::source::Span::NONE, |n| n.span),
            name,
            vars,
            own,
        }
    }

    fn words(&self, name: Option<&Text>, own: Option<(Option<Text>, Option<Text>, &[(Text, Text)])>) -> Words {
        let mut words = Vec::new();
        let mut add = |word: String, value: &Text| words.push((word, value.to_string()));
        if let Some(name) = name {
            add("name".to_owned(), name);
        }
        if let Some((region, environment, vars)) = own {
            if let Some(region) = &region {
                add("region".to_owned(), region);
            }
            if let Some(environment) = &environment {
                add("environment".to_owned(), environment);
            }
            for (key, value) in vars {
                add(format!("vars.{key}"), value);
            }
        }
        Words { stamp: name.cloned(), words }
    }

    /// A scalar as it is written: the `01` of a list of names is no octal number.
    fn literal(&self, value: &Value) -> Text {
        match value.as_str() {
            Some(text) => text.into(),
            None => self.config.source.slice(value.span).into(),
        }
    }

    fn problem(&mut self, problem: Problem) {
        let stamps = self.stamp.into_iter().collect();
        self.problems.push((problem, stamps));
    }

    /// Later layers are laid over earlier ones.
    fn part(&mut self, layers: &[&Value], words: &Words, why: &str) -> PlannedPart {
        let mut part = PlannedPart::default();
        for layer in layers {
            for value in one_or_more(layer.get("manifests")) {
                let found = self.files(value, words, why);
                for taken in found {
                    if !part.manifests.iter().any(|t| t.path == taken.path) {
                        part.manifests.push(taken);
                    }
                }
            }
            for value in one_or_more(layer.get("kustomize")) {
                if let Some(taken) = self.folder(value, words, why)
                    && !part.overlays.iter().any(|t| t.path == taken.path)
                {
                    part.overlays.push(taken);
                }
            }
        }
        for entry in self.merged(layers, "deployments", &["template"], words) {
            part.deployments.extend(self.deployment(&entry, why));
        }
        for entry in self.merged(layers, "helm", &["chart", "rendered"], words) {
            part.charts.extend(self.chart(&entry, words, why));
        }
        part
    }

    /// Entries with ids, those of later layers laid over earlier ones field by field. Words are filled in.
    fn merged(&mut self, layers: &[&Value], key: &str, sources: &[&str], words: &Words) -> Vec<Merged> {
        let mut merged: Vec<Merged> = Vec::new();
        for entry in layers.iter().flat_map(|l| l.get(key).map(Value::items).unwrap_or_default()) {
            let source = sources.iter().find_map(|s| entry.get(s));
            let id = text(entry.get("id")).or_else(|| {
                let first = one_or_more(source).next().and_then(Value::as_str)?;
                Some(stem(first).into())
            });
            let Some(id) = id else {
                self.faults.push(Fault::new(
                    entry.span,
                    format!("an entry of `{key}` has neither `id` nor `{}`", sources.join("` nor `")),
                    "nothing says what this is",
                ));
                continue;
            };
            let filled = words.fill_value(entry, &mut self.faults);
            match merged.iter_mut().find(|m| m.id == id) {
                Some(held) => held.lay(&filled),
                None if source.is_none() => {
                    let span = entry.get("id").map_or(entry.span, |v| v.span);
                    self.problem(
                        Problem::new(Code::Fleet, span, format!("nothing that this could change has the id `{id}`"))
                            .help("the id is that of an entry of `eachStamp`; without one it is the template's stem"),
                    );
                }
                None => merged.push(Merged {
                    id,
                    fields: filled.entries().to_vec(),
                    declared: entry.get("id").or(source).map_or(entry.span, |v| v.span),
                }),
            }
        }
        merged
    }

    fn deployment(&mut self, entry: &Merged, why: &str) -> Option<Deployment> {
        let template = self.path(entry.get("template")?, why)?;
        let parameters = one_or_more(entry.get("parameters")).filter_map(|v| self.path(v, why)).collect();
        let field = |key: &str| entry.get(key).filter(|v| !v.is_null()).cloned();
        let context = |key: &str| {
            let stamp = self.stamp.and_then(|i| {
                let stamps = self.config.root.get("stamps")?.as_list()?;
                stamps.get(i)?.get("context")?.get(key)
            });
            let whole = || self.config.root.get("context")?.get(key);
            stamp.or_else(whole).filter(|v| !v.is_null()).cloned()
        };
        Some(Deployment {
            id: entry.id.clone(),
            template,
            parameters,
            set: entry.get("set").map(|v| v.entries().to_vec()).unwrap_or_default(),
            context: DeploymentContext {
                subscription: field("subscription").or_else(|| context("subscription")),
                tenant: context("tenant"),
                resource_group: field("resourceGroup").or_else(|| context("resourceGroup")),
                location: field("location"),
                scope: field("scope"),
                deployer: context("deployer"),
                time: context("time"),
                seed: context("seed"),
                environment: context("environment").map(|v| v.entries().to_vec()).unwrap_or_default(),
            },
            declared: entry.declared,
            complete: entry.get("complete").and_then(Value::as_bool).unwrap_or(true),
        })
    }

    fn chart(&mut self, entry: &Merged, words: &Words, why: &str) -> Option<ChartUse> {
        let chart = match entry.get("chart") {
            Some(value) => Some(self.path(value, why)?),
            None => None,
        };
        // Beside the config, else in the chart, where values files of stamps often lie.
        let inside = |written: &str| join(&chart.as_ref()?.path, written);
        let values = one_or_more(entry.get("values")).filter_map(|v| {
            let inner = v.as_str().and_then(inside).filter(|p| self.disk.kind(p).is_some());
            match inner {
                Some(path) if join(&self.config.dir, v.as_str()?).is_none_or(|p| self.disk.kind(&p).is_none()) => {
                    Some(Taken { path, named: v.span, exact: true, why: why.to_owned() })
                }
                _ => self.path(v, why),
            }
        });
        let values = values.collect();
        let rendered = one_or_more(entry.get("rendered")).flat_map(|v| self.files(v, words, why)).collect();
        Some(ChartUse {
            id: entry.id.clone(),
            chart,
            rendered,
            values,
            set: entry.get("set").map(|v| v.entries().to_vec()).unwrap_or_default(),
            release: text(entry.get("release")),
            namespace: text(entry.get("namespace")),
            declared: entry.declared,
        })
    }

    /// One file or folder that must be there.
    fn path(&mut self, value: &Value, why: &str) -> Option<Taken> {
        let written = value.as_str()?;
        let Some(path) = join(&self.config.dir, written) else {
            self.outside(value, written);
            return None;
        };
        if self.disk.kind(&path).is_none() {
            self.missing(value, written);
            return None;
        }
        Some(Taken { path, named: value.span, exact: true, why: why.to_owned() })
    }

    fn folder(&mut self, value: &Value, words: &Words, why: &str) -> Option<Taken> {
        let filled = words.fill_value(value, &mut self.faults);
        let mut taken = self.path(&filled, why)?;
        // Naming the file instead of its folder is plain enough.
        if self.disk.kind(&taken.path) == Some(EntryKind::File) {
            taken.path = crate::source::parent(&taken.path).to_owned();
        }
        Some(taken)
    }

    /// The files of a path, folder or pattern.
    fn files(&mut self, value: &Value, words: &Words, why: &str) -> Vec<Taken> {
        let filled = words.fill_value(value, &mut self.faults);
        let Some(written) = filled.as_str() else {
            return Vec::new();
        };
        let Some(path) = join(&self.config.dir, written) else {
            self.outside(value, written);
            return Vec::new();
        };
        let taken = |path: &str, exact| Taken { path: path.to_owned(), named: value.span, exact, why: why.to_owned() };
        match self.disk.kind(&path) {
            Some(EntryKind::File) => return vec![taken(&path, true)],
            Some(EntryKind::Folder) => {
                let mut found = everything_below(self.disk, &path);
                found.retain(|p| may_hold_manifests(p));
                if found.is_empty() {
                    self.empty(value, &format!("no manifest lies in `{written}`"));
                }
                return found.iter().map(|p| taken(p, false)).collect();
            }
            None => {}
        }
        if !is_pattern(written) {
            self.missing(value, written);
            return Vec::new();
        }
        let found = match self.matches(value, &path) {
            Some(found) => found,
            None => return Vec::new(),
        };
        if found.is_empty() {
            self.empty(value, &format!("`{written}` matches no file"));
        }
        found.iter().map(|p| taken(p, false)).collect()
    }

    fn matches(&mut self, value: &Value, pattern: &str) -> Option<Vec<String>> {
        let matcher = match glob(pattern) {
            Ok(matcher) => matcher,
            Err(why) => {
                self.faults.push(Fault::new(value.span, why, "not a pattern"));
                return None;
            }
        };
        // A pattern that begins with `..` reaches beyond the config's folder.
        let start = match relative_to(pattern, &self.config.dir) == pattern && !self.config.dir.is_empty() {
            true => String::new(),
            false => self.config.dir.clone(),
        };
        let all = if start == self.config.dir {
            self.below.get_or_init(|| everything_below(self.disk, &start)).clone()
        } else {
            everything_below(self.disk, &start)
        };
        Some(all.into_iter().filter(|p| may_hold_manifests(p) && matcher.is_match(p)).collect())
    }

    fn exclude(&mut self, part: &mut PlannedPart, patterns: Option<&Value>, words: &Words) {
        for value in one_or_more(patterns) {
            let filled = words.fill_value(value, &mut self.faults);
            let Some(written) = filled.as_str() else {
                continue;
            };
            let Some(pattern) = join(&self.config.dir, written) else {
                self.outside(value, written);
                continue;
            };
            let matcher = match glob(&pattern) {
                Ok(matcher) => matcher,
                Err(why) => {
                    self.faults.push(Fault::new(value.span, why, "not a pattern"));
                    continue;
                }
            };
            let out = |path: &str| matcher.is_match(path) || crate::app::walk::is_below(path, &pattern);
            let before = part.manifests.len() + part.overlays.len() + part.charts.len();
            part.manifests.retain(|t| !out(&t.path));
            part.overlays.retain(|t| !out(&t.path));
            for chart in &mut part.charts {
                chart.rendered.retain(|t| !out(&t.path));
            }
            part.charts.retain(|c| match &c.chart {
                Some(chart) => !out(&chart.path),
                None => !c.rendered.is_empty(),
            });
            if before == part.manifests.len() + part.overlays.len() + part.charts.len() {
                self.problem(Problem::new(Code::Fleet, value.span, format!("`{written}` takes nothing away")));
            }
        }
    }

    fn outside(&mut self, value: &Value, written: &str) {
        self.problem(Problem::new(
            Code::Unreadable,
            value.span,
            format!("`{written}` lies outside the folder that is checked"),
        ));
    }

    fn missing(&mut self, value: &Value, written: &str) {
        self.problem(Problem::new(Code::Unreadable, value.span, format!("`{written}` does not exist")));
    }

    fn empty(&mut self, value: &Value, what: &str) {
        self.problem(Problem::new(Code::Unreadable, value.span, what));
    }
}

/// An entry with an id, as its layers give it.
struct Merged {
    id: Text,
    fields: Vec<Entry>,
    declared: crate::source::Span,
}

impl Merged {
    fn get(&self, key: &str) -> Option<&Value> {
        self.fields.iter().find(|e| e.key == key).map(|e| &e.value)
    }

    /// Lays another entry over this one. `set` is laid parameter by parameter: changing one of them must not lose the others.
    fn lay(&mut self, over: &Value) {
        for entry in over.entries().iter().filter(|e| !e.value.is_null()) {
            let Some(held) = self.fields.iter_mut().find(|e| e.key == entry.key) else {
                self.fields.push(entry.clone());
                continue;
            };
            if entry.key == "set" {
                let mut both = held.value.entries().to_vec();
                both.extend(entry.value.entries().iter().cloned());
                held.value = Value::map(both, entry.value.span);
            } else {
                *held = entry.clone();
            }
        }
    }
}

pub(super) fn text(value: Option<&Value>) -> Option<Text> {
    value.and_then(Value::as_str).map(Text::from)
}

/// A file's name without its last ending; a folder's name.
fn stem(path: &str) -> &str {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, "bicep" | "json" | "jsonc" | "tf" | "yaml" | "yml" | "tgz")) => stem,
        _ => name,
    }
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

fn may_hold_manifests(path: &str) -> bool {
    let extension = path.rsplit('.').next().unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|e| extension.eq_ignore_ascii_case(e))
}

/// A pattern over paths from the root. `*` stays within a folder, `**` does not.
///
/// # Errors
/// What is wrong with it.
pub fn glob(pattern: &str) -> Result<GlobMatcher, String> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .backslash_escape(true)
        .build()
        .map(|g| g.compile_matcher())
        .map_err(|e| format!("`{pattern}` is no pattern: {}", e.kind()))
}
