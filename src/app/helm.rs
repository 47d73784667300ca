//! Starts helm, in a folder and a home of its own: none of the user's repositories, plugins and clusters.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::source::{ProgramError, ProgramOutput, ProgramRun, Programs, join};

/// What it may print.
const MOST_OUTPUT: u64 = 256 * 1024 * 1024;

/// How long it may take without a word in the config.
pub const SECONDS: u64 = 60;

/// Whether and how helm is run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HelmProgram {
    /// Its path, or its name on the search path.
    pub program: String,
    /// How many seconds it may take.
    pub seconds: u64,
    /// Whether the config or the command line allows it.
    pub allowed: bool,
}

impl Default for HelmProgram {
    fn default() -> Self {
        Self { program: "helm".to_owned(), seconds: SECONDS, allowed: false }
    }
}

impl Programs for HelmProgram {
    fn helm(&self, run: &ProgramRun<'_>) -> Result<ProgramOutput, ProgramError> {
        if !self.allowed {
            return Err(ProgramError::NotAllowed(self.program.clone()));
        }
        let not_started =
            |error: std::io::Error| ProgramError::NotStarted { program: self.program.clone(), reason: reason(&error) };
        let home = tempfile::Builder::new().prefix("stamplint-helm-").tempdir().map_err(not_started)?;
        for file in run.files {
            // A path that leaves the folder is none of ours.
            let Some(path) = join("", &file.path) else { continue };
            lay(&home.path().join("work").join(path), &file.bytes).map_err(not_started)?;
        }
        self.start(home.path(), run.arguments)
    }
}

fn lay(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(path, bytes)
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it is not there".to_owned(),
        kind => kind.to_string(),
    }
}

impl HelmProgram {
    fn start(&self, home: &Path, arguments: &[String]) -> Result<ProgramOutput, ProgramError> {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(home.join("work")).env_clear();
        // What a program needs to run at all; nothing that tells of the user's helm or clusters.
        for name in ["PATH", "SystemRoot", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        for (name, folder) in [
            ("HOME", "home"),
            ("USERPROFILE", "home"),
            ("APPDATA", "home"),
            ("XDG_CACHE_HOME", "home/cache"),
            ("XDG_CONFIG_HOME", "home/config"),
            ("XDG_DATA_HOME", "home/data"),
            ("HELM_CACHE_HOME", "home/helm/cache"),
            ("HELM_CONFIG_HOME", "home/helm/config"),
            ("HELM_DATA_HOME", "home/helm/data"),
            ("HELM_PLUGINS", "home/helm/plugins"),
            ("KUBECONFIG", "home/kubeconfig"),
        ] {
            command.env(name, home.join(folder));
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| ProgramError::NotStarted { program: self.program.clone(), reason: reason(&error) })?;
        let until = Instant::now() + Duration::from_secs(self.seconds);
        let stdout = drain(child.stdout.take());
        let stderr = drain(child.stderr.take());
        let left = || until.saturating_duration_since(Instant::now());
        let texts = stdout.recv_timeout(left()).ok().zip(stderr.recv_timeout(left()).ok());
        let status = texts.as_ref().and_then(|_| {
            loop {
                match child.try_wait() {
                    Ok(Some(status)) => break Some(status),
                    Ok(None) if left().is_zero() => break None,
                    Ok(None) => std::thread::sleep(Duration::from_millis(1)),
                    Err(_) => break None,
                }
            }
        });
        let Some(((out, err), status)) = texts.zip(status) else {
            // It may be gone already. What it left behind cannot hold us: nobody waits for its pipes.
            let _ = child.kill();
            let _ = child.wait();
            return Err(ProgramError::TimedOut { program: self.program.clone(), seconds: self.seconds });
        };
        let mebibytes = MOST_OUTPUT / (1024 * 1024);
        let too_much = || ProgramError::TooMuch { program: self.program.clone(), mebibytes };
        let stdout = out.ok_or_else(too_much)?;
        let stderr = err.ok_or_else(too_much)?;
        Ok(ProgramOutput { success: status.success(), stdout, stderr })
    }
}

/// Reads a pipe to its end on a thread of its own; nothing where there is too much in it.
fn drain(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Option<String>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // What came before an error is all there is.
            let _ = pipe.take(MOST_OUTPUT + 1).read_to_end(&mut bytes);
        }
        let fits = bytes.len() as u64 <= MOST_OUTPUT;
        // Nobody listens any more when the time was up.
        let _ = sender.send(fits.then(|| String::from_utf8_lossy(&bytes).into_owned()));
    });
    receiver
}
