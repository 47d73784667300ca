//! Policies of a user's own repository, through the binary: the folder is found, faults are told where they stand, and
//! the run goes on.

use crate::support::{Ran, Tree};

const OBJECT: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: shop
  annotations: {example.dev/forbidden: \"yes\"}
";
const CONFIG: &str = "policies: [{path: org, timeout: 1}]\n";

fn document(title: &str) -> String {
    format!(
        "---\ntitle: {title}\nseverity: medium\neffect: audit\nscope: resource\nengine: rego\n\
         applies-to: [kubernetes]\nreads: [metadata.annotations]\nsince: 0.1.0\n---\nWhy.\n\n## How to fix\n\nMend it.\n"
    )
}

/// A tree with one rule of the user's that holds and one that is at fault.
fn with_policy(id: &str, policy: &str) -> Tree {
    let good = "package rules[\"good\"]\ndeny contains {\"path\": [\"kind\"], \"msg\": \"seen\"} if input.kind\n";
    let tree = Tree::new(&[("app.yaml", OBJECT), ("stamplint.yaml", CONFIG), ("org/policies/team/good.rego", good)]);
    tree.write("org/rules/team/good.md", document("Good"));
    tree.write(&format!("org/rules/team/{id}.md"), document("Other"));
    tree.write(&format!("org/policies/team/{id}.rego"), policy);
    tree
}

/// File, line, column and message of each finding of `policy-error`.
fn errors(ran: &Ran) -> Vec<(String, u64, u64, String)> {
    let report = ran.json();
    let findings = report["findings"].as_array().unwrap().clone();
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    let of = |f: &serde_json::Value| {
        let place = &f["places"][0];
        let at = |key: &str| place["start"][key].as_u64().unwrap_or(0);
        (text(&place["file"]), at("line"), at("column"), text(&f["message"]))
    };
    findings.iter().filter(|f| f["rule"] == "policy-error").map(of).collect()
}

#[test]
fn faulty_policies_are_found_where_they_stand_and_the_run_goes_on() {
    let deny = "deny contains {\"path\": [\"kind\"], \"msg\": \"x\"} if {\n";
    let cases = [
        ("parse", format!("package rules[\"parse\"]\n\n{deny}  input.kind ==\n}}\n"), 5, 1, "expecting expression"),
        ("other", format!("package rules[\"another\"]\n{deny}  input.kind\n}}\n"), 1, 1, "declares no `deny`"),
        (
            "loop",
            format!("package rules[\"loop\"]\n\n  f(x) := f(x + 1)\n{deny}  f(1)\n}}\n"),
            3,
            3,
            "`f` calls itself",
        ),
        (
            "huge",
            format!(
                "package rules[\"huge\"]\n{deny}  n := numbers.range(1, 9999)\n  \
                 count({{[a, b, c] | some a in n; some b in n; some c in n}}) > 1\n}}\n"
            ),
            2,
            1,
            "one evaluation takes longer than 1 s",
        ),
        (
            "conflict",
            format!("package rules[\"conflict\"]\nx := 1 if input.kind\nx := 2 if input.metadata\n{deny}  x > 0\n}}\n"),
            3,
            1,
            "this rule has another value than org/policies/team/conflict.rego:2:1",
        ),
        (
            "typo",
            format!("package rules[\"typo\"]\n{deny}  startwith(input.kind, \"C\")\n}}\n"),
            3,
            3,
            "is no function",
        ),
        ("reach", format!("package rules[\"reach\"]\n{deny}  http.send({{}})\n}}\n"), 3, 3, "is refused"),
        ("shape", "package rules[\"shape\"]\ndeny contains \"text\"\n".to_owned(), 2, 1, "a result is no object"),
    ];
    for (id, policy, line, column, message) in cases {
        let tree = with_policy(id, &policy);
        let ran = tree.run(&["--format", "json"]);
        assert_eq!(ran.code, 1, "{id}: {}{}", ran.out, ran.err);
        let found = errors(&ran);
        let [(file, at, from, said)] = found.as_slice() else { panic!("{id}: {found:?}") };
        assert_eq!((file.as_str(), *at, *from), (&*format!("org/policies/team/{id}.rego"), line, column), "{said}");
        assert!(said.contains(message), "{id}: {said}");
        assert!(ran.findings().contains(&"good app.yaml:2 [default]".to_owned()), "{id}: {:?}", ran.findings());
    }
}

#[test]
fn rules_and_policies_that_do_not_go_together_are_told() {
    let tree = with_policy("twice", "package rules[\"twice\"]\ndeny contains {\"path\": [], \"msg\": \"x\"}\n");
    tree.write("org/rules/zeta/twice.md", document("Again"));
    tree.write(
        "org/policies/zeta/twice.rego",
        "package rules[\"twice\"]\ndeny contains {\"path\": [], \"msg\": \"y\"}\n",
    );
    tree.write("org/policies/team/alone.rego", "package rules[\"alone\"]\n");
    tree.write("org/rules/team/bare.md", document("Bare"));
    tree.write("org/rules/team/native.md", document("Native").replace("engine: rego", "engine: native"));
    tree.write("org/rules/team/broken.md", "---\ntitle: [\n---\n");
    let ran = tree.run(&["--format", "json"]);
    let places: Vec<_> =
        errors(&ran).into_iter().map(|(file, line, _, said)| format!("{file}:{line} {said}")).collect();
    for expected in [
        "org/rules/zeta/twice.md:1 `org/rules/zeta/twice.md` and a rule of family `team` have the same id",
        "org/policies/zeta/twice.rego:1 two policies are for the rule `twice`",
        "org/policies/team/alone.rego:1 the policy has no document `rules/team/alone.md`",
        "org/rules/team/bare.md:6 the rule `bare` has no policy",
        "org/rules/team/native.md:6 the rule `native` is native, but not built in",
    ] {
        assert!(places.iter().any(|p| p == expected), "{expected}\n{places:#?}");
    }
    assert!(places.iter().any(|p| p.starts_with("org/rules/team/broken.md:")), "{places:#?}");
    assert_eq!(places.len(), 6, "{places:#?}");
}

#[test]
fn a_policy_that_fails_on_one_resource_judges_the_others() {
    let policy = "package rules[\"some\"]\nx := 1 if input.data\nx := 2 if input.data.two\n\
        deny contains {\"path\": [\"kind\"], \"msg\": sprintf(\"x is %d\", [x])}\n";
    let tree = with_policy("some", policy);
    for (name, data) in [("bad", "{two: \"1\"}"), ("fine", "{one: \"1\"}"), ("also-bad", "{two: \"2\"}")] {
        let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {data}\n");
        tree.write(&format!("{name}.yaml"), text);
    }
    let ran = tree.run(&["--format", "json", "--select", "some"]);
    assert_eq!(ran.findings(), ["some fine.yaml:2 [default]", "policy-error org/policies/team/some.rego:3 []"]);
    let report = ran.json();
    let met = &report["findings"][1]["places"][1];
    assert_eq!((&met["file"], &met["text"]), (&"also-bad.yaml".into(), &"met at `ConfigMap/also-bad`".into()));
}

#[test]
fn a_library_of_the_users_is_seen_by_their_rules_only() {
    let policy = "package rules[\"uses\"]\nimport data.lib.words\nimport data.lib.pods\n\
        deny contains {\"path\": [\"kind\"], \"msg\": words.seen} if count(pods.all) == 0\n";
    let tree = with_policy("uses", policy);
    tree.write("org/policies/lib/words.rego", "package lib.words\nseen := \"seen with a library\"\n");
    let ran = tree.run(&["--format", "json", "--select", "uses"]);
    assert_eq!(ran.json()["findings"][0]["message"], "seen with a library", "{}", ran.out);
    tree.write("org/policies/lib/words.rego", "package lib.words\nseen :=\n");
    let ran = tree.run(&["--format", "json"]);
    let found = errors(&ran);
    assert_eq!(found.len(), 1, "once, however many rules use it: {found:?}");
    assert_eq!((found[0].0.as_str(), found[0].1), ("org/policies/lib/words.rego", 3));
}

#[test]
fn folders_that_hold_no_rules_are_told_at_the_config() {
    let tree =
        Tree::new(&[("app.yaml", OBJECT), ("stamplint.yaml", "policies:\n  - path: nowhere\n  - path: empty\n")]);
    tree.write("empty/README.md", "");
    let found = errors(&tree.run(&["--format", "json"]));
    let places: Vec<_> =
        found.iter().map(|(file, line, column, said)| (file.as_str(), *line, *column, said.as_str())).collect();
    assert_eq!(
        places,
        [("stamplint.yaml", 2, 11, "`nowhere` is no folder"), ("stamplint.yaml", 3, 11, "`empty` holds no rule")]
    );
}

#[test]
fn rules_of_the_users_are_listed_explained_and_traced() {
    let policy = "package rules[\"marked\"]\n\ndeny contains {\"path\": [\"kind\"], \"msg\": \"marked\"} if {\n  \
        input.metadata.annotations[\"example.dev/forbidden\"]\n  print(\"looked at\", input.metadata.name)\n}\n";
    let tree = with_policy("marked", policy);
    tree.write("bare.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bare}\n");
    let listed = tree.run(&["rules"]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    assert!(listed.out.contains("team\n  good") && listed.out.contains("Other"), "{}", listed.out);
    let explained = tree.run(&["explain", "marked"]);
    assert!(explained.out.contains("declared   org/rules/team/marked.md:6"), "{}", explained.out);
    assert!(explained.out.contains("Mend it."), "{}", explained.out);
    let traced = tree.run(&["explain", "marked", "--trace"]);
    assert_eq!(traced.code, 0, "{}", traced.err);
    for expected in [
        "ConfigMap/shop/settings  app.yaml:2  [default]",
        "  org/policies/team/marked.rego\n    1  package rules[\"marked\"]",
        "  + 5    print(\"looked at\", input.metadata.name)",
        "  printed org/policies/team/marked.rego:5: looked at settings",
        "  deny = [{\"msg\":\"marked\",\"path\":[\"kind\"]}]",
        "ConfigMap/bare  bare.yaml:2  [default]",
        "  + 4    input.metadata.annotations[\"example.dev/forbidden\"]\n  - 5    print(",
    ] {
        assert!(traced.out.contains(expected), "{expected}\n{}", traced.out);
    }
    let one = tree.run(&["explain", "marked", "--trace", "bare.yaml"]);
    assert!(one.out.contains("ConfigMap/bare") && !one.out.contains("shop/settings"), "{}", one.out);
    assert_eq!(tree.run(&["explain", "marked", "bare.yaml"]).code, 2, "a path says nothing without --trace");
    let native = tree.run(&["explain", "mutable-image-tag", "--trace"]);
    assert_eq!(native.code, 2);
    assert!(native.err.contains("is not written in Rego"), "{}", native.err);
}

const TEMPLATE: &str = "\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: k8slabels, annotations: {metadata.gatekeeper.sh/title: Labels are there}}
spec:
  crd: {spec: {names: {kind: K8sLabels}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package k8slabels
        violation[{\"msg\": msg}] {
          not input.review.object.metadata.labels.owner
          msg := \"no owner\"
        }
";

#[test]
fn foreign_rules_are_listed_explained_and_traced() {
    let config = "policies:\n- {path: gk, dialect: gatekeeper}\n- {path: ct, dialect: conftest}\n";
    let tree = Tree::new(&[("app.yaml", OBJECT), ("stamplint.yaml", config), ("gk/template.yaml", TEMPLATE)]);
    tree.write(
        "gk/constraint.yaml",
        "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sLabels\nmetadata: {name: owners}\n\
         spec: {match: {namespaces: [shop]}}\n",
    );
    tree.write("ct/main.rego", "package main\n\nwarn_old contains \"old\" if input.kind == \"ConfigMap\"\n");
    tree.write("other.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: other}\n");
    let listed = tree.run(&["rules"]).out;
    assert!(listed.contains("  gatekeeper/owners ") && listed.contains("  conftest/main/warn_old "), "{listed}");
    let explained = tree.run(&["explain", "gatekeeper/owners"]).out;
    assert!(explained.contains("gatekeeper/owners: Labels are there"), "{explained}");
    assert!(explained.contains("declared   gk/constraint.yaml:2"), "{explained}");
    let traced = tree.run(&["explain", "gatekeeper/owners", "--trace"]).out;
    assert!(traced.contains("  gk/template.yaml\n     9          package k8slabels"), "{traced}");
    assert!(traced.contains("  + 11            not input.review.object.metadata.labels.owner"), "{traced}");
    assert!(traced.contains("violation = [{\"msg\":\"no owner\"}]"), "{traced}");
    assert!(
        traced.contains("ConfigMap/other/other: not asked, the constraint's `spec.match` leaves it out"),
        "{traced}"
    );
    let traced = tree.run(&["explain", "conftest/main/warn_old", "--trace", "other.yaml"]).out;
    assert!(traced.contains("ConfigMap/other/other") && traced.contains("warn_old = [\"old\"]"), "{traced}");
}

#[test]
fn constraints_of_a_stamp_apply_to_that_stamp() {
    let config = "stamps:\n- name: one\n  policies: [{path: gk, dialect: gatekeeper}]\n- name: two\n\
        eachStamp: {manifests: [app.yaml]}\n";
    let tree = Tree::new(&[("app.yaml", OBJECT), ("stamplint.yaml", config), ("gk/template.yaml", TEMPLATE)]);
    let constraint = |name: &str, spec: &str| {
        format!(
            "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sLabels\nmetadata: {{name: {name}}}\nspec: {spec}\n"
        )
    };
    tree.write("gk/a.yaml", constraint("owners", "{match: {namespaces: [shop]}}"));
    tree.write("gk/b.yaml", constraint("elsewhere", "{match: {excludedNamespaces: ['sh*']}}"));
    tree.write("gk/c.yaml", constraint("faulty", "{match: {namespaces: ['s*p']}}"));
    let ran = tree.run(&["--format", "json", "--select", "gatekeeper"]);
    let mut found = ran.findings();
    found.sort();
    assert_eq!(found, ["gatekeeper/owners app.yaml:2 [one]", "policy-error gk/c.yaml:4 []"]);
}

const CONFTEST: &str = "\
package main

import data.limits

deny_kind contains msg if {
	input.kind in limits.forbidden
	msg := sprintf(\"%s is forbidden\", [input.kind])
}

warn contains \"old\" if input.metadata.annotations.old

exception contains [\"kind\"] if input.metadata.annotations.spared
";

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default()));
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn spared(name: &str, annotation: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, annotations: {{{annotation}: x}}}}\n")
}

#[test]
fn conftests_policies_come_as_folders_and_as_bundles() {
    let data = r#"{"forbidden": ["ConfigMap"]}"#;
    let objects = [("app.yaml", OBJECT)];
    let wanted = ["conftest/main/deny_kind app.yaml:2 [default]", "conftest/main/warn old.yaml:2 [default]"];
    let bundle =
        archive(&[("policy/main.rego", CONFTEST), ("limits/data.json", data), (".manifest", "{\"revision\": \"\"}")]);
    let forms: [(&str, &str); 3] = [
        ("policies: [{path: ct, dialect: conftest, data: data}]\n", "folder with data"),
        ("policies: [{path: ct.tar.gz, dialect: conftest}]\n", "archive"),
        ("policies: [{path: unpacked, dialect: conftest}]\n", "unpacked bundle"),
    ];
    for (config, form) in forms {
        let tree = Tree::new(&objects);
        tree.write("stamplint.yaml", config);
        tree.write(
            "old.yaml",
            format!("{}    old: x\n", spared("old", "spared").replace("}}", ", old: y}}"))
                .lines()
                .take(3)
                .collect::<Vec<_>>()
                .join("\n"),
        );
        tree.write("spared.yaml", spared("spared", "spared"));
        tree.write("ct/main.rego", CONFTEST);
        tree.write("data/limits/data.json", data);
        tree.write("ct.tar.gz", &bundle);
        tree.write("unpacked/policy/main.rego", CONFTEST);
        tree.write("unpacked/limits/data.json", data);
        tree.write("unpacked/.manifest", "{}");
        let ran = tree.run(&["--format", "json", "--select", "conftest"]);
        let mut found = ran.findings();
        found.sort();
        assert_eq!(found, wanted, "{form}: {}", ran.err);
    }
}

#[test]
fn a_bundle_has_the_digest_that_is_asked_for() {
    let bundle = archive(&[("main.rego", "package main\ndeny contains \"no\" if input.kind\n")]);
    let tree = Tree::new(&[("app.yaml", OBJECT)]);
    tree.write("ct.tar.gz", &bundle);
    let run = |digest: &str| {
        tree.write(
            "stamplint.yaml",
            format!("policies:\n- path: ct.tar.gz\n  dialect: conftest\n  digest: {digest}\n"),
        );
        tree.run(&["--format", "json", "--select", "conftest"])
    };
    let wrong = run(&format!("sha256:{}", "0".repeat(64)));
    let [(file, line, column, said)] = &errors(&wrong)[..] else { panic!("{}", wrong.out) };
    assert_eq!((file.as_str(), *line, *column), ("stamplint.yaml", 2, 9));
    let seen = said.split("`sha256:").nth(1).unwrap().split('`').next().unwrap().to_owned();
    assert_eq!(wrong.findings().len(), 1, "nothing of it runs: {:?}", wrong.findings());
    let right = run(&format!("sha256:{seen}"));
    assert_eq!(right.findings(), ["conftest/main/deny app.yaml:2 [default]"]);
    tree.write("ct.tar.gz", &bundle[..bundle.len() / 2]);
    let broken = run(&format!("sha256:{seen}"));
    assert_eq!(errors(&broken).len(), 1, "{:?}", broken.findings());
}

#[test]
fn conftests_namespaces_and_all_documents_at_once() {
    let combined = "package pairs\n\ndeny contains msg if {\n  some a in input\n  a.contents.kind == \"Deployment\"\n  \
        not served(a.contents.metadata.name)\n  msg := sprintf(\"Deployment %s has no Service\", [a.contents.metadata.name])\n}\n\n\
        served(name) if {\n  some b in input\n  b.contents.kind == \"Service\"\n  b.contents.metadata.name == name\n}\n";
    let object = |kind: &str, name: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\n");
    let tree = Tree::new(&[]);
    tree.write("ct/pairs.rego", combined);
    tree.write("ct/other.rego", "package other\ndeny contains \"other\"\n");
    tree.write("a.yaml", object("Deployment", "a"));
    tree.write("b.yaml", object("Deployment", "b"));
    tree.write("s.yaml", object("Service", "a"));
    let run = |more: &str| {
        tree.write("stamplint.yaml", format!("policies:\n- {{path: ct, dialect: conftest, {more}}}\n"));
        tree.run(&["--format", "json", "--select", "conftest"]).findings()
    };
    assert_eq!(run("namespaces: pairs, combine: true"), ["conftest/pairs/deny b.yaml:2 [default]"]);
    assert_eq!(run("namespaces: other").len(), 3);
    assert_eq!(run("namespaces: nowhere"), ["policy-error stamplint.yaml:2 []"]);
}
