//! From the files of a run to the facts that inference works on.

use globset::GlobMatcher;
use rayon::prelude::*;

use super::index::{Index, ReadFile};
use crate::model::infer::{self, Facts, FileFacts};
use crate::read::{FileKind, bicep};
use crate::tree::Value;

/// The facts of all files, by path.
#[must_use]
pub fn facts(index: &Index) -> Vec<FileFacts> {
    let files: Vec<(&str, &ReadFile)> = index.files().collect();
    files
        .par_iter()
        .with_max_len(64)
        .filter_map(|(path, file)| Some(FileFacts { path: (*path).to_owned(), facts: of(path, file)? }))
        .collect()
}

/// The facts of pipelines and scripts: those that match, or all where there are no patterns.
#[must_use]
pub fn commands(index: &Index, patterns: &[GlobMatcher]) -> Vec<FileFacts> {
    let wanted = |path: &str, kind: FileKind| {
        matches!(kind, FileKind::Workflow | FileKind::Pipeline | FileKind::Script)
            && (patterns.is_empty() || patterns.iter().any(|p| p.is_match(path)))
    };
    let files = index.files().filter(|(path, file)| wanted(path, file.kind));
    files.filter_map(|(path, file)| Some(FileFacts { path: path.to_owned(), facts: of(path, file)? })).collect()
}

fn of(path: &str, file: &ReadFile) -> Option<Facts> {
    let roots = || file.stream.iter().flat_map(|s| &s.documents).map(|d| &d.root);
    let null = Value::null(crate::source::Span::NONE);
    let root = || roots().next().unwrap_or(&null);
    Some(match file.kind {
        FileKind::Manifest => infer::manifest(roots()),
        FileKind::Kustomization => infer::kustomization(path, root()),
        // What nobody can read may deploy anything: it is planned, and the resolver says what is wrong with it.
        FileKind::Template if roots().next().is_none() => {
            Facts::Template { parameters: Vec::new(), calls: Vec::new(), compiled: false, deploys: true }
        }
        FileKind::Template => infer::arm_template(path, root()),
        FileKind::Parameters => infer::arm_parameters(path, root()),
        FileKind::Bicep => infer::bicep(path, &bicep::parse(&file.source)),
        FileKind::BicepParam => infer::bicepparam(path, &bicep::parse_params(&file.source)),
        FileKind::Values => Facts::Values,
        FileKind::Chart => infer::chart(path, root()),
        FileKind::Workflow | FileKind::Pipeline => infer::workflow(path, root()),
        FileKind::Script => infer::script(path, file.source.text()),
        _ => return None,
    })
}
