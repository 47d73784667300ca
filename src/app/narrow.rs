//! What the command line wants of a run: which rules, which stamps, which files.

use std::collections::BTreeSet;
use std::path::Path;

use super::session::{Request, SessionError};
use super::walk;
use crate::model::Fleet;
use crate::resolve::template::Source as Bound;
use crate::rule::nearest;
use crate::rule::{Catalogue, Selection};
use crate::source::{Sources, Span};
use crate::triage::{Reported, Role, SetAside, Triaged};

/// Everything was read, but not everything is to be reported: `--stamp` and `--only`.
///
/// # Errors
/// When a stamp is named that is none.
pub fn narrow(
    request: &Request,
    fleet: &Fleet,
    root: &Path,
    sources: &Sources,
    triaged: &mut Triaged,
) -> Result<(), SessionError> {
    let wanted = stamps(request, fleet)?;
    if !wanted.is_empty() {
        for finding in &mut triaged.findings {
            if !finding.stamps.is_empty() && !finding.stamps.iter().any(|s| wanted.contains(&s)) {
                finding.set_aside = Some(SetAside::Unasked);
            }
        }
    }
    if request.only.is_empty() && !request.changed {
        return Ok(());
    }
    let only = Only::new(request, fleet, root);
    for finding in &mut triaged.findings {
        if !only.holds(finding, sources) && finding.set_aside.is_none() {
            finding.set_aside = Some(SetAside::Elsewhere);
        }
    }
    Ok(())
}

/// The files and folders that the report was asked for.
struct Only {
    paths: Vec<String>,
    /// Paths that are not there, in a message's quotes: a file that was deleted has no labels, but what misses it names it.
    gone: Vec<String>,
    /// What a parameter file of these paths leaves to the template's default, with the stamp: leaving it out decides too.
    left_out: Vec<(usize, Span)>,
}

impl Only {
    fn new(request: &Request, fleet: &Fleet, root: &Path) -> Self {
        let mut only = Self { paths: Vec::new(), gone: Vec::new(), left_out: Vec::new() };
        for given in &request.only {
            let Some(path) = from_root(given, request, root) else { continue };
            if !request.working.join(given).exists() {
                only.gone.push(format!("`{path}`"));
            }
            only.paths.push(path);
        }
        let mut left_out = Vec::new();
        for stamp in &fleet.stamps {
            for deployed in stamp.own.deployed.iter().filter(|d| d.files.iter().any(|f| only.names(f.as_str()))) {
                let defaults = deployed.parameters.iter().filter(|p| p.source == Bound::Default);
                left_out.extend(defaults.map(|p| (stamp.index, p.value.span)));
            }
        }
        only.left_out = left_out;
        only
    }

    fn names(&self, path: &str) -> bool {
        self.paths.iter().any(|o| walk::is_below(path, o))
    }

    fn holds(&self, finding: &Reported, sources: &Sources) -> bool {
        let labelled =
            finding.places.iter().any(|label| sources.get(label.span.source).is_some_and(|s| self.names(s.path())));
        let left_out = || {
            finding.places.iter().filter(|label| label.role == Role::Fix).any(|label| {
                self.left_out.iter().any(|(stamp, span)| span.contains(label.span) && finding.stamps.contains(*stamp))
            })
        };
        labelled || left_out() || self.gone.iter().any(|path| finding.message.contains(path.as_str()))
    }
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

/// A path of the command line from the root, wherever the working folder is. A file that was deleted is no error: hooks
/// pass those too. None for what lies outside the root.
fn from_root(path: &str, request: &Request, root: &Path) -> Option<String> {
    let full = request.working.join(path);
    if let Ok(full) = std::fs::canonicalize(&full) {
        return walk::relative(root, &full);
    }
    let given = full.to_string_lossy().replace('\\', "/");
    let working = std::fs::canonicalize(&request.working).ok()?;
    let full = match path.starts_with('/') {
        true => crate::source::join("", given.trim_start_matches('/'))?,
        false => crate::source::join(working.to_string_lossy().trim_start_matches('/'), path)?,
    };
    walk::relative(root, &Path::new("/").join(full))
}

/// `--select` and `--ignore` must name rules or families.
///
/// # Errors
/// When they name something else.
pub fn check_names(catalogue: &Catalogue, selection: &Selection) -> Result<(), SessionError> {
    for name in selection.select.iter().chain(&selection.ignore).filter(|_| !catalogue.is_partial()) {
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
