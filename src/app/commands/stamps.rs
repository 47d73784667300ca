//! `stamplint stamps`: each stamp, what it consists of, and why; with `--resolved` the resources, with `--matrix` what
//! was found in each, or which stamp has what.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{FINE, Terminal, request};
use crate::app::cli::{Global, StampsArgs};
use crate::app::failure::Failure;
use crate::app::session::{Request, Session};
use crate::model::plan::{Plan, PlannedPart, Taken};
use crate::model::{Fleet, Part, Stamp};
use crate::report::matrix::{self, Look};
use crate::tree::Value;

/// Prints the stamps.
///
/// # Errors
/// When there is nothing to read, a stamp is named that is none, or standard output cannot be written.
pub fn run(args: &StampsArgs, global: &Global, terminal: &Terminal) -> Result<u8, Failure> {
    let request = request(&args.paths, global)?;
    let session = Session::new()?;
    if let Some(by) = args.matrix.as_deref().filter(|by| *by != "resources") {
        return found(by, args, &session, &request, terminal);
    }
    let prepared = session.prepare(&request)?;
    let assembled = prepared.resolve()?;
    let wanted = crate::app::narrow::stamps(&request, &assembled.fleet)?;
    let shown = |stamp: &&Stamp| wanted.is_empty() || wanted.contains(&stamp.index);
    let fleet = &assembled.fleet;
    let mut text = String::new();
    if args.matrix.is_some() {
        resources(fleet, &mut text);
    } else {
        for stamp in fleet.stamps.iter().filter(shown) {
            let planned = prepared.plan.stamps.get(stamp.index).map(|s| &s.own);
            head(stamp, &mut text);
            part(planned, &stamp.own, args.resolved, &mut text);
        }
        if !prepared.plan.shared.is_empty() {
            text.push_str("shared by all stamps\n");
            part(Some(&prepared.plan.shared), &fleet.shared, args.resolved, &mut text);
        }
    }
    terminal.print(&text)?;
    for said in &prepared.plan.inferred {
        terminal.say(&format!("inferred: {said}\n"));
    }
    let faults = assembled.problems.len();
    if faults > 0 {
        terminal.say(&format!("{faults} problems were met on the way: `stamplint check` reports them\n"));
    }
    Ok(FINE)
}

/// Each stamp with what it consists of, and why.
pub(super) fn consists_of(plan: &Plan, fleet: &Fleet) -> String {
    let mut text = String::new();
    for stamp in &fleet.stamps {
        head(stamp, &mut text);
        part(plan.stamps.get(stamp.index).map(|s| &s.own), &stamp.own, false, &mut text);
    }
    if !plan.shared.is_empty() {
        text.push_str("shared by all stamps\n");
        part(Some(&plan.shared), &fleet.shared, false, &mut text);
    }
    text
}

/// What was found, stamp by stamp.
fn found(
    by: &str,
    args: &StampsArgs,
    session: &Session,
    request: &Request,
    terminal: &Terminal,
) -> Result<u8, Failure> {
    let outcome = session.check(request)?;
    let input = matrix::Input {
        fleet: &outcome.fleet,
        triaged: &outcome.triaged,
        settings: &outcome.settings,
        catalogue: &outcome.catalogue,
    };
    let by = if by == "rules" { matrix::By::Rule } else { matrix::By::Family };
    let look = Look { markdown: args.format == "markdown", color: terminal.color_out, unicode: terminal.unicode };
    terminal.print(&matrix::render(input, by, look))?;
    for said in &outcome.plan.inferred {
        terminal.say(&format!("inferred: {said}\n"));
    }
    Ok(FINE)
}

fn head(stamp: &Stamp, text: &mut String) {
    let _ = write!(text, "{}", stamp.name);
    if let Some(region) = &stamp.region {
        let _ = write!(text, "  region {region}");
    }
    if let Some(environment) = &stamp.environment {
        let _ = write!(text, "  environment {environment}");
    }
    for (name, value) in &stamp.vars {
        let _ = write!(text, "  {name}={value}");
    }
    text.push('\n');
}

fn part(planned: Option<&PlannedPart>, resolved: &Part, with_resources: bool, text: &mut String) {
    let Some(planned) = planned else { return };
    let mut line = |what: &str, taken: &Taken| {
        let _ = writeln!(text, "  {what:12} {}: {}", taken.path, taken.why);
    };
    for deployment in &planned.deployments {
        line("deployment", &deployment.template);
        for file in &deployment.parameters {
            line("  parameters", file);
        }
    }
    planned.overlays.iter().for_each(|t| line("overlay", t));
    for chart in &planned.charts {
        chart.chart.iter().for_each(|t| line("chart", t));
        chart.values.iter().for_each(|t| line("  values", t));
        chart.rendered.iter().for_each(|t| line("rendered", t));
    }
    planned.manifests.iter().for_each(|t| line("manifest", t));
    if with_resources {
        for resource in &resolved.resources {
            let existing = if resource.existing { " (existing)" } else { "" };
            let _ = writeln!(text, "  resource     {}{existing}", resource.label());
        }
        for deployed in &resolved.deployed {
            for parameter in &deployed.parameters {
                let value = if parameter.secure { "***".to_owned() } else { short(&parameter.value) };
                let _ = writeln!(text, "  parameter    {}.{} = {value}", deployed.id, parameter.name);
            }
        }
    }
}

/// A value on one line, not longer than helps.
fn short(value: &Value) -> String {
    let text = super::json::of(value).to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// One line for each resource, one column for each stamp.
fn resources(fleet: &Fleet, text: &mut String) {
    let mut rows: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    for stamp in &fleet.stamps {
        for resource in stamp.inventory.all() {
            let row = rows.entry(resource.label()).or_insert_with(|| vec![false; fleet.stamps.len()]);
            if let Some(cell) = row.get_mut(stamp.index) {
                *cell = true;
            }
        }
    }
    let width = rows.keys().map(|k| k.chars().count()).max().unwrap_or(0);
    let _ = write!(text, "{:width$}", "");
    for stamp in &fleet.stamps {
        let _ = write!(text, "  {}", stamp.name);
    }
    text.push('\n');
    for (label, row) in rows {
        let _ = write!(text, "{label:width$}");
        for (stamp, has) in fleet.stamps.iter().zip(row) {
            let width = stamp.name.chars().count();
            let _ = write!(text, "  {:width$}", if has { "x" } else { "-" });
        }
        text.push('\n');
    }
}
