//! A rule's document: front matter, prose and examples. The examples are the rule's tests.

use std::sync::Arc;

use crate::read::yaml;
use crate::source::{Source, Sources, Span};
use crate::tree::{Text, Value};

/// What a document says.
#[derive(Clone, Debug)]
pub struct Document {
    /// The id: the file's stem.
    pub id: Arc<str>,
    /// The family: the folder.
    pub family: Arc<str>,
    /// One line for people.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whether it fails the gate.
    pub effect: Effect,
    /// What decides.
    pub scope: Scope,
    /// What else is read.
    pub context: Vec<Context>,
    /// What runs it.
    pub engine: Engine,
    /// What it looks at.
    pub applies_to: Vec<AppliesTo>,
    /// Whether it leaves stamps alone that are not production.
    pub production_only: bool,
    /// The paths that it reads, in the view's words.
    pub reads: Vec<String>,
    /// Its options.
    pub options: Vec<OptionSpec>,
    /// Where to read more.
    pub references: Vec<String>,
    /// Controls of other frameworks: framework and id.
    pub controls: Vec<(String, String)>,
    /// The version that brought it.
    pub since: String,
    /// Former ids.
    pub aliases: Vec<Arc<str>>,
    /// Rules that its examples run beside it; what these find is not compared.
    pub beside: Vec<String>,
    /// The Markdown below the front matter, whole.
    pub body: Arc<str>,
    /// Where it says what runs it; nowhere for a rule without a file.
    pub declared: Span,
}

/// How bad an offence is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// `low`.
    Low,
    /// `medium`.
    Medium,
    /// `high`.
    High,
    /// `critical`.
    Critical,
}

/// Whether an offence fails the gate, in Azure Policy's words.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Effect {
    /// Not reported.
    Off,
    /// Reported.
    Audit,
    /// Reported, and fails the gate.
    Deny,
}

/// What decides a rule.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scope {
    /// One resource.
    Resource,
    /// One stamp's resources.
    Stamp,
    /// All stamps.
    Fleet,
}

/// What a rule reads beside what decides it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Context {
    /// The stamp's name, region, environment and variables.
    Stamp,
    /// Other resources of the stamp.
    Resources,
}

/// What runs a rule.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Engine {
    /// Rust.
    Native,
    /// Rego.
    Rego,
}

/// What a rule looks at, for the index.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum AppliesTo {
    /// Every Kubernetes object.
    Kubernetes,
    /// Objects that have pods.
    Workload,
    /// Objects of a kind.
    Kind(Text),
    /// Azure resources of a type (lower case).
    Azure(Text),
    /// Every Azure resource.
    AnyAzure,
    /// Files, not resources.
    Files,
}

/// One option.
#[derive(Clone, Debug)]
pub struct OptionSpec {
    /// Its key.
    pub name: Text,
    /// Its type: `string`, `integer`, `boolean`, `list<string>`, `map`, or words with `|` between them.
    pub ty: String,
    /// Its default.
    pub default: Value,
    /// What it does.
    pub doc: String,
    /// The rule whose option of this name it is; then it is set there.
    pub of: Option<Text>,
}

/// Why a document is not one.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct DocumentError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub span: Span,
}

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $name {
            /// From its word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
            /// Its word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
            /// All words, for messages.
            pub const WORDS: &'static [&'static str] = &[$($word),*];
        }
    };
}
words!(Severity { Critical = "critical", High = "high", Medium = "medium", Low = "low" });
words!(Effect { Deny = "deny", Audit = "audit", Off = "off" });
words!(Scope { Resource = "resource", Stamp = "stamp", Fleet = "fleet" });
words!(Context { Stamp = "stamp", Resources = "resources" });
words!(Engine { Native = "native", Rego = "rego" });

impl Document {
    /// Reads a document. Family and id come from where it stands.
    ///
    /// # Errors
    /// When the front matter is missing, does not parse, or lacks what every rule must say.
    pub fn parse(source: &Source, sources: &Sources, family: &str, id: &str) -> Result<Self, DocumentError> {
        let text: &Arc<str> = source.text();
        let whole = source.span(0, 3.min(text.len()));
        let bad = |span, message: String| DocumentError { message, span };
        let rest = text
            .strip_prefix("---\n")
            .ok_or_else(|| bad(whole, "a rule document begins with front matter between `---` lines".to_owned()))?;
        let end =
            rest.find("\n---\n").ok_or_else(|| bad(whole, "the front matter has no closing `---` line".to_owned()))?;
        // A source of its own that begins where the file begins, so that its spans hold in the file too.
        let front = sources.add(Arc::clone(source.path()), text.get(..end + 5).unwrap_or_default());
        let stream = yaml::parse_with(&front, yaml::Typing::Core);
        if let Some(problem) = stream.problems.first() {
            return Err(bad(problem.span, problem.detail.clone()));
        }
        let root = stream
            .documents
            .first()
            .map(|d| d.root.clone())
            .ok_or_else(|| bad(whole, "the front matter is empty".to_owned()))?;
        let body: Arc<str> = Arc::from(rest.get(end + 5..).unwrap_or_default());
        FrontMatter { root: &root, whole }.document(family, id, body)
    }
}

struct FrontMatter<'a> {
    root: &'a Value,
    whole: Span,
}

impl FrontMatter<'_> {
    fn document(&self, family: &str, id: &str, body: Arc<str>) -> Result<Document, DocumentError> {
        const KEYS: [&str; 15] = [
            "title",
            "severity",
            "effect",
            "scope",
            "context",
            "engine",
            "applies-to",
            "reads",
            "options",
            "references",
            "controls",
            "since",
            "aliases",
            "beside",
            "production-only",
        ];
        for entry in self.root.entries() {
            if !KEYS.contains(&entry.key.as_str()) {
                return Err(self.error(entry.key_span, format!("`{}` is no key of a rule document", entry.key)));
            }
        }
        let mut applies_to = Vec::new();
        for word in self.strings("applies-to")? {
            applies_to.push(self.applies_to(&word)?);
        }
        let mut context = Vec::new();
        for word in self.strings("context")? {
            if word != "options" {
                context.push(
                    Context::from_word(&word)
                        .ok_or_else(|| self.error_at("context", format!("`{word}` is no context")))?,
                );
            }
        }
        Ok(Document {
            id: Arc::from(id),
            family: Arc::from(family),
            title: self.string("title")?,
            severity: self.word("severity", Severity::from_word, Severity::WORDS)?,
            effect: self.word("effect", Effect::from_word, Effect::WORDS)?,
            scope: self.word("scope", Scope::from_word, Scope::WORDS)?,
            context,
            engine: self.word("engine", Engine::from_word, Engine::WORDS)?,
            applies_to,
            production_only: self.root.get("production-only").and_then(Value::as_bool).unwrap_or(false),
            reads: self.strings("reads")?,
            options: self.options()?,
            references: self.strings("references")?,
            controls: self.controls(),
            since: self.string("since")?,
            aliases: self.strings("aliases")?.iter().map(|s| Arc::from(s.as_str())).collect(),
            beside: self.strings("beside")?,
            body,
            declared: self.root.get("engine").map_or(self.whole, |e| e.span),
        })
    }

    fn error(&self, span: Span, message: String) -> DocumentError {
        DocumentError { message, span }
    }

    fn error_at(&self, key: &str, message: String) -> DocumentError {
        self.error(self.root.get(key).map_or(self.whole, |v| v.span), message)
    }

    fn string(&self, key: &str) -> Result<String, DocumentError> {
        match self.root.get(key).map(|v| &v.kind) {
            Some(crate::tree::Kind::String(s)) => Ok(s.to_string()),
            Some(crate::tree::Kind::Number(n)) => Ok(n.to_string()),
            Some(_) => Err(self.error_at(key, format!("`{key}` is not a string"))),
            None => Err(self.error(self.whole, format!("the front matter has no `{key}`"))),
        }
    }

    fn word<T>(&self, key: &str, from: impl Fn(&str) -> Option<T>, words: &[&str]) -> Result<T, DocumentError> {
        let word = self.string(key)?;
        from(&word).ok_or_else(|| self.error_at(key, format!("`{word}` is not one of `{}`", words.join("`, `"))))
    }

    fn strings(&self, key: &str) -> Result<Vec<String>, DocumentError> {
        let Some(value) = self.root.get(key) else {
            return Ok(Vec::new());
        };
        let list = value.as_list().ok_or_else(|| self.error_at(key, format!("`{key}` is not a list")))?;
        list.iter()
            .map(|item| {
                item.as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| self.error(item.span, format!("`{key}` holds what is no string")))
            })
            .collect()
    }

    fn applies_to(&self, word: &str) -> Result<AppliesTo, DocumentError> {
        Ok(match word {
            "kubernetes" => AppliesTo::Kubernetes,
            "kubernetes/workload" => AppliesTo::Workload,
            "azure" => AppliesTo::AnyAzure,
            "files" => AppliesTo::Files,
            other => match other.split_once('/') {
                Some(("kubernetes", kind)) => AppliesTo::Kind(kind.into()),
                Some(("azure", ty)) => AppliesTo::Azure(ty.to_ascii_lowercase().into()),
                _ => {
                    return Err(self.error_at(
                        "applies-to",
                        format!("`{other}` is neither `kubernetes/…`, `azure/…` nor `files`"),
                    ));
                }
            },
        })
    }

    fn options(&self) -> Result<Vec<OptionSpec>, DocumentError> {
        let mut specs = Vec::new();
        for entry in self.root.get("options").map(Value::entries).unwrap_or_default() {
            let text = |key: &str| entry.value.get(key).and_then(Value::as_str).map(str::to_owned);
            let missing = |key: &str| self.error(entry.key_span, format!("option `{}` has no `{key}`", entry.key));
            specs.push(OptionSpec {
                name: entry.key.clone(),
                ty: text("type").ok_or_else(|| missing("type"))?,
                default: entry.value.get("default").cloned().ok_or_else(|| missing("default"))?,
                doc: text("doc").ok_or_else(|| missing("doc"))?,
                of: text("of").map(Into::into),
            });
        }
        Ok(specs)
    }

    fn controls(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for entry in self.root.get("controls").map(Value::entries).unwrap_or_default() {
            for item in entry.value.items() {
                let id = match &item.kind {
                    crate::tree::Kind::Number(n) => n.to_string(),
                    _ => item.as_str().unwrap_or_default().to_owned(),
                };
                found.push((entry.key.to_string(), id));
            }
        }
        found
    }
}
