//! What lower layers may ask of the world. `app` implements these, nothing else does IO.

use std::sync::Arc;

use super::Source;

/// Reads files below the root of a run. Paths are relative to the root, with forward slashes, and never leave it.
/// Each file is read once; an editor's unsaved text lies over what is on disk.
pub trait Files: Sync {
    /// The text of a file.
    ///
    /// # Errors
    /// When it is not there, cannot be read, is no text, or is larger than the limit.
    fn load(&self, path: &str) -> Result<Arc<Source>, FileError>;

    /// The bytes of a file, for `loadFileAsBase64` and binary generators.
    ///
    /// # Errors
    /// As [`Files::load`], but for what is no text.
    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, FileError>;

    /// What stands in a folder, sorted by name.
    ///
    /// # Errors
    /// When there is no such folder or it cannot be read.
    fn list(&self, dir: &str) -> Result<Vec<Listed>, FileError>;

    /// Whether a path is a file, a folder, or not there.
    fn kind(&self, path: &str) -> Option<EntryKind>;
}

/// One entry of a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Name within the folder.
    pub name: String,
    /// File or folder.
    pub kind: EntryKind,
}

/// File or folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// Why a file could not be had.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FileError {
    /// Nothing has this path.
    #[error("`{0}` does not exist")]
    NotFound(String),
    /// It leads out of the root, by `..` or by a symbolic link.
    #[error("`{0}` lies outside the folder that is checked")]
    Outside(String),
    /// It is neither UTF-8 nor UTF-16.
    #[error("`{0}` is not text (neither UTF-8 nor UTF-16)")]
    NotText(String),
    /// It is larger than the limit.
    #[error("`{path}` is larger than the limit of {limit} MiB")]
    TooLarge {
        /// The file.
        path: String,
        /// The limit in MiB.
        limit: u64,
    },
    /// The system's own words.
    #[error("`{path}` cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
}

/// Starts the only programs that a run may need: helm for charts, git for what changed.
pub trait Programs: Sync {
    /// Runs helm in a private folder, with a time limit.
    ///
    /// # Errors
    /// When running it was not allowed, it is not there, or it ran out of time.
    fn helm(&self, run: &ProgramRun<'_>) -> Result<ProgramOutput, ProgramError>;

    /// Runs git in the working folder; only `--changed-since` asks for it.
    ///
    /// # Errors
    /// When it is not there, or nobody asked for it.
    fn git(&self, _arguments: &[&str]) -> Result<ProgramOutput, ProgramError> {
        Err(ProgramError::NotAllowed("git".to_owned()))
    }
}

/// One run of a program. It sees the files that are laid out for it and nothing else of the tree.
#[derive(Clone, Copy, Debug)]
pub struct ProgramRun<'r> {
    /// Files by path below the private folder, which is the working folder too.
    pub files: &'r [LaidFile],
    /// What it is told.
    pub arguments: &'r [String],
}

/// A file that a program may read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LaidFile {
    /// Its path below the private folder, with forward slashes.
    pub path: String,
    /// What is in it.
    pub bytes: Arc<[u8]>,
}

/// What a program left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProgramOutput {
    /// Whether it exited with 0.
    pub success: bool,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Why a program could not be run.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProgramError {
    /// Neither the config nor the command line allowed it.
    #[error("running `{0}` was not asked for")]
    NotAllowed(String),
    /// It could not be started.
    #[error("`{program}` cannot be started: {reason}")]
    NotStarted {
        /// The program.
        program: String,
        /// What the system said.
        reason: String,
    },
    /// It wrote more than can be taken in.
    #[error("`{program}` wrote more than {mebibytes} MiB")]
    TooMuch {
        /// The program.
        program: String,
        /// The limit in MiB.
        mebibytes: u64,
    },
    /// It was stopped at the limit.
    #[error("`{program}` did not finish within {seconds} s")]
    TimedOut {
        /// The program.
        program: String,
        /// The limit.
        seconds: u64,
    },
}
