//! What a rule says: one offence at one place, as paths and values; spans are made from them by `triage`.

use std::sync::Arc;

use super::Effect;
use crate::model::{Resource, StampSet};
use crate::source::Span;
use crate::tree::{Path, Point, Value};

/// One offence at one place, in one or more stamps.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id; a native rule's is filled in by the run.
    pub rule: Arc<str>,
    /// The stamps that it occurs in; filled in by the run unless a fleet rule names them.
    pub stamps: StampSet,
    /// Where.
    pub place: Place,
    /// What is wrong: one sentence, lower case, no full stop.
    pub message: String,
    /// A few words beside the marked text; the message where absent.
    pub label: Option<String>,
    /// What to do, where it says more than the rule's document.
    pub help: Option<String>,
    /// Further places.
    pub related: Vec<Related>,
    /// How sure it is.
    pub verdict: Verdict,
    /// An effect weaker than the rule's own.
    pub weaker: Option<Effect>,
    /// The resource that it is about, where the place lies outside of it or in no resource at all.
    pub resource: Option<Arc<Resource>>,
    /// How to mend it.
    pub fixes: Vec<Fix>,
    /// Whether the place is certain or was inferred from what a foreign policy said.
    pub inferred: bool,
}

/// A further place, with a word on it.
#[derive(Clone, Debug)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is to be seen there.
    pub word: String,
}

/// Where a finding is. Rules name values and paths, never spans.
#[derive(Clone, Debug)]
pub enum Place {
    /// At a path of a resource. What is not there resolves to the nearest ancestor's key.
    Resource {
        /// The resource.
        resource: Arc<Resource>,
        /// The path from its root.
        path: Path,
        /// Which token.
        point: Point,
    },
    /// At a value that stands in no resource: a parameter, a key of the config.
    Value(Value),
    /// At a place that a reader or resolver named.
    Span(Span),
    /// Nowhere in particular: about the run.
    Nowhere,
}

/// How sure a finding is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// It is so.
    Fail,
    /// It is so unless an unknown value says otherwise. Never fails the gate.
    Possible,
    /// It cannot be told. Never fails the gate.
    Undetermined,
}

impl Verdict {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Possible => "possible",
            Self::Undetermined => "undetermined",
        }
    }
}

/// How to mend a finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What it does, imperative.
    pub title: String,
    /// Changes to a tree; empty where `text` is to be pasted by a person.
    pub edits: Vec<Edit>,
    /// Text to paste.
    pub text: Option<String>,
}

/// A change of one value.
#[derive(Clone, Debug)]
pub struct Edit {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: EditKind,
}

/// What an edit does.
#[derive(Clone, Debug)]
pub enum EditKind {
    /// Replaces the value by this text.
    Set(String),
    /// Inserts a key with this text as its value.
    Insert(String, String),
    /// Removes the entry or item.
    Remove,
}

/// Something that a rule has to say once about a run. Never a finding.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Note {
    /// The rule; empty for the run itself.
    pub rule: Arc<str>,
    /// What it says.
    pub message: String,
}

impl Finding {
    /// A finding at a place; the run fills in rule and stamps.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self {
            rule: Arc::from(""),
            stamps: StampSet::default(),
            place,
            message: message.into(),
            label: None,
            help: None,
            related: Vec::new(),
            verdict: Verdict::Fail,
            weaker: None,
            resource: None,
            fixes: Vec::new(),
            inferred: false,
        }
    }

    /// A finding at a path of a resource.
    pub fn at(resource: &Arc<Resource>, path: Path, message: impl Into<String>) -> Self {
        Self::new(Place::at(resource, path), message)
    }

    /// A few words beside the marked text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// What to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A further place.
    #[must_use]
    pub fn related(mut self, place: Place, word: impl Into<String>) -> Self {
        self.related.push(Related { place, word: word.into() });
        self
    }

    /// Another verdict than *fail*.
    #[must_use]
    pub fn verdict(mut self, verdict: Verdict) -> Self {
        self.verdict = verdict;
        self
    }

    /// An effect weaker than the rule's own; a stronger one has no consequence.
    #[must_use]
    pub fn weaker(mut self, effect: Effect) -> Self {
        self.weaker = Some(effect);
        self
    }

    /// The stamps, for rules over the fleet.
    #[must_use]
    pub fn stamps(mut self, stamps: StampSet) -> Self {
        self.stamps = stamps;
        self
    }

    /// The resource it is about, where the place does not say so.
    #[must_use]
    pub fn about(mut self, resource: &Arc<Resource>) -> Self {
        self.resource = Some(Arc::clone(resource));
        self
    }

    /// A way to mend it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }
}

impl Place {
    /// The value at a path of a resource.
    #[must_use]
    pub fn at(resource: &Arc<Resource>, path: Path) -> Self {
        Self::Resource { resource: Arc::clone(resource), path, point: Point::Value }
    }

    /// The key at a path of a resource.
    #[must_use]
    pub fn key(resource: &Arc<Resource>, path: Path) -> Self {
        Self::Resource { resource: Arc::clone(resource), path, point: Point::Key }
    }

    /// Where a resource is declared.
    #[must_use]
    pub fn declaration(resource: &Arc<Resource>) -> Self {
        Self::at(resource, Path::root())
    }

    /// The name of a resource: what is missing as an object of its own points there.
    #[must_use]
    pub fn name(resource: &Arc<Resource>) -> Self {
        let path = if resource.is_kubernetes() { Path::dotted("metadata.name") } else { Path::dotted("name") };
        Self::at(resource, path)
    }
}
