//! The first hour: help, the config that `init` writes, and the mistakes that everybody makes once.

use std::process::Command;

use crate::support::{Ran, Tree};

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec:\n  containers:\n  - {name: a, image: nginx}\n";

/// What a run says on standard error, and that it ends with an exit code.
fn said(tree: &Tree, arguments: &[&str], code: i32) -> String {
    let ran = tree.run(arguments);
    assert_eq!(ran.code, code, "{arguments:?}\n{}{}", ran.out, ran.err);
    ran.err
}

#[test]
fn help_fits_a_screen_of_80_columns_and_24_lines() {
    for arguments in
        [&["--help"][..], &["-h"], &["check", "--help"], &["stamps", "-h"], &["init", "-h"], &["test", "-h"]]
    {
        let output =
            Command::new(assert_cmd::cargo::cargo_bin!("stamplint")).args(arguments).env("COLUMNS", "80").output();
        let ran = Ran::from(output.unwrap());
        assert!(ran.out.lines().count() < 24, "{arguments:?}: {} lines\n{}", ran.out.lines().count(), ran.out);
        assert!(ran.out.lines().all(|l| l.chars().count() <= 80), "{arguments:?}\n{}", ran.out);
    }
    let all = Tree::new(&[]).run(&["check", "--help-all"]).out;
    for option in ["--jobs", "--show-undetermined", "--hook", "--format"] {
        assert!(all.contains(option), "{option}: {all}");
    }
    let top = Tree::new(&[]).run(&["--help"]).out;
    for command in ["check", "init", "stamps", "explain", "completions", "man"] {
        assert!(top.lines().any(|l| l.trim_start().starts_with(command)), "{command}: {top}");
    }
}

#[test]
fn the_manual_page_and_completions_know_the_options() {
    let tree = Tree::new(&[]);
    let page = tree.run(&["man"]).out;
    assert!(page.starts_with(".TH STAMPLINT 1") && page.contains("\\-\\-fail\\-on"), "{page}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(tree.run(&["completions", shell]).out.contains("fail-on"), "{shell}");
    }
}

#[test]
fn init_says_what_it_found_how_the_gate_stands_and_how_to_begin() {
    let tree = Tree::copy("fleet");
    let ran = tree.run(&["init"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let lines: Vec<&str> = ran.err.lines().collect();
    assert!(lines[0].starts_with("wrote     ") && lines[0].ends_with("stamplint.yaml"), "{}", ran.err);
    for word in ["read      ", "inferred  stamps ", "found     ", "next      correct the config where it guesses"] {
        assert!(lines.iter().any(|l| l.starts_with(word)), "{word}: {}", ran.err);
    }
    assert!(ran.err.contains("--update-baseline"), "{}", ran.err);
    // What it proposes holds.
    let accept = ["check", "--baseline", "stamplint-baseline.json"];
    assert_eq!(tree.run(&[accept[0], accept[1], accept[2], "--update-baseline"]).code, 0);
    assert_eq!(tree.run(&accept).code, 0);
    // What it wrote gives the stamps that it read.
    let before = Tree::copy("fleet").run(&["stamps", "--matrix"]).out;
    assert_eq!(tree.run(&["stamps", "--matrix"]).out, before);
    let again = said(&tree, &["init"], 2);
    assert_eq!(
        again,
        "error: `stamplint.yaml` is there already\n  help: `--force` replaces it, `--print` shows what would be written\n"
    );
    let nothing = said(&Tree::new(&[]), &["init"], 2);
    assert!(nothing.starts_with("error: nothing to check: there are no files\n"), "{nothing}");
}

#[test]
fn the_wrong_folder() {
    let tree = Tree::new(&[("docs/a.md", ""), ("docs/b.md", ""), ("infra/pod.yaml", POD)]);
    assert_eq!(
        said(&tree, &["docs"], 2),
        "error: nothing to check: none of 2 files is a manifest, a template or a parameter file\n  \
         help: run it where the templates and manifests are, or name that folder: `stamplint PATH`\n"
    );
    assert_eq!(said(&tree, &["infr"], 2), "error: `infr` does not exist\n  help: did you mean `infra`?\n");
}

#[test]
fn a_config_that_is_not_where_it_is_looked_for() {
    let config = "stamps: [{name: eastus2}]\neachStamp: {manifests: [pod.yaml]}\n";
    let tree = Tree::new(&[("deploy/stamplint.yaml", config), ("deploy/pod.yaml", POD)]);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let hint = "`deploy/stamplint.yaml` is not used: a config is looked for in the folder that is checked and above it; \
                check `deploy`, or give `--config deploy/stamplint.yaml`";
    assert!(words(&said(&tree, &[], 1)).contains(hint), "{}", said(&tree, &[], 1));
    assert!(!said(&tree, &["deploy"], 1).contains("is not used"));
    assert!(!said(&tree, &["--config", "deploy/stamplint.yaml"], 1).contains("is not used"));
    let tree = Tree::new(&[(".stamplint.yaml", config), ("pod.yaml", POD)]);
    let text = words(&said(&tree, &[], 1));
    assert!(text.contains("`.stamplint.yaml` is not used: the config is called `stamplint.yaml`"), "{text}");
    assert_eq!(
        said(&tree, &["--config", "stamplint.yaml"], 2),
        "error: `stamplint.yaml` does not exist\n  help: did you mean `.stamplint.yaml`?\n"
    );
}

#[test]
fn a_misspelt_word() {
    let tree = Tree::new(&[("pod.yaml", POD)]);
    let cases: &[(&[&str], &str)] = &[
        (&["--selct", "images"], "a similar argument exists: '--select'"),
        (&["--select", "image"], "did you mean `images`?"),
        (&["--select", "mutable-tag"], "no rule or family is called `mutable-tag`"),
        (&["explain", "local-account"], "did you mean `local-accounts-enabled`?"),
        (&["--stamp", "defualt"], "did you mean `default`?"),
        (&["inti"], "did you mean `init`, a command?"),
        (&["--format", "jsn"], "a similar value exists: 'json'"),
        (&["--output", "sarf=a.sarif"], "did you mean `sarif`?"),
        (&["--output", "a.sarif"], "it is written FORMAT=FILE, as in `sarif=report.sarif`"),
        (&["--fail-on", "audt"], "a similar value exists: 'audit'"),
        (&["completions", "bsh"], "a similar value exists: 'bash'"),
    ];
    for (arguments, wanted) in cases {
        let text = said(&tree, arguments, 2);
        assert!(text.starts_with("error: ") && text.contains(wanted), "{arguments:?}: {text}");
        assert!(text.lines().count() <= 8, "{arguments:?}: {text}");
    }
}

#[cfg(unix)]
#[test]
fn a_home_folder_is_not_walked_by_accident() {
    let tree = Tree::new(&[("pod.yaml", POD)]);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("stamplint"));
        Ran::from(command.args(arguments).current_dir(tree.path()).env("HOME", tree.path()).output().unwrap())
    };
    for arguments in [&[][..], &["stamps"], &["init"]] {
        let ran = run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(ran.err.contains(" is a home folder or a whole disk, and no repository\n  help: "), "{}", ran.err);
    }
    assert_eq!(run(&["--select", "images", "."]).code, 0);
}

#[test]
fn no_stamps() {
    let tree = Tree::new(&[("pod.yaml", POD)]);
    let text = said(&tree, &["--select", "images"], 0);
    assert!(text.contains("nothing tells stamps apart: all of it counts as one, `default`"), "{text}");
    assert!(!said(&tree, &["--select", "images", "pod.yaml"], 0).contains("tells stamps apart"));
}

const TEMPLATE: &str = "\
param disableLocalAccounts bool
resource cluster 'Microsoft.ContainerService/managedClusters@2024-02-01' = {
  name: 'aks-shop'
  location: 'eastus2'
  properties: { disableLocalAccounts: disableLocalAccounts }
}
";

#[test]
fn a_template_without_its_parameters_or_the_other_way_round() {
    let tree = Tree::new(&[
        ("main.bicep", TEMPLATE),
        ("main.eastus2.bicepparam", "using 'main.bicep'\nparam disableLocalAccounts = false\n"),
    ]);
    let select = ["--select", "local-accounts-enabled"];
    let text = said(&tree, &["main.bicep", select[0], select[1]], 0);
    assert!(text.contains("a template without its parameter files says little"), "{text}");
    let ran = tree.run(&["main.eastus2.bicepparam", select[0], select[1], "--format", "json"]);
    assert_eq!(ran.findings(), ["local-accounts-enabled main.eastus2.bicepparam:2 [default]"], "{}", ran.err);
    let both = ["main.bicep", "main.eastus2.bicepparam", select[0], select[1]];
    assert!(!said(&tree, &both, 1).contains("says little"));
}

#[test]
fn nothing_on_standard_input() {
    for empty in ["", "\n \n"] {
        let ran = Tree::new(&[]).run_with_input(&["-"], empty.as_bytes());
        assert_eq!(ran.code, 2);
        assert_eq!(
            ran.err,
            "error: standard input is empty\n  help: pipe manifests into it, as in `kustomize build overlays/eastus2 | stamplint -`\n"
        );
    }
}

#[cfg(unix)]
#[test]
fn no_helm() {
    let config = "stamps: [{name: eastus2}]\neachStamp: {helm: [{chart: chart}]}\n";
    let tree = Tree::new(&[
        ("stamplint.yaml", config),
        ("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n"),
        ("chart/templates/pod.yaml", POD),
    ]);
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("stamplint"));
    let ran = Ran::from(
        command.arg("--helm").current_dir(tree.path()).env("PATH", "").env("NO_COLOR", "1").output().unwrap(),
    );
    assert_eq!(ran.code, 1, "what was not rendered was not checked: {}", ran.err);
    assert!(ran.out.contains("error[not-analysed]") && ran.out.contains("helm"), "{}", ran.out);
}
