//! Overlays render to what `kustomize build` renders. Without kustomize the test says that it was skipped, unless
//! `STAMPLINT_ORACLES=required`.

use std::path::Path;
use std::process::Command;

use stamplint::read::yaml;
use stamplint::source::Sources;

/// The documents of a stream, as content hashes in their order: places and the order of keys do not count.
fn documents(text: &str) -> Vec<u128> {
    let source = Sources::new().add("rendered.yaml", text);
    let stream = yaml::parse(&source);
    assert!(stream.problems.is_empty(), "{:?}", stream.problems);
    stream.documents.iter().map(|d| d.root.content_hash()).collect()
}

#[test]
fn overlays_render_as_kustomize_renders_them() {
    if Command::new("kustomize").arg("version").output().is_err() {
        assert!(std::env::var_os("STAMPLINT_ORACLES").is_none(), "kustomize is not on PATH");
        eprintln!("skipped: kustomize is not on PATH");
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
