//! Reports for machines as their consumers take them, of a fleet with hostile names: what GitLab, Jenkins, Azure
//! Pipelines and GitHub demand of a file, by the facts of their schemas.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::{Ran, Tree};

const CONFIG: &str =
    "stamps:\n  - {name: eastus2}\n  - {name: centralus}\neachStamp: {manifests: [\"a & <b> é,%.yaml\"]}\n";

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: \"x]]>&<::\"}\nspec:\n  containers:\n  - {name: \"]]>\\u001b|\", image: \"ngi<n>x&\"}\n  - {name: b, image: \"ngi<n>x&\"}\n";

fn run(format: &str) -> Ran {
    let tree = Tree::new(&[("stamplint.yaml", CONFIG), ("a & <b> é,%.yaml", POD)]);
    let ran = tree.run(&["--format", format, "-q"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    ran
}

/// The elements of a document in their order: how deep, name, attributes. Text between them is looked at for what XML forbids.
fn elements(xml: &str) -> Vec<(usize, String, BTreeMap<String, String>)> {
    let allowed =
        |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(allowed), "a character that XML 1.0 has not");
    let mut rest = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").unwrap();
    let (mut depth, mut found) = (0, Vec::new());
    while let Some((text, after)) = rest.split_once('<') {
        assert!(
            !text.contains("]]>") && text.split('&').skip(1).all(|t| t.split(';').next().unwrap().len() < 6),
            "{text}"
        );
        let (tag, after) = after.split_once('>').unwrap();
        rest = after;
        if tag.starts_with('/') {
            depth -= 1;
            continue;
        }
        let (inner, closed) = tag.strip_suffix('/').map_or((tag, false), |t| (t, true));
        let (name, attributes) = inner.split_once(' ').unwrap_or((inner, ""));
        let mut parts = attributes.split('"');
        let mut read = BTreeMap::new();
        while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
            read.insert(key.trim().trim_end_matches('=').to_owned(), value.to_owned());
        }
        found.push((depth, name.to_owned(), read));
        depth += usize::from(!closed);
    }
    assert_eq!(depth, 0, "an element is open");
    found
}

#[test]
fn junit_is_what_its_readers_take() {
    let elements = elements(&run("junit").out);
    let allowed = |name: &str| -> (usize, &[&str], &[&str]) {
        match name {
            "testsuites" => (0, &["name", "tests", "failures", "errors"], &["skipped", "uuid", "timestamp", "time"]),
            "testsuite" => {
                (1, &["name", "tests", "errors", "failures"], &["skipped", "disabled", "id", "time", "timestamp"])
            }
            "testcase" => (2, &["name", "classname"], &["file", "time", "assertions"]),
            "failure" | "error" => (3, &["message"], &["type"]),
            "skipped" => (3, &[], &["message", "type"]),
            "system-out" => (3, &[], &[]),
            other => panic!("{other}"),
        }
    };
    let mut cases = BTreeSet::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (depth, name, attributes) in &elements {
        let (at, needed, further) = allowed(name);
        assert_eq!(*depth, at, "{name}");
        for key in needed {
            assert!(attributes.contains_key(*key), "{name} without {key}");
        }
        assert!(
            attributes.keys().all(|k| needed.contains(&k.as_str()) || further.contains(&k.as_str())),
            "{attributes:?}"
        );
        *counts.entry(name.as_str()).or_default() += 1;
        if name == "testcase" {
            assert!(cases.insert((attributes["classname"].clone(), attributes["name"].clone())), "{attributes:?}");
        }
    }
    let total = |key: &str| elements[0].2[key].parse::<usize>().unwrap();
    assert_eq!((total("tests"), total("failures")), (counts["testcase"], counts["failure"]));
    let sum: usize =
        elements.iter().filter(|e| e.1 == "testsuite").map(|e| e.2["tests"].parse::<usize>().unwrap()).sum();
    assert_eq!(sum, counts["testcase"]);
}

#[test]
fn gitlab_takes_every_issue() {
    let report = run("gitlab").json();
    let issues = report.as_array().unwrap();
    assert!(issues.len() > 3);
    let prints: BTreeSet<&str> = issues.iter().map(|i| i["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), issues.len(), "issues with one fingerprint are one issue");
    for issue in issues {
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap()));
        assert!(
            !issue["description"].as_str().unwrap().is_empty() && !issue["check_name"].as_str().unwrap().is_empty()
        );
        let path = issue["location"]["path"].as_str().unwrap();
        assert!(["a & <b> é,%.yaml", "stamplint.yaml"].contains(&path), "{path}");
        let line = |key: &str| issue["location"]["lines"][key].as_u64().unwrap();
        assert!(1 <= line("begin") && line("begin") <= line("end"));
    }
}

#[test]
fn github_takes_every_line_for_one_command() {
    let ran = run("github");
    for line in ran.out.lines().filter(|l| l.starts_with("::")) {
        let (head, data) = line[2..].split_once("::").unwrap();
        let (command, properties) = head.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&command), "{line}");
        let keys: Vec<&str> = properties.split(',').map(|p| p.split_once('=').unwrap().0).collect();
        let known = ["file", "line", "endLine", "col", "endColumn", "title"];
        assert!(keys.iter().all(|k| known.contains(k)), "{line}");
        assert!(!data.is_empty() && !properties.contains("file=a & <b> é,"), "the comma is escaped: {line}");
    }
    let findings = run("json").json()["findings"].as_array().unwrap().len();
    assert_eq!(ran.out.lines().filter(|l| l.starts_with("::")).count(), findings);
}

#[test]
fn markdown_keeps_its_table_and_no_html_of_the_input() {
    let text = run("markdown").out;
    let rows: Vec<&str> = text.lines().skip_while(|l| !l.starts_with('|')).take_while(|l| l.starts_with('|')).collect();
    assert_eq!(rows.len(), 4, "{text}");
    assert!(rows.iter().all(|r| r.matches('|').count() == rows[0].matches('|').count()), "{rows:?}");
    let code_left_out: String = text.split('`').step_by(2).collect();
    for tag in code_left_out.split('<').skip(1).map(|t| t.split(['>', ' ']).next().unwrap()) {
        assert!(["details", "/details", "summary", "/summary", "code", "/code"].contains(&tag), "<{tag}");
    }
    assert!(text.len() < 1024 * 1024);
}

#[test]
fn sarif_of_a_hostile_name_is_a_uri() {
    let log: Value = run("sarif").json();
    let results = log["runs"][0]["results"].as_array().unwrap().clone();
    let uris: BTreeSet<String> = results
        .iter()
        .map(|r| r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap().to_owned())
        .collect();
    assert!(uris.contains("a%20&%20%3Cb%3E%20%C3%A9,%25.yaml"), "{uris:?}");
}
