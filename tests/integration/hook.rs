//! The hooks for pre-commit, run by pre-commit itself in a repository of its own. Without pre-commit on PATH that test
//! says that it was skipped, unless `STAMPLINT_ORACLES=required`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Ran, Tree};

const CONFIG: &str = "\
stamps:
  - {name: eastus2, region: eastus2}
  - {name: centralus, region: centralus}
eachStamp:
  deployments:
    - {id: cluster, template: infra/cluster.bicep, parameters: \"infra/{name}.json\"}
";

const TEMPLATE: &str = "\
param disableLocalAccounts bool = false
param tier string = 'Standard'
resource cluster 'Microsoft.ContainerService/managedClusters@2024-02-01' = {
  name: 'aks-shop'
  location: 'eastus2'
  sku: { name: 'Base', tier: tier }
  properties: { disableLocalAccounts: disableLocalAccounts }
}
";

fn parameters(body: &str) -> String {
    let schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#";
    format!("{{\n  \"$schema\": \"{schema}\",\n  \"contentVersion\": \"1.0.0.0\",\n  \"parameters\": {{{body}}}\n}}\n")
}

const GOOD: &str = "\"disableLocalAccounts\": {\"value\": true}";
const BAD: &str = "\"disableLocalAccounts\": {\"value\": false}";

fn fleet() -> Tree {
    let tree = Tree::new(&[("stamplint.yaml", CONFIG), ("infra/cluster.bicep", TEMPLATE)]);
    tree.write("infra/eastus2.json", parameters(GOOD));
    tree.write("infra/centralus.json", parameters(BAD));
    tree
}

const RULES: &str = "local-accounts-enabled,not-analysed";

#[test]
fn a_changed_file_brings_the_findings_that_it_decides() {
    let tree = fleet();
    let run = |files: &[&str]| {
        let mut arguments = vec!["--format", "json", "--hook", "--select", RULES];
        arguments.extend(files);
        tree.run(&arguments)
    };
    let ran = run(&["infra/centralus.json"]);
    assert_eq!(ran.findings(), ["local-accounts-enabled infra/centralus.json:4 [centralus]"]);
    assert_eq!(ran.code, 1);
    let ran = run(&["infra/eastus2.json", "README.md"]);
    assert_eq!((ran.code, ran.findings().len()), (0, 0), "{}", ran.out);
    // What is left out is decided too: the template's default holds then.
    tree.write("infra/eastus2.json", parameters("\"tier\": {\"value\": \"Standard\"}"));
    assert_eq!(run(&["infra/eastus2.json"]).findings(), ["local-accounts-enabled infra/cluster.bicep:1 [eastus2]"]);
    let ran = run(&["infra/centralus.json"]);
    assert_eq!(ran.findings(), ["local-accounts-enabled infra/centralus.json:4 [centralus]"]);
}

#[test]
fn a_deleted_file_brings_what_misses_it() {
    let tree = fleet();
    std::fs::remove_file(tree.path().join("infra/eastus2.json")).unwrap();
    let arguments = ["--format", "json", "--select", RULES, "--hook", "infra/eastus2.json"];
    assert_eq!(tree.run(&arguments).findings(), ["not-analysed stamplint.yaml:6 [eastus2]"]);
    let ran = tree.run(&["--format", "json", "--select", RULES, "--hook", "infra/gone.json"]);
    assert_eq!((ran.code, ran.findings().len()), (0, 0), "{}", ran.out);
}

#[test]
fn a_repository_without_a_fleet_passes() {
    let tree = Tree::new(&[(".pre-commit-config.yaml", "repos: []\n")]);
    let ran = tree.run(&["--hook", ".pre-commit-config.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.starts_with("nothing to check: "), "{}", ran.err);
    let ran = tree.run(&["--hook", ".pre-commit-config.yaml", "--format", "sarif"]);
    assert_eq!(ran.json()["runs"][0]["invocations"][0]["executionSuccessful"], true);
    // A config that cannot be read is no empty repository.
    tree.write("stamplint.yaml", "stamps: 1\n");
    assert_eq!(tree.run(&["--hook", ".pre-commit-config.yaml"]).code, 2);
}

/// Git and pre-commit with a home, a cache and a name of their own.
struct Repository {
    tree: Tree,
    home: tempfile::TempDir,
}

impl Repository {
    fn run(&self, folder: &Path, program: &str, arguments: &[&str]) -> Ran {
        let binary = assert_cmd::cargo::cargo_bin!("stamplint").parent().unwrap().to_owned();
        let old = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(std::iter::once(binary).chain(env::split_paths(&old))).unwrap();
        let home = self.home.path();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).env("PATH", path);
        command.env("HOME", home).env("PRE_COMMIT_HOME", home.join("cache")).env("XDG_CONFIG_HOME", home);
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("NO_COLOR", "1").env("PRE_COMMIT_COLOR", "never");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@example.com");
        }
        // A test may itself run in a hook of git.
        for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
            command.env_remove(name);
        }
        Ran::from(command.output().unwrap())
    }

    fn must(&self, folder: &Path, program: &str, arguments: &[&str]) -> Ran {
        let ran = self.run(folder, program, arguments);
        assert_eq!(ran.code, 0, "{program} {arguments:?}\n{}{}", ran.out, ran.err);
        ran
    }

    /// Stages everything and commits: the exit code, and what the hook printed.
    fn commit(&self) -> (i32, String) {
        self.must(self.tree.path(), "git", &["add", "-A"]);
        let ran = self.run(self.tree.path(), "git", &["commit", "-q", "-m", "change"]);
        (ran.code, format!("{}{}", ran.out, ran.err))
    }
}

#[test]
fn pre_commit_lets_pass_what_is_clean_and_stops_what_is_not() {
    if Command::new("pre-commit").arg("--version").output().is_err() {
        assert!(env::var_os("STAMPLINT_ORACLES").is_none(), "pre-commit is not on PATH");
        eprintln!("skipped: pre-commit is not on PATH");
        return;
    }
    let repository = Repository { tree: fleet(), home: tempfile::tempdir().unwrap() };
    let (tree, home) = (&repository.tree, repository.home.path());
    let hooks = home.join("hooks");
    std::fs::create_dir(&hooks).unwrap();
    let ours = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    std::fs::copy(ours, hooks.join(".pre-commit-hooks.yaml")).unwrap();
    repository.must(&hooks, "pre-commit", &["validate-manifest", ".pre-commit-hooks.yaml"]);
    repository.must(&hooks, "git", &["init", "-q"]);
    repository.must(&hooks, "git", &["add", "-A"]);
    repository.must(&hooks, "git", &["commit", "-q", "-m", "hooks"]);
    let revision = repository.must(&hooks, "git", &["rev-parse", "HEAD"]).out.trim().to_owned();

    repository.must(tree.path(), "git", &["init", "-q"]);
    repository.must(tree.path(), "git", &["add", "-A"]);
    repository.must(tree.path(), "git", &["commit", "-q", "-m", "a stamp that fails is there already"]);
    let config = format!(
        "repos:\n  - repo: {}\n    rev: {revision}\n    hooks:\n      - {{id: stamplint-system, args: [--select, \"{RULES}\"]}}\n",
        hooks.display()
    );
    tree.write(".pre-commit-config.yaml", config);
    repository.must(tree.path(), "pre-commit", &["install"]);

    let (code, said) = repository.commit();
    assert_eq!(code, 0, "the config of pre-commit itself is no file of ours: {said}");
    assert!(said.contains("Passed"), "{said}");
    tree.write("notes.txt", "nothing");
    let (code, said) = repository.commit();
    assert!(code == 0 && said.contains("no files to check"), "{said}");

    tree.write("infra/eastus2.json", parameters(BAD));
    let (code, said) = repository.commit();
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("error[local-accounts-enabled]") && said.contains("infra/eastus2.json:4:"), "{said}");
    assert!(!said.contains("infra/centralus.json:"), "what was there before is no business of this commit: {said}");
    tree.write("infra/eastus2.json", parameters(GOOD).replace("true", "true "));
    let (code, said) = repository.commit();
    assert_eq!(code, 0, "{said}");

    std::fs::remove_file(tree.path().join("infra/centralus.json")).unwrap();
    let (code, said) = repository.commit();
    assert!(code == 0 && said.contains("no files to check"), "pre-commit gives no deleted files: {said}");
    std::fs::remove_file(tree.path().join("infra/eastus2.json")).unwrap();
    tree.write("stamplint.yaml", format!("{CONFIG}# both regions are on their defaults\n"));
    let (code, said) = repository.commit();
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("`infra/eastus2.json` does not exist"), "{said}");
}
