//! Reads a chart: the files that helm is to see, its subcharts, and what it lacks.

use std::sync::Arc;

use crate::read::yaml;
use crate::source::{Code, EntryKind, FileError, Files, LaidFile, Problem, Span, join};
use crate::tree::{Text, Value};

/// Folders in folders beyond this are not looked into.
const DEPTH: usize = 32;
/// Subcharts of subcharts beyond this are not read.
const CHARTS: usize = 8;
/// Files beyond this are no chart.
const MOST_FILES: usize = 20_000;
/// Bytes beyond this are no chart.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// A chart with its subcharts.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    /// Its folder, from the root of the run.
    pub dir: String,
    /// What its parent calls it: the name, or the alias.
    pub name: Text,
    /// Its files, below the folder where helm sees it.
    pub laid: String,
    /// Its subcharts that are folders.
    pub parts: Vec<Chart>,
    /// `Chart.yaml`, or the start of it.
    pub place: Span,
    /// The values that it brings along.
    pub defaults: Option<Value>,
}

/// What reading gave.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub chart: Chart,
    /// What helm is to see.
    pub files: Vec<LaidFile>,
    /// The files of the tree that they are, in the same order.
    pub paths: Vec<String>,
    pub problems: Vec<Problem>,
    /// helm would refuse it.
    pub failed: bool,
}

/// Reads the chart of a folder, to be laid out as `laid`.
pub(super) fn read(files: &dyn Files, dir: &str, laid: &str, asked: Span) -> Read {
    let chart = Chart::bare(dir, laid, asked);
    let read = Read { chart, files: Vec::new(), paths: Vec::new(), problems: Vec::new(), failed: false };
    let mut reader = Reader { files, read, bytes: 0, asked };
    let chart = reader.chart(dir, laid, 0);
    reader.read.chart = chart;
    reader.read
}

struct Reader<'f> {
    files: &'f dyn Files,
    read: Read,
    bytes: usize,
    asked: Span,
}

impl Reader<'_> {
    fn chart(&mut self, dir: &str, laid: &str, level: usize) -> Chart {
        self.folder(dir, laid, 0);
        self.describe(dir, laid, level)
    }

    /// What a chart that is laid out already consists of.
    fn describe(&mut self, dir: &str, laid: &str, level: usize) -> Chart {
        let path = below(dir, "Chart.yaml");
        let root = match self.files.load(&path) {
            Ok(source) => {
                let root = yaml::parse(&source).documents.into_iter().next().map(|d| d.root);
                root.unwrap_or_else(|| Value::null(source.span(0, 0)))
            }
            Err(error) => {
                let what = format!("`{}` is no chart: {error}", if dir.is_empty() { "." } else { dir });
                self.fail(Problem::new(Code::Unreadable, self.asked, what));
                return Chart::bare(dir, laid, self.asked);
            }
        };
        let mut chart = Chart::bare(dir, laid, root.get("name").map_or(root.span, |v| v.span));
        chart.name = root.get("name").and_then(Value::as_str).map(Text::from).unwrap_or_default();
        let defaults = self.files.load(&below(dir, "values.yaml")).ok();
        chart.defaults = defaults.and_then(|source| yaml::parse(&source).documents.into_iter().next().map(|d| d.root));
        if level < CHARTS {
            self.parts(&mut chart, &root, level);
        }
        chart
    }

    /// The subcharts: those in `charts`, and those that lie beside the chart and would be copied there.
    fn parts(&mut self, chart: &mut Chart, root: &Value, level: usize) {
        let charts = below(&chart.dir, "charts");
        let listed = self.files.list(&charts).unwrap_or_default();
        let mut held: Vec<Chart> = Vec::new();
        let mut packed: Vec<String> = Vec::new();
        for entry in listed.iter().filter(|e| !e.name.starts_with(['.', '_'])) {
            match entry.kind {
                EntryKind::Folder => {
                    let dir = below(&charts, &entry.name);
                    if self.files.kind(&below(&dir, "Chart.yaml")) == Some(EntryKind::File) {
                        held.push(self.describe(&dir, &format!("{}/charts/{}", chart.laid, entry.name), level + 1));
                    }
                }
                EntryKind::File if entry.name.ends_with(".tgz") => packed.push(entry.name.clone()),
                EntryKind::File => {}
            }
        }
        for dependency in self.dependencies(&chart.dir, root) {
            let Some(name) = dependency.get("name").filter(|n| n.as_str().is_some()) else {
                continue;
            };
            let word = name.as_str().unwrap_or_default();
            let alias = dependency.get("alias").and_then(Value::as_str);
            let found = held.iter().position(|c| c.name == word);
            match found.and_then(|at| held.get_mut(at)) {
                // One folder may be used several times.
                Some(part) => chart.parts.push(Chart { name: alias.unwrap_or(word).into(), ..part.clone() }),
                None if packed.iter().any(|file| is_pack_of(file, word)) => {}
                None => {
                    if let Some(part) = self.beside(chart, &dependency, word, level) {
                        chart.parts.push(Chart { name: alias.unwrap_or(word).into(), ..part });
                    } else {
                        self.missing(&chart.dir, word, name.span);
                    }
                }
            }
        }
        // What lies in `charts` without being named is rendered too.
        let named: Vec<String> = chart.parts.iter().map(|p| p.dir.clone()).collect();
        chart.parts.extend(held.into_iter().filter(|c| !named.contains(&c.dir)));
    }

    fn dependencies(&self, dir: &str, root: &Value) -> Vec<Value> {
        if let Some(own) = root.get("dependencies") {
            return own.items().to_vec();
        }
        let Ok(source) = self.files.load(&below(dir, "requirements.yaml")) else {
            return Vec::new();
        };
        let root = yaml::parse(&source).documents.into_iter().next().map(|d| d.root);
        root.and_then(|r| r.get("dependencies").cloned()).map(|d| d.items().to_vec()).unwrap_or_default()
    }

    /// A dependency that lies in the tree: `helm dependency build` would copy it into `charts`, and so do we.
    fn beside(&mut self, chart: &Chart, dependency: &Value, name: &str, level: usize) -> Option<Chart> {
        let relative = dependency.get("repository")?.as_str()?.strip_prefix("file://")?;
        let dir = join(&chart.dir, relative)?;
        self.files.load(&below(&dir, "Chart.yaml")).ok()?;
        Some(self.chart(&dir, &format!("{}/charts/{name}", chart.laid), level + 1))
    }

    fn missing(&mut self, dir: &str, name: &str, at: Span) {
        let what = format!("the chart needs `{name}`, which is not in its folder `charts`");
        let help = format!("`helm dependency build {}` fetches it", if dir.is_empty() { "." } else { dir });
        self.fail(Problem::new(Code::NotAnalysed, at, what).help(help));
    }

    fn fail(&mut self, problem: Problem) {
        self.read.failed = true;
        self.read.problems.push(problem);
    }

    /// Takes in the files of a folder. What leads out of the tree is left out, so that a chart cannot read it.
    fn folder(&mut self, dir: &str, laid: &str, depth: usize) {
        let Ok(listed) = self.files.list(dir) else {
            return;
        };
        for entry in listed {
            let path = below(dir, &entry.name);
            let to = format!("{laid}/{}", entry.name);
            match entry.kind {
                EntryKind::Folder if entry.name == ".git" => {}
                EntryKind::Folder if depth < DEPTH => self.folder(&path, &to, depth + 1),
                EntryKind::Folder => {}
                EntryKind::File => self.file(path, to),
            }
        }
    }

    fn file(&mut self, path: String, laid: String) {
        if self.read.files.len() >= MOST_FILES || self.bytes >= MOST_BYTES {
            if !self.read.failed {
                let what = "the chart has more than 20000 files or 256 MiB".to_owned();
                self.fail(Problem::new(Code::Limit, self.asked, what));
            }
            return;
        }
        match self.files.bytes(&path) {
            Ok(bytes) => {
                self.bytes += bytes.len();
                self.read.files.push(LaidFile { path: laid, bytes });
                self.read.paths.push(path);
            }
            Err(FileError::NotFound(_)) => {}
            Err(error) => {
                let what = format!("a file of the chart was left out: {error}");
                self.read.problems.push(Problem::new(Code::NotAnalysed, self.asked, what));
            }
        }
    }
}

/// A path below a folder, which is empty at the root.
pub(super) fn below(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

/// Whether an archive holds a chart of this name: `redis-17.3.2.tgz`.
fn is_pack_of(file: &str, name: &str) -> bool {
    let rest = file.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == 'v'))
}

impl Chart {
    pub fn bare(dir: &str, laid: &str, place: Span) -> Self {
        let (dir, laid) = (dir.to_owned(), laid.to_owned());
        Self { dir, name: Text::default(), laid, parts: Vec::new(), place, defaults: None }
    }

    /// The file of the tree that helm names in `# Source: chart/charts/sub/templates/x.yaml`.
    pub fn source(&self, named: &str) -> Option<String> {
        let mut chart = self;
        let mut rest = named.split_once('/')?.1;
        while let Some(inner) = rest.strip_prefix("charts/") {
            let (name, after) = inner.split_once('/')?;
            chart = chart.parts.iter().find(|p| p.name == name)?;
            rest = after;
        }
        Some(below(&chart.dir, rest))
    }
}

/// The bytes of a text.
pub(super) fn bytes(text: &str) -> Arc<[u8]> {
    Arc::from(text.as_bytes())
}
