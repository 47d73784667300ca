//! The command line: what can be said, nothing of what it does.

use std::ffi::{OsStr, OsString};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::report::Format;
use crate::rule::nearest;

/// A compliance linter for fleets of deployment stamps on AKS.
#[derive(Debug, Parser)]
#[command(
    name = "stamplint",
    version,
    about = "A compliance linter for fleets of deployment stamps on AKS",
    help_template = "{about}\n\nUsage: stamplint [COMMAND] [OPTIONS] [PATH]...\n\n{subcommands}{after-help}",
    after_help = "Without a command `check` runs; `stamplint check --help` has its options.\n\
                  Everywhere: --config FILE, --stamp NAME, --jobs N, --color WHEN, -q, -v, -h, -V\n\
                  Exit codes: 0 nothing denied, 1 something denied, 2 could not run",
    disable_help_subcommand = true,
    disable_help_flag = true,
    next_line_help = false,
    subcommand_required = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The config; looked for in PATH and above it
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<String>,
    /// Only this stamp (repeatable)
    #[arg(long = "stamp", global = true, value_name = "NAME")]
    pub stamps: Vec<String>,
    /// Threads; as many as there are cores without it
    #[arg(
        long,
        global = true,
        value_name = "N",
        default_value_t = 0,
        hide_default_value = true,
        hide_short_help = true
    )]
    pub jobs: usize,
    /// Run helm for charts; with a path, that program
    #[arg(long, global = true, value_name = "PROGRAM", num_args = 0..=1, require_equals = true, default_missing_value = "helm", hide_short_help = true)]
    pub helm: Option<String>,
    /// When to colour: auto, always, never
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = When::Auto, hide_default_value = true, hide_possible_values = true, hide_short_help = true)]
    pub color: When,
    /// No summary and no progress
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say what each file is taken for, and what each stamp consists of
    #[arg(short, long, global = true, conflicts_with = "quiet", hide_short_help = true)]
    pub verbose: bool,
    /// Print help; --help-all prints every option
    #[arg(short, long = "help", global = true, action = ArgAction::HelpShort)]
    help: Option<bool>,
    /// Print help with every option
    #[arg(long, global = true, action = ArgAction::HelpShort, hide = true)]
    help_all: Option<bool>,
}

/// When to colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a fleet, a folder, files or standard input
    Check(Box<CheckArgs>),
    /// Put the reports of shards together again
    Merge(MergeArgs),
    /// Show each stamp, what it consists of, and why
    Stamps(StampsArgs),
    /// Write what was inferred as a config
    Init(InitArgs),
    /// Print the resources that a template with parameters would deploy
    Resolve(ResolveArgs),
    /// Print what a kustomize overlay or a chart comes to
    Render(RenderArgs),
    /// Show what differs between two stamps
    Diff(DiffArgs),
    /// List the rules
    Rules,
    /// Explain a rule: why it is there, how to fix what it finds
    Explain {
        /// The rule
        rule: String,
        /// Follow its policy through the resources of PATH: which lines were evaluated, what its rules came to
        #[arg(long)]
        trace: bool,
        /// Draw the ways into each stamp, and what guards each (`fdid-not-checked` only)
        #[arg(long, conflicts_with = "trace")]
        fleet: bool,
        /// Where to look, with `--trace` or `--fleet`; the working folder without it
        #[arg(value_name = "PATH")]
        paths: Vec<String>,
    },
    /// Run the tests of rules: examples, Gatekeeper suites, Rego
    Test(TestArgs),
    /// Make the files of a new rule
    Rule {
        /// What to do
        #[command(subcommand)]
        action: RuleAction,
    },
    /// Print the JSON Schema of the config
    Schema,
    /// Print the manual page
    Man,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Options of `merge`.
#[derive(Clone, Debug, Args)]
pub struct MergeArgs {
    /// The reports of all shards, JSON or SARIF
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<String>,
    /// Where the whole goes; standard output without it
    #[arg(long, value_name = "FILE")]
    pub output: Option<String>,
}

/// Options of `stamps`.
#[derive(Clone, Debug, Args)]
pub struct StampsArgs {
    /// Where to look
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// With the resources and parameters that they come to
    #[arg(long)]
    pub resolved: bool,
    /// As a table: what each family found in each stamp, or each rule
    #[arg(long, value_name = "families|rules|resources", conflicts_with = "resolved", num_args = 0..=1, require_equals = true, default_missing_value = "families", value_parser = ["families", "rules", "resources"], hide_possible_values = true)]
    pub matrix: Option<String>,
    /// The format of the table: terminal, markdown
    #[arg(long, value_name = "FORMAT", requires = "matrix", default_value = "terminal", hide_default_value = true, value_parser = ["terminal", "markdown"], hide_possible_values = true)]
    pub format: String,
}

/// Options of `diff`.
#[derive(Clone, Debug, Args)]
pub struct DiffArgs {
    /// One stamp
    #[arg(value_name = "STAMP")]
    pub first: String,
    /// The other one
    #[arg(value_name = "STAMP")]
    pub second: String,
    /// Where to look
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// With what differs by its nature (addresses, ids, names) and what follows from a parameter
    #[arg(long)]
    pub all: bool,
    /// The format: terminal, json, markdown
    #[arg(long, value_name = "FORMAT", default_value = "terminal", hide_default_value = true, value_parser = ["terminal", "json", "markdown"], hide_possible_values = true)]
    pub format: String,
}

/// Options of `resolve`.
#[derive(Clone, Debug, Args)]
pub struct ResolveArgs {
    /// The template, Bicep or ARM
    pub template: String,
    /// A parameter file; later ones lie over earlier ones (repeatable)
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub parameters: Vec<String>,
    /// The deployment's context, YAML or JSON: the keys of `context`, and `location`
    #[arg(long, value_name = "FILE")]
    pub context: Option<String>,
    /// With the places that each value comes from
    #[arg(long)]
    pub origins: bool,
    /// The format: json
    #[arg(long, value_name = "FORMAT", default_value = "json", hide_default_value = true, value_parser = ["json"], hide_possible_values = true)]
    pub format: String,
}

/// Options of `render`.
#[derive(Clone, Debug, Args)]
pub struct RenderArgs {
    /// The folder of a kustomization or of a chart
    #[arg(value_name = "DIR|CHART")]
    pub path: String,
    /// A values file of the chart; later ones lie over earlier ones (repeatable)
    #[arg(long, short = 'f', value_name = "FILE", num_args = 1)]
    pub values: Vec<String>,
    /// A value of the chart, as helm's own option takes it (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// The release's name
    #[arg(long, value_name = "NAME")]
    pub release: Option<String>,
    /// The release's namespace
    #[arg(long, short, value_name = "NAME")]
    pub namespace: Option<String>,
    /// With the place that each value comes from
    #[arg(long)]
    pub origins: bool,
}

/// Options of `init`.
#[derive(Clone, Debug, Args)]
pub struct InitArgs {
    /// Where to look, and where the config goes
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
    /// Print it, write nothing
    #[arg(long)]
    pub print: bool,
    /// Replace a config that is there
    #[arg(long)]
    pub force: bool,
}

/// Options of `test`.
#[derive(Clone, Debug, Args)]
pub struct TestArgs {
    /// Where to look; the working folder without it
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub path: String,
    /// Show what tests print
    #[arg(long)]
    pub print: bool,
    /// Show which lines of the policies were evaluated
    #[arg(long)]
    pub coverage: bool,
    /// Only tests whose name holds this
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
}

/// Options of `check`.
#[derive(Clone, Debug, Args)]
pub struct CheckArgs {
    /// Where to look; `-` for standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// terminal, json, sarif, github, gitlab, junit or markdown
    #[arg(long, value_name = "FORMAT", default_value = "terminal", hide_default_value = true, value_parser = format(), hide_possible_values = true)]
    pub format: Format,
    /// A further report, into a file (repeatable)
    #[arg(long = "output", value_name = "FORMAT=FILE", value_parser = output)]
    pub outputs: Vec<(Format, String)>,
    /// Only these rules or families
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Not these rules or families
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// From which effect on it fails: deny, audit, never
    #[arg(long, value_enum, value_name = "EFFECT", hide_possible_values = true, default_value_t = FailOn::Deny, hide_default_value = true)]
    pub fail_on: FailOn,
    /// Read everything, report findings in these files
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub only: Vec<String>,
    /// PATHs are files that changed, as a hook gives them: as with --only
    #[arg(long, hide_short_help = true)]
    pub hook: bool,
    /// As --only, for the files that changed since a commit (asks git)
    #[arg(long, value_name = "REF", hide_short_help = true)]
    pub changed_since: Option<String>,
    /// Only findings that this file does not hold fail
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<String>,
    /// Write what is found now into the baseline
    #[arg(long, hide_short_help = true, requires = "baseline", conflicts_with_all = ["select", "ignore", "only", "hook", "changed_since", "shard"])]
    pub update_baseline: bool,
    /// Report a share of the findings, by stamps: I of N (see `merge`)
    #[arg(long, value_name = "I/N", value_parser = shard, hide_short_help = true)]
    pub shard: Option<(usize, usize)>,
    /// Show what an unknown value decides
    #[arg(long, hide_short_help = true)]
    pub show_undetermined: bool,
    /// Show what somebody accepts
    #[arg(long, hide_short_help = true)]
    pub show_suppressed: bool,
    /// Show findings in exempt namespaces
    #[arg(long, hide_short_help = true)]
    pub show_exempt: bool,
    /// Show every finding, not twenty of each rule
    #[arg(long)]
    pub all: bool,
    /// The day that suppressions and version tables are judged by
    #[arg(long, value_name = "DATE", hide_short_help = true)]
    pub today: Option<jiff::civil::Date>,
}

/// From which effect on a finding fails the gate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum FailOn {
    /// Findings that deny.
    Deny,
    /// Findings that audit, too.
    Audit,
    /// Nothing fails.
    Never,
}

fn shard(text: &str) -> Result<(usize, usize), String> {
    let number = |word: &str| word.bytes().all(|b| b.is_ascii_digit()).then(|| word.parse::<usize>().ok()).flatten();
    let (i, n) = text
        .split_once('/')
        .and_then(|(i, n)| Some((number(i)?, number(n)?)))
        .ok_or("it is written I/N, as in `1/4`")?;
    if i == 0 || i > n {
        return Err(format!("there is no part {i} of {n}: the first is 1, the last {n}"));
    }
    Ok((i, n))
}

fn output(text: &str) -> Result<(Format, String), String> {
    let (format, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or("it is written FORMAT=FILE, as in `sarif=report.sarif`")?;
    let known = Format::ALL.iter().map(|f| f.word());
    let parsed = format.parse::<Format>().map_err(|e| match nearest(format, known) {
        Some(meant) => format!("{e}; {meant}"),
        None => e.to_string(),
    })?;
    Ok((parsed, file.to_owned()))
}

fn format() -> impl TypedValueParser {
    PossibleValuesParser::new(Format::ALL.iter().map(|f| f.word())).try_map(|word| word.parse::<Format>())
}

/// The definition for a command line: `--help` fits a screen, `--help-all` shows what it leaves out.
#[must_use]
pub fn definition(arguments: &[OsString]) -> clap::Command {
    let command = Cli::command();
    if !arguments.iter().any(|a| a == "--help-all") {
        return command;
    }
    let shown = |command: clap::Command| command.mut_args(|arg| arg.hide_short_help(false));
    shown(command).mut_subcommands(shown)
}

/// Puts the command first, and `check` where there is none, so that options may stand anywhere.
#[must_use]
pub fn with_command(arguments: Vec<OsString>) -> Vec<OsString> {
    let cli = Cli::command();
    let takes_value = |word: &str| {
        cli.get_subcommands()
            .flat_map(clap::Command::get_arguments)
            .chain(cli.get_arguments())
            .filter(|a| a.get_action().takes_values() && !a.is_require_equals_set())
            .any(|a| match word.strip_prefix("--") {
                Some(long) => a.get_long() == Some(long),
                None => {
                    word.strip_prefix('-').is_some_and(|short| a.get_short().is_some_and(|s| short == s.to_string()))
                }
            })
    };
    let mut rest = arguments;
    let program = if rest.is_empty() { OsString::from("stamplint") } else { rest.remove(0) };
    let mut before_value = false;
    let mut at = None;
    for (i, word) in rest.iter().enumerate() {
        let text = word.to_str().unwrap_or_default();
        if std::mem::take(&mut before_value) {
            continue;
        }
        match text {
            "--" => break,
            "-h" | "--help" | "-V" | "--version" if at.is_none() => {
                let mut whole = vec![program];
                whole.extend(rest);
                return whole;
            }
            _ if text.starts_with('-') && text != "-" => before_value = takes_value(text),
            _ => {
                at = Some(i);
                break;
            }
        }
    }
    let named =
        at.filter(|i| rest.get(*i).is_some_and(|word| cli.get_subcommands().any(|c| word == OsStr::new(c.get_name()))));
    let command = match named {
        Some(at) => rest.remove(at),
        None => OsString::from("check"),
    };
    let mut whole = vec![program, command];
    whole.extend(rest);
    whole
}

/// What `rule` does.
#[derive(Clone, Debug, Subcommand)]
pub enum RuleAction {
    /// Write the document and the code of a new rule
    New {
        /// FAMILY/RULE, such as `cluster/local-accounts-enabled`
        name: String,
        /// In Rust, within stamplint's own source tree; in Rego without it
        #[arg(long)]
        native: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_may_stand_anywhere_or_nowhere() {
        let cases = [
            ("", "check"),
            ("a b", "check a b"),
            ("-q", "check -q"),
            ("-", "check -"),
            ("--format json a", "check --format json a"),
            ("--format json check a", "check --format json a"),
            ("--format check", "check --format check"),
            ("--help", "--help"),
            ("-q check --help", "check -q --help"),
            ("-- check", "check -- check"),
        ];
        for (given, expected) in cases {
            let words = std::iter::once("stamplint").chain(given.split_whitespace());
            let got: Vec<String> = with_command(words.map(OsString::from).collect())
                .into_iter()
                .skip(1)
                .map(|w| w.into_string().unwrap())
                .collect();
            assert_eq!(got.join(" "), expected, "{given}");
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
