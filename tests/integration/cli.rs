//! The command line: exit codes, where output goes, what narrows a report.

use std::fs;

use crate::support::Tree;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec:
  containers:
  - {name: a, image: nginx}
";
const BAD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: [a\n";

#[test]
fn exit_codes_say_whether_the_gate_holds() {
    let tree = Tree::new(&[("pod.yaml", POD), ("bad/bad.yaml", BAD), ("none/README.md", "")]);
    fs::create_dir(tree.path().join("empty")).unwrap();
    let cases: &[(&[&str], i32)] = &[
        (&["pod.yaml", "--select", "mutable-image-tag"], 0),
        (&["pod.yaml", "--select", "images", "--fail-on", "audit"], 1),
        (&["bad"], 1),
        (&["bad", "--fail-on", "never"], 0),
        (&["bad", "--ignore", "not-analysed"], 0),
        (&["check", "bad"], 1),
        (&["missing.yaml"], 2),
        (&["empty"], 2),
        (&["none"], 2),
        (&["--no-such-flag"], 2),
        (&["--format", "xml"], 2),
        (&["--output", "json"], 2),
        (&["--select", "no-such-rule"], 2),
        (&["--stamp", "nowhere", "pod.yaml"], 2),
        (&["--config", "missing.yaml"], 2),
        (&["explain", "no-such-rule"], 2),
        (&["--today", "soon"], 2),
        (&["--help"], 0),
        (&["--version"], 0),
        (&["rules"], 0),
        (&["explain", "mutable-image-tag"], 0),
        (&["schema"], 0),
        (&["completions", "bash"], 0),
    ];
    for (arguments, code) in cases {
        let ran = tree.run(arguments);
        assert_eq!(ran.code, *code, "{arguments:?}\n{}{}", ran.out, ran.err);
        assert!(ran.code != 2 || ran.out.is_empty(), "{arguments:?}: {}", ran.out);
    }
}

#[test]
fn failures_are_said_plainly_with_a_suggestion() {
    let tree = Tree::new(&[("pod.yaml", POD), ("none/README.md", "")]);
    let cases: &[(&[&str], &str)] = &[
        (&["missing.yaml"], "error: `missing.yaml` does not exist\n"),
        (
            &["none"],
            "error: nothing to check: the file there is no manifest, no template and no parameter file\n  \
             help: run it where the templates and manifests are, or name that folder: `stamplint PATH`\n",
        ),
        (
            &["--select", "mutable-image-tags"],
            "error: no rule or family is called `mutable-image-tags`\n  help: did you mean `mutable-image-tag`?\n",
        ),
        (&["--stamp", "defaul", "."], "error: no stamp is called `defaul`\n  help: did you mean `default`?\n"),
    ];
    for (arguments, said) in cases {
        assert_eq!(tree.run(arguments).err, *said, "{arguments:?}");
    }
}

#[test]
fn a_run_that_could_not_be_made_is_in_the_report_for_machines() {
    let tree = Tree::new(&[]);
    let ran = tree.run(&["missing", "--format", "sarif", "--output", "json=report.json"]);
    assert_eq!(ran.code, 2);
    let notification = &ran.json()["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notification["message"]["text"], "`missing` does not exist", "{}", ran.out);
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(tree.path().join("report.json")).unwrap()).unwrap();
    assert_eq!(report["summary"]["errors"][0], "`missing` does not exist");
}

#[test]
fn reports_go_to_standard_output_and_files_the_summary_to_standard_error() {
    let tree = Tree::new(&[("pod.yaml", POD)]);
    let ran = tree.run(&["--format", "json", "--output", "sarif=a.sarif", "--output", "terminal=a.txt"]);
    assert!(ran.json()["findings"].as_array().is_some_and(|f| !f.is_empty()));
    assert!(ran.err.contains("1 manifest file"), "{}", ran.err);
    let read = |name: &str| fs::read_to_string(tree.path().join(name)).unwrap();
    assert!(read("a.sarif").contains("\"2.1.0\""));
    assert!(read("a.txt").contains("[mutable-image-tag]"));
    assert_eq!(tree.run(&["-q"]).err, "");
    let ran = tree.run(&["--output", "json=no/such/folder.json"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (2, "error: `no/such/folder.json` cannot be written: there is no such folder\n")
    );
}

#[test]
fn standard_input_is_read_as_it_is() {
    let tree = Tree::new(&[("other.yaml", POD)]);
    let list = format!(
        "kind: List\napiVersion: v1\nitems:\n- {{apiVersion: v1, kind: Pod, metadata: {{name: b}}, spec: {{containers: [{{name: b, image: x}}]}}}}\n---\n{POD}"
    );
    let ran = tree.run_with_input(&["-", "--format", "json", "--select", "mutable-image-tag"], list.as_bytes());
    assert_eq!(ran.findings(), ["mutable-image-tag <stdin>:4 [default]", "mutable-image-tag <stdin>:11 [default]"]);
    let ran = tree.run_with_input(&["-"], b"\xff\xff\xff");
    assert_eq!((ran.code, ran.err.as_str()), (2, "error: `<stdin>` is not text (neither UTF-8 nor UTF-16)\n"));
}

#[test]
fn only_narrows_the_report_and_not_what_is_read() {
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: {podSelector: {}}\n";
    let tree =
        Tree::new(&[("pod.yaml", POD), ("b/pod.yaml", &POD.replace("name: a,", "name: b,")), ("policy.yaml", policy)]);
    let run = |arguments: &[&str]| {
        let mut all = vec!["--format", "json", "--select", "mutable-image-tag,pod-without-network-policy"];
        all.extend(arguments);
        tree.run(&all)
    };
    assert_eq!(run(&[]).findings().len(), 2);
    assert_eq!(run(&["--only", "b/pod.yaml"]).findings(), ["mutable-image-tag b/pod.yaml:6 [default]"]);
    assert_eq!(run(&["--only", "b"]).findings().len(), 1);
    let none = run(&["--only", "policy.yaml", "deleted.yaml"]);
    assert_eq!((none.code, none.findings().len()), (0, 0));
    let inside = tree.run_in("b", &["..", "--format", "json", "--select", "images", "--only", "pod.yaml"], None);
    assert_eq!(inside.findings(), ["mutable-image-tag b/pod.yaml:6 [default]"]);
}

#[test]
fn a_stamp_narrows_the_report() {
    let tree = Tree::copy("fleet");
    let run = |stamp: &str| {
        tree.run(&["--format", "json", "--stamp", stamp, "--select", "mutable-image-tag,local-accounts-enabled"])
            .findings()
    };
    let web = "mutable-image-tag workload/web.yaml:14 [centralus,eastus2]";
    assert_eq!(run("eastus2"), ["mutable-image-tag clusters/base/agent.yaml:13 [eastus2]", web]);
    assert_eq!(run("centralus"), ["local-accounts-enabled infra/cluster.parameters.centralus.json:6 [centralus]", web]);
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::{Command, Stdio};
    let tree = Tree::new(&[]);
    for i in 0..400 {
        tree.write(&format!("{i}.yaml"), POD.replace("name: a,", &format!("name: a{i},")));
    }
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("stamplint"))
        .args(["--all", "-q"])
        .current_dir(tree.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_ne!(output.status.code(), Some(2));
    assert!(output.status.code().is_some());
}

#[test]
fn threads_do_not_change_the_report() {
    let tree = Tree::copy("fleet");
    for i in 0..60 {
        tree.write(&format!("workload/{}.yaml", (i * 7919) % 61), POD.replace("name: a,", &format!("name: a{i},")));
    }
    let report = |jobs: &str| tree.run(&["--format", "sarif", "--jobs", jobs]).out;
    let one = report("1");
    for jobs in ["2", "7", "0"] {
        assert!(one == report(jobs), "--jobs {jobs} gives another report");
    }
}

#[test]
fn only_counts_paths_from_the_working_folder_wherever_the_repository_is() {
    let tree = Tree::new(&[("repo/.git/HEAD", ""), ("repo/a/pod.yaml", POD), ("repo/b/pod.yaml", POD)]);
    let select = ["--select", "mutable-image-tag", "--format", "json"];
    for (dir, path, only) in [
        ("", "repo", "repo/a/pod.yaml"),
        ("", "repo", "./repo/b/../a"),
        ("repo/a", "..", "pod.yaml"),
        ("repo", ".", "a"),
    ] {
        let ran = tree.run_in(dir, &[&select[..], &["--only", only, "--", path]].concat(), None);
        assert_eq!(ran.json()["findings"].as_array().unwrap().len(), 1, "{dir} {only}: {}{}", ran.out, ran.err);
        assert_eq!(ran.json()["summary"]["elsewhere"], 1, "{dir} {only}");
    }
}
