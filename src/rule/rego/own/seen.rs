//! One resource as rules see it: whole, or as much of it as they say that they read. Each form is made when the first
//! rule asks for it, once for all rules.

use std::cell::OnceCell;
use std::sync::Arc;

use regorus::Value;

use super::reads::{Pattern, Root};
use super::view::View;
use crate::model::Resource;
use crate::rule::rego::project;
use crate::tree::{self, Path};

/// What the built-in rules see of resources.
#[derive(Debug)]
pub(super) struct Views {
    /// For rules that look at pods only.
    pods: View,
    /// For the others.
    named: View,
}

impl Views {
    /// From all that the rules read.
    pub fn new(patterns: &[Pattern]) -> Self {
        let of_pods = patterns.iter().filter(|p| p.root != Root::Resource).cloned().collect();
        Self { pods: View::new(of_pods, false), named: View::new(patterns.to_vec(), true) }
    }
}

/// A resource with the forms of it that were asked for.
#[derive(Debug)]
pub struct Seen<'r> {
    resource: &'r Arc<Resource>,
    whole: OnceCell<Input>,
    pods: OnceCell<Input>,
    named: OnceCell<Input>,
    unknown: OnceCell<Vec<Path>>,
}

/// An input of policies.
#[derive(Debug)]
pub(super) struct Input {
    body: tree::Value,
    value: OnceCell<Value>,
}

impl Input {
    fn new(body: tree::Value) -> Self {
        Self { body, value: OnceCell::new() }
    }

    /// Equal for equal inputs.
    pub fn hash(&self) -> u128 {
        self.body.content_hash()
    }

    /// As the engine takes it.
    pub fn value(&self) -> &Value {
        self.value.get_or_init(|| project(&self.body).value)
    }
}

impl<'r> Seen<'r> {
    /// A resource that nobody has looked at.
    #[must_use]
    pub fn new(resource: &'r Arc<Resource>) -> Self {
        let (whole, pods, named) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { resource, whole, pods, named, unknown: OnceCell::new() }
    }

    /// All of it.
    pub(super) fn whole(&self) -> &Input {
        self.whole.get_or_init(|| Input::new(self.resource.body.clone()))
    }

    /// What a built-in rule sees. `only_pods` says that it looks at nothing else.
    pub(super) fn part(&self, views: &Views, only_pods: bool) -> &Input {
        let (held, view) = if only_pods { (&self.pods, &views.pods) } else { (&self.named, &views.named) };
        held.get_or_init(|| Input::new(view.of(self.resource)))
    }

    /// Where something is not known.
    pub(super) fn unknown(&self) -> &[Path] {
        let body = &self.resource.body;
        self.unknown.get_or_init(|| if body.has_unknown() { project(body).unknown } else { Vec::new() })
    }
}
