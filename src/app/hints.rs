//! What a person probably meant, where a run can be made but may not be the one that was wanted. Sentences for the
//! closing summary; it changes nothing of what is checked.

use std::path::Path;

use super::config::NAMES;
use super::index::Index;
use super::root::Place;
use super::walk::Walked;
use crate::model::plan::Plan;
use crate::read::FileKind;
use crate::resolve::regions;
use crate::rule::nearest;
use crate::source::parent;
use crate::tree::Value;

/// Names that a config does not have.
const NOT_NAMES: [&str; 6] =
    [".stamplint.yaml", ".stamplint.yml", "stamplint.json", "stamplint.toml", ".stamplint", "stamplint.config.yaml"];

/// Hints of this kind beyond this say nothing new.
const MOST: usize = 3;

/// What to say of a run without a config.
#[must_use]
pub fn without_config(walked: &Walked, place: &Place, index: &Index, plan: &Plan) -> Vec<String> {
    let mut hints = Vec::new();
    for path in &walked.files {
        let name = path.rsplit('/').next().unwrap_or(path);
        let dir = parent(path);
        if NAMES.contains(&name) {
            hints.push(format!(
                "`{path}` is not used: a config is looked for in the folder that is checked and above it; check `{dir}`, or give `--config {path}`"
            ));
        } else if NOT_NAMES.contains(&name) && place.folders.iter().any(|f| f == dir) {
            hints.push(format!("`{path}` is not used: the config is called `{}`", NAMES[0]));
        }
    }
    hints.truncate(MOST);
    hints.extend(template_alone(place, index));
    let told_apart = plan.stamps.len() > 1 || !plan.inferred.is_empty();
    if place.files.is_empty() && !told_apart {
        hints.push("nothing tells stamps apart: all of it counts as one, `default`; `stamplint init` writes a config that can name them".to_owned());
    }
    hints
}

/// Regions of the config that the table does not have: rules that need to know the region's zones say nothing of them.
#[must_use]
pub fn unknown_regions(plan: &Plan) -> Vec<String> {
    let mut hints = Vec::new();
    for stamp in &plan.stamps {
        let written = stamp.region.as_ref().and_then(Value::as_str).unwrap_or_default();
        if written.is_empty() || regions::find(written).is_some() {
            continue;
        }
        let meant = nearest(&written.to_lowercase().replace(' ', ""), regions::all().iter().map(|r| r.name.as_str()));
        let meant = meant.unwrap_or_else(|| "nothing is known of its zones".to_owned());
        hints.push(format!("stamp `{}` is in `{written}`, which is no known region: {meant}", stamp.name));
    }
    hints.truncate(MOST);
    hints
}

/// A template that was given by name, without the parameters that decide what it deploys.
fn template_alone(place: &Place, index: &Index) -> Option<String> {
    let kind = |path: &String| index.files().find(|(p, _)| p == path).map(|(_, file)| file.kind);
    let kinds: Vec<FileKind> = place.files.iter().filter_map(kind).collect();
    let templates = kinds.iter().filter(|k| matches!(k, FileKind::Bicep | FileKind::Template)).count();
    let parameters = kinds.iter().any(|k| matches!(k, FileKind::BicepParam | FileKind::Parameters));
    (templates > 0 && !parameters && templates == kinds.len()).then(|| {
        "a template without its parameter files says little: name the folder, or the parameter file too".to_owned()
    })
}

/// What may be meant by a path that is not there: a command, or a name beside it.
#[must_use]
pub fn missing<'c>(path: &str, commands: impl Iterator<Item = &'c str>) -> Option<String> {
    let neighbour = neighbour(Path::new(path));
    if neighbour.is_some() || path.contains(['/', '\\', '.']) {
        return neighbour;
    }
    nearest(path, commands)?.strip_suffix('?').map(|said| format!("{said}, a command?"))
}

fn neighbour(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name()?.to_str()?;
    let entries = std::fs::read_dir(folder).ok()?;
    let names: Vec<String> = entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    nearest(name, names.iter().map(String::as_str))
}

/// Whether a run without PATH would look at a home folder or the whole disk.
#[must_use]
pub fn is_home(working: &Path, home: Option<&Path>) -> bool {
    let canonical = |path: &Path| std::fs::canonicalize(path).ok();
    let Some(here) = canonical(working) else { return false };
    let ours = NAMES.iter().any(|name| here.join(name).exists()) || here.join(".git").exists();
    !ours && (here.parent().is_none() || home.and_then(canonical).is_some_and(|home| home == here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_folder_is_one_that_holds_no_repository() {
        let dir = tempfile::tempdir().unwrap();
        let below = dir.path().join("repo");
        std::fs::create_dir(&below).unwrap();
        assert!(is_home(dir.path(), Some(dir.path())) && !is_home(&below, Some(dir.path())));
        assert!(is_home(Path::new("/"), None) && !is_home(dir.path(), None));
        std::fs::create_dir(dir.path().join(".git")).unwrap();
        assert!(!is_home(dir.path(), Some(dir.path())));
    }

    #[test]
    fn a_missing_path_may_be_a_command_or_a_neighbour() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("infra")).unwrap();
        let said = |path: &str| missing(path, ["check", "init"].into_iter());
        assert_eq!(said("inti").as_deref(), Some("did you mean `init`, a command?"));
        let near = dir.path().join("infre");
        assert_eq!(said(near.to_str().unwrap()).as_deref(), Some("did you mean `infra`?"));
        assert_eq!(said(dir.path().join("other").to_str().unwrap()), None);
    }
}
