//! The further renders of a release, whose output tells where the true one's parts come from.

use std::sync::{Arc, OnceLock};

use super::align::{self, Documents, Numbers};
use super::chart::{self, bytes};
use super::command;
use super::lines::with_lines;
use super::marks::{self, Marks, Which};
use super::output::{self, Output};
use super::place::Pass;
use super::release::Release;
use crate::resolve::emit;
use crate::source::{Files, LaidFile, ProgramRun, Programs, Source};
use crate::tree::Value;

/// A template that refuses a marked value names it; this many are spared before a render is given up.
const RETRIES: usize = 6;

/// What further renders are made of.
pub(super) struct Passes<'p> {
    pub files: &'p dyn Files,
    pub programs: &'p dyn Programs,
    pub release: &'p Release,
    pub read: &'p chart::Read,
    pub values: &'p Value,
    pub marks: &'p Marks,
    /// The chart's files without schemas, with comments in the templates.
    named: OnceLock<Vec<LaidFile>>,
}

const TEXTS: Which = Which { texts: true, words: false, large: false, small: false, maps: false };
const LARGE: Which = Which { texts: false, words: false, large: true, small: false, maps: false };
const MAPS: Which = Which { texts: false, words: false, large: false, small: false, maps: true };
/// What most charts take without changing their shape.
const FIRST: Which = Which { texts: true, large: true, maps: true, ..LINES };
/// What templates compare and count with.
const SECOND: Which = Which { words: true, small: true, ..LINES };
const LINES: Which = Which { texts: false, words: false, large: false, small: false, maps: false };

impl<'p> Passes<'p> {
    pub fn new(
        files: &'p dyn Files,
        programs: &'p dyn Programs,
        release: &'p Release,
        read: &'p chart::Read,
        values: &'p Value,
        marks: &'p Marks,
    ) -> Self {
        Self { files, programs, release, read, values, marks, named: OnceLock::new() }
    }

    /// The two renders that are enough for most charts.
    pub fn first(&self) -> (Option<Pass>, Option<Pass>) {
        rayon::join(|| self.pass(FIRST, true), || self.pass(SECOND, false))
    }

    /// Those that take apart what the first one could not tell, with the first ones that worked.
    pub fn all(&self, first: (Option<Pass>, Option<Pass>), truth: &Output) -> Vec<Pass> {
        let (one, two) = first;
        let mut passes = Vec::new();
        if one.as_ref().is_none_or(|pass| !fits(truth, &pass.output)) {
            let ((lines, texts), (large, maps)) = rayon::join(
                || rayon::join(|| self.pass(LINES, true), || self.pass(TEXTS, false)),
                || rayon::join(|| self.pass(LARGE, false), || self.pass(MAPS, false)),
            );
            passes.extend([lines, texts, large, maps].into_iter().flatten());
        }
        passes.extend([one, two].into_iter().flatten());
        passes
    }

    fn pass(&self, which: Which, lines: bool) -> Option<Pass> {
        let mut files: Vec<LaidFile> = if lines { self.named().to_vec() } else { self.plain() };
        let kept = files.len();
        let mut spared: Vec<usize> = Vec::new();
        for _ in 0..RETRIES {
            files.truncate(kept);
            let arguments = if which == LINES {
                let (arguments, values) = command::command(self.files, self.release).ok()?;
                files.extend(values);
                arguments
            } else {
                let marked = self.marks.marked(self.values, which, &spared);
                files.push(LaidFile { path: "marked.yaml".to_owned(), bytes: bytes(&emit::yaml(&marked)) });
                let mut arguments = command::start(self.release);
                arguments.push("--values=marked.yaml".to_owned());
                arguments
            };
            let output = self.programs.helm(&ProgramRun { files: &files, arguments: &arguments }).ok()?;
            if output.success {
                return Some(Pass::new(output::read(&output.stdout), &output.stdout));
            }
            let refused = marks::in_text(&output.stderr).into_iter().filter(|id| !spared.contains(id));
            let before = spared.len();
            spared.extend(refused.collect::<Vec<_>>());
            if spared.len() == before {
                return None;
            }
        }
        None
    }

    /// The chart's files without its schemas: marks do not meet them.
    fn plain(&self) -> Vec<LaidFile> {
        self.read.files.iter().filter(|f| !f.path.ends_with("/values.schema.json")).cloned().collect()
    }

    fn named(&self) -> &[LaidFile] {
        self.named.get_or_init(|| {
            let named = |(number, file): (usize, &LaidFile)| {
                let text = std::str::from_utf8(&file.bytes).ok().filter(|_| is_template(&file.path));
                let bytes = text.map_or_else(|| Arc::clone(&file.bytes), |text| bytes(&with_lines(text, number)));
                LaidFile { path: file.path.clone(), bytes }
            };
            let files = self.read.files.iter().enumerate();
            files.filter(|(_, f)| !f.path.ends_with("/values.schema.json")).map(named).collect()
        })
    }

    /// The templates, by the number that comments call them.
    pub fn templates(&self) -> Vec<Option<Arc<Source>>> {
        let files = self.read.files.iter().zip(&self.read.paths);
        files.map(|(file, path)| self.files.load(path).ok().filter(|_| is_template(&file.path))).collect()
    }
}

fn is_template(path: &str) -> bool {
    path.contains("/templates/") && [".yaml", ".yml", ".tpl"].iter().any(|end| path.ends_with(end))
}

/// Whether all of the true output has its part in another one.
fn fits(truth: &Output, other: &Output) -> bool {
    let documents = Documents::of(other);
    let mut numbers = Numbers::default();
    truth.documents.iter().all(|d| {
        let key = numbers.next(&d.template, &d.root);
        documents.get(&key).is_some_and(|other| same_shape(&d.root, Some(other), 0))
    })
}

fn same_shape(value: &Value, other: Option<&Value>, depth: usize) -> bool {
    if depth > 128 || other.is_none() {
        return other.is_some();
    }
    let maps = value.entries().iter().all(|e| same_shape(&e.value, align::below(other, &e.key), depth + 1));
    let lists = value.items().iter().zip(align::items(value.items(), other));
    maps && lists.into_iter().all(|(item, theirs)| same_shape(item, theirs, depth + 1))
}
