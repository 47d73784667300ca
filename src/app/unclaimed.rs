//! Files that a config leaves out: it says what the stamps consist of, so what it does not name was forgotten, or is to
//! be named under `ignore`.

use globset::GlobSet;

use super::config::{Config, glob};
use super::disk::Disk;
use super::index::{Index, ReadFile};
use super::walk::is_below;
use crate::model::plan::Plan;
use crate::read::FileKind;
use crate::source::{Code, Problem, join, parent};

/// A problem for each manifest, template and parameter file below the config's folder that nothing took in.
#[must_use]
pub fn unclaimed(config: &Config, plan: &Plan, index: &Index, disk: &Disk) -> Vec<Problem> {
    let taken = plan.files();
    let ignored = ignored(config);
    let policies = folders(config, "policies", "path");
    index
        .files()
        .filter(|(path, file)| {
            is_counted(file.kind)
                && taken.binary_search_by(|t| t.as_str().cmp(path)).is_err()
                && !disk.was_asked_for(path)
                && !ignored.is_match(path)
                && !policies.iter().any(|folder| is_below(path, folder))
                && !is_compiled(path, file, index)
                && !is_of_taken_chart(path, index, disk)
        })
        .map(|(path, file)| {
            let place = file.resources.first().map_or_else(|| file.source.span(0, 0), |r| r.declared);
            Problem::new(Code::Unclaimed, place, format!("`{path}` belongs to no stamp"))
                .help("name it in the config: in what the stamps are made of, in `shared`, or under `ignore`")
        })
        .collect()
}

/// What a plan that was inferred leaves out, as entries for `ignore`: charts as folders, anything else by its path.
#[must_use]
pub fn leftover(plan: &Plan, index: &Index, disk: &Disk) -> Vec<String> {
    let taken = plan.files();
    let mut left = Vec::new();
    for (path, file) in index.files() {
        let unread = plan.unread.iter().any(|(p, _)| p == path);
        if !is_counted(file.kind)
            || unread
            || disk.was_asked_for(path)
            || taken.binary_search_by(|t| t.as_str().cmp(path)).is_ok()
            || is_compiled(path, file, index)
        {
            continue;
        }
        let entry = index.neighbours().chart(path).filter(|dir| !dir.is_empty()).unwrap_or(path);
        if left.last().is_none_or(|last: &String| last != entry) {
            left.push(entry.to_owned());
        }
    }
    left.dedup();
    left
}

fn is_counted(kind: FileKind) -> bool {
    matches!(
        kind,
        FileKind::Manifest | FileKind::Template | FileKind::Parameters | FileKind::Bicep | FileKind::BicepParam
    )
}

fn ignored(config: &Config) -> GlobSet {
    let mut set = globset::GlobSetBuilder::new();
    for value in config.strings("ignore") {
        // A folder stands for all that lies below it. Patterns were checked when the config was read.
        let Some(pattern) = value.as_str().and_then(|p| join(&config.dir, p)) else {
            continue;
        };
        for pattern in [pattern.clone(), format!("{pattern}/**")] {
            if let Ok(matcher) = glob(&pattern) {
                set.add(matcher.glob().clone());
            }
        }
    }
    set.build().unwrap_or_else(|_| GlobSet::empty())
}

fn folders(config: &Config, list: &str, key: &str) -> Vec<String> {
    let items = config.strings(list);
    let paths = items.iter().filter_map(|item| item.get(key)?.as_str());
    paths.filter_map(|path| join(&config.dir, path)).collect()
}

/// Whether a template is what the Bicep beside it compiles to.
fn is_compiled(path: &str, file: &ReadFile, index: &Index) -> bool {
    let generator =
        file.stream.iter().flat_map(|s| &s.documents).any(|d| {
            d.root.look("metadata._generator.name").known().and_then(crate::tree::Value::as_str) == Some("bicep")
        });
    let beside = |name: &str| join(parent(path), name).is_some_and(|p| index.get(&p).is_some());
    let stem = path.rsplit('/').next().and_then(|name| name.strip_suffix(".json")).unwrap_or_default();
    generator && (beside(&format!("{stem}.bicep")) || beside("main.bicep"))
}

/// Whether a file is part of a chart that a stamp renders.
fn is_of_taken_chart(path: &str, index: &Index, disk: &Disk) -> bool {
    index
        .neighbours()
        .chart(path)
        .and_then(|dir| join(dir, "Chart.yaml"))
        .is_some_and(|chart| disk.was_asked_for(&chart))
}
