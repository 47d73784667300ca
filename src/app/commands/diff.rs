//! `stamplint diff STAMP STAMP`: what differs between two stamps, of one environment or of two.

use super::{FINE, Terminal, request};
use crate::app::cli::{DiffArgs, Global};
use crate::app::failure::Failure;
use crate::app::session::Session;
use crate::model::compare::{Side, StampDifference, Subject, Why, diff};
use crate::model::{Fleet, Stamp};
use crate::report::diff::{Cause, Compared, Kind, Row, Shown, render};
use crate::source::{Sources, Span};

/// Compares and prints.
///
/// # Errors
/// When there is nothing to read, a stamp is named that is none, or standard output cannot be written.
pub fn run(args: &DiffArgs, global: &Global, terminal: &Terminal) -> Result<u8, Failure> {
    let request = request(&args.paths, global)?;
    let session = Session::new()?;
    let prepared = session.prepare(&request)?;
    let assembled = prepared.resolve()?;
    let stamp = |name: &String| -> Result<&Stamp, Failure> {
        let named = crate::app::session::Request { stamps: vec![name.clone()], ..request.clone() };
        let found = crate::app::narrow::stamps(&named, &assembled.fleet)?;
        let of = |fleet: &'_ Fleet| found.iter().next().and_then(|i| fleet.stamps.get(*i)).map(|s| s.index);
        let index = of(&assembled.fleet).unwrap_or_default();
        assembled.fleet.stamps.get(index).ok_or_else(|| Failure::new("there are no stamps"))
    };
    let (first, second) = (stamp(&args.first)?, stamp(&args.second)?);
    let sources = session.sources();
    let rows = diff(first, second).iter().map(|d| row(d, sources)).collect();
    let compared = Compared { first: named(first), second: named(second), rows };
    terminal.print(&render(&compared, &args.format, args.all, terminal.color_out))?;
    for said in &prepared.plan.inferred {
        terminal.say(&format!("inferred: {said}\n"));
    }
    let faults = assembled.problems.len();
    if faults > 0 {
        terminal.say(&format!("{faults} problems were met on the way: `stamplint check` reports them\n"));
    }
    Ok(FINE)
}

fn named(stamp: &Stamp) -> (String, Option<String>, Option<String>) {
    let text = |t: &Option<crate::tree::Text>| t.as_ref().map(|t| t.to_string());
    (stamp.name.to_string(), text(&stamp.region), text(&stamp.environment))
}

fn row(difference: &StampDifference<'_>, sources: &Sources) -> Row {
    let (kind, group) = match &difference.subject {
        Subject::Parameter { deployment, name } => {
            (Kind::Parameter(name.to_string()), format!("deployment `{deployment}`"))
        }
        Subject::Resource(resource) if difference.path.0.is_empty() => (Kind::Missing, resource.label()),
        Subject::Resource(resource) => (Kind::Property, resource.label()),
    };
    let path = match &kind {
        Kind::Parameter(name) if difference.path.0.is_empty() => name.clone(),
        Kind::Parameter(name) => format!("{name}.{}", difference.path),
        _ => difference.path.to_string(),
    };
    Row {
        group,
        path,
        first: shown(&difference.first, &kind, difference.secret, sources),
        second: shown(&difference.second, &kind, difference.secret, sources),
        cause: match &difference.why {
            Why::Unexplained => Cause::None,
            Why::Nature => Cause::Nature,
            Why::Follows(name) => Cause::Parameter(name.to_string()),
        },
        kind,
    }
}

fn shown(side: &Side<'_>, kind: &Kind, secret: bool, sources: &Sources) -> Option<Shown> {
    let value = side.value?;
    let hidden = secret || is_redacted(value.span, sources);
    Some(Shown {
        value: match kind {
            Kind::Missing => None,
            _ if hidden => Some("***".into()),
            _ => Some(super::json::of(value)),
        },
        place: place(side.place, sources),
    })
}

fn is_redacted(span: Span, sources: &Sources) -> bool {
    let Some(source) = sources.get(span.source) else { return false };
    source.redactions().iter().any(|r| r.start < span.end && span.start < r.end)
}

fn place(span: Span, sources: &Sources) -> Option<(String, usize, usize)> {
    let source = sources.get(span.source)?;
    let at = source.position_chars(span.start);
    Some((source.path().to_string(), at.line.get() as usize, at.column.get() as usize))
}
