//! What somebody accepts in a run: the config's entries and what stands beside the findings, and where it can be told that
//! one of them is not needed.

use std::sync::Arc;

use super::config::Config;
use super::session::{Prepared, Request, SessionError, bad};
use super::walk;
use crate::model::Fleet;
use crate::triage::suppress::{Collect, Seen, Suppressions};

/// Collects the suppressions of a run.
///
/// # Errors
/// When an entry of the config has a faulty pattern.
pub fn accepted(request: &Request, prepared: &Prepared, fleet: &Fleet) -> Result<Suppressions, SessionError> {
    let Prepared { config, plan, disk, folders, named, declared, .. } = prepared;
    let entries = match config {
        Some(config) => config.suppressions().map_err(|faults| bad(config, faults))?,
        None => Vec::new(),
    };
    let taken = plan.files();
    let own = config.as_ref().map(|c| Arc::clone(c.source.path()));
    let file = |path: &str| {
        taken.binary_search_by(|t| t.as_str().cmp(path)).is_ok()
            || disk.was_asked_for(path)
            || own.as_deref() == Some(path)
    };
    let everywhere = request.paths.is_empty() || folders.iter().all(String::is_empty);
    let below = |config: &Config| folders.iter().any(|folder| walk::is_below(&config.dir, folder));
    Ok(Suppressions::collect(Collect {
        fleet,
        catalogue: &prepared.rules.catalogue,
        texts: disk.texts(),
        entries,
        today: request.today.unwrap_or_else(|| jiff::Zoned::now().date()),
        seen: Seen {
            file: &file,
            config: *declared || (named.is_empty() && config.as_ref().is_some_and(below)),
            whole: *declared || (named.is_empty() && everywhere),
        },
    }))
}
