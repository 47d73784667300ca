//! Renders a release: runs helm and reads what it printed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::align::Numbers;
use super::chart::{self, Chart};
use super::command::{self, CHART, command};
use super::marks::Marks;
use super::output::{self, Output};
use super::passes::Passes;
use super::place::Placer;
use super::release::{Given, Release};
use super::values;
use super::words::said;
use crate::read::yaml;
use crate::source::{Code, Files, Problem, ProgramError, ProgramRun, Programs, Source, Span};
use crate::tree::{Text, Value};

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

    /// Renders a release, with the place of every value.
    #[must_use]
    pub fn render(&self, release: &Release) -> Rendered {
        self.rendered(release, true)
    }

    /// Renders a release in a single run of helm. Objects and problems have the place of their template.
    #[must_use]
    pub fn render_plain(&self, release: &Release) -> Rendered {
        self.rendered(release, false)
    }

    fn rendered(&self, release: &Release, places: bool) -> Rendered {
        let read = chart::read(self.files, &release.chart, CHART, release.place);
        let mut rendered =
            Rendered { files: read.paths.clone(), problems: read.problems.clone(), ..Rendered::default() };
        let given: Vec<Value> =
            release.values.iter().filter_map(|given| self.values(given, release, &mut rendered)).collect();
        rendered.failed |= read.failed;
        if rendered.failed {
            return rendered;
        }
        let values = values::merged(&read.chart, &given, &release.set, &release.raw);
        let marks = Marks::of(&values);
        let passes = Passes::new(self.files, self.programs, release, &read, &values, &marks);
        let first = || if places { passes.first() } else { (None, None) };
        let (truth, first) = rayon::join(|| self.run(release, &read), first);
        match truth {
            Ok(text) => {
                let output = output::read(&text);
                rendered.text = text;
                let all = if places { passes.all(first, &output) } else { Vec::new() };
                let templates = passes.templates();
                let placer = Placer::new(&values, &marks, &all, &templates);
                self.take(&output, &read.chart, release, &placer, &mut rendered);
            }
            Err(problem) => {
                rendered.failed = true;
                rendered.problems.push(problem);
            }
        }
        rendered
    }

    /// The values of a file or a document; nothing where they cannot be read.
    fn values(&self, given: &Given, release: &Release, rendered: &mut Rendered) -> Option<Value> {
        let root = match given {
            Given::Inline(value) => Some(value.clone()),
            Given::File(path) => match self.files.load(path) {
                Ok(source) => {
                    rendered.files.push(path.clone());
                    let stream = yaml::parse(&source);
                    let wrong: Vec<Problem> = stream.problems.into_iter().filter(|p| p.code == Code::Syntax).collect();
                    if !wrong.is_empty() {
                        rendered.failed = true;
                        rendered.problems.extend(wrong);
                        return None;
                    }
                    stream.documents.into_iter().next().map(|d| d.root)
                }
                Err(error) => {
                    rendered.failed = true;
                    rendered.problems.push(Problem::new(Code::Unreadable, release.place, error.to_string()));
                    return None;
                }
            },
        }?;
        if !command::is_values(&root) {
            rendered.failed = true;
            let what = format!("values are a map; this is a {}", root.type_name());
            rendered.problems.push(Problem::new(Code::Syntax, root.span, what));
            return None;
        }
        Some(root)
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
    fn take(&self, output: &Output, chart: &Chart, release: &Release, placer: &Placer<'_>, rendered: &mut Rendered) {
        let mut starts: BTreeMap<&Text, Span> = BTreeMap::new();
        let mut numbers = Numbers::default();
        for document in &output.documents {
            let start = *starts.entry(&document.template).or_insert_with(|| {
                let source = self.template(chart, &document.template);
                source.map_or(release.place, |source| spot(&source, 1, None))
            });
            let key = numbers.next(&document.template, &document.root);
            let (value, declared) = placer.document(document, &key, start, prefix(&document.template));
            rendered.resources.push(RenderedResource { value, declared, template: document.template.clone() });
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

/// Where the values of a subchart's template stand among its parent's: `a/charts/b/templates/x.yaml` reads those of `b`.
fn prefix(template: &str) -> Vec<String> {
    let charts = template.split("/templates/").next().unwrap_or_default();
    charts.split("/charts/").skip(1).map(str::to_owned).collect()
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
