//! The fleet that the README walks through says what the README says.

use std::collections::BTreeSet;
use std::path::Path;

use assert_cmd::Command;

/// Rule, file, line, column and stamps of each finding.
fn findings(folder: &Path) -> BTreeSet<(String, String, u64, u64, String)> {
    let output = Command::cargo_bin("stamplint").unwrap().args(["--format", "json"]).arg(folder).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    let found = report["findings"].as_array().unwrap().iter().map(|finding| {
        let place = &finding["places"][0];
        let stamps: Vec<String> = finding["stamps"].as_array().unwrap().iter().map(text).collect();
        let file = text(&place["file"]);
        let file = file.rsplit_once("contoso/").map_or(file.clone(), |(_, rest)| rest.to_owned());
        let start = &place["start"];
        (
            text(&finding["rule"]),
            file,
            start["line"].as_u64().unwrap(),
            start["column"].as_u64().unwrap(),
            stamps.join(","),
        )
    });
    found.collect()
}

#[test]
fn the_example_has_the_faults_of_the_readme() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/contoso");
    let row = |rule: &str, file: &str, line, column, stamps: &str| {
        (rule.to_owned(), file.to_owned(), line, column, stamps.to_owned())
    };
    let wanted = BTreeSet::from([
        row("local-accounts-enabled", "infra/cluster.parameters.centralus.json", 9, 40, "centralus"),
        row("parameter-drift", "infra/cluster.parameters.centralus.json", 8, 29, "centralus"),
        row("parameter-drift", "infra/cluster.parameters.centralus.json", 9, 40, "centralus"),
        row("image-drift", "apps/centralus/kustomization.yaml", 6, 13, "centralus"),
        row("unapproved-registry", "apps/base/cart.yaml", 25, 18, "eastus2,centralus"),
        row("allow-all-policy", "apps/base/policies.yaml", 30, 7, "eastus2,centralus"),
        row("workload-not-zone-spread", "apps/base/web.yaml", 17, 7, "eastus2,centralus"),
    ]);
    assert_eq!(findings(&folder), wanted);
}
