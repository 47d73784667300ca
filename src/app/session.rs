//! One check, from paths to findings. The command line, tests and editors call this and nothing else.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::assemble::{Assembled, Means, assemble};
use super::config::check::Fault;
use super::config::{self, Config};
use super::disk::Disk;
use super::facts::facts;
use super::index::Index;
use super::policies::{self, Rules};
use super::root::{self, PathError, Place};
use super::unclaimed::unclaimed;
use super::walk::{self, Walked};
use crate::checks::NATIVES;
use crate::model::infer::infer;
use crate::model::plan::Plan;
use crate::model::{Fleet, StampSet};
use crate::read::{FileKind, yaml};
use crate::report::{Counted, Summary};
use crate::rule::{Catalogue, CatalogueError, Effect, Input, LocatedProblem, Selection, Settings, StampLayers, run};
use crate::source::{FileError, Files, Source, Sources, parent};
use crate::triage::{SetAside, Triage, Triaged, fold};

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
    /// How many threads read; 0 for as many as there are cores.
    pub jobs: usize,
}

/// What a check found.
#[derive(Debug)]
pub struct Outcome {
    /// The resolved fleet.
    pub fleet: Fleet,
    /// Findings, ready to be shown.
    pub triaged: Triaged,
    /// What was read and inferred.
    pub summary: Summary,
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
        check_names(&rules.catalogue, &request.selection)?;
        // Files that are named, and standard input, are looked at as they are: a config gives them rules, not fellows.
        let folders: &[String] = if named.is_empty() || !request.paths.is_empty() { &place.folders } else { &[] };
        let lays = config.as_ref().is_some_and(|c| c.names_parts() && named.is_empty());
        let planned = match config.as_ref().filter(|_| lays) {
            Some(config) => Some(config::lay(config, &disk).map_err(|faults| bad(config, faults))?),
            None => None,
        };
        let starts = match (&planned, &config) {
            (Some(_), Some(config)) => std::slice::from_ref(&config.dir),
            _ => folders,
        };
        let walked = walk::walk(&disk, starts, request.jobs);
        let mut index = Index::read(&disk, &walked, &named);
        let plan = match planned {
            Some(plan) => {
                index.add(&disk, &plan.files());
                plan
            }
            None => infer(&facts(&index)),
        };
        let modules = config.as_ref().map(Config::modules).unwrap_or_default();
        let means = Means { index: &index, disk: &disk, modules: &modules };
        let Assembled { fleet, mut problems } = assemble(&plan, means);
        if let Some(config) = config.as_ref().filter(|_| lays) {
            let unclaimed = unclaimed(config, &index, &disk).into_iter();
            problems.extend(unclaimed.map(|problem| LocatedProblem { problem, stamps: StampSet::default() }));
        }
        let resources = fleet.stamps.iter().map(|s| s.inventory.all().len()).sum();
        let deployed = fleet.stamps.iter().map(|s| &s.own).chain([&fleet.shared]).any(|p| !p.deployed.is_empty());
        if resources == 0 && !deployed && problems.is_empty() {
            return Err(SessionError::Nothing(nothing(&walked, &index)));
        }
        let layers = layers(config.as_ref(), &fleet);
        let settings = Settings::new(&rules.catalogue, &layers, &request.selection);
        let mut triaged = self.judge(&rules, &fleet, &settings, &problems);
        let working = walk::relative(disk.root(), &std::fs::canonicalize(&request.working).unwrap_or_default())
            .unwrap_or_default();
        self.narrow(request, &fleet, &working, &mut triaged)?;
        let summary = self.summary(&rules.catalogue, &index, &plan, &settings, resources);
        Ok(Outcome {
            triaged,
            summary,
            sources: Arc::clone(&self.sources),
            catalogue: rules.catalogue.clone(),
            settings,
            root: place.root,
            working,
            fleet,
        })
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

    fn judge(&self, rules: &Rules, fleet: &Fleet, settings: &Settings, problems: &[LocatedProblem]) -> Triaged {
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
        let triage = Triage { fleet, catalogue: &rules.catalogue, settings, sources: &self.sources };
        fold(triage, output)
    }

    /// `--stamp` and `--only`: everything was read, but not everything is to be reported.
    fn narrow(
        &self,
        request: &Request,
        fleet: &Fleet,
        working: &str,
        triaged: &mut Triaged,
    ) -> Result<(), SessionError> {
        let mut wanted = BTreeSet::new();
        for name in &request.stamps {
            let Some(stamp) = fleet.stamps.iter().find(|s| s.name == name.as_str()) else {
                return Err(SessionError::Name {
                    message: format!("no stamp is called `{name}`"),
                    help: nearest(name, fleet.stamps.iter().map(|s| s.name.as_str())),
                });
            };
            wanted.insert(stamp.index);
        }
        if !wanted.is_empty() {
            triaged.findings.retain(|f| f.stamps.is_empty() || f.stamps.iter().any(|s| wanted.contains(&s)));
        }
        if request.only.is_empty() {
            return Ok(());
        }
        let only: Vec<String> = request.only.iter().filter_map(|path| self.from_root(path, request, working)).collect();
        for finding in &mut triaged.findings {
            let here = finding.places.iter().any(|label| {
                self.sources.get(label.span.source).is_some_and(|s| only.iter().any(|o| walk::is_below(s.path(), o)))
            });
            if !here && finding.set_aside.is_none() {
                finding.set_aside = Some(SetAside::Elsewhere);
            }
        }
        Ok(())
    }

    /// A path of the command line from the root. A file that was deleted is no error: hooks pass those too.
    fn from_root(&self, path: &str, request: &Request, working: &str) -> Option<String> {
        let full = request.working.join(path);
        match (std::fs::canonicalize(&full), std::fs::canonicalize(&request.working)) {
            (Ok(full), Ok(at)) => {
                let up = working.split('/').filter(|p| !p.is_empty()).count();
                let root = at.ancestors().nth(up)?.to_path_buf();
                walk::relative(&root, &full)
            }
            _ => crate::source::join(working, path),
        }
    }

    fn summary(
        &self,
        catalogue: &Catalogue,
        index: &Index,
        plan: &Plan,
        settings: &Settings,
        resources: usize,
    ) -> Summary {
        let mut read = [0usize; CLASSES.len()];
        let mut left = [0usize; LEFT_ALONE.len()];
        for (_, file) in index.files() {
            let add = |counts: &mut [usize], table: &[(&str, &[FileKind])]| {
                for (count, (_, kinds)) in counts.iter_mut().zip(table) {
                    *count += usize::from(kinds.contains(&file.kind));
                }
            };
            add(&mut read, CLASSES);
            add(&mut left, LEFT_ALONE);
        }
        let counted = |counts: &[usize], table: &[(&str, &[FileKind])]| {
            counts
                .iter()
                .zip(table)
                .filter(|(count, _)| **count > 0)
                .map(|(count, (what, _))| Counted::new(*what, *count))
                .collect::<Vec<_>>()
        };
        Summary {
            files: counted(&read, CLASSES),
            resources,
            rules: catalogue.documents().iter().filter(|d| settings.is_on(&d.id)).count(),
            left_alone: counted(&left, LEFT_ALONE),
            inferred: plan.inferred.clone(),
            notes: Vec::new(),
        }
    }
}

/// `--select` and `--ignore` must name rules or families.
fn check_names(catalogue: &Catalogue, selection: &Selection) -> Result<(), SessionError> {
    for name in selection.select.iter().chain(&selection.ignore) {
        if catalogue.get(name).is_none() && !catalogue.has_family(name) {
            let families = catalogue.families();
            let known = catalogue.documents().iter().map(|d| &*d.id).chain(families.iter().map(|f| &**f));
            return Err(SessionError::Name {
                message: format!("no rule or family is called `{name}`"),
                help: nearest(name, known),
            });
        }
    }
    Ok(())
}

fn bad(config: &Config, faults: Vec<Fault>) -> SessionError {
    SessionError::Config { file: Arc::clone(&config.source), faults }
}

/// The layers of rules of each stamp: the config's, its environment's, its own.
fn layers<'c>(config: Option<&'c Config>, fleet: &Fleet) -> Vec<StampLayers<'c>> {
    let stamps = fleet.stamps.iter().map(|stamp| {
        let Some(config) = config else {
            return Vec::new();
        };
        let environment = config
            .environments
            .iter()
            .filter(|(name, _)| stamp.environment.as_ref() == Some(name))
            .map(|(_, layer)| layer);
        let own = config.stamp_rules.get(stamp.index).filter(|_| fleet.declared);
        std::iter::once(&config.rules).chain(environment).chain(own).collect()
    });
    stamps.collect()
}

impl Outcome {
    /// Whether something fails the gate.
    #[must_use]
    pub fn fails(&self, threshold: Option<Effect>) -> bool {
        threshold.is_some_and(|t| self.triaged.findings.iter().any(|f| f.fails(t)))
    }
}

const CLASSES: &[(&str, &[FileKind])] = &[
    ("manifest file", &[FileKind::Manifest]),
    ("kustomization", &[FileKind::Kustomization]),
    ("template", &[FileKind::Template, FileKind::Bicep]),
    ("parameter file", &[FileKind::Parameters, FileKind::BicepParam]),
    ("values file", &[FileKind::Values]),
    ("workflow", &[FileKind::Workflow, FileKind::Pipeline]),
];

const LEFT_ALONE: &[(&str, &[FileKind])] = &[
    ("chart template", &[FileKind::ChartTemplate]),
    ("other YAML file", &[FileKind::OtherYaml]),
    ("other JSON file", &[FileKind::OtherJson]),
];

/// The word that was probably meant.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    known
        .map(|k| (strsim::damerau_levenshtein(name, k), k))
        .filter(|(distance, k)| *distance <= 1 + name.len().max(k.len()) / 4)
        .min()
        .map(|(_, k)| format!("did you mean `{k}`?"))
}

fn nothing(walked: &Walked, index: &Index) -> String {
    let files = walked.others + index.others + index.files().count();
    match files {
        0 => "there are no files".to_owned(),
        n => format!("none of {n} files is a manifest, a template or a parameter file"),
    }
}
