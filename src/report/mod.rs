//! Layer 8: what a run has to say, as text. One file for each format, each a pure function of one [`Run`].
//!
//! It decides nothing: verdict, effect, order and what is set aside come from `triage`. It reads and writes nothing either.

mod begun;
mod closing;
pub mod diff;
mod excerpt;
mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
pub mod matrix;
pub mod merge;
mod place;
mod pointed;
mod prose;
mod sarif;
mod shown;
mod stamps;
mod summary;
mod terminal;
#[cfg(test)]
mod testing;
pub mod ways;
mod wrap;

pub use begun::begun;
pub use closing::closing;
pub use pointed::pointed;
pub use prose::Prose;
pub use shown::{Counts, Shown};
pub use summary::{Counted, Summary};

use crate::model::Fleet;
use crate::rule::{Catalogue, Effect, Settings};
use crate::source::{Sources, Span};
use crate::triage::Triaged;

/// Everything that a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// Findings in their order, and what rules had to say once.
    pub triaged: &'a Triaged,
    /// The fleet: stamps by index.
    pub fleet: &'a Fleet,
    /// The texts that spans point into.
    pub sources: &'a Sources,
    /// All rules.
    pub catalogue: &'a Catalogue,
    /// Which rules are on, and where.
    pub settings: &'a Settings,
    /// What was read and inferred.
    pub summary: &'a Summary,
    /// What is shown beyond findings that fail.
    pub shown: Shown,
    /// From which effect on a finding fails the gate; none for `--fail-on never`.
    pub threshold: Option<Effect>,
    /// Whether the terminal report is coloured.
    pub color: bool,
    /// Whether the terminal report draws with more than ASCII.
    pub unicode: bool,
    /// The tool's version.
    pub version: &'a str,
    /// The folder that the terminal report writes paths from, seen from the root of the run; empty for the root itself.
    pub working: &'a str,
    /// The root of the run, seen from the repository's root; empty where they are the same. Reports for machines name files from the repository's root.
    pub prefix: &'a str,
    /// Tells the parts of a report that is made in several (`shard-1-of-4`) from one another.
    pub category: Option<&'a str>,
    /// Where the repository's files can be seen (`https://…/blob/REVISION`): the Markdown summary links there.
    pub links: Option<&'a str>,
    /// What went wrong with the run itself.
    pub notifications: &'a [Notification],
}

/// Something about the run itself, not about what it checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notification {
    /// How bad it is.
    pub level: Level,
    /// One sentence, lower case, no full stop.
    pub message: String,
    /// Where, when it is about a file.
    pub span: Span,
}

/// How bad a notification is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Good to know.
    Note,
    /// Something was left out.
    Warning,
    /// The run could not do what it was asked for: exit code 2.
    Error,
}

impl Notification {
    /// An error without a place.
    pub fn error(message: impl Into<String>) -> Self {
        Self { level: Level::Error, message: message.into(), span: Span::NONE }
    }
}

macro_rules! formats {
    ($($variant:ident = $word:literal, $doc:literal;)*) => {
        /// A format of reports.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Format { $(#[doc = $doc] $variant),* }

        impl Format {
            /// All formats, for help texts.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word on the command line.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}
formats! {
    Terminal = "terminal", "Excerpts with labels, for people.";
    Json = "json", "Our own, versioned; `docs/json.md` documents it.";
    Sarif = "sarif", "SARIF 2.1.0, for code scanning and editors.";
    Github = "github", "Annotations of GitHub Actions.";
    Gitlab = "gitlab", "GitLab's code quality report.";
    Junit = "junit", "`JUnit` XML.";
    Markdown = "markdown", "A job summary.";
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that names no format.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{given}` is not a format: one of {}", Format::ALL.iter().map(|f| format!("`{f}`")).collect::<Vec<_>>().join(", "))]
pub struct UnknownFormat {
    /// What was given.
    pub given: String,
}

impl std::str::FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.iter().copied().find(|f| f.word() == word).ok_or_else(|| UnknownFormat { given: word.to_owned() })
    }
}

/// The report of a run, ending with a line feed unless it is empty.
#[must_use]
pub fn render(format: Format, run: &Run<'_>) -> String {
    match format {
        Format::Terminal => terminal::render(run),
        Format::Json => json::render(run),
        Format::Sarif => sarif::render(run),
        Format::Github => github::render(run),
        Format::Gitlab => gitlab::render(run),
        Format::Junit => junit::render(run),
        Format::Markdown => markdown::render(run),
    }
}
