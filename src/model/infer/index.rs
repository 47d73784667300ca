//! The files of a run by what they are, and what each kind says about the others.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Facts, FileFacts};
use super::pairs::{self, Candidate, Given, Pair, Told};
use crate::source::parent;
use crate::tree::Text;

/// Files by what they are.
pub(super) struct Index<'f> {
    pub manifests: BTreeMap<&'f str, &'f [std::net::IpAddr]>,
    pub overlays: Vec<&'f str>,
    pub templates: Vec<Candidate<'f>>,
    /// Templates that deploy something by themselves.
    pub deployable: BTreeSet<&'f str>,
    pub parameters: BTreeMap<&'f str, Given<'f>>,
    pub strings: BTreeMap<&'f str, &'f [Text]>,
    /// Parameter files that others build on.
    pub bases: BTreeSet<&'f str>,
    pub values: Vec<&'f str>,
    pub charts: Vec<&'f str>,
    /// Charts that others take in, and libraries: nobody renders them by themselves.
    pub parts_of_charts: BTreeSet<&'f str>,
    pub told: Vec<Told<'f>>,
}

impl<'f> Index<'f> {
    pub fn new(files: &'f [FileFacts]) -> Self {
        let mut index = Self {
            manifests: BTreeMap::new(),
            overlays: Vec::new(),
            templates: Vec::new(),
            deployable: BTreeSet::new(),
            parameters: BTreeMap::new(),
            strings: BTreeMap::new(),
            bases: BTreeSet::new(),
            values: Vec::new(),
            charts: Vec::new(),
            parts_of_charts: BTreeSet::new(),
            told: Vec::new(),
        };
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        let mut calls: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut extends: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut kustomized: BTreeSet<&str> = BTreeSet::new();
        let paths: BTreeSet<&str> = files.iter().map(|f| f.path.as_str()).collect();
        let takes_of: BTreeMap<&str, &Vec<String>> = files
            .iter()
            .filter_map(|file| match &file.facts {
                Facts::Kustomization { takes, .. } => Some((parent(&file.path), takes)),
                _ => None,
            })
            .collect();
        for file in files {
            match &file.facts {
                Facts::Kustomization { takes, .. } => {
                    kustomized.insert(parent(&file.path));
                    // One that includes itself, by whatever way, is still built.
                    let back = |to: &str| reaches(&takes_of, to, parent(&file.path));
                    taken.extend(takes.iter().map(String::as_str).filter(|to| !back(to)));
                }
                Facts::Template { calls: own, .. } => {
                    calls.insert(&file.path, own.iter().map(String::as_str).collect());
                }
                Facts::Parameters { extends: own, .. } => {
                    extends.insert(&file.path, own.as_deref().into_iter().collect());
                }
                Facts::Chart { library, parts } => {
                    index.charts.push(parent(&file.path));
                    if *library {
                        index.parts_of_charts.insert(parent(&file.path));
                    }
                    index.parts_of_charts.extend(parts.iter().map(String::as_str));
                }
                _ => {}
            }
        }
        let called = under_others(&calls);
        index.bases = under_others(&extends);
        for file in files {
            let path = file.path.as_str();
            match &file.facts {
                Facts::Manifest { addresses, fragment } => {
                    let of_chart =
                        index.charts.iter().any(|c| is_inside(path, c, "crds") || is_inside(path, c, "charts"));
                    // A patch that its kustomization does not name is switched off, as those that kubebuilder writes.
                    let idle_patch = *fragment && kustomized.contains(parent(path));
                    if !taken.contains(path) && !of_chart && !idle_patch {
                        index.manifests.insert(path, addresses);
                    }
                }
                Facts::Kustomization { component, .. } => {
                    let dir = parent(path);
                    if !component && !taken.contains(dir) && !taken.contains(path) && !index.overlays.contains(&dir) {
                        index.overlays.push(dir);
                    }
                }
                Facts::Template { parameters, compiled, deploys, .. } => {
                    if *compiled && has_source(path, &paths) {
                        continue;
                    }
                    if *deploys {
                        index.deployable.insert(path);
                    }
                    index.templates.push(Candidate { path, parameters, root: !called.contains(path) });
                }
                Facts::Parameters { names, template, strings, .. } => {
                    let template = template.as_ref().map(|(path, why)| (path.as_str(), *why));
                    index.parameters.insert(path, Given { path, template, names });
                    index.strings.insert(path, strings);
                }
                Facts::Values => index.values.push(path),
                Facts::Chart { .. } => {}
                Facts::Commands(commands) => index.told.extend(commands.iter().map(|command| Told { path, command })),
            }
        }
        index
    }

    pub fn pairs(&self) -> BTreeMap<&'f str, Pair> {
        let single = self.parameters.values().filter(|g| !self.bases.contains(g.path));
        single.filter_map(|given| Some((given.path, pairs::pair(*given, &self.templates, &self.told)?))).collect()
    }

    /// What commands say about a template with a parameter file, or with none.
    pub fn told(&self, template: &str, parameters: Option<&str>) -> Option<Told<'f>> {
        self.told.iter().copied().find(|told| {
            let named = told.command.template.is_empty()
                || pairs::command_template(told.command, &self.templates).is_some_and(|c| c.path == template);
            named
                && match parameters {
                    Some(path) => pairs::command_takes(told.command, path),
                    None => told.command.parameters.is_empty() && !told.command.template.is_empty(),
                }
        })
    }
}

/// The files that others name. Of files that name one another in a circle the first stays at the top, else none of them
/// would be looked at, and the circle never seen.
fn under_others<'f>(names: &BTreeMap<&'f str, Vec<&'f str>>) -> BTreeSet<&'f str> {
    let mut under: BTreeSet<&str> = BTreeSet::new();
    for (path, named) in names {
        under.extend(named.iter().filter(|other| *other != path));
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = names.keys().copied().filter(|path| !under.contains(path)).collect();
    let mut rest = names.keys().copied();
    loop {
        while let Some(path) = open.pop() {
            if seen.insert(path) {
                open.extend(names.get(path).into_iter().flatten().copied());
            }
        }
        let Some(first) = rest.find(|path| !seen.contains(path)) else {
            return under;
        };
        under.remove(first);
        open.push(first);
    }
}

/// Whether a path lies in a folder of a folder.
pub fn is_inside(path: &str, dir: &str, folder: &str) -> bool {
    crate::source::relative_to(path, dir)
        .strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/') && (dir.is_empty() || path.starts_with(dir)))
}

/// Whether the kustomization of one folder takes in that of another, by whatever way.
fn reaches(takes_of: &BTreeMap<&str, &Vec<String>>, from: &str, to: &str) -> bool {
    let mut open = vec![from];
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    while let Some(dir) = open.pop() {
        if dir == to {
            return true;
        }
        if seen.insert(dir) {
            open.extend(takes_of.get(dir).into_iter().flat_map(|t| t.iter()).map(String::as_str));
        }
    }
    false
}

/// Whether the Bicep that a template was compiled from lies beside it.
fn has_source(path: &str, paths: &BTreeSet<&str>) -> bool {
    let dir = parent(path);
    let beside = |name: &str| {
        let full = if dir.is_empty() { format!("{name}.bicep") } else { format!("{dir}/{name}.bicep") };
        paths.contains(full.as_str())
    };
    beside(pairs::stem(path)) || beside("main")
}
