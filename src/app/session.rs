//! One check, from paths to findings. The command line, tests and editors call this and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::accepted::accepted;
use super::assemble::{Assembled, Means, assemble};
use super::config::check::Fault;
use super::config::{self, Config};
use super::disk::Disk;
use super::facts::{commands, facts};
use super::helm::HelmProgram;
use super::hints;
use super::index::Index;
use super::narrow::{check_names, narrow};
use super::policies::{self, Rules};
use super::progress::Progress;
use super::root::{self, PathError, Place};
use super::said::{helm, layers};
use super::summary::summary;
use super::unclaimed::unclaimed;
use super::walk;
use crate::checks::NATIVES;
use crate::model::infer::{Facts, FileFacts, infer, supplement};
use crate::model::plan::{ChartUse, Plan};
use crate::model::{Fleet, StampSet};
use crate::read::yaml;
use crate::report::Summary;
use crate::rule::rego::Traced;
use crate::rule::rego::foreign::PolicyFolder;
use crate::rule::{Catalogue, CatalogueError, Effect, Input, LocatedProblem, Selection, Settings, builtin, run, trace};
use crate::source::{EntryKind, FileError, Files, Problem, Source, Sources, parent};
use crate::triage::suppress::Suppressions;
use crate::triage::{Triage, Triaged, fold};

/// What to check, and how.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The working folder.
    pub working: PathBuf,
    /// Where to look; the working folder where empty.
    pub paths: Vec<String>,
    /// What came on standard input.
    pub stdin: Option<Vec<u8>>,
    /// The config; looked for where empty.
    pub config: Option<String>,
    /// Which rules.
    pub selection: Selection,
    /// Only findings in these stamps.
    pub stamps: Vec<String>,
    /// Only findings with a label in these files or below these folders.
    pub only: Vec<String>,
    /// The day that suppressions are judged by; the machine's without it.
    pub today: Option<Date>,
    /// `only` is what changed, be it nothing at all.
    pub changed: bool,
    /// Infer what the stamps consist of, whatever a config says.
    pub inferring: bool,
    /// How many threads read; 0 for as many as there are cores.
    pub jobs: usize,
    /// Where the run says what it is busy with.
    pub progress: Progress,
    /// Run helm for charts: the program's path, or its name.
    pub helm: Option<String>,
}

/// What a check found.
#[derive(Debug)]
pub struct Outcome {
    /// What the stamps consist of, and why.
    pub plan: Plan,
    /// The resolved fleet.
    pub fleet: Fleet,
    /// Findings, ready to be shown.
    pub triaged: Triaged,
    /// What was read and inferred.
    pub summary: Summary,
    /// The files that were read.
    pub index: Index,
    /// The config that says what the stamps are, from the root; none where that was inferred.
    pub config: Option<String>,
    /// The texts that spans point into.
    pub sources: Arc<Sources>,
    /// The rules.
    pub catalogue: Catalogue,
    /// What holds where.
    pub settings: Settings,
    /// The root of the run.
    pub root: PathBuf,
    /// The working folder from the root; empty where it is the root or lies elsewhere.
    pub working: String,
}

/// A check could not be made at all: exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A path of the command line.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The root cannot be opened.
    #[error("`{path}` cannot be read: {reason}")]
    Root {
        /// The folder.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Standard input or the config cannot be read.
    #[error(transparent)]
    Input(#[from] FileError),
    /// There is nothing of ours.
    #[error("nothing to check: {0}")]
    Nothing(String),
    /// A name that names nothing.
    #[error("{message}")]
    Name {
        /// What is wrong.
        message: String,
        /// The word that was probably meant.
        help: Option<String>,
    },
    /// The config is broken.
    #[error("{}", faults.first().map_or("the config is broken", |f| f.message.as_str()))]
    Config {
        /// The config.
        file: Arc<Source>,
        /// What is wrong with it; never empty.
        faults: Vec<Fault>,
    },
    /// A built-in rule document is broken: a fault of this program.
    #[error("a built-in rule cannot be read: {0}")]
    Catalogue(#[from] CatalogueError),
}

/// How a rule came to what it says.
#[derive(Debug)]
pub struct Trail {
    /// The rule.
    pub id: String,
    /// Resource by resource; `None` for a rule that is not written in Rego.
    pub traced: Option<Vec<Traced>>,
    /// The names of the stamps.
    pub stamps: Vec<String>,
    /// Whether its policy is part of this program.
    pub built_in: bool,
}

/// A run before anything is resolved.
#[derive(Debug)]
pub struct Prepared {
    /// The config.
    pub config: Option<Config>,
    /// The rules.
    pub rules: Arc<Rules>,
    /// The folders that were given, from the root.
    pub folders: Vec<String>,
    /// The files that were named, standard input among them.
    pub named: Vec<String>,
    /// The files on the disk.
    pub disk: Disk,
    /// The files that were read.
    pub index: Index,
    /// What the stamps consist of.
    pub plan: Plan,
    /// Whether the config says what the stamps consist of; else that was inferred.
    pub declared: bool,
    /// Whether and how helm is run.
    pub helm: HelmProgram,
    /// What a person probably meant, where the run may not be the one that was wanted.
    pub hints: Vec<String>,
}

impl Prepared {
    /// Resolves the plan.
    ///
    /// # Errors
    /// When there is nothing in it.
    pub fn resolve(&self) -> Result<Assembled, SessionError> {
        let modules = self.config.as_ref().map(Config::modules).unwrap_or_default();
        let mut assembled =
            assemble(&self.plan, Means { index: &self.index, disk: &self.disk, modules: &modules, helm: &self.helm });
        if let Some(config) = self.config.as_ref().filter(|_| self.declared) {
            let unclaimed = unclaimed(config, &self.plan, &self.index, &self.disk).into_iter();
            let located = unclaimed.map(|problem| LocatedProblem { problem, stamps: StampSet::default() });
            assembled.problems.extend(located);
        }
        let fleet = &assembled.fleet;
        let parts = fleet.stamps.iter().map(|s| &s.own).chain([&fleet.shared]);
        let empty = parts.into_iter().all(|p| p.resources.is_empty() && p.deployed.is_empty());
        if empty && assembled.problems.is_empty() {
            return Err(SessionError::Nothing(nothing(&self.index)));
        }
        Ok(assembled)
    }

    /// The working folder from the root; empty where it is the root or lies elsewhere.
    #[must_use]
    pub fn working(&self, request: &Request) -> String {
        let working = std::fs::canonicalize(&request.working).unwrap_or_default();
        walk::relative(self.disk.root(), &working).unwrap_or_default()
    }
}

/// A check that can be asked for again and again.
#[derive(Debug)]
pub struct Session {
    /// The built-in rules.
    rules: Arc<Rules>,
    sources: Arc<Sources>,
}

impl Session {
    /// A session with the built-in rules.
    ///
    /// # Errors
    /// When one of them is broken.
    pub fn new() -> Result<Self, SessionError> {
        let sources = Arc::new(Sources::new());
        let rules = Arc::new(Rules::builtin(&sources)?);
        Ok(Self { rules, sources })
    }

    /// A session with the built-in rules and those of policy folders below `root`.
    ///
    /// # Errors
    /// When a built-in one is broken or the folder cannot be opened.
    pub fn with_policies(root: &Path, folders: &[PolicyFolder]) -> Result<Self, SessionError> {
        let session = Self::new()?;
        let disk = Disk::new(root, Arc::clone(&session.sources)).map_err(|error| SessionError::Root {
            path: root.display().to_string(),
            reason: error.kind().to_string(),
        })?;
        let rules = Arc::new(session.rules.with(folders, &disk, &session.sources));
        Ok(Self { rules, sources: session.sources })
    }

    /// What is wrong with the rules of policy folders.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.rules.problems
    }

    /// The texts that were read.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The ids of the rules that come from policy folders.
    #[must_use]
    pub fn own_rules(&self) -> BTreeSet<Arc<str>> {
        let built_in = |id: &str| builtin::DOCUMENTS.iter().any(|d| d.id == id);
        self.catalogue().documents().iter().map(|d| Arc::clone(&d.id)).filter(|id| !built_in(id)).collect()
    }

    /// The rules.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.rules.catalogue
    }

    /// Checks.
    ///
    /// # Errors
    /// When a path is not there, a name is unknown, or there is nothing to check. All that is wrong with the input
    /// itself is a finding.
    pub fn check(&self, request: &Request) -> Result<Outcome, SessionError> {
        let prepared = self.prepare(request)?;
        check_names(&prepared.rules.catalogue, &request.selection)?;
        request.progress.say(format!("resolving {} stamps", prepared.plan.stamps.len()));
        let Assembled { fleet, problems, charts } = prepared.resolve()?;
        request.progress.say(format!("checking {} stamps", fleet.stamps.len()));
        let layers = layers(prepared.config.as_ref(), &fleet);
        let settings = Settings::new(&prepared.rules.catalogue, &layers, &request.selection);
        let suppressions = accepted(request, &prepared, &fleet)?;
        let mut triaged = self.judge(&prepared.rules, &fleet, &settings, &problems, &suppressions);
        let working = prepared.working(request);
        narrow(request, &fleet, prepared.disk.root(), &self.sources, &mut triaged)?;
        let resources = fleet.stamps.iter().map(|s| s.inventory.all().len()).sum();
        let catalogue = prepared.rules.catalogue.clone();
        Ok(Outcome {
            triaged,
            summary: summary(&catalogue, &prepared, &charts, &settings, resources),
            sources: Arc::clone(&self.sources),
            catalogue,
            settings,
            root: prepared.disk.root().to_path_buf(),
            working,
            config: prepared.config.filter(|_| prepared.declared).map(|c| c.source.path().to_string()),
            index: prepared.index,
            plan: prepared.plan,
            fleet,
        })
    }

    /// Finds and reads all files and plans the stamps; resolves and judges nothing yet.
    ///
    /// # Errors
    /// When a path is not there or the config is broken.
    pub fn prepare(&self, request: &Request) -> Result<Prepared, SessionError> {
        request.progress.say("reading files");
        let place = root::locate(&request.working, &request.paths)?;
        let mut disk = Disk::new(&place.root, Arc::clone(&self.sources)).map_err(|error| SessionError::Root {
            path: place.root.display().to_string(),
            reason: error.kind().to_string(),
        })?;
        let mut named = place.files.clone();
        if let Some(bytes) = &request.stdin {
            disk.lay_over_bytes("<stdin>", bytes)?;
            named.push("<stdin>".to_owned());
        }
        let (config, rules) = self.config(request, &place, &disk)?;
        // Files that are named, and standard input, are looked at as they are: a config gives them rules, not fellows.
        let folders: &[String] = if named.is_empty() || !request.paths.is_empty() { &place.folders } else { &[] };
        let declared = config.as_ref().is_some_and(|c| c.names_parts() && named.is_empty() && !request.inferring);
        let planned = match config.as_ref().filter(|_| declared) {
            Some(config) => Some(config::lay(config, &disk).map_err(|faults| bad(config, faults))?),
            None => None,
        };
        let starts = match config.as_ref().filter(|_| declared) {
            Some(config) => std::slice::from_ref(&config.dir),
            None => folders,
        };
        let walked = walk::walk(&disk, starts, request.jobs);
        let mut index = Index::read(&disk, &walked, &named);
        let plan = match planned {
            Some(mut plan) => {
                index.add(&disk, &plan.files());
                let pipelines = config.as_ref().map(|c| c.globs("pipelines")).unwrap_or_default();
                supplement(&mut plan, &commands(&index, &pipelines));
                plan
            }
            None => {
                let given = facts(&index);
                let named_by_them = templates_of(&given, &named, &disk);
                index.add(&disk, &named_by_them);
                let mut plan = infer(&if named_by_them.is_empty() { given } else { facts(&index) });
                // Stamps that the config does not name are those of its fleet all the same.
                if let Some(config) = &config {
                    config::declare(config, &mut plan);
                }
                plan
            }
        };
        let mut plan = plan;
        let helm = helm(request.helm.as_deref(), config.as_ref(), disk.root());
        let hints = match (&config, &request.stdin) {
            (None, None) => hints::without_config(&walked, &place, &index, &plan),
            (Some(_), _) => hints::unknown_regions(&plan),
            _ => Vec::new(),
        };
        if helm.allowed && !declared {
            let loose = std::mem::take(&mut plan.charts);
            plan.shared.charts.extend(loose.into_iter().map(ChartUse::bare));
        }
        Ok(Prepared { config, rules, folders: place.folders, named, disk, index, plan, declared, helm, hints })
    }

    /// The config, and the rules that hold with it: those of the policy folders that it names are checked with it.
    fn config(
        &self,
        request: &Request,
        place: &Place,
        disk: &Disk,
    ) -> Result<(Option<Config>, Arc<Rules>), SessionError> {
        let path = match &request.config {
            Some(given) => {
                let full = std::fs::canonicalize(request.working.join(given))
                    .map_err(|_| PathError::Missing(given.clone()))?;
                walk::relative(disk.root(), &full).ok_or_else(|| FileError::Outside(given.clone()))?
            }
            None => {
                let folders: Vec<String> =
                    place.folders.iter().cloned().chain(place.files.iter().map(|f| parent(f).to_owned())).collect();
                match config::find(disk, &folders) {
                    Some(path) => path,
                    None => return Ok((None, Arc::clone(&self.rules))),
                }
            }
        };
        let file = disk.load(&path)?;
        let root = yaml::parse_with(&file, yaml::Typing::Core).documents.into_iter().next().map(|d| d.root);
        let folders = root.map(|root| policies::folders(&root, parent(&path))).unwrap_or_default();
        let rules = match folders.as_slice() {
            [] => Arc::clone(&self.rules),
            some => Arc::new(self.rules.with(some, disk, &self.sources)),
        };
        match Config::read(&file, &rules.catalogue) {
            Ok(config) => Ok((Some(config), rules)),
            Err(faults) => Err(SessionError::Config { file, faults }),
        }
    }

    /// A session with the rules of the config that holds where the request looks, too.
    ///
    /// # Errors
    /// When a path is not there or the config is broken.
    pub fn configured(&self, request: &Request) -> Result<Self, SessionError> {
        let place = root::locate(&request.working, &request.paths)?;
        let disk = Disk::new(&place.root, Arc::clone(&self.sources)).map_err(|error| SessionError::Root {
            path: place.root.display().to_string(),
            reason: error.kind().to_string(),
        })?;
        let (_, rules) = self.config(request, &place, &disk)?;
        Ok(Self { rules, sources: Arc::clone(&self.sources) })
    }

    /// Follows a rule in Rego through everything that it applies to.
    ///
    /// # Errors
    /// As [`Session::check`].
    pub fn trace(&self, request: &Request, rule: &str) -> Result<Trail, SessionError> {
        let prepared = self.prepare(request)?;
        check_names(&prepared.rules.catalogue, &request.selection)?;
        let Assembled { fleet, .. } = prepared.resolve()?;
        let layers = layers(prepared.config.as_ref(), &fleet);
        let rules = &prepared.rules;
        let settings = Settings::new(&rules.catalogue, &layers, &request.selection);
        let Some(document) = rules.catalogue.get(rule) else {
            let message = format!("no rule is called `{rule}`");
            return Err(SessionError::Name { message, help: Some("`stamplint rules` lists them".to_owned()) });
        };
        let input = Input {
            fleet: &fleet,
            catalogue: &rules.catalogue,
            natives: &[],
            settings: &settings,
            rego: Some(&rules.own),
            foreign: Some(&rules.foreign),
            problems: &[],
        };
        Ok(Trail {
            id: document.id.to_string(),
            traced: trace(input, document),
            stamps: fleet.stamps.iter().map(|s| s.name.to_string()).collect(),
            built_in: builtin::DOCUMENTS.iter().any(|d| *d.id == *document.id),
        })
    }

    fn judge(
        &self,
        rules: &Rules,
        fleet: &Fleet,
        settings: &Settings,
        problems: &[LocatedProblem],
        suppressions: &Suppressions,
    ) -> Triaged {
        let policies =
            rules.problems.iter().map(|p| LocatedProblem { problem: p.clone(), stamps: StampSet::default() });
        let problems: Vec<LocatedProblem> = problems.iter().cloned().chain(policies).collect();
        let output = run(Input {
            fleet,
            catalogue: &rules.catalogue,
            natives: NATIVES,
            settings,
            rego: Some(&rules.own),
            foreign: Some(&rules.foreign),
            problems: &problems,
        });
        let triage = Triage { fleet, catalogue: &rules.catalogue, settings, sources: &self.sources, suppressions };
        fold(triage, output)
    }
}

/// The templates of parameter files that were given by name: one says which template it is for.
fn templates_of(facts: &[FileFacts], named: &[String], disk: &Disk) -> Vec<String> {
    let given = facts.iter().filter(|file| named.contains(&file.path));
    let templates = given.filter_map(|file| match &file.facts {
        Facts::Parameters { template: Some((template, _)), .. } => Some(template.clone()),
        _ => None,
    });
    templates.filter(|template| disk.kind(template) == Some(EntryKind::File)).collect()
}

pub(super) fn bad(config: &Config, faults: Vec<Fault>) -> SessionError {
    SessionError::Config { file: Arc::clone(&config.source), faults }
}

impl Outcome {
    /// Whether something fails the gate.
    #[must_use]
    pub fn fails(&self, threshold: Option<Effect>) -> bool {
        threshold.is_some_and(|t| self.triaged.findings.iter().any(|f| f.fails(t)))
    }
}

fn nothing(index: &Index) -> String {
    let charts = index.neighbours().charts().next().is_some();
    match index.others + index.files().count() {
        _ if charts => "there are but charts, which `--helm` renders".to_owned(),
        0 => "there are no files".to_owned(),
        1 => "the file there is no manifest, no template and no parameter file".to_owned(),
        n => format!("none of {n} files is a manifest, a template or a parameter file"),
    }
}
