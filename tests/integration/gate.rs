//! Living with findings: the baseline, what changed since a commit, shards put together again, outputs that fail.

use std::fs;
use std::process::Command;

use crate::support::{Ran, Tree};

const RULES: [&str; 4] = ["--format", "json", "--select", "mutable-image-tag,local-accounts-enabled"];

fn pod(name: &str, image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  containers:\n    - name: c\n      image: {image}\n"
    )
}

const FLEET: &str = "fleet: shop\nstamps:\n  - {name: east, region: eastus2}\n  - {name: west, region: westus3}\n\
                     eachStamp: {manifests: [shared.yaml, 'own/{name}.yaml']}\nrules: {mutable-image-tag: {effect: deny}}\n";

fn fleet() -> Tree {
    Tree::new(&[
        ("stamplint.yaml", FLEET),
        ("shared.yaml", &pod("web", "nginx")),
        ("own/east.yaml", &pod("tool-east", "busybox")),
        ("own/west.yaml", &pod("tool-west", "busybox")),
    ])
}

fn run(tree: &Tree, more: &[&str]) -> Ran {
    let mut arguments = RULES.to_vec();
    arguments.extend(more);
    tree.run(&arguments)
}

fn baseline(tree: &Tree) -> Ran {
    tree.run(&["--format", "json", "--baseline", "base.json", "--update-baseline"])
}

#[test]
fn only_what_is_new_fails() {
    let tree = fleet();
    let made = baseline(&tree);
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(made.err.starts_with("the baseline `base.json` holds "), "{}", made.err);
    let held = run(&tree, &["--baseline", "base.json"]);
    assert_eq!((held.code, held.findings().len()), (0, 0), "{}", held.out);
    assert_eq!(held.json()["summary"]["baseline"], 3);
    // Lines that move change nothing, nor does a stamp of another name.
    tree.write("shared.yaml", format!("# a line\n\n{}", pod("web", "nginx")));
    fs::rename(tree.path().join("own/east.yaml"), tree.path().join("own/ost.yaml")).unwrap();
    tree.write("own/ost.yaml", pod("tool-ost", "busybox"));
    tree.write("stamplint.yaml", FLEET.replace("name: east", "name: ost"));
    let held = run(&tree, &["--baseline", "base.json"]);
    assert_eq!((held.code, held.findings()), (0, Vec::new()));
    // A new stamp with the fault of its fellows is new.
    tree.write("stamplint.yaml", FLEET.replace("eachStamp", "  - {name: north}\neachStamp"));
    tree.write("own/east.yaml", pod("tool-east", "busybox"));
    tree.write("own/north.yaml", pod("tool-north", "busybox"));
    let new = run(&tree, &["--baseline", "base.json"]);
    assert_eq!(new.findings(), ["mutable-image-tag own/north.yaml:7 [north]"]);
    assert_eq!(new.code, 1);
    // What is fixed is said, and taken out on request.
    tree.write(
        "shared.yaml",
        pod("web", "nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
    );
    let fixed = run(&tree, &["--baseline", "base.json"]);
    let note = "1 finding of the baseline is fixed: `mutable-image-tag` in `shared.yaml`; `--update-baseline` takes out what is gone";
    assert_eq!(fixed.json()["summary"]["notes"][0], note);
    let updated = baseline(&tree);
    assert_eq!(updated.code, 0);
    assert!(updated.err.contains("taken out"), "{}", updated.err);
    let text = fs::read_to_string(tree.path().join("base.json")).unwrap();
    assert!(!text.contains("shared.yaml\",\"rule\":\"mutable-image-tag"), "{text}");
    assert_eq!(run(&tree, &["--baseline", "base.json"]).code, 0);
    // Again changes nothing.
    baseline(&tree);
    assert_eq!(fs::read_to_string(tree.path().join("base.json")).unwrap(), text);
}

#[test]
fn a_second_fault_like_a_held_one_is_new() {
    let two = format!("{}    - name: c\n      image: nginx\n", pod("web", "nginx"));
    let tree = Tree::new(&[("a.yaml", &pod("web", "nginx"))]);
    tree.run(&["--baseline", "base.json", "--update-baseline"]);
    tree.write("a.yaml", &two);
    let ran = run(&tree, &["--baseline", "base.json"]);
    assert_eq!(ran.findings().len(), 1, "{}", ran.out);
}

#[test]
fn sarif_says_what_is_new() {
    let tree = fleet();
    baseline(&tree);
    tree.write("own/east.yaml", format!("{}---\n{}", pod("tool-east", "busybox"), pod("more", "redis")));
    let log = tree.run(&["--format", "sarif", "--select", "mutable-image-tag", "--baseline", "base.json"]).json();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let states: Vec<_> = results.iter().filter_map(|r| r["baselineState"].as_str()).collect();
    assert_eq!(states, ["unchanged", "new", "unchanged", "unchanged"]);
    let without = tree.run(&["--format", "sarif", "--select", "mutable-image-tag"]).json();
    assert!(without["runs"][0]["results"][0].get("baselineState").is_none());
}

#[test]
fn a_file_that_is_no_baseline_stops_the_run() {
    for (text, said) in [
        (None, "the baseline `base.json` does not exist"),
        (Some(""), "`base.json` is no baseline of stamplint: it is empty"),
        (Some("{"), "`base.json` is no baseline of stamplint: it is no JSON at line 1"),
        (Some("[]"), "`base.json` is no baseline of stamplint"),
        (Some(r#"{"version": "2.1.0", "runs": []}"#), "`base.json` is no baseline of stamplint: it is a SARIF log"),
        (Some(r#"{"tool": "other", "findings": []}"#), "`base.json` is no baseline of stamplint: it is one of `other`"),
        (
            Some(r#"{"tool": "stamplint", "baseline": 0, "findings": []}"#),
            "the baseline `base.json` has the older form 0",
        ),
        (
            Some(r#"{"tool": "stamplint", "baseline": 9, "findings": []}"#),
            "the baseline `base.json` has the form 9, which a later stamplint wrote",
        ),
        (
            Some(r#"{"tool": "stamplint", "baseline": 1, "findings": [{"rule": 1}]}"#),
            "the baseline `base.json` is damaged",
        ),
    ] {
        let tree = fleet();
        if let Some(text) = text {
            tree.write("base.json", text);
        }
        let ran = tree.run(&["--baseline", "base.json"]);
        assert_eq!(ran.code, 2, "{said}");
        assert!(ran.err.starts_with(&format!("error: {said}")), "{said}\n{}", ran.err);
        // What another tool wrote is not written over; an older one of ours is.
        let replaced = tree.run(&["--baseline", "base.json", "--update-baseline"]);
        let may = text.is_none() || said.contains("older");
        assert_eq!(replaced.code, if may { 0 } else { 2 }, "{said}\n{}", replaced.err);
        let after = fs::read_to_string(tree.path().join("base.json")).unwrap();
        assert_eq!(after.contains("mutable-image-tag"), may, "{said}");
    }
    let tree = fleet();
    for arguments in [
        &["--update-baseline"][..],
        &["--baseline", "b.json", "--update-baseline", "--only", "shared.yaml"],
        &["--baseline", "b.json", "--update-baseline", "--select", "images"],
        &["--baseline", "b.json", "--update-baseline", "--stamp", "east"],
        &["--baseline", "no/such/b.json", "--update-baseline"],
        &["--baseline", "own", "--update-baseline"],
    ] {
        assert_eq!(tree.run(arguments).code, 2, "{arguments:?}");
    }
    assert!(!tree.path().join("b.json").exists());
}

fn git(tree: &Tree, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(tree.path()).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_changed_since_a_commit_is_reported() {
    let outside = fleet().run(&["--changed-since", "main"]);
    assert_eq!(outside.code, 2);
    assert!(outside.err.starts_with("error: `--changed-since` needs a git repository: `"), "{}", outside.err);
    let tree = fleet();
    tree.write("deleted.yaml", pod("gone", "nginx"));
    git(&tree, &["init", "-q"]);
    git(&tree, &["add", "."]);
    git(&tree, &["commit", "-qm", "one"]);
    let since = |commit: &str| run(&tree, &["--changed-since", commit]);
    let none = since("main");
    assert_eq!((none.code, none.findings().len()), (0, 0), "{}", none.err);
    assert_eq!(none.json()["summary"]["elsewhere"], 3);
    for bad in ["nowhere", "--output=x", "", "HEAD~7"] {
        let ran = run(&tree, &[&format!("--changed-since={bad}")]);
        assert_eq!(ran.code, 2, "{bad}");
        assert!(bad.is_empty() || ran.err.contains(&format!("`{bad}` names no commit")), "{}", ran.err);
    }
    // Changed, renamed, untracked, deleted; on a branch that main has left behind.
    git(&tree, &["checkout", "-qb", "topic"]);
    tree.write("own/east.yaml", format!("# moved\n{}", pod("tool-east", "busybox")));
    git(&tree, &["commit", "-qam", "two"]);
    assert_eq!(since("main").findings(), ["mutable-image-tag own/east.yaml:8 [east]"]);
    git(&tree, &["mv", "own/west.yaml", "own/west2.yaml"]);
    tree.write("stamplint.yaml", FLEET.replace("own/{name}.yaml", "own/{name}*.yaml"));
    fs::remove_file(tree.path().join("deleted.yaml")).unwrap();
    assert_eq!(
        since("main").findings(),
        ["mutable-image-tag own/east.yaml:8 [east]", "mutable-image-tag own/west2.yaml:7 [west]"]
    );
    tree.write("own/east-né w.yaml", pod("new", "redis"));
    assert_eq!(since("topic").findings().len(), 2);
    let inside = tree.run_in("own", &[&RULES[..], &["--changed-since", "HEAD"]].concat(), None);
    assert_eq!(inside.findings().len(), 2, "{}{}", inside.out, inside.err);
    tree.write(".gitignore", "own/east-*\n");
    assert_eq!(since("topic").findings().len(), 1);
    // Files that main changed meanwhile are not ours.
    git(&tree, &["add", "."]);
    git(&tree, &["commit", "-qm", "three"]);
    git(&tree, &["checkout", "-q", "main"]);
    tree.write("shared.yaml", format!("# moved\n{}", pod("web", "nginx")));
    git(&tree, &["commit", "-qam", "four"]);
    git(&tree, &["checkout", "-q", "topic"]);
    assert!(since("main").findings().iter().all(|f| !f.contains("shared.yaml")));
}

/// A fleet of many stamps, with faults of its own in every third one, and one that lies in a shared template.
fn many(stamps: usize) -> Tree {
    let mut config = String::from("fleet: shop\nstamps:\n");
    let tree = Tree::new(&[("shared.yaml", &pod("web", "nginx")), ("wéb %41.yaml", &pod("b", "quay.io/b:latest"))]);
    for i in 0..stamps {
        config
            .push_str(&format!("  - {{name: s{i:02}, region: {}}}\n", if i % 2 == 0 { "eastus2" } else { "westus3" }));
        let image = if i % 3 == 0 { "busybox" } else { "registry.example/busybox:1.2.3" };
        let allow = if i % 4 == 0 { " # stamplint: allow mutable-image-tag -- why" } else { "" };
        let text = pod(&format!("tool-s{i:02}"), &format!("{image}{allow}"));
        tree.write(&format!("own/s{i:02}.yaml"), text);
        tree.write(
            &format!("infra/main.s{i:02}.parameters.json"),
            format!("{{\"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#\", \"contentVersion\": \"1.0.0.0\", \"parameters\": {{\"name\": {{\"value\": \"aks-s{i:02}\"}}, \"off\": {{\"value\": {}}}}}}}\n", i % 5 != 0),
        );
    }
    tree.write(
        "infra/main.bicep",
        "param name string\nparam off bool\n\nresource aks 'Microsoft.ContainerService/managedClusters@2024-02-01' = {\n  name: name\n  location: resourceGroup().location\n  // stamplint: allow network-policy-disabled in s01, s02 -- why\n  properties: {\n    disableLocalAccounts: off\n    networkProfile: {networkPlugin: 'azure'}\n  }\n}\n",
    );
    config.push_str(
        "eachStamp:\n  manifests: [shared.yaml, 'wéb*.yaml', 'own/{name}.yaml']\n  deployments: [{id: aks, template: infra/main.bicep, parameters: 'infra/main.{name}.parameters.json'}]\n",
    );
    tree.write("stamplint.yaml", config);
    tree
}

fn merged_equals_whole(tree: &Tree, path: &str, of: usize) {
    for (format, more) in [
        ("json", &[][..]),
        ("json", &["--show-undetermined", "--show-suppressed", "--show-exempt"]),
        ("sarif", &["--show-undetermined", "--show-suppressed"]),
        ("sarif", &[]),
    ] {
        let run = |arguments: &[&str]| tree.run(&[&[path, "--format", format], more, arguments].concat());
        let whole = run(&[]);
        // Elsewhere: in the tree they would be counted among what was left alone.
        let reports = Tree::new(&[]);
        let mut files = Vec::new();
        let mut codes = Vec::new();
        for i in 1..=of {
            let shard = run(&["--shard", &format!("{i}/{of}")]);
            codes.push(shard.code);
            reports.write(&format!("{i}.{format}"), &shard.out);
            files.push(format!("{i}.{format}"));
        }
        assert_eq!(codes.iter().max(), Some(&whole.code));
        files.reverse();
        let mut arguments = vec!["merge"];
        arguments.extend(files.iter().map(String::as_str));
        let merged = reports.run(&arguments);
        assert_eq!(merged.code, 0, "{}", merged.err);
        if merged.out != whole.out {
            let differs = merged.out.lines().zip(whole.out.lines()).find(|(a, b)| a != b);
            panic!("{format} {more:?} of {of}: {differs:#?}");
        }
    }
}

#[test]
fn shards_put_together_are_the_whole() {
    let example = Tree::new(&[]);
    crate::support::copy(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/contoso"), example.path());
    merged_equals_whole(&example, ".", 2);
    merged_equals_whole(&many(12), ".", 5);
}

#[test]
fn what_is_not_all_parts_of_one_run_is_not_merged() {
    let tree = many(4);
    let other = fleet();
    let shard = |tree: &Tree, i: usize, of: usize, format: &str| {
        tree.run(&["--format", format, "--shard", &format!("{i}/{of}"), "--fail-on", "never"]).out
    };
    for (name, text) in [
        ("1.json", shard(&tree, 1, 2, "json")),
        ("2.json", shard(&tree, 2, 2, "json")),
        ("of3.json", shard(&tree, 3, 3, "json")),
        ("1.sarif", shard(&tree, 1, 2, "sarif")),
        ("whole.json", tree.run(&["--format", "json"]).out),
        ("other.json", shard(&other, 2, 2, "json")),
        ("failed.json", tree.run(&["nowhere", "--format", "json", "--shard", "2/2"]).out),
        ("failed.sarif", tree.run(&["nowhere", "--format", "sarif", "--shard", "2/2"]).out),
        ("text", "hello".to_owned()),
        (
            "foreign.sarif",
            r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": []}]}"#.to_owned(),
        ),
    ] {
        tree.write(&format!("out/{name}"), text);
    }
    for (files, said) in [
        (&["out/1.json"][..], "of 2 parts one is missing: 2"),
        (&["out/1.json", "out/1.json"], "are both part 1"),
        (&["out/1.json", "out/of3.json"], "they differ in the number of parts"),
        (&["out/1.json", "out/other.json"], "they differ in `stamps`"),
        (&["out/1.json", "out/2.json", "out/1.sarif"], "merge each form by itself"),
        (&["out/whole.json"], "it was written without `--shard`"),
        (&["out/1.json", "out/failed.json"], "could not be made: `nowhere` does not exist"),
        (&["out/1.sarif", "out/failed.sarif"], "could not be made: `nowhere` does not exist"),
        (&["out/text"], "it is no JSON"),
        (&["out/foreign.sarif"], "another tool wrote it"),
        (&["out/none"], "`out/none` does not exist"),
        (&["out/1.json", "out/2.json", "--output", "no/such"], "there is no such folder"),
    ] {
        let ran = tree.run(&[&["merge"], files].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{files:?}");
        assert!(ran.err.contains(said), "{files:?}: {}", ran.err);
    }
    for bad in ["0/2", "3/2", "1", "a/b", "1/0", "-1/2"] {
        assert_eq!(tree.run(&[&format!("--shard={bad}")]).code, 2, "{bad}");
    }
}

#[test]
fn nothing_is_half_written() {
    let tree = fleet();
    let failing: &[(&[&str], &str)] = &[
        (&["--output", "json=a.json", "--output", "sarif=a.json"], "error: two outputs go to `a.json`\n"),
        (
            &["--output", "json=a.json", "--output", "sarif=./a.json"],
            "error: two outputs go to one file: `a.json` and `./a.json`\n",
        ),
        (
            &["--output", "json=a.json", "--output", "sarif=no/b"],
            "error: `no/b` cannot be written: there is no such folder\n",
        ),
        (&["--output", "json=a.json", "--output", "sarif=own"], "error: `own` cannot be written: it is a folder\n"),
        (&["--output", "json=a.json", "--baseline", "a.json"], "error: two outputs go to `a.json`\n"),
    ];
    for (arguments, said) in failing {
        let ran = tree.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.starts_with(said), "{arguments:?}: {}", ran.err);
        assert!(!tree.path().join("a.json").exists(), "{arguments:?}");
    }
    if cfg!(target_os = "linux") {
        let ran = tree.run(&["--output", "json=a.json", "--output", "sarif=/dev/full"]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.starts_with("error: `/dev/full` cannot be written: the disk is full"), "{}", ran.err);
        assert!(!tree.path().join("a.json").exists());
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = Command::new(assert_cmd::cargo::cargo_bin!("stamplint"))
            .current_dir(tree.path())
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
    }
    assert_eq!(
        fs::read_dir(tree.path())
            .unwrap()
            .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().starts_with(".stamplint-"))
            .count(),
        0
    );
}
