//! What belongs together without a config, and the config that `init` writes of it.

use std::fs;

use crate::support::Tree;

#[test]
fn two_stamps_from_nothing_but_files() {
    let tree = Tree::copy("fleet");
    let ran = tree.run(&["--format", "json", "--select", "mutable-image-tag,local-accounts-enabled,input,parameters"]);
    assert_eq!(
        ran.findings(),
        [
            "mutable-image-tag clusters/base/agent.yaml:13 [eastus2]",
            "local-accounts-enabled infra/cluster.parameters.centralus.json:6 [centralus]",
            "mutable-image-tag workload/web.yaml:14 [centralus,eastus2]",
        ]
    );
    assert_eq!(ran.code, 1);
    for said in [
        "`clusters/region1` belongs to `eastus2`: the stamp's parameters name `region1`",
        "stamps `centralus`, `eastus2` from",
    ] {
        let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(said), "{said}: {flat}");
    }
}

#[test]
fn stamps_says_what_and_why() {
    let tree = Tree::copy("fleet");
    let expected = "\
centralus  region centralus
  deployment   infra/cluster.bicep: `.github/workflows/deploy.yml` deploys them together
    parameters infra/cluster.parameters.centralus.json: `.github/workflows/deploy.yml` deploys them together
  overlay      clusters/region2: the stamp's parameters name `region2`
  manifest     workload/web.yaml: nothing ties it to one stamp
";
    assert_eq!(tree.run(&["stamps", "--stamp", "centralus"]).out, expected);
    let matrix = tree.run(&["stamps", "--matrix=resources"]).out;
    let row = matrix.lines().find(|l| l.contains("aks-eastus2")).unwrap_or_default();
    let cells: Vec<&str> = row.split_whitespace().skip(1).collect();
    assert_eq!(cells, ["-", "x"], "{matrix}");
    let resolved = tree.run(&["stamps", "--resolved", "--stamp", "eastus2"]).out;
    assert!(resolved.contains("cluster.disableLocalAccounts = true"), "{resolved}");
    assert!(resolved.contains("cluster.certificate = ***"), "{resolved}");
}

#[test]
fn init_writes_a_config_that_gives_the_same() {
    let tree = Tree::copy("fleet");
    let findings = || {
        let report = tree.run(&["--format", "json", "--show-undetermined"]).json();
        let findings = report["findings"].as_array().unwrap().clone();
        let mut lines: Vec<String> = findings
            .iter()
            .map(|f| {
                format!("{} {} {} {} {}", f["rule"], f["effect"], f["verdict"], f["stamps"], f["places"][0]["file"])
            })
            .collect();
        lines.sort();
        lines
    };
    let before = findings();
    let printed = tree.run(&["init", "--print"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    assert!(!tree.path().join("stamplint.yaml").exists());
    assert_eq!(tree.run(&["init"]).code, 0);
    let written = fs::read_to_string(tree.path().join("stamplint.yaml")).unwrap();
    assert_eq!(written, printed.out);
    assert_eq!(findings(), before, "{written}");
    let again = tree.run(&["init"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("is there already"), "{}", again.err);
    assert_eq!(tree.run(&["init", "--force"]).code, 0);
    assert_eq!(fs::read_to_string(tree.path().join("stamplint.yaml")).unwrap(), written);
}

#[test]
fn init_writes_patterns_where_stamps_differ_by_their_name() {
    let tree = Tree::copy("fleet");
    let printed = tree.run(&["init", "--print"]).out;
    assert!(printed.contains("parameters: \"infra/cluster.parameters.{name}.json\""), "{printed}");
    assert!(
        printed.contains("kustomize:\n      # the stamp's parameters name `region1`\n      - clusters/region1"),
        "{printed}"
    );
}

#[test]
fn a_parameter_file_that_no_stamp_uses_is_said() {
    let tree = Tree::new(&[
        ("main.bicep", "param a string\noutput b string = a\n"),
        (
            "other.parameters.json",
            r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
"contentVersion": "1.0.0.0", "parameters": {"z": {"value": 1}, "y": {"value": 2}}}"#,
        ),
        ("base.bicepparam", "using 'missing.bicep'\n"),
    ]);
    let ran = tree.run(&["--format", "json", "--select", "not-analysed"]);
    assert_eq!(
        ran.findings(),
        ["not-analysed base.bicepparam:1 [default]", "not-analysed other.parameters.json:1 [default]"]
    );
}

#[test]
fn a_patch_that_no_kustomization_names_is_no_manifest() {
    let pod = |container: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec:\n      containers: [{container}]\n"
        )
    };
    let patch = pod("{name: web, args: [--metrics]}");
    let whole = pod("{name: web, image: 'contoso.azurecr.io/web:latest'}");
    let run = |patch_at: &str| {
        let tree = Tree::new(&[]);
        tree.write("config/kustomization.yaml", "resources: [web.yaml]\n#patches:\n#- path: metrics_patch.yaml\n");
        tree.write("config/web.yaml", whole.as_bytes());
        tree.write(patch_at, patch.as_bytes());
        tree.run(&["--format", "json", "--select", "mutable-image-tag,schema-violation"]).findings()
    };
    assert_eq!(run("config/metrics_patch.yaml"), ["mutable-image-tag config/web.yaml:9 [default]"]);
    // Elsewhere a container without an image is a fault.
    let elsewhere = run("other/metrics_patch.yaml");
    assert!(elsewhere.iter().any(|f| f.starts_with("schema-violation other/metrics_patch.yaml:9")), "{elsewhere:?}");
}
