//! The rules of a check: the built-in ones, and those of the policy folders that a config names.

use std::sync::Arc;
use std::time::Duration;

use super::config;
use crate::rule::rego::Limits;
use crate::rule::rego::foreign::{self, Dialect, Foreign, PolicyFolder};
use crate::rule::rego::own::{OwnRules, PolicySource};
use crate::rule::{Catalogue, CatalogueError, Document, DocumentSource, Engine, builtin};
use crate::source::{Code, EntryKind, Files, Problem, Source, Sources, Span, join};
use crate::tree::{Text, Value};

/// All rules, with the code of those in Rego.
#[derive(Debug, Default)]
pub struct Rules {
    /// The documents.
    pub catalogue: Catalogue,
    /// Policies of our own dialect.
    pub own: OwnRules,
    /// Gatekeeper's and conftest's policies.
    pub foreign: Foreign,
    /// What was wrong with policies when they were loaded.
    pub problems: Vec<Problem>,
}

impl Rules {
    /// The built-in rules.
    ///
    /// # Errors
    /// When one of their documents is broken: a fault of this program.
    pub fn builtin(sources: &Sources) -> Result<Self, CatalogueError> {
        let (catalogue, errors) = Catalogue::read(builtin::DOCUMENTS.iter().copied(), sources);
        if let Some(error) = errors.into_iter().next() {
            return Err(error);
        }
        let (own, problems) = OwnRules::load(built_in(), &catalogue, sources);
        Ok(Self { catalogue, own, foreign: Foreign::default(), problems })
    }

    /// The built-in rules and those of policy folders. What is wrong with these is a problem, never an error.
    #[must_use]
    pub fn with(&self, folders: &[PolicyFolder], files: &dyn Files, sources: &Sources) -> Self {
        let mut catalogue = self.catalogue.clone();
        let mut problems = Vec::new();
        let mut texts = Vec::new();
        for folder in folders.iter().filter(|f| f.dialect == Dialect::Own) {
            if files.kind(&folder.path) != Some(EntryKind::Folder) {
                let message = format!("`{}` is no folder", folder.path);
                problems.push(Problem::new(Code::Policy, folder.declared, message));
                continue;
            }
            let before = texts.len();
            for (part, ending) in [("rules", ".md"), ("policies", ".rego")] {
                texts.extend(own_files(folder, part, ending, files).into_iter().map(|found| (part, found)));
            }
            if texts.len() == before {
                let message = format!("`{}` holds no rule", folder.path);
                let help =
                    "a rule is `rules/FAMILY/RULE.md` and `policies/FAMILY/RULE.rego`; `stamplint rule new` makes both";
                problems.push(Problem::new(Code::Policy, folder.declared, message).help(help));
            }
        }
        for (_, text) in texts.iter().filter(|(part, _)| *part == "rules") {
            match catalogue.add(text.as_source(), sources) {
                Ok(()) => problems.extend(catalogue.get(&text.id).filter(|d| d.engine == Engine::Native).map(native)),
                Err(CatalogueError::Document { error, .. }) => {
                    problems.push(Problem::new(Code::Policy, error.span, error.message));
                }
                Err(error @ CatalogueError::Twice { .. }) => {
                    let start = text.source.span(0, 3);
                    problems.push(Problem::new(Code::Policy, start, error.to_string()));
                }
            }
        }
        let user = texts.iter().filter(|(part, _)| *part == "policies");
        let user = user.map(|(_, t)| PolicySource { from: t.as_source(), limits: t.limits, builtin: false });
        let (own, found) = OwnRules::load(built_in().chain(user), &catalogue, sources);
        problems.extend(found);
        let (foreign, found) = foreign::load(folders, files, sources, &mut catalogue);
        problems.extend(found);
        if !problems.is_empty() {
            catalogue.lacks_some();
        }
        Self { catalogue, own, foreign, problems }
    }
}

/// A document or policy of a user's folder.
struct OwnFile {
    family: String,
    id: String,
    source: Arc<Source>,
    limits: Limits,
}

fn built_in<'t>() -> impl Iterator<Item = PolicySource<'t>> {
    builtin::POLICIES.iter().map(|from| PolicySource { from: *from, limits: Limits::default(), builtin: true })
}

/// A native rule's code is in the program: a document alone brings none.
fn native(document: &Arc<Document>) -> Problem {
    Problem::new(Code::Policy, document.declared, format!("the rule `{}` is native, but not built in", document.id))
        .help("a rule of your own is written in Rego: `engine: rego`")
}

impl OwnFile {
    fn as_source(&self) -> DocumentSource<'_> {
        DocumentSource { family: &self.family, id: &self.id, path: self.source.path(), text: self.source.text() }
    }
}

/// The files `<folder>/<part>/<family>/<id><ending>`.
fn own_files(folder: &PolicyFolder, part: &str, ending: &str, files: &dyn Files) -> Vec<OwnFile> {
    let root = join(&folder.path, part).unwrap_or_default();
    let mut found = Vec::new();
    let limits = Limits { time: folder.timeout.unwrap_or(Limits::default().time), ..Limits::default() };
    for family in files.list(&root).unwrap_or_default().into_iter().filter(|e| e.kind == EntryKind::Folder) {
        let below = format!("{root}/{}", family.name);
        for file in files.list(&below).unwrap_or_default() {
            if let Some(id) = file.name.strip_suffix(ending)
                && file.kind == EntryKind::File
                && !id.ends_with("_test")
                && let Ok(source) = files.load(&format!("{below}/{}", file.name))
            {
                found.push(OwnFile { family: family.name.clone(), id: id.to_owned(), source, limits });
            }
        }
    }
    found
}

/// A folder of our own dialect that no config names.
#[must_use]
pub fn own_folder(path: &str) -> PolicyFolder {
    PolicyFolder {
        path: path.to_owned(),
        dialect: Dialect::Own,
        namespaces: Vec::new(),
        data: Vec::new(),
        digest: None,
        timeout: None,
        combine: false,
        stamp: None,
        declared: Span::NONE,
    }
}

/// The policy folders that a config names, for all stamps and for single ones. `dir` is the config's folder.
#[must_use]
pub fn folders(root: &Value, dir: &str) -> Vec<PolicyFolder> {
    let mut found = Vec::new();
    let mut read = |value: Option<&Value>, stamp: Option<&Text>| {
        for policy in value.map(Value::items).unwrap_or_default() {
            found.extend(folder(policy, dir, stamp));
        }
    };
    read(root.get("policies"), None);
    for stamp in root.get("stamps").map(Value::items).unwrap_or_default() {
        let name = stamp.get("name").and_then(Value::as_str).map(Text::from);
        read(stamp.get("policies"), name.as_ref());
    }
    found
}

fn folder(policy: &Value, dir: &str, stamp: Option<&Text>) -> Option<PolicyFolder> {
    let path = policy.get("path")?;
    let strings = |key: &str| config::one_or_more(policy.get(key)).filter_map(Value::as_str).collect::<Vec<_>>();
    let place = |path: &str| join(dir, path).unwrap_or_else(|| path.to_owned());
    let seconds = policy.get("timeout").and_then(Value::as_i64).and_then(|s| u64::try_from(s).ok());
    Some(PolicyFolder {
        path: place(path.as_str()?),
        dialect: policy.get("dialect").and_then(Value::as_str).and_then(Dialect::from_word).unwrap_or(Dialect::Own),
        namespaces: strings("namespaces").into_iter().map(str::to_owned).collect(),
        data: strings("data").into_iter().map(place).collect(),
        digest: policy.get("digest").and_then(Value::as_str).map(str::to_owned),
        timeout: seconds.map(Duration::from_secs),
        combine: policy.get("combine").and_then(Value::as_bool).unwrap_or(false),
        stamp: stamp.cloned(),
        declared: path.span,
    })
}
