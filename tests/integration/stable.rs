//! Fingerprints outlive edits that do not touch what they are of: comments, empty lines, further objects and stamps.
//!
//! `STAMPLINT_FLEET=FOLDER cargo test --test integration fingerprints_outlive -- --nocapture` prints the figure for a checkout.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Tree, copy};

const EDITS: usize = 100;

/// So many edits between two looks.
const STEP: usize = 10;

/// A generator that gives the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }
}

/// Fingerprints by how often they occur, with the rule for people.
fn prints(tree: &Tree) -> BTreeMap<(String, String), usize> {
    let report = tree.run(&["--format", "json", "--fail-on", "never", "."]).json();
    let mut prints = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
        let rule = format!("{} {}", text(&finding["rule"]), text(&finding["places"][0]["file"]));
        *prints.entry((text(&finding["fingerprints"]["place/v1"]), rule)).or_default() += 1;
    }
    prints
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') {
            files(&path, found);
        } else if ["yaml", "yml", "bicep", "bicepparam", "json"].iter().any(|e| name.ends_with(&format!(".{e}"))) {
            found.push(path);
        }
    }
}

/// Lines of a file before which a line can be put: not inside of a string of several lines.
fn gaps(path: &Path, lines: &[&str]) -> Vec<usize> {
    let yaml = path.extension().is_some_and(|e| e == "yaml" || e == "yml");
    let mut gaps = Vec::new();
    let mut scalar: Option<usize> = None;
    let mut long = false;
    for (i, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        if yaml {
            scalar = scalar.filter(|s| line.trim().is_empty() || indent > *s);
            let plain = line.split(" #").next().unwrap_or_default().trim_end();
            if scalar.is_none() && !line.trim().is_empty() && (plain.contains(": ") || plain.ends_with(':')) {
                gaps.push(i);
            }
            let head = plain.trim_end_matches(['-', '+']);
            if scalar.is_none() && (head.ends_with(": |") || head.ends_with(": >") || head.ends_with("- |")) {
                scalar = Some(indent);
            }
        } else {
            if !long {
                gaps.push(i);
            }
            long ^= line.matches("'''").count() % 2 == 1;
        }
    }
    gaps
}

fn edit(path: &Path, random: &mut Random, number: usize) {
    let Ok(text) = fs::read_to_string(path) else { return };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let gaps = gaps(path, &lines);
    let Some(at) = gaps.get(random.below(gaps.len())).copied() else { return };
    let json = path.extension().is_some_and(|e| e == "json");
    let yaml = path.extension().is_some_and(|e| e == "yaml" || e == "yml");
    let indent = " ".repeat(lines[at].len() - lines[at].trim_start().len());
    let put = match random.below(3) {
        0 => "\n".to_owned(),
        1 if yaml => format!("{indent}# edit {number}\n"),
        1 if !json => format!("{indent}// edit {number}\n"),
        2 if yaml && text.contains("\nkind: ") && text.contains("apiVersion: ") && !text.contains("kustomize") => {
            let more =
                format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: edit-{number}, namespace: shop}}\n");
            fs::write(path, format!("{}\n{more}", text.trim_end())).unwrap();
            return;
        }
        _ => "\n\n".to_owned(),
    };
    let mut edited: String = lines[..at].concat();
    edited.push_str(&put);
    edited.push_str(&lines[at..].concat());
    fs::write(path, edited).unwrap();
}

#[test]
fn fingerprints_outlive_edits_elsewhere() {
    let given = std::env::var_os("STAMPLINT_FLEET").map(PathBuf::from);
    let folder = given.clone().unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/contoso"));
    let tree = Tree::new(&[]);
    copy(&folder, tree.path());
    let before = prints(&tree);
    let mut all = Vec::new();
    files(tree.path(), &mut all);
    let mut random = Random(7);
    let (mut kept, mut total) = (0, 0);
    let mut lost: Vec<String> = Vec::new();
    for number in 0..EDITS {
        let path = &all[random.below(all.len())];
        if path.file_name().is_none_or(|n| n != "stamplint.yaml") {
            edit(path, &mut random, number);
        }
        if (number + 1) % STEP == 0 {
            let after = prints(&tree);
            for (print, count) in &before {
                let held = (*count).min(after.get(print).copied().unwrap_or(0));
                total += count;
                kept += held;
                if held < *count {
                    lost.push(print.1.clone());
                }
            }
        }
    }
    lost.sort();
    lost.dedup();
    println!(
        "{kept} of {total} fingerprints kept over {EDITS} edits, looked at {} times; lost: {lost:#?}",
        EDITS / STEP
    );
    assert!(total > 0);
    assert!(given.is_some() || kept == total, "{lost:#?}");
}
