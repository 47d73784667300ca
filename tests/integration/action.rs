//! The action for GitHub, its steps run as a runner runs them: scripts in files, inputs in the environment, outputs and
//! the summary in files. And the workflows, held against actionlint and zizmor; without these on PATH that test says that
//! it was skipped, unless `STAMPLINT_ORACLES=required`.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use stamplint::read::yaml;
use stamplint::source::Sources;
use stamplint::tree::Value;

use crate::support::Tree;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn action() -> Value {
    let text = fs::read_to_string(root().join("action.yml")).unwrap();
    let stream = yaml::parse(&Sources::new().add("action.yml", text));
    assert!(stream.problems.is_empty(), "{:?}", stream.problems);
    stream.documents[0].root.clone()
}

fn steps(action: &Value) -> &[Value] {
    action.get("runs").and_then(|runs| runs.get("steps")).map(Value::items).unwrap_or_default()
}

fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    path.iter().try_fold(value, |v, key| v.get(key)).and_then(Value::as_str).unwrap_or_default()
}

type Outputs = BTreeMap<String, BTreeMap<String, String>>;

/// A job with one step, which uses the action.
struct Job {
    workspace: Tree,
    temp: tempfile::TempDir,
    /// A folder in front of PATH.
    programs: tempfile::TempDir,
    inputs: BTreeMap<String, String>,
    /// Where the runner put the action.
    action_path: PathBuf,
}

/// What the job left.
#[derive(Debug)]
struct Ended {
    code: i32,
    log: String,
    outputs: BTreeMap<String, String>,
    summary: String,
    uploaded: Option<String>,
}

impl Job {
    fn new(workspace: Tree, inputs: &[(&str, &str)]) -> Self {
        let programs = tempfile::tempdir().unwrap();
        symlink(assert_cmd::cargo::cargo_bin!("stamplint"), programs.path().join("stamplint")).unwrap();
        let inputs = inputs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self { workspace, temp: tempfile::tempdir().unwrap(), programs, inputs, action_path: root().to_owned() }
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.programs.path().join(name);
        fs::write(&path, format!("#!/usr/bin/env bash\n{script}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The value of `${{ … }}`: the few contexts that the action reads.
    fn expression(&self, action: &Value, text_: &str, done: &Outputs) -> String {
        let Some(inner) = text_.strip_prefix("${{ ").and_then(|t| t.strip_suffix(" }}")) else {
            assert!(!text_.contains("${{"), "an expression within a text: {text_}");
            return text_.to_owned();
        };
        match inner.split('.').collect::<Vec<_>>().as_slice() {
            ["inputs", name] => {
                let declared = action.get("inputs").and_then(|i| i.get(name)).unwrap_or_else(|| panic!("{name}"));
                self.inputs.get(*name).cloned().unwrap_or_else(|| text(declared, &["default"]).to_owned())
            }
            ["steps", id, "outputs", name] => {
                done.get(*id).and_then(|outputs| outputs.get(*name)).cloned().unwrap_or_default()
            }
            ["github", "action_path"] => self.action_path.display().to_string(),
            ["github", "action_repository"] => "stamplint/stamplint".to_owned(),
            other => panic!("{other:?}"),
        }
    }

    fn run(&self) -> Ended {
        let action = action();
        let mut done = Outputs::new();
        let summary = self.temp.path().join("summary");
        fs::write(&summary, "").unwrap();
        let mut ended =
            Ended { code: 0, log: String::new(), outputs: BTreeMap::new(), summary: String::new(), uploaded: None };
        for step in steps(&action) {
            if step.get("uses").is_some() {
                assert_eq!(text(step, &["if"]), "inputs.upload-sarif == 'true' && steps.check.outputs.sarif != ''");
                let sarif = self.expression(&action, text(step, &["with", "sarif_file"]), &done);
                let wanted = self.expression(&action, "${{ inputs.upload-sarif }}", &done) == "true";
                ended.uploaded = (wanted && !sarif.is_empty()).then_some(sarif);
                continue;
            }
            let (code, log, outputs) = self.step(&action, step, &done, &summary);
            done.insert(text(step, &["id"]).to_owned(), outputs);
            ended.log.push_str(&log);
            ended.code = code;
            if code != 0 {
                break;
            }
        }
        for entry in action.get("outputs").unwrap().entries() {
            let value = self.expression(&action, text(&entry.value, &["value"]), &done);
            ended.outputs.insert(entry.key.as_str().to_owned(), value);
        }
        ended.summary = fs::read_to_string(summary).unwrap();
        ended
    }

    fn step(
        &self,
        action: &Value,
        step: &Value,
        done: &Outputs,
        summary: &Path,
    ) -> (i32, String, BTreeMap<String, String>) {
        let (script, output) = (self.temp.path().join("step.sh"), self.temp.path().join("output"));
        fs::write(&script, text(step, &["run"])).unwrap();
        fs::write(&output, "").unwrap();
        let folder = self.expression(action, text(step, &["working-directory"]), done);
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(&script);
        command.current_dir(self.workspace.path().join(folder)).stdin(Stdio::null());
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", self.programs.path().display()));
        command.env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", summary);
        command.env("RUNNER_TEMP", self.temp.path()).env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64");
        command.env("GITHUB_SERVER_URL", "https://github.example").env_remove("GITHUB_SHA");
        for entry in step.get("env").map_or(&[][..], Value::entries) {
            command.env(entry.key.as_str(), self.expression(action, entry.value.as_str().unwrap(), done));
        }
        let ran = command.output().unwrap();
        let log = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        let outputs = fs::read_to_string(&output).unwrap();
        let outputs = outputs.lines().filter_map(|l| l.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned()));
        (ran.status.code().unwrap_or(-1), log, outputs.collect())
    }
}

fn contoso(folder: &str) -> Tree {
    let tree = Tree::new(&[]);
    crate::support::copy(&root().join("examples/contoso"), &tree.path().join(folder));
    tree
}

#[test]
fn a_run_leaves_annotations_a_summary_outputs_and_a_failed_step() {
    let job = Job::new(contoso("deploy"), &[("version", "installed"), ("paths", "deploy\n"), ("upload-sarif", "true")]);
    let ended = job.run();
    assert_eq!(ended.code, 1, "{}", ended.log);
    let output = |name: &str| ended.outputs[name].as_str();
    assert_eq!((output("findings"), output("denied"), output("audited"), output("failing")), ("7", "7", "0", "7"));
    assert_eq!((output("exit-code"), output("undetermined")), ("1", "1"));
    assert_eq!(ended.log.lines().filter(|l| l.starts_with("::error file=deploy/")).count(), 7, "{}", ended.log);
    let header = "| stamp | cluster | fleet | images | network-policy | zones |";
    assert!(ended.summary.contains(header), "{}", ended.summary);
    assert_eq!(ended.uploaded.as_deref(), Some(output("sarif")));
    let sarif: serde_json::Value = serde_json::from_str(&fs::read_to_string(output("sarif")).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 7);
    assert!(Path::new(output("json")).is_file());
}

#[test]
fn inputs_choose_what_is_checked_and_what_fails() {
    let run = |inputs: &[(&str, &str)]| {
        let mut all = vec![("version", "installed")];
        all.extend(inputs);
        Job::new(contoso("a folder"), &all).run()
    };
    let ended = run(&[("working-directory", "a folder"), ("fail-on", "never")]);
    assert_eq!((ended.code, ended.outputs["failing"].as_str(), ended.outputs["denied"].as_str()), (0, "0", "7"));
    assert_eq!(ended.uploaded, None);
    let ended = run(&[("paths", "a folder"), ("format", "terminal"), ("config", "a folder/stamplint.yaml")]);
    assert_eq!(ended.code, 1, "{}", ended.log);
    // What a report quotes is no workflow command.
    let stop = ended.log.lines().next().and_then(|l| l.strip_prefix("::stop-commands::")).unwrap();
    assert!(stop.len() > 30 && ended.log.ends_with(&format!("::{stop}::\n")), "{}", ended.log);
    assert!(ended.log.contains("[local-accounts-enabled]") && ended.log.contains("\nfound "), "{}", ended.log);
    let ended = run(&[("config", "missing.yaml")]);
    assert_eq!((ended.code, ended.outputs["exit-code"].as_str()), (2, "2"));
    assert!(ended.log.contains("::error title=stamplint::`missing.yaml` does not exist"), "{}", ended.log);
    assert!(ended.summary.contains("`missing.yaml` does not exist"), "{}", ended.summary);
    assert_eq!(run(&[("summary", "false")]).summary, "");
    let job = Job::new(contoso("a"), &[("version", "installed"), ("paths", "a"), ("baseline", "baseline.json")]);
    let accepted = job.workspace.run(&["check", "--baseline", "baseline.json", "--update-baseline", "a"]);
    assert_eq!(accepted.code, 0, "{}", accepted.err);
    let ended = job.run();
    assert_eq!((ended.code, ended.outputs["failing"].as_str()), (0, "0"), "{}", ended.log);
}

const HOSTILE: &[&str] = &[
    "; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "\" && touch pwned && \"",
    "' ; touch pwned ; '",
    "x\ntouch pwned",
    "--output=json=pwned",
    "-q --output json=pwned",
    "github --output=json=pwned",
    "${IFS}touch${IFS}pwned",
    "a[$(touch pwned)]",
    "*",
];

#[test]
fn no_input_is_a_command_or_an_option() {
    for input in ["paths", "config", "version", "fail-on", "format", "baseline", "summary", "category"] {
        for value in HOSTILE {
            let mut inputs = vec![("version", "installed"), ("paths", "deploy"), ("fail-on", "never")];
            inputs.push((input, value));
            let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n";
            let job = Job::new(Tree::new(&[("deploy/map.yaml", map)]), &inputs);
            let ended = job.run();
            for folder in [job.workspace.path(), &job.workspace.path().join("deploy"), job.temp.path(), root()] {
                assert!(!folder.join("pwned").exists(), "{input}: {value}");
            }
            let harmless = ["summary", "category"].contains(&input);
            assert_eq!(ended.code, if harmless { 0 } else { 2 }, "{input}: {value}\n{}", ended.log);
        }
    }
}

/// A release of this binary under a name of Linux, with its checksums.
fn release(folder: &Path) {
    let script = "set -eu\nmkdir content\nprintf '#!/bin/sh\\nexec \"%s\" \"$@\"\\n' \"$1\" >content/stamplint\n\
                  chmod +x content/stamplint\n(cd content && tar -czf ../stamplint-x86_64-unknown-linux-musl.tar.gz -- *)\n\
                  if command -v sha256sum >/dev/null; then sha256sum -- *.gz; else shasum -a 256 -- *.gz; fi >SHA256SUMS\n";
    let binary = assert_cmd::cargo::cargo_bin!("stamplint");
    let packed = Command::new("bash").args(["-c", script, "-"]).arg(binary).current_dir(folder).status().unwrap();
    assert!(packed.success());
}

#[test]
fn a_release_is_downloaded_and_held_against_its_checksum() {
    let folder = tempfile::tempdir().unwrap();
    release(folder.path());
    let curl = format!(
        "while [ $# -gt 0 ]; do case $1 in --output) out=$2; shift 2 ;; *) url=$1; shift ;; esac; done\n\
         echo \"$url\" >>\"{0}/asked\"\ncp \"{0}/${{url##*/}}\" \"$out\"\n",
        folder.path().display()
    );
    let run = |inputs: &[(&str, &str)], action_path: PathBuf| {
        let job = Job { action_path, ..Job::new(contoso("deploy"), inputs) };
        job.program("curl", &curl);
        let _ = fs::remove_file(folder.path().join("asked"));
        let ended = job.run();
        let asked = fs::read_to_string(folder.path().join("asked")).unwrap_or_default();
        (ended, asked.lines().map(str::to_owned).collect::<Vec<_>>())
    };
    let archive = "stamplint-x86_64-unknown-linux-musl.tar.gz";
    // The release is the action's own without the input: the version of its manifest, in the repository that it lies in.
    let installed = tempfile::tempdir().unwrap();
    let action_path = installed.path().join("_actions/octo/lint/0123abc");
    fs::create_dir_all(&action_path).unwrap();
    fs::write(action_path.join("Cargo.toml"), "[package]\nname = \"stamplint\"\nversion = \"1.2.3\"\n").unwrap();
    let (ended, asked) = run(&[("fail-on", "never"), ("paths", "deploy")], action_path);
    assert_eq!(ended.code, 0, "{}", ended.log);
    assert_eq!(asked[0], format!("https://github.example/octo/lint/releases/download/v1.2.3/{archive}"));
    assert_eq!(ended.outputs["denied"], "7");
    let (ended, asked) = run(&[("version", "latest"), ("fail-on", "never")], root().to_owned());
    assert_eq!(ended.code, 0, "{}", ended.log);
    assert_eq!(asked[0], format!("https://github.example/stamplint/stamplint/releases/latest/download/{archive}"));
    for version in ["1.2", "../../x", "v1.2.3/..", "main", "1.2.3 "] {
        let (ended, asked) = run(&[("version", version)], root().to_owned());
        assert_eq!((ended.code, asked.len()), (2, 0), "{version}");
        assert!(ended.log.starts_with("::error title=stamplint::the input version is no version"), "{}", ended.log);
    }
    fs::write(folder.path().join(archive), "something else").unwrap();
    let (ended, _) = run(&[("version", "v0.1.0")], root().to_owned());
    assert_eq!(ended.code, 2);
    assert!(ended.log.contains(&format!("{archive} is not what SHA256SUMS says")), "{}", ended.log);
}

fn workflows() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(root().join(".github/workflows")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn scripts_hold_no_expression_and_actions_are_pinned() {
    let action = action();
    for step in steps(&action) {
        assert!(!text(step, &["run"]).contains("${{"), "{}", text(step, &["run"]));
    }
    for file in workflows().into_iter().chain([root().join("action.yml")]) {
        for line in fs::read_to_string(&file).unwrap().lines() {
            let Some((_, used)) = line.split_once("uses: ") else { continue };
            let Some((_, revision)) = used.split_once('@') else {
                assert!(used.starts_with("./"), "{line}");
                continue;
            };
            let (sha, comment) = revision.split_once(" # v").unwrap_or_else(|| panic!("{line}"));
            assert!(sha.len() == 40 && sha.chars().all(|c| c.is_ascii_hexdigit()) && !comment.is_empty(), "{line}");
        }
    }
}

#[test]
fn actionlint_and_zizmor_find_nothing() {
    for program in ["actionlint", "zizmor"] {
        if Command::new(program).arg("--version").output().is_err() {
            assert!(std::env::var_os("STAMPLINT_ORACLES").is_none(), "{program} is not on PATH");
            eprintln!("skipped: {program} is not on PATH");
            continue;
        }
        let mut command = Command::new(program);
        command.current_dir(root()).args(workflows());
        if program == "zizmor" {
            command.args(["--offline", "--persona", "pedantic", "action.yml"]);
        }
        let ran = command.output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{program}: {said}");
    }
}
