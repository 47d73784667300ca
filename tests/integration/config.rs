//! `stamplint.yaml`: what it is told when it is wrong, what it gives when it is right.

use std::fs;
use std::path::PathBuf;

use crate::support::Tree;

const POD: &str =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: [{name: a, image: nginx}]}\n";

#[test]
fn a_broken_config_is_pointed_at() {
    let cases = [
        ("- list\n", "the config is to be a map", ":1:1\n"),
        ("stamps: [\n", "the config cannot be read", ":1:9\n"),
        ("fleet: x\nstampz: []\n", "unknown key `stampz`", ":2:1\n"),
        ("rules:\n  images: {effect: maybe}\n", "`maybe` is no `effect`", ":2:20\n"),
        ("suppressions: [{rule: a, reason: b, until: 2027-13-01}]\n", "`2027-13-01` is no day", ":1:44\n"),
        ("eachStamp: {manifests: 'x-{vars.n}.yaml'}\n", "`{vars.n}` stands for nothing", ":1:24\n"),
        ("eachStamp: {manifests: 'x-[.yaml'}\n", "is no pattern", ":1:24\n"),
    ];
    for (config, said, place) in cases {
        let tree = Tree::new(&[("stamplint.yaml", config), ("pod.yaml", POD)]);
        let ran = tree.run(&[]);
        assert_eq!(ran.code, 2, "{config}: {}", ran.err);
        assert!(ran.err.contains(said) && ran.err.contains(place), "{config}: {}", ran.err);
    }
    let tree = Tree::new(&[("stamplint.yaml", "fleet: x\nstampz: []\n"), ("pod.yaml", POD)]);
    let ran = tree.run(&[]);
    assert!(ran.err.contains("did you mean `stamps`?"), "{}", ran.err);
}

#[test]
fn it_is_found_upward_or_named() {
    let rule = "rules: {mutable-image-tag: {effect: deny}}\n";
    let tree = Tree::new(&[
        ("stamplint.yaml", rule),
        ("a/b/pod.yaml", POD),
        ("other.yaml", "rules: {images: {effect: off}}\n"),
    ]);
    fs::create_dir(tree.path().join(".git")).unwrap();
    let run = |dir: &str, arguments: &[&str]| {
        let mut all = vec!["--ignore", "network-policy,zones,pod-security,unapproved-registry"];
        all.extend(arguments);
        tree.run_in(dir, &all, None).code
    };
    assert_eq!(run("", &[]), 1);
    assert_eq!(run("a/b", &[]), 1);
    assert_eq!(run("", &["a/b/pod.yaml"]), 1);
    assert_eq!(run("a/b", &["--config", "../../other.yaml"]), 0);
}

#[test]
fn stamps_are_what_the_config_says() {
    let config = "\
fleet: shop
stamps:
- {name: east, region: East US 2, environment: dev, vars: {n: 01}}
- name: west
  region: westus3
  exclude: [all/b.yaml]
  manifests: extra.yaml
  rules: {mutable-image-tag: {effect: off}}
eachStamp: {manifests: ['all/*.yaml', '{name}.yaml']}
rules: {mutable-image-tag: {effect: deny}}
environments: {dev: {rules: {images: {effect: audit}}}}
ignore: [ignored]
";
    let mut files = vec![("stamplint.yaml".to_owned(), config.to_owned())];
    for name in ["all/a", "all/b", "all/deep/c", "east", "west", "extra", "ignored/x"] {
        files.push((format!("{name}.yaml"), POD.replace("name: a,", &format!("name: {},", name.replace('/', "-")))));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let tree = Tree::new(&files);
    let ran = tree.run(&["--format", "json", "--select", "images,unclaimed-file"]);
    assert_eq!(
        ran.findings(),
        [
            "mutable-image-tag all/a.yaml:4 [east]",
            "mutable-image-tag all/b.yaml:4 [east]",
            "unclaimed-file all/deep/c.yaml:2 []",
            "mutable-image-tag east.yaml:4 [east]",
        ]
    );
    let effects: Vec<serde_json::Value> =
        ran.json()["findings"].as_array().unwrap().iter().map(|f| f["effect"].clone()).collect();
    // An environment is laid over the whole, whether it names the family or the rule.
    assert_eq!(effects, ["audit", "audit", "audit", "audit"]);
    let stamps = tree.run(&["stamps"]).out;
    assert!(stamps.contains("east  region eastus2  environment dev  n=01"), "{stamps}");
    assert!(stamps.contains("manifest     extra.yaml"), "{stamps}");
}

#[test]
fn what_it_names_and_is_not_there_is_a_finding() {
    let config = "\
stamps: [{name: a}, {name: a}]
eachStamp:
  manifests: [pod.yaml, missing.yaml, 'no/*.yaml', notes.yaml]
  deployments: [{template: missing.bicep}, {template: infra/main.tf}]
  kustomize: [missing]
  helm: [{chart: chart}]
";
    let tree = Tree::new(&[
        ("stamplint.yaml", config),
        ("pod.yaml", POD),
        ("notes.yaml", "a: 1\n"),
        ("infra/main.tf", ""),
        ("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n"),
    ]);
    let ran = tree.run(&["--format", "json", "--select", "input", "--helm=no-such-helm"]);
    assert_eq!(ran.code, 1);
    let mut found = ran.findings();
    found.sort();
    let at = |rule: &str, line: u32, stamps: &str| format!("{rule} stamplint.yaml:{line} [{stamps}]");
    let mut expected = vec![
        at("fleet-error", 1, "a"),
        at("not-analysed", 3, "a,a"),
        at("not-analysed", 3, "a,a"),
        at("not-analysed", 3, "a,a"),
        at("not-analysed", 4, "a,a"),
        at("not-analysed", 4, "a,a"),
        at("not-analysed", 5, "a,a"),
        at("not-analysed", 6, "a,a"),
    ];
    expected.sort();
    assert_eq!(found, expected, "{}", ran.out);
}

#[test]
fn the_published_schema_is_the_one_of_the_program() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/stamplint.schema.json");
    let printed = Tree::new(&[]).run(&["schema"]).out;
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &printed).unwrap();
    }
    let published = fs::read_to_string(path).unwrap_or_default();
    assert!(
        published == printed,
        "run `BLESS=1 cargo test published_schema`, or `stamplint schema > docs/stamplint.schema.json`"
    );
}

#[test]
fn the_schema_and_the_reader_agree() {
    let schema: serde_json::Value = serde_json::from_str(&Tree::new(&[]).run(&["schema"]).out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let cases = [
        (r#"{}"#, true),
        (r#"{"fleet": "a", "stamps": [{"name": "a", "vars": {"n": 1}}], "eachStamp": {"manifests": "a.yaml"}}"#, true),
        (r#"{"stamps": [{"region": "a"}]}"#, false),
        (r#"{"stampz": []}"#, false),
        (r#"{"rules": {"images": {"effect": "off", "require": "digest"}}}"#, true),
        (r#"{"rules": {"mutable-image-tag": {"require": "x"}}}"#, false),
        (r#"{"rules": {"nope": {}}}"#, false),
        (r#"{"drift": {"allow": ["a", {"path": "x"}, {"type": "y"}]}}"#, true),
        (r#"{"drift": {"allow": [{"x": "y"}]}}"#, false),
        (r#"{"policies": [{"path": "p", "dialect": "own"}], "helm": {"timeout": 10}}"#, true),
        (r#"{"helm": {"timeout": -1}}"#, false),
        (
            r#"{"eachStamp": {"deployments": [{"template": "a.bicep", "parameters": ["a", "b"], "set": {"x": [1]}}]}}"#,
            true,
        ),
        (r#"{"eachStamp": {"deployments": [{"template": "a.bicep", "complete": "no"}]}}"#, false),
    ];
    for (text, sound) in cases {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(validator.is_valid(&value), sound, "schema: {text}");
        // JSON is YAML: the same text is read by the program. Missing files are findings there, not errors.
        let tree = Tree::new(&[("stamplint.yaml", text), ("a.yaml", POD)]);
        assert_eq!(tree.run(&[]).code != 2, sound, "program: {text}: {}", tree.run(&[]).err);
    }
}
