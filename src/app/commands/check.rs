//! `stamplint check`.

use std::io::{IsTerminal, Read, Write};
use std::path::Path;

use super::{COULD_NOT_RUN, DENIED, FINE, Terminal, place_to_look, verbose};
use crate::app::cli::{CheckArgs, FailOn, Global};
use crate::app::disk::{SIZE_LIMIT, write_atomically};
use crate::app::failure::Failure;
use crate::app::progress::Line;
use crate::app::session::{Outcome, Request, Session, SessionError};
use crate::model::Fleet;
use crate::report::{Format, Level, Notification, Run, Shown, Summary, closing, render};
use crate::rule::{Effect, Selection, Settings};
use crate::source::{Sources, Span};
use crate::triage::Triaged;

/// Checks and reports.
///
/// # Errors
/// When no report can be written. What keeps the check from being made is in the reports too.
pub fn run(args: &CheckArgs, global: &Global, terminal: &Terminal) -> Result<u8, Failure> {
    let outcome = request(args, global).and_then(|request| {
        let session = Session::new()?;
        let line = Line::new(terminal.quiet);
        let request = Request { progress: line.progress(), ..request };
        match session.check(&request) {
            // A hook in a repository that has no fleet yet: nothing of ours is among what changed.
            Err(error @ SessionError::Nothing(_)) if !request.only.is_empty() => Ok(Err(error.to_string())),
            checked => checked.map(Ok).map_err(Failure::from),
        }
    });
    match outcome {
        Ok(Ok(outcome)) => {
            if global.verbose {
                terminal.say(&verbose::text(&outcome));
            }
            report(args, terminal, &outcome)
        }
        Ok(Err(nothing)) => {
            report_nothing(
                args,
                terminal,
                Notification { level: Level::Note, message: nothing.clone(), span: Span::NONE },
            )?;
            terminal.say(&format!("{nothing}\n"));
            Ok(FINE)
        }
        Err(failure) => {
            report_nothing(args, terminal, Notification::error(failure.message.clone()))?;
            terminal.fail(&failure);
            Ok(COULD_NOT_RUN)
        }
    }
}

fn request(args: &CheckArgs, global: &Global) -> Result<Request, Failure> {
    let (changed, given) = if args.hook { (args.paths.as_slice(), &[][..]) } else { (&[][..], args.paths.as_slice()) };
    let (stdin, paths): (Vec<_>, Vec<_>) = given.iter().cloned().partition(|p| p == "-");
    Ok(Request {
        working: place_to_look(&args.paths, global)?,
        stdin: if stdin.is_empty() { None } else { Some(standard_input(global.quiet)?) },
        paths,
        config: global.config.clone(),
        selection: Selection { select: args.select.clone(), ignore: args.ignore.clone() },
        stamps: global.stamps.clone(),
        only: args.only.iter().chain(changed).cloned().collect(),
        jobs: global.jobs,
        today: args.today,
        inferring: false,
        helm: global.helm.clone(),
        ..Request::default()
    })
}

fn standard_input(quiet: bool) -> Result<Vec<u8>, Failure> {
    if std::io::stdin().is_terminal() && !quiet {
        let _ = std::io::stderr().write_all(b"reading standard input; end it with Ctrl-D\n");
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(SIZE_LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("standard input cannot be read: {}", error.kind())))?;
    if bytes.len() as u64 > SIZE_LIMIT {
        let limit = SIZE_LIMIT / (1024 * 1024);
        return Err(Failure::new(format!("standard input is larger than the limit of {limit} MiB")));
    }
    if bytes.trim_ascii().is_empty() {
        let help = "pipe manifests into it, as in `kustomize build overlays/eastus2 | stamplint -`";
        return Err(Failure::new("standard input is empty").help(Some(help.to_owned())));
    }
    Ok(bytes)
}

fn threshold(fail_on: FailOn) -> Option<Effect> {
    match fail_on {
        FailOn::Deny => Some(Effect::Deny),
        FailOn::Audit => Some(Effect::Audit),
        FailOn::Never => None,
    }
}

/// Where a workflow's files can be seen, for links in its summary.
fn links() -> Option<String> {
    let variable = |name| std::env::var(name).ok().filter(|v| !v.is_empty());
    let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
    Some(format!("{server}/{repository}/blob/{}", variable("GITHUB_SHA")?))
}

fn report(args: &CheckArgs, terminal: &Terminal, outcome: &Outcome) -> Result<u8, Failure> {
    let threshold = threshold(args.fail_on);
    let links = links();
    let run = Run {
        triaged: &outcome.triaged,
        fleet: &outcome.fleet,
        sources: &outcome.sources,
        catalogue: &outcome.catalogue,
        settings: &outcome.settings,
        summary: &outcome.summary,
        shown: Shown {
            undetermined: args.show_undetermined,
            suppressed: args.show_suppressed,
            exempt: args.show_exempt,
            all: args.all,
        },
        threshold,
        color: terminal.color_out,
        unicode: terminal.unicode,
        version: env!("CARGO_PKG_VERSION"),
        working: &outcome.working,
        prefix: "",
        category: None,
        links: links.as_deref(),
        notifications: &[],
    };
    write(args, terminal, &run)?;
    terminal.say(&closing(&Run { color: terminal.color_err, ..run }));
    Ok(if outcome.fails(threshold) { DENIED } else { FINE })
}

/// Reports for machines say why nothing was checked; the terminal's is left to standard error.
fn report_nothing(args: &CheckArgs, terminal: &Terminal, notification: Notification) -> Result<(), Failure> {
    let sources = Sources::new();
    let session = Session::new().ok();
    let nothing = crate::rule::Catalogue::default();
    let run = Run {
        triaged: &Triaged::default(),
        fleet: &Fleet::default(),
        sources: &sources,
        catalogue: session.as_ref().map_or(&nothing, Session::catalogue),
        settings: &Settings::default(),
        summary: &Summary::default(),
        shown: Shown::default(),
        threshold: threshold(args.fail_on),
        color: false,
        unicode: terminal.unicode,
        version: env!("CARGO_PKG_VERSION"),
        working: "",
        prefix: "",
        category: None,
        links: None,
        notifications: &[notification],
    };
    for (format, file) in &args.outputs {
        write_file(file, &render(*format, &run))?;
    }
    if args.format == Format::Terminal {
        return Ok(());
    }
    terminal.print(&render(args.format, &run))
}

fn write(args: &CheckArgs, terminal: &Terminal, run: &Run<'_>) -> Result<(), Failure> {
    let plain = Run { color: false, ..*run };
    for (format, file) in &args.outputs {
        write_file(file, &render(*format, &plain))?;
    }
    terminal.print(&render(args.format, run))
}

fn write_file(file: &str, text: &str) -> Result<(), Failure> {
    write_atomically(Path::new(file), text.as_bytes()).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::new(format!("`{file}` cannot be written: there is no such folder")),
        kind => Failure::new(format!("`{file}` cannot be written: {kind}")),
    })
}
