//! `stamp-not-in-pipeline`: each stamp that the files define is deployed by the pipeline, and each that the pipeline deploys
//! has its files.

use std::collections::{BTreeSet, HashSet};

use crate::model::infer::{command_takes, matches};
use crate::model::pipeline::{Step, steps};
use crate::model::{Deployed, Fleet, Stamp, StampSet};
use crate::rule::{Finding, Findings, FleetCx, Place};
use crate::source::Span;
use crate::tree::Value;

/// Compares the parameter files that the pipelines' commands take with those of the stamps. Pipelines that take none of
/// them deploy something else, or in a way that cannot be read.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    let fleet = cx.fleet;
    let steps = steps(&fleet.workflows);
    let taken: Vec<BTreeSet<usize>> = steps.iter().map(|s| stamps_of(fleet, s)).collect();
    let deployed: BTreeSet<usize> = taken.iter().flatten().copied().collect();
    if deployed.is_empty() {
        return;
    }
    for stamp in fleet.stamps.iter().filter(|s| !deployed.contains(&s.index) && has_files(s)) {
        missing(fleet, stamp, &steps, &taken, out);
    }
    let mut told = HashSet::new();
    for (step, stamps) in steps.iter().zip(&taken).filter(|(_, stamps)| stamps.is_empty()) {
        if let Some(file) = without_stamp(fleet, step, &steps, &taken)
            && stamps.is_empty()
        {
            unknown(step, file, &mut told, out);
        }
    }
}

fn has_files(stamp: &Stamp) -> bool {
    stamp.own.deployed.iter().any(|d| !d.files.is_empty())
}

/// The stamps that a command deploys: those whose parameter files it takes, and those whose template it takes with
/// parameters that nobody can read here.
fn stamps_of(fleet: &Fleet, step: &Step) -> BTreeSet<usize> {
    let takes = |d: &Deployed| {
        d.files.iter().any(|f| command_takes(&step.command, f)) || (!step.command.whole && takes_template(step, d))
    };
    fleet.stamps.iter().filter(|s| s.own.deployed.iter().any(|d| takes(d))).map(|s| s.index).collect()
}

fn takes_template(step: &Step, deployed: &Deployed) -> bool {
    let written = &step.command.template;
    !written.is_empty() && step.command.paths(written).any(|pattern| matches(&pattern, &deployed.template))
}

fn missing(fleet: &Fleet, stamp: &Stamp, steps: &[Step], taken: &[BTreeSet<usize>], out: &mut Findings) {
    // Where another stamp is listed, this one is to be; else the step that deploys another one.
    let others = steps.iter().zip(taken).filter(|(_, stamps)| !stamps.is_empty());
    let listed = others.clone().find_map(|(s, _)| s.chosen.last()).map(|(_, key)| *key).filter(|k| !k.is_none());
    let place = listed.or_else(|| others.clone().next_back().map(|(s, _)| s.place)).unwrap_or(Span::NONE);
    let also = others.flat_map(|(_, stamps)| stamps).filter_map(|i| fleet.stamps.get(*i)).next();
    let also = also.map(|s| format!(", and deploys `{}`", s.name)).unwrap_or_default();
    let message = format!("the pipeline does not deploy stamp `{}`{also}", stamp.name);
    let mut finding = Finding::new(Place::Span(place), message)
        .label(format!("`{}` is missing here", stamp.name))
        .stamps(StampSet::one(stamp.index));
    let anchor = stamp.own.deployed.iter().find(|d| !d.files.is_empty()).map(|d| d.anchor);
    let declared = Some(stamp.declared).filter(|s| !s.is_none()).or(anchor);
    if let Some(span) = declared.filter(|s| !s.is_none()) {
        finding = finding.related(Place::Span(span), "defined here");
    }
    out.push(finding);
}

/// A parameter file that a command takes and no stamp has, where the same template is deployed to stamps by other commands.
fn without_stamp<'s>(fleet: &Fleet, step: &'s Step, steps: &[Step], taken: &[BTreeSet<usize>]) -> Option<&'s str> {
    let file = step.command.parameters.iter().find(|p| !p.contains(['*', '$', '{']))?;
    let kin = steps.iter().zip(taken).any(|(other, stamps)| {
        !stamps.is_empty() && other.command.template == step.command.template && !other.command.template.is_empty()
    });
    let shared = fleet.shared.deployed.iter().any(|d| d.files.iter().any(|f| command_takes(&step.command, f)));
    (kin && !shared).then_some(file)
}

fn unknown(step: &Step, file: &str, told: &mut HashSet<Span>, out: &mut Findings) {
    let chosen = step.chosen.iter().map(|(value, _)| value).find(|v| v.as_str().is_some_and(|t| file.contains(t)));
    let place = chosen.or_else(|| step.chosen.last().map(|(v, _)| v)).map_or(step.place, |v| v.span);
    if !told.insert(place) {
        return;
    }
    let what = chosen.and_then(Value::as_str).map_or_else(|| format!("`{file}`"), |v| format!("`{v}`"));
    let message = format!("the pipeline deploys {what}, and no stamp has `{file}`");
    out.push(Finding::new(Place::Span(place), message).label("no stamp has its files"));
}
