//! All rules that a run knows: the built-in ones and those of the user's policy folders.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Document, DocumentError};
use crate::source::Sources;

/// One rule document before it is read.
#[derive(Clone, Copy, Debug)]
pub struct DocumentSource<'t> {
    /// The folder that it stands in.
    pub family: &'t str,
    /// Its stem.
    pub id: &'t str,
    /// Its path, for messages.
    pub path: &'t str,
    /// Its text.
    pub text: &'t str,
}

/// Rules by id, in the order of family and id.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    documents: Vec<Arc<Document>>,
    by_name: HashMap<Arc<str>, usize>,
    partial: bool,
}

/// Why a document could not join the catalogue.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CatalogueError {
    /// It is no rule document.
    #[error("{path}: {error}")]
    Document {
        /// The file.
        path: String,
        /// What is wrong in it.
        error: DocumentError,
    },
    /// Two rules have one id.
    #[error("`{path}` and a rule of family `{family}` have the same id")]
    Twice {
        /// The file.
        path: String,
        /// The other one's family.
        family: Arc<str>,
    },
}

impl Catalogue {
    /// Reads documents. Faulty ones are left out and reported.
    #[must_use]
    pub fn read<'t>(
        documents: impl IntoIterator<Item = DocumentSource<'t>>,
        sources: &Sources,
    ) -> (Self, Vec<CatalogueError>) {
        let mut catalogue = Self::default();
        let mut errors = Vec::new();
        for document in documents {
            if let Err(error) = catalogue.add(document, sources) {
                errors.push(error);
            }
        }
        catalogue.index();
        (catalogue, errors)
    }

    /// Adds one document.
    ///
    /// # Errors
    /// When it is faulty or its id is taken.
    pub fn add(&mut self, from: DocumentSource<'_>, sources: &Sources) -> Result<(), CatalogueError> {
        let source = sources.add(from.path, from.text);
        let document = Document::parse(&source, sources, from.family, from.id)
            .map_err(|error| CatalogueError::Document { path: from.path.to_owned(), error })?;
        self.insert(document).map_err(|family| CatalogueError::Twice { path: from.path.to_owned(), family })
    }

    /// Adds a rule that has no file, such as a Gatekeeper constraint.
    ///
    /// # Errors
    /// The family of the rule that has the id already.
    pub fn insert(&mut self, document: Document) -> Result<(), Arc<str>> {
        if let Some(other) = self.get(&document.id) {
            return Err(Arc::clone(&other.family));
        }
        self.documents.push(Arc::new(document));
        self.index();
        Ok(())
    }

    fn index(&mut self) {
        self.documents.sort_by(|a, b| (&a.family, &a.id).cmp(&(&b.family, &b.id)));
        self.by_name.clear();
        for (i, document) in self.documents.iter().enumerate() {
            self.by_name.insert(Arc::clone(&document.id), i);
            for alias in &document.aliases {
                self.by_name.entry(Arc::clone(alias)).or_insert(i);
            }
        }
    }

    /// A rule by its id or a former one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Document>> {
        self.by_name.get(name).and_then(|i| self.documents.get(*i))
    }

    /// Notes that rules are missing: policies could not be loaded.
    pub fn lacks_some(&mut self) {
        self.partial = true;
    }

    /// Whether rules are missing. A name that names nothing may then be one of theirs.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// All rules, by family and id.
    #[must_use]
    pub fn documents(&self) -> &[Arc<Document>] {
        &self.documents
    }

    /// Whether a family has this name.
    #[must_use]
    pub fn has_family(&self, name: &str) -> bool {
        self.documents.iter().any(|d| &*d.family == name)
    }

    /// The families, sorted.
    #[must_use]
    pub fn families(&self) -> Vec<Arc<str>> {
        let mut families: Vec<_> = self.documents.iter().map(|d| Arc::clone(&d.family)).collect();
        families.dedup();
        families
    }
}
