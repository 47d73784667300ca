//! Starts git, to learn which files changed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::failure::Failure;
use crate::source::{ProgramError, ProgramOutput, ProgramRun, Programs};

/// Git in a working folder.
#[derive(Clone, Debug)]
pub struct Git {
    /// The working folder.
    pub working: PathBuf,
}

impl Programs for Git {
    fn helm(&self, _run: &ProgramRun<'_>) -> Result<ProgramOutput, ProgramError> {
        Err(ProgramError::NotAllowed("helm".to_owned()))
    }

    fn git(&self, arguments: &[&str]) -> Result<ProgramOutput, ProgramError> {
        let mut command = Command::new("git");
        // What a repository's own settings would start is not started, and nothing is written or fetched.
        command.args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "--no-pager"]).args(arguments);
        command.current_dir(&self.working).stdin(Stdio::null());
        for (name, value) in
            [("GIT_OPTIONAL_LOCKS", "0"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_NO_LAZY_FETCH", "1"), ("LC_ALL", "C")]
        {
            command.env(name, value);
        }
        let output = command.output().map_err(|error| ProgramError::NotStarted {
            program: "git".to_owned(),
            reason: match error.kind() {
                std::io::ErrorKind::NotFound => "it is not there".to_owned(),
                kind => kind.to_string(),
            },
        })?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(ProgramOutput {
            success: output.status.success(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        })
    }
}

/// The files that differ from where a commit and the current one parted, seen from the working folder: changed, added,
/// deleted, both names of what was renamed, and what git does not know yet but would.
///
/// # Errors
/// When there is no git, no repository, or no such commit.
pub fn changed_since(programs: &dyn Programs, working: &Path, commit: &str) -> Result<Vec<String>, Failure> {
    let git = |arguments: &[&str]| {
        programs.git(arguments).map_err(|error| Failure::new(format!("`--changed-since` needs git: {error}")))
    };
    let prefix = git(&["rev-parse", "--show-prefix"])?;
    if !prefix.success {
        let why = prefix.stderr.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned();
        let message = if why.contains("not a git repository") {
            format!("`--changed-since` needs a git repository: `{}` lies in none", working.display())
        } else {
            format!("`--changed-since` cannot ask git: {why}")
        };
        return Err(Failure::new(message));
    }
    // A name that begins with a dash is an option to git, whatever stands before it in some versions.
    let parsed = match commit.starts_with('-') || commit.is_empty() {
        true => None,
        false => Some(git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{commit}^{{commit}}")])?),
    };
    let Some(id) = parsed.filter(|p| p.success).and_then(|p| p.stdout.lines().next_back().map(str::to_owned)) else {
        let help = "in a shallow clone it may have to be fetched first".to_owned();
        return Err(Failure::new(format!("`{commit}` names no commit of this repository")).help(Some(help)));
    };
    // Without a common ancestor (a shallow clone) all that differs is what changed.
    let base = git(&["merge-base", &id, "HEAD"])?;
    let base = base.stdout.lines().next().filter(|_| base.success).unwrap_or(&id).to_owned();
    let diff = git(&[
        "diff",
        "--name-only",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        "--no-relative",
        "--ignore-submodules=none",
        "-z",
        &base,
        "--",
    ])?;
    let others = git(&["ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", ":/"])?;
    for output in [&diff, &others] {
        if !output.success {
            let why = output.stderr.lines().next().unwrap_or_default();
            return Err(Failure::new(format!("`--changed-since` cannot ask git: {why}")));
        }
    }
    let up = "../".repeat(prefix.stdout.trim().matches('/').count());
    let mut files: Vec<String> = diff
        .stdout
        .split('\0')
        .chain(others.stdout.split('\0'))
        .filter(|path| !path.is_empty())
        .map(|path| format!("{up}{path}"))
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}
