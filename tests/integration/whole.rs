//! The main job from end to end, one test for each part of it: the binary over a small fleet that is written here.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Ran, Tree};

const DEPLOYMENT_TEMPLATE: &str = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
const PARAMETERS: &str = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#";

/// `rule line:column-line:column` of the first place of each finding.
fn spans(ran: &Ran) -> Vec<String> {
    let report = ran.json();
    let place = |f: &Value| {
        let (start, end) = (&f["places"][0]["start"], &f["places"][0]["end"]);
        let rule = f["rule"].as_str().unwrap_or_default().to_owned();
        format!("{rule} {}:{}-{}:{}", start["line"], start["column"], end["line"], end["column"])
    };
    report["findings"].as_array().unwrap().iter().map(place).collect()
}

const FORMS: &str = r#"# Source: shop/templates/web.yaml
apiVersion: v1
kind: Pod
metadata: {name: "wéb😀", namespace: shop, annotations: {note: "😀"}}
x: &image nginx:latest
spec:
  containers:
    - {env: [{name: A, value: "😀é"}], name: a, image: "nginx"}
    - name: b
      image: >-
        redis:latest
    - &c
      name: c
      image: !!str busybox
    - <<: *c
      name: d
      image: *image
---
apiVersion: v1
kind: Pod
metadata: {name: broken
---
# Source: shop/charts/cache/templates/list.yaml
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: PodList
    items:
      - metadata: {name: e}
        spec: {containers: [{name: e, image: memcached}]}
"#;

#[test]
fn manifests_are_read_in_every_form_and_faults_are_placed_to_the_character() {
    let wanted = [
        "mutable-image-tag 5:11-5:23",
        "mutable-image-tag 8:55-8:62",
        "mutable-image-tag 10:14-11:21",
        "mutable-image-tag 14:20-14:27",
        "not-analysed 21:11-21:12",
        "mutable-image-tag 31:46-31:55",
    ];
    let utf16 = |big: bool| {
        let units = FORMS.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() });
        let mark: [u8; 2] = if big { [0xFE, 0xFF] } else { [0xFF, 0xFE] };
        mark.into_iter().chain(units).collect::<Vec<u8>>()
    };
    let encodings = [
        ("plain", FORMS.as_bytes().to_vec()),
        ("crlf", FORMS.replace('\n', "\r\n").into_bytes()),
        ("mark", ["\u{feff}", FORMS].concat().into_bytes()),
        ("utf-16le", utf16(false)),
        ("utf-16be", utf16(true)),
    ];
    let select = ["--select", "mutable-image-tag,not-analysed", "--format"];
    for (name, bytes) in encodings {
        let tree = Tree::new(&[]);
        tree.write("all.yaml", &bytes);
        let ran = tree.run(&[&select[..], &["json", "all.yaml"]].concat());
        assert_eq!(spans(&ran), wanted, "{name}");
        assert_eq!(ran.code, 1, "{name}");
        // Standard input and the folder are the same text.
        let piped = tree.run_with_input(&[&select[..], &["json", "-"]].concat(), &bytes);
        assert_eq!(spans(&piped), wanted, "{name}");
        assert_eq!(spans(&tree.run(&[&select[..], &["json"]].concat())), wanted, "{name}");
        // SARIF counts UTF-16 units: the emoji before the image is two of them.
        let sarif = tree.run(&[&select[..], &["sarif", "all.yaml"]].concat()).json();
        let run = &sarif["runs"][0];
        assert_eq!(run["columnKind"], "utf16CodeUnits");
        let region = &run["results"][1]["locations"][0]["physicalLocation"]["region"];
        assert_eq!((&region["startColumn"], &region["endColumn"]), (&56.into(), &63.into()), "{name}");
        assert_eq!(run["results"][1]["properties"]["renderedFrom"], "shop/templates/web.yaml");
    }
}

#[test]
fn the_template_of_helms_output_is_named_beside_the_place() {
    let tree = Tree::new(&[("all.yaml", FORMS)]);
    let shown = tree.run(&["--select", "mutable-image-tag", "all.yaml"]).out;
    assert!(shown.contains("all.yaml:8:55"), "{shown}");
    assert!(shown.contains("= template: shop/templates/web.yaml"), "{shown}");
    assert!(shown.contains("= template: shop/charts/cache/templates/list.yaml"), "{shown}");
    let report = tree.run(&["--select", "mutable-image-tag", "--format", "json", "all.yaml"]).json();
    assert_eq!(report["findings"][0]["renderedFrom"], "shop/templates/web.yaml");
}

/// Scalars have the types that Kubernetes gives them.
#[test]
fn words_are_typed_as_kubernetes_types_them() {
    let labels = "a: yes, b: 0644, c: 1_000, d: 08, e: .5, f: 0x1F, g: off, \
                  h: 1:30, i: 2020-01-01, j: null, k: '1', l: \"on\", m: !!str 1, n: v1, o: y1";
    let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {{{labels}}}\n");
    let tree = Tree::new(&[("a.yaml", &text)]);
    let report = tree.run(&["--select", "schema-violation", "--format", "json"]).json();
    let said: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|f| f["message"].as_str().unwrap()).collect();
    let keys: String = said.iter().filter_map(|m| m.strip_prefix('`')?.chars().next()).collect();
    assert_eq!(keys, "abcdefg", "{said:#?}");
}

#[test]
fn files_are_told_apart_by_what_is_in_them() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: nginx}]}\n";
    let tree = Tree::new(&[
        ("k8s/pod.yaml", pod),
        ("k8s/other.yaml", "services: {web: {image: nginx}}\n"),
        ("k8s/broken-other.yaml", "key: [\n"),
        ("chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        ("chart/values.yaml", "image: nginx\n"),
        ("chart/templates/pod.yaml", &format!("{{{{- if .Values.x }}}}\n{pod}{{{{- end }}}}\n")),
        ("chart/templates/plain.yaml", pod),
        (".github/workflows/ci.yaml", "on: push\njobs: {a: {container: {image: node}, steps: []}}\n"),
        ("app/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("app/pod.yaml", &pod.replace("name: a}\n", "name: b}\n")),
        ("misc/openapi.yaml", "openapi: 3.0.0\npaths: {}\n"),
        ("misc/package.json", "{\"name\": \"x\"}\n"),
        ("misc/empty.yaml", ""),
        ("misc/no-kind.yaml", "apiVersion: v1\nmetadata: {name: [x\n"),
        ("misc/broken.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: [x\n"),
    ]);
    let ran = tree.run(&["--select", "mutable-image-tag,input", "--format", "json"]);
    assert_eq!(
        ran.findings(),
        [
            "mutable-image-tag app/pod.yaml:4 [default]",
            "mutable-image-tag k8s/pod.yaml:4 [default]",
            "not-analysed misc/broken.yaml:3 [default]",
        ]
    );
    let left = ran.json()["summary"]["leftAlone"].clone();
    let count = |what: &str| left.as_array().unwrap().iter().find(|c| c["what"] == what).map(|c| c["count"].clone());
    assert_eq!(count("chart template"), Some(2.into()), "{left}");
    assert_eq!(count("other YAML file"), Some(5.into()), "{left}");
    assert_eq!(count("other JSON file"), Some(1.into()), "{left}");
    assert!(tree.run(&[]).err.contains("2 chart templates"));
}

fn cluster(properties: &str) -> String {
    format!(
        r#"{{
  "$schema": "{DEPLOYMENT_TEMPLATE}",
  "contentVersion": "1.0.0.0",
  "parameters": {{
    "location": {{"type": "string", "defaultValue": "eastus2"}},
    "local": {{"type": "bool", "defaultValue": true}},
    "zones": {{
      "type": "array",
      "defaultValue": [
        "1"
      ]
    }}
  }},
  "variables": {{"profile": {{"networkPlugin": "azure"}}, "policy": "none"}},
  "resources": [
    {{
      "type": "Microsoft.ContainerService/managedClusters",
      "apiVersion": "2024-02-01",
      "name": "aks",
      "location": "[parameters('location')]",
      "properties": {{
{properties}
      }}
    }}
  ]
}}
"#
    )
}

fn parameters(values: &str) -> String {
    format!(
        "{{\n  \"$schema\": \"{PARAMETERS}\",\n  \"contentVersion\": \"1.0.0.0\",\n  \"parameters\": {{{values}}}\n}}\n"
    )
}

const CLUSTER_RULES: [&str; 2] =
    ["--select", "local-accounts-enabled,network-policy-disabled,node-pool-not-zonal,template-error"];

/// Literals, parameters, variables and defaults: the place is where the value was written, each use a further one.
#[test]
fn values_of_templates_are_blamed_where_they_were_written() {
    let pools =
        r#"        "agentPoolProfiles": [{"name": "s", "mode": "System", "availabilityZones": ["1", "2", "3"]}]"#;
    let case = |lines: &str| cluster(&format!("{lines}{pools}"));
    let good = r#"        "disableLocalAccounts": true,
        "networkProfile": {"networkPolicy": "cilium"},
"#;
    let cases = [
        ("all is well", case(good), &[][..]),
        (
            "literals",
            case(
                "        \"disableLocalAccounts\": false,\n        \"networkProfile\": {\"networkPolicy\": \"none\"},\n",
            ),
            &["local-accounts-enabled 22:33-22:38", "network-policy-disabled 23:45-23:51"],
        ),
        (
            "a default through `not`, a variable",
            case(
                "        \"disableLocalAccounts\": \"[not(parameters('local'))]\",\n        \"networkProfile\": {\"networkPolicy\": \"[variables('policy')]\"},\n",
            ),
            &["network-policy-disabled 14:66-14:72", "local-accounts-enabled 22:33-22:61"],
        ),
        (
            "absent, and absent from an object of a variable",
            case("        \"networkProfile\": \"[variables('profile')]\",\n"),
            &["network-policy-disabled 14:28-14:29", "local-accounts-enabled 21:7-21:19"],
        ),
        (
            "a list on several lines that is a default",
            cluster(&format!(
                "{good}        \"agentPoolProfiles\": [{{\"name\": \"s\", \"mode\": \"System\", \"availabilityZones\": \"[parameters('zones')]\"}}]"
            )),
            &["node-pool-not-zonal 9:23-9:24"],
        ),
        (
            "one bad expression costs itself alone",
            case("        \"disableLocalAccounts\": \"[nothing()]\",\n"),
            &["network-policy-disabled 21:7-21:19", "template-error 22:33-22:46"],
        ),
    ];
    for (name, template, wanted) in cases {
        let tree = Tree::new(&[("cluster.json", &template)]);
        let ran = tree.run(&[&CLUSTER_RULES[..], &["--format", "json"]].concat());
        assert_eq!(spans(&ran), wanted, "{name}: {}", ran.out);
    }
}

/// One fault in what stamps share is one finding that names them; one in a parameter file is its stamp's.
#[test]
fn stamps_are_told_apart_by_their_parameter_files() {
    let pools = r#"        "networkProfile": {"networkPolicy": "none"},
        "disableLocalAccounts": "[parameters('local')]",
        "agentPoolProfiles": [{"name": "s", "mode": "System", "availabilityZones": ["1", "2", "3"]}]"#;
    let tree = Tree::new(&[
        ("cluster.json", &cluster(pools)),
        ("cluster.parameters.eastus2.json", &parameters(r#""location": {"value": "eastus2"}"#)),
        (
            "cluster.parameters.centralus.json",
            &parameters(r#""location": {"value": "centralus"}, "local": {"value": false}"#),
        ),
    ]);
    let wanted = [
        "network-policy-disabled cluster.json:22 [centralus,eastus2]",
        "local-accounts-enabled cluster.parameters.centralus.json:4 [centralus]",
    ];
    let ran = tree.run(&[&CLUSTER_RULES[..], &["--format", "json"]].concat());
    assert_eq!(ran.findings(), wanted);
    let stamps = tree.run(&["stamps"]);
    assert!(stamps.out.contains("centralus  region centralus"), "{}", stamps.out);
    assert!(stamps.out.contains("cluster.parameters.centralus.json"), "{}", stamps.out);
    // What `init` writes gives the same, and leaves nothing to infer.
    assert_eq!(tree.run(&["init"]).code, 0);
    let again = tree.run(&[&CLUSTER_RULES[..], &["--format", "json"]].concat());
    assert_eq!(again.findings(), wanted);
    assert_eq!(again.json()["summary"]["inferred"], serde_json::json!([]));
}

/// What does not parse is a fault wherever it stands: a run that looked at nothing is not green.
#[test]
fn a_template_that_does_not_parse_is_a_fault_even_where_nothing_deploys_it() {
    let whole = cluster("        \"disableLocalAccounts\": true");
    let pod = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let begun = whole.find("deploymentTemplate.json#").unwrap() + "deploymentTemplate.json#\"".len();
    for end in (begun..whole.trim_end().len()).step_by(7) {
        let tree = Tree::new(&[("cluster.json", &whole[..end]), ("pod.yaml", pod)]);
        let ran = tree.run(&["--select", "template-error", "--format", "json"]);
        assert_eq!(ran.code, 1, "{end}: {}{}", ran.out, ran.err);
        assert_eq!(ran.json()["findings"][0]["places"][0]["file"], "cluster.json");
    }
    let file = parameters("\"a\": {\"value\": 1}");
    let cut = &file[..file.len() - 8];
    let tree = Tree::new(&[("lone.parameters.json", cut), ("pod.yaml", pod)]);
    assert_eq!(
        tree.run(&["--select", "input", "--format", "json"]).findings(),
        ["template-error lone.parameters.json:4 [default]"]
    );
}

#[test]
fn a_bad_config_is_said_with_its_place_and_the_right_word() {
    let pod = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let cases = [
        ("stamps: [{name: a}]\neachStamp: {manifest: ['*.yaml']}\n", ":2:13", "did you mean `manifests`?"),
        ("stamps: [{name: a, regoin: x}]\n", ":1:20", "did you mean `region`?"),
        ("stamps: {name: a}\n", ":1:9", "`stamps` is to be a list"),
        ("- stamps\n", ":1:1", "the config is to be a map"),
        ("stamps: []\n", ":1:9", "`stamps` names no stamp"),
        ("stamps: [{name: ''}]\neachStamp: {manifests: ['*.yaml']}\n", ":1:17", "a stamp has an empty name"),
        ("rules: {mutable-image-tags: {effect: deny}}\n", ":1:9", "did you mean `mutable-image-tag`?"),
        ("rules: {mutable-image-tag: {effect: dney}}\n", ":1:37", "did you mean `deny`?"),
        ("rules: {mutable-image-tag: {requires: tag}}\n", ":1:29", "did you mean `require`?"),
        ("rules: {mutable-image-tag: {require: digets}}\n", ":1:38", "did you mean `digest`?"),
        ("rules: {mutable-image-tag: off}\n", ":1:28", "write `mutable-image-tag: {effect: off}`"),
        ("stamps: [{name: a\n", ":1:10", "the config cannot be read"),
    ];
    for (config, place, said) in cases {
        let tree = Tree::new(&[("pod.yaml", pod), ("stamplint.yaml", config)]);
        let ran = tree.run(&[]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{config}");
        assert!(ran.err.contains(said), "{config}\n{}", ran.err);
        assert!(ran.err.contains(&format!("stamplint.yaml{place}\n")), "{config}\n{}", ran.err);
    }
    // A region that nobody knows is no error, since tables age; it is said.
    let config =
        "stamps: [{name: a, region: Easttus 2}, {name: b, region: West US 2}]\neachStamp: {manifests: [pod.yaml]}\n";
    let ran = Tree::new(&[("pod.yaml", pod), ("stamplint.yaml", config)]).run(&["--select", "input"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("stamp `a` is in `Easttus 2`, which is no known region: did you mean `eastus2`?"), "{said}");
    assert!(!said.contains("stamp `b`"), "{said}");
    // What it names and is not there is a finding.
    let config = "stamps: [{name: a}, {name: a}]\neachStamp: {manifests: [pod.yaml, 'no/*.yaml']}\n";
    let tree = Tree::new(&[("pod.yaml", pod), ("stamplint.yaml", config)]);
    let ran = tree.run(&["--format", "json", "--select", "input"]);
    assert_eq!(ran.findings(), ["fleet-error stamplint.yaml:1 [a]", "not-analysed stamplint.yaml:2 [a,a]"]);
}

/// Every rule of the list is explained, is in SARIF with its help, and has a page.
#[test]
fn a_rules_document_is_what_every_output_says_of_it() {
    let tree = Tree::new(&[("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")]);
    let listed = tree.run(&["rules"]).out;
    let ids: Vec<&str> =
        listed.lines().filter(|l| l.starts_with("  ")).filter_map(|l| l.split_whitespace().next()).collect();
    let sarif = tree.run(&["--format", "sarif"]).json();
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().clone();
    for id in ["not-analysed", "unapproved-registry", "pod-without-network-policy", "node-pool-not-zonal"] {
        assert!(ids.contains(&id), "{id}\n{listed}");
        let explained = tree.run(&["explain", id]);
        assert_eq!(explained.code, 0);
        assert!(explained.out.starts_with(&format!("{id}: ")), "{}", explained.out);
        let rule = rules.iter().find(|r| r["id"] == id).unwrap();
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("How to fix"), "{rule}");
        assert!(rule["properties"]["security-severity"].is_string(), "{rule}");
    }
}

#[test]
fn reports_agree_and_keep_their_order_whatever_threads_do() {
    let tree = Tree::copy("fleet");
    let json = tree.run(&["--format", "json"]);
    let first = json.json();
    let findings = first["findings"].as_array().unwrap();
    let sarif = tree.run(&["--format", "sarif"]).json();
    let results = sarif["runs"][0]["results"].as_array().unwrap().clone();
    assert_eq!(findings.len(), results.len());
    for (finding, result) in findings.iter().zip(&results) {
        assert_eq!(finding["rule"], result["ruleId"]);
        assert_eq!(finding["stamps"], result["properties"]["stamps"]);
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap_or_default();
        assert!(!uri.starts_with('/') && !uri.contains('\\'), "{uri}");
        assert_eq!(finding["places"][0]["start"]["line"], place["region"]["startLine"]);
        assert!(result["partialFingerprints"]["place/v1"].is_string());
    }
    for jobs in ["1", "2", "8"] {
        assert_eq!(tree.run(&["--format", "json", "--jobs", jobs]).out, json.out, "{jobs} threads");
    }
    let (json_file, sarif_file) = (tree.path().join("r.json"), tree.path().join("r.sarif"));
    let outputs = [format!("json={}", json_file.display()), format!("sarif={}", sarif_file.display())];
    let ran = tree.run(&["-q", "--output", &outputs[0], "--output", &outputs[1], "--all"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert_eq!(fs::read_to_string(json_file).unwrap(), json.out);
    assert!(sarif_file.exists());
}

#[test]
fn verbose_says_what_every_file_is_taken_for_and_why_it_belongs_to_a_stamp() {
    let tree = Tree::new(&[
        ("pod.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"),
        ("notes.yaml", "a: 1\n"),
        ("cluster.json", &cluster("        \"disableLocalAccounts\": true")),
        ("cluster.parameters.json", &parameters("")),
    ]);
    let said = tree.run(&["-v", "--select", "input"]).err;
    for line in [
        "read     pod.yaml: manifest file",
        "read     cluster.json: template",
        "read     cluster.parameters.json: parameter file",
        "skipped  notes.yaml: other YAML file",
        "  manifest     pod.yaml: nothing ties it to one stamp",
    ] {
        assert!(said.contains(&format!("\n{line}\n")), "{line}\n{said}");
    }
    assert!(!tree.run(&["--select", "input"]).err.contains("pod.yaml"));
}

#[test]
fn the_project_has_what_a_stranger_looks_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files =
        ["Cargo.lock", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE-MIT", "LICENSE-APACHE"];
    for file in files.into_iter().chain(["docs/architecture.md", ".ci/run", "examples/contoso/stamplint.yaml"]) {
        assert!(root.join(file).is_file(), "{file}");
    }
    assert!(!root.join("rust-toolchain.toml").exists() && !root.join("rust-toolchain").exists());
    assert!(fs::read_to_string(root.join("Cargo.toml")).unwrap().contains("rust-version"));
}
