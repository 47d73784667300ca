//! `stamplint rule new` writes a rule that holds its own examples, and overwrites nothing.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

fn stamplint(folder: &Path, args: &[&str]) -> std::process::Output {
    Command::cargo_bin("stamplint").unwrap().current_dir(folder).args(args).output().unwrap()
}

#[test]
fn a_new_rego_rule_passes_its_examples() {
    let folder = tempfile::tempdir().unwrap();
    let made = stamplint(folder.path(), &["rule", "new", "team/forbidden-object"]);
    assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
    let tested = stamplint(folder.path(), &["test", "."]);
    let said = format!("{}{}", String::from_utf8_lossy(&tested.stdout), String::from_utf8_lossy(&tested.stderr));
    assert_eq!(tested.status.code(), Some(0), "{said}");
    assert!(said.contains("2 passed"), "{said}");
    let again = stamplint(folder.path(), &["rule", "new", "team/forbidden-object"]);
    assert_eq!(again.status.code(), Some(2), "it is there already");
    assert_eq!(stamplint(folder.path(), &["rule", "new", "Team/Nope"]).status.code(), Some(2));
}

#[test]
fn a_new_native_rule_is_two_files_and_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(stamplint(folder.path(), &["rule", "new", "images/new-rule", "--native"]).status.code(), Some(2));
    let checks = folder.path().join("src/checks");
    fs::create_dir_all(checks.join("images")).unwrap();
    fs::write(checks.join("mod.rs"), "//! Table.\n\nmod images;\n\npub const NATIVES: &[Native] = &[\n    a(),\n];\n")
        .unwrap();
    fs::write(checks.join("images/mod.rs"), "//! Images.\n\npub mod other;\n").unwrap();
    assert_eq!(stamplint(folder.path(), &["rule", "new", "images/new-rule", "--native"]).status.code(), Some(0));
    let table = fs::read_to_string(checks.join("mod.rs")).unwrap();
    assert!(table.contains("    resource(\"new-rule\", images::new_rule::check),\n];"), "{table}");
    assert!(fs::read_to_string(checks.join("images/mod.rs")).unwrap().ends_with("pub mod new_rule;\n"));
    assert!(checks.join("images/new_rule.rs").exists() && folder.path().join("rules/images/new-rule.md").exists());
}
