//! The report for people: each finding with the lines that it is about.

use std::collections::HashMap;
use std::ops::Range;

use codespan_reporting::diagnostic::{Diagnostic, Label, Severity};
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::{self, Chars, Config, Styles, StylesWriter, termcolor};

use super::excerpt::{Excerpt, safe};
use super::prose::{advice, also};
use super::stamps::Stamps;
use super::summary::count;
use super::{Run, wrap};
use crate::rule::{Effect, Verdict};
use crate::source::Span;
use crate::triage::{FoundBy, Reported, SetAside};

/// Findings of one rule beyond this are counted.
const MOST_OF_A_RULE: usize = 20;

/// Notes are broken at this width, so that they read well beside an excerpt.
const NOTE_WIDTH: usize = 96;

/// Lines of a text to paste beyond this are left to the other formats.
const MOST_PASTED: usize = 12;

/// Renders the findings.
pub(super) fn render(run: &Run<'_>) -> String {
    let terminal = Terminal::new(run);
    let mut shown: HashMap<&str, usize> = HashMap::new();
    let mut more: Vec<(&str, usize)> = Vec::new();
    let mut out = Vec::new();
    for finding in run.findings() {
        let rule = &*finding.rule.id;
        let n = shown.entry(rule).or_default();
        *n += 1;
        if *n <= MOST_OF_A_RULE || run.shown.all {
            terminal.finding(finding, &mut out);
            continue;
        }
        match more.iter_mut().find(|(id, _)| *id == rule) {
            Some((_, n)) => *n += 1,
            None => more.push((rule, 1)),
        }
    }
    let mut text = String::from_utf8_lossy(&out).into_owned();
    for (rule, n) in more {
        text.push_str(&format!("{} of `{rule}`: shown with `--all`\n", count(n, "more finding")));
    }
    text
}

/// How a terminal's excerpts are drawn.
pub(super) struct Dress {
    config: Config,
    styles: Styles,
    color: bool,
    /// What stands for text that is cut.
    pub ellipsis: &'static str,
}

impl Dress {
    /// Colours, and more than ASCII, or not.
    pub(super) fn new(color: bool, unicode: bool) -> Self {
        let chars = if unicode { Chars::box_drawing() } else { Chars::ascii() };
        Self {
            config: Config { chars, ..Config::default() },
            styles: Styles::default(),
            color,
            ellipsis: if unicode { "…" } else { "..." },
        }
    }

    /// Draws a diagnostic, or nothing at all and says so.
    pub(super) fn emit(&self, files: &Excerpts, diagnostic: &Diagnostic<usize>, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        let written = if self.color {
            let mut ansi = termcolor::Ansi::new(&mut *out);
            let mut writer = StylesWriter::new(&mut ansi, &self.styles);
            term::emit_to_write_style(&mut writer, &self.config, files, diagnostic)
        } else {
            term::emit_to_io_write(out, &self.config, files, diagnostic)
        };
        if written.is_err() {
            out.truncate(start);
        }
        written.is_ok()
    }
}

struct Terminal<'a> {
    run: &'a Run<'a>,
    stamps: Stamps<'a>,
    dress: Dress,
}

impl<'a> Terminal<'a> {
    fn new(run: &'a Run<'a>) -> Self {
        Self { run, stamps: Stamps::new(run), dress: Dress::new(run.color, run.unicode) }
    }

    fn finding(&self, finding: &Reported, out: &mut Vec<u8>) {
        let (files, labels) = self.labels(finding);
        let diagnostic = Diagnostic::new(severity(finding))
            .with_code(safe(&finding.rule.id))
            .with_message(safe(&finding.message))
            .with_labels(labels)
            .with_notes(self.notes(finding));
        if !self.dress.emit(&files, &diagnostic, out) {
            // Every offset was made together with the text that it points into; should one be wrong, the finding is still told.
            out.extend_from_slice(format!("{}\n\n", safe(&finding.message)).as_bytes());
        }
    }

    fn labels(&self, finding: &Reported) -> (Excerpts, Vec<Label<usize>>) {
        let mut spans: Vec<(crate::source::SourceId, Vec<Span>)> = Vec::new();
        for place in &finding.places {
            match spans.iter_mut().find(|(id, _)| *id == place.span.source) {
                Some((_, held)) => held.push(place.span),
                None => spans.push((place.span.source, vec![place.span])),
            }
        }
        let mut excerpts = Vec::new();
        let mut labels: Vec<(usize, Label<usize>)> = Vec::new();
        for (id, spans) in spans {
            let Some(source) = self.run.sources.get(id) else { continue };
            let name = safe(&self.run.shown_path(source.path())).into_owned();
            let excerpt = Excerpt::new(&source, name, &spans, self.dress.ellipsis);
            let places = finding.places.iter().enumerate().filter(|(_, p)| p.span.source == id);
            for ((i, place), mark) in places.zip(&excerpt.marks) {
                let label = if i == 0 {
                    Label::primary(excerpts.len(), mark.clone())
                } else {
                    Label::secondary(excerpts.len(), mark.clone())
                };
                let inferred = match place.found {
                    FoundBy::Exact => "",
                    FoundBy::Inferred => " (place inferred)",
                    FoundBy::Literal => " (text of the chart's template)",
                };
                let text = format!("{}{inferred}", safe(&place.text));
                labels.push((i, label.with_message(text.trim_start())));
            }
            excerpts.push(excerpt);
        }
        labels.sort_by_key(|(i, _)| *i);
        (Excerpts(excerpts), labels.into_iter().map(|(_, l)| l).collect())
    }

    fn notes(&self, finding: &Reported) -> Vec<String> {
        let mut notes: Vec<String> = also(finding).iter().map(|said| note("also", said)).collect();
        if finding.places.is_empty()
            && let Some(resource) = &finding.resource
        {
            notes.push(note("resource", resource));
        }
        if let Some(template) = &finding.rendered_from {
            notes.push(note("template", template));
        }
        match &finding.set_aside {
            Some(SetAside::Suppressed(accepted)) => {
                let until = accepted.until.as_ref().map(|day| format!(" (until {day})"));
                notes.push(note("suppressed", &format!("{}{}", accepted.reason, until.unwrap_or_default())));
            }
            _ if finding.exempt => notes.push(note("exempt", "its namespace is exempt")),
            _ => {}
        }
        match finding.verdict {
            Verdict::Fail => {}
            Verdict::Possible => {
                notes.push(note("possible", "true unless a value that is not known yet says otherwise"))
            }
            Verdict::Undetermined => {
                notes.push(note("undetermined", "what it depends on is not known before deployment"));
            }
        }
        if let Some(sentence) = self.stamps.sentence(finding) {
            let word = if finding.stamps.len() == 1 { "stamp" } else { "stamps" };
            notes.push(note(word, &sentence));
        }
        let fixable = finding.fixes.iter().any(|f| !f.edits.is_empty());
        if let Some(help) = advice(finding) {
            let help = if fixable { format!("{help} [fixable]") } else { help };
            notes.push(note("help", &help));
        }
        for fix in &finding.fixes {
            if let Some(text) = &fix.text {
                notes.push(pasted(&fix.title, text));
            }
        }
        notes
    }
}

/// A note below an excerpt, broken so that it reads well beside it.
pub(super) fn note(word: &str, text: &str) -> String {
    let indent = " ".repeat(word.len() + 2);
    format!("{word}: {}", wrap::wrap(&safe(text), NOTE_WIDTH, &indent))
}

fn pasted(title: &str, text: &str) -> String {
    let mut note = format!("{}:", safe(title));
    for line in text.lines().take(MOST_PASTED) {
        note.push_str("\n    ");
        note.push_str(&safe(line));
    }
    if text.lines().count() > MOST_PASTED {
        note.push_str("\n    ...");
    }
    note
}

fn severity(finding: &Reported) -> Severity {
    match (finding.verdict, finding.effect) {
        _ if finding.exempt || finding.set_aside.is_some() => Severity::Note,
        (Verdict::Fail, Effect::Deny) => Severity::Error,
        (Verdict::Fail, _) => Severity::Warning,
        _ => Severity::Note,
    }
}

/// The excerpts of one finding, one a file.
pub(super) struct Excerpts(pub Vec<Excerpt>);

impl Excerpts {
    fn of(&self, id: usize) -> Result<&Excerpt, Error> {
        self.0.get(id).ok_or(Error::FileMissing)
    }
}

impl<'f> Files<'f> for Excerpts {
    type FileId = usize;
    type Name = &'f str;
    type Source = &'f str;

    fn name(&'f self, id: usize) -> Result<&'f str, Error> {
        Ok(&self.of(id)?.name)
    }

    fn source(&'f self, id: usize) -> Result<&'f str, Error> {
        Ok(&self.of(id)?.text)
    }

    fn line_index(&'f self, id: usize, offset: usize) -> Result<usize, Error> {
        Ok(self.of(id)?.line_index(offset))
    }

    fn column_number(&'f self, id: usize, _line: usize, offset: usize) -> Result<usize, Error> {
        Ok(self.of(id)?.column(offset).unwrap_or(1))
    }

    fn line_range(&'f self, id: usize, line: usize) -> Result<Range<usize>, Error> {
        self.of(id)?.line_range(line).ok_or(Error::LineTooLarge { given: line, max: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{Stage, label};
    use crate::triage::{Accepted, Role};

    #[test]
    fn a_finding_shows_the_place_to_fix_the_use_and_the_stamps() {
        let stage = Stage::with_local_accounts(&["centralus", "eastus2"], &[0]);
        let text = render(&stage.run());
        for line in [
            "error[local-accounts-enabled]: local accounts are not disabled on cluster `aks`",
            "┌─ params/azuredeploy.parameters.centralus.json:3:40",
            "3 │     \"disableLocalAccounts\": { \"value\": false }",
            "^^^^^ `disableLocalAccounts` is set to false here",
            "┌─ cluster-stamp.bicep:3:27",
            "-------------------- used here",
            "= stamp: centralus (1 of 2; eastus2 holds)",
            "= help: Entra ID is then the only way in: set `disableLocalAccounts` to true [fixable]",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_stamp_with_a_finding_of_the_same_rule_does_not_hold() {
        let mut stage = Stage::with_local_accounts(&["centralus", "eastus2"], &[0]);
        stage.find("local-accounts-enabled", "not known", &[1]).verdict = Verdict::Undetermined;
        assert!(render(&stage.run()).contains("= stamp: centralus (1 of 2)\n"));
    }

    #[test]
    fn colours_and_box_drawing_only_when_asked() {
        let stage = Stage::with_local_accounts(&["centralus", "eastus2"], &[0, 1]);
        let run = stage.run();
        assert!(!render(&run).contains('\u{1b}'));
        assert!(
            render(&Run { color: true, ..run })
                .contains("\u{1b}[0m\u{1b}[1m\u{1b}[38;5;9merror[local-accounts-enabled]")
        );
        assert!(render(&Run { unicode: false, ..run }).is_ascii());
        assert!(render(&run).contains("= stamps: centralus, eastus2 (all 2)"));
    }

    #[test]
    fn what_else_is_wrong_at_the_place_is_said() {
        let mut stage = Stage::new(&["a"]);
        let finding = stage.find("mutable-image-tag", "one", &[0]);
        finding.also = ["two", "three", "four", "five", "six"].map(String::from).to_vec();
        let text = render(&stage.run());
        assert!(
            text.contains(" = also: two\n = also: three\n = also: four\n = also: 2 more at this place\n"),
            "{text}"
        );
    }

    #[test]
    fn twenty_of_a_rule_unless_all() {
        let mut stage = Stage::new(&["a"]);
        for i in 0..23 {
            stage.find("mutable-image-tag", &format!("tag {i}"), &[0]);
        }
        let text = render(&stage.run());
        assert_eq!(text.matches("warning[mutable-image-tag]").count(), 20);
        assert!(text.ends_with("3 more findings of `mutable-image-tag`: shown with `--all`\n"), "{text}");
        stage.shown.all = true;
        assert_eq!(render(&stage.run()).matches("warning[").count(), 23);
    }

    #[test]
    fn what_is_not_sure_or_accepted_is_shown_on_request_and_says_so() {
        let mut stage = Stage::new(&["a"]);
        stage.find("mutable-image-tag", "maybe", &[0]).verdict = Verdict::Possible;
        stage.find("mutable-image-tag", "exempted", &[0]).exempt = true;
        stage.find("mutable-image-tag", "accepted", &[0]).set_aside = Some(SetAside::Suppressed(Accepted {
            reason: "pinned upstream".into(),
            until: Some("2027-01-31".into()),
            span: Span::NONE,
            in_source: true,
        }));
        assert_eq!(render(&stage.run()), "");
        stage.shown = crate::report::Shown { undetermined: true, suppressed: true, exempt: true, all: false };
        let text = render(&stage.run());
        assert!(text.contains("note[mutable-image-tag]: maybe\n = possible: "), "{text}");
        assert!(text.contains("= suppressed: pinned upstream (until 2027-01-31)"), "{text}");
        assert!(text.contains("note[mutable-image-tag]: exempted\n = exempt: "), "{text}");
    }

    #[test]
    fn secrets_and_escapes_do_not_reach_the_terminal() {
        let mut stage = Stage::new(&["a"]);
        let source = stage.sources.add("s.yaml", "data: {key: c2VjcmV0, note: \"\u{1b}[2J\"}\n");
        source.redact(source.span(12, 20));
        let place = label(&source, "key", Role::Fix, "here\u{1b}[0m");
        stage.find("mutable-image-tag", "bad \u{1b}]0;x\u{7} name", &[0]).places = vec![place];
        let text = render(&stage.run());
        assert!(!text.contains('\u{1b}') && !text.contains("c2VjcmV0"), "{text}");
        assert!(text.contains("data: {key: ***, note:"), "{text}");
    }
}
