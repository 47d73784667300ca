//! All sources of a run.

use std::sync::{Arc, RwLock};

use super::{Encoding, Source, SourceId, Span};

/// An append-only store, shared between threads. A source stays where it is once it was added.
#[derive(Debug, Default)]
pub struct Sources {
    held: RwLock<Vec<Arc<Source>>>,
}

impl Sources {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text under a path.
    pub fn add(&self, path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Arc<Source> {
        self.add_encoded(path, text, Encoding::Utf8)
    }

    /// Adds text that was decoded from `encoding`.
    pub fn add_encoded(&self, path: impl Into<Arc<str>>, text: impl Into<Arc<str>>, encoding: Encoding) -> Arc<Source> {
        // A poisoned lock means that another thread panicked while it pushed; the vector is still whole.
        let mut held = self.held.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let id = SourceId(u32::try_from(held.len()).unwrap_or(u32::MAX - 1));
        let source = Arc::new(Source::new(id, path.into(), text.into(), encoding));
        held.push(Arc::clone(&source));
        source
    }

    /// The source of an id; none for [`SourceId::NONE`].
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<Arc<Source>> {
        self.held.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(id.index()).cloned()
    }

    /// The text of a span, copied.
    #[must_use]
    pub fn text(&self, span: Span) -> String {
        self.get(span.source).map(|s| s.slice(span).to_owned()).unwrap_or_default()
    }

    /// Marks a span as secret in its source.
    pub fn redact(&self, span: Span) {
        if let Some(source) = self.get(span.source) {
            source.redact(span);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.read().unwrap_or_else(std::sync::PoisonError::into_inner).len()
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
