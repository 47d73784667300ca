//! Our own failures: what keeps a run from being made, rendered for a person. Findings are not rendered here.

use std::fmt;
use std::sync::Arc;

use clap::CommandFactory;

use super::cli::Cli;
use super::hints;
use super::root::PathError;
use super::session::SessionError;
use crate::report::pointed;
use crate::source::{Source, Span};

/// Failures beyond this are counted only.
const MOST: usize = 9;

/// Why a run could not be made: exit code 2.
#[derive(Debug)]
pub struct Failure {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where, with a few words.
    pub places: Vec<(Span, String)>,
    /// Further failures of the same kind.
    pub more: Vec<Failure>,
    source: Option<Arc<Source>>,
}

impl Failure {
    /// A failure without a place.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, places: Vec::new(), more: Vec::new(), source: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, source: &Arc<Source>, span: Span, words: impl Into<String>) -> Self {
        self.places.push((span, words.into()));
        self.source.get_or_insert_with(|| Arc::clone(source));
        self
    }

    /// The first place.
    #[must_use]
    pub fn span(&self) -> Span {
        self.places.first().map_or(Span::NONE, |(span, _)| *span)
    }

    /// As text, ending with a line feed.
    #[must_use]
    pub fn render(&self, color: bool, unicode: bool) -> String {
        let shown = self.more.iter().take(MOST);
        let mut text = self.render_one(color, unicode);
        for failure in shown {
            text.push_str(&failure.render_one(color, unicode));
        }
        if self.more.len() > MOST {
            text.push_str(&format!("and {} more\n", self.more.len() - MOST));
        }
        text
    }

    fn render_one(&self, color: bool, unicode: bool) -> String {
        if let Some(source) = &self.source {
            return pointed(source, &self.message, &self.places, self.help.as_deref(), color, unicode);
        }
        let help = self.help.as_ref().map(|h| format!("  help: {h}\n"));
        format!("error: {}\n{}", self.message, help.unwrap_or_default())
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Name { message, help } => Self::new(message).help(help),
            SessionError::Config { file, faults } => {
                let mut failures = faults
                    .into_iter()
                    .map(|fault| Self::new(fault.message).help(fault.help).at(&file, fault.span, fault.label));
                let mut first = failures.next().unwrap_or_else(|| Self::new("the config is broken"));
                first.more = failures.collect();
                first
            }
            SessionError::Path(PathError::Missing(path)) => {
                let commands = Cli::command();
                let help = hints::missing(&path, commands.get_subcommands().map(clap::Command::get_name));
                Self::new(format!("`{path}` does not exist")).help(help)
            }
            error @ SessionError::Nothing(_) => Self::new(error.to_string()).help(Some(
                "run it where the templates and manifests are, or name that folder: `stamplint PATH`".to_owned(),
            )),
            other => Self::new(other.to_string()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
