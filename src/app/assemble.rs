//! From the plan and the files to the fleet: every stamp with its resources, every problem with its stamps.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use super::charts::{Charts, charts};
use super::deploy::{Outputs, Resolved, Resolver, region_id};
use super::disk::Disk;
use super::gitops::{Gitops, gitops};
use super::helm::HelmProgram;
use super::index::{Index, ReadFile};
use super::render::{self, Built};
use crate::model::plan::{Plan, PlannedPart, PlannedStamp};
use crate::model::{EXEMPT_NAMESPACES, Facts, Fleet, Inventory, Part, Resource, Stamp, StampSet, Workflow};
use crate::read::FileKind;
use crate::resolve::regions;
use crate::rule::LocatedProblem;
use crate::source::{Code, Problem, Span};
use crate::tree::{Text, Value};

/// The fleet, and what readers and resolvers had to say.
#[derive(Debug, Default)]
pub struct Assembled {
    /// The fleet.
    pub fleet: Fleet,
    /// Problems with the stamps that they concern.
    pub problems: Vec<LocatedProblem>,
    /// The folders of the charts that were rendered.
    pub charts: BTreeSet<String>,
}

/// What a plan is resolved with.
#[derive(Clone, Copy, Debug)]
pub struct Means<'a> {
    /// The files that were read.
    pub index: &'a Index,
    /// Where resolvers find more.
    pub disk: &'a Disk,
    /// Local folders for modules and bases that lie elsewhere.
    pub modules: &'a [(String, String)],
    /// Whether and how helm is run.
    pub helm: &'a HelmProgram,
}

/// Resolves a plan and builds the fleet.
#[must_use]
pub fn assemble(plan: &Plan, means: Means<'_>) -> Assembled {
    let resolver = Resolver::new(means.disk, means.modules.to_vec());
    let overlays = render::overlays(plan, means.disk, means.modules);
    let gitops = gitops(plan, means.index, &overlays, means.disk);
    let charts = charts(plan, &gitops.releases, means.disk, means.helm);
    let shared = resolver.part(&plan.shared, None, &Outputs::new());
    let own: Vec<(Option<Value>, Resolved)> = plan
        .stamps
        .par_iter()
        .map(|stamp| {
            let region = region(stamp, plan, &resolver);
            let resolved = resolver.part(&stamp.own, region.as_ref(), &shared.outputs);
            (region, resolved)
        })
        .collect();
    let mut maker = Maker {
        index: means.index,
        overlays: &overlays,
        charts: &charts,
        gitops: &gitops,
        takers: BTreeMap::new(),
        problems: Problems::default(),
        count: plan.stamps.len(),
    };
    let everyone: Vec<usize> = (0..plan.stamps.len()).collect();
    let shared = maker.part(&plan.shared, shared, &everyone, everyone.len());
    let stamps = plan
        .stamps
        .iter()
        .zip(own)
        .enumerate()
        .map(|(i, (planned, (region, deployed)))| maker.stamp(i, planned, region, deployed, &shared))
        .collect();
    for (problem, stamps) in &plan.problems {
        maker.problem(problem.clone(), stamps);
    }
    for (part, problem) in &gitops.problems {
        let of = if *part < plan.stamps.len() { vec![*part] } else { everyone.clone() };
        maker.problem(problem.clone(), &of);
    }
    for (path, message) in &plan.unread {
        let file = means.index.get(path);
        let faults = file.and_then(|f| f.stream.as_ref()).filter(|s| s.documents.is_empty()).map(|s| &s.problems);
        match faults {
            // Nothing can be said of its parameters but why they cannot be read.
            Some(faults) if !faults.is_empty() => faults.iter().for_each(|f| maker.problem(f.clone(), &everyone)),
            _ => {
                let place = file.map_or(Span::NONE, |f| f.source.span(0, 0));
                maker.problem(Problem::new(Code::NotAnalysed, place, message.clone()), &everyone);
            }
        }
    }
    maker.file_problems();
    let fleet = Fleet {
        name: plan.name.clone(),
        declared: plan.declared,
        stamps_key: plan.stamps_key,
        stamps,
        shared,
        facts: Facts {
            front_door: plan.front_door.clone(),
            drift: plan.drift.clone(),
            exempt_namespaces: plan
                .exempt_namespaces
                .clone()
                .unwrap_or_else(|| EXEMPT_NAMESPACES.iter().map(|n| Text::from(*n)).collect()),
        },
        workflows: workflows(means.index),
    };
    Assembled { fleet, problems: maker.problems.located(), charts: charts.rendered }
}

/// A stamp's region: what the config says, else the location in its parameters, else what its name says.
fn region(stamp: &PlannedStamp, plan: &Plan, resolver: &Resolver<'_>) -> Option<Value> {
    let said = stamp.region.clone();
    if said.as_ref().is_some_and(|region| !region.span.is_none()) {
        return said;
    }
    let wanted = said.as_ref().and_then(Value::as_str).map(region_id);
    resolver
        .location(&stamp.own, wanted.as_deref())
        .or(said)
        .or_else(|| (plan.stamps.len() == 1).then(|| resolver.location(&plan.shared, None))?)
}

/// Problems, each once, with all their stamps.
#[derive(Debug, Default)]
struct Problems {
    at: HashMap<(Code, Span, String), usize>,
    held: Vec<(Problem, BTreeSet<usize>)>,
}

impl Problems {
    fn add(&mut self, problem: Problem, stamps: impl Iterator<Item = usize>) {
        let key = (problem.code, problem.span, problem.detail.clone());
        let at = *self.at.entry(key).or_insert(self.held.len());
        match self.held.get_mut(at) {
            Some((held, of)) => {
                // Certain in one stamp is certain enough.
                held.undetermined &= problem.undetermined;
                of.extend(stamps);
            }
            None => self.held.push((problem, stamps.collect())),
        }
    }

    fn located(self) -> Vec<LocatedProblem> {
        let located = self.held.into_iter();
        located.map(|(problem, stamps)| LocatedProblem { problem, stamps: StampSet::from_indexes(stamps) }).collect()
    }
}

struct Maker<'a> {
    index: &'a Index,
    overlays: &'a BTreeMap<String, Built>,
    charts: &'a Charts,
    gitops: &'a Gitops,
    /// Which stamps take a file.
    takers: BTreeMap<String, BTreeSet<usize>>,
    problems: Problems,
    count: usize,
}

impl Maker<'_> {
    fn stamp(
        &mut self,
        index: usize,
        planned: &PlannedStamp,
        region: Option<Value>,
        resolved: Resolved,
        shared: &Part,
    ) -> Stamp {
        let own = self.part(&planned.own, resolved, &[index], index);
        let region = region.or_else(|| location(&own));
        let all: Vec<Arc<Resource>> = shared.resources.iter().chain(&own.resources).cloned().collect();
        Stamp {
            index,
            name: planned.name.clone(),
            region: region.as_ref().and_then(Value::as_str).map(region_id),
            region_from: region,
            environment: planned.environment.clone(),
            vars: planned.vars.clone(),
            declared: planned.declared,
            own,
            inventory: Inventory::new(all),
        }
    }

    /// `number` is the part's: the stamp's index, or the number of stamps for what is shared.
    fn part(&mut self, planned: &PlannedPart, resolved: Resolved, stamps: &[usize], number: usize) -> Part {
        let mut resources = resolved.resources;
        for problem in resolved.problems {
            self.problem(problem, stamps);
        }
        let named = planned.deployments.iter().flat_map(|d| d.parameters.iter().chain([&d.template]));
        for taken in named {
            self.take(&taken.path, stamps);
        }
        let overlays = planned.overlays.iter().filter_map(|t| Some((Some(&t.path), self.overlays.get(&t.path)?)));
        for (path, built) in overlays.chain(self.charts.of(number).map(|built| (None, built))) {
            let replaced = path.and_then(|path| self.gitops.objects(number, path));
            resources.extend(replaced.unwrap_or(&built.resources).iter().cloned());
            for file in &built.files {
                self.take(file, stamps);
            }
            for problem in &built.problems {
                self.problem(problem.clone(), stamps);
            }
        }
        let rendered = planned.charts.iter().flat_map(|c| &c.rendered);
        for taken in planned.manifests.iter().chain(rendered) {
            self.take(&taken.path, stamps);
            let Some(file) = self.index.get(&taken.path) else {
                continue;
            };
            let replaced = self.gitops.objects(number, &taken.path);
            resources.extend(replaced.unwrap_or(&file.resources).iter().cloned());
            if taken.exact && file.kind != FileKind::Manifest {
                let what = format!("`{}` holds no manifest", taken.path);
                self.problem(Problem::new(Code::NotAnalysed, taken.named, what), stamps);
            }
        }
        Part { resources, deployed: resolved.deployed }
    }

    fn take(&mut self, path: &str, stamps: &[usize]) {
        match self.takers.get_mut(path) {
            Some(of) => of.extend(stamps),
            None => {
                self.takers.insert(path.to_owned(), stamps.iter().copied().collect());
            }
        }
    }

    fn problem(&mut self, problem: Problem, stamps: &[usize]) {
        self.problems.add(problem, stamps.iter().copied());
    }

    /// What the files themselves have wrong. A file that no stamp takes concerns the fleet.
    fn file_problems(&mut self) {
        let takers = std::mem::take(&mut self.takers);
        let everyone: BTreeSet<usize> = (0..self.count).collect();
        let of = |path: &str| takers.get(path).unwrap_or(&everyone).iter().copied();
        for (path, file) in self.index.files() {
            for problem in problems_of(file) {
                self.problems.add(problem.clone(), of(path));
            }
        }
        for (path, problem) in &self.index.faults {
            self.problems.add(problem.clone(), of(path));
        }
    }
}

/// The location that a part's parameters come to, where they agree on a region.
fn location(part: &Part) -> Option<Value> {
    let parameters = part.deployed.iter().flat_map(|d| &d.parameters);
    let mut given = parameters
        .filter(|p| p.name.eq_ignore_ascii_case("location"))
        .filter_map(|p| Some((&p.value, regions::find(p.value.as_str()?)?)));
    let (first, region) = given.next()?;
    given.all(|(_, other)| other.name == region.name).then(|| first.clone())
}

/// The problems of a file that count. A pipeline's templates repeat keys by right, and only that it parses matters to us.
/// Values may be a template's input, too: what is not rendered in them shows in what they render to.
fn problems_of(file: &ReadFile) -> impl Iterator<Item = &Problem> {
    let only_syntax = matches!(file.kind, FileKind::Workflow | FileKind::Pipeline);
    // What is wrong with a template is for the resolver to say, which reads it for each deployment.
    let resolved = matches!(file.kind, FileKind::Template | FileKind::Parameters);
    file.stream
        .iter()
        .flat_map(|stream| &stream.problems)
        .filter(move |p| !resolved && (!only_syntax || matches!(p.code, Code::Syntax | Code::Limit)))
        .filter(|p| file.kind != FileKind::Values || p.code != Code::UnrenderedTemplate)
}

fn workflows(index: &Index) -> Vec<Workflow> {
    index
        .files()
        .filter(|(_, file)| matches!(file.kind, FileKind::Workflow | FileKind::Pipeline))
        .filter_map(|(_, file)| {
            let root = file.stream.as_ref()?.documents.first()?.root.clone();
            Some(Workflow { source: Arc::clone(&file.source), root })
        })
        .collect()
}
