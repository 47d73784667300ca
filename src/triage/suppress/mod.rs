//! Findings that somebody accepts: comments, annotations, metadata and entries of the config, each with its reason.
//!
//! They are collected once a run, laid over each finding stamp by stamp while findings fold, and judged themselves at
//! the end: `suppression-without-reason`, `suppression-expired`, `suppression-unused`.

mod attached;
mod audit;
mod comments;
mod directive;
mod extents;

use std::collections::HashMap;
use std::sync::Arc;

use globset::GlobSet;
use jiff::civil::Date;

pub use audit::Against;
pub use directive::{Grounds, Until, Word, day};

use super::{Accepted, Label};
use crate::model::{Fleet, Resource, StampSet};
use crate::read::{bicep, json};
use crate::rule::{Catalogue, Finding, Place};
use crate::source::{Source, SourceId, Sources, Span};
use attached::Attached;
use comments::Language;
use directive::Said;

/// What suppressions are collected from.
pub struct Collect<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// The rules.
    pub catalogue: &'a Catalogue,
    /// Everything that was read, by path.
    pub texts: Vec<Arc<Source>>,
    /// The config's own.
    pub entries: Vec<ConfigEntry>,
    /// The day by which they are judged.
    pub today: Date,
    /// What of the fleet was looked at.
    pub seen: Seen<'a>,
}

/// What a run looked at: only there can a suppression be called unused.
pub struct Seen<'a> {
    /// Whether a file, by its path, belongs to what was judged.
    pub file: &'a dyn Fn(&str) -> bool,
    /// Whether the config's entries are about what was judged.
    pub config: bool,
    /// Whether all of the fleet was. Of a part, only rules that one resource decides can be told.
    pub whole: bool,
}

/// An entry of the config's `suppressions`.
#[derive(Clone, Debug)]
pub struct ConfigEntry {
    /// The rule.
    pub rule: String,
    /// Where the rule is written.
    pub span: Span,
    /// Files that it is limited to.
    pub path: Option<GlobSet>,
    /// The resource that it is limited to: a name as reports call it, with `*` for any text.
    pub resource: Option<String>,
    /// Why, where and how long.
    pub grounds: Grounds,
}

/// One rule that is accepted somewhere.
#[derive(Debug)]
struct Suppression {
    /// The rule as it is written.
    name: String,
    /// Its id; none where there is no such rule.
    rule: Option<Arc<str>>,
    /// Where the rule is written.
    span: Span,
    /// The stamps that are named, each with its place.
    named: Vec<(String, Span)>,
    /// Those of them that there are; none where it is not limited.
    limited: Option<StampSet>,
    /// Why.
    reason: String,
    /// How long.
    until: Until,
    /// What it covers.
    cover: Cover,
    /// How it is written.
    form: Form,
    /// The stamps that hold what it is attached to; empty for all.
    held: StampSet,
    /// Whether it could match something in this run.
    seen: bool,
}

/// How a suppression is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Comment,
    Annotation,
    Metadata,
    Config,
}

/// What a suppression covers.
#[derive(Debug)]
enum Cover {
    /// A line, or a thing of several; for the latter also what is found elsewhere on the resource that it declares.
    Text { span: Span, block: bool },
    /// A file.
    File(SourceId),
    /// Resources, by their address in the fleet.
    Resources(Vec<usize>),
    /// What an entry of the config says.
    Entry { path: Option<GlobSet>, resource: Option<String> },
}

/// All suppressions of a run.
#[derive(Debug, Default)]
pub struct Suppressions {
    all: Vec<Suppression>,
    unclear: Vec<(Span, String, String)>,
    by_rule: HashMap<Arc<str>, Vec<usize>>,
    today: Date,
    whole: bool,
}

/// Which suppressions matched something.
#[derive(Debug)]
pub struct Used<'a> {
    of: &'a Suppressions,
    used: Vec<bool>,
}

impl Suppressions {
    /// Collects them.
    #[must_use]
    pub fn collect(input: Collect<'_>) -> Self {
        let mut all = Self { today: input.today, whole: input.seen.whole, ..Self::default() };
        for source in &input.texts {
            if let Some(language) = Language::of(source) {
                all.of_source(source, language, &input);
            }
        }
        all.of_resources(&input);
        for entry in &input.entries {
            let attached = Attached { rule: entry.rule.clone(), span: entry.span, grounds: entry.grounds.clone() };
            let cover = Cover::Entry { path: entry.path.clone(), resource: entry.resource.clone() };
            all.add(attached, cover, Form::Config, input.seen.config, &input);
        }
        for (i, suppression) in all.all.iter().enumerate() {
            if let Some(rule) = &suppression.rule {
                all.by_rule.entry(Arc::clone(rule)).or_default().push(i);
            }
        }
        all
    }

    fn of_source(&mut self, source: &Source, language: Language, input: &Collect<'_>) {
        let seen = (input.seen.file)(source.path());
        for found in comments::find(source, language) {
            match found.said {
                Said::Nothing => {}
                Said::Unclear { message, help } if seen => self.unclear.push((found.span, message, help)),
                Said::Unclear { .. } => {}
                Said::Allow { rules, file, grounds } => {
                    for rule in rules {
                        let at = |word: &Word| {
                            let start = found.span.start as usize;
                            source.span(start + word.range.start, start + word.range.end)
                        };
                        let named = grounds.stamps.iter().map(|w| (w.text.clone(), at(w))).collect();
                        let cover = if file {
                            Cover::File(source.id())
                        } else {
                            let block = source.slice(found.reach).trim_end().contains('\n');
                            Cover::Text { span: found.reach, block }
                        };
                        let attached = Attached { span: at(&rule), rule: rule.text, grounds: grounds.clone() };
                        self.add(attached, cover, Form::Comment, seen, input);
                        if let Some(last) = self.all.last_mut() {
                            last.named = named;
                        }
                    }
                }
            }
        }
        if !source.text().contains("stamplint") || !source.text().contains("allow") {
            return;
        }
        let found = match language {
            Language::Yaml => return,
            Language::Json => {
                let stream = json::parse(source, json::Options::ARM);
                let root = stream.documents.into_iter().next().map(|d| d.root);
                let whole = root.as_ref().map_or(Span::NONE, |r| r.span);
                let found = root.as_ref().map(attached::arm).unwrap_or_default();
                found.into_iter().map(|(span, a)| ((span != whole).then_some(span), a)).collect()
            }
            Language::Bicep => attached::bicep(&bicep::parse(source)),
            Language::BicepParams => attached::bicep(&bicep::parse_params(source)),
        };
        for (span, attached) in found {
            let cover = span.map_or(Cover::File(source.id()), |span| Cover::Text { span, block: true });
            self.add(attached, cover, Form::Metadata, seen, input);
        }
    }

    /// Annotations, each once, however many objects hold it: an overlay may give it to all of them.
    fn of_resources(&mut self, input: &Collect<'_>) {
        let mut at: HashMap<(Span, String), usize> = HashMap::new();
        let shared = input.fleet.shared.resources.iter().map(|r| (r, None));
        let own = input.fleet.stamps.iter().flat_map(|s| s.own.resources.iter().map(move |r| (r, Some(s.index))));
        for (resource, stamp) in shared.chain(own).filter(|(r, _)| r.is_kubernetes()) {
            for attached in attached::annotations(resource) {
                let key = (attached.span, attached.rule.clone());
                let index = *at.entry(key).or_insert_with(|| {
                    self.add(attached, Cover::Resources(Vec::new()), Form::Annotation, true, input);
                    self.all.len() - 1
                });
                let Some(suppression) = self.all.get_mut(index) else { continue };
                if let Some(stamp) = stamp {
                    suppression.held.merge(&StampSet::one(stamp));
                }
                if let Cover::Resources(resources) = &mut suppression.cover
                    && resources.last() != Some(&Arc::as_ptr(resource).addr())
                {
                    resources.push(Arc::as_ptr(resource).addr());
                }
            }
        }
        for suppression in &mut self.all {
            if let Cover::Resources(resources) = &mut suppression.cover {
                resources.sort_unstable();
                resources.dedup();
            }
        }
    }

    fn add(&mut self, attached: Attached, cover: Cover, form: Form, seen: bool, input: &Collect<'_>) {
        let Attached { rule: name, span, grounds } = attached;
        let rule = input.catalogue.get(&name).map(|d| Arc::clone(&d.id)).or_else(|| {
            // A slash cannot stand in the name of an annotation.
            let dotted = |id: &str| form == Form::Annotation && id.contains('/') && id.replace('/', ".") == name;
            input.catalogue.documents().iter().map(|d| &d.id).find(|id| dotted(id)).map(Arc::clone)
        });
        let index = |name: &str| input.fleet.stamps.iter().find(|s| s.name == name).map(|s| s.index);
        let limited = (!grounds.stamps.is_empty())
            .then(|| StampSet::from_indexes(grounds.stamps.iter().filter_map(|w| index(&w.text))));
        let named = grounds.stamps.into_iter().map(|w| (w.text, span)).collect();
        let held = StampSet::default();
        let Grounds { reason, until, .. } = grounds;
        self.all.push(Suppression { name, rule, span, named, limited, reason, until, cover, form, held, seen });
    }

    /// Begins to lay them over findings.
    #[must_use]
    pub fn begin(&self) -> Used<'_> {
        Used { of: self, used: vec![false; self.all.len()] }
    }
}

impl Suppression {
    fn holds(&self, today: Date) -> bool {
        match self.until {
            Until::Always => true,
            Until::Day(day) => today <= day,
            Until::NoDay(_) => false,
        }
    }

    fn accepted(&self) -> Accepted {
        let until = if let Until::Day(day) = self.until { Some(day.to_string()) } else { None };
        let in_source = self.form != Form::Config;
        let reason = if self.reason.is_empty() { "no reason is given".to_owned() } else { self.reason.clone() };
        Accepted { reason, until, span: self.span, in_source }
    }

    fn covers(&self, finding: &Finding, places: &[Label], sources: &Sources) -> bool {
        match &self.cover {
            Cover::Text { span, block } => {
                let within = |at: Span| at.source == span.source && span.start <= at.start && at.start < span.end;
                places.iter().any(|l| within(l.span))
                    || *block && resource_of(finding).is_some_and(|r| within(r.declared))
            }
            Cover::File(id) => {
                places.iter().any(|l| l.span.source == *id)
                    || resource_of(finding).is_some_and(|r| r.declared.source == *id)
            }
            Cover::Resources(resources) => {
                resource_of(finding).is_some_and(|r| resources.binary_search(&Arc::as_ptr(r).addr()).is_ok())
            }
            Cover::Entry { path, resource } => {
                let file = |l: &Label| sources.get(l.span.source).map(|s| Arc::clone(s.path()));
                path.as_ref().is_none_or(|p| places.iter().filter_map(file).any(|f| p.is_match(&*f)))
                    && resource.as_ref().is_none_or(|wanted| resource_of(finding).is_some_and(|r| is_called(r, wanted)))
            }
        }
    }
}

fn resource_of(finding: &Finding) -> Option<&Arc<Resource>> {
    match (&finding.resource, &finding.place) {
        (Some(resource), _) | (None, Place::Resource { resource, .. }) => Some(resource),
        _ => None,
    }
}

/// Whether a resource is called so: as reports write it, with its namespace or, in `default`, without. Azure's names
/// compare without regard to case.
fn is_called(resource: &Resource, wanted: &str) -> bool {
    let label = resource.label();
    if !resource.is_kubernetes() {
        return fits(&wanted.to_lowercase(), &label.to_lowercase());
    }
    let whole = format!("{}/{}/{}", resource.kind(), resource.namespace(), resource.name());
    fits(wanted, &label) || fits(wanted, &whole)
}

/// Whether text fits a pattern with `*` for any text, slashes included.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(i) => rest = rest.get(i + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

impl Used<'_> {
    /// The finding's stamps by what accepts it there; the first part is what nobody accepts. All that covers it counts as
    /// used, the first one is named.
    pub fn split(
        &mut self,
        finding: &Finding,
        places: &[Label],
        sources: &Sources,
    ) -> Vec<(StampSet, Option<Accepted>)> {
        let mut open = finding.stamps.clone();
        let mut parts = Vec::new();
        let mut left = true;
        for index in self.of.by_rule.get(&finding.rule).into_iter().flatten() {
            let Some(suppression) = self.of.all.get(*index) else { continue };
            if !suppression.holds(self.of.today) || !suppression.covers(finding, places, sources) {
                continue;
            }
            let taken = match &suppression.limited {
                Some(limited) => {
                    let both = finding.stamps.iter().filter(|s| limited.contains(*s));
                    StampSet::from_indexes(both)
                }
                None => finding.stamps.clone(),
            };
            if suppression.limited.is_some() && taken.is_empty() {
                continue;
            }
            if let Some(used) = self.used.get_mut(*index) {
                *used = true;
            }
            let new = StampSet::from_indexes(taken.iter().filter(|s| open.contains(*s)));
            if left && (finding.stamps.is_empty() || !new.is_empty()) {
                open = StampSet::from_indexes(open.iter().filter(|s| !new.contains(*s)));
                left = !open.is_empty();
                parts.push((new, Some(suppression.accepted())));
            }
        }
        if left {
            parts.insert(0, (open, None));
        }
        parts
    }
}

/// The fleet's stamps have names that may be asked for.
fn stamp_names(fleet: &Fleet) -> impl Iterator<Item = &str> {
    fleet.stamps.iter().map(|s| s.name.as_str())
}
