//! From the plan and the files to the fleet: every stamp with its resources, every problem with its stamps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::deployments::{self, Resolved, Resolver};
use super::index::{Index, ReadFile};
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
}

/// Builds the fleet.
#[must_use]
pub fn assemble(plan: &Plan, index: &Index, resolver: Resolver<'_>) -> Assembled {
    let (shared_deployments, stamp_deployments) = deployments::resolve(plan, resolver);
    let mut maker = Maker { index, takers: BTreeMap::new(), problems: Vec::new(), count: plan.stamps.len() };
    let everyone: Vec<usize> = (0..plan.stamps.len()).collect();
    let shared = maker.part(&plan.shared, shared_deployments, &everyone);
    let planned = plan.stamps.iter().zip(stamp_deployments).enumerate();
    let stamps = planned.map(|(i, (planned, resolved))| maker.stamp(i, planned, resolved, &shared)).collect();
    for (problem, stamps) in &plan.problems {
        maker.problem(problem.clone(), stamps);
    }
    for (path, message) in &plan.unread {
        let place = index.get(path).map_or(Span::NONE, |f| f.source.span(0, 0));
        maker.problem(Problem::new(Code::NotAnalysed, place, message.clone()), &everyone);
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
        workflows: workflows(index),
    };
    Assembled { fleet, problems: maker.problems }
}

struct Maker<'a> {
    index: &'a Index,
    /// Which stamps take a file.
    takers: BTreeMap<&'a str, BTreeSet<usize>>,
    problems: Vec<LocatedProblem>,
    count: usize,
}

impl<'a> Maker<'a> {
    fn stamp(&mut self, index: usize, planned: &'a PlannedStamp, resolved: Resolved, shared: &Part) -> Stamp {
        let own = self.part(&planned.own, resolved, &[index]);
        let region_from = planned.region.clone().or_else(|| location(&own));
        let all: Vec<Arc<Resource>> = shared.resources.iter().chain(&own.resources).cloned().collect();
        Stamp {
            index,
            name: planned.name.clone(),
            region: region_from.as_ref().and_then(Value::as_str).map(region_name),
            region_from,
            environment: planned.environment.clone(),
            vars: planned.vars.clone(),
            declared: planned.declared,
            own,
            inventory: Inventory::new(all),
        }
    }

    fn part(&mut self, planned: &'a PlannedPart, resolved: Resolved, stamps: &[usize]) -> Part {
        let mut resources = resolved.resources;
        for problem in resolved.problems {
            self.problem(problem, stamps);
        }
        for deployment in &planned.deployments {
            for file in deployment.parameters.iter().chain([&deployment.template]) {
                self.take(&file.path, stamps);
            }
        }
        let rendered = planned.charts.iter().flat_map(|c| &c.rendered);
        for taken in planned.manifests.iter().chain(rendered) {
            self.take(&taken.path, stamps);
            let Some(file) = self.index.get(&taken.path) else {
                continue;
            };
            resources.extend(file.resources.iter().cloned());
            if taken.exact && !matches!(file.kind, FileKind::Manifest) {
                let problem =
                    Problem::new(Code::NotAnalysed, taken.named, format!("`{}` holds no manifest", taken.path));
                self.problem(problem, stamps);
            }
        }
        let charts = planned.charts.iter().filter_map(|c| c.chart.as_ref());
        let unread = planned.overlays.iter().chain(charts);
        for taken in unread {
            let what = format!("`{}` was not analysed: it cannot be resolved yet", taken.path);
            let place = match self.index.get(&taken.path) {
                Some(file) => file.source.span(0, 0),
                None => taken.named,
            };
            self.problem(Problem::new(Code::NotAnalysed, place, what), stamps);
        }
        Part { resources, deployed: resolved.deployed }
    }

    fn take(&mut self, path: &'a str, stamps: &[usize]) {
        self.takers.entry(path).or_default().extend(stamps.iter().copied());
    }

    fn problem(&mut self, problem: Problem, stamps: &[usize]) {
        self.problems.push(LocatedProblem { problem, stamps: StampSet::from_indexes(stamps.iter().copied()) });
    }

    /// What the files themselves have wrong. A file that no stamp takes concerns the fleet.
    fn file_problems(&mut self) {
        let takers = std::mem::take(&mut self.takers);
        let everyone: BTreeSet<usize> = (0..self.count).collect();
        let of = |path: &str| takers.get(path).unwrap_or(&everyone).iter().copied();
        for (path, file) in self.index.files() {
            for problem in problems_of(file) {
                self.problems
                    .push(LocatedProblem { problem: problem.clone(), stamps: StampSet::from_indexes(of(path)) });
            }
        }
        for (path, problem) in &self.index.faults {
            self.problems.push(LocatedProblem { problem: problem.clone(), stamps: StampSet::from_indexes(of(path)) });
        }
    }
}

/// The location that a part's parameters give, where they agree on a region.
fn location(part: &Part) -> Option<Value> {
    let parameters = part.deployed.iter().flat_map(|d| &d.parameters);
    let mut given = parameters.filter(|p| p.name.eq_ignore_ascii_case("location")).map(|p| &p.value);
    let first = given.find(|v| v.as_str().and_then(regions::find).is_some())?;
    let same = |other: &Value| {
        other
            .as_str()
            .and_then(regions::find)
            .is_none_or(|r| Some(r.name.as_str()) == first.as_str().and_then(regions::find).map(|f| f.name.as_str()))
    };
    given.all(same).then(|| first.clone())
}

/// A region's id where the table has it, else the text as it is.
fn region_name(text: &str) -> Text {
    regions::find(text).map_or(text, |r| r.name.as_str()).into()
}

/// The problems of a file that count. A pipeline's templates repeat keys by right, and only that it parses matters to us.
fn problems_of(file: &ReadFile) -> impl Iterator<Item = &Problem> {
    let only_syntax = matches!(file.kind, FileKind::Workflow | FileKind::Pipeline);
    // What is wrong with a template is for the resolver to say, which reads it for each deployment.
    let resolved =
        matches!(file.kind, FileKind::Template | FileKind::Parameters | FileKind::Bicep | FileKind::BicepParam);
    file.stream
        .iter()
        .flat_map(|stream| &stream.problems)
        .filter(move |p| !resolved && (!only_syntax || matches!(p.code, Code::Syntax | Code::Limit)))
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
