//! What each command does, one file each, and what they have in common: output, colours, exit codes.

mod check;
mod completions;
mod diff;
mod init;
mod json;
mod man;
mod merge;
mod render;
mod resolve;
mod rules;
mod scaffold;
mod schema;
mod stamps;
mod test;
mod trace;
mod verbose;
mod ways;

use crate::rule::rego;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::FromArgMatches;

use super::cli::{self, Cli, Command, Global, RuleAction, When};
use super::failure::Failure;
use super::hints;
use super::session::Request;

/// Exit codes.
pub const FINE: u8 = 0;
/// Something was denied.
pub const DENIED: u8 = 1;
/// The run could not be made.
pub const COULD_NOT_RUN: u8 = 2;

/// Runs a command line and gives the exit code.
#[must_use]
pub fn main(arguments: Vec<OsString>) -> u8 {
    let arguments = cli::with_command(arguments);
    let matches = cli::definition(&arguments).try_get_matches_from(arguments);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output, everything else to standard error; a closed pipe is no error.
            let _ = error.print();
            return if error.use_stderr() { COULD_NOT_RUN } else { FINE };
        }
    };
    // It fails only when a pool was made before, which a command line cannot bring about. No jobs are as many as cores.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(cli.global.jobs).stack_size(rego::STACK).build_global();
    let terminal = Terminal::new(&cli.global);
    let result = match &cli.command {
        Command::Merge(args) => merge::run(args, &terminal),
        Command::Check(args) => check::run(args, &cli.global, &terminal),
        Command::Init(args) => init::run(args, &cli.global, &terminal),
        Command::Diff(args) => diff::run(args, &cli.global, &terminal),
        Command::Stamps(args) => stamps::run(args, &cli.global, &terminal),
        Command::Resolve(args) => resolve::run(args, &terminal),
        Command::Render(args) => render::run(args, &cli.global, &terminal),
        Command::Rules => rules::list(&cli.global, &terminal),
        Command::Explain { rule, trace: true, paths, .. } => trace::run(rule, paths, &cli.global, &terminal),
        Command::Explain { rule, fleet: true, paths, .. } => ways::run(rule, paths, &cli.global, &terminal),
        Command::Explain { rule, paths, .. } if paths.is_empty() => rules::explain(rule, &cli.global, &terminal),
        Command::Explain { .. } => {
            Err(Failure::new("a path tells `explain` nothing without `--trace` or `--fleet`".to_owned()))
        }
        Command::Test(args) => test::run(args, &terminal),
        Command::Rule { action: RuleAction::New { name, native } } => scaffold::run(name, *native, &terminal),
        Command::Schema => schema::run(&terminal),
        Command::Man => man::run(&terminal),
        Command::Completions { shell } => completions::run(*shell, &terminal),
    };
    result.unwrap_or_else(|failure| {
        terminal.fail(&failure);
        COULD_NOT_RUN
    })
}

/// Where text goes, and how it is dressed.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    color_out: bool,
    color_err: bool,
    unicode: bool,
    quiet: bool,
}

impl Terminal {
    fn new(global: &Global) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        let auto = |is_terminal: bool| match global.color {
            When::Always => true,
            When::Never => false,
            When::Auto => is_terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb"),
        };
        Self {
            color_out: auto(std::io::stdout().is_terminal()),
            color_err: auto(std::io::stderr().is_terminal()),
            unicode: std::env::var_os("TERM").is_none_or(|t| t != "dumb" && t != "linux"),
            quiet: global.quiet,
        }
    }

    /// Writes to standard output. A reader that went away is not an error.
    ///
    /// # Errors
    /// When the disk behind it is full, and the like.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::new(format!("standard output cannot be written: {}", error.kind())))
            }
            _ => Ok(()),
        }
    }

    /// Writes to standard error, unless the user wants quiet.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            // There is nowhere left to say that it failed.
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
        }
    }

    /// Writes why a run could not be made.
    pub fn fail(&self, failure: &Failure) {
        let text = failure.render(self.color_err, self.unicode);
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

/// What commands that look at a fleet ask for.
///
/// # Errors
/// When the working folder was deleted.
pub fn request(paths: &[String], global: &Global) -> Result<Request, Failure> {
    Ok(Request {
        working: place_to_look(paths, global)?,
        paths: paths.to_vec(),
        config: global.config.clone(),
        stamps: global.stamps.clone(),
        jobs: global.jobs,
        helm: global.helm.clone(),
        ..Request::default()
    })
}

/// The working folder, where that is a place to look at without being told.
///
/// # Errors
/// When it was deleted, or nobody can have meant it.
pub fn place_to_look(paths: &[String], global: &Global) -> Result<PathBuf, Failure> {
    let working = working()?;
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    if paths.is_empty() && global.config.is_none() && hints::is_home(&working, home.as_deref()) {
        return Err(Failure::new(format!(
            "`{}` is a home folder or a whole disk, and no repository",
            working.display()
        ))
        .help(Some("change to the repository, or name the folder; `stamplint .` looks here all the same".to_owned())));
    }
    Ok(working)
}

/// The working folder.
///
/// # Errors
/// When it was deleted.
pub fn working() -> Result<PathBuf, Failure> {
    std::env::current_dir()
        .map_err(|error| Failure::new(format!("the working folder cannot be read: {}", error.kind())))
}
