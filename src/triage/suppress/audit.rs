//! Suppressions judged themselves: do they say why, are they in date, do they match something.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::comments::Language;
use super::{Form, Suppression, Until, Used, stamp_names};
use crate::model::Fleet;
use crate::rule::{Catalogue, Context, Effect, Finding, Place, Scope, Settings, nearest};
use crate::source::{Sources, Span};
use crate::triage::Reported;

/// What is judged against.
#[derive(Clone, Copy)]
pub struct Against<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// The rules.
    pub catalogue: &'a Catalogue,
    /// What holds where.
    pub settings: &'a Settings,
    /// All sources.
    pub sources: &'a Sources,
}

const WITHOUT_REASON: &str = "suppression-without-reason";
const EXPIRED: &str = "suppression-expired";
const UNUSED: &str = "suppression-unused";

/// What keeps others from being found.
const BLINDING: [&str; 5] = ["not-analysed", "template-error", "render-error", "limit-exceeded", "fleet-error"];

/// Whether a rule judges suppressions: what accepts its findings is judged last.
fn judges_suppressions(rule: &str) -> bool {
    [WITHOUT_REASON, EXPIRED, UNUSED].contains(&rule)
}

impl Used<'_> {
    /// What is wrong with suppressions of other rules.
    pub fn audit(&self, against: Against<'_>, reported: &[Reported]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (span, message, help) in &self.of.unclear {
            push(&mut findings, UNUSED, *span, message.clone(), help.clone());
        }
        let blind = Blind::of(reported, against.sources);
        for (suppression, used) in self.of.all.iter().zip(&self.used).filter(|(s, _)| s.seen) {
            let before = findings.len();
            self.one(suppression, *used, against, &blind, &mut findings);
            for finding in findings.iter_mut().skip(before) {
                finding.stamps = suppression.held.clone();
            }
        }
        findings.retain(|f| against.settings.is_on(&f.rule));
        findings
    }

    /// What is unused of what accepts findings of [`Used::audit`].
    pub fn audit_last(&self, against: Against<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (suppression, used) in self.of.all.iter().zip(&self.used) {
            let of_ours = suppression.rule.as_ref().filter(|r| judges_suppressions(r) && against.settings.is_on(r));
            if of_ours.is_some() && !used && suppression.seen && suppression.holds(self.of.today) {
                unused(suppression, &mut findings);
            }
        }
        findings.retain(|f| against.settings.is_on(&f.rule));
        findings
    }

    fn one(&self, of: &Suppression, used: bool, against: Against<'_>, blind: &Blind, findings: &mut Vec<Finding>) {
        let Some(rule) = &of.rule else {
            return unknown_rule(of, against.catalogue, findings);
        };
        if of.reason.is_empty() {
            let message = format!("the suppression of `{}` gives no reason", of.name);
            push(findings, WITHOUT_REASON, of.span, message, of.form.why().to_owned());
        }
        match &of.until {
            Until::Day(day) if *day < self.of.today => {
                let message = format!("the suppression of `{}` ended on {day}", of.name);
                let help = "mend what it accepted and delete it, or decide again and give a new day";
                push(findings, EXPIRED, of.span, message, help.to_owned());
            }
            Until::NoDay(text) => {
                let message = match text.as_str() {
                    "" => format!("the suppression of `{}` says `until` and no day, so it does not hold", of.name),
                    text => format!("`{text}` is no day, so the suppression of `{}` does not hold", of.name),
                };
                push(findings, EXPIRED, of.span, message, "a day is written like `2027-01-31`".to_owned());
            }
            _ => {}
        }
        for (name, span) in &of.named {
            if !stamp_names(against.fleet).any(|s| s == name) {
                let help = nearest(name, stamp_names(against.fleet)).unwrap_or_else(|| {
                    let names: Vec<&str> = stamp_names(against.fleet).take(MOST_NAMES).collect();
                    format!("the stamps are called `{}`", names.join("`, `"))
                });
                push(findings, UNUSED, *span, format!("no stamp is called `{name}`"), help);
            }
        }
        let told = of.holds(self.of.today) && !judges_suppressions(rule) && !blind.hides(of, against.sources);
        if told && !used && self.was_run(of, rule, against) {
            unused(of, findings);
        }
    }

    /// Whether the rule was run where the suppression holds, over all that it needs to see.
    fn was_run(&self, of: &Suppression, rule: &Arc<str>, against: Against<'_>) -> bool {
        let one_decides = against
            .catalogue
            .get(rule)
            .is_some_and(|d| d.scope == Scope::Resource && !d.context.contains(&Context::Resources));
        let on = |stamp: usize| against.settings.get(rule, stamp).is_some_and(|s| s.effect != Effect::Off);
        (self.of.whole || one_decides)
            && match &of.limited {
                Some(limited) => limited.iter().any(on),
                None => against.settings.is_on(rule),
            }
    }
}

/// Names beyond this are left out of a message.
const MOST_NAMES: usize = 12;

fn unused(of: &Suppression, findings: &mut Vec<Finding>) {
    let message = format!("the suppression of `{}` matches no finding", of.name);
    let help = match &of.limited {
        Some(_) => "delete it, or correct what it is limited to",
        None if of.form == Form::Config => "delete it, or correct its `path`, `resource` or `stamps`",
        None => "delete it: what it accepted is gone, or it stands in the wrong place",
    };
    push(findings, UNUSED, of.span, message, help.to_owned());
}

fn unknown_rule(of: &Suppression, catalogue: &Catalogue, findings: &mut Vec<Finding>) {
    let known = catalogue.documents().iter().map(|d| &*d.id);
    let help = if catalogue.has_family(&of.name) {
        "it is a family: name the rules of it that are accepted".to_owned()
    } else if of.name.contains(char::is_whitespace) {
        "several rules are separated by commas, and `--` begins the reason".to_owned()
    } else {
        nearest(&of.name, known).unwrap_or_else(|| "`stamplint rules` lists them".to_owned())
    };
    push(findings, UNUSED, of.span, format!("no rule is called `{}`", of.name), help);
}

fn push(findings: &mut Vec<Finding>, rule: &str, span: Span, message: String, help: String) {
    let place = if span.is_none() { Place::Nowhere } else { Place::Span(span) };
    let mut finding = Finding::new(place, message).help(help);
    finding.rule = Arc::from(rule);
    findings.push(finding);
}

impl Form {
    /// Where the reason is to be written.
    fn why(self) -> &'static str {
        match self {
            Self::Comment => "write why behind `--`: `allow RULE -- reason`",
            Self::Annotation => "the annotation's text is the reason",
            Self::Metadata => "write the reason as its value, or under `reason`",
            Self::Config => "add `reason`",
        }
    }
}

/// Where something was not read, so that nothing can be said of what was not found.
struct Blind {
    files: BTreeSet<String>,
    templates: bool,
    everything: bool,
}

impl Blind {
    fn of(reported: &[Reported], sources: &Sources) -> Self {
        let mut blind = Self { files: BTreeSet::new(), templates: false, everything: false };
        for finding in reported.iter().filter(|f| BLINDING.contains(&&*f.rule.id)) {
            blind.everything |= finding.places.is_empty();
            for source in finding.places.iter().filter_map(|l| sources.get(l.span.source)) {
                // What a template lacks may stand in another one that it calls.
                blind.templates |= Language::of(&source).is_some_and(|l| l != Language::Yaml);
                blind.files.insert(source.path().to_string());
            }
        }
        blind
    }

    fn hides(&self, of: &Suppression, sources: &Sources) -> bool {
        let source = sources.get(of.span.source);
        let file = source.as_ref().is_some_and(|s| self.files.contains(&**s.path()));
        let template = source.as_ref().and_then(|s| Language::of(s)).is_some_and(|l| l != Language::Yaml);
        let any = self.everything || self.templates || !self.files.is_empty();
        self.everything || file || (template && self.templates) || (of.form == Form::Config && any)
    }
}
