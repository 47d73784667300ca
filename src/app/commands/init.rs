//! `stamplint init`: what was inferred, as a config.

use std::path::Path;

use super::{FINE, Terminal, request};
use crate::app::cli::{Global, InitArgs};
use crate::app::config::{Draft, NAMES, write};
use crate::app::disk::write_atomically;
use crate::app::failure::Failure;
use crate::app::session::{Outcome, Prepared, Request, Session};
use crate::app::unclaimed::leftover;
use crate::model::Fleet;
use crate::report::{Run, Shown, Summary, begun};
use crate::rule::Effect;
use crate::source::join;
use crate::tree::Value;

/// Writes the config.
///
/// # Errors
/// When there is one, when there is nothing to write of, or when it cannot be written.
pub fn run(args: &InitArgs, global: &Global, terminal: &Terminal) -> Result<u8, Failure> {
    let paths: Vec<String> = args.path.iter().cloned().collect();
    let mut request = request(&paths, global)?;
    request.inferring = true;
    let session = Session::new()?;
    let prepared = session.prepare(&request)?;
    let assembled = prepared.resolve()?;
    let Some(dir) = prepared.folders.first() else {
        return Err(Failure::new("a config describes a folder; none was given"));
    };
    let text = write(Draft {
        plan: &prepared.plan,
        regions: &regions(&prepared, &assembled.fleet),
        dir,
        left: &leftover(&prepared.plan, &prepared.index, &prepared.disk),
    });
    if args.print {
        terminal.print(&text)?;
        return Ok(FINE);
    }
    let root = prepared.disk.root();
    for name in NAMES {
        let there = join(dir, name).map(|p| root.join(p)).is_some_and(|p| p.exists());
        if there && !args.force {
            return Err(Failure::new(format!("`{name}` is there already"))
                .help(Some("`--force` replaces it, `--print` shows what would be written".to_owned())));
        }
    }
    let [name, _] = NAMES;
    let path = root.join(dir).join(name);
    write_to(&path, &text)?;
    let request = Request { inferring: false, config: None, ..request };
    let said = session.check(&request).map(|outcome| begin(terminal, &outcome, &prepared, &path));
    terminal.say(&said.unwrap_or_else(|_| format!("wrote     {}\n", path.display())));
    Ok(FINE)
}

/// What there is to say once the config is there: how the gate stands with it, and what was inferred to write it.
fn begin(terminal: &Terminal, outcome: &Outcome, prepared: &Prepared, path: &Path) -> String {
    let summary = Summary { inferred: prepared.plan.inferred.clone(), ..outcome.summary.clone() };
    let run = Run {
        triaged: &outcome.triaged,
        fleet: &outcome.fleet,
        sources: &outcome.sources,
        catalogue: &outcome.catalogue,
        settings: &outcome.settings,
        summary: &summary,
        shown: Shown::default(),
        threshold: Some(Effect::Deny),
        color: terminal.color_err,
        unicode: terminal.unicode,
        version: env!("CARGO_PKG_VERSION"),
        working: &outcome.working,
        prefix: "",
        category: None,
        links: None,
        notifications: &[],
    };
    begun(&run, &path.display().to_string())
}

fn write_to(path: &Path, text: &str) -> Result<(), Failure> {
    write_atomically(path, text.as_bytes())
        .map_err(|error| Failure::new(format!("`{}` cannot be written: {}", path.display(), error.kind())))
}

/// The region of each stamp where only its name tells it; what parameters say, they go on saying.
fn regions(prepared: &Prepared, fleet: &Fleet) -> Vec<Option<String>> {
    let planned = prepared.plan.stamps.iter().map(|s| s.region.as_ref().and_then(Value::as_str));
    fleet
        .stamps
        .iter()
        .zip(planned)
        .map(|(stamp, word)| word.filter(|w| stamp.region.as_deref() == Some(*w)).map(str::to_owned))
        .collect()
}
