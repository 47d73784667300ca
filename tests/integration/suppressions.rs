//! Findings that somebody accepts: where a suppression may stand, what it covers, and what is said of it.

use crate::support::{Ran, Tree};

const RULES: &str = "mutable-image-tag,suppression-without-reason,suppression-expired,suppression-unused";

fn run(tree: &Tree, more: &[&str]) -> Ran {
    let mut arguments = vec!["--format", "json", "--select", RULES, "--today", "2026-06-15"];
    arguments.extend(more);
    tree.run(&arguments)
}

/// A Deployment with two containers, text put in by name.
fn web(put: &[(&str, &str)]) -> String {
    let mut text = "@top\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\n@notes\nspec:\n  \
                    selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      @pods\n      \
                    containers:\n        @above\n        - name: web\n          @image\n          image: nginx @line\n        \
                    - name: proxy\n          image: envoy\n"
        .to_owned();
    for (name, value) in put {
        text = text.replace(name, value);
    }
    // What nothing was put in stays as a line of blanks, so that lines keep their numbers.
    for name in ["@top", "@notes", "@pods", "@above", "@image", "@line"] {
        text = text.replace(name, "");
    }
    text
}

const WEB: &str = "mutable-image-tag app.yaml:18 [default]";
const PROXY: &str = "mutable-image-tag app.yaml:20 [default]";
const ALLOW: &str = "# stamplint: allow mutable-image-tag -- why";

#[test]
fn a_comment_covers_its_line_its_block_or_its_file() {
    let cases: &[(&[(&str, &str)], &[&str])] = &[
        (&[], &[WEB, PROXY]),
        (&[("@line", ALLOW)], &[PROXY]),
        (&[("@image", ALLOW)], &[PROXY]),
        (&[("@above", ALLOW)], &[PROXY]),
        (&[("@pods", ALLOW)], &[]),
        (&[("@top", ALLOW)], &[]),
        (&[("@image", "# stamplint: allow-file mutable-image-tag -- why")], &[]),
        (&[("@image", "# stamplint: allow mutable-image-tag,unapproved-registry in default -- why")], &[PROXY]),
        // Other rules, other stamps, other places.
        (&[("@line", "# stamplint: allow unapproved-registry -- why")], &[WEB, PROXY]),
        (&[("@line", "# stamplint: remember to allow mutable-image-tag")], &[WEB, PROXY]),
        (&[("@line", "# allow mutable-image-tag -- why")], &[WEB, PROXY]),
        (&[("@notes", ALLOW)], &[]),
        (&[("@top", &format!("{ALLOW} until 2026-06-15"))], &[]),
    ];
    for (put, expected) in cases {
        let tree = Tree::new(&[("app.yaml", &web(put))]);
        assert_eq!(run(&tree, &[]).findings(), *expected, "{put:?}");
    }
}

#[test]
fn what_is_wrong_with_a_suppression_is_a_finding() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("@line", "# stamplint: allow mutable-image-tag", &["suppression-without-reason app.yaml:18 []", PROXY]),
        (
            "@line",
            "# stamplint: allow mutable-image-tag -- why until 2026-06-14",
            &[WEB, "suppression-expired app.yaml:18 []", PROXY],
        ),
        (
            "@line",
            "# stamplint: allow mutable-image-tag -- why until 2026-06-31",
            &[WEB, "suppression-expired app.yaml:18 []", PROXY],
        ),
        ("@line", "# stamplint: allow mutable-image-tags -- why", &[WEB, "suppression-unused app.yaml:18 []", PROXY]),
        ("@line", "# stamplint: allow images -- why", &[WEB, "suppression-unused app.yaml:18 []", PROXY]),
        (
            "@line",
            "# stamplint: allow mutable-image-tag in eastus2 -- why",
            &[WEB, "suppression-unused app.yaml:18 []", PROXY],
        ),
        ("@line", "# stamplint: ignore mutable-image-tag", &[WEB, "suppression-unused app.yaml:18 []", PROXY]),
        (
            "@notes",
            "# stamplint: allow mutable-image-tag in default, west -- why",
            &["suppression-unused app.yaml:7 []"],
        ),
        ("@top", "# stamplint: allow suppression-unused -- why", &["suppression-unused app.yaml:1 []", WEB, PROXY]),
    ];
    for (name, text, expected) in cases {
        let tree = Tree::new(&[("app.yaml", &web(&[(name, text)]))]);
        assert_eq!(run(&tree, &[]).findings(), *expected, "{text}");
    }
    let tree = Tree::new(&[("app.yaml", &web(&[("@line", "# stamplint: allow mutable-image-tags -- why")]))]);
    let ran = run(&tree, &[]);
    let said = ran.json()["findings"][1].clone();
    assert_eq!(said["message"], "no rule is called `mutable-image-tags`");
    assert_eq!(said["help"], "Did you mean `mutable-image-tag`?");
}

#[test]
fn a_suppression_of_a_rule_that_was_not_run_is_not_unused() {
    let text = web(&[("@line", "# stamplint: allow runs-as-root, mutable-image-tag -- why")]);
    let tree = Tree::new(&[("app.yaml", &text)]);
    assert_eq!(run(&tree, &[]).findings(), [PROXY]);
    let off = "rules: {writable-root-filesystem: {effect: off}}\n";
    let text = web(&[("@line", "# stamplint: allow writable-root-filesystem -- why")]);
    let tree = Tree::new(&[("app.yaml", &text), ("stamplint.yaml", off)]);
    let all = tree.run(&["--format", "json", "--today", "2026-06-15"]);
    assert!(!all.out.contains("suppression-unused"), "{}", all.out);
    // A file that could not be read hides what was found in it.
    let broken = format!("{}---\na: [\n", web(&[("@line", "# stamplint: allow host-port -- why")]));
    let tree = Tree::new(&[("app.yaml", &broken)]);
    let all = tree.run(&["--format", "json"]);
    assert!(all.out.contains("not-analysed") && !all.out.contains("suppression-unused"), "{}", all.out);
}

const FLEET: &str = "fleet: shop\nstamps: [{name: east}, {name: west}]\neachStamp: {manifests: [app.yaml]}\n";

#[test]
fn a_suppression_in_a_shared_file_can_be_limited_to_stamps() {
    let text = web(&[("@line", "# stamplint: allow mutable-image-tag in west -- why")]);
    let tree = Tree::new(&[("app.yaml", &text), ("stamplint.yaml", FLEET)]);
    let both = "mutable-image-tag app.yaml:20 [east,west]";
    assert_eq!(run(&tree, &[]).findings(), ["mutable-image-tag app.yaml:18 [east]", both]);
    let shown = run(&tree, &["--show-suppressed"]);
    let west = "mutable-image-tag app.yaml:18 [west]";
    assert_eq!(shown.findings(), ["mutable-image-tag app.yaml:18 [east]", west, both]);
    assert_eq!(shown.json()["summary"]["suppressed"], 1);
    assert_eq!(shown.json()["findings"][1]["suppressed"]["reason"], "why");
    assert!(shown.err.contains("hidden") || shown.err.contains("found"), "{}", shown.err);
    // The gate counts what is open only.
    assert_eq!(run(&tree, &["--fail-on", "audit", "--stamp", "west", "--only", "none"]).code, 0);
}

#[test]
fn annotations_cover_their_object() {
    let note =
        |value: &str| web(&[("@notes", &format!("  annotations: {{stamplint.dev/allow.mutable-image-tag: {value}}}"))]);
    for (value, expected) in [
        ("why", &[][..]),
        ("'why until 2026-06-15'", &[]),
        ("'in default: why'", &[]),
        ("'why until 2026-06-14'", &["suppression-expired app.yaml:7 [default]", WEB, PROXY][..]),
        ("''", &["suppression-without-reason app.yaml:7 [default]"]),
        ("'in west: why'", &["suppression-unused app.yaml:7 [default]", WEB, PROXY]),
    ] {
        let tree = Tree::new(&[("app.yaml", &note(value))]);
        assert_eq!(run(&tree, &[]).findings(), expected, "{value}");
    }
    // One that an overlay gives to every object is used where one of them needs it.
    let overlay =
        "resources: [app.yaml, other.yaml]\ncommonAnnotations:\n  stamplint.dev/allow.mutable-image-tag: why\n";
    let other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\n";
    let tree = Tree::new(&[("app.yaml", &web(&[])), ("other.yaml", other), ("kustomization.yaml", overlay)]);
    assert_eq!(run(&tree, &[]).findings(), Vec::<String>::new());
}

#[test]
fn entries_of_the_config_cover_by_rule_path_resource_and_stamp() {
    for (entry, expected) in [
        ("reason: why", 0),
        ("path: app.yaml, reason: why", 0),
        ("path: '*.yaml', reason: why", 0),
        ("path: other.yaml, reason: why", 3),
        ("resource: Deployment/shop/web, reason: why", 0),
        ("resource: Deployment/*/web, reason: why", 0),
        ("resource: Deployment/web, reason: why", 3),
        ("stamps: [east], reason: why", 2),
        ("stamps: [east, west], reason: why", 0),
        ("path: app.yaml, resource: Deployment/shop/web, stamps: west, reason: why", 2),
        ("reason: why, until: 2026-06-14", 3),
        ("path: app.yaml", 1),
    ] {
        let config = format!("{FLEET}suppressions:\n  - {{rule: mutable-image-tag, {entry}}}\n");
        let tree = Tree::new(&[("app.yaml", &web(&[])), ("stamplint.yaml", &config)]);
        assert_eq!(run(&tree, &[]).findings().len(), expected, "{entry}: {:?}", run(&tree, &[]).findings());
    }
    for (entry, said) in [
        ("{rule: mutable-image-tags, reason: why}", "no rule is called `mutable-image-tags`"),
        ("{rule: images, reason: why}", "no rule is called `images`"),
        ("{rule: mutable-image-tag, until: 2026-02-30}", "`2026-02-30` is no day"),
        ("{rule: mutable-image-tag, path: '[', reason: why}", "is no pattern"),
        ("{rule: mutable-image-tag, path: ../../x, reason: why}", "leads out"),
        ("{rule: mutable-image-tag, until: soon}", "`soon` is no day"),
    ] {
        let tree =
            Tree::new(&[("app.yaml", &web(&[])), ("stamplint.yaml", &format!("{FLEET}suppressions: [{entry}]\n"))]);
        let ran = run(&tree, &[]);
        assert_eq!(ran.code, 2, "{entry}: {}", ran.err);
        assert!(ran.err.contains(said), "{entry}: {}", ran.err);
    }
}

#[test]
fn sarif_says_who_accepts_and_why() {
    let text = web(&[("@line", &format!("{ALLOW} until 2027-01-31"))]);
    let config = "suppressions:\n  - {rule: mutable-image-tag, resource: Deployment/shop/web, reason: by the board}\n";
    let tree = Tree::new(&[("app.yaml", &text), ("stamplint.yaml", config)]);
    let log =
        tree.run(&["--format", "sarif", "--select", "images", "--show-suppressed", "--today", "2026-06-15"]).json();
    let results: Vec<_> = log["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|r| r["ruleId"] == "mutable-image-tag")
        .map(|r| r["suppressions"][0].clone())
        .collect();
    assert_eq!(results[0]["kind"], "inSource");
    assert_eq!(results[0]["justification"], "why");
    assert_eq!(results[0]["location"]["physicalLocation"]["region"]["startLine"], 18);
    assert_eq!(results[1]["kind"], "external");
    assert_eq!(results[1]["justification"], "by the board");
}
