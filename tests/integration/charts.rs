//! Charts render to what `helm template` renders, and findings lie where a person would edit. Without helm the tests say
//! that they were skipped, unless `STAMPLINT_ORACLES=required`.

use std::path::Path;
use std::process::Command;

use stamplint::read::yaml;
use stamplint::source::Sources;

use super::support::Tree;

fn has_helm() -> bool {
    if Command::new("helm").arg("version").output().is_ok() {
        return true;
    }
    assert!(std::env::var_os("STAMPLINT_ORACLES").is_none(), "helm is not on PATH");
    eprintln!("skipped: helm is not on PATH");
    false
}

/// The documents of a stream, as content hashes in their order: places and the order of keys do not count.
fn documents(text: &str) -> Vec<u128> {
    let source = Sources::new().add("rendered.yaml", text);
    let stream = yaml::parse(&source);
    assert!(stream.problems.is_empty(), "{:?}", stream.problems);
    stream.documents.iter().map(|d| d.root.content_hash()).collect()
}

#[test]
fn charts_render_as_helm_renders_them() {
    if !has_helm() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/helm");
    for arguments in [
        &[][..],
        &["--values", "values-eastus2.yaml"],
        &["--values", "values-eastus2.yaml", "--values", "values-centralus.yaml", "--set", "replicas=7,cache.port=1"],
        &["--set", "env.EXTRA=a\\,b", "--set", "sidecars[0].image=x:1", "--namespace", "n"],
    ] {
        let theirs = Command::new("helm")
            .args(["template", "release-name", "charts/web"])
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(theirs.status.success(), "{}", String::from_utf8_lossy(&theirs.stderr));
        let ours = assert_cmd::Command::cargo_bin("stamplint")
            .unwrap()
            .args(["render", "charts/web"])
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(ours.status.success(), "{}", String::from_utf8_lossy(&ours.stderr));
        let (ours, theirs) = (String::from_utf8_lossy(&ours.stdout), String::from_utf8_lossy(&theirs.stdout));
        assert_eq!(documents(&ours), documents(&theirs), "{arguments:?}:\n{ours}\n---\n{theirs}");
    }
}

#[test]
fn a_chart_that_a_config_names_is_checked() {
    if !has_helm() {
        return;
    }
    let tree = Tree::copy("helm");
    let run = tree.run(&["--format", "json", "--select", "capabilities-not-dropped"]);
    assert_eq!(run.findings().len(), 2, "{}{}", run.out, run.err);
}

#[test]
fn a_chart_without_helm_is_not_analysed() {
    let tree = Tree::copy("helm");
    let run = tree.run(&["--format", "json", "--select", "not-analysed", "--helm=no-such-helm"]);
    assert_eq!(run.findings(), ["not-analysed stamplint.yaml:7 [eastus2,centralus]"], "{}", run.err);
    assert!(run.out.contains("`no-such-helm` cannot be started: it is not there"), "{}", run.out);
}
