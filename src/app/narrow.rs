//! What the command line wants of a run: which rules, which stamps, which files.

use std::collections::BTreeSet;

use super::nearest::nearest;
use super::session::{Request, SessionError};
use super::walk;
use crate::model::Fleet;
use crate::rule::{Catalogue, Selection};
use crate::source::Sources;
use crate::triage::{SetAside, Triaged};

/// Everything was read, but not everything is to be reported: `--stamp` and `--only`.
///
/// # Errors
/// When a stamp is named that is none.
pub fn narrow(
    request: &Request,
    fleet: &Fleet,
    working: &str,
    sources: &Sources,
    triaged: &mut Triaged,
) -> Result<(), SessionError> {
    let wanted = stamps(request, fleet)?;
    if !wanted.is_empty() {
        triaged.findings.retain(|f| f.stamps.is_empty() || f.stamps.iter().any(|s| wanted.contains(&s)));
    }
    if request.only.is_empty() {
        return Ok(());
    }
    let only: Vec<String> = request.only.iter().filter_map(|path| from_root(path, request, working)).collect();
    for finding in &mut triaged.findings {
        let here = finding.places.iter().any(|label| {
            sources.get(label.span.source).is_some_and(|s| only.iter().any(|o| walk::is_below(s.path(), o)))
        });
        if !here && finding.set_aside.is_none() {
            finding.set_aside = Some(SetAside::Elsewhere);
        }
    }
    Ok(())
}

/// The stamps that `--stamp` names; none for all.
///
/// # Errors
/// When one is named that is none.
pub fn stamps(request: &Request, fleet: &Fleet) -> Result<BTreeSet<usize>, SessionError> {
    let mut wanted = BTreeSet::new();
    for name in &request.stamps {
        let Some(stamp) = fleet.stamps.iter().find(|s| s.name == name.as_str()) else {
            return Err(SessionError::Name {
                message: format!("no stamp is called `{name}`"),
                help: nearest(name, fleet.stamps.iter().map(|s| s.name.as_str())),
            });
        };
        wanted.insert(stamp.index);
    }
    Ok(wanted)
}

/// A path of the command line from the root. A file that was deleted is no error: hooks pass those too.
fn from_root(path: &str, request: &Request, working: &str) -> Option<String> {
    let full = request.working.join(path);
    match (std::fs::canonicalize(&full), std::fs::canonicalize(&request.working)) {
        (Ok(full), Ok(at)) => {
            let up = working.split('/').filter(|p| !p.is_empty()).count();
            let root = at.ancestors().nth(up)?.to_path_buf();
            walk::relative(&root, &full)
        }
        _ => crate::source::join(working, path),
    }
}

/// `--select` and `--ignore` must name rules or families.
///
/// # Errors
/// When they name something else.
pub fn check_names(catalogue: &Catalogue, selection: &Selection) -> Result<(), SessionError> {
    for name in selection.select.iter().chain(&selection.ignore) {
        if catalogue.get(name).is_none() && !catalogue.has_family(name) {
            let families = catalogue.families();
            let known = catalogue.documents().iter().map(|d| &*d.id).chain(families.iter().map(|f| &**f));
            return Err(SessionError::Name {
                message: format!("no rule or family is called `{name}`"),
                help: nearest(name, known),
            });
        }
    }
    Ok(())
}
