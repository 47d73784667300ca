//! Renders a release: runs helm and reads what it printed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::chart::{self, Chart};
use super::command::{self, CHART, command};
use super::output::{self, Output};
use super::release::{Given, Release};
use super::words::said;
use crate::read::yaml;
use crate::source::{Code, Files, Problem, ProgramError, ProgramRun, Programs, Source, Span};
use crate::tree::{Entry, Kind, Text, Value};

/// Renders charts with the user's helm.
#[derive(Clone, Copy)]
pub struct Helm<'p> {
    files: &'p dyn Files,
    programs: &'p dyn Programs,
}

/// What a rendering gave.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The objects, in helm's order.
    pub resources: Vec<RenderedResource>,
    /// What helm printed.
    pub text: String,
    /// The files of the tree that were read: the chart's and the values'.
    pub files: Vec<String>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// There is no output.
    pub failed: bool,
}

/// One object.
#[derive(Clone, Debug)]
pub struct RenderedResource {
    /// The object.
    pub value: Value,
    /// Where it is declared.
    pub declared: Span,
    /// The template, as helm names it.
    pub template: Text,
}

impl<'p> Helm<'p> {
    /// With the files of the tree and the means to run helm.
    #[must_use]
    pub fn new(files: &'p dyn Files, programs: &'p dyn Programs) -> Self {
        Self { files, programs }
    }

    /// Renders a release.
    #[must_use]
    pub fn render(&self, release: &Release) -> Rendered {
        let read = chart::read(self.files, &release.chart, CHART, release.place);
        let mut rendered =
            Rendered { files: read.paths.clone(), problems: read.problems.clone(), ..Rendered::default() };
        for given in &release.values {
            rendered.problems.extend(self.values(given, release, &mut rendered.files));
        }
        rendered.failed = read.failed || rendered.problems.iter().any(|p| p.code == Code::Syntax);
        if rendered.failed {
            return rendered;
        }
        match self.run(release, &read) {
            Ok(text) => {
                let output = output::read(&text);
                rendered.text = text;
                self.take(&output, &read.chart, release, &mut rendered);
            }
            Err(problem) => {
                rendered.failed = true;
                rendered.problems.push(problem);
            }
        }
        rendered
    }

    /// What is wrong with a values file.
    fn values(&self, given: &Given, release: &Release, files: &mut Vec<String>) -> Vec<Problem> {
        let (root, mut problems) = match given {
            Given::Inline(value) => (Some(value.clone()), Vec::new()),
            Given::File(path) => match self.files.load(path) {
                Ok(source) => {
                    files.push(path.clone());
                    let stream = yaml::parse(&source);
                    let wrong = stream.problems.into_iter().filter(|p| p.code == Code::Syntax);
                    let wrong = wrong.collect();
                    (stream.documents.into_iter().next().map(|d| d.root), wrong)
                }
                Err(error) => {
                    return vec![Problem::new(Code::Syntax, release.place, error.to_string())];
                }
            },
        };
        if let Some(root) = root.filter(|r| problems.is_empty() && !command::is_values(r)) {
            let what = format!("values are a map; this is a {}", root.type_name());
            problems.push(Problem::new(Code::Syntax, root.span, what));
        }
        problems
    }

    fn run(&self, release: &Release, read: &chart::Read) -> Result<String, Problem> {
        let place = release.place;
        let (arguments, values) =
            command(self.files, release).map_err(|e| Problem::new(Code::Unreadable, place, e.to_string()))?;
        let files: Vec<_> = read.files.iter().cloned().chain(values).collect();
        let output = self
            .programs
            .helm(&ProgramRun { files: &files, arguments: &arguments })
            .map_err(|error| not_run(&error, release))?;
        if output.success {
            return Ok(output.stdout);
        }
        let said = said(&output.stderr);
        let mut problem = Problem::new(Code::Render, place, format!("helm cannot render the chart: {}", said.words));
        if let Some((template, line, column)) = said.at
            && let Some(source) = self.template(&read.chart, &template)
        {
            problem.span = spot(&source, line, column);
            if !place.is_none() {
                problem = problem.related(place, "rendered for this");
            }
        } else if place.is_none() {
            problem.span = read.chart.place;
        }
        Err(problem)
    }

    fn template(&self, chart: &Chart, named: &str) -> Option<Arc<Source>> {
        self.files.load(&chart.source(named)?).ok()
    }

    /// The objects of the output, with places in the tree.
    fn take(&self, output: &Output, chart: &Chart, release: &Release, rendered: &mut Rendered) {
        let mut starts: BTreeMap<&Text, Span> = BTreeMap::new();
        for document in &output.documents {
            let start = *starts.entry(&document.template).or_insert_with(|| {
                let source = self.template(chart, &document.template);
                source.map_or(release.place, |source| spot(&source, 1, None))
            });
            rendered.resources.push(RenderedResource {
                value: placed(&document.root, start),
                declared: start,
                template: document.template.clone(),
            });
        }
        for (template, problem) in &output.problems {
            let source = self.template(chart, template);
            let span = source.map_or(release.place, |source| spot(&source, 1, None));
            let what = format!("what the template renders to is not right: {}", problem.detail);
            let code = if problem.code == Code::Syntax { Code::Render } else { problem.code };
            rendered.problems.push(Problem::new(code, span, what));
        }
    }
}

/// A line of a template, from a column to its end.
fn spot(source: &Source, line: usize, column: Option<usize>) -> Span {
    let index = line.max(1) - 1;
    let Some(start) = source.line_starts().get(index).map(|s| *s as usize) else {
        return source.span(0, 0);
    };
    let text = source.line_text(index).trim_end();
    let lead = text.len() - text.trim_start().len();
    let from = column.filter(|c| *c < text.len() && text.is_char_boundary(*c)).unwrap_or(lead);
    source.span(start + from, start + text.len())
}

/// All of a value at one place.
fn placed(value: &Value, span: Span) -> Value {
    match &value.kind {
        Kind::List(list) => Value::list(list.iter().map(|v| placed(v, span)).collect(), span),
        Kind::Map(map) => {
            let entry = |e: &Entry| Entry::new(e.key.clone(), span, placed(&e.value, span));
            Value::map_of_unique(map.iter().map(entry).collect(), span)
        }
        other => Value::new(other.clone(), span),
    }
}

fn not_run(error: &ProgramError, release: &Release) -> Problem {
    let chart = if release.chart.is_empty() { "." } else { &release.chart };
    let problem = Problem::new(Code::NotAnalysed, release.place, format!("chart `{chart}` was not rendered: {error}"));
    problem.help(match error {
        ProgramError::NotAllowed(_) => "`--helm` allows it; or name what helm rendered before: `rendered: FILE`",
        ProgramError::NotStarted { .. } => {
            "install helm 3 or 4, say where it is (`--helm=PATH`), or name what helm rendered before: `rendered: FILE`"
        }
        ProgramError::TimedOut { .. } => "`helm: {timeout: SECONDS}` in the config gives it longer",
        ProgramError::TooMuch { .. } => "name what helm rendered before: `rendered: FILE`",
    })
}
