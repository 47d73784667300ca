//! Overlays render to what `kustomize build` renders. Without kustomize the test says that it was skipped, unless
//! `STAMPLINT_ORACLES=required`.

use std::path::Path;
use std::process::Command;

use rayon::prelude::*;
use stamplint::read::yaml;
use stamplint::resolve::kustomize::{Kustomizer, Options};
use stamplint::source::Sources;

use super::disk::Disk;
use super::kustomize_compare::{Outcome, ask, compare};
use super::kustomize_generate::lay_out;
use super::support::Tree;

/// The documents of a stream, as content hashes in their order: places and the order of keys do not count.
fn documents(text: &str) -> Vec<u128> {
    let source = Sources::new().add("rendered.yaml", text);
    let stream = yaml::parse(&source);
    assert!(stream.problems.is_empty(), "{:?}", stream.problems);
    stream.documents.iter().map(|d| d.root.content_hash()).collect()
}

fn has_kustomize() -> bool {
    if Command::new("kustomize").arg("version").output().is_ok() {
        return true;
    }
    assert!(std::env::var_os("STAMPLINT_ORACLES").is_none(), "kustomize is not on PATH");
    eprintln!("skipped: kustomize is not on PATH");
    false
}

#[test]
fn overlays_render_as_kustomize_renders_them() {
    if !has_kustomize() {
        return;
    }
    let apps = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/contoso/apps");
    for overlay in ["base", "eastus2", "centralus"] {
        let folder = apps.join(overlay);
        let theirs = Command::new("kustomize").arg("build").arg(&folder).output().unwrap();
        assert!(theirs.status.success(), "{}", String::from_utf8_lossy(&theirs.stderr));
        let ours = assert_cmd::Command::cargo_bin("stamplint").unwrap().arg("render").arg(&folder).output().unwrap();
        assert!(ours.status.success(), "{}", String::from_utf8_lossy(&ours.stderr));
        let (ours, theirs) = (String::from_utf8_lossy(&ours.stdout), String::from_utf8_lossy(&theirs.stdout));
        assert_eq!(documents(&ours), documents(&theirs), "{overlay}:\n{ours}\n---\n{theirs}");
        assert!(documents(&ours).len() >= 6, "{overlay}");
    }
}

#[test]
fn random_overlays_render_as_kustomize_renders_them() {
    if !has_kustomize() {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let differing: Vec<String> = (1..=40u64)
        .into_par_iter()
        .filter_map(|seed| {
            let folder = scratch.path().join(seed.to_string());
            lay_out(seed, true, &folder);
            let disk = Disk::new(&folder);
            let kustomizer = Kustomizer::new(&disk, Options { root_only: true, ..Options::default() });
            let theirs = ask("kustomize", &folder, "overlay", None);
            match compare(&kustomizer, &disk, "overlay", &theirs) {
                Outcome::Agreed | Outcome::BothFail => None,
                Outcome::Offline(why) | Outcome::Differs(why) => Some(format!("seed {seed}: {why}")),
            }
        })
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: n}\nspec: {containers: [{name: a, image: \"x:latest\"}]}\n";

#[test]
fn a_remote_base_is_read_from_the_folder_that_the_config_names() {
    let overlay = "resources:\n- https://github.com/example/bases//app?ref=v1\nimages: [{name: x, newTag: '2'}]\n";
    let config = |modules: &str| format!("stamps: [{{name: a}}]\neachStamp: {{kustomize: [overlay]}}\n{modules}");
    let tree = Tree::new(&[
        ("overlay/kustomization.yaml", overlay),
        ("vendor/bases/app/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("vendor/bases/app/pod.yaml", POD),
        ("stamplint.yaml", &config("")),
    ]);
    let select = ["--format", "json", "--select", "not-analysed,mutable-image-tag,render-error"];
    assert_eq!(tree.run(&select).findings(), ["not-analysed overlay/kustomization.yaml:2 [a]"]);
    tree.write("stamplint.yaml", config("modules: {'https://github.com/example/bases': vendor/bases}\n"));
    let mapped = tree.run(&select);
    assert_eq!(mapped.findings(), Vec::<String>::new(), "{}", mapped.out);
    assert!(mapped.out.contains("\"resources\":1"), "{}", mapped.out);
}

#[test]
fn overlays_that_do_not_render_are_findings_at_their_line() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: n}\n";
    let patch =
        |body: &str| format!("resources: [pod.yaml]\npatches:\n- target: {{kind: Pod}}\n  patch: |-\n    - {body}\n");
    for (kustomization, line, words) in [
        ("resources:\n- ../app\n".to_owned(), 2, "cycle"),
        ("resources:\n- gone.yaml\n".to_owned(), 2, "gone.yaml"),
        ("resources: [pod.yaml]\nnamPrefix: x\n".to_owned(), 2, "namPrefix"),
        (patch("{op: remove, path: /spec/none}"), 5, "/spec/none"),
        (patch("{op: test, path: /metadata/name, value: b}"), 5, "test"),
    ] {
        let tree = Tree::new(&[("app/kustomization.yaml", &kustomization), ("app/pod.yaml", pod)]);
        let run = tree.run(&["--format", "json", "--select", "not-analysed,render-error"]);
        let found = run.findings();
        assert_eq!(found.len(), 1, "{kustomization}{found:?} {}", run.out);
        assert!(found[0].contains(&format!("app/kustomization.yaml:{line} ")), "{kustomization}{found:?}");
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
}
