//! What Flux and Argo CD make of a stamp's objects before they are deployed: variables are replaced, and charts in the
//! tree rendered.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::disk::Disk;
use super::index::Index;
use super::render::Built;
use super::walk::is_below;
use crate::model::plan::{Plan, PlannedPart};
use crate::model::{Resource, manifest};
use crate::resolve::helm::{Around, Release, delivered};
use crate::resolve::kustomize::FILE_NAMES;
use crate::resolve::substitute::{Variables, apply};
use crate::source::{Files, Problem, join};
use crate::tree::Value;

/// The objects of a file or overlay.
type Objects = Arc<Vec<Arc<Resource>>>;

/// What the controllers make of a fleet. Parts are the stamps in their order, then what is shared.
#[derive(Debug, Default)]
pub struct Gitops {
    /// The objects of files and overlays in which variables were replaced, by part and path.
    substituted: BTreeMap<(usize, String), Objects>,
    /// The charts that objects of each part ask for.
    pub releases: Vec<Vec<Release>>,
    /// What is wrong, with the part.
    pub problems: Vec<(usize, Problem)>,
}

impl Gitops {
    /// The objects of a file or overlay of a part, where they differ from what is written.
    #[must_use]
    pub fn objects(&self, part: usize, path: &str) -> Option<&[Arc<Resource>]> {
        self.substituted.get(&(part, path.to_owned())).map(|o| o.as_slice())
    }
}

/// Rounds of replacing: what replaces may itself hold variables.
const ROUNDS: usize = 3;

/// Looks through all objects of a plan.
#[must_use]
pub fn gitops(plan: &Plan, index: &Index, overlays: &BTreeMap<String, Built>, disk: &Disk) -> Gitops {
    let parts: Vec<&PlannedPart> = plan.stamps.iter().map(|s| &s.own).chain([&plan.shared]).collect();
    let mut looked = Looker { index, disk, parts: Vec::new(), cache: HashMap::new() };
    for part in parts {
        let built =
            part.overlays.iter().filter_map(|t| Some((t.path.clone(), overlays.get(&t.path)?.resources.clone())));
        let rendered = part.charts.iter().flat_map(|c| &c.rendered);
        let files = part.manifests.iter().chain(rendered);
        let files = files.filter_map(|t| Some((t.path.clone(), index.get(&t.path)?.resources.clone())));
        looked.parts.push(built.chain(files).map(|(path, objects)| (path, Arc::new(objects))).collect());
    }
    let mut found = Gitops { releases: vec![Vec::new(); looked.parts.len()], ..Gitops::default() };
    if !looked.has_any() {
        return found;
    }
    let written = looked.parts.clone();
    for _ in 0..ROUNDS {
        let changed = looked.replace(&written, &mut found.substituted);
        if !changed {
            break;
        }
    }
    for part in 0..looked.parts.len() {
        let objects = |kind: &str, namespace: &str, name: &str| looked.object(part, kind, namespace, name);
        let around = Around { files: disk, sources: disk.sources(), objects: &objects };
        for resource in looked.parts.get(part).into_iter().flatten().flat_map(|(_, objects)| objects.iter()) {
            let asked = delivered(&resource.body, &around);
            found.problems.extend(asked.problems.into_iter().map(|p| (part, p)));
            if let Some(releases) = found.releases.get_mut(part) {
                releases.extend(asked.releases);
            }
        }
    }
    found
}

struct Looker<'a> {
    index: &'a Index,
    disk: &'a Disk,
    /// The objects of each part by file or overlay.
    parts: Vec<Vec<(String, Objects)>>,
    /// Stamps whose variables are the same share what they come to.
    cache: HashMap<(String, String), Objects>,
}

impl Looker<'_> {
    /// Whether any object is one that a controller of ours reads.
    fn has_any(&self) -> bool {
        let groups = ["helm.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io", "argoproj.io"];
        let mut all = self.parts.iter().flatten().flat_map(|(_, objects)| objects.iter());
        all.any(|r| groups.contains(&r.group()))
    }

    /// The objects that a part can see: its own, the shared ones, then all that were read.
    fn visible(&self, part: usize) -> impl Iterator<Item = &Arc<Resource>> {
        let own = self.parts.get(part).into_iter().flatten();
        let shared = self.parts.last().into_iter().flatten().filter(move |_| part + 1 != self.parts.len());
        own.chain(shared).flat_map(|(_, objects)| objects.iter())
    }

    fn object(&self, part: usize, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let is_named = |r: &&Arc<Resource>| r.kind() == kind && r.group().is_empty() && is_or_hashed(r.name(), name);
        let anywhere = self.index.files().flat_map(|(_, f)| f.resources.iter());
        let near: Vec<&Arc<Resource>> = self.visible(part).filter(is_named).collect();
        let found = near.iter().find(|r| r.namespace() == namespace).or(near.first()).copied();
        // In files that belong to other stamps only where there is but one.
        let mut others = anywhere.filter(is_named);
        let alone = others.next().filter(|_| others.next().is_none());
        found.or(alone).map(|r| r.body.clone())
    }

    /// Replaces variables in all parts; whether that changed anything.
    fn replace(
        &mut self,
        written: &[Vec<(String, Objects)>],
        substituted: &mut BTreeMap<(usize, String), Objects>,
    ) -> bool {
        let mut changed = false;
        let anywhere = builders(self.index.files().flat_map(|(_, f)| f.resources.iter()));
        for (part, files) in written.iter().enumerate() {
            let near = builders(self.visible(part));
            if near.is_empty() && anywhere.is_empty() {
                continue;
            }
            for (i, (path, objects)) in files.iter().enumerate() {
                let Some(variables) = self.variables(part, path, &near, &anywhere) else { continue };
                let key = (path.clone(), format!("{variables:?}"));
                let made = match self.cache.get(&key) {
                    Some(made) => Arc::clone(made),
                    None => {
                        let made: Objects = Arc::new(objects.iter().flat_map(|r| replaced(r, &variables)).collect());
                        self.cache.insert(key, Arc::clone(&made));
                        made
                    }
                };
                if let Some((_, held)) = self.parts.get_mut(part).and_then(|p| p.get_mut(i)) {
                    changed |= !Arc::ptr_eq(held, &made);
                    *held = Arc::clone(&made);
                }
                substituted.insert((part, path.clone()), made);
            }
        }
        changed
    }

    /// The variables that a file or overlay of a part is built with.
    fn variables(&self, part: usize, path: &str, near: &[Builder], anywhere: &[Builder]) -> Option<Variables> {
        let builds = |b: &&Builder| self.is_built(&b.dir, path);
        let found = near.iter().find(builds).or_else(|| {
            let mut all = anywhere.iter().filter(builds);
            all.next().filter(|_| all.next().is_none())
        })?;
        let found = &found.kustomization;
        let namespace = found.namespace();
        let mut variables = Variables::default();
        let post = found.body.look("spec.postBuild").known()?;
        for from in post.get("substituteFrom").map(Value::items).unwrap_or_default() {
            let text = |key: &str| from.get(key).and_then(Value::as_str).unwrap_or_default();
            match self.object(part, text("kind"), namespace, text("name")) {
                // What a Secret holds is not to be printed with what it goes into.
                Some(_) if text("kind") == "Secret" => variables.open = true,
                Some(object) => {
                    let data = object.get("data").map(Value::entries).unwrap_or_default();
                    variables.known.extend(data.iter().map(|e| (e.key.clone(), e.value.clone())));
                }
                None => variables.open = true,
            }
        }
        let own = post.get("substitute").map(Value::entries).unwrap_or_default();
        variables.known.extend(own.iter().map(|e| (e.key.clone(), e.value.clone())));
        Some(variables)
    }

    /// Whether a Flux `Kustomization` of a folder builds an overlay, or takes in a file of a folder without a kustomization.
    fn is_built(&self, dir: &str, path: &str) -> bool {
        let bare = || !FILE_NAMES.iter().any(|n| join(dir, n).is_some_and(|p| self.disk.kind(&p).is_some()));
        path == dir || (path.ends_with("ml") || path.ends_with("json")) && is_below(path, dir) && bare()
    }
}

/// A Flux `Kustomization` that replaces variables in what it builds.
struct Builder {
    /// The folder that it builds.
    dir: String,
    kustomization: Arc<Resource>,
}

/// Gathered once for all files: a repository has hundreds of them, and thousands of files.
fn builders<'r>(objects: impl Iterator<Item = &'r Arc<Resource>>) -> Vec<Builder> {
    let all = objects.filter(|r| {
        r.kind() == "Kustomization"
            && r.group() == "kustomize.toolkit.fluxcd.io"
            && r.body.look("spec.postBuild").known().is_some()
    });
    all.filter_map(|r| {
        let dir = r.body.look("spec.path").known().and_then(Value::as_str).and_then(|p| join("", p))?;
        Some(Builder { dir, kustomization: Arc::clone(r) })
    })
    .collect()
}

/// Whether a name is the one that is wanted, or that with the hash that kustomize adds.
fn is_or_hashed(name: &str, wanted: &str) -> bool {
    name == wanted
        || name
            .strip_prefix(wanted)
            .and_then(|rest| rest.strip_prefix('-'))
            .is_some_and(|hash| hash.len() == 10 && hash.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}

fn replaced(resource: &Arc<Resource>, variables: &Variables) -> Vec<Arc<Resource>> {
    let mut made = manifest::rendered(&apply(&resource.body, variables), resource.declared);
    for new in made.iter_mut().filter_map(Arc::get_mut) {
        new.rendered_from.clone_from(&resource.rendered_from);
    }
    made
}
