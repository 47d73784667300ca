//! SARIF as its readers see it: an editor that selects a region, and code scanning that tells findings apart from run to run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

/// Runs a check in a folder and reads its SARIF.
fn check(folder: &Path, arguments: &[&str]) -> Value {
    let output = Command::cargo_bin("stamplint")
        .unwrap()
        .current_dir(folder)
        .args(["check", "--format", "sarif", "--select", "mutable-image-tag"])
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

fn results(log: &Value) -> &Vec<Value> {
    log["runs"][0]["results"].as_array().unwrap()
}

fn uri(result: &Value) -> &str {
    result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap()
}

/// Fingerprints by rule, file and message: what code scanning matches alerts by.
fn fingerprints(log: &Value) -> BTreeMap<(String, String), (String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    results(log)
        .iter()
        .map(|r| {
            let message = text(&r["message"]["text"]);
            let first = message.split(". ").next().unwrap_or_default().to_owned();
            let prints = &r["partialFingerprints"];
            ((uri(r).to_owned(), first), (text(&prints["place/v1"]), text(&prints["role/v1"])))
        })
        .collect()
}

/// What an editor selects: lines end at `\n`, `\r\n` or `\r`, columns count UTF-16 units, and a byte order mark is no column.
fn selected(text: &str, region: &Value) -> String {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<Vec<u16>> = text.split('\n').map(|l| l.encode_utf16().collect()).collect();
    let number = |key: &str| usize::try_from(region[key].as_u64().unwrap()).unwrap() - 1;
    assert_eq!(number("startLine"), number("endLine"));
    String::from_utf16(&lines[number("startLine")][number("startColumn")..number("endColumn")]).unwrap()
}

const CONFIG: &str = "fleet: contoso\nstamps:\n  - {name: eastus2, region: eastus2}\n  - {name: centralus, region: centralus}\n\
                      eachStamp:\n  manifests: [\"wéb app.yaml\", \"own-{name}.yaml\"]\n";

const SHARED: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  template:\n    spec:\n      \
                      containers:\n        - {name: \"𝒳é\", image: nginx} # 𝒳\n        - name: b\n          image: \"quay.io/b:latest\"\n";

const OWN: &str = "apiVersion: v1\r\nkind: Pod\r\nmetadata: {name: tool, namespace: shop}\r\nspec:\r\n  containers:\r\n  - name: c\r\n    \
                   image: docker.io/tool:latest # moves\r\n";

fn fleet(folder: &Path) {
    fs::write(folder.join("stamplint.yaml"), CONFIG).unwrap();
    fs::write(folder.join("wéb app.yaml"), SHARED).unwrap();
    fs::write(folder.join("own-eastus2.yaml"), OWN).unwrap();
    fs::write(folder.join("own-centralus.yaml"), format!("\u{feff}{OWN}")).unwrap();
}

#[test]
fn each_region_selects_the_offending_text() {
    let folder = tempfile::tempdir().unwrap();
    fleet(folder.path());
    let log = check(folder.path(), &[]);
    let mut found: Vec<(String, String)> = Vec::new();
    for result in results(&log) {
        let place = &result["locations"][0]["physicalLocation"];
        let path = uri(result).replace("%20", " ").replace("%C3%A9", "é");
        let text = fs::read_to_string(folder.path().join(&path)).unwrap();
        let text = selected(&text, &place["region"]);
        assert_eq!(place["region"]["snippet"]["text"], text.as_str());
        found.push((path, text));
    }
    let expected = [
        ("own-centralus.yaml", "docker.io/tool:latest"),
        ("own-eastus2.yaml", "docker.io/tool:latest"),
        ("wéb app.yaml", "nginx"),
        ("wéb app.yaml", "\"quay.io/b:latest\""),
    ];
    assert_eq!(found, expected.map(|(f, t)| (f.to_owned(), t.to_owned())));
}

#[test]
fn a_shared_fault_is_one_result_with_its_stamps() {
    let folder = tempfile::tempdir().unwrap();
    fleet(folder.path());
    let log = check(folder.path(), &[]);
    let stamps: Vec<&Value> = results(&log).iter().map(|r| &r["properties"]["stamps"]).collect();
    assert_eq!(stamps[0], &serde_json::json!(["centralus"]));
    assert_eq!(stamps[2], &serde_json::json!(["eastus2", "centralus"]));
}

#[test]
fn fingerprints_outlive_moved_lines_and_a_new_stamp() {
    let folder = tempfile::tempdir().unwrap();
    fleet(folder.path());
    let before = fingerprints(&check(folder.path(), &[]));
    assert_eq!(before.len(), 4);
    fs::write(
        folder.path().join("wéb app.yaml"),
        format!("# moved\n\n{}", SHARED.replace("      containers", "\n      containers")),
    )
    .unwrap();
    assert_eq!(fingerprints(&check(folder.path(), &[])), before);
    let config = CONFIG.replace("eachStamp", "  - {name: westus3, region: westus3}\neachStamp");
    fs::write(folder.path().join("stamplint.yaml"), config).unwrap();
    fs::write(folder.path().join("own-westus3.yaml"), OWN).unwrap();
    let after = fingerprints(&check(folder.path(), &[]));
    assert_eq!(after.len(), 5);
    for (finding, prints) in &before {
        assert_eq!(after.get(finding), Some(prints), "{finding:?}");
    }
}

#[test]
fn the_report_is_the_same_however_many_threads_made_it() {
    let folder = tempfile::tempdir().unwrap();
    fleet(folder.path());
    let one = check(folder.path(), &["--jobs", "1"]);
    for _ in 0..5 {
        assert_eq!(check(folder.path(), &["--jobs", "8"]), one);
    }
}

#[test]
fn every_rule_has_what_code_scanning_requires() {
    let folder = tempfile::tempdir().unwrap();
    fleet(folder.path());
    let output = Command::cargo_bin("stamplint")
        .unwrap()
        .current_dir(folder.path())
        .args(["check", "--format", "sarif", "-q"])
        .output()
        .unwrap();
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(rules.len() > 10, "{}", rules.len());
    for rule in rules {
        let text = |pointer: &str| rule.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = text("/id");
        for pointer in ["/shortDescription/text", "/fullDescription/text"] {
            assert!((1..=1024).contains(&text(pointer).chars().count()), "{id}: {pointer}");
        }
        assert!(!text("/help/text").is_empty() && text("/help/markdown").contains("## "), "{id}");
        let severity: f64 = text("/properties/security-severity").parse().unwrap();
        assert!((0.1..=10.0).contains(&severity), "{id}");
        assert!(rule["properties"]["tags"].as_array().is_some_and(|t| (3..=20).contains(&t.len())), "{id}");
        assert!(["error", "warning"].contains(&text("/defaultConfiguration/level").as_str()), "{id}");
    }
}
