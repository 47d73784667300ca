//! Small trees of files, and the binary run over them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of files that goes away with the test.
pub struct Tree {
    dir: tempfile::TempDir,
}

impl Tree {
    /// Paths and their text.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self { dir: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    /// A copy of a folder of `testdata`.
    pub fn copy(name: &str) -> Self {
        let tree = Self::new(&[]);
        let from = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
        copy(&from, tree.path());
        tree
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs the binary in the folder.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_in("", arguments, None)
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Ran {
        self.run_in("", arguments, Some(input))
    }

    pub fn run_in(&self, dir: &str, arguments: &[&str], input: Option<&[u8]>) -> Ran {
        use std::io::Write as _;
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("stamplint"));
        command.args(arguments).current_dir(self.path().join(dir)).env("NO_COLOR", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // The program may be done before it has read all.
        let _ = stdin.write_all(input.unwrap_or_default());
        drop(stdin);
        Ran::from(child.wait_with_output().unwrap())
    }
}

/// Copies a folder and what lies below it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// What a run left.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}{}", self.out, self.err))
    }

    /// The findings of a JSON report, as `rule file:line [stamps]`.
    pub fn findings(&self) -> Vec<String> {
        let report = self.json();
        let findings = report["findings"].as_array().unwrap().clone();
        findings
            .iter()
            .map(|f| {
                let place = &f["places"][0];
                let stamps: Vec<&str> = f["stamps"].as_array().unwrap().iter().filter_map(|s| s.as_str()).collect();
                format!(
                    "{} {}:{} [{}]",
                    f["rule"].as_str().unwrap(),
                    place["file"].as_str().unwrap_or("-"),
                    place["start"]["line"],
                    stamps.join(",")
                )
            })
            .collect()
    }
}
