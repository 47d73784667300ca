//! Fleets as a whole: a generated one with planted faults, and descriptions that are at fault.

#[path = "../../harness/fleet/generate.rs"]
mod generate;

use crate::support::Tree;

/// Rule, message and stamps of each finding, in order of the rules.
fn found(tree: &Tree, select: &str) -> Vec<(String, String, Vec<String>)> {
    let ran = tree.run(&["check", "--select", select, "--format", "json"]);
    let json = ran.json();
    let mut found: Vec<_> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            let stamps = f["stamps"].as_array().unwrap().iter().map(|s| s.as_str().unwrap().to_owned()).collect();
            (f["rule"].as_str().unwrap().to_owned(), f["message"].as_str().unwrap().to_owned(), stamps)
        })
        .collect();
    found.sort();
    found
}

fn rules(found: &[(String, String, Vec<String>)]) -> Vec<(&str, String)> {
    found.iter().map(|(rule, _, stamps)| (rule.as_str(), stamps.join(","))).collect()
}

#[test]
fn of_sixty_stamps_the_five_planted_faults_are_found_and_nothing_else() {
    let tree = Tree::new(&[]);
    let mut planted = generate::generate(tree.path(), 60).unwrap();
    planted.sort();
    let found = found(&tree, "fleet,image-drift,address-space-overlap,registry-not-replicated");
    let wanted: Vec<(&str, String)> = planted.iter().map(|p| (p.rule.as_str(), p.stamp.clone())).collect();
    assert_eq!(rules(&found), wanted, "{found:#?}");
}

const TEMPLATE: &str = "param count int\nparam suffix string = 'a'\n\
    resource st 'Microsoft.Storage/storageAccounts@2023-01-01' = {\n  name: 'st${suffix}'\n  location: resourceGroup().location\n  \
    properties: { n: count }\n}\n";

/// Three stamps, the last of which differs, and what the config says beyond them.
fn fleet(stamps: &str, rest: &str) -> Tree {
    let tree = Tree::new(&[]);
    tree.write("main.bicep", TEMPLATE);
    tree.write(
        "stamplint.yaml",
        format!("stamps:\n{stamps}eachStamp:\n  deployments: [{{template: main.bicep, set: {{count: 5}}}}]\n{rest}"),
    );
    tree
}

const THREE: &str = "  - {name: a, region: eastus2}\n  - {name: b, region: centralus}\n  - {name: c, region: westus3, deployments: [{id: main, set: {count: 2}}]}\n";
const DRIFT: &str = "fleet-error,not-analysed,parameter-drift,resource-drift,template-error";

#[test]
fn two_stamps_of_one_name_are_said_and_the_others_compared() {
    let tree = fleet(&format!("{THREE}  - {{name: a, region: eastus2}}\n"), "");
    let found = found(&tree, DRIFT);
    assert_eq!(rules(&found), [("fleet-error", "a".to_owned()), ("parameter-drift", "c".to_owned())], "{found:#?}");
    assert_eq!(found[0].1, "two stamps are called `a`");
}

#[test]
fn a_stamp_without_files_is_said_and_the_others_compared() {
    let tree = Tree::new(&[]);
    tree.write("main.bicep", TEMPLATE);
    let of = |name: &str, n: u8| {
        format!("  - {{name: {name}, deployments: [{{template: main.bicep, set: {{count: {n}}}}}]}}\n")
    };
    tree.write("stamplint.yaml", format!("stamps:\n{}{}{}  - {{name: d}}\n", of("a", 5), of("b", 5), of("c", 2)));
    let found = found(&tree, DRIFT);
    assert_eq!(rules(&found), [("fleet-error", "d".to_owned()), ("parameter-drift", "c".to_owned())], "{found:#?}");
    assert_eq!(found[0].1, "stamp `d` consists of nothing");
}

#[test]
fn a_stamp_that_did_not_resolve_is_said_and_the_others_compared() {
    let broken = "  - {name: d, region: westus2, deployments: [{id: main, template: missing.bicep}]}\n";
    let found = found(&fleet(&format!("{THREE}{broken}"), ""), DRIFT);
    let wanted = [("not-analysed", "d".to_owned()), ("parameter-drift", "c".to_owned())];
    assert_eq!(rules(&found), wanted, "{found:#?}");
}

#[test]
fn an_override_that_matches_nothing_is_said_and_the_others_compared() {
    let odd = "  - {name: d, region: westus2, deployments: [{id: mian, set: {count: 1}}]}\n";
    let found = found(&fleet(&format!("{THREE}{odd}"), ""), DRIFT);
    assert_eq!(rules(&found), [("fleet-error", "d".to_owned()), ("parameter-drift", "c".to_owned())], "{found:#?}");
    assert_eq!(found[0].1, "nothing that this could change has the id `mian`");
}

#[test]
fn environments_are_compared_within_themselves() {
    let stamps = "  - {name: dev, environment: dev, deployments: [{id: main, set: {count: 1}}]}\n  \
        - {name: a, environment: prod}\n  - {name: b, environment: prod}\n";
    assert_eq!(rules(&found(&fleet(stamps, ""), DRIFT)), []);
}

#[test]
fn diff_compares_across_environments() {
    let stamps = "  - {name: dev, region: eastus2, environment: dev, deployments: [{id: main, set: {count: 1, suffix: dev}}]}\n  \
        - {name: prod, region: eastus2, environment: prod, deployments: [{id: main, set: {suffix: prod}}]}\n";
    let tree = fleet(stamps, "");
    let ran = tree.run(&["diff", "dev", "prod"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("deployment `main`\n  count\n    - 1  stamplint.yaml:2:"), "{}", ran.out);
    assert!(
        ran.out.ends_with("1 difference; 3 more: 1 by nature, 2 that follow from a parameter (`--all` shows them)\n"),
        "{}",
        ran.out
    );
    let json = tree.run(&["diff", "dev", "prod", "--all", "--format", "json"]).json();
    assert_eq!(json["summary"]["differences"], 1);
    let follows = json["differences"].as_array().unwrap().iter().find(|d| d["path"] == "properties.n").unwrap();
    assert_eq!((&follows["first"]["value"], &follows["cause"]["parameter"]), (&1.into(), &"count".into()));
    let ran = tree.run(&["diff", "dev", "prdo"]);
    assert_eq!((ran.code, ran.err.contains("did you mean `prod`?")), (2, true), "{}", ran.err);
}

#[test]
fn the_matrix_shows_what_was_found_in_each_stamp() {
    let tree = fleet(THREE, "");
    let text = tree.run(&["stamps", "--matrix=rules"]).out;
    let row = |name: &str| {
        let line = text.lines().find(|l| l.starts_with(name)).unwrap_or_default();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let head = row("stamp");
    let at = head.iter().position(|c| c == "parameter-drift").unwrap();
    assert!(row("c")[at].ends_with('1') && !row("a")[at].ends_with('1'), "{text}");
    let markdown = tree.run(&["stamps", "--matrix", "--format", "markdown"]).out;
    assert!(markdown.starts_with("| stamp | ") && markdown.contains("| fleet |"), "{markdown}");
}
