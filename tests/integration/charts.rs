//! Charts render to what `helm template` renders, and findings lie where a person would edit. Without helm the tests say
//! that they were skipped, unless `STAMPLINT_ORACLES=required`.

use std::path::Path;
use std::process::Command;

use stamplint::read::yaml;
use stamplint::source::Sources;

use super::support::Tree;

fn has_helm() -> bool {
    if Command::new("helm").arg("version").output().is_ok() {
        return true;
    }
    assert!(std::env::var_os("STAMPLINT_ORACLES").is_none(), "helm is not on PATH");
    eprintln!("skipped: helm is not on PATH");
    false
}

/// The documents of a stream, as content hashes in their order: places and the order of keys do not count.
fn documents(text: &str) -> Vec<u128> {
    let source = Sources::new().add("rendered.yaml", text);
    let stream = yaml::parse(&source);
    assert!(stream.problems.is_empty(), "{:?}", stream.problems);
    stream.documents.iter().map(|d| d.root.content_hash()).collect()
}

#[test]
fn charts_render_as_helm_renders_them() {
    if !has_helm() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/helm");
    for arguments in [
        &[][..],
        &["--values", "values-eastus2.yaml"],
        &["--values", "values-eastus2.yaml", "--values", "values-centralus.yaml", "--set", "replicas=7,cache.port=1"],
        &["--set", "env.EXTRA=a\\,b", "--set", "sidecars[0].image=x:1", "--namespace", "n"],
    ] {
        let theirs = Command::new("helm")
            .args(["template", "release-name", "charts/web"])
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(theirs.status.success(), "{}", String::from_utf8_lossy(&theirs.stderr));
        let ours = assert_cmd::Command::cargo_bin("stamplint")
            .unwrap()
            .args(["render", "charts/web"])
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(ours.status.success(), "{}", String::from_utf8_lossy(&ours.stderr));
        let (ours, theirs) = (String::from_utf8_lossy(&ours.stdout), String::from_utf8_lossy(&theirs.stdout));
        assert_eq!(documents(&ours), documents(&theirs), "{arguments:?}:\n{ours}\n---\n{theirs}");
    }
}

#[test]
fn a_chart_that_a_config_names_is_checked() {
    if !has_helm() {
        return;
    }
    let tree = Tree::copy("helm");
    let run = tree.run(&["--format", "json", "--select", "capabilities-not-dropped"]);
    assert_eq!(run.findings().len(), 3, "{}{}", run.out, run.err);
}

#[test]
fn a_chart_without_helm_is_not_analysed() {
    let tree = Tree::copy("helm");
    let run = tree.run(&["--format", "json", "--select", "not-analysed", "--helm=no-such-helm"]);
    assert_eq!(run.findings(), ["not-analysed stamplint.yaml:7 [eastus2,centralus]"], "{}", run.err);
    assert!(run.out.contains("`no-such-helm` cannot be started: it is not there"), "{}", run.out);
}

/// The places of a finding, as `file:line:text role found`.
fn places(run: &super::support::Ran, tree: &Tree, rule: &str) -> Vec<Vec<String>> {
    let report = run.json();
    let findings = report["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == rule);
    let place = |p: &serde_json::Value| {
        let file = p["file"].as_str().unwrap();
        let text = std::fs::read_to_string(tree.path().join(file)).unwrap();
        let line = p["start"]["line"].as_u64().unwrap() as usize;
        let columns = [&p["start"], &p["end"]].map(|at| at["column"].as_u64().unwrap() as usize - 1);
        let line_text = text.lines().nth(line - 1).unwrap();
        let marked = line_text.get(columns[0]..columns[1]).unwrap();
        format!("{file}:{line} {marked} ({}, {})", p["role"].as_str().unwrap(), p["found"].as_str().unwrap())
    };
    findings.map(|f| f["places"].as_array().unwrap().iter().map(place).collect()).collect()
}

#[test]
fn findings_lie_in_the_values_that_a_person_wrote() {
    if !has_helm() {
        return;
    }
    let tree = Tree::copy("helm");
    let mut config = std::fs::read_to_string(tree.path().join("stamplint.yaml")).unwrap();
    config.push_str("rules:\n  unapproved-registry: {approved: [bakery.azurecr.io]}\n");
    tree.write("stamplint.yaml", config);
    let run = tree.run(&["--format", "json", "--select", "unapproved-registry,runs-as-root,capabilities-not-dropped"]);
    let template = "charts/web/templates/deployment.yaml";
    let image = format!("{template}:23 {{{{ include \"web.image\" . | quote }}}} (substitution, exact)");
    assert_eq!(
        places(&run, &tree, "unapproved-registry"),
        [
            vec![
                "charts/web/charts/cache/values.yaml:1 cache:7.2 (fix, exact)".to_owned(),
                "charts/web/charts/cache/templates/deployment.yaml:12 {{ .Values.image }} (substitution, exact)"
                    .to_owned(),
            ],
            vec![
                "values-eastus2.yaml:2 docker.io/bakery/web (fix, exact)".to_owned(),
                "charts/web/values.yaml:3 \"4.5\" (other, exact)".to_owned(),
                image,
                "charts/web/values.yaml:2 bakery.azurecr.io/web (other, exact)".to_owned(),
            ],
        ],
        "{}",
        run.err
    );
    let capabilities = places(&run, &tree, "capabilities-not-dropped");
    let first: Vec<&str> = capabilities.iter().filter_map(|p| p.first().map(String::as_str)).collect();
    assert!(first.contains(&"charts/web/values.yaml:11 readOnlyRootFilesystem (fix, exact)"), "{first:?}");
    let literal = format!("{template}:41 false (fix, literal)");
    assert!(places(&run, &tree, "runs-as-root").contains(&vec![literal]), "{}", run.out);
}
