//! `stamplint check`.

use std::io::{IsTerminal, Read, Write};

use super::{COULD_NOT_RUN, DENIED, FINE, Terminal, place_to_look, verbose};
use crate::app::cli::{CheckArgs, FailOn, Global};
use crate::app::disk::SIZE_LIMIT;
use crate::app::failure::Failure;
use crate::app::git::{Git, changed_since};
use crate::app::progress::Line;
use crate::app::session::{Outcome, Request, Session, SessionError};
use crate::app::{baseline, output};
use crate::model::Fleet;
use crate::report::{Format, Level, Notification, Run, Shown, Summary, closing, render};
use crate::rule::{Effect, Selection, Settings};
use crate::source::{Sources, Span};
use crate::triage::{Reported, SetAside, Triaged};

/// Checks and reports.
///
/// # Errors
/// When no report can be written. What keeps the check from being made is in the reports too.
pub fn run(args: &CheckArgs, global: &Global, terminal: &Terminal) -> Result<u8, Failure> {
    // An output that cannot be written is said before anything is checked, and on standard error only.
    output::check(args.outputs.iter().map(|(_, file)| file.as_str()).chain(args.baseline.as_deref()))?;
    if args.update_baseline && !global.stamps.is_empty() {
        let help = "leave `--stamp` out".to_owned();
        return Err(Failure::new("`--update-baseline` takes what is found in all stamps").help(Some(help)));
    }
    let outcome = request(args, global).and_then(|request| {
        let session = Session::new()?;
        let line = Line::new(terminal.quiet);
        let request = Request { progress: line.progress(), ..request };
        match session.check(&request) {
            // A hook in a repository that has no fleet yet: nothing of ours is among what changed.
            Err(error @ SessionError::Nothing(_)) if !request.only.is_empty() || request.changed => {
                Ok(Err(error.to_string()))
            }
            checked => {
                let mut outcome = checked?;
                compare(args, global, terminal, &mut outcome)?;
                Ok(Ok(outcome))
            }
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
    let working = place_to_look(&args.paths, global)?;
    let since = match &args.changed_since {
        Some(commit) => changed_since(&Git { working: working.clone() }, &working, commit)?,
        None => Vec::new(),
    };
    let (stdin, paths): (Vec<_>, Vec<_>) = given.iter().cloned().partition(|p| p == "-");
    Ok(Request {
        working,
        stdin: if stdin.is_empty() { None } else { Some(standard_input(global.quiet)?) },
        paths,
        config: global.config.clone(),
        selection: Selection { select: args.select.clone(), ignore: args.ignore.clone() },
        stamps: global.stamps.clone(),
        only: args.only.iter().chain(changed).cloned().chain(since).collect(),
        changed: args.changed_since.is_some(),
        jobs: global.jobs,
        today: args.today,
        inferring: false,
        helm: global.helm.clone(),
        ..Request::default()
    })
}

/// What the baseline holds is set aside; of a shard only its share is left.
fn compare(args: &CheckArgs, global: &Global, terminal: &Terminal, outcome: &mut Outcome) -> Result<(), Failure> {
    if let Some(file) = &args.baseline {
        if args.update_baseline {
            let said = baseline::update(file, outcome)?;
            terminal.say(&format!("{said}\n"));
        } else {
            let compared = baseline::apply(file, outcome)?;
            let narrowed =
                args.hook || args.changed_since.is_some() || !args.only.is_empty() || !global.stamps.is_empty();
            if !narrowed {
                outcome.summary.notes.extend(baseline::fixed(&compared, &outcome.settings));
            }
        }
    }
    if let Some((number, of)) = args.shard {
        // A finding belongs to the shard of its first stamp; what concerns the fleet to the first shard.
        let share = |f: &Reported| f.stamps.iter().next().map_or(0, |stamp| stamp % of);
        for finding in outcome.triaged.findings.iter_mut().filter(|f| share(f) != number - 1) {
            finding.set_aside = Some(SetAside::Unasked);
        }
    }
    Ok(())
}

fn category(args: &CheckArgs) -> Option<String> {
    args.shard.map(|(number, of)| format!("shard-{number}-of-{of}"))
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
    let category = category(args);
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
        category: category.as_deref(),
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
    let category = category(args);
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
        category: category.as_deref(),
        links: None,
        notifications: &[notification],
    };
    write_files(args, &run)?;
    if args.format == Format::Terminal {
        return Ok(());
    }
    terminal.print(&render(args.format, &run))
}

fn write(args: &CheckArgs, terminal: &Terminal, run: &Run<'_>) -> Result<(), Failure> {
    write_files(args, &Run { color: false, ..*run })?;
    terminal.print(&render(args.format, run))
}

fn write_files(args: &CheckArgs, run: &Run<'_>) -> Result<(), Failure> {
    let texts: Vec<_> = args.outputs.iter().map(|(format, file)| (file.as_str(), render(*format, run))).collect();
    output::write(&texts)
}
