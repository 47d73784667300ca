//! From the plan and the files to the fleet: every stamp with its resources, every problem with its stamps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::index::{Index, ReadFile};
use crate::model::plan::{Plan, PlannedPart, PlannedStamp};
use crate::model::{EXEMPT_NAMESPACES, Facts, Fleet, Inventory, Part, Resource, Stamp, StampSet, Workflow};
use crate::read::FileKind;
use crate::rule::LocatedProblem;
use crate::source::{Code, Problem, Span};
use crate::tree::Text;

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
pub fn assemble(plan: &Plan, index: &Index) -> Assembled {
    let mut maker = Maker { index, takers: BTreeMap::new(), problems: Vec::new(), count: plan.stamps.len() };
    let everyone: Vec<usize> = (0..plan.stamps.len()).collect();
    let shared = maker.part(&plan.shared, &everyone);
    let stamps = plan.stamps.iter().enumerate().map(|(i, planned)| maker.stamp(i, planned, &shared)).collect();
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
    fn stamp(&mut self, index: usize, planned: &'a PlannedStamp, shared: &Part) -> Stamp {
        let own = self.part(&planned.own, &[index]);
        let all: Vec<Arc<Resource>> = shared.resources.iter().chain(&own.resources).cloned().collect();
        Stamp {
            index,
            name: planned.name.clone(),
            region: planned.region.as_ref().and_then(|r| r.as_str()).map(Text::from),
            region_from: planned.region.clone(),
            environment: planned.environment.clone(),
            vars: planned.vars.clone(),
            declared: planned.declared,
            own,
            inventory: Inventory::new(all),
        }
    }

    fn part(&mut self, planned: &'a PlannedPart, stamps: &[usize]) -> Part {
        let mut resources = Vec::new();
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
        let unread = planned.deployments.iter().map(|d| &d.template).chain(&planned.overlays).chain(charts);
        for taken in unread {
            let what = format!("`{}` was not analysed: it cannot be resolved yet", taken.path);
            let place = match self.index.get(&taken.path) {
                Some(file) => file.source.span(0, 0),
                None => taken.named,
            };
            self.problem(Problem::new(Code::NotAnalysed, place, what), stamps);
        }
        Part { resources }
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

/// The problems of a file that count. A pipeline's templates repeat keys by right, and only that it parses matters to us.
fn problems_of(file: &ReadFile) -> impl Iterator<Item = &Problem> {
    let only_syntax = matches!(file.kind, FileKind::Workflow | FileKind::Pipeline);
    file.stream
        .iter()
        .flat_map(|stream| &stream.problems)
        .filter(move |p| !only_syntax || matches!(p.code, Code::Syntax | Code::Limit))
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
